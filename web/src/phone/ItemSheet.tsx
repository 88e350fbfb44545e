import { useState } from "react";
import type { WorkItemsResult } from "../api/documents";
import { code, t } from "../i18n/language";
import "../i18n/more";
import { Failure, Loading, SeverityTag } from "../ui/basics";
import { Icon } from "../ui/icons";
import { Sheet } from "./Sheet";
import { group } from "../ui/group";

export type Item = WorkItemsResult["workItems"]["nodes"][number];
/** The list of a hundred items, by class, with search over name and code. */
export default function ItemSheet({ items, failure, pick, close }: { readonly items: readonly Item[] | undefined; readonly failure: unknown; readonly pick: (item: Item) => void; readonly close: () => void }) {
  const [text, setText] = useState("");
  const search = text.trim().toUpperCase();
  const found = (items ?? []).filter((i) => search === "" || `${i.name}${i.code}`.toUpperCase().includes(search));
  return (
    <Sheet title={t("choose-item")} close={close}>
      <label className="search sheet-search"><Icon name="search" /><input className="input" type="search" placeholder={t("item-search")} aria-label={t("item-search")} value={text} onChange={(e) => setText(e.target.value)} /></label>
      <div className="sheet-body">
        {!items ? (failure ? <Failure error={failure} /> : <Loading />) : found.length === 0 ? <p className="muted calm">{t("nothing-found")}</p>
          : [...group(found, (i) => i.category)].map(([category, own]) => (
            <section key={category}><h3>{code("category", category)}</h3>
              <ul className="item-list">{own.map((i) => <li key={i.code}><button type="button" onClick={() => pick(i)}><span>{i.name}</span><small className="muted tabular">{i.code}</small><SeverityTag severity={i.severity} /></button></li>)}</ul></section>
          ))}
      </div>
    </Sheet>
  );
}
