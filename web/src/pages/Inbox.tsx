import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useRouteContext } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { caseOf, inbox } from "../api/queries";
import type { InboxNode } from "../api/queries";
import { InboxList } from "../matter/InboxList";
import { caseIdOf } from "../matter/inboxItem";
import { Matter } from "../matter/Matter";
import { t } from "../i18n/language";
import { inboxRoute } from "../router";
import { useSingleKeys } from "../shell/keys";
import { atCentre } from "../shell/roles";
import { Button, Empty, Failure, Loading } from "../ui/basics";
import { Icon } from "../ui/icons";

/** Where the selected item stands. When it leaves the list, the same case's next one takes over (the case in hand stays in sight);
    where there is none, the item that took its place. */
function useSelection(items: readonly InboxNode[], item: string | undefined, select: (id: string | undefined, replace?: boolean) => void, ready: boolean) {
  const [last, setLast] = useState<{ readonly item: string; readonly place: number; readonly caseId: string | null } | null>(null);
  const found = items.findIndex((i) => i.id === item);
  const index = found < 0 && last?.item === item && last?.caseId ? items.findIndex((i) => caseIdOf(i) === last.caseId) : found;
  const here = items[found];
  useEffect(() => {
    if (here) setLast({ item: here.id, place: found, caseId: caseIdOf(here) });
    else if (ready && item !== undefined) select(items[index >= 0 ? index : Math.min(last?.place ?? 0, items.length - 1)]?.id, true);
  }, [here, found, index, item, items, last?.place, ready, select]);
  return index;
}

/** What waits for the reader: a list worked with j, k and Enter beside the selected case and its steps. */
export default function Inbox() {
  const { person } = useRouteContext({ from: "/inside" });
  const { item } = inboxRoute.useSearch();
  const navigate = useNavigate();
  const query = useInfiniteQuery(inbox(person.id));
  const items = useMemo(() => query.data?.pages.flatMap((p) => p.nodes) ?? [], [query.data]);
  const total = query.data?.pages[0]?.totalCount;
  const wide = matchMedia("(min-width: 60rem)").matches;
  const select = useMemo(() => (id: string | undefined, replace = false) => void navigate({ to: "/inbox", search: id ? { item: id } : {}, replace }), [navigate]);
  const index = useSelection(items, item, select, query.isSuccess && !query.isFetching);
  const detail = useRef<HTMLDivElement>(null);
  useEffect(() => { if (wide && item === undefined && items[0]) select(items[0].id, true); }, [wide, item, items, select]);
  const move = (by: number) => { const next = items[Math.min(items.length - 1, Math.max(0, index + by))]; if (next) select(next.id, true); };
  const enter = () => detail.current?.querySelector<HTMLElement>("[data-step], h1, h2")?.focus();
  useSingleKeys({ KeyJ: () => move(1), ArrowDown: () => move(1), KeyK: () => move(-1), ArrowUp: () => move(-1), Enter: enter });
  const current = items[index];
  const id = current ? caseIdOf(current) : null;
  return (
    <div className={`split ${item ? "split-open" : ""}`}>
      <main id="page" className="split-list">
        <header className="page-head"><h1>{t(atCentre(person) ? "nav-inbox" : "nav-tasks")}</h1>{total && <span className="count tabular" aria-label={t("n-items", { n: total.value })}>{total.exact ? total.value : `${total.value}+`}</span>}</header>
        {query.isPending ? <Loading rows={10} /> : query.error && items.length === 0 ? <Failure error={query.error} retry={() => void query.refetch()} />
          : items.length === 0 ? <Empty icon="check" title={t("inbox-empty")}>{t("inbox-empty-more")}</Empty>
            : <InboxList items={items} selected={item} select={(i) => select(i)} more={query.hasNextPage ? () => void query.fetchNextPage() : null} loading={query.isFetchingNextPage} />}
      </main>
      <section className="split-detail" ref={detail} aria-label={t("nav-cases")}>
        <Button look="quiet" className="back" icon="back" onClick={() => select(undefined)}>{t("back-to-list")}</Button>
        {id ? <Detail id={id} /> : !query.isPending && items.length > 0 && <Empty icon="inbox" title={t("choose-one")} />}
      </section>
    </div>
  );
}

function Detail({ id }: { readonly id: string }) {
  const { person } = useRouteContext({ from: "/inside" });
  const { data, error, isPending, refetch } = useQuery(caseOf(id));
  if (isPending) return <Loading rows={8} />;
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <Empty icon="search" title={t("failure-not-found")} />;
  return (
    <>
      <Matter matter={data} person={person} done={() => undefined} keys heading="h2" />
      <Link to="/cases/$id" params={{ id }} className="link open-page"><Icon name="next" size="1em" />{t("open-page")}</Link>
    </>
  );
}
