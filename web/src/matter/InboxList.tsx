import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { InboxNode } from "../api/queries";
import { code, t } from "../i18n/language";
import { LimitTag, SeverityTag, Tag } from "../ui/basics";
import { rowOf } from "./inboxItem";

const quiet: ReadonlySet<string> = new Set(["VERIFY", "CALL_BACK", "CLOSE"]);

function Row({ item }: { readonly item: InboxNode }) {
  const row = rowOf(item);
  return (
    <>
      <div className="row-first"><span className="row-title">{row.title}</span><LimitTag dueAt={item.dueAt} overdue={row.overdue && !quiet.has(item.kind)} /></div>
      <div className="row-second"><span className="row-where">{row.severity && <SeverityTag severity={row.severity} />}{row.role && <Tag>{t(`role-${row.role}`)}</Tag>}<span className="muted">{row.grid}</span></span><span className="row-kind">{code("inbox", item.kind)}</span></div>
      <div className="row-third muted tabular">{row.number}{row.item && <span> · {row.item}</span>}</div>
    </>
  );
}

/** Only the rows in sight exist; the list tells assistive technology how long it really is. */
export function InboxList({ items, selected, select, more, loading }: {
  readonly items: readonly InboxNode[]; readonly selected: string | undefined; readonly select: (id: string) => void; readonly more: (() => void) | null; readonly loading: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: items.length, getScrollElement: () => box.current, estimateSize: () => 88, overscan: 8, getItemKey: (i) => items[i]?.id ?? i });
  const visible = rows.getVirtualItems();
  const lastSeen = visible.at(-1)?.index ?? 0;
  const index = items.findIndex((i) => i.id === selected);
  useEffect(() => { if (more && !loading && lastSeen >= items.length - 10) more(); }, [lastSeen, items.length, more, loading]);
  useEffect(() => { if (index >= 0) rows.scrollToIndex(index, { align: "auto" }); }, [index, rows]);
  return (
    <div ref={box} className="rows" role="listbox" tabIndex={0} aria-label={t("nav-inbox")} aria-activedescendant={index >= 0 ? `item-${selected}` : undefined}>
      <div role="presentation" style={{ height: rows.getTotalSize(), position: "relative" }}>
        {visible.map((v) => {
          const item = items[v.index];
          return item && (
            <div key={v.key} ref={rows.measureElement} data-index={v.index} id={`item-${item.id}`} role="option" aria-selected={item.id === selected} aria-posinset={v.index + 1} aria-setsize={items.length}
              className={`row ${item.id === selected ? "row-here" : ""}`} style={{ transform: `translateY(${v.start}px)` }} onClick={() => select(item.id)}>
              <Row item={item} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
