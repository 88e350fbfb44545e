"""P3: a leader's overview, the map of every grid, a quarter's appraisal; beside the same by plain SQL over all rows.

The pages are asked for over HTTP by signed-in leaders. That their cost does not grow with history is measured between two
counties of the world that differ in nothing but how long their history is, and once more with the main county's figures
multiplied to what ten times its history leaves behind.
"""

import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import asyncpg

from bench.case_list import ask
from bench.measure import Measured, measure, over_http, table
from bench.result import Bar, Options, Result, Table, Void
from bench.servers import Server, gridloom, sign_in
from bench.world import World, say
from gridloom import runtime
from gridloom.demo.build import MIDU
from gridloom.insight.codes import quarter_of
from gridloom.insight.service import count, rebuild

NAME = "P3"
LOGIN = "leader-county"
CALLERS = 2
"""A wall and a leader's phone; the bar is how long one waits, not how many can be served."""
TIMES = 10
MOST_P95, MOST_GROWTH = 50.0, 1.2
PLAIN_RUNS = 3
HERE = Path(__file__).parent
PAGES = ("overview", "map", "appraisal")
MUST = {"overview": '"quarterBefore"', "map": '"gridMap"', "appraisal": '"villages"'}
DOCUMENTS = {
    "overview": """query Overview($code: String) { overview(code: $code) { grid { code name } behind
  now { ...open } places { grid { id code name } ...open } today { ...happened } thisWeek { ...happened }
  quarter { ...happened byCategory { ...part } bySeverity { ...part } byChannel { ...part }
    acceptTime { underHours ended } handleTime { underHours ended } } quarterBefore { ...happened }
  days { since reported accepted closed closedLate reopened }
  red { number severity since why workItem { code name } grid { code name } unit { name } }
  units { organization { code name } open pending signed reportedIn returnAsked overdue quarter { assigned bouncedDays
    signedInTime { ...rate } reportedInInTime { ...rate } doneInTime { ...rate } returnsAsked returnsUpheld } } } }
fragment open on OpenFigures { open reported accepted routed handled verified critical urgent normal low paused overdue }
fragment rate on Rate { numerator denominator }
fragment part on FigurePart { key reported closed closedLate reopened handledInTime { ...rate } }
fragment happened on Figures { since reported selfHandled accepted rejected closed closedLate reopened confirmed sentBack
  whistles returnsAsked returnsUpheld bouncedDays cards acceptedInTime { ...rate } handledInTime { ...rate } called rated
  satisfied unsatisfied }""",
    "map": """query Map($code: String) { gridMap(code: $code) {
  ids codes names levels open overdue critical urgent normal low paused } }""",
    "appraisal": """query Appraisal($quarter: Date!) {
  townships: appraisals(quarter: $quarter, level: 3) { nodes { ...place } }
  villages: appraisals(quarter: $quarter, level: 4, first: 200) { nodes { ...place } }
  unitFigures(quarter: $quarter, first: 200) { nodes { organization { code name } assigned excused returnsAsked
    returnsUpheld bouncedDays reminders yellowCards redCards signedInTime { ...rate } reportedInInTime { ...rate }
    doneInTime { ...rate } } } }
fragment rate on Rate { numerator denominator }
fragment place on Appraisal { grid { code name } figures { reported selfHandled accepted rejected closed closedLate reopened
  confirmed sentBack returnsAsked returnsUpheld bouncedDays acceptedInTime { ...rate } handledInTime { ...rate } rated
  satisfied unsatisfied } }""",
}


@dataclass(frozen=True, slots=True)
class Site:
    """A county of the world under test: what it is called, its code, id, number of cases, and a leader's server."""

    name: str
    code: str
    tenant: UUID
    cases: int
    server: Server


