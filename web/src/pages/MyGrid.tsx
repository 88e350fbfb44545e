import { useQuery } from "@tanstack/react-query";
import { useRouteContext } from "@tanstack/react-router";
import { gridsUnder } from "../api/queries";
import { code, t } from "../i18n/language";
import "../i18n/more";
import { Empty, Failure, Loading } from "../ui/basics";
import { Icon } from "../ui/icons";

function OneGrid({ id, name }: { readonly id: string; readonly name: string }) {
  const { data, error, isPending, refetch } = useQuery(gridsUnder(id));
  if (isPending) return <Loading rows={5} />;
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  const own = data.nodes.find((g) => g.id === id) ?? data.nodes[0];
  const below = data.nodes.filter((g) => g.id !== own?.id);
  return (
    <>
      <section className="card"><h2>{own?.name ?? name}</h2><p className="muted tabular">{own?.code}</p>
        {own && <div className="figures"><div><b className="tabular">{own.openCaseCount}</b><span>{t("open-cases")}</span></div><div><b className="tabular">{own.memberCount}</b><span>{t("members")}</span></div></div>}
        <h3>{t("members")}</h3>
        <ul className="members">{own?.members.map((m) => <li key={m.name + m.role}><Icon name="person" /><span>{m.name}</span><small className="muted">{code("staff", m.role)}</small></li>)}</ul>
      </section>
      {below.length > 0 && <section className="card"><h2>{t("grids-below")}<span className="count">{data.totalCount.value - 1}</span></h2>
        <ul className="members">{below.map((g) => <li key={g.id}><Icon name="grid" /><span>{g.name}</span><small className="muted tabular">{t("n-open", { n: g.openCaseCount })}</small></li>)}</ul></section>}
    </>
  );
}

/** The grid of the reader's post: who else works in it, what is open. */
export default function MyGrid() {
  const { person } = useRouteContext({ from: "/inside" });
  const grids = [...new Map(person.posts.flatMap((p) => (p.grid ? [[p.grid.id, p.grid] as const] : []))).values()];
  return (
    <main id="page" className="page page-narrow">
      <header className="page-head"><h1>{t("nav-grid")}</h1></header>
      {grids.length === 0 ? <Empty icon="grid" title={t("grid-none")}>{t("grid-none-more")}</Empty> : grids.map((g) => <OneGrid key={g.id} id={g.id} name={g.name} />)}
    </main>
  );
}
