import { useMutation, useQueryClient } from "@tanstack/react-query";
import { request } from "../api/client";
import type { Values } from "../form/fields";
import { filled } from "../form/fields";
import type { Step, StepAnswer, StepContext } from "./types";

interface Draft { readonly values: Values; readonly key: string; readonly sent: string | null }
const drafts = new Map<string, Draft>();
const nameOf = (step: Step, { matter, target }: StepContext): string => `${matter.id}:${step.name}:${target?.id ?? ""}`;

/** What was typed for a step of a case survives closing the form, for as long as the page lives. */
export function draftOf(step: Step, context: StepContext): Draft {
  return drafts.get(nameOf(step, context)) ?? { values: step.start?.(context) ?? {}, key: crypto.randomUUID(), sent: null };
}
export function keepDraft(step: Step, context: StepContext, values: Values): void {
  drafts.set(nameOf(step, context), { ...draftOf(step, context), values });
}

/** One attempt. The key stays until an answer came, so that sending again is harmless; other content gets another key. */
async function attempt(step: Step, context: StepContext): Promise<StepAnswer> {
  const name = nameOf(step, context);
  const draft = draftOf(step, context);
  const body = step.input(filled(step.fields(context), draft.values), context);
  const sent = JSON.stringify(body);
  const key = draft.sent === null || draft.sent === sent ? draft.key : crypto.randomUUID();
  drafts.set(name, { ...draft, key, sent });
  const answer = Object.values(await request(step.document, { input: { key, ...body } }))[0];
  if (!answer) throw new Error("empty answer");
  if (answer.problems.length === 0) drafts.delete(name);
  else drafts.set(name, { ...draft, key: crypto.randomUUID(), sent: null });
  return answer;
}

/** Sends a step and takes the answered case into the caches; lists are asked again. */
export function useStep(step: Step, context: StepContext, done: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => attempt(step, context),
    onSuccess: (answer) => {
      if (answer.case) client.setQueryData(["case", answer.case.id], answer.case);
      if (answer.problems.some((p) => p.code === "CONFLICT" || p.code === "NOT_ALLOWED_NOW")) void client.invalidateQueries({ queryKey: ["case", context.matter.id] });
      if (answer.problems.length > 0) return;
      void client.invalidateQueries({ queryKey: ["inbox"] });
      void client.invalidateQueries({ queryKey: ["cases"] });
      if (!answer.case) void client.invalidateQueries({ queryKey: ["case", context.matter.id] });
      done();
    },
  });
}
