import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useRouteContext } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import type { CaseListResult } from "../api/documents";
import { caseList, gridSearch } from "../api/queries";
import { code, t } from "../i18n/language";
import "../i18n/more";
import { moment } from "../i18n/time";
import { shortTitle } from "../matter/title";
import { casesRoute, filterOf } from "../router";
import type { CaseSearch } from "../router";
import { useSingleKeys } from "../shell/keys";
import { atCentre } from "../shell/roles";
import { Empty, Failure, isSettled, LimitTag, Loading, SeverityTag, StatusTag } from "../ui/basics";
import { Button } from "../ui/basics";
import { Icon } from "../ui/icons";

type Node = CaseListResult["cases"]["nodes"][number];
const statuses = ["REPORTED", "ACCEPTED", "ROUTED", "HANDLED", "VERIFIED", "CLOSED", "REJECTED"] as const;
const severities = ["CRITICAL", "URGENT", "NORMAL", "LOW"] as const;
const categories = ["DISPUTE", "SAFETY", "SERVICE", "CENTRAL_WORK"] as const;

function Choose({ label, value, options, onChange }: { readonly label: string; readonly value: string | undefined; readonly options: readonly (readonly [string, string])[]; readonly onChange: (v: string | undefined) => void }) {
  return (
    <label className={`chooser ${value ? "chooser-on" : ""}`}><span>{label}</span>
      <select value={value ?? ""} onChange={(e) => onChange(e.target.value || undefined)}><option value="">{t("all")}</option>{options.map(([v, l]) => <option key={v} value={v}>{l}</option>)}</select>
    </label>
  );
}

function Filters({ search, change, total }: { readonly search: CaseSearch; readonly change: (part: Partial<CaseSearch>) => void; readonly total: string }) {
  const [text, setText] = useState(search.text ?? "");
  const { data: towns } = useQuery(gridSearch("", 3));
  const field = useRef<HTMLInputElement>(null);
  useSingleKeys({ Slash: () => field.current?.focus() });
  useEffect(() => setText(search.text ?? ""), [search.text]);
  return (
    <form className="filters" role="search" onSubmit={(e) => { e.preventDefault(); change({ text: text.trim() || undefined }); }}>
      <label className="search"><Icon name="search" /><input ref={field} className="input" type="search" aria-label={t("cases-search")} placeholder={t("cases-search")} value={text} onChange={(e) => setText(e.target.value)} onBlur={() => change({ text: text.trim() || undefined })} /></label>
      <Choose label={t("filter-status")} value={search.status} options={statuses.map((s) => [s, t(`status-${s}`)])} onChange={(v) => change({ status: v as CaseSearch["status"] })} />
      <Choose label={t("filter-category")} value={search.category} options={categories.map((s) => [s, code("category", s)])} onChange={(v) => change({ category: v as CaseSearch["category"] })} />
      <Choose label={t("filter-severity")} value={search.severity} options={severities.map((s) => [s, code("severity", s)])} onChange={(v) => change({ severity: v as CaseSearch["severity"] })} />
      {towns && towns.length > 1 && <Choose label={t("filter-town")} value={search.under} options={towns.map((g) => [g.id, g.name])} onChange={(v) => change({ under: v })} />}
      <label className="chip"><input type="checkbox" checked={search.overdue ?? false} onChange={(e) => change({ overdue: e.target.checked || undefined })} /><span>{t("filter-overdue")}</span></label>
      <label className="chip"><input type="checkbox" checked={search.mine ?? false} onChange={(e) => change({ mine: e.target.checked || undefined })} /><span>{t("filter-mine")}</span></label>
      <span className="count tabular" role="status">{total}</span>
    </form>
  );
}

function CaseRow({ node }: { readonly node: Node }) {
  const lead = node.assignments.find((a) => a.role === "LEAD");
  const town = node.grid.path.find((p) => p.level === 3)?.name;
  return (
    <Link to="/cases/$id" params={{ id: node.id }} className="case-row">
      <span className="case-title"><strong>{shortTitle(node.title, node.workItem.name)}</strong><small className="muted tabular">{node.number} · {node.workItem.name}</small></span>
      <span className="case-where">{town && town !== node.grid.name ? `${town} · ` : ""}{node.grid.name}</span>
      <span className="case-unit">{lead?.organization.name ?? "—"}</span>
      <span className="case-at tabular">{moment(node.reportedAt)}</span>
      <span className="case-state"><SeverityTag severity={node.severity} /><StatusTag status={node.status} paused={node.paused} /><LimitTag dueAt={node.dueAt} overdue={node.overdue} done={isSettled(node.status)} /></span>
    </Link>
  );
}

/** All cases the reader may see, newest first; the filters stand in the address, so that a list can be sent to a colleague. */
export default function Cases() {
  const { person } = useRouteContext({ from: "/inside" });
  const search = casesRoute.useSearch();
  const navigate = useNavigate();
  const query = useInfiniteQuery(caseList(filterOf(search)));
  const nodes = query.data?.pages.flatMap((p) => p.nodes) ?? [];
  const count = query.data?.pages[0]?.totalCount;
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: nodes.length, getScrollElement: () => box.current, estimateSize: () => (matchMedia("(min-width: 60rem)").matches ? 57 : 116), overscan: 10, getItemKey: (i) => nodes[i]?.id ?? i });
  const visible = rows.getVirtualItems();
  const last = visible.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => { if (hasNextPage && !isFetchingNextPage && last >= nodes.length - 10) void fetchNextPage(); }, [last, nodes.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const change = (part: Partial<CaseSearch>) => {
    const next = { ...search, ...part };
    if (JSON.stringify(next) !== JSON.stringify(search)) void navigate({ to: "/cases", search: next, replace: true });
  };
  const filtered = Object.values(search).some((v) => v !== undefined);
  return (
    <main id="page" className="page page-full">
      <header className="page-head"><h1>{t("nav-cases")}</h1>{atCentre(person) && <Link to="/register" className="button button-primary"><Icon name="add" />{t("nav-register")}</Link>}</header>
      <Filters search={search} change={change} total={count ? t("n-cases", { n: count.exact ? String(count.value) : `${count.value}+` }) : ""} />
      <div className="case-columns" aria-hidden="true"><span>{t("column-case")}</span><span>{t("column-where")}</span><span>{t("column-unit")}</span><span>{t("column-at")}</span><span>{t("column-state")}</span></div>
      {query.isPending ? <Loading rows={10} /> : query.error && nodes.length === 0 ? <Failure error={query.error} retry={() => void query.refetch()} />
        : nodes.length === 0 ? <Empty icon="list" title={t(filtered ? "cases-none-filtered" : "cases-none")} action={filtered && <Button onClick={() => void navigate({ to: "/cases", search: {} })}>{t("clear-filters")}</Button>} />
          : (
            <div ref={box} className="rows" tabIndex={0} role="region" aria-label={t("nav-cases")}>
              <ul className="bare-list" style={{ height: rows.getTotalSize(), position: "relative" }}>
                {visible.map((v) => { const node = nodes[v.index]; return node && <li key={v.key} ref={rows.measureElement} data-index={v.index} className="row-place" style={{ transform: `translateY(${v.start}px)` }}><CaseRow node={node} /></li>; })}
              </ul>
            </div>
          )}
    </main>
  );
}
