import { t } from "../i18n/language";
import "../i18n/more";

export interface Option { readonly value: string; readonly label: string; readonly hint?: string }
export type FieldKind =
  | "text" | "area" | "number" | "choice" | "choices" | "switch" | "rating" | "date" | "datetime" | "time"
  | "organization" | "organizations" | "item" | "grid" | "case" | "lines" | "files";

/** One question of a form: of a step, of the register, or of a plugin. `name` is the input's field, so that a problem's path finds it. */
export interface FieldSpec {
  readonly name: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly required?: boolean;
  readonly hint?: string;
  readonly options?: readonly Option[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** Kind of organisation to choose from; null for any. */
  readonly organizationKind?: string | null;
  /** Whether a chosen grid is sent as its code (the register) or its id (plugins). */
  readonly gridBy?: "code" | "id";
  readonly half?: boolean;
  readonly when?: (values: Values) => boolean;
}
export type Values = Readonly<Record<string, unknown>>;
export interface FieldProblem { readonly code: string; readonly message: string; readonly path: readonly string[] | null }

export const isBlank = (value: unknown): boolean => value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
export const shown = (fields: readonly FieldSpec[], values: Values): readonly FieldSpec[] => fields.filter((f) => f.when?.(values) ?? true);

/** What the form itself can see to be missing or wrong, by field name. The server has the last word. */
export function missing(fields: readonly FieldSpec[], values: Values): Record<string, string> {
  const found: Record<string, string> = {};
  for (const field of shown(fields, values)) {
    const value = values[field.name];
    if (field.required && (isBlank(value) || (typeof value === "string" && value.trim() === ""))) found[field.name] = t("field-required", { label: field.label });
    else if (typeof value === "string" && value !== "" && field.pattern && !new RegExp(`^(?:${field.pattern})$`, "u").test(value)) found[field.name] = t("field-pattern");
    else if (field.kind === "number" && typeof value === "number") {
      if (field.minimum !== undefined && value < field.minimum) found[field.name] = t("field-minimum", { n: field.minimum });
      if (field.maximum !== undefined && value > field.maximum) found[field.name] = t("field-maximum", { n: field.maximum });
    }
  }
  return found;
}

/** Sorts a refusal's problems: those whose path names a field go beside it, the others on top of the form. */
export function placed(fields: readonly FieldSpec[], problems: readonly FieldProblem[]): { byField: Record<string, string>; general: readonly FieldProblem[] } {
  const names = new Set(fields.map((f) => f.name));
  const byField: Record<string, string> = {};
  const general: FieldProblem[] = [];
  for (const problem of problems) {
    const path = (problem.path ?? []).map(camel);
    const name = path.map((_, i) => path.slice(i).join(".")).find((tail) => names.has(tail)) ?? path.find((part) => names.has(part));
    if (name) byField[name] = problem.message;
    else general.push(problem);
  }
  return { byField, general };
}
const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The values without what is blank or hidden: what is sent. */
export function filled(fields: readonly FieldSpec[], values: Values): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const field of shown(fields, values)) {
    const value = values[field.name];
    if (isBlank(value)) continue;
    out[field.name] = typeof value === "string" ? value.trim() : value;
  }
  return out;
}
