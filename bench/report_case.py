"""P2: a report with its whole pipeline, beside PostGraphile writing the same rows, and beside its bare insert of two."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from bench import plugins
from bench.floor import Sent, listed, listening
from bench.load import FRESH
from bench.measure import WARM_SECONDS, Measured, Side, measure, requesting, table
from bench.multiply import HISTORY
from bench.people import actors
from bench.profiled import begin_in, read
from bench.result import Bar, Cell, Options, Result, Table, Void
from bench.servers import Server, claims_of, gridloom, peer_version, postgraphile
from bench.world import World, say
from gridloom.demo.build import MIDU
from gridloom.tables import metadata

NAME = "P2"
ITEM = "C-13"
PLACES = 64
"""How many different places are reported from."""
REPORT = (
    "mutation($input: ReportCaseInput!) { reportCase(input: $input) "
    "{ case { id number status } replayed problems { code message } } }"
)
PEER = "mutation($input: ReportCaseInput!) { reportCase(input: $input) { reported { id number status } } }"
BARE = (
    "mutation($case: CreateNewCaseInput!, $entry: CreateNewEntryInput!) "
    "{ createNewCase(input: $case) { newCase { id number status } } createNewEntry(input: $entry) { newEntry { id } } }"
)
OURS, SAME_ROWS, TWO_ROWS = "Gridloom", "PostGraphile 4, the same rows", "PostGraphile 4, bare insert of two"
WRITTEN = (*HISTORY, "case_grid", "inbox_item")
"""Tables from which the reports of a run are taken away again."""


async def run(world: World, options: Options) -> Result:
    """Measure with five plugins on; the reports are taken away again afterwards. Raises `Void`."""
    logins = world.logins("grid_member")
    members = await actors(world, logins)
    places = await places_of(world)
    async with plugins.installed(world) as site, tidied(world):
        statements = await _statements(world, logins, places, [site])
        async with (
            gridloom(world, logins, path=[site]) as ours,
            postgraphile(world, [claims_of(member) for member in members]) as theirs,
        ):
            sides = [
                ours_side(world, ours, places, options),
                requesting(world, theirs, _requests(theirs, [_peer_body(place) for place in places]), options,
                           must='"REPORTED"', name=SAME_ROWS),
                requesting(world, theirs, _requests(theirs, [_bare_body(world, place) for place in places]), options,
                           must='"REPORTED"', name=TWO_ROWS),
            ]
            rows = {side.name: await rows_of(world, side) for side in sides}
            if rows[OURS] != rows[SAME_ROWS]:
                raise Void(f"the sides write different rows: {rows}")
            say(f"both write {rows[OURS]}")
            found = await measure(sides, options)
        samples = world.folder / "profile-P2.json"
        async with gridloom(world, logins, path=[site], profile=samples) as sampled:
            side = ours_side(world, sampled, places, options)
            await side.shoot(WARM_SECONDS)
            begin_in(sampled.pid)
            await side.shoot(options.seconds)
    return _result(world, found, rows, statements, read(samples))


def ours_side(world: World, server: Server, places: Sequence[Mapping[str, Any]], options: Options, name: str = OURS) -> Side:
    """Reports from many places, each with a key of its own."""
    return requesting(world, server, _requests(server, [report_body(place) for place in places]), options,
                      must='"problems":[]', name=name)


def report_body(place: Mapping[str, Any], key: str = FRESH.decode()) -> str:
    """A report with a point, as a phone sends it."""
    point = {"longitude": place["longitude"], "latitude": place["latitude"]}
    given = {"key": key, "description": f"路灯不亮，{place['name']}", "workItemCode": ITEM, "location": point}
    return json.dumps({"query": REPORT, "variables": {"input": given}})


def _peer_body(place: Mapping[str, Any], key: str = FRESH.decode()) -> str:
    """The same report; the function is told the grid, it need not find it."""
    given = {
        "key": key, "description": f"路灯不亮，{place['name']}", "workItemCode": ITEM, "gridCode": place["code"],
        "longitude": place["longitude"], "latitude": place["latitude"],
    }
    return json.dumps({"query": PEER, "variables": {"input": given}})


def _bare_body(world: World, place: Mapping[str, Any]) -> str:
    """A case and a line of its timeline, everything else already known to the client."""
    case = {
        "id": FRESH.decode(), "title": "路灯", "description": f"路灯不亮，{place['name']}", "severity": "LOW",
        "itemVersionId": str(place["item"]), "serviceLevelId": str(place["level"]), "gridId": str(place["id"]),
        "path": [str(one) for one in place["path"]], "centreId": str(place["centre"]),
        "longitude": place["longitude"], "latitude": place["latitude"],
    }
    variables = {"case": {"newCase": case}, "entry": {"newEntry": {"caseId": FRESH.decode()}}}
    return json.dumps({"query": BARE, "variables": variables})


def _requests(server: Server, bodies: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"headers": dict(server.headers[number % len(server.headers)]), "body": body} for number, body in enumerate(bodies)
    ]


async def places_of(world: World) -> list[dict[str, Any]]:
    """Grids of the fifth level all over the county, each with a point inside it and what a client may know of it."""
    connection = await world.admin()
    try:
        rows = await connection.fetch(
            "SELECT g.id, g.code, g.name, g.path, b.longitude, b.latitude, o.id AS centre, s.id AS level, w.id AS item "
            "FROM grid g JOIN grid_boundary b ON b.tenant_id = g.tenant_id AND b.grid_id = g.id "
            "JOIN LATERAL (SELECT id FROM organization o WHERE o.tenant_id = g.tenant_id AND o.kind = 'CENTRE' "
            "AND o.grid_id = ANY (g.path) ORDER BY o.level DESC LIMIT 1) o ON true "
            "JOIN service_level s ON s.tenant_id = g.tenant_id AND s.valid_to IS NULL "
            "JOIN work_item_version w ON w.tenant_id = g.tenant_id AND w.code = $2 AND w.valid_to IS NULL "
            "WHERE g.tenant_id = $1 AND g.level = 5 AND g.ended_at IS NULL ORDER BY md5(g.code) LIMIT $3",
            await world.tenant(), ITEM, PLACES,
        )
    finally:
        await connection.close()
    return [dict(row) for row in rows]


@asynccontextmanager
async def tidied(world: World) -> AsyncIterator[None]:
    """Whatever is reported in the block is taken away at its end, so that the world stays as it was built."""
    connection = await world.admin()
    tenant = await world.tenant()
    try:
        began = await connection.fetchval("SELECT now()")
        yield
        await take_away(connection, tenant, began)
    finally:
        await connection.close()


async def take_away(connection: asyncpg.Connection, tenant: UUID, since: datetime) -> None:
    """Delete the cases reported since then with all they carry, and what waits to be done about them."""
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(
            'CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT id FROM "case" WHERE tenant_id = $1 AND reported_at >= $2',
            tenant, since,
        )
        for name, child in (("fact", "fact"), ("clock", "clock")):
            await connection.execute(
                f"DELETE FROM due WHERE tenant_id = $1 AND kind = '{name}' AND id IN "
                f"(SELECT id FROM {child} WHERE tenant_id = $1 AND case_id IN (SELECT id FROM gone))", tenant,
            )
        await connection.execute("DELETE FROM idempotency_key WHERE tenant_id = $1 AND at >= $2", tenant, since)
        for name in reversed(WRITTEN):
            if "case_id" in metadata.tables[name].c:
                await connection.execute(
                    f'DELETE FROM "{name}" WHERE tenant_id = $1 AND case_id IN (SELECT id FROM gone)', tenant
                )
        await connection.execute('DELETE FROM "case" WHERE tenant_id = $1 AND id IN (SELECT id FROM gone)', tenant)


async def rows_of_case(connection: asyncpg.Connection, tenant: UUID, case_id: UUID) -> dict[str, int]:
    """How many rows one case has in each table, what waits to be done about it and the key's memory included."""
    found = {}
    for name, columns in ((one.name, one.c) for one in metadata.sorted_tables):
        if "case_id" in columns or name == "case":
            query = f'SELECT count(*) FROM "{name}" WHERE tenant_id = $1 AND {"id" if name == "case" else "case_id"} = $2'
            found[name] = await connection.fetchval(query, tenant, case_id)
    found["due"] = await connection.fetchval(
        "SELECT count(*) FROM due WHERE tenant_id = $1 AND id IN (SELECT id FROM fact WHERE tenant_id = $1 AND case_id = $2 "
        "UNION ALL SELECT id FROM clock WHERE tenant_id = $1 AND case_id = $2)", tenant, case_id,
    )
    found["idempotency_key"] = await connection.fetchval(
        "SELECT count(*) FROM idempotency_key WHERE tenant_id = $1 AND result->>'case' = $2", tenant, str(case_id)
    )
    return {name: count for name, count in sorted(found.items()) if count}


