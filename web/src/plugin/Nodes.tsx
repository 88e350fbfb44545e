import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import type { UiFormFields, UiPageNodes, UiTone } from "../api/documents";
import { t } from "../i18n/language";
import "../i18n/more";
import { day, moment } from "../i18n/time";
import { Button, Facts, Tag } from "../ui/basics";
import { Icon } from "../ui/icons";
import type { Place, Taken } from "./ActionDialog";
import { ActionForm } from "./ActionDialog";

const ActionDialog = lazy(() => import("./ActionDialog"));
export type Node = UiPageNodes["sections"][number]["nodes"][number];
type Of<K extends Node["__typename"]> = Extract<Node, { __typename: K }>;
type Kind = Of<"UiTable">["columns"][number]["kind"];

// DANGER is what a plugin calls late; nothing else is red.
const tones: Record<UiTone, "plain" | "blue" | "wait" | "late"> = { NEUTRAL: "plain", GOOD: "blue", WARN: "wait", DANGER: "late" };

export function written(kind: Kind, value: string): string {
  if (value === "") return "—";
  if (kind === "DATE") return day(value);
  if (kind === "DATE_TIME") return moment(value);
  if (kind === "YES_NO") return t(value === "true" ? "yes" : "no");
  return value;
}

function Steps({ node }: { readonly node: Of<"UiSteps"> }) {
  return (
    <ol className="node-steps">{node.steps.map((s, i) => (
      <li key={i} className={`node-step node-step-${s.progress}`} aria-current={s.progress === "CURRENT" ? "step" : undefined}><span>{s.title}</span><small className="tabular">{s.at ? moment(s.at) : ""}</small></li>
    ))}</ol>
  );
}

function Table({ node, place }: { readonly node: Of<"UiTable">; readonly place: Place }) {
  if (node.rows.length === 0) return <p className="muted calm">{node.empty || t("plugin-empty")}</p>;
  return (
    <div className="node-table" tabIndex={0} role="region" aria-label={place.title}>
      <table>
        <thead><tr>{node.columns.map((c) => <th key={c.title} scope="col">{c.title}</th>)}</tr></thead>
        <tbody>{node.rows.map((row, i) => (
          <tr key={row.matter ?? i} className={row.tone === "DANGER" ? "row-late" : ""}>{row.cells.map((cell, n) => {
            const text = written(node.columns[n]?.kind ?? "TEXT", cell);
            const late = row.tone === "DANGER" && node.columns[n]?.kind === "DATE_TIME" && n === node.columns.findIndex((c) => c.kind === "DATE_TIME") && cell !== "";
            return <td key={n} className={node.columns[n]?.kind === "TEXT" ? "" : "tabular"}>{n === 0 && row.matter ? <Link to="/plugins/$plugin" params={{ plugin: place.plugin }} search={{ element: place.element, matter: row.matter }}>{text}</Link> : late ? <span className="limit limit-late"><Icon name="warn" size="1em" />{text}</span> : text}</td>;
          })}</tr>
        ))}</tbody>
      </table>
    </div>
  );
}

function Actions({ node, place, done }: { readonly node: Of<"UiActions">; readonly place: Place; readonly done: (taken: Taken) => void }) {
  const [open, setOpen] = useState<UiFormFields | null>(null);
  return (
    <div className="actions">
      {node.actions.map((form, i) => <Button key={form.action} look={i === 0 && form.tone === "NEUTRAL" ? "primary" : "plain"} onClick={() => setOpen(form)} data-action={form.action}>{form.title}</Button>)}
      {open && <Suspense fallback={<span className="spinner" />}><ActionDialog form={open} place={place} close={() => setOpen(null)} done={done} /></Suspense>}
    </div>
  );
}

function Chart({ node }: { readonly node: Of<"UiChart"> }) {
  const most = Math.max(...node.bars.map((b) => b.value), 1);
  return <figure className="node-bars"><figcaption>{node.title}</figcaption>{node.bars.map((b) => <div key={b.label} className="node-bar"><span>{b.label}</span><i style={{ width: `${(b.value / most) * 100}%` }} /><span className="tabular">{b.text}</span></div>)}</figure>;
}

/** One node of a plugin's page. The vocabulary is closed; no plugin is known here. */
export function PageNode({ node, place, done }: { readonly node: Node; readonly place: Place; readonly done: (taken: Taken) => void }) {
  switch (node.__typename) {
    case "UiStat": return <div className="node-stat"><b>{node.value}</b><span className="muted">{node.label}</span>{node.note && <small className="muted">{node.note}</small>}</div>;
    case "UiBadge": return <Tag tone={tones[node.tone]}>{node.text}</Tag>;
    case "UiNotice": return <p className={node.tone === "NEUTRAL" || node.tone === "GOOD" ? "intro" : "notice"}>{node.text}</p>;
    case "UiSteps": return <Steps node={node} />;
    case "UiFacts": return <Facts rows={node.facts.map((f) => [f.label, written(f.kind, f.value)] as const)} />;
    case "UiTable": return <Table node={node} place={place} />;
    case "UiTimeline": return (
      <ol className="timeline">{node.entries.map((e, i) => (
        <li key={i} className="happening happening-wide"><time className="tabular" dateTime={e.at}>{moment(e.at)}</time><div><strong>{e.title}</strong>{e.actor && <span className="muted"> {e.actor}</span>}{e.note && <p>{e.note}</p>}</div></li>
      ))}</ol>
    );
    case "UiDocument": return <article className="node-document"><h3>{node.title}</h3>{node.paragraphs.map((p, i) => <p key={i}>{p}</p>)}<Button onClick={() => print()}>{t("print")}</Button></article>;
    case "UiChart": return <Chart node={node} />;
    case "UiForm": return <div className="node-form"><h3>{node.title}</h3><ActionForm form={node} place={place} done={done} /></div>;
    case "UiActions": return <Actions node={node} place={place} done={done} />;
  }
}
