"""The county's calendar as its administrators see and edit it."""

import datetime
from collections.abc import Awaitable, Callable
from typing import Any

import strawberry

from gridloom.clocks.calendar import Day, DayKind, Override, WorkCalendar
from gridloom.clocks.calendars import FIRST_YEAR, LAST_YEAR, current_calendar
from gridloom.clocks.editing import confirm_year, edit_calendar_day, set_working_hours
from gridloom.clocks.graphql import note_text
from gridloom.context import Info
from gridloom.errors import Denied, invalid
from gridloom.mutations import run
from gridloom.problems import Problem, given, problems_of
from gridloom.reads import Query, extends, failure
from gridloom.work import Work

ADMINISTER = "administer"
MOST_DAYS, MOST_SPANS = 120, 6

strawberry.enum(DayKind, description="What a day is: a workday, a make-up workday (调休上班), a rest day or a holiday.")


@strawberry.type(description="A day of the county's calendar.")
class CalendarDay:
    """One day."""

    date: datetime.date = strawberry.field(description="The county's date.")
    kind: DayKind = strawberry.field(description="What the day is.")
    note: str | None = strawberry.field(description="The holiday's name, or what the county wrote.")
    source: str | None = strawberry.field(description="Who says so.")
    provisional: bool = strawberry.field(description="Its year is not published: taken by the weekday for now.")
    edited: bool = strawberry.field(description="The county itself said so.")


@strawberry.type(description="A stretch of a working day, as 08:30 and 12:00 of the county's time.")
class WorkingSpan:
    """One stretch."""

    from_: str = strawberry.field(name="from", description="When work begins.")
    to: str = strawberry.field(description="When it ends.")


@strawberry.type(description="A year of the county's calendar.")
class CalendarYear:
    """One year at the calendar's present version."""

    year: int = strawberry.field(description="Which year.")
    version: int = strawberry.field(description="The calendar's present version; every change makes the next one.")
    published: bool = strawberry.field(description="Whether the year's holidays are known.")
    working_hours: list[WorkingSpan] = strawberry.field(description="The hours of a working day.")
    days: list[CalendarDay] = strawberry.field(description="All days of the year, in order.")


@strawberry.input(description="Say what a day is.")
class EditCalendarDayInput:
    """One day; without kind it is again as published."""

    key: strawberry.ID
    date: datetime.date
    kind: DayKind | None = strawberry.UNSET
    note: str | None = strawberry.UNSET
    source: str | None = strawberry.UNSET


@strawberry.input(description="A stretch of a working day.")
class WorkingSpanInput:
    """As 08:30 and 12:00; 24:00 is the end of the day."""

    from_: str = strawberry.field(name="from")
    to: str


@strawberry.input(description="Set the hours of a working day.")
class SetWorkingHoursInput:
    """In order, not overlapping, at most six."""

    key: strawberry.ID
    hours: list[WorkingSpanInput]


@strawberry.input(description="A day of a year's published arrangement.")
class PublishedDayInput:
    """A holiday or a make-up workday."""

    date: datetime.date
    kind: DayKind
    note: str | None = strawberry.UNSET


@strawberry.input(description="Enter a year's published arrangement; days that are not named go by the weekday.")
class ConfirmCalendarYearInput:
    """At most 120 days; `source` is the arrangement's name or number."""

    key: strawberry.ID
    year: int
    source: str
    days: list[PublishedDayInput]


@strawberry.type(description="The calendar after the change.")
class CalendarPayload:
    """What came of it."""

    calendar: CalendarYear | None = strawberry.field(description="The year that was edited; null where nothing could.")
    replayed: bool = strawberry.field(description="The key had been used for the same input before.")
    problems: list[Problem] = strawberry.field(description="Why nothing changed; empty when it did.")


@extends(Query)
class CalendarQueries:
    """The county's calendar."""

    @strawberry.field(description="A year of the county's working calendar.")
    async def calendar_year(self, info: Info, year: int) -> CalendarYear:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise failure("VALIDATION", f"year: {FIRST_YEAR} to {LAST_YEAR}")
        return await _year(info, year)


@strawberry.type
class CalendarMutations:
    """Changes of the calendar; running clocks are counted anew by them."""

    @strawberry.mutation(description="A county administrator says what a day is.")
    async def edit_calendar_day(self, info: Info, input: EditCalendarDayInput) -> CalendarPayload:
        return await _change(info, "editCalendarDay", input, input.date.year, lambda work: edit_calendar_day(
            work, input.date, given(input.kind), given(input.note), given(input.source),
        ))

    @strawberry.mutation(description="A county administrator sets the hours of a working day.")
    async def set_working_hours(self, info: Info, input: SetWorkingHoursInput) -> CalendarPayload:
        async def step(work: Work) -> int:
            if len(input.hours) > MOST_SPANS:
                raise invalid("clock-hours-invalid", "hours")
            return await set_working_hours(work, [(span.from_, span.to) for span in input.hours])

        return await _change(info, "setWorkingHours", input, info.context.works.clock.now().year, step)

    @strawberry.mutation(description="A county administrator enters a year's holidays and make-up workdays.")
    async def confirm_calendar_year(self, info: Info, input: ConfirmCalendarYearInput) -> CalendarPayload:
        async def step(work: Work) -> int:
            if len(input.days) > MOST_DAYS:
                raise invalid("clock-too-many-days", "days", most=MOST_DAYS)
            days = {day.date: Override(day.kind, given(day.note)) for day in input.days}
            return await confirm_year(work, input.year, days, source=input.source)

        return await _change(info, "confirmCalendarYear", input, input.year, step)


async def _change(
    info: Info, operation: str, input: Any, year: int, change: Callable[[Work], Awaitable[int]]
) -> CalendarPayload:
    async def step(work: Work) -> dict[str, Any]:
        if ADMINISTER not in work.actor.can:
            raise Denied("FORBIDDEN", "denied-forbidden", step=operation)
        return {"version": await change(work)}

    outcome = await run(info.context, operation, str(input.key), input, step)
    return CalendarPayload(
        calendar=await _year(info, year) if FIRST_YEAR <= year <= LAST_YEAR else None, replayed=outcome.replayed,
        problems=problems_of(outcome, info.context.locale),
    )


async def _year(info: Info, year: int) -> CalendarYear:
    async with info.context.reading() as session:
        current = await current_calendar(session, info.context.tenant)
    calendar = current.calendar
    return CalendarYear(
        year=year, version=current.version, published=calendar.is_published(year),
        working_hours=[WorkingSpan(from_=start, to=end) for start, end in calendar.hours.texts()],
        days=[_day(calendar, day, info.context.locale) for day in calendar.year(year)],
    )


def _day(calendar: WorkCalendar, day: Day, locale: str) -> CalendarDay:
    return CalendarDay(
        date=day.date, kind=day.kind, note=note_text(day.note, locale), source=day.source,
        provisional=day.provisional, edited=calendar.is_edited(day.date),
    )
