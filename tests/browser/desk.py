"""What people do at a desk, from the keyboard: opening a step by its key, filling its form, sending it."""

import re

from playwright.async_api import Locator, Page, expect


async def report_by_hand(page: Page, item: str, description: str, *, send: str = "上报") -> None:
    """A grid member's report in five taps; `page` shows the report page."""
    await page.get_by_role("button", name=re.compile(r"^全部 \d+ 项$")).tap()
    await page.get_by_role("searchbox").fill(item)
    await page.locator(".item-list button").first.tap()
    await page.get_by_label("情况").fill(description)
    await page.locator(".submit-bar").get_by_role("button", name=send).tap()


async def select_case(page: Page, title: str) -> None:
    """Select an inbox row by its title, walking down from the keyboard until it is in sight."""
    row = page.get_by_role("option").filter(has_text=title)
    await expect(page.get_by_role("option").first).to_be_visible()
    box = page.get_by_role("listbox")
    for _ in range(40):
        if await row.count():
            break
        await box.evaluate("box => box.scrollBy(0, box.clientHeight)")
        await page.wait_for_timeout(100)
    await row.first.click()
    await expect(page.locator(".matter h2").first).to_contain_text(title)


async def take(page: Page, key: str | None, step: str) -> Locator:
    """Open a step, by its single key where it has one; its dialog."""
    button = page.locator(f"[data-step={step}]")
    await expect(button).to_be_visible()
    if key is None:
        await button.click()
    else:
        await page.keyboard.press(key)
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    return dialog


async def send(page: Page, dialog: Locator, word: str) -> None:
    """Send the form; the server took it, and the line that says so names the step."""
    await dialog.get_by_role("button", name=word, exact=True).click()
    await expect(dialog).to_be_hidden()
    await expect(page.locator(".toast").last).to_contain_text(f"{word}已完成")
