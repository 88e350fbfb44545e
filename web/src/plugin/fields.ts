import type { UiFormFields } from "../api/documents";
import type { FieldKind, FieldSpec, Values } from "../form/fields";
import { filled } from "../form/fields";

type UiField = UiFormFields["fields"][number];
const kinds: Record<UiField["widget"], FieldKind> = {
  TEXT: "text", TEXT_AREA: "area", NUMBER: "number", SWITCH: "switch", DATE: "date", DATE_TIME: "datetime", CHOICE: "choice", CHOICES: "choices",
  TEXTS: "lines", ORGANIZATION: "organization", CASE: "case", GRID: "grid", STAFF: "text",
};
const short: ReadonlySet<UiField["widget"]> = new Set(["TEXT", "NUMBER", "DATE", "DATE_TIME"]);

/** A plugin's input as a field of our forms: limits of a number bound it, of a text its length. */
export function fieldOf(input: UiField): FieldSpec {
  const isNumber = input.widget === "NUMBER";
  return {
    name: input.name, label: input.label, kind: kinds[input.widget], required: input.required && input.widget !== "SWITCH", half: short.has(input.widget), gridBy: "id",
    options: input.options.map((o) => ({ value: o.value, label: o.title })), ...(input.help ? { hint: input.help } : {}), ...(input.pattern ? { pattern: input.pattern } : {}),
    ...(isNumber && input.minimum !== null ? { minimum: input.minimum } : {}), ...(isNumber && input.maximum !== null ? { maximum: input.maximum } : {}),
    ...(!isNumber && input.maximum !== null ? { maxLength: input.maximum } : {}),
  };
}

/** The values a form opens with: the plugin's defaults, read as what their widgets hold. */
export function startOf(form: UiFormFields): Values {
  const start: Record<string, unknown> = {};
  for (const { name, value, widget } of form.fields) {
    if (widget === "SWITCH") start[name] = value === "true";
    else if (value !== null) start[name] = widget === "NUMBER" ? Number(value) : value;
  }
  return start;
}

/** What is sent: chosen things by id, lines without blanks. */
export function sentOf(fields: readonly FieldSpec[], values: Values): Record<string, unknown> {
  return Object.fromEntries(Object.entries(filled(fields, values)).map(([name, value]) => {
    if (Array.isArray(value)) return [name, value.map((v: unknown) => (typeof v === "string" ? v.trim() : v)).filter((v) => v !== "")];
    return [name, typeof value === "object" && value !== null && "id" in value ? value.id : value];
  }));
}
