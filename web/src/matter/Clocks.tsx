import { lazy, Suspense, useState } from "react";
import type { CaseDetail } from "../api/documents";
import { code, t } from "../i18n/language";
import { moment } from "../i18n/time";
import { Button, LimitTag, Loading, Tag } from "../ui/basics";

const Why = lazy(() => import("./Why"));

/** The limits of a case; 为什么 opens how each was counted. */
export function Clocks({ matter }: { readonly matter: CaseDetail }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <ul className="clocks">
      {matter.clocks.map((clock) => (
        <li key={clock.id} className="clock">
          <div className="clock-line">
            <div className="clock-name"><strong>{clock.label}</strong><small className="muted">{t(`clock-${clock.kind}`)}</small></div>
            <span className="tabular">{t("due-at", { at: moment(clock.dueAt) })}</span>
            {clock.state === "RUNNING" ? <LimitTag dueAt={clock.dueAt} overdue={false} /> : <Tag tone={clock.state === "EXPIRED" ? "late" : clock.state === "PAUSED" ? "wait" : "plain"}>{code("clock-state", clock.state)}</Tag>}
            {clock.provisional && <Tag tone="wait">{t("provisional")}</Tag>}
            <Button look="quiet" aria-expanded={open === clock.id} onClick={() => setOpen(open === clock.id ? null : clock.id)}>{t("why")}</Button>
          </div>
          {open === clock.id && <Suspense fallback={<Loading rows={3} />}><Why matter={matter} clockId={clock.id} /></Suspense>}
        </li>
      ))}
    </ul>
  );
}
