"""Warning and expiring clocks by the database's time, each exactly once however many workers look.

A worker claims rows of `due` and then their clocks, both with SKIP LOCKED: it never waits for a step that holds a
clock, so the two cannot block each other, and what it passed over is found at the next look.
"""

from uuid import UUID

from sqlalchemy import select

from gridloom.clocks.counting import DUE_KIND, among, announce, fire, write_due
from gridloom.clocks.editing import carry_calendar
from gridloom.clocks.models import ClockRow
from gridloom.outbox import Due
from gridloom.work import CountyView, Work, Works

BATCH = 200
MOST_BATCHES = 25


async def fire_due(works: Works, county: CountyView | UUID, *, batch: int = BATCH) -> int:
    """Warn and expire what is due in a county, one short transaction a batch; also carries a changed calendar on to the
    clocks. Returns how many warnings and expiries there were; call it again while it returns more than zero."""
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
        return 0, 0
    rows = list((await work.session.execute(
        select(ClockRow)
        .where(ClockRow.tenant_id == work.tenant, among(ClockRow.id, ids))
        .order_by(ClockRow.due_at, ClockRow.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )).scalars())
    events = [event for row in rows for event in fire(row, work.now)]
    await announce(work, events)
    await work.session.flush()
    await write_due(work, rows)
    return len(rows), len(events)
