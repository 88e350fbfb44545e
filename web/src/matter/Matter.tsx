import { lazy, Suspense } from "react";
import type { ReactNode } from "react";
import type { CaseDetail } from "../api/documents";
import type { Person } from "../api/queries";
import { code, t } from "../i18n/language";
import { moment } from "../i18n/time";
import { Facts, isSettled, LimitTag, SeverityTag, StatusTag, Tag } from "../ui/basics";
import { Icon } from "../ui/icons";
import { Actions } from "./Actions";
import { Assignments } from "./Assignments";
import { Clocks } from "./Clocks";
import { Timeline } from "./Timeline";
import { shortTitle } from "./title";

const Files = lazy(() => import("./Files"));
const Parties = lazy(() => import("./Parties"));

function Part({ title, count, children, id }: { readonly title: string; readonly count?: number; readonly children: ReactNode; readonly id: string }) {
  return <section className="part" aria-labelledby={id}><h2 id={id}>{title}{count !== undefined && <span className="count">{count}</span>}</h2>{children}</section>;
}

const placeOf = (matter: CaseDetail): string => matter.grid.path.filter((p) => p.level > 2).map((p) => p.name).concat(matter.grid.path.some((p) => p.name === matter.grid.name) ? [] : [matter.grid.name]).join(" / ") || matter.grid.name;

function What({ matter, mayReveal }: { readonly matter: CaseDetail; readonly mayReveal: boolean }) {
  const point = matter.location;
  return (
    <Facts rows={[
      [t("fact-item"), <>{matter.workItem.name} <small className="muted">{matter.workItem.code}</small></>, "wide"],
      [t("fact-place"), placeOf(matter), "wide"],
      [t("fact-address"), matter.address ?? (point ? <span className="tabular">{point.latitude.toFixed(5)}, {point.longitude.toFixed(5)}</span> : null), "wide"],
      [t("fact-reporter"), matter.reporter ? `${matter.reporter.name}${matter.reporter.organization ? ` · ${matter.reporter.organization.name}` : ""}` : t("reporter-citizen")],
      [t("fact-channel"), code("channel", matter.channel)],
      [t("fact-reported"), moment(matter.reportedAt)],
      [t("fact-centre"), matter.centre.name],
      [t("fact-parties"), matter.parties.length > 0 && <Suspense fallback={matter.parties.map((p) => p.masked).join("、")}><Parties matter={matter} mayReveal={mayReveal} /></Suspense>, "wide"],
      [t("fact-references"), matter.externalReferences.map((r) => `${r.system} ${r.id}`).join("、")],
    ]} />
  );
}

/** Everything about one case: what is to be done on top, then what it is, who works on it, by when, and what happened. */
export function Matter({ matter, person, done, keys = false, heading = "h1" }: {
  readonly matter: CaseDetail; readonly person: Person; readonly done: () => void; readonly keys?: boolean; readonly heading?: "h1" | "h2";
}) {
  const Title = heading;
  const settled = isSettled(matter.status);
  return (
    <article className="matter" aria-label={matter.number}>
      <header className="matter-head">
        <div className="matter-tags">
          <span className="number tabular">{matter.number}</span><StatusTag status={matter.status} paused={matter.paused} /><SeverityTag severity={matter.severity} />
          {matter.protection.map((p) => <Tag key={p} tone="wait">{code("protection", p)}</Tag>)}
          <LimitTag dueAt={matter.dueAt} overdue={matter.overdue} done={settled} />
        </div>
        <Title>{shortTitle(matter.title, matter.workItem.name)}</Title>
        {matter.workItem.emergency && !settled && <p className="notice"><Icon name="warn" />{t("emergency-first")}</p>}
        <Actions key={`${matter.id}:${matter.version}`} matter={matter} person={person} done={done} keys={keys} />
      </header>
      <div className="matter-body">
        <div className="matter-main">
          <Part id="part-what" title={t("part-what")}><p className="description">{matter.description}</p><What matter={matter} mayReveal={person.permissions.includes("revealPerson")} /></Part>
          {matter.attachments.length > 0 && (
            <Part id="part-files" title={t("part-files")} count={matter.attachments.length}><Suspense fallback={null}><Files matter={matter} /></Suspense></Part>
          )}
          {matter.assignments.length > 0 && <Part id="part-units" title={t("part-units")} count={matter.assignments.length}><Assignments matter={matter} person={person} /></Part>}
          {matter.cards.length > 0 && (
            <Part id="part-cards" title={t("part-cards")} count={matter.cards.length}>
              <ul className="cards">{matter.cards.map((c) => <li key={c.id}><Tag tone="strong">{code("card", c.card)}</Tag> <strong>{c.organization.name}</strong><p>{c.reason}</p><small className="muted">{t("card-line", { name: c.issuedBy.name, at: moment(c.issuedAt), due: moment(c.dueAt) })}</small></li>)}</ul>
            </Part>
          )}
          {matter.clocks.length > 0 && <Part id="part-clocks" title={t("part-clocks")}><Clocks matter={matter} /></Part>}
          {matter.records.length > 0 && (
            <Part id="part-records" title={t("part-records")} count={matter.records.length}>
              <ul className="records">{matter.records.map((r) => <li key={r.id}><Tag>{code("mechanism", r.mechanism)}</Tag> {r.title} <Tag tone="blue">{code("state", r.state)}</Tag><small className="muted">{moment(r.at)}</small></li>)}</ul>
            </Part>
          )}
        </div>
        <aside className="matter-side"><Part id="part-timeline" title={t("part-timeline")}><Timeline matter={matter} /></Part></aside>
      </div>
    </article>
  );
}
