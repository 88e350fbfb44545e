import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import { caseByNumber } from "../api/queries";
import type { Person } from "../api/queries";
import { t } from "../i18n/language";
import "../i18n/more";
import { failureText } from "../ui/basics";
import { Icon } from "../ui/icons";
import { composing } from "./keys";
import { places } from "./roles";

interface Command { readonly name: string; readonly run: () => void }

/** Ctrl+K: go to a page, to a case by its number, or to a search. */
export default function Palette({ person, close }: { readonly person: Person; readonly close: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [failure, setFailure] = useState<string | null>(null);
  const navigate = useNavigate();
  const search = text.trim();
  const number = /^[\dA-Za-z]+-[\dA-Za-z-]+$/.test(search);
  const openNumber = async () => {
    try {
      const found = await caseByNumber(search);
      if (!found) return setFailure(t("failure-not-found"));
      close();
      void navigate({ to: "/cases/$id", params: { id: found.id } });
    } catch (error) { setFailure(failureText(error)); }
  };
  const commands: readonly Command[] = [
    ...(number ? [{ name: t("palette-number", { number: search }), run: () => void openNumber() }] : []),
    ...places(person).filter((p) => t(p.word).includes(search)).map((p) => ({ name: t(p.word), run: () => { close(); void navigate({ to: p.to }); } })),
    ...(search && !number ? [{ name: t("palette-search", { text: search }), run: () => { close(); void navigate({ to: "/cases", search: { text: search } }); } }] : []),
  ];
  const onKey = (event: React.KeyboardEvent) => {
    if (composing(event.nativeEvent)) return;
    if (event.code === "ArrowDown" || event.code === "ArrowUp") {
      event.preventDefault();
      setAt((at + (event.code === "ArrowDown" ? 1 : -1) + commands.length) % Math.max(1, commands.length));
    } else if (event.code === "Enter") { event.preventDefault(); commands[at]?.run(); }
  };
  return (
    <ModalOverlay className="overlay overlay-top" isOpen isDismissable onOpenChange={(open) => { if (!open) close(); }}>
      <Modal className="modal">
        <Dialog className="dialog palette" aria-label={t("palette-open")}>
          <label className="search"><Icon name="search" /><input className="input" autoFocus role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={`palette-${at}`}
            aria-label={t("palette-hint")} placeholder={t("palette-hint")} value={text} onChange={(e) => { setText(e.target.value); setAt(0); setFailure(null); }} onKeyDown={onKey} /></label>
          {failure && <p className="field-error" role="alert">{failure}</p>}
          <ul id="palette-list" className="listbox" role="listbox" aria-label={t("palette-open")}>
            {commands.map((c, i) => <li key={c.name} id={`palette-${i}`} role="option" aria-selected={i === at} className={i === at ? "listbox-item listbox-at" : "listbox-item"} onClick={c.run}>{c.name}</li>)}
          </ul>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
