"""Two real workers, one of them killed in the middle: every clock is warned once and runs out once."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from gridloom.clocks.limits import Limit, Unit
from gridloom.clocks.models import ClockKind, ClockRow
from gridloom.clocks.service import ClockStart, start_clocks
from gridloom.ids import uuid7
from gridloom.outbox import Due, FactPosition, FactRow
from gridloom.runtime import Service
from tests.support.county import County

CLOCKS = 3_000
TYPES = ("clock.warned", "clock.expired")


@contextmanager
def started(service: Service, number: int) -> Iterator[subprocess.Popen[bytes]]:
    """`gridloom worker`, killed at the end if it still runs."""
    settings = service.settings
    environment = {
        **os.environ, "GRIDLOOM_DATABASE_URL": settings.database_url, "GRIDLOOM_REDIS_URL": settings.redis_url,
        "GRIDLOOM_SECRET_KEY": settings.secret_key.hex(), "GRIDLOOM_DATA": str(settings.data_dir),
    }
    with (settings.data_dir / f"worker-{number}.log").open("wb") as log:
        words = [str(Path(sys.executable).with_name("gridloom")), "worker"]
        process = subprocess.Popen(words, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def fired(county: County) -> Counter[tuple[str, str]]:
    """How often each clock of the county was warned and ran out."""
    async with county.service.reading(county.view) as session:
        rows = await session.execute(
            select(FactRow.type, FactRow.data["clock_id"].astext)
            .where(FactRow.tenant_id == county.view.id, FactRow.type.in_(TYPES))
        )
        return Counter((type_, clock) for type_, clock in rows)


async def test_each_clock_fires_once_though_a_worker_is_killed(county: County, timed_service: Service) -> None:
    async with county.open() as work:
        began = work.now - timedelta(days=2)
        rows = await start_clocks(work, [
            ClockStart(
                case_id=uuid7(), kind=ClockKind.SERVICE, code="sign", label="签收", limit=Limit(1, Unit.HOUR), started_at=began,
            )
            for _ in range(CLOCKS)
        ])
        clocks = [str(row.id) for row in rows]
    with started(timed_service, 1) as first, started(timed_service, 2):
        async with asyncio.timeout(90):
            while not await fired(county):
                await asyncio.sleep(0.02)
            first.kill()
            while sum((await fired(county)).values()) < 2 * CLOCKS or await waiting(county):
                await asyncio.sleep(0.1)
    assert await fired(county) == Counter((type_, clock) for type_ in TYPES for clock in clocks)
    async with county.service.reading(county.view) as session:
        states = (await session.execute(
            select(ClockRow.state, func.count()).where(ClockRow.tenant_id == county.view.id, ClockRow.code == "sign")
            .group_by(ClockRow.state)
        )).all()
        positions = (await session.execute(
            select(func.count(), func.count(FactPosition.position.distinct()), func.max(FactPosition.position))
            .where(FactPosition.tenant_id == county.view.id)
        )).one()
    assert [tuple(row) for row in states] == [("EXPIRED", CLOCKS)]
    assert positions[0] == positions[1] == positions[2] >= 2 * CLOCKS


async def waiting(county: County) -> int:
    """Rows that still wait for a worker."""
    async with county.service.reading(county.view) as session:
        found: int = (await session.execute(
            select(func.count()).where(Due.tenant_id == county.view.id, Due.kind.in_(("fact", "clock")))
        )).scalar_one()
        return found
