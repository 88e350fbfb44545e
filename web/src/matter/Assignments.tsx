import type { AssignmentCore, CaseDetail } from "../api/documents";
import type { Person } from "../api/queries";
import { code, t } from "../i18n/language";
import { moment } from "../i18n/time";
import { AssignmentTag, LimitTag, Tag } from "../ui/basics";

interface Stage { readonly word: string; readonly doneAt: string | null; readonly dueAt: string | null }
const stages = (a: AssignmentCore): readonly Stage[] => [
  { word: t("stage-sign"), doneAt: a.signedAt, dueAt: a.signDueAt },
  ...(a.whistle ? [{ word: t("stage-report-in"), doneAt: a.reportedInAt, dueAt: a.reportInDueAt }] : []),
  { word: t("stage-done"), doneAt: a.doneAt, dueAt: a.dueAt },
];
const over: ReadonlySet<string> = new Set(["DONE", "EXCUSED", "CANCELLED", "RETURNED"]);
const nextLimit = (a: AssignmentCore): string | null => stages(a).find((s) => s.doneAt === null && s.dueAt !== null)?.dueAt ?? null;

function One({ assignment, mine }: { readonly assignment: AssignmentCore; readonly mine: boolean }) {
  const done = over.has(assignment.status);
  return (
    <li className={mine ? "assignment assignment-mine" : "assignment"}>
      <div className="assignment-head">
        <Tag tone={assignment.role === "LEAD" ? "strong" : "plain"}>{t(`role-${assignment.role}`)}</Tag>
        <strong>{assignment.organization.name}</strong>
        {assignment.whistle && <span className="muted">{code("grade", assignment.whistle.grade)}{assignment.whistle.state === "PROPOSED" && ` · ${t("whistle-PROPOSED")}`}</span>}
        <AssignmentTag status={assignment.status} />
        <LimitTag dueAt={nextLimit(assignment)} overdue={assignment.overdue} done={done} />
      </div>
      {assignment.instruction && <p className="instruction">{assignment.instruction}</p>}
      <ol className="stages">
        {stages(assignment).map((s) => (
          <li key={s.word} className={s.doneAt ? "stage stage-done" : "stage"}><span>{s.word}</span>
            <small className="tabular">{s.doneAt ? moment(s.doneAt) : s.dueAt && !done ? t("before", { at: moment(s.dueAt) }) : "—"}</small></li>
        ))}
      </ol>
      {assignment.return && (
        <p className="return-line"><strong>{code("return", assignment.return.reason)}</strong> {assignment.return.basis}
          <small className="muted">{assignment.return.ruling ? `${t(assignment.return.upheld ? "upheld-yes" : "upheld-no")}：${assignment.return.ruling}` : t("rule-before", { at: moment(assignment.return.ruleDueAt) })}</small></p>
      )}
      {assignment.result && <p className="result">{assignment.result}</p>}
    </li>
  );
}

/** Who works on it: lead first, the reader's own marked. */
export function Assignments({ matter, person }: { readonly matter: CaseDetail; readonly person: Person }) {
  const own = new Set(person.posts.map((p) => p.organization?.id));
  const sorted = matter.assignments.toSorted((a, b) => Number(over.has(a.status)) - Number(over.has(b.status)) || a.role.localeCompare(b.role) * -1);
  return <ul className="assignments">{sorted.map((a) => <One key={a.id} assignment={a} mine={own.has(a.organization.id)} />)}</ul>;
}
