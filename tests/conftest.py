"""Fixtures that every test may use: real servers, thrown away at the end."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from gridloom import embedded, migrate, runtime
from gridloom.clock import ShiftedClock
from gridloom.config import Settings
from gridloom.schema import Schemas
from tests.support.county import County, make_county
from tests.support.servers import throw_away_servers


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "database: uses PostgreSQL; runs again on the oldest supported version")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the servers, so that it can be run again on another PostgreSQL."""
    for item in items:
        if "servers" in getattr(item, "fixturenames", ()) or "embedded" in item.path.parts:
            item.add_marker("database")


@pytest.fixture(scope="session")
def servers() -> Iterator[embedded.Urls]:
    """PostgreSQL and Redis for this test run, both empty."""
    with throw_away_servers() as urls:
        yield urls


@pytest.fixture(scope="session")
def postgres_url(servers: embedded.Urls) -> str:
    """The administrator's URL of the throw-away cluster (its database `gridloom` is empty)."""
    return servers.postgres


@pytest.fixture(scope="session")
def redis_url(servers: embedded.Urls) -> str:
    """The throw-away Redis."""
    return servers.redis


@pytest.fixture(scope="session")
async def database(servers: embedded.Urls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A migrated database with its roles, and all else a process must know to use it. Shared by the whole run:
    a test makes its own county."""
    settings = Settings(
        database_url=servers.postgres,
        redis_url=servers.redis,
        secret_key=bytes(range(32)),
        data_dir=tmp_path_factory.mktemp("gridloom"),
    )
    await migrate.upgrade(settings)
    return settings


@pytest.fixture(scope="session")
async def service(database: Settings) -> AsyncIterator[runtime.Service]:
    """The running service's `Works` on that database, its gate passed."""
    made = runtime.build(database)
    await runtime.start(made)
    yield made
    await made.close()


@pytest.fixture(scope="session")
async def timed_service(database: Settings) -> AsyncIterator[runtime.Service]:
    """The same beside it, with a clock that tests move."""
    made = runtime.build(database, clock=ShiftedClock())
    await runtime.start(made)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def schemas(timed_service: runtime.Service) -> Schemas:
    """Schemas by plugin set, kept for the whole run."""
    return Schemas(timed_service.host)


@pytest.fixture
def clock(timed_service: runtime.Service) -> ShiftedClock:
    """The service's clock, at the present again for each test."""
    moved = timed_service.clock
    assert isinstance(moved, ShiftedClock)
    moved.offset = timedelta()
    return moved


@pytest.fixture
async def county(timed_service: runtime.Service, schemas: Schemas, clock: ShiftedClock) -> County:
    """A fresh small county with people of every role."""
    return await make_county(timed_service, schemas)
