"""Making a county's figures anew from its rows, and finding out whether they are right."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import any_, delete, exists, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.types import Uuid

from gridloom.cases.models import CaseRow
from gridloom.feed.service import newest_position
from gridloom.insight.accounts import accounts_of
from gridloom.insight.cells import Cells, count_into
from gridloom.insight.counting import KEYS, add, keep, locked_head, look_again, stored_cells
from gridloom.insight.models import FigureCase, FigureHead
from gridloom.outbox import FactPosition, FactRow
from gridloom.work import Work

CHUNK = 1_000
NEVER = -1
Progress = Callable[[int], None]
"""Told how many cases were read."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. `cases`: counted otherwise than they stand; `figures`: rows that are no sum of their cases."""

    checked: int
    waiting: int
    cases: tuple[str, ...]
    figures: tuple[str, ...]

    @property
    def right(self) -> bool:
        return not self.cases and not self.figures


async def begin_head(work: Work) -> bool:
    """Make the county's head where there is none, as of a county that was never counted; False where there is one."""
    made = await work.session.execute(
        insert(FigureHead).values(tenant_id=work.tenant, position=NEVER).on_conflict_do_nothing()
        .returning(FigureHead.tenant_id)
    )
    return made.scalar_one_or_none() is not None


async def rebuild(work: Work, progress: Progress = lambda _done: None) -> int:
    """Count every case of the county anew; how many were counted. Counting by facts waits meanwhile and goes on behind
    the newest fact of now."""
    await begin_head(work)
    head = (await work.session.execute(
        select(FigureHead).where(FigureHead.tenant_id == work.tenant).with_for_update()
        .execution_options(populate_existing=True)
    )).scalar_one()
    # Read before any case: what is delivered later is counted again, which changes nothing.
    head.position = await newest_position(work.session, work.tenant)
    for table in (*KEYS, FigureCase):
        await work.session.execute(delete(table).where(table.tenant_id == work.tenant))
    cells = Cells()
    done = 0
    async for ids in _chunks(work):
        accounts = await accounts_of(work.session, work.tenant, work.county.time_zone, work.now, ids)
        for one in accounts.values():
            count_into(cells, one.path, one.counted)
        await keep(work, accounts)
        done += len(accounts)
        progress(done)
    await add(work, cells)
    await look_again(work)
    return done


async def check(work: Work, progress: Progress = lambda _done: None) -> Verdict | None:
    """Compare the figures with a full recount of the rows; None while another worker counts.

    A case whose facts wait to be counted may differ; so may one that has become overdue since it was last looked at.
    """
    head = await locked_head(work)
    if head is None:
        return None
    summed = Cells()
    differ: list[UUID] = []
    done = 0
    async for ids in _chunks(work):
        accounts = await accounts_of(work.session, work.tenant, work.county.time_zone, work.now, ids)
        kept = {row.id: row for row in (await work.session.execute(
            select(FigureCase.id, FigureCase.path, FigureCase.counted, FigureCase.look_at)
            .where(FigureCase.tenant_id == work.tenant, FigureCase.id == any_(_ids(ids)))
        )).all()}
        for row in kept.values():
            count_into(summed, row.path, row.counted)
        for case_id in ids:
            old, new = kept.get(case_id), accounts.get(case_id)
            late = old is not None and old.look_at is not None and old.look_at < work.now
            was = None if old is None else (old.counted, old.path)
            if was != (None if new is None else (new.counted, new.path)) and not late:
                differ.append(case_id)
        done += len(ids)
        progress(done)
    waiting = await _waiting(work, head.position, differ)
    wrong = tuple(str(one) for one in differ if one not in waiting)
    return Verdict(done, len(waiting), wrong, tuple(await _unequal(work, summed)))


async def _unequal(work: Work, summed: Cells) -> list[str]:
    """The counters that do not hold the sum over what was counted of the cases."""
    held = Cells()
    for table in KEYS:
        rows = await work.session.execute(select(table.__table__).where(table.tenant_id == work.tenant))
        held.update(stored_cells(table, rows))
    return sorted(
        f"{' '.join(cell)} {name}: {held.get(cell, {}).get(name, 0)} instead of {summed.get(cell, {}).get(name, 0)}"
        for cell in held.keys() | summed.keys()
        for name in held.get(cell, {}).keys() | summed.get(cell, {}).keys()
        if held.get(cell, {}).get(name, 0) != summed.get(cell, {}).get(name, 0)
    )


async def _waiting(work: Work, position: int, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the cases of which a fact was not counted yet."""
    if not ids:
        return set()
    placed = exists().where(FactPosition.tenant_id == work.tenant, FactPosition.fact_id == FactRow.id)
    counted = exists().where(
        FactPosition.tenant_id == work.tenant, FactPosition.fact_id == FactRow.id, FactPosition.position > position
    )
    rows = await work.session.execute(
        select(FactRow.case_id)
        .where(FactRow.tenant_id == work.tenant, FactRow.case_id == any_(_ids(ids)), or_(~placed, counted)).distinct()
    )
    return {one for one in rows.scalars() if one is not None}


async def _chunks(work: Work) -> AsyncIterator[list[UUID]]:
    after = UUID(int=0)
    while True:
        ids = list((await work.session.execute(
            select(CaseRow.id).where(CaseRow.tenant_id == work.tenant, CaseRow.id > after)
            .order_by(CaseRow.id).limit(CHUNK)
        )).scalars())
        if not ids:
            return
        yield ids
        after = ids[-1]


def _ids(ids: Sequence[UUID]) -> Any:
    return literal(list(ids), ARRAY(Uuid()))
