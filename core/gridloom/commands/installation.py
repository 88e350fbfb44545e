"""The installation a command works on: its data folder, its servers (configured, shared or started), its settings."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gridloom import embedded, migrate, runtime
from gridloom.commands.console import err, fail
from gridloom.config import Settings
from gridloom.work import CountyView

DATA = "GRIDLOOM_DATA"


def data_folder() -> Path:
    """`.gridloom` of the present folder, or what GRIDLOOM_DATA names."""
    return Path(os.environ.get(DATA, ".gridloom")).resolve()


def tell(text: str) -> None:
    """One line about what takes its time."""
    err.print(f"[dim]… {text}[/]")


@asynccontextmanager
async def installation(progress: embedded.Progress = tell) -> AsyncIterator[Settings]:
    """Settings with the URLs of servers that answer, for the length of the block. Raises EmbeddedError.

    An embedded database is migrated; your own is when you say `gridloom migrate`.
    """
    folder, wanted = data_folder(), embedded.Wanted.from_environment()
    async with embedded.servers(folder, wanted, progress) as urls:
        settings = settings_for(urls, folder)
        if not wanted.database_url:
            await migrate.upgrade(settings)
        yield settings


@asynccontextmanager
async def service() -> AsyncIterator[runtime.Service]:
    """The service of the installation, its gate passed."""
    async with installation() as settings:
        opened = runtime.build(settings, pool_size=2)
        try:
            await runtime.start(opened)
            yield opened
        finally:
            await opened.close()


async def county_of(opened: runtime.Service, code: str) -> CountyView:
    """The county of an administrative code; the command ends when there is none."""
    county = await opened.directory.by_code(opened, code)
    if county is None:
        fail(f"There is no county {code} here: `gridloom county create {code} --divisions FILE` makes it.")
    return county


def settings_for(urls: embedded.Urls, folder: Path) -> Settings:
    """Settings from the environment, with these servers. Children started later inherit them."""
    os.environ.update(GRIDLOOM_DATABASE_URL=urls.postgres, GRIDLOOM_REDIS_URL=urls.redis, GRIDLOOM_DATA=str(folder))
    return Settings.from_environment(folder)
