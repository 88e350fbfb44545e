"""The main job, from a grid member's phone to the closed case, each role on a device of its own."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.desk import report_by_hand, select_case, send, take

ITEM = "路灯"
TITLE = "体育馆西侧三盏路灯连着四晚不亮"
REPORT = f"{TITLE}，老人晚上出门摔过一次。"


async def _status(page: Page, text: str) -> None:
    await expect(page.locator(".matter-tags").get_by_text(text, exact=True)).to_be_visible()


async def test_from_report_to_closed(open_page: Open) -> None:
    phone = await open_page("grid1", phone=True)
    await report_by_hand(phone, ITEM, REPORT)
    tile = phone.locator(".tile", has_text=TITLE)
    await expect(tile.get_by_text("已送达")).to_be_visible()

    centre = await open_page("centre-village-officer")
    await select_case(centre, TITLE)
    await send(centre, await take(centre, "a", "acceptCase"), "受理")
    await _status(centre, "已受理")
    dialog = await take(centre, "f", "routeCase")
    await expect(dialog.get_by_role("combobox", name="承办单位")).to_have_value("县城市管理局")
    await dialog.get_by_label("办理要求").fill("请先查线路，再换灯具，办结前在现场拍照。")
    await send(centre, dialog, "分派")

    unit = await open_page("cg-officer")
    await select_case(unit, TITLE)
    await send(unit, await take(unit, "a", "signAssignment"), "签收")
    dialog = await take(unit, "e", "reportIn")
    await expect(dialog.get_by_label("报到人")).to_have_value("段春龙")
    await send(unit, dialog, "报到")
    dialog = await take(unit, "c", "completeAssignment")
    await dialog.get_by_label("办理结果").fill("更换镇流器三只，三盏灯均已亮，村民在场确认。")
    await send(unit, dialog, "办结")

    page = centre
    await page.goto("/inbox")
    await select_case(page, TITLE)
    dialog = await take(page, "v", "verifyCase")
    await dialog.get_by_role("radio", name="属实，已解决").check()
    await send(page, dialog, "核验")
    dialog = await take(page, None, "callBack")
    await dialog.get_by_role("radio", name="已联系上", exact=True).check()
    await dialog.get_by_role("radio", name=re.compile("很满意")).check()
    await send(page, dialog, "回访")
    await send(page, await take(page, None, "closeCase"), "结案")
    await page.goto(f"/cases?text={TITLE}")
    await expect(page.locator(".case-row", has_text=TITLE)).to_contain_text("已结案")
