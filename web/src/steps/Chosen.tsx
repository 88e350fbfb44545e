import { useState } from "react";
import type { CaseDetail } from "../api/documents";
import type { Person } from "../api/queries";
import Dialog from "../form/Dialog";
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
    <Dialog title={t(`step-${name}`)} below={`${matter.number} ${matter.title}`} close={close}>
      <p>{t(targets.length === 0 ? "no-target" : "which-target")}</p>
      <div className="actions actions-column">{targets.map((one) => <Button key={one?.id ?? ""} onClick={() => setTarget(one)}>{one?.name}</Button>)}</div>
      <div className="form-actions"><Button onClick={close}>{t("cancel")}</Button></div>
    </Dialog>
  );
}
