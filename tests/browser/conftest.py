"""A real Chromium, driven by Playwright. Without one these tests fail and say what to do."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.support.chromium import chromium

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 768}
PICTURES = "GRIDLOOM_PICTURES"
"""Folder to keep pictures of the pages in, for people to look at."""


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for the run."""
    async with async_playwright() as driver:
        opened = await driver.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        await opened.close()


async def _page(browser: Browser, viewport: dict[str, int], *, touch: bool) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport=viewport, has_touch=touch, is_mobile=touch, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    await context.close()
    assert faults == [], "the page threw errors"


@pytest.fixture
async def desk(browser: Browser) -> AsyncIterator[Page]:
    """A page 1366 px wide, signed out. Script errors on it fail the test."""
    async for page in _page(browser, DESK, touch=False):
        yield page


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[Page]:
    """A page 390 px wide with touch, signed out. Script errors on it fail the test."""
    async for page in _page(browser, PHONE, touch=True):
        yield page


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> object:
    """`await picture(page, name)` keeps a picture when GRIDLOOM_PICTURES names a folder."""

    async def keep(page: Page, name: str) -> None:
        folder = os.environ.get(PICTURES)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return keep
