"""Warning and expiring clocks by the database's time, each exactly once however many workers look.

A worker claims rows of `due` and then their clocks, both with SKIP LOCKED: it never waits for a step that holds a
clock, so the two cannot block each other, and what it passed over is found at the next look. A batch is one short
transaction of about a dozen statements, whatever its size; no statement looks at clocks that are not due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, delete, select, update

from gridloom.clocks.counting import DUE_KIND, Event, among, announce
from gridloom.clocks.editing import carry_calendar
from gridloom.clocks.models import ClockRow, ClockState
from gridloom.outbox import Due
from gridloom.work import CountyView, Work, Works

BATCH = 500
MOST_BATCHES = 4
"""Of one county in one turn: then other counties have theirs."""
A_TURN = BATCH * MOST_BATCHES
"""Who fired as many may have more."""


@dataclass(frozen=True, slots=True)
class DueClock:
    """What firing reads of a clock; the rest of the row stays in the database."""

    id: UUID
    case_id: UUID
    assignment_id: UUID | None
    kind: str
    code: str
    label: str
    state: str
    warn_at: datetime
    due_at: datetime
    warned_at: datetime | None

    def warns(self, now: datetime) -> bool:
        """Whether its warning is to be given now."""
        return self.state == ClockState.RUNNING and self.warned_at is None and self.warn_at <= now

    def expires(self, now: datetime) -> bool:
        """Whether it has run out by now, unnoticed."""
        return self.state == ClockState.RUNNING and self.due_at <= now


_READ = tuple(getattr(ClockRow, name) for name in DueClock.__dataclass_fields__)


async def fire_due(works: Works, county: CountyView | UUID, *, batch: int = BATCH) -> int:
    """Warn and expire what is due in a county, at most four batches; also carries a changed calendar on to the clocks.
    Returns how many warnings and expiries there were; call it again while it returns more than zero."""
    await carry_calendar(works, county)
    fired = 0
    for _ in range(MOST_BATCHES):
        async with works.open(county) as work:
            claimed, facts = await _fire_batch(work, batch)
        fired += facts
        if claimed < batch:
            break
    return fired


async def _fire_batch(work: Work, batch: int) -> tuple[int, int]:
    """How many clocks were claimed, and how many facts came of them."""
    clocks = await _claim(work, batch)
    if not clocks:
        return 0, 0
    warned = [clock for clock in clocks if clock.warns(work.now)]
    expired = {clock.id for clock in clocks if clock.expires(work.now)}
    await _write(work, ClockRow.warned_at.key, [clock.id for clock in warned])
    await _write(work, ClockRow.expired_at.key, sorted(expired), state=ClockState.EXPIRED)
    ended = [clock.id for clock in clocks if clock.id in expired or clock.state != ClockState.RUNNING]
    await _forget(work, ended)
    await _look_again(work, [clock.id for clock in clocks if clock.id not in set(ended)])
    events = [
        Event(type_, clock)
        for clock in clocks
        for type_, happened in (("clock.warned", clock.warns(work.now)), ("clock.expired", clock.id in expired))
        if happened
    ]
    await announce(work, events)
    return len(clocks), len(events)


async def _claim(work: Work, batch: int) -> list[DueClock]:
    """Clocks that are due and that nobody holds, locked, the earliest first."""
    ids = list((await work.session.execute(
        select(Due.id)
        .where(
            # The county's own id stands for its calendar.
            Due.tenant_id == work.tenant, Due.kind == DUE_KIND, Due.due_at <= work.now, Due.id != work.tenant,
        )
        .order_by(Due.due_at)
        .limit(batch)
        .with_for_update(skip_locked=True)
    )).scalars())
    if not ids:
        return []
    rows = await work.session.execute(
        select(*_READ)
        .where(ClockRow.tenant_id == work.tenant, among(ClockRow.id, ids))
        .order_by(ClockRow.due_at, ClockRow.id)
        .with_for_update(skip_locked=True)
    )
    return [DueClock(*row) for row in rows]


async def _write(work: Work, moment: str, ids: Sequence[UUID], **values: str) -> None:
    """Write the present into a column of these clocks, which are locked."""
    if ids:
        await work.session.execute(
            update(ClockRow)
            .where(ClockRow.tenant_id == work.tenant, among(ClockRow.id, ids))
            .values({moment: work.now, **values})
            .execution_options(synchronize_session=False)
        )


async def _forget(work: Work, ids: Sequence[UUID]) -> None:
    """Nothing is due for these clocks any more."""
    if ids:
        await work.session.execute(
            delete(Due)
            .where(Due.tenant_id == work.tenant, Due.kind == DUE_KIND, among(Due.id, ids))
            .execution_options(synchronize_session=False)
        )


async def _look_again(work: Work, ids: Sequence[UUID]) -> None:
    """The warning of these running clocks is out: the next look is at their end, or at a warning that was moved."""
    if ids:
        await work.session.execute(
            update(Due)
            .where(
                Due.tenant_id == work.tenant, Due.kind == DUE_KIND, among(Due.id, ids),
                ClockRow.tenant_id == work.tenant, ClockRow.id == Due.id,
            )
            .values(due_at=case((ClockRow.warned_at.is_(None), ClockRow.warn_at), else_=ClockRow.due_at))
            .execution_options(synchronize_session=False)
        )
