"""The demo county on a stage of its own for the whole run."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from gridloom.config import Settings
from tests.journeys.callers import World
from tests.journeys.stage import Stage, staged

CASES = 700


@pytest.fixture(scope="session")
async def stage(database: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The demo with a few hundred cases, its web process and worker running."""
    async with staged(replace(database, data_dir=tmp_path_factory.mktemp("journeys")), cases=CASES) as running:
        yield running


@pytest.fixture(scope="session")
async def world(stage: Stage) -> AsyncIterator[World]:
    """Its users."""
    met = World(stage.access, stage.url)
    yield met
    await met.close()
