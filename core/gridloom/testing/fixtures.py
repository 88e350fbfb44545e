"""Fixtures for authors. In a plugin's conftest.py: `from gridloom.testing.fixtures import trial, trial_servers` and a
fixture `plugins` that returns the plugin's module in a list."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from gridloom import embedded
from gridloom.config import Settings
from gridloom.testing.county import SECRET, Trial


@pytest.fixture(scope="session")
def trial_servers() -> Iterator[embedded.Urls]:
    """PostgreSQL and Redis of this run alone, thrown away at its end."""
    folder = Path(tempfile.mkdtemp(prefix="gridloom-trial-"))
    folder.chmod(0o711)
    try:
        with embedded.servers_sync(folder, embedded.Wanted(durable=False)) as urls:
            yield urls
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def trial(
    trial_servers: embedded.Urls, plugins: Sequence[object], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Trial]:
    """An installation with the plugins under test; make counties in it with `await trial.county("key")`."""
    settings = Settings(trial_servers.postgres, trial_servers.redis, SECRET, tmp_path_factory.mktemp("gridloom"))
    async with Trial.open(settings, plugins) as opened:
        yield opened