async def run(world: World, options: Options) -> Result:
    """Count what was not counted, check the figures against plain SQL, then measure. Raises `Void`."""
    codes = (MIDU, *world.counties[:1])
    await _counted(world, codes)
    few = replace(options, connections=CALLERS)
    async with _admin(world) as connection, gridloom(world, [LOGIN]) as server:
        quarter = await _quarter(connection, await world.tenant())
        sites = [await _site(world, connection, server, code) for code in codes]
        for site in sites:
            await _compare(connection, site, quarter)
        say("the pages say what plain SQL says")
        plain = await _plain(connection, sites[0], quarter)
        found = await measure([
            over_http(world, site.server, _body(page, site.code, quarter), few, must=MUST[page], name=f"{page}, {site.name}")
            for page in PAGES for site in sites
        ], few)
        async with _longer(connection, sites[0].tenant):
            name = _longer_name(sites[0])
            longer = await measure([
                over_http(world, sites[0].server, _body(page, MIDU, quarter), few, must=MUST[page], name=f"{page}, {name}")
                for page in PAGES
            ], few)
    return _result(sites, {**found, **longer}, plain)


def _longer_name(site: Site) -> str:
    return f"figures of {site.cases * TIMES:,} cases"


def _body(page: str, code: str, quarter: date) -> str:
    variables = {"quarter": quarter.isoformat()} if page == "appraisal" else {"code": f"{code}000000"}
    return json.dumps({"query": DOCUMENTS[page], "variables": variables})


async def _counted(world: World, codes: Sequence[str]) -> None:
    """Make the figures anew where the world was made larger behind them."""
    service = runtime.build(world.settings, pool_size=1)
    try:
        await runtime.start(service)
        for code in codes:
            county = await service.directory.by_code(service, code)
            if county is None:
                raise Void(f"there is no county {code}")
            async with _admin(world) as connection:
                whole = await connection.fetchval(_WHOLE, county.id)
            if not whole:
                began = time.monotonic()
                async with service.open(county) as work:
                    cases = await rebuild(work)
                say(f"{cases:,} cases of {code} counted anew in {time.monotonic() - began:.1f} s")
            while True:
                async with service.open(county) as work:
                    if not await count(work):
                        break
    finally:
        await service.close()


@asynccontextmanager
async def _admin(world: World) -> AsyncIterator[asyncpg.Connection]:
    connection = await world.admin()
    try:
        yield connection
    finally:
        await connection.close()


async def _quarter(connection: asyncpg.Connection, tenant: UUID) -> date:
    """The present quarter, or the one before while too little of it has passed to appraise."""
    found: date = await connection.fetchval(
        "SELECT max(since) FROM (SELECT since, sum(reported) AS n FROM figure_flow WHERE tenant_id = $1 AND span = 'QUARTER' "
        "AND part = 'ALL' GROUP BY since ORDER BY n DESC LIMIT 1) fullest", tenant)
    return quarter_of(found)


async def _site(world: World, connection: asyncpg.Connection, server: Server, code: str) -> Site:
    tenant = await world.tenant(code)
    cases = await connection.fetchval('SELECT count(*) FROM "case" WHERE tenant_id = $1', tenant)
    cookie = await sign_in(server.port, world.account(LOGIN, code))
    return Site(f"{cases:,} cases", code, tenant, cases, replace(server, headers=({"cookie": cookie},)))


