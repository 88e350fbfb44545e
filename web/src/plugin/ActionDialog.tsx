import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { request } from "../api/client";
import { RunUiAction } from "../api/documents.plugin";
import type { RunUiActionResult, UiFormFields } from "../api/documents";
import Dialog from "../form/Dialog";
import { Form } from "../form/Form";
import { t } from "../i18n/language";
import "../i18n/more";
import { failureText } from "../ui/basics";
import { Icon } from "../ui/icons";
import { say } from "../ui/toast";
import { fieldOf, sentOf, startOf } from "./fields";

export interface Place { readonly plugin: string; readonly element: string; readonly matter: string | null; readonly version: number | null; readonly title: string }
export type Taken = RunUiActionResult["runUiAction"];

/** Sends one form of a page; the key stays until an answer came. */
export function useAction(form: UiFormFields, place: Place, done: (taken: Taken) => void) {
  const [values, setValues] = useState(() => startOf(form));
  const sent = useRef<{ key: string; body: string } | null>(null);
  const fields = form.fields.map(fieldOf);
  const sending = useMutation({
    mutationFn: async () => {
      const body = { plugin: place.plugin, element: place.element, action: form.action, matterId: place.matter, version: place.version, values: sentOf(fields, values) };
      const text = JSON.stringify(body);
      const key = sent.current?.body === text ? sent.current.key : crypto.randomUUID();
      sent.current = { key, body: text };
      return (await request(RunUiAction, { input: { key, ...body } })).runUiAction;
    },
    onSuccess: (taken) => {
      sent.current = null;
      if (taken.problems.length > 0) return;
      say(t("plugin-done", { name: form.title }));
      done(taken);
    },
  });
  return { fields, values, setValues, sending };
}

export function ActionForm({ form, place, done, cancel }: { readonly form: UiFormFields; readonly place: Place; readonly done: (taken: Taken) => void; readonly cancel?: () => void }) {
  const { fields, values, setValues, sending } = useAction(form, place, done);
  return (
    <Form fields={fields} values={values} onChange={setValues} onSubmit={() => sending.mutate()} busy={sending.isPending} problems={sending.data?.problems ?? []} submitWord={form.submit} cancel={cancel}
      failure={sending.error ? <p className="problem" role="alert"><Icon name="warn" />{failureText(sending.error)} {t("kept-typed")}</p> : null} />
  );
}

export default function ActionDialog({ form, place, close, done }: { readonly form: UiFormFields; readonly place: Place; readonly close: () => void; readonly done: (taken: Taken) => void }) {
  return <Dialog title={form.title} below={place.title} close={close}><ActionForm form={form} place={place} done={(taken) => { close(); done(taken); }} cancel={close} /></Dialog>;
}
