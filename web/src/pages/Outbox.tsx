import { Link, useCanGoBack, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { t } from "../i18n/language";
import "../i18n/more";
import { moment } from "../i18n/time";
import { deliver, outbox } from "../phone/outbox";
import { useOutbox } from "../phone/outboxItems";
import type { OutboxItem } from "../phone/outboxItems";
import { kilobytes } from "../phone/photo";
import { Button, Empty, Tag } from "../ui/basics";
import { Icon } from "../ui/icons";

const tones = { draft: "plain", waiting: "wait", sending: "wait", refused: "strong", sent: "blue" } as const;

/** One report on this device: where it is, and what can be done with it. */
export function OutboxTile({ item }: { readonly item: OutboxItem }) {
  const voices = item.photos.filter((p) => p.seconds !== undefined).length;
  const bytes = item.photos.reduce((sum, p) => sum + p.blob.size, 0);
  const before = item.photos.reduce((sum, p) => sum + p.bytesBefore, 0);
  const [sure, setSure] = useState(false);
  // An unsent report is deleted only by a second press.
  const remove = () => { if (item.state === "sent" || sure) void outbox.remove(item.key); else setSure(true); };
  return (
    <li className="tile" data-state={item.state} data-key={item.key}>
      <strong>{item.input.description || t("untitled")}</strong>
      <span className="muted">{[item.itemName, item.placeName, moment(item.createdAt)].filter(Boolean).join(" · ")}</span>
      {item.photos.length > 0 && <span className="muted small">{[item.photos.length > voices ? t("photos-n", { n: item.photos.length - voices }) : "", voices > 0 ? t("voices-n", { n: voices }) : "", bytes < before ? t("bytes-reduced", { bytes: kilobytes(bytes), before: kilobytes(before) }) : kilobytes(bytes)].filter(Boolean).join(t("comma"))}</span>}
      <span className="tile-tags"><Tag tone={tones[item.state]}>{t(`outbox-${item.state}`)}</Tag>{item.result?.number && <span className="tabular muted">{item.result.number}</span>}</span>
      {item.result?.trackingCode && <span className="small">{t("tracking-code")} <strong className="tabular">{item.result.trackingCode}</strong></span>}
      {item.result?.notice && <p className="notice">{item.result.notice}</p>}
      {item.refused?.map((r) => <p key={r.code + r.message} className="problem"><Icon name="warn" />{r.code === "broken" || r.code === "forbidden" ? t(`failure-${r.code}`) : r.message}</p>)}
      <div className="actions">
        {(item.state === "waiting" || item.state === "refused") && <Button onClick={() => void outbox.put({ ...item, state: "waiting", refused: [] }).then(deliver)}>{t("send-now")}</Button>}
        {item.state !== "sent" && item.state !== "sending" && <Link to="/phone/report" search={{ edit: item.key }} className="button button-plain">{t("edit")}</Link>}
        {item.result?.caseId && <Link to="/cases/$id" params={{ id: item.result.caseId }} className="button button-plain">{t("open-case")}</Link>}
        {item.state !== "sending" && <Button look="quiet" onClick={remove}>{t(item.state === "sent" ? "clear" : sure ? "delete-sure" : "delete")}</Button>}
      </div>
    </li>
  );
}

/** Everything written on this device: what waits, what was refused, what has arrived. */
export default function Outbox() {
  const items = useOutbox();
  const router = useRouter();
  const canGoBack = useCanGoBack();
  const save = () => {
    const text = JSON.stringify(items.map(({ photos, ...rest }) => ({ ...rest, photos: photos.map((p) => p.name) })), null, 2);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "gridloom-outbox.json";
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <main id="page" className="page page-narrow">
      {canGoBack && <Button look="quiet" icon="back" className="back-always" onClick={() => router.history.back()}>{t("back")}</Button>}
      <header className="page-head"><h1>{t("outbox")}</h1>{items.length > 0 && <Button look="quiet" onClick={save}>{t("export")}</Button>}</header>
      {items.length === 0 ? <Empty icon="outbox" title={t("outbox-empty")}>{t("outbox-empty-more")}</Empty> : <ul className="tiles">{items.map((i) => <OutboxTile key={i.key} item={i} />)}</ul>}
    </main>
  );
}
