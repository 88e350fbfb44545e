"""P5: clocks that fall due, a thousand a second, among a hundred thousand and among a million that are open.

The clocks are entered by set-based SQL in the main county, on real cases; a real `gridloom worker` fires them with everything
that follows (facts, delivery, the plugins' feed). Half are to be warned, half run out. Removed again at the end.
"""

import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from bench import cpu
from bench.result import Bar, Options, Result, Table, Void
from bench.servers import worker
from bench.world import World, say

NAME = "P5"
OPEN = (100_000, 1_000_000)
RATE = 1_000
SECONDS, QUICK_SECONDS = 30, 8
LEAD = timedelta(seconds=4)
PATIENCE = 120.0
MUST_P99 = 2.0

ENTER = """
INSERT INTO clock (tenant_id, id, case_id, kind, code, label, limit_value, unit, roll_rule, started_at, due_at, warn_at,
                   state, warned_at, provisional, calendar_version, reviewed_version)
SELECT $1, ('bbbbbbbb' || substr(gen_random_uuid()::text, 9))::uuid, c.id, 'SERVICE', 'bench', '压测时限', 1, 'h',
       'none_stated', $2::timestamptz - interval '1 day', at + later, at, 'RUNNING', warned, false, version, version
FROM (SELECT n, $2::timestamptz + n * $4::interval AS at,
             CASE WHEN n % 2 = 0 THEN interval '30 days' ELSE interval '0' END AS later,
             CASE WHEN n % 2 = 0 THEN NULL ELSE $2::timestamptz - interval '1 hour' END AS warned
      FROM generate_series(0, $3::int - 1) AS n) AS moments
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM "case" WHERE tenant_id = $1 AND NOT sealed) AS c
  ON c.place = (n * 7919::bigint) % $5::bigint
CROSS JOIN (SELECT version FROM calendar WHERE tenant_id = $1) AS calendar
"""
ENTER_DUE = """
INSERT INTO due (tenant_id, kind, id, due_at)
SELECT tenant_id, 'clock', id, CASE WHEN warned_at IS NULL THEN warn_at ELSE due_at END FROM clock
WHERE tenant_id = $1 AND code = 'bench' AND started_at = $2::timestamptz - interval '1 day'
"""
FIRED = """
SELECT f.data ->> 'clock_id' AS clock, f.type, extract(epoch FROM f.at - c.moment)::float AS fired,
       extract(epoch FROM p.at - c.moment)::float AS delivered
FROM fact f
JOIN fact_position p ON p.tenant_id = $1 AND p.fact_id = f.id
JOIN (SELECT id, CASE WHEN warned_at = started_at + interval '23 hours' THEN due_at ELSE warn_at END AS moment FROM clock
      WHERE tenant_id = $1 AND code = 'bench' AND started_at = $2::timestamptz - interval '1 day') AS c
  ON c.id = (f.data ->> 'clock_id')::uuid
WHERE f.tenant_id = $1 AND f.type IN ('clock.warned', 'clock.expired') AND f.at >= $2 AND f.data ->> 'code' = 'bench'
"""
LEFT = "SELECT count(*) FROM due WHERE due_at <= now() AND kind IN ('clock', 'fact') AND tenant_id = $1"
CLEAR = (
    "DELETE FROM due WHERE tenant_id = $1 AND kind = 'clock' "
    "AND id IN (SELECT id FROM clock WHERE tenant_id = $1 AND code = 'bench')",
    "DELETE FROM fact_position p USING fact f WHERE p.tenant_id = $1 AND f.tenant_id = $1 AND f.id = p.fact_id "
    "AND f.type IN ('clock.warned', 'clock.expired') AND f.data ->> 'code' = 'bench'",
    "DELETE FROM fact WHERE tenant_id = $1 AND type IN ('clock.warned', 'clock.expired') AND data ->> 'code' = 'bench'",
    "DELETE FROM clock WHERE tenant_id = $1 AND code = 'bench'",
)


@dataclass(frozen=True, slots=True)
class Fired:
    """What one run came to: seconds from a clock's moment to its fact, and to its delivery; processor µs a clock."""

    open: int
    fired: Sequence[float]
    delivered: Sequence[float]
    worker_us: float
    postgres_us: float

    @property
    def us(self) -> float:
        return self.worker_us + self.postgres_us


