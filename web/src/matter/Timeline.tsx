import type { CaseDetail } from "../api/documents";
import { code, t } from "../i18n/language";
import { clockTime, day, dayKey } from "../i18n/time";
import { group } from "../ui/group";

/** What happened, newest first, under the days on which it did. */
export function Timeline({ matter }: { readonly matter: CaseDetail }) {
  const days = group(matter.timeline.nodes, (entry) => dayKey(entry.at));
  if (days.size === 0) return <p className="muted">{t("timeline-empty")}</p>;
  return (
    <ol className="timeline">
      {[...days].map(([key, entries]) => (
        <li key={key}><h3>{day(entries[0]?.at ?? "")}</h3>
          <ol>{entries.map((entry, index) => (
            <li key={`${entry.at}${entry.step}${index}`} className="happening">
              <time className="tabular" dateTime={entry.at}>{clockTime(entry.at)}</time>
              <div><strong>{code("happened", entry.step)}</strong>
                {entry.actor && <span className="muted"> {entry.actor.name}{entry.actor.organization ? ` · ${entry.actor.organization.name}` : ""}</span>}
                {entry.note && <p>{entry.note}</p>}</div>
            </li>
          ))}</ol>
        </li>
      ))}
      {matter.timeline.pageInfo.hasNextPage && <li className="muted">{t("timeline-more")}</li>}
    </ol>
  );
}
