"""A grid member's phone: reporting without signal, and that nothing is sent twice."""

from typing import Any

from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.desk import report_by_hand

MINE = "query($text: String!) { cases(first: 50, filter: {text: $text}) { nodes { number description } } }"


async def _cases(page: Page, text: str) -> list[Any]:
    """What the server holds with this text, as the page's own user sees it."""
    answer = await page.context.request.post("/graphql", data={"query": MINE, "variables": {"text": text}})
    body = await answer.json()
    assert "errors" not in body, body
    return list(body["data"]["cases"]["nodes"])


async def _fits(page: Page) -> None:
    """Nothing sticks out at the side."""
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, f"{wide} px too wide"


async def test_a_report_without_signal_arrives_exactly_once(open_page: Open) -> None:
    text = "大桥头护栏被撞断两米，已拉警戒带"
    page = await open_page("grid1", phone=True)
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await page.reload()
    await expect(page.get_by_role("heading", name="上报事件")).to_be_visible()
    await page.context.set_offline(True)
    await expect(page.get_by_text("离线", exact=True)).to_be_visible()
    await report_by_hand(page, "路灯", text, send="存到本机，有信号时自动上报")
    tile = page.locator(".tile", has_text=text)
    await expect(tile.get_by_text("等待信号，已存本机")).to_be_visible()
    await expect(page.locator(".offline-line")).to_have_text("等待信号，1 件已存本机")
    await page.reload()
    await expect(tile.get_by_text("等待信号，已存本机")).to_be_visible()
    await _fits(page)
    await page.context.set_offline(False)
    await expect(tile.get_by_text("已送达")).to_be_visible(timeout=30_000)
    assert [case["description"] for case in await _cases(page, text)] == [text]


async def test_an_answer_that_was_lost_makes_no_second_case(open_page: Open) -> None:
    text = "卫生院门口下水井盖缺一块，已用木板遮住"
    page = await open_page("grid1", phone=True)
    lost: list[str] = []

    async def lose_the_first_answer(route: Any) -> None:
        if '"workItemCode"' in (route.request.post_data or "") and not lost:
            answer = await route.fetch()
            lost.append((await answer.json())["data"]["reportCase"]["case"]["number"])
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await page.route("**/graphql", lose_the_first_answer)
    await report_by_hand(page, "路灯", text)
    tile = page.locator(".tile", has_text=text)
    await expect(tile.get_by_text("已送达")).to_be_visible(timeout=30_000)
    await expect(tile.get_by_text(lost[0])).to_be_visible()
    assert [case["number"] for case in await _cases(page, text)] == lost


async def test_a_draft_survives_the_page(open_page: Open) -> None:
    text = "正写到一半的情况"
    page = await open_page("grid2", phone=True)
    await page.get_by_label("情况").fill(text)
    await page.wait_for_function("() => new Promise(done => setTimeout(() => done(true), 300))")
    await page.reload()
    await expect(page.get_by_label("情况")).to_have_value(text)
    await page.get_by_role("button", name="上报", exact=True).tap()
    await expect(page.get_by_role("alert")).to_have_text("请先选择事项")
    assert await _cases(page, text) == []


async def test_every_page_of_the_phone_fits(open_page: Open) -> None:
    page = await open_page("grid1", phone=True)
    for link, heading in (("待办", "待办"), ("我的网格", None), ("我的", None), ("上报", "上报事件")):
        await page.get_by_role("navigation", name="主导航").get_by_role("link", name=link, exact=True).tap()
        if heading:
            await expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        await expect(page.locator(".loading")).to_have_count(0)
        await _fits(page)