async def run(world: World, options: Options) -> Result:
    """Measure among few and among many open clocks; one worker process."""
    seconds = QUICK_SECONDS if options.quick else SECONDS
    tenant = await world.tenant()
    admin = await world.admin()
    runs = []
    try:
        await _clear(admin, tenant)
        async with worker(world) as process:
            await _idle(admin, tenant)
            for open_, more in zip(OPEN, (OPEN[0], OPEN[1] - OPEN[0]), strict=True):
                say(f"entering {more:,} open clocks")
                await _enter(admin, tenant, datetime.now().astimezone() + timedelta(days=2), more, timedelta(seconds=4))
                await admin.execute("VACUUM (ANALYZE) clock, due")
                runs.append(await _measure(world, admin, tenant, process, open_, seconds))
                say(f"{open_:,} open: p99 {_percentile(runs[-1].delivered, 99):.2f} s, {runs[-1].us:.0f} µs CPU a clock")
    finally:
        await _clear(admin, tenant)
        await admin.close()
    return _result(runs, seconds)


async def _measure(
    world: World, admin: asyncpg.Connection, tenant: UUID, process: int, open_: int, seconds: int
) -> Fired:
    count = RATE * seconds
    base = (await admin.fetchval("SELECT now()")) + LEAD
    await _enter(admin, tenant, base, count, timedelta(seconds=1) / RATE)
    before = cpu.seconds([process]), cpu.seconds([world.postgres])
    async with asyncio.timeout(PATIENCE + seconds):
        await asyncio.sleep(seconds + LEAD.total_seconds())
        await _idle(admin, tenant)
    after = cpu.seconds([process]), cpu.seconds([world.postgres])
    rows = await admin.fetch(FIRED, tenant, base)
    once = {(row["clock"], row["type"]) for row in rows}
    if len(once) != len(rows) or len(rows) != count:
        raise Void(f"{count} clocks were due; {len(rows)} facts, {len(once)} of them different")
    return Fired(
        open_, [row["fired"] for row in rows], [row["delivered"] for row in rows],
        (after[0] - before[0]) / count * 1e6, (after[1] - before[1]) / count * 1e6,
    )


async def _enter(admin: asyncpg.Connection, tenant: UUID, base: datetime, count: int, step: timedelta) -> None:
    cases = await admin.fetchval('SELECT count(*) FROM "case" WHERE tenant_id = $1 AND NOT sealed', tenant)
    async with admin.transaction():
        await admin.execute(ENTER, tenant, base, count, step, cases)
        await admin.execute(ENTER_DUE, tenant, base)


async def _idle(admin: asyncpg.Connection, tenant: UUID) -> None:
    """Wait until nothing is due."""
    async with asyncio.timeout(PATIENCE):
        while await admin.fetchval(LEFT, tenant):  # noqa: ASYNC110 - another process empties it
            await asyncio.sleep(0.2)


async def _clear(admin: asyncpg.Connection, tenant: UUID) -> None:
    for statement in CLEAR:
        await admin.execute(statement, tenant)
    await admin.execute("VACUUM (ANALYZE) clock, due, fact, fact_position")


def _result(runs: Sequence[Fired], seconds: int) -> Result:
    few, many = runs
    p99 = _percentile(many.delivered, 99)
    grows = many.us / few.us
    return Result(
        name=NAME, work=f"clocks: {OPEN[1]:,} open, {RATE:,} falling due a second for {seconds} s, p99 from due to delivered",
        unit="s", ours=round(p99, 3),
        beside={f"among {OPEN[0]:,} open": round(_percentile(few.delivered, 99), 3)},
        ratio={"processor time a clock, ten times as many open": round(grows, 2)},
        bars=(
            Bar("must", f"fired within {MUST_P99:.0f} s p99", p99 <= MUST_P99),
            Bar("must", "each once", True),
            Bar("must", "cost grows with what is due, not with what is open (≤ 1.3 × for ten times as many)", grows <= 1.3),
        ),
        tables=(Table(
            "Clocks fired", ("open", "p50 to the fact, s", "p99 to the fact, s", "p50 delivered, s", "p99 delivered, s",
                             "most, s", "worker CPU µs a clock", "PostgreSQL CPU µs a clock"),
            [(
                one.open, round(statistics.median(one.fired), 3), round(_percentile(one.fired, 99), 3),
                round(statistics.median(one.delivered), 3), round(_percentile(one.delivered, 99), 3),
                round(max(one.delivered), 3), round(one.worker_us), round(one.postgres_us),
            ) for one in runs],
        ),),
        notes=(
            "One worker process. Every clock was found fired exactly once; the tests repeat that with two workers of which one "
            "is killed.",
            "A clock's cost holds its claim, its warning or expiry, its fact, the fact's delivery and its way past five plugins.",
        ),
    )


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]
