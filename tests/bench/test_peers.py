"""The peer's function writes what reportCase writes, and the peers' views show what the service shows."""

import json
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from bench.report_case import rows_of_case, take_away
from bench.servers import PEERS, claims_of, peer_schema, token
from gridloom.config import Settings
from gridloom.db import role_url
from tests.support.county import County

pytestmark = pytest.mark.usefixtures("peers")
ROWS = {
    "case": 1, "case_grid": 4, "case_scope": 6, "clock": 1, "due": 2, "fact": 1, "idempotency_key": 1, "inbox_item": 1,
    "timeline_entry": 1,
}
"""Rows of one ordinary report from a grid of the fifth level, by table: 18."""


@pytest.fixture(scope="module")
async def peers(database: Settings, admin: asyncpg.Connection) -> AsyncIterator[None]:
    """The peers' views and functions, for these tests alone."""
    await peer_schema(database)
    yield
    await admin.execute("DROP SCHEMA peer CASCADE")


async def test_both_write_the_same_rows(county: County, admin: asyncpg.Connection, database: Settings) -> None:
    tenant = county.view.id
    began = await admin.fetchval("SELECT now()")
    answer = await county.step(
        "member", "reportCase", "case { id status }", description="路灯不亮", workItemCode="C-13",
        location={"longitude": 100.1, "latitude": 25.1},
    )
    ours = UUID(answer["case"]["id"])
    theirs = await _reported_by_peer(county, database, key="peer-1")
    assert await rows_of_case(admin, tenant, ours) == ROWS
    assert await rows_of_case(admin, tenant, theirs) == ROWS
    again = await _reported_by_peer(county, database, key="peer-1")
    assert again == theirs
    await take_away(admin, tenant, began)
    assert await rows_of_case(admin, tenant, ours) == await rows_of_case(admin, tenant, theirs) == {}


async def test_values_are_the_same_too(county: County, admin: asyncpg.Connection, database: Settings) -> None:
    """But for ids, number, times, and the tracking code's digest, which each makes in its own way."""
    answer = await county.step(
        "member", "reportCase", "case { id }", description="路灯不亮", workItemCode="C-13",
        location={"longitude": 100.1, "latitude": 25.1},
    )
    pair = [UUID(answer["case"]["id"]), await _reported_by_peer(county, database, key="peer-2")]
    own = {"id", "number", "reported_at", "tracking_hash"}
    cases = [dict(await admin.fetchrow('SELECT * FROM "case" WHERE id = $1', one)) for one in pair]
    assert [{k: v for k, v in case.items() if k not in own} for case in cases] == [
        {k: v for k, v in cases[0].items() if k not in own}] * 2
    scopes = [await admin.fetch("SELECT scope_id, kind FROM case_scope WHERE case_id = $1 ORDER BY 1", one) for one in pair]
    assert scopes[0] == scopes[1]
    query = "SELECT type, data - 'number' AS data, scopes FROM fact WHERE case_id = $1"
    facts = [await admin.fetchrow(query, one) for one in pair]
    assert (facts[0]["type"], json.loads(facts[0]["data"]), sorted(facts[0]["scopes"])) == (
        facts[1]["type"], json.loads(facts[1]["data"]), sorted(facts[1]["scopes"]))


async def test_the_peer_sees_what_the_caller_sees(county: County, admin: asyncpg.Connection, database: Settings) -> None:
    """Visibility by scopes, the county by row-level security; whoever may not report is refused."""
    made = await _reported_by_peer(county, database, key="peer-3")
    query = "SELECT id FROM peer.cases"
    for who, seen in (("member", True), ("member_west", False), ("officer_county", True)):
        connection = await _peer(county, database, who)
        assert (made in {row["id"] for row in await connection.fetch(query)}) is seen
        await connection.close()
    connection = await _peer(county, database, "admin")
    with pytest.raises(asyncpg.RaiseError, match="not permitted"):
        await connection.fetchrow("SELECT peer.report_case('k', 'x', 'C-13', $1, 100.1, 25.1)", f"{county.code}101201001")
    await connection.close()


def test_the_peers_documents_are_there() -> None:
    assert {path.name for path in PEERS.iterdir()} == {"case_list.graphql", "postgraphile.cjs", "report.sql", "schema.sql"}
    assert token({"sub": "x"}).count(".") == 2


async def _peer(county: County, database: Settings, who: str) -> asyncpg.Connection:
    """A connection of the app role with the caller's settings, as PostGraphile makes them for a request."""
    claims = claims_of(await county.actor(who))
    url = role_url(database.database_url, "app", database.secret_key).set(drivername="postgresql")
    return await asyncpg.connect(url.render_as_string(hide_password=False), server_settings={
        "gridloom.tenant": claims["tenant"], "peer.scopes": claims["scopes"], "peer.centre": claims["centre"],
        "peer.actor": claims["sub"], "peer.reports": claims["reports"], "timezone": "UTC",
    })


async def _reported_by_peer(county: County, database: Settings, key: str) -> UUID:
    connection = await _peer(county, database, "member")
    try:
        row = await connection.fetchrow(
            "SELECT (peer.report_case($1, '路灯不亮', 'C-13', $2, 100.1, 25.1)).*", key, f"{county.code}101201001"
        )
    finally:
        await connection.close()
    assert row["status"] == "REPORTED"
    found: UUID = row["id"]
    return found