async def _compare(connection: asyncpg.Connection, site: Site, quarter: date) -> None:
    """That what is shown is what the rows say. Raises `Void`."""
    shown = {page: await ask(site.server, _body(page, site.code, quarter)) for page in PAGES}
    places = {row["code"]: row for row in await connection.fetch(PLAIN["map"], site.tenant)}
    grids = shown["map"]["gridMap"]
    for place, code in enumerate(grids["codes"]):
        row = places.get(code)
        ours = [grids[name][place] for name in ("open", "critical", "urgent", "normal", "low", "paused")]
        theirs = [row[name] for name in ("open", "critical", "urgent", "normal", "low", "paused")] if row else [0] * 6
        if ours != theirs:
            raise Void(f"grid {code} of {site.code}: {ours}, by its rows {theirs}")
    rows = await connection.fetch(PLAIN["days"], site.tenant)
    days = {row["day"].isoformat(): (row["reported"], row["closed"]) for row in rows}
    for day in shown["overview"]["overview"]["days"]:
        if days.get(day["since"]) != (day["reported"], day["closed"]):
            raise Void(f"{day} of {site.code}, by its rows {days.get(day['since'])}")
    villages = {row["code"]: row for row in await connection.fetch(PLAIN["places"], site.tenant, quarter)}
    for node in (*shown["appraisal"]["townships"]["nodes"], *shown["appraisal"]["villages"]["nodes"]):
        row, figures = villages[node["grid"]["code"]], node["figures"]
        ours = [figures["reported"], figures["closed"], *figures["handledInTime"].values()]
        theirs = [row["reported"], row["closed"], row["in_time"], row["ended"]]
        if ours != theirs:
            raise Void(f"{node['grid']['code']} of {site.code}: {ours}, by its rows {theirs}")
    if len(grids["codes"]) < 1_000 or not shown["appraisal"]["villages"]["nodes"]:
        raise Void(f"{site.code} is no whole county")


async def _plain(connection: asyncpg.Connection, site: Site, quarter: date) -> dict[str, float]:
    """How long PostgreSQL takes over all rows for the numbers of each page, milliseconds (the median of three)."""
    parts: Mapping[str, Sequence[tuple[str, tuple[Any, ...]]]] = {
        "overview": [(PLAIN["days"], ()), (PLAIN["map"], ()), (PLAIN["places"], (quarter,)), (PLAIN["units"], (quarter,))],
        "map": [(PLAIN["map"], ())],
        "appraisal": [(PLAIN["places"], (quarter,)), (PLAIN["units"], (quarter,))],
    }
    found = {}
    for page, statements in parts.items():
        took = []
        for _ in range(PLAIN_RUNS):
            began = time.perf_counter()
            for statement, more in statements:
                await connection.fetch(statement, site.tenant, *more)
            took.append(1000 * (time.perf_counter() - began))
        found[page] = median(took)
        say(f"plain SQL, {page}: {found[page]:.0f} ms")
    return found


@asynccontextmanager
async def _longer(connection: asyncpg.Connection, tenant: UUID) -> AsyncIterator[None]:
    """The main county with the rows of figures that ten times its history leaves: every stretch that is over and every
    ended case nine times more, years earlier. Taken away afterwards."""
    say(f"multiplying figures by {TIMES}")
    await connection.execute("SET session_replication_role = replica")
    try:
        for statement in _LONGER:
            await connection.execute(statement, tenant, TIMES - 1)
        await connection.execute("ANALYZE figure_flow, figure_unit, figure_case")
        yield
    finally:
        for statement in _SHORTER:
            await connection.execute(statement, tenant)
        await connection.execute("SET session_replication_role = origin")
        await connection.execute("VACUUM ANALYZE figure_flow, figure_unit, figure_case")


