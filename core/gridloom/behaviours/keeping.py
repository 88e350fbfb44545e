"""What follows from a step: clocks that start, stand, run on, grow and stop, and the inbox of whoever must act."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select

from gridloom.behaviours.county import Bound
from gridloom.behaviours.limits import days_until, limit_of, minutes_until, moment
from gridloom.behaviours.matters import local_zone, view_of
from gridloom.behaviours.models import MatterRow
from gridloom.cases.models import InboxItemRow
from gridloom.clocks.models import ClockExtension, ClockKind, ClockRow
from gridloom.clocks.service import (
    Limit,
    Unit,
    extend_clock,
    open_clocks,
    pause_clocks,
    resume_clocks,
    start_clock,
    start_statutory_clock,
    statutory_clock,
    stop_clocks,
)
from gridloom.contract.declare import Clock, Side, Step, camel
from gridloom.contract.types import Form
from gridloom.errors import ProblemCode, Refusal
from gridloom.work import Work

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
EVERY_KIND = tuple(ClockKind)


async def keep_clocks(work: Work, bound: Bound, step: Step[Any], row: MatterRow, form: Form) -> datetime | None:
    """Stop, extend, stand, resume and start the matter's clocks; returns when the earliest open one is due.

    Where the plugin does not speak any more the clocks it started still stop at the end of the matter.
    """
    clocks = bound.clocks
    if not row.open:
        await stop_clocks(work, assignment_id=row.id)
    elif ended := [clock.code for clock in clocks if step in clock.ends]:
        await stop_clocks(work, assignment_id=row.id, codes=ended)
    for clock in clocks:
        if clock.extended_by is step:
            await _extend(work, clock, row, form)
        elif step in clock.paused_by:
            note = clock.pause_ground or bound.behaviour.state(row.state).title
            await pause_clocks(work, row.id, codes=[clock.code], kinds=EVERY_KIND, note=note)
        elif step in clock.resumed_by:
            await resume_clocks(work, row.id, codes=[clock.code])
    if row.open:
        await _start_all(work, bound, step, row, form)
    running = await open_clocks(work, assignment_id=row.id)
    return min((clock.due_at for clock in running), default=None)


async def _start_all(work: Work, bound: Bound, step: Step[Any], row: MatterRow, form: Form) -> None:
    own = bound.element.clocks if bound.element is not None else ()
    view = view_of(row, bound)
    for clock in bound.clocks:
        wanted = step in clock.begins and (bound.speaks or clock not in own)
        if wanted and work.host.starts_clock(bound.plugin, clock.when, view):
            if step.source:  # it may run already: it begins anew
                await stop_clocks(work, assignment_id=row.id, codes=[clock.code])
            await _start(work, bound, clock, row, form)


async def _start(work: Work, bound: Bound, clock: Clock, row: MatterRow, form: Form) -> None:
    began = moment(work, getattr(form, clock.starting)) if clock.starting else None
    if clock.statutory:
        await start_statutory_clock(
            work, case_id=row.id, assignment_id=row.id, code=clock.code, started_at=began
        )
        return
    limit = limit_of(bound, clock) if not clock.until else None
    if limit is None:
        ends: date | None = getattr(form, clock.until)
        if ends is None:
            return
        limit = (
            minutes_until(work, ends) if clock.from_day else days_until(work, ends, began or work.now, camel(clock.until))
        )
    await start_clock(
        work, case_id=row.id, assignment_id=row.id, kind=ClockKind.SERVICE, code=clock.code,
        label=clock.label or clock.code, limit=limit, started_at=began,
    )


async def _extend(work: Work, clock: Clock, row: MatterRow, form: Form) -> None:
    days = getattr(form, "days", 0)
    for running in await open_clocks(work, assignment_id=row.id, codes=[clock.code]):
        await _may_extend(work, clock, running, days)
        reason = getattr(form, "ground", None)
        await extend_clock(work, running, limit=Limit(days, Unit.DAY), reason=reason)


async def _may_extend(work: Work, clock: Clock, running: ClockRow, days: int) -> None:
    """Raises `Refusal` NOT_ALLOWED_NOW where the law knows no extension, LIMIT_EXCEEDED past the most that is allowed."""
    if clock.statutory:
        law = await statutory_clock(work, clock.code, running.started_at.astimezone(local_zone(work)).date())
        if law is not None and law.extendable == "no":
            raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "matter-not-extendable", code=clock.code)
    if clock.extend_at_most is not None:
        given = (await work.session.execute(
            select(func.coalesce(func.sum(ClockExtension.value), 0)).where(
                ClockExtension.tenant_id == work.tenant, ClockExtension.clock_id == running.id
            )
        )).scalar_one()
        if given + days > clock.extend_at_most:
            raise Refusal(ProblemCode.LIMIT_EXCEEDED, "matter-extended-enough", path=("days",), limit=clock.extend_at_most)


async def keep_inbox(work: Work, bound: Bound, row: MatterRow, due_at: datetime | None) -> None:
    """One row for whoever the matter waits for, none where it waits for nobody: the person who handles it, the persons
    named in it, else the organisation."""
    await work.session.execute(
        delete(InboxItemRow).where(InboxItemRow.tenant_id == work.tenant, InboxItemRow.subject_id == row.id)
    )
    state = bound.behaviour.state(row.state)
    for scope in _waiting(row, state.waits_for):
        work.new(
            InboxItemRow, scope_id=scope, kind="MATTER", subject_kind="matter", subject_id=row.id, case_id=None,
            title=bound.title if row.named_ids is not None else row.title, reason=f"{bound.title}：{state.title}",
            due_at=due_at, sort_at=due_at or NEVER, created_at=work.now,
        )


def _waiting(row: MatterRow, side: Side | None) -> Iterable[UUID]:
    if side is None:
        return ()
    if row.assignee_id is not None and side is Side.OWNER:
        return (row.assignee_id,)
    if row.named_ids is not None:
        return row.named_ids
    places = {
        Side.OWNER: row.owner_id, Side.ORIGIN: row.origin_id, Side.COUNTERPART: row.counterpart_id,
        Side.SUPERVISOR: row.supervisor_id,
    }
    place = places.get(side)
    return (place,) if place is not None else ()
