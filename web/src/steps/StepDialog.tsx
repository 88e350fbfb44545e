import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { precedents } from "../api/queries";
import Dialog from "../form/Dialog";
import { Form } from "../form/Form";
import { t } from "../i18n/language";
import "../i18n/more";
import { shortTitle } from "../matter/title";
import { failureText } from "../ui/basics";
import { Icon } from "../ui/icons";
import { say } from "../ui/toast";
import { draftOf, keepDraft, useStep } from "./send";
import type { Step, StepContext } from "./types";

/** How earlier disputes about the same item were ruled: cited where a unit asks to return, or the centre decides. */
function Precedents({ workItemCode }: { readonly workItemCode: string }) {
  const { data } = useQuery(precedents(workItemCode));
  if (!data?.length) return null;
  return (
    <details className="precedents"><summary>{t("precedents", { n: data.length })}</summary>
      <ul>{data.map((p) => <li key={p.id}><strong>{p.organization.name}</strong> {p.ruling}<small>{p.basis}</small></li>)}</ul>
    </details>
  );
}

/** The form of one step, over the page, with the case's number and title on top so that nobody acts on the wrong one. */
export default function StepDialog({ step, context, close, done }: { readonly step: Step; readonly context: StepContext; readonly close: () => void; readonly done: () => void }) {
  const [values, setValues] = useState(() => draftOf(step, context).values);
  const { matter, target } = context;
  const sending = useStep(step, context, () => {
    say(t("done-line", { step: t(`step-${step.name}`), number: matter.number }));
    close();
    done();
  });
  const change = (next: typeof values) => { setValues(next); keepDraft(step, context, next); };
  const intro = step.intro?.(context);
  return (
    <Dialog title={`${t(`step-${step.name}`)}${target?.name ? ` · ${target.name}` : ""}`} below={`${matter.number} ${shortTitle(matter.title, matter.workItem.name)}`} close={close}>
      <Form fields={step.fields(context)} values={values} onChange={change} onSubmit={() => sending.mutate()} busy={sending.isPending}
        problems={sending.data?.problems ?? []} submitWord={t(`step-${step.name}`)} cancel={close}
        failure={sending.error ? <p className="problem" role="alert"><Icon name="warn" />{failureText(sending.error)} {t("kept-typed")}</p> : null}
        intro={<>{intro && <p className="intro">{intro}</p>}{(step.name === "askReturn" || step.name === "ruleReturn") && <Precedents workItemCode={matter.workItem.code} />}</>} />
    </Dialog>
  );
}
