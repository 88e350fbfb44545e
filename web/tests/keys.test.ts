import { describe, expect, test } from "vitest";
import { order } from "../src/matter/order";
import { composing, singleKey } from "../src/shell/keys";
import { steps } from "../src/steps/steps";

const press = (part: object) => ({ code: "KeyA", key: "a", keyCode: 65, isComposing: false, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, target: null, ...part });

describe("single keys", () => {
  test("go by the place of the key, not its letter", () => expect(singleKey(press({ key: "ㄇ" }))).toBe("KeyA"));
  test("name the shift", () => expect(singleKey(press({ code: "Slash", key: "?", shiftKey: true }))).toBe("Shift+Slash"));
  test.each([{ isComposing: true }, { keyCode: 229 }])("belong to the input method while it composes: %o", (part) => {
    expect(composing(press(part))).toBe(true);
    expect(singleKey(press(part))).toBeNull();
  });
  test.each([{ ctrlKey: true }, { metaKey: true }, { altKey: true }])("leave combinations alone: %o", (part) => expect(singleKey(press(part))).toBeNull());
});

test("the order known before the forms are loaded is that of the forms", () => {
  expect(order).toEqual(steps.map(({ name, key }) => (key ? { name, key } : { name })));
});
