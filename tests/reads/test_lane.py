"""The lane of compiled reads: one county at a time, read only, left clean whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from gridloom.config import Settings
from gridloom.db import role_url
from gridloom.ids import uuid7
from gridloom.lane import ReadLane
from tests.support.county import County

COUNTED = "SELECT count(*)::text FROM organization"
TENANT = "SELECT current_setting('gridloom.tenant')"


@pytest.fixture
async def lane(database: Settings) -> AsyncIterator[ReadLane]:
    """A lane of one connection: what one read leaves behind, the next would meet."""
    made = ReadLane(role_url(database.database_url, "app", database.secret_key), 1)
    yield made
    await made.close()


async def read(lane: ReadLane, tenant: UUID, statement: str, *values: object) -> str:
    return await lane.fetch(tenant, statement, values, generic=True)


async def test_it_reads_one_county_and_leaves_none(lane: ReadLane, county: County) -> None:
    own = county.view.id
    assert await read(lane, own, TENANT) == str(own)
    assert int(await read(lane, own, COUNTED)) > 5
    assert await read(lane, uuid7(), COUNTED) == "0"


async def test_it_cannot_write(lane: ReadLane, county: County) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await read(lane, county.view.id, "WITH gone AS (DELETE FROM case_grid RETURNING 1) SELECT count(*)::text FROM gone")
    assert int(await read(lane, county.view.id, COUNTED)) > 5


async def test_a_failed_statement_leaves_the_connection_usable(lane: ReadLane, county: County) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        await read(lane, county.view.id, "SELECT (1 / $1::int)::text", 0)
    assert await read(lane, county.view.id, "SELECT (6 / $1::int)::text", 2) == "3"


async def test_a_statement_that_takes_too_long_is_ended_in_the_database(
    lane: ReadLane, county: County, database: Settings
) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await read(lane, county.view.id, "SELECT pg_sleep(30)::text || $1", "slow lane")
    admin = await asyncpg.connect(database.database_url.replace("+asyncpg", ""))
    try:
        for _ in range(50):
            running = await admin.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(30)%' AND state = 'active'"
            )
            if not running:
                break
            await asyncio.sleep(0.1)
    finally:
        await admin.close()
    assert running == 0
    assert await read(lane, county.view.id, TENANT) == str(county.view.id)


@pytest.mark.parametrize(("generic", "expected"), [(True, "force_generic_plan"), (False, "force_custom_plan")])
async def test_it_says_how_to_plan(lane: ReadLane, county: County, generic: bool, expected: str) -> None:
    found = await lane.fetch(county.view.id, "SELECT current_setting('plan_cache_mode')", (), generic=generic)
    assert found == expected
