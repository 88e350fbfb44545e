"""A real Chromium, driven by Playwright, at a real server. Without a Chromium these tests fail and say what to do."""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from gridloom.config import Settings
from tests.browser.stage import Stage, staged
from tests.support.chromium import chromium

PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1366, height=768)
PATIENCE_MS = 15_000
PICTURES = "GRIDLOOM_PICTURES"
RUNNING = "GRIDLOOM_BROWSER_DEMO"
"""The demo-access.json of a demo that runs already, to write tests against without building one each time."""

Open = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The demo county, served. Tests may work in it; each with cases of its own."""
    running = os.environ.get(RUNNING)
    if running:
        access = json.loads(Path(running).read_text(encoding="utf-8"))
        yield Stage(access["url"], access)
        return
    servers = request.getfixturevalue("servers")
    settings = Settings(servers.postgres, servers.redis, bytes(range(32)), tmp_path_factory.mktemp("browser"))
    async with staged(settings) as made:
        yield made


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for the run."""
    async with async_playwright() as driver:
        opened = await driver.chromium.launch(
            executable_path=chromium(), args=[
                "--no-sandbox", "--disable-dev-shm-usage",
                # A microphone that hums, and nobody who has to allow it.
                "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
            ],
        )
        yield opened
        await opened.close()


@pytest.fixture
async def open_page(browser: Browser, stage: Stage) -> AsyncIterator[Open]:
    """`await open_page("grid1", phone=True)`: somebody's page, signed in (nobody's without a name). Each is another
    device. Script errors on any of them fail the test."""
    faults: list[str] = []
    async with AsyncExitStack() as stack:

        async def make(account: str | None = None, *, phone: bool = False, path: str = "/") -> Page:
            context = await browser.new_context(
                base_url=stage.url, viewport=PHONE if phone else DESK, has_touch=phone, is_mobile=phone,
                locale="zh-CN", timezone_id="Asia/Shanghai",
            )
            stack.push_async_callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            page = await context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            if account is not None:
                answer = await context.request.post("/auth/sign-in", data=stage.person(account))
                assert answer.ok, await answer.text()
            await page.goto(path)
            return page

        yield make
    assert faults == [], "a page threw errors"


@pytest.fixture
def picture() -> Callable[[Page, str], Awaitable[None]]:
    """`await picture(page, name)` keeps a picture when GRIDLOOM_PICTURES names a folder, for people to look at."""

    async def keep(page: Page, name: str) -> None:
        folder = os.environ.get(PICTURES)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            await page.screenshot(path=Path(folder) / f"{name}.png")

    return keep
