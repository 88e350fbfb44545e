import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useRouteContext } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { workItems } from "../api/queries";
import { titleOf } from "../form/title";
import { t } from "../i18n/language";
import "../i18n/more";
import { rememberItem, recentCodes } from "../phone/recent";
import type { Item } from "../phone/ItemSheet";
import { deliver, outbox } from "../phone/outbox";
import { outboxItems, useOutbox } from "../phone/outboxItems";
import type { OutboxItem } from "../phone/outboxItems";
import { Photos } from "../phone/Photos";
import { usePlace } from "../phone/usePlace";
import type { Located } from "../phone/usePlace";
import { reportRoute } from "../router";
import { useOnline } from "../shell/signal";
import { Button, Tag } from "../ui/basics";
import { group } from "../ui/group";
import { Icon } from "../ui/icons";
import { OutboxTile } from "./Outbox";

const ItemSheet = lazy(() => import("../phone/ItemSheet"));
const PlaceSheet = lazy(() => import("../phone/PlaceSheet"));

const blank = (account: string): OutboxItem => ({
  key: crypto.randomUUID(), account, state: "draft", itemName: "", placeName: "", photos: [], createdAt: new Date().toISOString(), tries: 0, tried: [],
  input: { description: "", workItemCode: "", channel: "GRID_PHONE" },
});
const worthKeeping = (d: OutboxItem) => d.input.description.trim() !== "" || d.photos.length > 0 || d.input.workItemCode !== "";
const canSelfHandle = (item: Item | undefined) => item !== undefined && !item.emergency && !item.clue && item.protection.length === 0 && (item.severity === "NORMAL" || item.severity === "LOW");

/** The draft being written: the one asked for, else the latest on this device, else a new one. Every change is stored at once. */
function useDraft(account: string, edit: string | undefined) {
  const [draft, setDraft] = useState<OutboxItem>(() => outboxItems.read().find((i) => i.key === edit) ?? outboxItems.read().find((i) => i.state === "draft") ?? blank(account));
  const latest = useRef(draft);
  const change = useCallback((part: Partial<OutboxItem> | ((d: OutboxItem) => Partial<OutboxItem>)) => {
    const before = latest.current;
    const next = { ...before, ...(typeof part === "function" ? part(before) : part) };
    latest.current = next;
    setDraft(next);
    if (worthKeeping(next)) void outbox.put({ ...next, state: "draft" });
  }, []);
  const restart = () => { latest.current = blank(account); setDraft(latest.current); };
  return { draft, change, restart };
}