def _result(sites: Sequence[Site], found: Mapping[str, Measured], plain: Mapping[str, float]) -> Result:
    long, longer = sites[0].name, _longer_name(sites[0])
    worst = max(found[f"{page}, {long}"].of("p95") for page in PAGES)
    pairs = [(longer, long), *((long, site.name) for site in sites[1:])]
    growth = {
        f"CPU of the {page}, {more} ÷ {less}":
            round(found[f"{page}, {more}"].of("cpu") / found[f"{page}, {less}"].of("cpu"), 3)
        for more, less in pairs for page in PAGES
    }
    rows = [
        (page, round(found[f"{page}, {long}"].of("p50"), 1), round(found[f"{page}, {long}"].of("p95"), 1), round(plain[page], 1),
         round(plain[page] / found[f"{page}, {long}"].of("p50"), 1)) for page in PAGES
    ]
    head = ("", "ours p50 ms, over HTTP", "ours p95 ms", "plain SQL ms, in the database", "times longer")
    return Result(
        name=NAME, work=f"overview, map, appraisal of {long}: the slowest p95, {CALLERS} callers at once", unit="ms",
        ours=round(worst, 2), beside={f"plain SQL over all rows, {page}": round(plain[page], 2) for page in PAGES},
        ratio=growth,
        bars=(
            Bar("must", f"p95 of every page at most {MOST_P95:.0f} ms", worst <= MOST_P95),
            Bar("must", f"cost independent of history: at most {MOST_GROWTH} × with ten times the history",
                all(ratio <= MOST_GROWTH for ratio in growth.values())),
        ),
        tables=(Table(f"Pages of {long}, and the same numbers by plain SQL", head, rows), table("Every side", found)),
        notes=NOTES,
    )


NOTES = (
    "The figures lag behind the rows by what a worker has not counted yet (at most two seconds where one runs); plain SQL "
    "does not. What the figures cost to keep is paid by the worker.",
    "Before measuring, the map of every grid, the days and the quarter's places are compared with plain SQL, county by county.",
    "Growth is measured twice. Between two counties of equal territory with different histories, whole: rows, indexes, figures. "
    "And with the main county's rows of figures multiplied to ten times its history (stretches that are over, ended cases as "
    "they were counted); its cases were not multiplied then, as no page reads them but the at most 50 late ones of an overview.",
    "Plain SQL gives the numbers of each page without the late cases and without the shares of acceptance and satisfaction: "
    "less than our pages hold.",
)
_WHOLE = """SELECT EXISTS (SELECT FROM figure_head WHERE tenant_id = $1 AND position >= 0)
 AND (SELECT count(*) FROM figure_case WHERE tenant_id = $1)
   = (SELECT count(*) FROM "case" WHERE tenant_id = $1 AND NOT sealed)"""
