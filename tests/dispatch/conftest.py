"""A running service on real servers, and a fresh small county for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gridloom.clock import ShiftedClock
from gridloom.config import Settings
from gridloom.migrate import upgrade
from gridloom.runtime import Service, build, start
from gridloom.schema import Schemas
from tests.support.county import County, make_county


@pytest.fixture(scope="session")
def settings(postgres_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(postgres_url, redis_url, b"\x07" * 32, Path(tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="session")
async def service(settings: Settings) -> AsyncIterator[Service]:
    await upgrade(settings)
    running = build(settings, clock=ShiftedClock())
    await start(running)
    yield running
    await running.close()


@pytest.fixture(scope="session")
def schemas(service: Service) -> Schemas:
    return Schemas(service.host)


@pytest.fixture
def clock(service: Service) -> ShiftedClock:
    clock = service.clock
    assert isinstance(clock, ShiftedClock)
    clock.offset = clock.offset * 0
    return clock


@pytest.fixture
async def county(service: Service, schemas: Schemas, clock: ShiftedClock) -> County:
    return await make_county(service, schemas)
