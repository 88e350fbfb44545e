"""Every fact is counted exactly once: told twice, out of order, by several workers, in small pieces, through crashes."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from gridloom.clock import ShiftedClock
from gridloom.clocks.service import fire_due
from gridloom.feed.service import deliver
from gridloom.insight import counting
from gridloom.insight.models import FigureCase, FigureHead
from gridloom.insight.service import check, count, keep_figures, rebuild
from gridloom.outbox import Delivery, Due, FactPosition
from gridloom.worker import Worker
from tests.insight.figures import caught_up, kept, recounted, unlike
from tests.insight.test_figures import report, take_step
from tests.support.county import County


async def live(county: County, dice: random.Random, cases: int = 2, turns: int = 24) -> list[str]:
    """Some life, facts not delivered."""
    found = [await report(county, dice) for _ in range(cases)]
    for _ in range(turns):
        await take_step(county, dice.choice(found), dice)
    return found


async def right(county: County) -> None:
    """The kept figures equal the recount, and there is something to count."""
    kept_now = await kept(county.service, county.view)
    assert unlike(kept_now, await recounted(county.service, county.view)) == []
    assert kept_now["flow"]


async def lag(county: County) -> int:
    """How many positions were given that were not counted."""
    async with county.service.reading(county.view) as session:
        tenant = county.view.id
        given = (await session.execute(select(Delivery.last_position).where(Delivery.tenant_id == tenant))).scalar_one()
        return given - (await session.execute(
            select(FigureHead.position).where(FigureHead.tenant_id == tenant)
        )).scalar_one()


async def test_a_second_delivery_changes_nothing(county: County) -> None:
    await live(county, random.Random(11))
    await caught_up(county.service, county.view)
    before = await kept(county.service, county.view)
    async with county.open() as work:
        await work.session.execute(
            update(FigureHead).where(FigureHead.tenant_id == work.tenant).values(position=0)
        )
    assert await caught_up(county.service, county.view) >= 1
    assert await kept(county.service, county.view) == before
    await right(county)


async def test_a_crash_leaves_figures_and_position_as_they_were(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch dies after the figures were written and before its commit; then between its own statements."""
    await caught_up(county.service, county.view)
    await live(county, random.Random(12))
    async with county.open() as work:
        await deliver(work)
    before, behind = await kept(county.service, county.view), await lag(county)
    assert behind > 0

    async def counts_and_dies() -> None:
        async with county.open() as work:
            await count(work)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await counts_and_dies()
    assert (await kept(county.service, county.view), await lag(county)) == (before, behind)

    async def dies(*_given: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(counting, "add", dies)
        with pytest.raises(ZeroDivisionError):
            await keep_figures(county.service, county.view)
    assert (await kept(county.service, county.view), await lag(county)) == (before, behind)
    await caught_up(county.service, county.view)
    await right(county)


async def test_facts_in_any_order_and_in_small_pieces(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts get their positions in an order that is not the one in which they happened, and are counted two at a time."""
    await caught_up(county.service, county.view)
    dice = random.Random(13)
    await live(county, dice, cases=3, turns=30)
    async with county.open() as work:
        head = (await work.session.execute(select(Delivery).where(Delivery.tenant_id == work.tenant))).scalar_one()
        waiting = list((await work.session.execute(
            select(Due).where(Due.tenant_id == work.tenant, Due.kind == "fact")
        )).scalars())
        dice.shuffle(waiting)
        for due in waiting:
            head.last_position += 1
            work.new(FactPosition, position=head.last_position, fact_id=due.id, at=work.now)
            await work.session.delete(due)
    monkeypatch.setattr(counting, "BATCH", 2)
    assert await caught_up(county.service, county.view) >= len(waiting) // 2
    await right(county)


async def test_several_workers_at_once(county: County) -> None:
    """Workers deliver and count while the life goes on; none counts what another has."""
    await caught_up(county.service, county.view)
    workers = [Worker(county.service) for _ in range(3)]
    done = asyncio.Event()

    async def work(worker: Worker) -> None:
        while not done.is_set():
            await worker.serve(county.view.id)
            await asyncio.sleep(0.01)

    tasks = [asyncio.create_task(work(worker)) for worker in workers]
    await live(county, random.Random(14), cases=3, turns=30)
    await county.service.redis.flushall()
    await live(county, random.Random(15), cases=2, turns=10)
    done.set()
    await asyncio.gather(*tasks)
    await caught_up(county.service, county.view)
    await right(county)


async def test_figures_are_behind_by_no_round(county: County) -> None:
    """What one round of a worker delivers, the same round counts: at no end of a round is a position uncounted."""
    await caught_up(county.service, county.view)
    worker = Worker(county.service)
    for seed in range(3):
        await live(county, random.Random(20 + seed), cases=1, turns=6)
        await worker._round(county.view.id)
        assert await lag(county) == 0
    await right(county)


async def test_time_alone_makes_a_case_overdue(county: County, clock: ShiftedClock) -> None:
    """Nobody does anything, no clock fires: the county becomes due, and the figures follow."""
    made = await county.step("member", "reportCase", "case { id version }", description="路灯", workItemCode="C-13")
    await county.step("officer_village", "acceptCase", "case { id dueAt }", caseId=made["case"]["id"], version=1)
    await caught_up(county.service, county.view)
    root = county.grids[f"{county.code}000000"]
    assert (await kept(county.service, county.view))["grid"][(root, "overdue")] == 0
    async with county.service.reading(county.view) as session:
        due = (await session.execute(
            select(Due.due_at).where(Due.tenant_id == county.view.id, Due.kind == "figure")
        )).scalar_one()
        assert due == (await session.execute(
            select(func.min(FigureCase.look_at)).where(FigureCase.tenant_id == county.view.id)
        )).scalar_one()
    clock.offset = due - clock.now() + timedelta(minutes=1)
    assert await keep_figures(county.service, county.view) == 1
    assert (await kept(county.service, county.view))["grid"][(root, "overdue")] == 1
    await right(county)
    await fire_due(county.service, county.view)
    await caught_up(county.service, county.view)
    await right(county)
    async with county.service.reading(county.view) as session:
        red = (await session.execute(select(FigureCase).where(FigureCase.tenant_id == county.view.id))).scalar_one()
        assert "due" in red.why
        assert "sl:handle" in red.why
        assert (await session.execute(select(func.count()).where(
            Due.tenant_id == county.view.id, Due.kind == "figure"
        ))).scalar_one() == 0


async def test_a_protected_case_counts_nowhere(county: County) -> None:
    await county.step("member", "reportCase", "replayed", description="打人", workItemCode="A-08")
    await caught_up(county.service, county.view)
    assert await kept(county.service, county.view) == {name: Counter() for name in ("grid", "desk", "flow", "unit")}


async def test_what_becomes_protected_is_taken_out(county: County) -> None:
    """The account of now is nothing; what was counted of the case goes."""
    await live(county, random.Random(16), cases=1, turns=12)
    await caught_up(county.service, county.view)
    async with county.open() as work:
        case = (await work.session.execute(
            select(FigureCase.id).where(FigureCase.tenant_id == work.tenant)
        )).scalar_one()
        await work.session.execute(_protect(case, work.tenant))
        work.fact("case.protected", case)
    await caught_up(county.service, county.view)
    assert await kept(county.service, county.view) == {name: Counter() for name in ("grid", "desk", "flow", "unit")}


def _protect(case: Any, tenant: Any) -> Any:
    rows = FigureCase.metadata.tables["case"]
    return update(rows).where(rows.c.tenant_id == tenant, rows.c.id == case).values(protection=["CLUE"])


async def test_made_anew_they_are_the_same_and_a_check_finds_what_is_wrong(county: County) -> None:
    await live(county, random.Random(17), cases=3, turns=30)
    await caught_up(county.service, county.view)
    before = await kept(county.service, county.view)
    async with county.open() as work:
        verdict = await check(work)
    assert verdict is not None
    assert (verdict.right, verdict.waiting) == (True, 0)
    async with county.open() as work:
        table = FigureCase.metadata.tables["figure_grid"]
        await work.session.execute(update(table).where(table.c.tenant_id == work.tenant).values(overdue=table.c.overdue + 1))
    async with county.open() as work:
        verdict = await check(work)
    assert verdict is not None
    assert len(verdict.figures) == len({key for key, _ in before["grid"]})
    assert verdict.cases == ()
    async with county.open() as work:
        assert await rebuild(work) == verdict.checked
    assert await kept(county.service, county.view) == before
    await right(county)


async def test_a_check_excuses_what_waits_to_be_counted(county: County) -> None:
    await live(county, random.Random(18), cases=2, turns=8)
    await caught_up(county.service, county.view)
    await live(county, random.Random(19), cases=1, turns=8)
    async with county.open() as work:
        verdict = await check(work)
    assert verdict is not None
    assert verdict.right
    assert verdict.waiting == 1
