"""A small county with a history, and what the bench makes of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from dataclasses import replace as changed
from uuid import UUID

import asyncpg
import pytest

from bench import clone, multiply
from gridloom import embedded, migrate, runtime
from gridloom.clock import ShiftedClock
from gridloom.config import Settings
from gridloom.demo.history import write_history
from gridloom.schema import Schemas
from tests.support.demo import small_county
from tests.support.servers import own_database

PLACES = (20, 21)
"""Which codes the clones get: none that another test uses."""
CASES = 90
WANTED = 200


@dataclass(frozen=True)
class Grown:
    """The county whose history was multiplied, as it was before; its clones; how many cases it has now."""

    tenant: UUID
    before: dict[str, int]
    clones: tuple[UUID, ...]
    cases: int


@pytest.fixture(scope="session")
async def database(servers: embedded.Urls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A database of its own: the county multiplied here is one that other tests furnish too."""
    url = await own_database(servers.postgres, "gridloom_bench")
    settings = Settings(url, servers.redis, bytes(range(32)), tmp_path_factory.mktemp("bench"))
    await migrate.upgrade(settings)
    return settings


@pytest.fixture(scope="session")
async def service(database: Settings) -> AsyncIterator[runtime.Service]:
    """The service on that database."""
    made = runtime.build(database)
    await runtime.start(made)
    yield made
    await made.close()


@pytest.fixture(scope="session")
async def timed_service(database: Settings) -> AsyncIterator[runtime.Service]:
    """The same with a clock that tests move: counties of these tests live in this database too."""
    made = runtime.build(database, clock=ShiftedClock())
    await runtime.start(made)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def schemas(timed_service: runtime.Service) -> Schemas:
    """Schemas by plugin set."""
    return Schemas(timed_service.host)


@pytest.fixture(scope="session")
async def admin(database: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection."""
    connection = await asyncpg.connect(database.database_url, server_settings={"timezone": "UTC"})
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def grown(service: runtime.Service, admin: asyncpg.Connection) -> Grown:
    """A furnished county with some weeks of life, cloned twice, then multiplied."""
    plan, place = await small_county(service)
    plan = changed(plan, cases=CASES)
    await write_history(
        service, place.tenant, plan.grids, plan.people, place.shapes, place.people, plan.cases, lambda _text, _done: None
    )
    before = await counts(admin, place.tenant)
    original = await clone.read(admin, place.tenant)
    clones = tuple([await clone.clone(service, admin, original, number) for number in PLACES])
    cases = await multiply.multiply(admin, place.tenant, WANTED, lambda _text: None)
    return Grown(place.tenant, before, clones, cases)


async def counts(connection: asyncpg.Connection, tenant: UUID) -> dict[str, int]:
    """Rows of a county by table, but for what no clone gets."""
    names = [
        row["table_name"] for row in await connection.fetch(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id'"
        )
    ]
    return {
        name: await connection.fetchval(f'SELECT count(*) FROM "{name}" WHERE tenant_id = $1', tenant)
        for name in sorted(set(names) - clone.LEFT_OUT)
    }
