import {
  AcceptCase, AddProgress, AskReturn, BlowWhistle, CallBack, CloseCase, CompleteAssignment, EscalateCase, ExcuseAssignment, ExtendCase, NameHandlers,
  PauseCase, RejectCase, ReopenCase, ReportIn, ResumeCase, RouteCase, RuleReturn, RuleWhistle, SignAssignment, SuperviseCase, VerifyCase,
} from "../api/documents.steps";
import type { Card, ReturnReason, Severity, WhistleGrade } from "../api/documents";
import type { FieldSpec, Option, Values } from "../form/fields";
import { code, t } from "../i18n/language";
import "../i18n/more";
import { anyAssignments, onCase, ownAssignments, proposedWhistles, step } from "./types";
import type { Step, StepContext } from "./types";

const options = (prefix: string, values: readonly string[]): readonly Option[] => values.map((value) => {
  const hint = t(`${prefix}-${value}-hint`);
  return { value, label: code(prefix, value), ...(hint === `${prefix}-${value}-hint` ? {} : { hint }) };
});
const area = (name: string, required = true): FieldSpec => ({ name, label: t(`field-${name}`), kind: "area", required, maxLength: 4000 });
const files: FieldSpec = { get label() { return t("field-attachmentIds"); }, name: "attachmentIds", kind: "files" };
const unit = (name: string, required: boolean, organizationKind: string | null = null): FieldSpec => ({ name, label: t(`field-${name}`), kind: "organization", required, organizationKind });
const yesNo = (name: string, yes: string, no: string): FieldSpec => ({
  name, label: t(`field-${name}`), kind: "choice", required: true, options: [{ value: "yes", label: t(yes) }, { value: "no", label: t(no) }],
});

const text = (values: Values, name: string): string => String(values[name] ?? "");
const maybe = (values: Values, name: string): string | undefined => (typeof values[name] === "string" ? values[name] : undefined);
const picked = (values: Values, name: string): string | undefined => (values[name] as { id: string } | undefined)?.id;
const ids = (values: Values, name: string): readonly string[] | undefined => (values[name] as readonly { id: string }[] | undefined)?.map((f) => f.id);
const ofCase = ({ matter }: StepContext) => ({ caseId: matter.id, version: matter.version });
const ofAssignment = ({ target }: StepContext) => ({ assignmentId: target?.id ?? "", version: target?.version ?? 0 });
const inDays = (days: number): string => new Date(Math.ceil((Date.now() + days * 86_400_000) / 1_800_000) * 1_800_000).toISOString();

