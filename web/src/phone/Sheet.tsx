import { useEffect, useRef } from "react";
import type { ReactNode } from "react";
import { t } from "../i18n/language";
import { Icon } from "../ui/icons";

/** A full-height page over the page, on the browser's own dialog: focus stays inside, Esc and the back gesture close it. */
export function Sheet({ title, close, children }: { readonly title: string; readonly close: () => void; readonly children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => { if (!dialog.current?.open) dialog.current?.showModal(); }, []);
  return (
    <dialog ref={dialog} className="sheet" aria-label={title} onClose={close}>
      <header className="sheet-head"><h2>{title}</h2><button type="button" className="bare" aria-label={t("close")} onClick={close}><Icon name="close" /></button></header>
      {children}
    </dialog>
  );
}
