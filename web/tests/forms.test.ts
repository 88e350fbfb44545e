import { describe, expect, test } from "vitest";
import { filled, missing, placed } from "../src/form/fields";
import type { FieldSpec } from "../src/form/fields";
import { titleOf } from "../src/form/title";
import { fieldOf, sentOf, startOf } from "../src/plugin/fields";

const fields: readonly FieldSpec[] = [
  { name: "upheld", label: "裁定", kind: "choice", required: true },
  { name: "organizationId", label: "单位", kind: "organization", required: true, when: (v) => v["upheld"] === "yes" },
  { name: "workingDays", label: "天数", kind: "number", minimum: 1, maximum: 10 },
  { name: "phone", label: "电话", kind: "text", pattern: "[0-9]{5,}" },
];

describe("forms", () => {
  test("ask only for what is shown", () => {
    expect(Object.keys(missing(fields, {}))).toEqual(["upheld"]);
    expect(Object.keys(missing(fields, { upheld: "yes" }))).toEqual(["organizationId"]);
    expect(Object.keys(missing(fields, { upheld: "no" }))).toEqual([]);
  });
  test("hold numbers and patterns to their bounds", () => {
    expect(Object.keys(missing(fields, { upheld: "no", workingDays: 11 }))).toEqual(["workingDays"]);
    expect(Object.keys(missing(fields, { upheld: "no", phone: "12a" }))).toEqual(["phone"]);
  });
  test("blanks are not an answer", () => expect(missing([{ name: "reason", label: "理由", kind: "area", required: true }], { reason: "  " })).toHaveProperty("reason"));
  test("send what is shown and filled, trimmed", () => expect(filled(fields, { upheld: "no", organizationId: { id: "x", name: "y" }, phone: " 12345 " })).toEqual({ upheld: "no", phone: "12345" }));
  test("put a refusal beside its field, the rest on top", () => {
    const { byField, general } = placed(fields, [
      { code: "VALIDATION", message: "太短", path: ["input", "working_days"] }, { code: "NOT_YOURS", message: "不归您", path: null }, { code: "VALIDATION", message: "未知", path: ["caseId"] },
    ]);
    expect(byField).toEqual({ workingDays: "太短" });
    expect(general.map((p) => p.message)).toEqual(["不归您", "未知"]);
  });
});

describe("titles", () => {
  const open = { protection: [], clue: false };
  test("are the first sentence, cut where it is long", () => {
    expect(titleOf(" 王家与李家因排水沟争执。双方老人在场。", open)).toBe("王家与李家因排水沟争执");
    expect(titleOf("长".repeat(50), open)).toBe(`${"长".repeat(35)}…`);
  });
  test("never speak of what is protected", () => {
    expect(titleOf("王家与李家因排水沟争执", { protection: ["VIOLENCE"], clue: false })).toBeUndefined();
    expect(titleOf("王家与李家因排水沟争执", { protection: [], clue: true })).toBeUndefined();
  });
});

describe("forms of plugins", () => {
  const input = (part: object) => ({ name: "a", label: "甲", widget: "TEXT" as const, required: true, help: null, value: null, options: [], minimum: null, maximum: null, pattern: null, ...part });
  test("limits bound a number, and the length of a text", () => {
    expect(fieldOf(input({ widget: "NUMBER", minimum: 1, maximum: 3 }))).toMatchObject({ kind: "number", minimum: 1, maximum: 3 });
    expect(fieldOf(input({ maximum: 40 }))).toMatchObject({ kind: "text", maxLength: 40 });
    expect(fieldOf(input({ maximum: 40 }))).not.toHaveProperty("maximum");
  });
  test("a switch is always answered", () => expect(fieldOf(input({ widget: "SWITCH" })).required).toBe(false));
  test("defaults are read as what the widget holds", () => {
    expect(startOf({ title: "", action: "", submit: "", tone: "NEUTRAL", fields: [input({ name: "n", widget: "NUMBER", value: "5" }), input({ name: "s", widget: "SWITCH" }), input({ name: "t", value: "x" })] })).toEqual({ n: 5, s: false, t: "x" });
  });
  test("chosen things go by id, lines without blanks, nested names as they are", () => {
    const specs = [input({ name: "to", widget: "ORGANIZATION" }), input({ name: "inner.names", widget: "TEXTS" })].map(fieldOf);
    expect(sentOf(specs, { to: { id: "1", name: "法院" }, "inner.names": [" 甲 ", ""] })).toEqual({ to: "1", "inner.names": ["甲"] });
  });
  test("a refusal inside a form within a form finds its field", () => {
    expect(placed([{ name: "inner.names", label: "", kind: "lines" }], [{ code: "VALIDATION", message: "空", path: ["values", "inner", "names"] }]).byField).toEqual({ "inner.names": "空" });
  });
});