/** Every step of the main job, the one a desk most likely wants next first. */
export const steps: readonly Step[] = [
  step({
    name: "acceptCase", key: "KeyA", document: AcceptCase, targets: onCase,
    fields: () => [{ name: "severity", label: t("field-severity"), kind: "choice", required: true, options: options("severity", ["CRITICAL", "URGENT", "NORMAL", "LOW"]) }, { ...area("note", false), label: t("field-accept-note") }],
    start: ({ matter }) => ({ severity: matter.severity }),
    input: (v, c) => ({ ...ofCase(c), severity: maybe(v, "severity") === c.matter.severity ? undefined : v["severity"] as Severity, note: maybe(v, "note") }),
  }),
  step({
    name: "ruleWhistle", document: RuleWhistle, targets: proposedWhistles, intro: ({ matter }) => matter.whistles.find((w) => w.state === "PROPOSED")?.reason ?? null,
    fields: () => [yesNo("approved", "approve-yes", "approve-no"), area("note", false)],
    input: (v, { target }) => ({ whistleId: target?.id ?? "", approved: v["approved"] === "yes", note: maybe(v, "note") }),
  }),
  step({ name: "signAssignment", key: "KeyA", document: SignAssignment, targets: ownAssignments("PENDING"), fields: () => [], intro: () => t("sign-intro"), input: (_, c) => ofAssignment(c) }),
  step({
    name: "reportIn", key: "KeyE", document: ReportIn, targets: ownAssignments("SIGNED"),
    fields: () => [{ name: "personName", label: t("field-personName"), kind: "text", required: true, maxLength: 60 }, { ...area("note", false), label: t("field-reportIn-note") }, files],
    start: ({ person }) => ({ personName: person.name }),
    input: (v, c) => ({ ...ofAssignment(c), personName: text(v, "personName"), note: maybe(v, "note"), attachmentIds: ids(v, "attachmentIds") }),
  }),
  step({
    name: "completeAssignment", key: "KeyC", document: CompleteAssignment, targets: ownAssignments("REPORTED_IN", "SIGNED"), fields: () => [{ ...area("result"), hint: t("result-hint") }, files],
    input: (v, c) => ({ ...ofAssignment(c), result: text(v, "result"), attachmentIds: ids(v, "attachmentIds") }),
  }),
  step({
    name: "verifyCase", key: "KeyV", document: VerifyCase, targets: onCase, fields: () => [yesNo("passed", "verify-yes", "verify-no"), { ...area("note", false), label: t("field-verify-note") }],
    input: (v, c) => ({ ...ofCase(c), passed: v["passed"] === "yes", note: maybe(v, "note") }),
  }),
  step({
    name: "callBack", document: CallBack, targets: onCase,
    fields: () => [
      yesNo("reached", "reached-yes", "reached-no"), { name: "satisfaction", label: t("field-satisfaction"), kind: "rating", when: (v) => v["reached"] === "yes" }, { ...area("note", false), label: t("field-callBack-note") },
    ],
    input: (v, c) => ({ ...ofCase(c), reached: v["reached"] === "yes", satisfaction: v["satisfaction"] as number | undefined, note: maybe(v, "note") }),
  }),
  step({ name: "closeCase", document: CloseCase, targets: onCase, fields: () => [{ ...area("note", false), label: t("field-close-note") }], input: (v, c) => ({ ...ofCase(c), note: maybe(v, "note") }) }),
  step({
    name: "ruleReturn", document: RuleReturn, targets: anyAssignments((a) => a.status === "RETURN_ASKED"),
    intro: ({ matter, target }) => matter.assignments.find((a) => a.id === target?.id)?.return?.basis ?? null,
    fields: () => [yesNo("upheld", "upheld-yes", "upheld-no"), { ...unit("organizationId", true), when: (v) => v["upheld"] === "yes", label: t("field-new-unit") }, { ...area("ruling"), hint: t("ruling-hint") }],
    start: ({ matter, target }) => {
      const suggested = matter.assignments.find((a) => a.id === target?.id)?.return?.suggested;
      return suggested ? { organizationId: suggested } : {};
    },
    input: (v, c) => ({ ...ofAssignment(c), upheld: v["upheld"] === "yes", organizationId: picked(v, "organizationId"), ruling: text(v, "ruling") }),
  }),
  step({
    name: "routeCase", key: "KeyF", document: RouteCase, targets: onCase, fields: () => [{ ...unit("organizationId", true), label: t("field-route-unit") }, area("instruction", false)],
    start: ({ matter }) => (matter.workItem.lead ? { organizationId: { id: matter.workItem.lead.id, name: matter.workItem.lead.name } } : {}),
    input: (v, c) => ({ ...ofCase(c), organizationId: picked(v, "organizationId") ?? "", instruction: maybe(v, "instruction") }),
  }),
  step({
    name: "blowWhistle", key: "KeyW", document: BlowWhistle, targets: onCase,
    fields: () => [
      { name: "grade", label: t("field-grade"), kind: "choice", required: true, options: options("grade", ["ROUTINE", "KEY", "HARD", "EMERGENCY"]) },
      { ...unit("leadId", true, "DEPARTMENT"), label: t("field-leadId") }, { name: "assistIds", label: t("field-assistIds"), kind: "organizations", organizationKind: "DEPARTMENT" },
      { ...area("reason"), label: t("field-whistle-reason"), hint: t("whistle-reason-hint") }, area("instruction", false),
    ],
    start: ({ matter }) => ({ grade: matter.workItem.emergency ? "EMERGENCY" : "ROUTINE", ...(matter.workItem.lead ? { leadId: { id: matter.workItem.lead.id, name: matter.workItem.lead.name } } : {}) }),
    input: (v, c) => ({
      ...ofCase(c), grade: v["grade"] as WhistleGrade, leadId: picked(v, "leadId") ?? "", assistIds: ids(v, "assistIds"), reason: text(v, "reason"), instruction: maybe(v, "instruction"),
    }),
  }),
  step({ name: "escalateCase", key: "KeyU", document: EscalateCase, targets: onCase, fields: () => [{ ...area("reason"), label: t("field-escalate-reason") }], input: (v, c) => ({ ...ofCase(c), reason: text(v, "reason") }) }),
  step({
    name: "rejectCase", key: "KeyR", document: RejectCase, targets: onCase, fields: () => [{ ...area("reason"), label: t("field-reject-reason") }, { ...area("remedy"), hint: t("remedy-hint") }],
    input: (v, c) => ({ ...ofCase(c), reason: text(v, "reason"), remedy: text(v, "remedy") }),
  }),
  step({
    name: "askReturn", key: "KeyR", document: AskReturn, targets: ownAssignments("PENDING", "SIGNED"), intro: () => t("return-intro"),
    fields: () => [
      { name: "reason", label: t("field-return-reason"), kind: "choice", required: true, options: options("return", ["NOT_OUR_DUTY", "NOT_OUR_AREA", "INFORMATION_MISSING", "DUPLICATE", "NOT_ACCEPTABLE_BY_LAW"]) },
      { ...area("basis"), hint: t("basis-hint") }, unit("suggestedOrganizationId", false), files,
    ],
    input: (v, c) => ({ ...ofAssignment(c), reason: v["reason"] as ReturnReason, basis: text(v, "basis"), suggestedOrganizationId: picked(v, "suggestedOrganizationId"), attachmentIds: ids(v, "attachmentIds") }),
  }),
  step({ name: "addProgress", key: "KeyP", document: AddProgress, targets: onCase, fields: () => [{ ...area("note"), label: t("field-progress") }, files], input: (v, { matter }) => ({ caseId: matter.id, note: text(v, "note"), attachmentIds: ids(v, "attachmentIds") }) }),
  step({
    name: "superviseCase", document: SuperviseCase, targets: onCase,
    fields: ({ matter }) => [
      { name: "card", label: t("field-card"), kind: "choice", required: true, options: options("card", ["REMINDER", "YELLOW", "RED"]) },
      { name: "organizationId", label: t("field-card-unit"), kind: "choice", options: matter.assignments.map((a) => ({ value: a.organization.id, label: a.organization.name, hint: t(`role-${a.role}`) })), when: () => matter.assignments.length > 1 },
      { ...area("reason"), label: t("field-card-reason"), hint: t("card-hint") }, { name: "dueAt", label: t("field-card-due"), kind: "datetime", required: true },
    ],
    start: () => ({ card: "REMINDER", dueAt: inDays(1) }),
    input: (v, c) => ({ ...ofCase(c), card: v["card"] as Card, organizationId: maybe(v, "organizationId"), reason: text(v, "reason"), dueAt: text(v, "dueAt") }),
  }),
  step({
    name: "extendCase", document: ExtendCase, targets: onCase, fields: () => [{ name: "workingDays", label: t("field-workingDays"), kind: "number", required: true, minimum: 1, maximum: 10, hint: t("extend-hint") }, area("reason")],
    input: (v, c) => ({ ...ofCase(c), workingDays: Number(v["workingDays"]), reason: text(v, "reason") }),
  }),
  step({ name: "pauseCase", document: PauseCase, targets: onCase, fields: () => [{ ...area("missing"), hint: t("missing-hint") }, area("reason")], input: (v, c) => ({ ...ofCase(c), reason: text(v, "reason"), missing: text(v, "missing") }) }),
  step({ name: "resumeCase", document: ResumeCase, targets: onCase, fields: () => [area("note", false)], input: (v, c) => ({ ...ofCase(c), note: maybe(v, "note") }) }),
  step({
    name: "excuseAssignment", document: ExcuseAssignment, targets: anyAssignments((a) => a.role === "ASSIST" && ["PENDING", "SIGNED", "REPORTED_IN"].includes(a.status)),
    fields: () => [area("reason")], input: (v, c) => ({ ...ofAssignment(c), reason: text(v, "reason") }),
  }),
  step({
    name: "nameHandlers", document: NameHandlers, targets: onCase, intro: () => t("handlers-intro"),
    fields: () => [{ name: "add", label: t("field-handlers-add"), kind: "text", hint: t("handlers-hint") }, { name: "remove", label: t("field-handlers-remove"), kind: "text" }, area("reason")],
    input: (v, c) => ({ ...ofCase(c), add: idList(v, "add"), remove: idList(v, "remove"), reason: text(v, "reason") }),
  }),
  step({ name: "reopenCase", document: ReopenCase, targets: onCase, fields: () => [area("reason")], input: (v, c) => ({ ...ofCase(c), reason: text(v, "reason") }) }),
];

const idList = (values: Values, name: string): readonly string[] | undefined => {
  const found = text(values, name).split(/[\s,，、;；]+/).filter(Boolean);
  return found.length > 0 ? found : undefined;
};
