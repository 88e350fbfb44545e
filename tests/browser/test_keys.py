"""Single keys, and that they never take what an input method is composing."""

from playwright.async_api import Page, expect

from tests.browser.conftest import Open

PRESS = """({code, key, composing, keyCode}) => {
  const event = new KeyboardEvent("keydown", {code, key, keyCode, isComposing: composing, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(event);
  return event.defaultPrevented;
}"""


async def _press(page: Page, code: str, *, composing: bool = False, key_code: int = 0) -> bool:
    """Dispatch one key as an input method does; whether the page took it."""
    detail = {"code": code, "key": "Process", "composing": composing, "keyCode": key_code}
    return bool(await page.evaluate(PRESS, detail))


async def _selected(page: Page) -> str:
    return str(await page.locator("[role=option][aria-selected=true]").get_attribute("aria-posinset"))


async def test_an_input_method_composing_moves_and_opens_nothing(open_page: Open) -> None:
    page = await open_page("centre-county-officer", path="/inbox")
    await expect(page.locator("[data-step]").first).to_be_visible()
    before = await _selected(page)
    for code in ("KeyJ", "KeyA", "KeyF", "KeyW", "Slash"):
        assert await _press(page, code, composing=True) is False
        assert await _press(page, code, key_code=229) is False
    assert await _selected(page) == before
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert await _press(page, "KeyJ") is True
    await expect(page.locator("[role=option][aria-selected=true]")).to_have_attribute("aria-posinset", str(int(before) + 1))


async def test_moving_the_cheat_sheet_and_the_palette(open_page: Open) -> None:
    page = await open_page("centre-county-officer", path="/inbox")
    await expect(page.locator("[data-step]").first).to_be_visible()
    assert await _selected(page) == "1"
    for key, place in (("j", "2"), ("k", "1")):
        await page.keyboard.press(key)
        await expect(page.locator("[role=option][aria-selected=true]")).to_have_attribute("aria-posinset", place)
    await page.keyboard.press("Shift+Slash")
    await expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox").fill("机制")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/mechanisms")


async def test_letters_typed_into_a_field_are_letters(open_page: Open) -> None:
    page = await open_page("centre-village-officer", path="/register")
    await page.get_by_label("情况").press_sequentially("jkawr/?")
    await expect(page.get_by_label("情况")).to_have_value("jkawr/?")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_keys_can_be_turned_off(open_page: Open) -> None:
    page = await open_page("centre-village-officer", path="/me")
    await page.get_by_role("switch", name="单键快捷键").uncheck()
    await page.goto("/inbox")
    await expect(page.locator("[data-step]").first).to_be_visible()
    await page.keyboard.press("j")
    assert await _selected(page) == "1"
    await expect(page.locator("[data-step] kbd")).to_have_count(0)
