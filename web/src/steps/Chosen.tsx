import { useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { CaseDetail } from "../api/documents";
import type { Person } from "../api/queries";
import { t } from "../i18n/language";
import "../i18n/more";
import { Button } from "../ui/basics";
import StepDialog from "./StepDialog";
import { steps } from "./steps";
import type { Target } from "./types";

/** Opens a step by name; where it could be done to several assignments, asks first to which. */
export default function Chosen({ name, matter, person, close, done }: {
  readonly name: string; readonly matter: CaseDetail; readonly person: Person; readonly close: () => void; readonly done: () => void;
}) {
  const step = steps.find((s) => s.name === name);
  const targets = step?.targets(matter, person) ?? [];
  const [target, setTarget] = useState<Target | null | undefined>(targets.length === 1 ? targets[0] : undefined);
  if (!step) return null;
  if (target !== undefined) return <StepDialog step={step} context={{ matter, person, target }} close={close} done={done} />;
  return (
    <ModalOverlay className="overlay" isOpen onOpenChange={(open) => { if (!open) close(); }}>
      <Modal className="modal">
        <Dialog className="dialog">
          <header className="dialog-head"><div><Heading slot="title">{t(`step-${name}`)}</Heading><p className="muted">{matter.number} {matter.title}</p></div></header>
          {targets.length === 0 ? <p>{t("no-target")}</p> : <p>{t("which-target")}</p>}
          <div className="actions actions-column">{targets.map((one) => <Button key={one?.id ?? ""} onClick={() => setTarget(one)}>{one?.name}</Button>)}</div>
          <div className="form-actions"><Button onClick={close}>{t("cancel")}</Button></div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