function ItemChoice({ items, draft, choose, open }: { readonly items: readonly Item[] | undefined; readonly draft: OutboxItem; readonly choose: (item: Item) => void; readonly open: () => void }) {
  if (draft.input.workItemCode) {
    return <button type="button" className="chosen" onClick={open}><span><strong>{draft.itemName}</strong><small className="muted tabular">{draft.input.workItemCode}</small></span><span className="link">{t("change")}</span></button>;
  }
  const recent = recentCodes();
  const usual = usualItems(items ?? [], recent);
  return (
    <div className="usual">
      {usual.map((i) => <button key={i.code} type="button" className="usual-item" onClick={() => choose(i)}>{i.name.replace(/[（(].*$/u, "")}</button>)}
      <button type="button" className="usual-item usual-all" onClick={open}><Icon name="search" />{items ? t("all-items", { n: items.length }) : t("choose-item")}</button>
    </div>
  );
}

/** The six to offer first: those reported last on this device, then one after the other of each class. */
function usualItems(items: readonly Item[], recent: readonly string[]): readonly Item[] {
  const classes = [...group(items.filter((i) => !i.clue && !i.protection.length), (i) => i.category).values()];
  const round = classes.flatMap((own) => own.slice(0, 4).map((item, n) => ({ item, n }))).toSorted((a, b) => a.n - b.n).map((r) => r.item);
  const known = recent.flatMap((c) => items.find((i) => i.code === c) ?? []);
  return [...new Set([...known, ...round])].slice(0, 6);
}

function PlaceLine({ draft, state, open }: { readonly draft: OutboxItem; readonly state: string; readonly open: () => void }) {
  const words = state === "locating" ? t("locating") : draft.placeName || t("place-none");
  return (
    <button type="button" className="chosen" onClick={open}><Icon name="place" /><span><strong>{words}</strong>
      <small className="muted">{state === "found" || draft.input.location ? t("place-by-position") : state === "outside" ? t("place-outside") : state === "own-grid" ? t("place-own") : t("place-chosen")}</small></span><span className="link">{t("change")}</span></button>
  );
}

/** A report in a few taps: item, what it is, send. Place and photographs come along; without signal it waits on this device. */
export default function Report() {
  const { person } = useRouteContext({ from: "/inside" });
  const { edit } = reportRoute.useSearch();
  const account = `${person.county?.code ?? "-"}:${person.id}`;
  const { draft, change, restart } = useDraft(account, edit);
  const { data: items, error } = useQuery(workItems());
  const [sheet, setSheet] = useState<"item" | "place" | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const online = useOnline();
  const navigate = useNavigate();
  const waiting = useOutbox().filter((i) => i.key !== draft.key && !(i.state === "sent" && Date.now() - Date.parse(i.sentAt ?? "") > 3_600_000));
  const take = useCallback((p: Located) => change((d) => ({ placeName: p.name, input: { ...d.input, location: p.location, gridCode: p.gridCode } })), [change]);
  const place = usePlace(person, draft.placeName === "", take);
  const item = items?.find((i) => i.code === draft.input.workItemCode);
  const choose = (i: Item) => { setSheet(null); setWrong(null); change((d) => ({ itemName: i.name, input: { ...d.input, workItemCode: i.code } })); };
  const write = (part: Partial<OutboxItem["input"]>) => { setWrong(null); change((d) => ({ input: { ...d.input, ...part } })); };
  const submit = async () => {
    const problem = !draft.input.workItemCode ? "item" : draft.input.description.trim() === "" ? "description" : draft.input.selfHandled && !draft.input.handledNote?.trim() ? "handledNote" : busy ? "photos" : null;
    if (problem) { setWrong(problem); document.getElementById(problem)?.focus(); return; }
    rememberItem(draft.input.workItemCode);
    const input = { ...draft.input, description: draft.input.description.trim(), title: titleOf(draft.input.description, item), recordedAt: draft.input.recordedAt ?? new Date().toISOString(), ...(draft.input.selfHandled ? {} : { selfHandled: undefined, handledNote: undefined }) };
    await outbox.put({ ...draft, input, state: "waiting", refused: [] });
    restart();
    if (edit) void navigate({ to: "/phone/report", search: {}, replace: true });
    void place.locate();
    scrollTo({ top: 0 });
    await deliver();
  };
  useEffect(() => { document.title = t("nav-report"); }, []);
  return (
    <main id="page" className="page page-narrow report">
      <header className="page-head"><h1>{t("report-title")}</h1><Tag tone={online ? "plain" : "wait"}>{t(online ? "online" : "offline")}</Tag></header>
      {waiting.length > 0 && <section aria-label={t("outbox")} className="report-outbox"><ul className="tiles">{waiting.slice(0, 2).map((i) => <OutboxTile key={i.key} item={i} />)}</ul>{waiting.length > 2 && <Link to="/phone/outbox" className="link">{t("outbox-all", { n: waiting.length })}</Link>}</section>}
      <section className="card report-form">
        <div className="field"><span className="label" id="item" tabIndex={-1}>{t("field-workItemCode")}</span><ItemChoice items={items} draft={draft} choose={choose} open={() => setSheet("item")} />{wrong === "item" && <p className="field-error" role="alert">{t("report-no-item")}</p>}</div>
        {item?.emergency && <p className="notice" role="alert"><Icon name="warn" />{t("emergency-first")}</p>}
        {item?.clue && <p className="notice" role="alert"><Icon name="warn" />{t("clue-first")}</p>}
        <div className="field"><label className="label" htmlFor="description">{t("field-description")}</label>
          <textarea id="description" className="input" rows={4} placeholder={t("description-placeholder")} value={draft.input.description} maxLength={4000} aria-invalid={wrong === "description" || undefined} onChange={(e) => write({ description: e.target.value })} />
          {wrong === "description" && <p className="field-error" role="alert">{t("report-no-description")}</p>}</div>
        <div className="field"><span className="label" id="photos" tabIndex={-1}>{t("photos")}<span className="optional">{t("optional")}</span></span><Photos key={draft.key} photos={draft.photos} onChange={(next) => change((d) => ({ photos: next(d.photos) }))} onBusy={setBusy} />{wrong === "photos" && busy && <p className="field-error" role="alert">{t("report-busy")}</p>}</div>
        <div className="field"><span className="label">{t("field-place")}</span><PlaceLine draft={draft} state={place.state} open={() => setSheet("place")} />
          <input className="input" aria-label={t("field-address")} placeholder={t("address-placeholder")} value={draft.input.address ?? ""} maxLength={200} onChange={(e) => write({ address: e.target.value || undefined })} /></div>
        {canSelfHandle(item) && <label className="switch"><input type="checkbox" role="switch" checked={draft.input.selfHandled ?? false} onChange={(e) => write({ selfHandled: e.target.checked || undefined })} /><span>{t("self-handled")}</span></label>}
        {canSelfHandle(item) && draft.input.selfHandled && <div className="field"><label className="label" htmlFor="handledNote">{t("field-handledNote")}</label><textarea id="handledNote" className="input" rows={2} value={draft.input.handledNote ?? ""} aria-invalid={wrong === "handledNote" || undefined} onChange={(e) => write({ handledNote: e.target.value })} />{wrong === "handledNote" && <p className="field-error" role="alert">{t("report-no-note")}</p>}</div>}
      </section>
      <div className="submit-bar"><Button look="primary" className="wide" onClick={() => void submit()}>{t(online ? "report-send" : "report-keep")}</Button></div>
      <Suspense fallback={null}>
        {sheet === "item" && <ItemSheet items={items} failure={error} pick={choose} close={() => setSheet(null)} />}
        {sheet === "place" && <PlaceSheet own={place.own} locate={() => { setSheet(null); void place.locate(); }} close={() => setSheet(null)}
          pick={(p) => { setSheet(null); change((d) => ({ placeName: p.name, input: { ...d.input, gridCode: p.code, location: undefined } })); }} />}
      </Suspense>
    </main>
  );
}
