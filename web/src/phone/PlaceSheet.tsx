import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { gridSearch } from "../api/queries";
import { t } from "../i18n/language";
import "../i18n/more";
import { Failure, Loading } from "../ui/basics";
import { Icon } from "../ui/icons";
import { Sheet } from "./Sheet";

export interface Place { readonly code: string; readonly name: string }

/** Corrects where it happened: the own grids at once, any other by search. */
export default function PlaceSheet({ own, pick, locate, close }: { readonly own: readonly Place[]; readonly pick: (place: Place) => void; readonly locate: () => void; readonly close: () => void }) {
  const [text, setText] = useState("");
  const search = useDeferredValue(text.trim());
  const { data, error, isPending } = useQuery({ ...gridSearch(search), enabled: search !== "" });
  const rows = search === "" ? own.map((p) => ({ ...p, where: t("own-grid") })) : (data ?? []).map((g) => ({ code: g.code, name: g.name, where: g.path.filter((p) => p.name !== g.name).map((p) => p.name).slice(-2).join(" ") }));
  return (
    <Sheet title={t("choose-place")} close={close}>
      <label className="search sheet-search"><Icon name="search" /><input className="input" type="search" placeholder={t("place-search")} aria-label={t("place-search")} value={text} onChange={(e) => setText(e.target.value)} /></label>
      <div className="sheet-body">
        <button type="button" className="item-row" onClick={locate}><Icon name="place" />{t("locate-again")}</button>
        {search !== "" && error ? <Failure error={error} /> : search !== "" && isPending ? <Loading rows={3} /> : rows.length === 0 ? <p className="muted calm">{t("nothing-found")}</p> : (
          <ul className="item-list">{rows.map((r) => <li key={r.code}><button type="button" onClick={() => pick(r)}><span>{r.name}</span><small className="muted">{r.where}</small></button></li>)}</ul>
        )}
      </div>
    </Sheet>
  );
}
