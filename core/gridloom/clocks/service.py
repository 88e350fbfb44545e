"""Clocks of cases and assignments: start, pause, resume, extend, stop. What moves a clock moves its row in `due`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, any_, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text, Uuid

from gridloom.clocks.arithmetic import timing
from gridloom.clocks.calendars import VersionedCalendar, calendar_of, calendars_of, seed_calendar
from gridloom.clocks.counting import (
    Event,
    History,
    among,
    announce,
    fire,
    histories,
    is_settled,
    set_timing,
    show_facts_to,
    time_of,
    write_due,
)
from gridloom.clocks.editing import confirm_year, edit_calendar_day, recompute_open, set_working_hours
from gridloom.clocks.explain import Explanation, explain, explanations
from gridloom.clocks.firing import fire_due
from gridloom.clocks.limits import Limit, RollRule, Unit
from gridloom.clocks.models import ClockExtension, ClockKind, ClockPause, ClockRow, ClockState
from gridloom.clocks.statutory import seed_statutory_clocks, statutory_clock
from gridloom.errors import ProblemCode, Refusal, invalid, not_found
from gridloom.ids import uuid7
from gridloom.lookup import Lookup, bind
from gridloom.work import Work

__all__ = [
    "ClockStart", "Explanation", "Limit", "RollRule", "Unit", "confirm_year", "due_after", "edit_calendar_day", "explain",
    "explanations", "extend_clock", "fire_due", "open_clock_due", "open_clocks", "pause_clocks", "recompute_open",
    "restart_clock", "resume_clocks", "seed_calendar", "seed_statutory_clocks", "set_working_hours", "show_facts_to",
    "start_clock", "start_clocks", "start_statutory_clock", "statutory_clock", "stop_clocks", "write_past_clocks",
]

PAST_CHUNK = 2_000
_CLOCK_TABLE = cast(Table, ClockRow.__table__)
_FIRST_DUE = Lookup(
    select(ClockRow.due_at)
    .where(
        ClockRow.tenant_id == bind("tenant", Uuid()), ClockRow.case_id == bind("case", Uuid()),
        ClockRow.code == bind("code", Text()), ClockRow.stopped_at.is_(None),
    )
    .order_by(ClockRow.due_at)
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStart:
    """A clock to start. `started_at` defaults to now; `stopped_at` is for histories that are written after the fact."""

    case_id: UUID
    kind: ClockKind
    code: str
    label: str
    limit: Limit
    assignment_id: UUID | None = None
    started_at: datetime | None = None
    roll_rule: RollRule | str = RollRule.NONE_STATED
    source: str | None = None
    stopped_at: datetime | None = None


async def start_clock(
    work: Work, *, case_id: UUID, assignment_id: UUID | None = None, kind: ClockKind | str, code: str, label: str,
    limit: Limit, started_at: datetime | None = None, roll_rule: RollRule | str = RollRule.NONE_STATED,
    source: str | None = None,
) -> ClockRow:
    """Start one clock of a case, or of an assignment in it."""
    start = ClockStart(
        case_id=case_id, assignment_id=assignment_id, kind=ClockKind(kind), code=code, label=label, limit=limit,
        started_at=started_at, roll_rule=roll_rule, source=source,
    )
    return (await start_clocks(work, [start]))[0]


async def start_clocks(work: Work, starts: Sequence[ClockStart]) -> list[ClockRow]:
    """Start clocks, with a fixed number of statements. One whose warning is past is warned at the next sweep."""
    if not starts:
        return []
    current = await calendar_of(work)
    rows = [ClockRow(**_values(work, one, current)) for one in starts]
    work.session.add_all(rows)
    await write_due(work, [row for row in rows if row.state == ClockState.RUNNING])
    return rows


async def write_past_clocks(work: Work, starts: Sequence[ClockStart]) -> None:
    """Enter clocks that are over, many at once (imports, synthetic histories). Raises ValueError where one runs."""
    if any(one.stopped_at is None for one in starts):
        raise ValueError("a clock that still runs is started, not entered")
    current = await calendar_of(work)
    connection = await work.session.connection()
    for first in range(0, len(starts), PAST_CHUNK):
        chunk = starts[first : first + PAST_CHUNK]
        await connection.execute(insert(_CLOCK_TABLE), [_values(work, one, current) for one in chunk])


def _values(work: Work, start: ClockStart, current: VersionedCalendar) -> dict[str, Any]:
    began = start.started_at or work.now
    roll_rule = RollRule(start.roll_rule)
    result = timing(began, [start.limit], current.calendar, roll_rule=roll_rule)
    stopped = start.stopped_at
    return {
        "tenant_id": work.tenant, "id": uuid7(), "case_id": start.case_id, "assignment_id": start.assignment_id,
        "kind": start.kind, "code": start.code, "label": start.label, "limit_value": start.limit.value,
        "unit": start.limit.unit, "roll_rule": roll_rule, "source": start.source, "started_at": began,
        "due_at": result.due_at, "warn_at": result.warn_at,
        "state": ClockState.RUNNING if stopped is None else ClockState.STOPPED, "stopped_at": stopped,
        "warned_at": result.warn_at if stopped and result.warn_at <= stopped else None,
        "expired_at": result.due_at if stopped and result.due_at <= stopped else None,
        "provisional": result.provisional, "calendar_version": current.version, "reviewed_version": current.version,
    }


async def start_statutory_clock(
    work: Work, *, case_id: UUID, code: str, starts: Collection[str] | None = None, assignment_id: UUID | None = None,
    started_at: datetime | None = None,
) -> ClockRow | None:
    """Start a legal clock by its code, as the law stands on the day it starts.

    None where nothing is to be counted: the code is unknown, its text superseded by then, the law names an event
    instead of a count, or the limit starts with something else than `starts` (`accepted`, `received` …) names.
    """
    began = started_at or work.now
    current = await calendar_of(work)
    law = await statutory_clock(work, code, current.calendar.local_date(began))
    if law is None or law.limit_value is None or (starts is not None and law.starts_at not in starts):
        return None
    return await start_clock(
        work, case_id=case_id, assignment_id=assignment_id, kind=ClockKind.STATUTORY, code=code, label=law.process,
        limit=Limit.of(law.limit_value, law.unit), started_at=began, roll_rule=law.roll_rule, source=law.source,
    )


async def open_clocks(
    work: Work, *, case_id: UUID | None = None, assignment_id: UUID | None = None,
    codes: Collection[str] | None = None, kinds: Collection[ClockKind] | None = None,
) -> list[ClockRow]:
    """The clocks of a case (its assignments' too) or of an assignment that are not stopped, locked, oldest first."""
    if case_id is None and assignment_id is None:
        raise ValueError("name a case or an assignment")
    await work.flush_pending(ClockRow)
    query = _open(work)
    if case_id is not None:
        query = query.where(ClockRow.case_id == case_id)
    if assignment_id is not None:
        query = query.where(ClockRow.assignment_id == assignment_id)
    if codes is not None:
        query = query.where(ClockRow.code == any_(literal(list(codes), ARRAY(Text()))))
    if kinds is not None:
        query = query.where(ClockRow.kind == any_(literal([str(kind) for kind in kinds], ARRAY(Text()))))
    return list((await work.session.scalars(query)).all())


async def open_clock_due(work: Work, case_id: UUID, code: str) -> datetime | None:
    """When the case's open clock of this code is due (the first, where there are several); None without one."""
    started = [
        row.due_at for row in work.session.new
        if isinstance(row, ClockRow) and (row.case_id, row.code) == (case_id, code) and row.stopped_at is None
    ]
    if started:
        return min(started)
    if any(isinstance(row, ClockRow) and row.code == code for row in work.session.dirty):
        await work.flush()
    found = await work.look_one(_FIRST_DUE, case=case_id, code=code)
    return found["due_at"] if found is not None else None


def _open(work: Work) -> Select[ClockRow]:
    return (
        select(ClockRow)
        .where(ClockRow.tenant_id == work.tenant, ClockRow.stopped_at.is_(None))
        .order_by(ClockRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def due_after(
    work: Work, began: datetime, limit: Limit, roll_rule: RollRule = RollRule.NONE_STATED
) -> datetime:
    """When a limit counted from that moment is over, by the county's present calendar."""
    current = await calendar_of(work)
    return timing(began, [limit], current.calendar, roll_rule=roll_rule).due_at


async def pause_clocks(
    work: Work, case_id: UUID, *, note: str | None = None, kinds: Collection[ClockKind] = (ClockKind.SERVICE,),
    codes: Collection[str] | None = None,
) -> list[ClockRow]:
    """Let the case's running clocks stand; returns those that do.

    No law lets its time stand for missing information, so legal clocks run on unless `kinds` says otherwise. A clock
    that has run out before this moment expires instead.
    """
    rows = await open_clocks(work, case_id=case_id, kinds=kinds, codes=codes)
    await announce(work, [event for row in rows for event in fire(row, work.now)])
    running = [row for row in rows if row.state == ClockState.RUNNING]
    for row in running:
        row.state = ClockState.PAUSED
    if running:
        await work.session.execute(insert(ClockPause), [
            {"tenant_id": work.tenant, "id": uuid7(), "clock_id": row.id, "started_at": work.now, "note": note}
            for row in running
        ])
    await _save(work, rows)
    return running


async def resume_clocks(work: Work, case_id: UUID, *, codes: Collection[str] | None = None) -> list[ClockRow]:
    """Let the case's standing clocks (those of `codes`, if given) run again, later by what they stood; returns them."""
    rows = [row for row in await open_clocks(work, case_id=case_id, codes=codes) if row.state == ClockState.PAUSED]
    await _end_pauses(work, rows, ClockState.RUNNING)
    await _save(work, rows)
    return rows


async def stop_clocks(
    work: Work, *, case_id: UUID | None = None, assignment_id: UUID | None = None,
    codes: Collection[str] | None = None, kinds: Collection[ClockKind] | None = None,
) -> list[ClockRow]:
    """Stop the open clocks of a case or an assignment: what they waited for has been done. Returns them.

    One that ran out before this moment, unnoticed, is expired first, so that lateness is never lost.
    """
    return await _stop(
        work, await open_clocks(work, case_id=case_id, assignment_id=assignment_id, codes=codes, kinds=kinds)
    )


async def restart_clock(work: Work, clock: ClockRow, *, started_at: datetime | None = None) -> ClockRow:
    """Stop this clock where it is open, and start a new one of the same limit; the old one stays as history."""
    await _stop(work, [row for row in await open_clocks(work, case_id=clock.case_id) if row.id == clock.id])
    return await start_clock(
        work, case_id=clock.case_id, assignment_id=clock.assignment_id, kind=clock.kind, code=clock.code,
        label=clock.label, limit=Limit.of(clock.limit_value, clock.unit), started_at=started_at,
        roll_rule=clock.roll_rule, source=clock.source,
    )


async def extend_clock(
    work: Work, clock: ClockRow | UUID, working_days: int | None = None, *, limit: Limit | None = None,
    reason: str | None = None, granted_by: UUID | None = None,
) -> ClockRow:
    """Give a clock more time after its limit, in working days or as `limit` says; returns it with its new date.

    An expired clock whose new date lies ahead runs again. Raises Refusal NOT_FOUND, NOT_ALLOWED_NOW (stopped),
    VALIDATION (out of range).
    """
    more = limit if limit is not None else _working_days(working_days)
    clock_id = clock if isinstance(clock, UUID) else clock.id
    await work.flush_pending(ClockRow)
    row = (await work.session.execute(
        select(ClockRow)
        .where(ClockRow.tenant_id == work.tenant, ClockRow.id == clock_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )).scalar_one_or_none()
    if row is None:
        raise not_found("clockId")
    if row.state == ClockState.STOPPED:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "clock-stopped")
    before, events = row.due_at, fire(row, work.now)
    position = (await work.session.execute(
        select(func.count()).where(ClockExtension.tenant_id == work.tenant, ClockExtension.clock_id == row.id)
    )).scalar_one()
    work.new(
        ClockExtension, id=uuid7(), clock_id=row.id, position=position, value=more.value, unit=more.unit,
        reason=reason, granted_at=work.now, granted_by=granted_by or work.actor.id,
    )
    await work.session.flush()
    await _recount(work, [row])
    if row.state == ClockState.EXPIRED and row.due_at > work.now:
        row.state, row.expired_at = ClockState.RUNNING, None
    await announce(work, [*events, Event("clock.extended", row, before)])
    await _save(work, [row])
    return row


def _working_days(days: int | None) -> Limit:
    if days is None or days < 1:
        raise invalid("clock-extension-range", "workingDays")
    try:
        return Limit(days, Unit.WORKING_DAY)
    except ValueError as error:
        raise invalid("clock-extension-range", "workingDays") from error


async def _stop(work: Work, rows: list[ClockRow]) -> list[ClockRow]:
    await _end_pauses(work, [row for row in rows if row.state == ClockState.PAUSED], ClockState.PAUSED)
    await announce(work, [event for row in rows for event in fire(row, work.now)])
    for row in rows:
        row.state, row.stopped_at = ClockState.STOPPED, work.now
    await _save(work, rows)
    return rows


async def _end_pauses(work: Work, rows: Sequence[ClockRow], state: ClockState) -> None:
    """Close the open pauses of locked clocks, count them anew and give them this state."""
    if not rows:
        return
    pauses = (await work.session.execute(
        select(ClockPause).where(
            ClockPause.tenant_id == work.tenant, among(ClockPause.clock_id, [row.id for row in rows]),
            ClockPause.ended_at.is_(None),
        )
    )).scalars()
    for pause in pauses:
        pause.ended_at = work.now
    await work.session.flush()
    await _recount(work, rows)
    for row in rows:
        row.state = state


async def _recount(work: Work, rows: Sequence[ClockRow]) -> None:
    """Count by the present calendar; a legal date that people were told keeps the calendar it was told by."""
    current = await calendar_of(work)
    old = await calendars_of(work.session, work.tenant, {row.calendar_version for row in rows if is_settled(row)})
    past = await histories(work.session, work.tenant, [row.id for row in rows])
    for row in rows:
        version = row.calendar_version if is_settled(row) else current.version
        calendar = old[version] if is_settled(row) else current.calendar
        set_timing(row, time_of(row, past.get(row.id, History()), calendar, work.now), version, work.now)
        row.reviewed_version = current.version


async def _save(work: Work, rows: Sequence[ClockRow]) -> None:
    await write_due(work, rows)
