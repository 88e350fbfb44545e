import { useQuery } from "@tanstack/react-query";
import { clocksOf } from "../api/queries";
import type { CaseDetail } from "../api/documents";
import { code, t } from "../i18n/language";
import "../i18n/more";
import { clockTime, day, moment, workingSpan } from "../i18n/time";
import { Failure, Loading, Tag } from "../ui/basics";
import { byDay, left } from "./counting";

/** A day that is counted to its end ends at 24:00, not at the next one's 00:00. */
const untilTime = (to: string): string => { const time = clockTime(to); return time === "00:00" ? "24:00" : time; };

/** The arithmetic of a limit: every day, what it counted, why, by which text; with the sum and what remains. */
export default function Why({ matter, clockId }: { readonly matter: CaseDetail; readonly clockId: string }) {
  const { data, error, isPending, refetch } = useQuery(clocksOf(matter.id, matter.version));
  if (isPending) return <Loading rows={3} />;
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  const clock = data.find((c) => c.id === clockId);
  if (!clock) return <p className="muted">{t("why-none")}</p>;
  const days = byDay(clock.explanation);
  const sum = days.reduce((all, d) => all + d.minutes, 0);
  const rest = left(clock.explanation, new Date());
  const sources = [...new Set(days.flatMap((d) => d.sources))];
  return (
    <div className="why" tabIndex={0} role="region" aria-label={`${t("why")} · ${clock.label}`}>
      <p className="why-sum">{t("why-sum", { from: moment(clock.startedAt), to: moment(clock.dueAt), sum: workingSpan(sum) })}{clock.state === "RUNNING" && rest > 0 && <strong> {t("why-left", { rest: workingSpan(rest) })}</strong>}</p>
      <table className="why-table">
        <thead><tr><th scope="col">{t("why-day")}</th><th scope="col">{t("why-time")}</th><th scope="col">{t("why-reason")}</th><th scope="col" className="number-cell">{t("why-counted")}</th></tr></thead>
        <tbody>
          {days.map((d) => (
            <tr key={d.key} className={d.minutes === 0 ? "why-idle" : ""}>
              <th scope="row">{day(d.from)}</th><td className="tabular">{clockTime(d.from)}–{untilTime(d.to)}</td>
              <td>{d.reasons.map((r) => code("day", r)).join("、")}{d.notes.length > 0 && <small className="muted"> {d.notes.join("；")}</small>}{d.provisional && <Tag tone="wait">{t("provisional")}</Tag>}</td>
              <td className="number-cell tabular">{d.minutes === 0 ? t("not-counted") : workingSpan(d.minutes)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot><tr><th scope="row" colSpan={3}>{t("why-total")}</th><td className="number-cell tabular">{workingSpan(sum)}</td></tr></tfoot>
      </table>
      {sources.length > 0 && <p className="muted why-sources">{t("why-sources", { list: sources.join("；") })}</p>}
      {clock.provisional && <p className="notice">{t("why-provisional")}</p>}
    </div>
  );
}