_COUNTED = "NOT c.sealed AND NOT c.protection && ARRAY['CLUE', 'VIOLENCE']"
PLAIN = {
    "map": f"""SELECT g.code, count(*) AS open, count(*) FILTER (WHERE c.severity = 'CRITICAL') AS critical,
       count(*) FILTER (WHERE c.severity = 'URGENT') AS urgent, count(*) FILTER (WHERE c.severity = 'NORMAL') AS normal,
       count(*) FILTER (WHERE c.severity = 'LOW') AS low, count(*) FILTER (WHERE c.paused) AS paused,
       count(*) FILTER (WHERE c.handled_at IS NULL AND NOT c.paused AND c.due_at < now()) AS overdue
  FROM "case" c CROSS JOIN LATERAL unnest(c.path) AS above(id) JOIN grid g ON g.tenant_id = $1 AND g.id = above.id
 WHERE c.tenant_id = $1 AND {_COUNTED} AND c.ended_at IS NULL GROUP BY g.code""",
    "days": f"""SELECT (e.at AT TIME ZONE 'Asia/Shanghai')::date AS day, sum(e.reported) AS reported, sum(e.closed) AS closed
  FROM (SELECT c.reported_at AS at, 1 AS reported, 0 AS closed FROM "case" c WHERE c.tenant_id = $1 AND {_COUNTED}
        UNION ALL
        SELECT t.at, 0, 1 FROM timeline_entry t JOIN "case" c ON c.tenant_id = $1 AND c.id = t.case_id
         WHERE t.tenant_id = $1 AND t.step = 'closeCase' AND {_COUNTED}) e
 WHERE e.at > now() - interval '40 days' GROUP BY 1""",
    "places": f"""SELECT g.code, sum(e.reported) AS reported, sum(e.closed) AS closed, sum(e.ended) AS ended,
       sum(e.in_time) AS in_time
  FROM (SELECT c.path, c.reported_at AS at, 1 AS reported, 0 AS closed, 0 AS ended, 0 AS in_time
          FROM "case" c WHERE c.tenant_id = $1 AND {_COUNTED}
        UNION ALL
        SELECT c.path, t.at, 0, 1, 0, 0 FROM timeline_entry t JOIN "case" c ON c.tenant_id = $1 AND c.id = t.case_id
         WHERE t.tenant_id = $1 AND t.step = 'closeCase' AND {_COUNTED}
        UNION ALL
        SELECT c.path, k.stopped_at, 0, 0, 1, (k.expired_at IS NULL)::int
          FROM clock k JOIN "case" c ON c.tenant_id = $1 AND c.id = k.case_id
         WHERE k.tenant_id = $1 AND k.code = 'sl:handle' AND k.state = 'STOPPED' AND {_COUNTED}) e
 CROSS JOIN LATERAL unnest(e.path) AS above(id) JOIN grid g ON g.tenant_id = $1 AND g.id = above.id
 WHERE date_trunc('quarter', e.at AT TIME ZONE 'Asia/Shanghai')::date = $2 GROUP BY g.code""",
    "units": f"""SELECT o.code, count(*) AS assigned, count(*) FILTER (WHERE a.signed_at <= a.sign_due_at) AS signed_in_time,
       count(*) FILTER (WHERE a.done_at <= a.due_at) AS done_in_time
  FROM assignment a JOIN "case" c ON c.tenant_id = $1 AND c.id = a.case_id
  JOIN organization o ON o.tenant_id = $1 AND o.id = a.organization_id
 WHERE a.tenant_id = $1 AND a.visible AND {_COUNTED}
   AND date_trunc('quarter', a.created_at AT TIME ZONE 'Asia/Shanghai')::date = $2 GROUP BY o.code""",
}
_FLOW = "part, key, reported, self_handled, accepted, rejected, closed, closed_late, reopened, confirmed, sent_back, whistles, " \
    "returns_asked, returns_upheld, bounced_minutes, cards, accept_ended, accept_in_time, handle_ended, handle_in_time, " \
    "called, rated, satisfied, unsatisfied"
_UNIT = "assigned, sign_ended, sign_in_time, report_in_ended, report_in_in_time, done, done_in_time, excused, returns_asked, " \
    "returns_upheld, bounced_minutes, reminders, yellow_cards, red_cards"
_FIRST = "DATE '1990-01-01'"
"""Copies lie so far back that they cannot be taken for the county's own stretches."""
_BACK = f"({_FIRST} - n * 1461 * 5 - (current_date - since))"
_LONGER = (
    f"INSERT INTO figure_flow (tenant_id, id, grid_id, span, since, {_FLOW}) SELECT tenant_id, gen_random_uuid(), grid_id, "
    f"span, {_BACK}, {_FLOW} FROM figure_flow, generate_series(1, $2::int) n WHERE tenant_id = $1 AND since < current_date - 1",
    f"INSERT INTO figure_unit (tenant_id, id, organization_id, since, {_UNIT}) SELECT tenant_id, gen_random_uuid(), "
    f"organization_id, {_BACK}, {_UNIT} FROM figure_unit, generate_series(1, $2::int) n WHERE tenant_id = $1",
    "INSERT INTO figure_case (tenant_id, id, counted, path, why) SELECT tenant_id, gen_random_uuid(), counted, path, "
    "ARRAY['multiplied'] FROM figure_case, generate_series(1, $2::int) n WHERE tenant_id = $1 AND red_since IS NULL "
    "AND look_at IS NULL",
)
_SHORTER = (
    f"DELETE FROM figure_flow WHERE tenant_id = $1 AND since < {_FIRST}",
    f"DELETE FROM figure_unit WHERE tenant_id = $1 AND since < {_FIRST}",
    "DELETE FROM figure_case WHERE tenant_id = $1 AND why = ARRAY['multiplied']",
)
