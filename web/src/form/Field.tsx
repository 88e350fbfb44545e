import { lazy, Suspense } from "react";
import { t } from "../i18n/language";
import "../i18n/more";
import type { FieldSpec } from "./fields";
import { FileField } from "./FileField";

const PickField = lazy(() => import("./PickField"));
const DateField = lazy(() => import("./DateField"));

export interface FieldProps {
  readonly id: string;
  readonly field: FieldSpec;
  readonly value: unknown;
  readonly error: string | undefined;
  readonly onChange: (value: unknown) => void;
}

export function Label({ id, field, as: As = "label" }: { readonly id: string; readonly field: FieldSpec; readonly as?: "label" | "legend" | "span" }) {
  return (
    <As {...(As === "label" ? { htmlFor: id } : {})} className="label" id={`${id}-label`}>
      {field.label}{!field.required && <span className="optional">{t("optional")}</span>}
    </As>
  );
}
export function Below({ id, field, error }: Pick<FieldProps, "id" | "field" | "error">) {
  return (
    <>
      {field.hint && <p className="hint" id={`${id}-hint`}>{field.hint}</p>}
      {error && <p className="field-error" id={`${id}-error`} role="alert">{error}</p>}
    </>
  );
}
const described = ({ id, field, error }: Pick<FieldProps, "id" | "field" | "error">) => (
  [error ? `${id}-error` : "", field.hint ? `${id}-hint` : ""].filter(Boolean).join(" ") || undefined
);

function TextField(props: FieldProps) {
  const { id, field, value, error, onChange } = props;
  const shared = {
    id, className: "input", "aria-invalid": error ? true : undefined, "aria-required": field.required || undefined,
    "aria-describedby": described(props), maxLength: field.maxLength,
  };
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  if (field.kind === "lines") {
    const lines = Array.isArray(value) ? value.join("\n") : "";
    return <textarea {...shared} rows={3} placeholder={t("one-per-line")} value={lines} onChange={(e) => onChange(e.target.value === "" ? [] : e.target.value.split("\n"))} />;
  }
  if (field.kind === "area") return <textarea {...shared} rows={3} value={text} onChange={(e) => onChange(e.target.value)} />;
  if (field.kind === "number") {
    return <input {...shared} inputMode="numeric" value={text} onChange={(e) => onChange(e.target.value === "" ? null : Number(e.target.value.replace(/[^\d.-]/g, "")))} />;
  }
  return <input {...shared} type="text" value={text} onChange={(e) => onChange(e.target.value)} />;
}

function ChoiceField(props: FieldProps) {
  const { id, field, value, error, onChange } = props;
  const many = field.kind === "choices";
  const chosen = many ? (Array.isArray(value) ? value as string[] : []) : [String(value ?? "")];
  const pick = (option: string, on: boolean) => {
    if (!many) onChange(option);
    else onChange(on ? [...chosen, option] : chosen.filter((c) => c !== option));
  };
  return (
    <fieldset className="choice" aria-describedby={described(props)} aria-invalid={error ? true : undefined} role={many ? "group" : "radiogroup"} aria-labelledby={`${id}-label`}>
      {(field.options ?? []).map((option) => (
        <label key={option.value} className="choice-option">
          <input type={many ? "checkbox" : "radio"} name={id} value={option.value} checked={chosen.includes(option.value)} onChange={(e) => pick(option.value, e.target.checked)} />
          <span className="choice-text">{option.label}{option.hint && <small>{option.hint}</small>}</span>
        </label>
      ))}
    </fieldset>
  );
}

function RatingField({ id, value, onChange }: FieldProps) {
  return (
    <div className="rating" role="radiogroup" aria-labelledby={`${id}-label`}>
      {[1, 2, 3, 4, 5].map((n) => (
        <label key={n} className="choice-option"><input type="radio" name={id} checked={value === n} onChange={() => onChange(n)} /><span className="choice-text">{n}<small>{t(`rating-${n}`)}</small></span></label>
      ))}
    </div>
  );
}

function SwitchField(props: FieldProps) {
  const { id, field, value, error, onChange } = props;
  return (
    <div className="field" data-invalid={error ? true : undefined}>
      <label className="switch"><input id={id} type="checkbox" role="switch" checked={value === true} onChange={(e) => onChange(e.target.checked)} aria-describedby={described(props)} /><span>{field.label}</span></label>
      <Below {...props} />
    </div>
  );
}

/** The widget of one field. Heavy ones (search, calendar) arrive when they are first shown. */
export function Field(props: FieldProps) {
  const { field, id } = props;
  if (field.kind === "switch") return <SwitchField {...props} />;
  if (["organization", "organizations", "item", "grid", "case"].includes(field.kind) || (field.kind === "choice" && (field.options?.length ?? 0) > 8)) {
    return <Suspense fallback={<div className="field"><Label {...props} as="span" /><div className="bone input" /></div>}><PickField {...props} /></Suspense>;
  }
  if (field.kind === "date" || field.kind === "datetime" || field.kind === "time") {
    return <Suspense fallback={<div className="field"><Label {...props} as="span" /><div className="bone input" /></div>}><DateField {...props} /></Suspense>;
  }
  const grouped = field.kind === "choice" || field.kind === "choices" || field.kind === "rating";
  return (
    <div className={`field ${field.half ? "field-half" : ""}`}>
      <Label id={id} field={field} as={grouped || field.kind === "files" ? "span" : "label"} />
      {field.kind === "rating" ? <RatingField {...props} /> : grouped ? <ChoiceField {...props} /> : field.kind === "files" ? <FileField {...props} /> : <TextField {...props} />}
      <Below {...props} />
    </div>
  );
}
