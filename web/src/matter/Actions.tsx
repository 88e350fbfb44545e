import { lazy, Suspense, useState } from "react";
import type { CaseDetail } from "../api/documents";
import type { Person } from "../api/queries";
import { t } from "../i18n/language";
import { useSingleKeys } from "../shell/keys";
import { settings } from "../shell/settings";
import { Button } from "../ui/basics";
import { Icon } from "../ui/icons";
import { order } from "./order";

const Chosen = lazy(() => import("../steps/Chosen"));
const shownFirst = 4;

/** What the caller may do now, as buttons: exactly the server's `allowedSteps`, the likeliest first. */
export function Actions({ matter, person, done, keys = false }: { readonly matter: CaseDetail; readonly person: Person; readonly done: () => void; readonly keys?: boolean }) {
  const [open, setOpen] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const allowed = order.filter((step) => matter.allowedSteps.includes(step.name));
  const commands: Record<string, () => void> = {};
  for (const step of allowed.toReversed()) if (step.key && keys) commands[step.key] = () => setOpen(step.name);
  useSingleKeys(commands);
  if (allowed.length === 0) return <p className="muted no-steps">{t("no-steps")}</p>;
  const visible = all || allowed.length <= shownFirst + 1 ? allowed : allowed.slice(0, shownFirst);
  return (
    <div className="actions" data-testid="actions">
      {visible.map((step, index) => (
        <Button key={step.name} look={index === 0 ? "primary" : "plain"} onClick={() => setOpen(step.name)} data-step={step.name}>
          {t(`step-${step.name}`)}{keys && settings.current().keys && step.key && commands[step.key] && <kbd aria-hidden="true">{step.key.slice(3)}</kbd>}
        </Button>
      ))}
      {visible.length < allowed.length && <Button look="quiet" aria-expanded={all} onClick={() => setAll(true)}>{t("more-steps", { n: allowed.length - visible.length })}<Icon name="down" size="1em" /></Button>}
      {open && <Suspense fallback={<span className="spinner" role="status" aria-label={t("loading")} />}><Chosen key={open} name={open} matter={matter} person={person} close={() => setOpen(null)} done={done} /></Suspense>}
    </div>
  );
}
