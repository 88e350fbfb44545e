"""Two workers, and workers beside steps: nothing twice, nothing lost, nobody waits for long."""

import asyncio

from gridloom.clocks.calendar import DayKind
from gridloom.clocks.limits import Limit, Unit
from gridloom.clocks.models import ClockState
from gridloom.clocks.service import (
    ClockStart,
    edit_calendar_day,
    fire_due,
    open_clocks,
    pause_clocks,
    start_clocks,
    stop_clocks,
)
from gridloom.ids import uuid7
from tests.clocks.conftest import TestCounty, at


async def _start_many(county: TestCounty, number: int) -> list[str]:
    async with county.open() as work:
        rows = await start_clocks(work, [
            ClockStart(case_id=uuid7(), kind="SERVICE", code="sign", label="签收", limit=Limit(10, Unit.MINUTE))
            for _ in range(number)
        ])
        return sorted(str(row.id) for row in rows)


async def test_two_workers_at_once_fire_each_clock_once(county: TestCounty) -> None:
    ids = await _start_many(county, 450)
    county.now("2026-03-02 10:09")
    counts = await asyncio.gather(*(fire_due(county.works, county.view, batch=40) for _ in range(3)))
    while more := await fire_due(county.works, county.view):
        counts.append(more)
    assert sum(counts) == 450
    assert sorted(await county.facts()) == sorted(("clock.warned", one) for one in ids)

    county.now("2026-03-02 10:30")
    counts = await asyncio.gather(*(fire_due(county.works, county.view, batch=40) for _ in range(3)))
    while more := await fire_due(county.works, county.view):
        counts.append(more)
    assert sum(counts) == 450
    assert sorted(fact for fact in await county.facts() if fact[0] == "clock.expired") == sorted(
        ("clock.expired", one) for one in ids
    )
    assert await county.due() == {}


async def test_a_worker_passes_over_a_clock_that_a_step_holds_and_finds_it_later(county: TestCounty) -> None:
    case_id = uuid7()
    held = await county.start(10, Unit.MINUTE, case_id=case_id)
    free = await county.start(10, Unit.MINUTE)
    county.now("2026-03-02 10:30")
    async with county.open() as step:
        await open_clocks(step, case_id=case_id)
        async with asyncio.timeout(5):
            assert await fire_due(county.works, county.view) == 2
        assert (await county.row(free)).state == ClockState.EXPIRED
        assert (await county.row(held)).state == ClockState.RUNNING
    assert await fire_due(county.works, county.view) == 2
    assert (await county.row(held)).state == ClockState.EXPIRED


async def test_steps_editing_and_firing_at_once_end_without_deadlock(county: TestCounty) -> None:
    cases = [uuid7() for _ in range(30)]
    for case_id in cases:
        await county.start(2, Unit.WORKING_HOUR, case_id=case_id)
    county.now("2026-03-02 11:50")

    async def pause(case_id) -> None:
        async with county.open() as work:
            await pause_clocks(work, case_id)

    async def stop(case_id) -> None:
        async with county.open() as work:
            await stop_clocks(work, case_id=case_id)

    async def edit() -> None:
        async with county.open() as work:
            await edit_calendar_day(work, at("2026-03-03 12:00").date(), DayKind.HOLIDAY, "集日")

    async with asyncio.timeout(30):
        await asyncio.gather(
            *(fire_due(county.works, county.view, batch=5) for _ in range(3)),
            *(pause(one) for one in cases[:10]), *(stop(one) for one in cases[10:20]), edit(), edit(),
        )
        await fire_due(county.works, county.view)
    facts = await county.facts()
    warned = [one for one in facts if one[0] == "clock.warned"]
    assert len(warned) == len(set(warned)) == 30
    async with county.open() as work:
        states = [row.state for one in cases for row in await open_clocks(work, case_id=one)]
    assert sorted(states) == ["PAUSED"] * 10 + ["RUNNING"] * 10
