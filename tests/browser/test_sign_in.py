"""Signing in as people do: typing county, account and password."""

from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.stage import Stage

WRONG = "县代码、账号或密码不正确，或验证码有误。"


async def _type(page: Page, county: str, account: str, password: str) -> None:
    await page.get_by_label("县区划代码").fill(county)
    await page.get_by_label("账号").fill(account)
    await page.get_by_label("密码").fill(password)
    await page.get_by_role("button", name="登录").click()


async def test_a_wrong_password_says_so_and_the_right_one_goes_in(open_page: Open, stage: Stage) -> None:
    person = stage.person("centre-village-officer")
    page = await open_page(path="/inbox")
    await page.wait_for_url("**/sign-in**")
    await _type(page, person["county"], person["account"], "not-the-password")
    await expect(page.get_by_role("alert")).to_have_text(WRONG)
    assert page.url.startswith(f"{stage.url}/sign-in")
    await _type(page, **person)
    await page.wait_for_url("**/inbox**")
    await expect(page.get_by_role("heading", name="收件箱", level=1)).to_be_visible()
    assert [cookie for cookie in await page.context.cookies() if not cookie.get("httpOnly")] == []


async def test_what_is_missing_is_said_before_anything_is_sent(open_page: Open, stage: Stage) -> None:
    page = await open_page(path="/sign-in")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/auth/" in request.url else None)
    await _type(page, "5329", "grid1", "x")
    await expect(page.get_by_role("alert")).to_have_text("县区划代码为 6 位数字，例如弥渡县 532925。")
    await _type(page, "532925", "", "x")
    await expect(page.get_by_role("alert")).to_have_text("请填写账号和密码。")
    assert sent == []


async def test_who_signs_out_is_out(open_page: Open) -> None:
    page = await open_page("centre-village-officer", path="/me")
    await page.get_by_role("button", name="退出登录").click()
    await page.wait_for_url("**/sign-in**")
    await page.goto("/inbox")
    await page.wait_for_url("**/sign-in**")
