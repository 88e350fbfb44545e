"""A real PostgreSQL and a real Redis without a server to install: configured URL, else the machine's own programs,
else the wheels of the `embedded` extra. Data live in the data folder and survive restarts."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from gridloom.embedded.errors import EmbeddedError
from gridloom.embedded.launcher import Progress, Running, Urls, Wanted, is_running, reset, start
from gridloom.embedded.postgres import empty_database

__all__ = [
    "EmbeddedError", "Progress", "Running", "Urls", "Wanted", "empty_database", "is_running", "reset", "servers",
    "servers_sync", "start",
]  # fmt: skip


@asynccontextmanager
async def servers(
    data_dir: Path, wanted: Wanted | None = None, progress: Progress = lambda text: None
) -> AsyncIterator[Urls]:
    """PostgreSQL and Redis for the length of the block; see `start`. Cancelling it ends what had begun to start."""
    starting = asyncio.ensure_future(asyncio.to_thread(start, data_dir, wanted, progress))
    try:
        running = await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.to_thread((await starting).stop)
        raise
    try:
        yield running.urls
    finally:
        await asyncio.to_thread(running.stop)


@contextmanager
def servers_sync(
    data_dir: Path, wanted: Wanted | None = None, progress: Progress = lambda text: None
) -> Iterator[Urls]:
    """The same for code that is not asynchronous, such as test fixtures."""
    running = start(data_dir, wanted, progress)
    try:
        yield running.urls
    finally:
        running.stop()
