import type { InboxNode } from "../api/queries";

import { shortTitle } from "./title";

type Subject = InboxNode["subject"];
type CaseSubject = Extract<Subject, { __typename: "Case" }>;
type AssignmentSubject = Extract<Subject, { __typename: "Assignment" }>;
const isCase = (s: Subject): s is CaseSubject => s.__typename === "Case";
const isAssignment = (s: Subject): s is AssignmentSubject => s.__typename === "Assignment";

export const caseIdOf = ({ subject }: InboxNode): string | null => (isCase(subject) ? subject.id : isAssignment(subject) ? subject.case.id : null);

/** What a list row shows of an item, whatever it is about. */
export function rowOf({ subject, title }: InboxNode) {
  if (isCase(subject)) return { title: shortTitle(subject.title || title, subject.workItem.name), number: subject.number, grid: subject.grid.name, item: subject.workItem.name, severity: subject.severity, status: `status-${subject.status}`, role: null, overdue: subject.overdue };
  if (isAssignment(subject)) {
    const { case: matter } = subject;
    return { title: shortTitle(subject.title || title, matter.workItem.name), number: matter.number, grid: matter.grid.name, item: matter.workItem.name, severity: matter.severity, status: `assignment-${subject.assignmentStatus}`, role: subject.role, overdue: subject.overdue };
  }
  return { title, number: "", grid: "", item: "", severity: null, status: null, role: null, overdue: false };
}
