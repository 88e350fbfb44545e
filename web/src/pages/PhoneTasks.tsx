import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useRouteContext } from "@tanstack/react-router";
import { caseList, inbox } from "../api/queries";
import { code, t } from "../i18n/language";
import "../i18n/more";
import { moment } from "../i18n/time";
import { shortTitle } from "../matter/title";
import { caseIdOf, rowOf } from "../matter/inboxItem";
import { Button, Empty, Failure, isSettled, LimitTag, Loading, SeverityTag, StatusTag } from "../ui/basics";

function Reported() {
  const query = useInfiniteQuery(caseList({ mine: true }));
  const nodes = query.data?.pages.flatMap((p) => p.nodes) ?? [];
  if (query.isPending) return <Loading rows={4} />;
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (nodes.length === 0) return <Empty icon="report" title={t("reported-none")} />;
  return (
    <ul className="tiles">
      {nodes.map((n) => (
        <li key={n.id}><Link to="/cases/$id" params={{ id: n.id }} className="tile">
          <strong>{shortTitle(n.title, n.workItem.name)}</strong><span className="muted">{n.workItem.name} · {moment(n.reportedAt)}</span>
          <span className="tile-tags"><SeverityTag severity={n.severity} /><StatusTag status={n.status} paused={n.paused} /><LimitTag dueAt={n.dueAt} overdue={n.overdue} done={isSettled(n.status)} /></span>
        </Link></li>
      ))}
      {query.hasNextPage && <li><Button className="wide" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("more")}</Button></li>}
    </ul>
  );
}

/** A grid member's work: what waits for them, and how far what they reported has come. */
export default function PhoneTasks() {
  const { person } = useRouteContext({ from: "/inside" });
  const query = useInfiniteQuery(inbox(person.id));
  const items = query.data?.pages.flatMap((p) => p.nodes) ?? [];
  return (
    <main id="page" className="page page-narrow">
      <header className="page-head"><h1>{t("nav-todo")}</h1></header>
      <section aria-labelledby="todo"><h2 id="todo" className="page-part">{t("todo-mine")}{items.length > 0 && <span className="count">{items.length}</span>}</h2>
        {query.isPending ? <Loading rows={3} /> : query.error && items.length === 0 ? <Failure error={query.error} retry={() => void query.refetch()} />
          : items.length === 0 ? <p className="muted calm">{t("todo-none")}</p> : (
            <ul className="tiles">{items.map((item) => {
              const row = rowOf(item);
              const id = caseIdOf(item);
              const body = <><strong>{row.title}</strong><span className="muted">{code("inbox", item.kind)} · {row.grid}</span><span className="tile-tags">{row.severity && <SeverityTag severity={row.severity} />}<LimitTag dueAt={item.dueAt} overdue={row.overdue} /></span></>;
              return <li key={item.id}>{id ? <Link to="/cases/$id" params={{ id }} className="tile">{body}</Link> : <div className="tile">{body}</div>}</li>;
            })}</ul>
          )}
      </section>
      <section aria-labelledby="mine"><h2 id="mine" className="page-part">{t("reported-mine")}</h2><Reported /></section>
    </main>
  );
}