async def rows_of(world: World, side: Side) -> dict[str, int]:
    """How many rows one request of this side leaves in each table: counted by the database over a short shot."""
    before = await _inserted(world)
    shot = await side.shoot(1.0)
    after = await _inserted(world)
    grown = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    each = {name: count / shot.answers for name, count in grown.items() if name not in ("number_block", "session")}
    odd = {name: count for name, count in each.items() if count != round(count)}
    if odd:
        raise Void(f"{side.name} leaves {odd} rows a request")
    return {name: round(count) for name, count in sorted(each.items()) if count}


async def _inserted(world: World) -> dict[str, int]:
    """Rows ever inserted by table. A backend that idles tells what it did after ten seconds."""
    connection = await world.admin()
    try:
        await connection.execute("SELECT pg_sleep(11)")
        rows = await connection.fetch("SELECT relname, n_tup_ins FROM pg_stat_user_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    return {row["relname"]: row["n_tup_ins"] for row in rows}


async def _statements(
    world: World, logins: Sequence[str], places: Sequence[Mapping[str, Any]], path: Sequence[Path]
) -> list[Sent]:
    """What one report sends to the database once the server is warm."""
    async with listening(world) as log, gridloom(world, logins[:1], path=path) as server:
        before = 0
        for place in places[:4]:
            before = len(log.sent())
            async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
                answer = await client.post(
                    f"http://127.0.0.1:{server.port}{server.path}", content=report_body(place, str(uuid4())),
                    headers={"content-type": "application/json", **server.headers[0]},
                )
            if answer.status_code != 200 or "errors" in answer.json():
                raise Void(f"a report was answered {answer.status_code}: {answer.text[:600]}")
        return log.sent()[before:]


def _result(
    world: World, found: Mapping[str, Measured], rows: Mapping[str, Mapping[str, int]], statements: Sequence[Sent],
    where: Table,
) -> Result:
    ours, same, bare = (found[name].of("cpu") for name in (OURS, SAME_ROWS, TWO_ROWS))
    names = sorted({name for each in rows.values() for name in each})
    written: list[list[Cell]] = [[name, *(rows[side].get(name, 0) for side in found)] for name in names]
    return Result(
        name=NAME,
        work=f"reportCase, {len(statements)} statements, {sum(rows[OURS].values())} rows, five plugins on, 32 connections, "
             f"{world.wanted.cases:,} cases in county {MIDU}: CPU of server and PostgreSQL",
        unit="ms a request", ours=round(ours, 3), beside={SAME_ROWS: round(same, 3), TWO_ROWS: round(bare, 3)},
        ratio={
            f"CPU, ours / {SAME_ROWS}": round(ours / same, 2), f"CPU, ours / {TWO_ROWS}": round(ours / bare, 2),
            f"requests/s, ours / {SAME_ROWS}": round(found[OURS].of("per_second") / found[SAME_ROWS].of("per_second"), 2),
        },
        bars=(
            Bar("must", f"≤ 2 × the CPU of {SAME_ROWS} (measured {ours / same:.2f} ×)", ours <= 2 * same),
            Bar("goal", f"≤ the CPU of {TWO_ROWS} (measured {ours / bare:.2f} ×)", ours <= bare),
        ),
        tables=(
            table("Medians", found),
            Table("Rows that one request writes", ("table", *found), written),
            listed(statements), where,
        ),
        notes=(
            f"PostGraphile {peer_version()}. Its function is told the grid (ours finds it by the point among 1,038 boundaries), "
            "adds two hours where ours counts working hours by the county's calendar, makes no tracking code that can be "
            "given again, and takes a number from a sequence. It checks a setting for the permission and "
            "remembers the key, as ours does.",
            "Five plugins are on and four of them guard reportCase; a service that asks plugins only about cases that stand "
            "already does not ask them here, and then their cost is that of being there.",
            "Delivery of the fact, the audit chain and the roll-ups are the worker's: they are in no side's figures.",
            f"The bare insert leaves {sum(rows[TWO_ROWS].values())} rows, and every id in it comes from the client.",
            f"Measured {datetime.now(UTC).date().isoformat()}; the reports are deleted afterwards.",
        ),
    )
