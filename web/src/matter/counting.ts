import type { CaseClocksResult, DayReason } from "../api/documents";
import { dayKey } from "../i18n/time";
import { group } from "../ui/group";

export type ClockSpans = NonNullable<CaseClocksResult["case"]>["clocks"][number]["explanation"];
export interface CountedDay {
  readonly key: string; readonly from: string; readonly to: string; readonly minutes: number;
  readonly reasons: readonly DayReason[]; readonly notes: readonly string[]; readonly sources: readonly string[]; readonly provisional: boolean;
}
export interface CountedRun { readonly days: readonly CountedDay[]; readonly counted: boolean }

const kept = (values: readonly (string | null)[]): readonly string[] => [...new Set(values.filter((v): v is string => v !== null && v !== ""))];

/** Spans of one day in the county's zone become one line: minutes added, reasons of what counted (or, if nothing did, of what did not). */
export function byDay(spans: ClockSpans): readonly CountedDay[] {
  return [...group(spans, (s) => dayKey(s.from))].map(([key, own]) => {
    const counting = own.filter((s) => s.countedMinutes > 0);
    const telling = counting.length > 0 ? counting : own;
    const paused = own.filter((s) => s.reason === "PAUSED");
    return {
      key, from: own[0]?.from ?? "", to: own.at(-1)?.to ?? "", minutes: own.reduce((sum, s) => sum + s.countedMinutes, 0),
      reasons: [...new Set([...telling, ...paused].map((s) => s.reason))], notes: kept(telling.map((s) => s.note)), sources: kept(own.map((s) => s.source)), provisional: own.some((s) => s.provisional),
    };
  });
}

/** Minutes that still count after `now`: a span that `now` cuts counts in proportion. */
export function left(spans: ClockSpans, now: Date): number {
  return spans.reduce((sum, s) => {
    const from = new Date(s.from).getTime();
    const to = new Date(s.to).getTime();
    if (to <= now.getTime()) return sum;
    const share = from >= now.getTime() || to === from ? 1 : (to - now.getTime()) / (to - from);
    return sum + s.countedMinutes * share;
  }, 0);
}
