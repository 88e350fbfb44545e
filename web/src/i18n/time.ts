import { language, t } from "./language";

let zone = "Asia/Shanghai";
const formats = new Map<string, Intl.DateTimeFormat>();

/** Times are shown in the county's zone, wherever the reader's device believes to be. */
export function setTimeZone(name: string): void {
  zone = name;
  formats.clear();
}
export const timeZone = (): string => zone;

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language.current()} ${name}`;
  let found = formats.get(key);
  if (!found) formats.set(key, found = new Intl.DateTimeFormat(language.current(), { timeZone: zone, hourCycle: "h23", ...options }));
  return found;
}

/** 11月23日 09:05, with the year when it is not this one. */
export function moment(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  const year = (d: Date) => format("year", { year: "numeric" }).format(d);
  const sameYear = year(at) === year(now);
  return format(sameYear ? "moment" : "moment-year", {
    ...(sameYear ? {} : { year: "numeric" }), month: language.current() === "en" ? "short" : "long", day: "numeric", hour: "2-digit", minute: "2-digit",
  }).format(at).replace(/,? (?=\d\d:\d\d$)/, " ");
}
export const clockTime = (iso: string): string => format("time", { hour: "2-digit", minute: "2-digit" }).format(new Date(iso));
export const day = (iso: string): string => format("day", { month: language.current() === "en" ? "short" : "long", day: "numeric", weekday: "short" }).format(new Date(iso));
/** 2026-11-23 in the county's zone: what groups rows of one day. */
export const dayKey = (iso: string): string => new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(new Date(iso));

/** 2 天 3 小时: at most two units, never less than a minute. */
export function span(minutes: number): string {
  const whole = Math.max(1, Math.round(Math.abs(minutes)));
  const days = Math.floor(whole / 1440);
  const hours = Math.floor((whole % 1440) / 60);
  const rest = whole % 60;
  const parts: string[] = [];
  if (days > 0) parts.push(t("span-days", { n: days }));
  if (hours > 0) parts.push(t("span-hours", { n: hours }));
  if (rest > 0 && days === 0) parts.push(t("span-minutes", { n: rest }));
  return parts.join(" ");
}

/** Working time, which has no days: 7 小时 30 分. */
export function workingSpan(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = Math.round(minutes % 60);
  if (hours === 0) return t("span-minutes", { n: rest });
  return rest === 0 ? t("span-hours", { n: hours }) : `${t("span-hours", { n: hours })} ${t("span-minutes", { n: rest })}`;
}

export interface Limit { readonly late: boolean; readonly soon: boolean; readonly text: string }

/** How a limit stands: late, near (under a fifth of a day) or at ease. `now` only for tests. */
export function limit(dueAt: string, overdue: boolean, now: Date = new Date()): Limit {
  const minutes = (new Date(dueAt).getTime() - now.getTime()) / 60_000;
  const late = overdue || minutes < 0;
  return { late, soon: !late && minutes < 240, text: t(late ? "limit-late" : "limit-left", { span: span(minutes) }) };
}
