"""Changing the county's calendar, and carrying the change on to the clocks that run."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from gridloom.clocks.calendar import DayKind, Override
from gridloom.clocks.calendars import (
    checked_day,
    checked_hours,
    checked_text,
    checked_year,
    current_calendar,
    new_version,
)
from gridloom.clocks.counting import (
    DUE_KIND,
    Event,
    History,
    announce,
    forget_due,
    histories,
    is_settled,
    put_due,
    set_timing,
    time_of,
    write_due,
)
from gridloom.clocks.models import CalendarRule, ClockRow, ClockState
from gridloom.errors import invalid
from gridloom.outbox import Due
from gridloom.work import CountyView, Work, Works

BATCH = 300
# A clock started by a transaction that was open while the calendar changed shows up after it; by then it is over.
LATE_START = timedelta(minutes=1)


async def edit_calendar_day(
    work: Work, day: date, kind: DayKind | None, note: str | None = None, source: str | None = None
) -> int:
    """Say what a day is in this county (None: as published again). Returns the calendar's new version.

    Clocks that run are counted anew: the first 300 at once, the others by the worker. Raises Refusal VALIDATION.
    """
    checked_day(day, note, source)
    override = Override(DayKind(kind), note, source) if kind is not None else None
    version = await new_version(work, {day: override})
    await _carry_on(work)
    return version


async def set_working_hours(work: Work, spans: Sequence[Sequence[str]]) -> int:
    """Set the hours of a working day, such as `[["08:30", "12:00"], ["14:30", "18:00"]]`. Returns the new version."""
    version = await new_version(work, hours=checked_hours(spans))
    await _carry_on(work)
    return version


async def confirm_year(work: Work, year: int, days: Mapping[date, Override], *, source: str) -> int:
    """Enter a year's published arrangement: its holidays and make-up workdays; all other days go by the weekday.

    Dates counted into that year are no longer provisional. Returns the new version. Raises Refusal VALIDATION.
    """
    checked_year(year)
    for day, override in days.items():
        checked_day(day, override.note, override.source or source)
        if day.year != year:
            raise invalid("clock-day-of-another-year", "days", year=str(year))
    checked_text("source", source)
    current = await current_calendar(work.session, work.tenant)
    years = (await work.session.execute(
        select(CalendarRule.published_years).where(
            CalendarRule.tenant_id == work.tenant, CalendarRule.version == current.version
        )
    )).scalar_one()
    named = {day: Override(one.kind, one.note, one.source or source) for day, one in days.items()}
    version = await new_version(work, named, published_years=sorted({*years, year}))
    await _carry_on(work)
    return version


async def recompute_open(work: Work, limit: int = BATCH) -> int:
    """Count anew the running and paused clocks last looked at under an older calendar; returns how many those were.

    Only open clocks move. A legal date that people were told (its warning is out) stays, with the calendar it was told
    by. Clocks locked by a step are passed over: less than `limit` means that nothing else waits.
    """
    current = await current_calendar(work.session, work.tenant)
    rows = list((await work.session.execute(
        select(ClockRow)
        .where(
            ClockRow.tenant_id == work.tenant, ClockRow.reviewed_version < current.version,
            ClockRow.state.in_((ClockState.RUNNING, ClockState.PAUSED)),
        )
        .order_by(ClockRow.reviewed_version, ClockRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )).scalars())
    past = await histories(work.session, work.tenant, [row.id for row in rows])
    counted, events = [], []
    for row in rows:
        if is_settled(row):
            row.reviewed_version = current.version
            continue
        before = row.due_at
        result = time_of(row, past.get(row.id, History()), current.calendar, work.now)
        set_timing(row, result, current.version, work.now)
        counted.append(row)
        if row.due_at != before and row.state == ClockState.RUNNING:
            events.append(Event("clock.moved", row, before))
    await announce(work, events)
    await work.session.flush()
    await write_due(work, counted)
    return len(rows)


async def _carry_on(work: Work) -> None:
    """Count the first clocks by the new calendar, and let the worker look at the rest."""
    reviewed = await recompute_open(work)
    await put_due(work, [(work.tenant, work.now if reviewed == BATCH else work.now + LATE_START)])


async def carry_calendar(works: Works, county: CountyView | UUID) -> None:
    """The worker's part: where the calendar changed, count all clocks by it, a batch a transaction."""
    reviewed = BATCH
    while reviewed == BATCH:
        async with works.open(county) as work:
            waits = (await work.session.execute(
                select(Due.id)
                .where(
                    Due.tenant_id == work.tenant, Due.kind == DUE_KIND, Due.id == work.tenant, Due.due_at <= work.now
                )
                .with_for_update(skip_locked=True)
            )).scalar_one_or_none()
            if waits is None:
                return
            reviewed = await recompute_open(work)
            if reviewed < BATCH:
                await _settle(work)


async def _settle(work: Work) -> None:
    """All are counted: look once more when every transaction that began before the change is over."""
    settled_at = (await current_calendar(work.session, work.tenant)).changed_at + LATE_START
    if work.now < settled_at:
        await put_due(work, [(work.tenant, settled_at)])
    else:
        await forget_due(work, [work.tenant])
