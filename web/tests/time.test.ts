import { describe, expect, test } from "vitest";
import { splitEvents } from "../src/api/events";
import { dayKey, limit, moment, span, workingSpan } from "../src/i18n/time";
import { byDay, left } from "../src/matter/counting";
import type { ClockSpans } from "../src/matter/counting";

const now = new Date("2026-11-23T01:00:00Z");
const counted = (from: string, to: string, minutes: number, part: object = {}): ClockSpans[number] => ({ from, to, countedMinutes: minutes, reason: "WORKDAY", note: null, source: "县日历", provisional: false, ...part });

describe("times", () => {
  test("are the county's, whatever the device believes", () => {
    expect(moment("2026-11-23T01:05:00Z", now)).toBe("11月23日 09:05");
    expect(moment("2025-12-31T16:30:00Z", now)).toBe("1月1日 00:30");
    expect(dayKey("2026-11-22T16:30:00Z")).toBe("2026-11-23");
  });
  test("show the year when it is another", () => expect(moment("2024-12-30T01:00:00Z", now)).toBe("2024年12月30日 09:00"));
  test("speak in at most two units", () => {
    expect(span(3 * 1440 + 61)).toBe("3 天 1 小时");
    expect(span(125)).toBe("2 小时 5 分钟");
    expect(span(0.2)).toBe("1 分钟");
    expect(workingSpan(450)).toBe("7 小时 30 分钟");
  });
  test("late, soon or at ease", () => {
    expect(limit("2026-11-23T00:00:00Z", false, now)).toEqual({ late: true, soon: false, text: "超期 1 小时" });
    expect(limit("2026-11-23T03:00:00Z", false, now)).toEqual({ late: false, soon: true, text: "剩 2 小时" });
    expect(limit("2026-11-25T03:00:00Z", false, now)).toEqual({ late: false, soon: false, text: "剩 2 天 2 小时" });
  });
});

describe("the arithmetic of a limit", () => {
  const spans = [
    counted("2026-11-20T00:30:00Z", "2026-11-20T04:00:00Z", 210), counted("2026-11-20T04:00:00Z", "2026-11-20T06:00:00Z", 0, { reason: "OUTSIDE_HOURS", note: "午休" }),
    counted("2026-11-20T06:00:00Z", "2026-11-20T09:30:00Z", 210), counted("2026-11-21T00:00:00Z", "2026-11-21T16:00:00Z", 0, { reason: "REST_DAY", note: "周六" }),
    counted("2026-11-23T00:30:00Z", "2026-11-23T02:30:00Z", 120),
  ];
  test("is told day by day: what counted, or why nothing did", () => {
    expect(byDay(spans).map((d) => [d.key, d.minutes, d.reasons, d.notes])).toEqual([
      ["2026-11-20", 420, ["WORKDAY"], []], ["2026-11-21", 0, ["REST_DAY"], ["周六"]], ["2026-11-23", 120, ["WORKDAY"], []],
    ]);
  });
  test("what is left counts from now, a cut span in proportion", () => expect(left(spans, now)).toBe(90));
});

test("events are cut at blank lines, heartbeats and half events are left", () => {
  const { events, rest } = splitEvents(':\n\nevent: next\ndata: {"a":1}\n\nevent: next\r\ndata: {"b"');
  expect(events).toEqual([{ event: "next", data: '{"a":1}' }]);
  expect(rest).toBe('event: next\ndata: {"b"');
});
