import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { request } from "../api/client";
import { UiPageOf } from "../api/documents.plugin";
import type { MechanismsResult, UiPageNodes } from "../api/documents";
import { mechanisms } from "../api/queries";
import { t } from "../i18n/language";
import "../i18n/more";
import { PageNode } from "../plugin/Nodes";
import type { Node } from "../plugin/Nodes";
import type { Place, Taken } from "../plugin/ActionDialog";
import { pluginRoute } from "../router";
import { Empty, Failure, Loading } from "../ui/basics";
import { group } from "../ui/group";

type Mechanism = MechanismsResult["mechanisms"][number];
const uiPage = (plugin: string, element: string, matterId: string | null) => queryOptions({
  queryKey: ["ui-page", plugin, element, matterId], staleTime: 5_000,
  queryFn: async ({ signal }) => (await request(UiPageOf, { plugin, element, matterId }, signal)).uiPage,
});

function Elements({ mechanism, element }: { readonly mechanism: Mechanism; readonly element: string }) {
  return (
    <nav className="plugin-elements" aria-label={mechanism.title}>
      {[...group(mechanism.elements, (e) => e.group)].map(([name, elements]) => (
        <div key={name} className="plugin-group"><span className="plugin-group-name">{name}</span>
          <div className="plugin-tabs">{elements.map((e) => (
            <Link key={e.key} to="/plugins/$plugin" params={{ plugin: mechanism.key }} search={{ element: e.key }} className={`plugin-tab ${e.key === element ? "plugin-here" : ""}`} aria-current={e.key === element ? "page" : undefined}>{e.title}</Link>
          ))}</div></div>
      ))}
    </nav>
  );
}

/** Figures stand in one row, badges and steps belong to what follows them: neighbours of one small kind share a line. */
function Nodes({ nodes, place, done }: { readonly nodes: readonly Node[]; readonly place: Place; readonly done: (taken: Taken) => void }) {
  const runs: { kind: string; nodes: Node[] }[] = [];
  for (const node of nodes) {
    const kind = node.__typename === "UiStat" || node.__typename === "UiBadge" ? node.__typename : "";
    const last = runs.at(-1);
    if (last && kind !== "" && last.kind === kind) last.nodes.push(node);
    else runs.push({ kind, nodes: [node] });
  }
  return <>{runs.map((run, i) => <div key={i} className={run.kind === "" ? "node" : "node-stats"}>{run.nodes.map((node, n) => <PageNode key={n} node={node} place={place} done={done} />)}</div>)}</>;
}

function Body({ page, place, done }: { readonly page: UiPageNodes; readonly place: Place; readonly done: (taken: Taken) => void }) {
  return (
    <>
      {page.sections.map((section, i) => (
        <section key={i} className="part" aria-labelledby={`section-${i}`}><h2 id={`section-${i}`}>{section.title}</h2><Nodes nodes={section.nodes} place={place} done={done} /></section>
      ))}
    </>
  );
}

/** The page of a department's mechanism, drawn from typed nodes: it knows no plugin. */
export default function Plugin() {
  const { plugin } = pluginRoute.useParams();
  const { element: asked, matter = null } = pluginRoute.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const all = useQuery(mechanisms());
  const mechanism = all.data?.find((m) => m.key === plugin);
  const element = asked ?? mechanism?.elements[0]?.key ?? "";
  const page = useQuery({ ...uiPage(plugin, element, matter), enabled: element !== "" });
  if (all.isPending) return <main id="page" className="page"><Loading /></main>;
  if (all.error) return <main id="page" className="page"><Failure error={all.error} retry={() => void all.refetch()} /></main>;
  if (!mechanism) return <main id="page" className="page"><Empty icon="loom" title={t("mechanisms-none")}>{t("mechanisms-none-more")}</Empty></main>;
  const place: Place = { plugin, element, matter, version: page.data?.version ?? null, title: page.data?.title ?? mechanism.title };
  const done = (taken: Taken) => {
    void client.invalidateQueries({ queryKey: ["ui-page", plugin] });
    void client.invalidateQueries({ queryKey: ["mechanisms"] });
    if (taken.page && taken.matterId) client.setQueryData(["ui-page", plugin, element, taken.matterId], taken.page);
    if (taken.matterId && taken.matterId !== matter) void navigate({ to: "/plugins/$plugin", params: { plugin }, search: { element, matter: taken.matterId } });
  };
  const current = mechanism.elements.find((e) => e.key === element);
  return (
    <main id="page" className="page page-wide">
      <header className="page-head"><div><p className="muted small">{mechanism.title}</p><h1>{page.data?.title ?? current?.title ?? mechanism.title}</h1></div></header>
      {matter === null ? <Elements mechanism={mechanism} element={element} /> : <Link to="/plugins/$plugin" params={{ plugin }} search={{ element }} className="link">‹ {current?.title ?? t("back")}</Link>}
      {page.isPending ? <Loading /> : page.error ? <Failure error={page.error} retry={() => void page.refetch()} />
        : !page.data || page.data.sections.length === 0 ? <Empty icon="loom" title={t("plugin-empty")} /> : <Body page={page.data} place={place} done={done} />}
    </main>
  );
}
