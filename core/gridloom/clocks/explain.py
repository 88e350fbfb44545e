"""Why a clock ends when it ends: the count, day by day, as it stands now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.clocks.calendars import calendars_of
from gridloom.clocks.counting import History, among, count, histories
from gridloom.clocks.limits import Span
from gridloom.clocks.models import ClockRow, ClockState
from gridloom.work import Work


@dataclass(frozen=True, slots=True)
class Explanation:
    """A clock's end and the spans that lead to it; of a paused clock the end if resumed now, and spans up to now."""

    due_at: datetime
    provisional: bool
    spans: list[Span]


async def explanations(
    session: AsyncSession, tenant: UUID, clock_ids: Sequence[UUID], now: datetime
) -> dict[UUID, Explanation]:
    """Explain these clocks, in four statements; unknown ids are left out."""
    rows = list((await session.execute(
        select(ClockRow)
        .where(ClockRow.tenant_id == tenant, among(ClockRow.id, clock_ids))
        .execution_options(populate_existing=True)
    )).scalars())
    calendars = await calendars_of(session, tenant, {row.calendar_version for row in rows})
    past = await histories(session, tenant, [row.id for row in rows])
    found = {}
    for row in rows:
        whole = count(row, past.get(row.id, History()), calendars[row.calendar_version], now)
        paused_at = now if row.state == ClockState.PAUSED else None
        found[row.id] = Explanation(whole.due_at, whole.provisional, whole.spans(paused_at))
    return found


async def explain(work: Work, clock_ids: Sequence[UUID], now: datetime | None = None) -> dict[UUID, list[Span]]:
    """The spans of these clocks as they stand now; see `explanations` for a session without a unit of work."""
    await work.flush_pending(ClockRow)
    found = await explanations(work.session, work.tenant, clock_ids, now or work.now)
    return {clock_id: explanation.spans for clock_id, explanation in found.items()}
