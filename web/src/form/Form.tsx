import { useEffect, useId, useRef, useState } from "react";
import type { FormEvent, ReactNode } from "react";
import { t } from "../i18n/language";
import { Button } from "../ui/basics";
import { Icon } from "../ui/icons";
import { Field } from "./Field";
import { missing, placed, shown } from "./fields";
import type { FieldProblem, FieldSpec, Values } from "./fields";

interface FormProps {
  readonly fields: readonly FieldSpec[];
  readonly values: Values;
  readonly onChange: (values: Values) => void;
  readonly onSubmit: () => void;
  readonly problems: readonly FieldProblem[];
  readonly failure?: ReactNode;
  readonly busy: boolean;
  readonly submitWord: string;
  readonly cancel?: () => void;
  readonly intro?: ReactNode;
}

/** A form from field specifications: checks what it can see, shows each refusal beside its field, goes to the first one. */
export function Form({ fields, values, onChange, onSubmit, problems, failure, busy, submitWord, cancel, intro }: FormProps) {
  const [own, setOwn] = useState<Record<string, string>>({});
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  const { byField, general } = placed(fields, problems);
  const errors = { ...byField, ...own };
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid=true], [data-invalid] input, [data-invalid] button")?.focus();
  }, [problems, own]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = missing(fields, values);
    setOwn(found);
    if (Object.keys(found).length === 0) onSubmit();
  };
  const change = (name: string, value: unknown) => {
    if (own[name]) setOwn(Object.fromEntries(Object.entries(own).filter(([key]) => key !== name)));
    onChange({ ...values, [name]: value });
  };
  return (
    <form ref={form} className="form" onSubmit={submit} noValidate>
      {intro}
      {general.map((p) => <p key={p.code + p.message} className="problem" role="alert"><Icon name="warn" />{p.message}</p>)}
      {failure}
      <div className="form-fields">
        {shown(fields, values).map((field) => (
          <Field key={field.name} id={`${id}-${field.name}`} field={field} value={values[field.name]} error={errors[field.name]} onChange={(v) => change(field.name, v)} />
        ))}
      </div>
      <div className="form-actions">
        {cancel && <Button onClick={cancel}>{t("cancel")}</Button>}
        <Button type="submit" look="primary" busy={busy} autoFocus={shown(fields, values).every((f) => !f.required)}>{submitWord}</Button>
      </div>
    </form>
  );
}
