import type { ButtonHTMLAttributes, ReactNode } from "react";
import { RequestFailure } from "../api/client";
import type { AssignmentStatus, CaseStatus, Severity } from "../api/documents";
import { code, t } from "../i18n/language";
import { limit, moment } from "../i18n/time";
import { Icon } from "./icons";
import type { IconName } from "./icons";

type Look = "primary" | "plain" | "quiet";

export function Button({ look = "plain", busy = false, icon, children, className = "", ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & {
  readonly look?: Look; readonly busy?: boolean; readonly icon?: IconName;
}) {
  return (
    <button type="button" {...rest} className={`button button-${look} ${className}`} aria-busy={busy || undefined} disabled={rest.disabled || busy}>
      {busy ? <span className="spinner" aria-hidden="true" /> : icon ? <Icon name={icon} /> : null}{children}
    </button>
  );
}

export function Tag({ tone = "plain", children }: { readonly tone?: "plain" | "blue" | "strong" | "late" | "wait"; readonly children: ReactNode }) {
  return <span className={`tag tag-${tone}`}>{children}</span>;
}

const settled: ReadonlySet<string> = new Set<CaseStatus>(["CLOSED", "REJECTED", "WITHDRAWN", "MERGED", "REFERRED", "HANDLED", "VERIFIED"]);
/** A matter that waits for nobody's work any more is never shown as late. */
export const isSettled = (status: string): boolean => settled.has(status);

export function StatusTag({ status, paused = false }: { readonly status: CaseStatus; readonly paused?: boolean }) {
  const tone = status === "REPORTED" ? "blue" : "plain";
  return <><Tag tone={tone}>{t(`status-${status}`)}</Tag>{paused && <Tag tone="wait">{t("paused")}</Tag>}</>;
}
export const AssignmentTag = ({ status }: { readonly status: AssignmentStatus }) => (
  <Tag tone={status === "PENDING" || status === "RETURN_ASKED" ? "blue" : "plain"}>{t(`assignment-${status}`)}</Tag>
);
export const SeverityTag = ({ severity }: { readonly severity: Severity }) => (
  severity === "CRITICAL" || severity === "URGENT" ? <Tag tone={severity === "CRITICAL" ? "strong" : "plain"}>{code("severity", severity)}</Tag> : null
);

export function LimitTag({ dueAt, overdue, done = false }: { readonly dueAt: string | null; readonly overdue: boolean; readonly done?: boolean }) {
  if (dueAt === null || done) return null;
  const { late, soon, text } = limit(dueAt, overdue);
  return (
    <span className={`limit ${late ? "limit-late" : soon ? "limit-soon" : ""}`} title={t("due-at", { at: moment(dueAt) })}>
      {late && <Icon name="warn" size="1em" />}{text}
    </span>
  );
}

/** A page or part with nothing in it says why, and what can be done. */
export function Empty({ icon, title, children, action }: { readonly icon: IconName; readonly title: string; readonly children?: ReactNode; readonly action?: ReactNode }) {
  return (
    <div className="empty"><Icon name={icon} size="2.5rem" /><p className="empty-title">{title}</p>{children && <p className="muted">{children}</p>}{action}</div>
  );
}

export function failureText(error: unknown): string {
  if (!(error instanceof RequestFailure)) return t("failure-broken");
  const text = t(`failure-${error.kind}`);
  return error.trace ? `${text} ${t("failure-trace", { trace: error.trace })}` : text;
}

export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const offline = error instanceof RequestFailure && error.kind === "offline";
  return (
    <div className="failure" role="alert">
      <Icon name={offline ? "offline" : "warn"} size="2rem" />
      <p>{failureText(error)}</p>
      {retry && <Button onClick={retry}>{t("retry")}</Button>}
    </div>
  );
}

export function Loading({ rows = 6 }: { readonly rows?: number }) {
  return (
    <div className="loading" role="status" aria-label={t("loading")}>
      {Array.from({ length: rows }, (_, i) => <div key={i} className="bone" style={{ width: `${92 - ((i * 37) % 40)}%` }} />)}
    </div>
  );
}

export function Facts({ rows }: { readonly rows: readonly (readonly [string, ReactNode, "wide"?])[] }) {
  return (
    <dl className="facts">
      {rows.filter(([, value]) => value !== null && value !== "" && value !== undefined && value !== false).map(([name, value, wide]) => (
        <div key={name} className={wide ? "fact fact-wide" : "fact"}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}
