"""Every page: nothing for axe-core to complain about, nothing sticking out, and light to load for the first time."""

import gzip
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Response, expect

from tests.browser.conftest import Open
from tests.browser.stage import WEB

AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
DESK_BYTES, PHONE_BYTES = 130 * 1024, 150 * 1024
Keep = Callable[[Page, str], Awaitable[None]]

PAGES = [
    pytest.param(None, False, "/sign-in", "sign-in", id="sign-in"),
    pytest.param("centre-county-officer", False, "/inbox", "inbox", id="inbox"),
    pytest.param("cg-officer", False, "/inbox", "tasks", id="tasks"),
    pytest.param("centre-village-officer", False, "/register", "register", id="register"),
    pytest.param("centre-county-officer", False, "/cases", "cases", id="cases"),
    pytest.param("centre-county-officer", False, "/mechanisms", "mechanisms", id="mechanisms"),
    pytest.param("fy-officer", False, "/plugins/court", "plugin", id="plugin"),
    pytest.param("centre-county-officer", False, "/me", "me", id="me"),
    pytest.param("grid1", True, "/phone/report", "report", id="report"),
    pytest.param("grid1", True, "/phone/tasks", "phone-tasks", id="phone-tasks"),
    pytest.param("grid1", True, "/phone/grid", "phone-grid", id="phone-grid"),
    pytest.param("grid1", True, "/phone/outbox", "phone-outbox", id="phone-outbox"),
    pytest.param("grid1", True, "/me", "phone-me", id="phone-me"),
]


async def settled(page: Page) -> None:
    """Everything asked for has come."""
    await page.wait_for_load_state("load")
    await expect(page.locator("main, .split")).not_to_have_count(0)
    await expect(page.locator(".loading, .spinner, .bone")).to_have_count(0)
    await expect(page.locator(".failure")).to_have_count(0)


async def violations(page: Page) -> list[str]:
    """What axe-core finds on the page, one line each."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = await page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
    return [f"{one['id']} ({one['impact']}): {node['html'][:160]}" for one in found for node in one["nodes"]]


async def _sticks_out(page: Page) -> int:
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize(("account", "phone", "path", "name"), PAGES)
async def test_page(
    open_page: Open, picture: Keep, account: str | None, phone: bool, path: str, name: str
) -> None:
    page = await open_page(account, phone=phone, path=path)
    await settled(page)
    await picture(page, name)
    assert await violations(page) == []
    assert await _sticks_out(page) == 0


@pytest.mark.parametrize("look", ["dark", "large"])
async def test_inbox_and_case_in_every_look(open_page: Open, picture: Keep, look: str) -> None:
    page = await open_page("centre-county-officer", path="/me")
    await page.get_by_role("switch", name={"dark": "深色", "large": "大字模式"}[look]).check()
    await page.goto("/inbox")
    await settled(page)
    await page.get_by_role("button", name="为什么").first.click()
    await expect(page.locator(".why-table")).to_be_visible()
    await picture(page, f"inbox-{look}")
    assert await violations(page) == []
    assert await _sticks_out(page) == 0


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
async def test_a_case_with_a_step_open(open_page: Open, picture: Keep, phone: bool) -> None:
    page = await open_page("centre-county-officer", path="/inbox", phone=phone)
    await page.get_by_role("option").first.click()
    await settled(page)
    await page.get_by_role("link", name="在单独页面打开").click()
    await page.wait_for_url("**/cases/*")
    await settled(page)
    await page.get_by_role("button", name="为什么").first.click()
    await expect(page.locator(".why-table")).to_be_visible()
    await picture(page, f"case-{'phone' if phone else 'desk'}")
    assert await violations(page) == []
    assert await _sticks_out(page) == 0
    await page.locator("[data-step]").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await picture(page, f"step-{'phone' if phone else 'desk'}")
    assert await violations(page) == []


def _compressed(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 6))


@pytest.mark.parametrize(
    ("account", "phone", "path", "most"),
    [("centre-county-officer", False, "/inbox", DESK_BYTES), ("grid1", True, "/phone/report", PHONE_BYTES)],
    ids=["desk", "phone"],
)
async def test_first_load_is_light(open_page: Open, account: str, phone: bool, path: str, most: int) -> None:
    """The scripts that the home page fetches on a device that was never here, compressed."""
    page = await open_page(account, phone=phone, path="/manifest.webmanifest")
    fetched: set[Path] = set()

    def note(response: Response) -> None:
        asset = WEB / "dist" / response.url.split("/", 3)[3].split("?")[0]
        if asset.is_file() and asset.suffix == ".js":
            fetched.add(asset)

    page.on("response", note)
    await page.goto(path)
    await settled(page)
    assert len(fetched) > 3
    assert sum(map(_compressed, fetched)) <= most
