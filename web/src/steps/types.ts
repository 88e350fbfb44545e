import type { Document } from "../api/client";
import type { AssignmentCore, CaseDetail, ProblemCore } from "../api/documents";
import type { Person } from "../api/queries";
import type { FieldSpec, Values } from "../form/fields";

/** What a step is done to besides the case: one assignment, one whistle, or nothing more. */
export interface Target { readonly id: string; readonly version: number; readonly name: string }
export interface StepContext { readonly matter: CaseDetail; readonly person: Person; readonly target: Target | null }
export interface StepAnswer { readonly case: CaseDetail | null; readonly replayed: boolean; readonly problems: readonly ProblemCore[] }

export interface Step {
  /** The mutation's name, as in `allowedSteps`. */
  readonly name: string;
  /** The single key that opens it at the desk. */
  readonly key?: string;
  readonly fields: (context: StepContext) => readonly FieldSpec[];
  readonly start?: (context: StepContext) => Values;
  readonly intro?: (context: StepContext) => string | null;
  readonly targets: (matter: CaseDetail, person: Person) => readonly (Target | null)[];
  readonly document: Document<Record<string, StepAnswer>, { readonly input: object }>;
  /** The input without `key`; values are blank-free and checked. */
  readonly input: (values: Values, context: StepContext) => object;
}

const onCase = (): readonly null[] => [null];
const target = (a: AssignmentCore): Target => ({ id: a.id, version: a.version, name: a.organization.name });
const isMine = (a: AssignmentCore, person: Person): boolean => person.posts.some((p) => p.organization?.id === a.organization.id);

/** The caller's own assignments in one of these states; all of them where none is the caller's (a lead who acts for a unit below). */
export const ownAssignments = (...states: readonly AssignmentCore["status"][]) => (matter: CaseDetail, person: Person): readonly Target[] => {
  const fitting = matter.assignments.filter((a) => states.includes(a.status));
  const mine = fitting.filter((a) => isMine(a, person));
  return (mine.length > 0 ? mine : fitting).map(target);
};
export const anyAssignments = (fits: (a: AssignmentCore) => boolean) => (matter: CaseDetail): readonly Target[] => matter.assignments.filter(fits).map(target);
export const proposedWhistles = (matter: CaseDetail): readonly Target[] => matter.whistles.filter((w) => w.state === "PROPOSED").map((w) => ({ id: w.id, version: 0, name: "" }));
export { onCase };

/** Keeps a step's document and input in agreement, then forgets their types, so that all steps fit one list. */
export function step<I extends { readonly key: string }, R>(given: Omit<Step, "document" | "input"> & {
  readonly document: Document<R, { readonly input: I }>;
  readonly input: (values: Values, context: StepContext) => Omit<I, "key">;
}): Step {
  return given as unknown as Step;
}
