"""What follows from a step: clocks started, stopped and extended, and the row in the inbox of whoever must act."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete

from gridloom.behaviours.county import Bound
from gridloom.behaviours.matters import view_of
from gridloom.behaviours.models import MatterRow
from gridloom.cases.models import InboxItemRow
from gridloom.clocks.limits import Limit, Unit
from gridloom.clocks.models import ClockKind
from gridloom.clocks.service import extend_clock, open_clocks, start_clock, start_statutory_clock, stop_clocks
from gridloom.contract.declare import Clock, Side, Step
from gridloom.contract.types import Form
from gridloom.work import Work

NEVER = datetime(9999, 12, 31, tzinfo=UTC)


async def keep_clocks(work: Work, bound: Bound, step: Step[Any], row: MatterRow, form: Form) -> datetime | None:
    """Start, extend and stop the element's clocks; returns when the earliest open one is due.

    Where the plugin does not speak any more the clocks it started still stop at the end of the matter.
    """
    clocks = bound.element.clocks if bound.element is not None else ()
    ended = [clock.code for clock in clocks if step in clock.ends]
    if not row.open:
        await stop_clocks(work, assignment_id=row.id)
    elif ended:
        await stop_clocks(work, assignment_id=row.id, codes=ended)
    for clock in clocks:
        if clock.extended_by is step:
            await _extend(work, clock, row, form)
    if bound.speaks:
        view = view_of(row, bound)
        for clock in clocks:
            if step in clock.begins and work.host.starts_clock(bound.plugin, clock.when, view):
                await _start(work, clock, row)
    running = await open_clocks(work, assignment_id=row.id)
    return min((clock.due_at for clock in running), default=None)


async def _start(work: Work, clock: Clock, row: MatterRow) -> None:
    if clock.statutory:
        await start_statutory_clock(work, case_id=row.id, assignment_id=row.id, code=clock.code)
        return
    await start_clock(
        work, case_id=row.id, assignment_id=row.id, kind=ClockKind.SERVICE, code=clock.code,
        label=clock.label or clock.code, limit=_limit(clock),
    )


def _limit(clock: Clock) -> Limit:
    for value, unit in (
        (clock.days, Unit.DAY), (clock.working_days, Unit.WORKING_DAY), (clock.hours, Unit.HOUR),
        (clock.working_hours, Unit.WORKING_HOUR),
    ):
        if value is not None:
            return Limit(value, unit)
    raise ValueError(f"clock {clock.code} has no limit")


async def _extend(work: Work, clock: Clock, row: MatterRow, form: Form) -> None:
    days = getattr(form, "days", 0)
    for running in await open_clocks(work, assignment_id=row.id, codes=[clock.code]):
        reason = getattr(form, "ground", None)
        await extend_clock(work, running, limit=Limit(days, Unit.DAY), reason=reason)


async def keep_inbox(work: Work, bound: Bound, row: MatterRow, due_at: datetime | None) -> None:
    """One row for the organisation that the matter waits for, none where it waits for nobody."""
    await work.session.execute(
        delete(InboxItemRow).where(InboxItemRow.tenant_id == work.tenant, InboxItemRow.subject_id == row.id)
    )
    state = bound.behaviour.state(row.state)
    side = state.waits_for
    place = {Side.OWNER: row.owner_id, Side.ORIGIN: row.origin_id, Side.COUNTERPART: row.counterpart_id}
    scope = place[side] if side is not None else None
    if scope is not None:
        work.new(
            InboxItemRow, scope_id=scope, kind="MATTER", subject_kind="matter", subject_id=row.id, case_id=None,
            title=row.title, reason=f"{bound.title}：{state.title}", due_at=due_at, sort_at=due_at or NEVER,
            created_at=work.now,
        )
