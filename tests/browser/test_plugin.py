"""The court's page: drawn from the plugin's typed nodes, its form filled and sent as the court does."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from tests.browser.conftest import Open

REASON = "邻里排水纠纷，标的不大，双方同住一个村，适合先行调解。"


async def test_the_court_hands_over_and_the_page_shows_it(open_page: Open) -> None:
    page = await open_page("fy-officer", path="/mechanisms")
    await page.get_by_role("link", name="联调（诉前委派调解）").click()
    await page.wait_for_url("**/plugins/court**")
    await expect(page.get_by_role("heading", name="联调（诉前委派调解）", level=1)).to_be_visible()
    await page.get_by_role("button", name="移送", exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="移送", exact=True).click()
    await expect(page.locator(".dialog .field-error").first).to_have_text("请填写接收单位")
    unit = dialog.get_by_role("combobox", name="接收单位")
    await unit.fill("文笔社区人民调解委员会")
    await page.get_by_role("option", name="文笔社区人民调解委员会").first.click()
    await dialog.get_by_label("移送事由").fill(REASON)
    await dialog.get_by_role("radio", name="相邻关系").check()
    received = datetime.now(UTC) - timedelta(days=3)
    for part, value in (("year", f"{received:%Y}"), ("month", f"{received:%m}"), ("day", f"{received:%d}")):
        await dialog.locator(f".date-segment[data-type={part}]").press_sequentially(value)
    await dialog.get_by_role("switch", name="原告同意诉前调解").check()
    await dialog.get_by_role("switch", name="被告同意诉前调解").check()
    await dialog.get_by_role("button", name="移送", exact=True).click()
    await expect(dialog).to_be_hidden()
    await page.wait_for_url("**matter=**")
    await expect(page.locator("main")).to_contain_text(REASON)
    await expect(page.locator("main")).to_contain_text("文笔社区人民调解委员会")


async def test_the_circuit_points_have_their_own_page(open_page: Open) -> None:
    page = await open_page("fy-officer", path="/plugins/court")
    await page.get_by_role("link", name="进乡镇（巡回审判点）").click()
    await expect(page.get_by_role("heading", name="进乡镇（巡回审判点）", level=1)).to_be_visible()
    await expect(page.get_by_role("link", name="进乡镇（巡回审判点）")).to_have_attribute("aria-current", "page")
    await expect(page.locator(".node-stat").get_by_text("启用审判点")).to_be_visible()
    await expect(page.get_by_role("button", name="拟设")).to_be_visible()
