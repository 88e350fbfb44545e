"""The calendar: published holidays and make-up workdays, the county's own days, and years nobody has published."""

from datetime import UTC, date, datetime

import pytest

from gridloom.clocks.calendar import (
    DEFAULT_HOURS,
    WEEK_SOURCE,
    Day,
    DayKind,
    Message,
    Override,
    WorkCalendar,
    WorkingHours,
    library_years,
)

NATIONAL_DAY = (("holiday", "national-day"),)
MADE_UP = Message("clock-note-make-up", NATIONAL_DAY)
NOTICE_2025 = "国务院办公厅关于2025年部分节假日安排的通知"


def test_days_around_national_day_2025() -> None:
    calendar = WorkCalendar()
    assert [calendar.day(date(2025, 9, 27)), calendar.day(date(2025, 9, 28)), calendar.day(date(2025, 9, 29))] == [
        Day(date(2025, 9, 27), DayKind.REST_DAY, None, WEEK_SOURCE, False),
        Day(date(2025, 9, 28), DayKind.MAKE_UP_WORKDAY, MADE_UP, NOTICE_2025, False),
        Day(date(2025, 9, 29), DayKind.WORKDAY, None, WEEK_SOURCE, False),
    ]
    assert [calendar.day(date(2025, 10, n)).kind for n in range(1, 9)] == [DayKind.HOLIDAY] * 8
    assert calendar.day(date(2025, 10, 6)).note == Message(
        "clock-note-holiday", (("holiday", "mid-autumn-festival"),)
    )
    assert calendar.day(date(2025, 10, 8)).note == Message("clock-note-in-lieu", NATIONAL_DAY)
    assert calendar.day(date(2025, 10, 11)).kind is DayKind.MAKE_UP_WORKDAY


def test_a_year_has_its_published_count_of_days() -> None:
    days = WorkCalendar().year(2026)
    assert len(days) == 365
    kinds = [day.kind for day in days]
    assert {kind: kinds.count(kind) for kind in DayKind} == {
        DayKind.WORKDAY: 242,
        DayKind.MAKE_UP_WORKDAY: 6,
        DayKind.REST_DAY: 84,
        DayKind.HOLIDAY: 33,
    }


def test_the_county_s_own_day_stands_above_the_published_one() -> None:
    festival = Override(DayKind.HOLIDAY, "火把节", "弥渡县人民政府通知")
    calendar = WorkCalendar(overrides={date(2026, 8, 6): festival})
    assert calendar.day(date(2026, 8, 6)) == Day(
        date(2026, 8, 6), DayKind.HOLIDAY, "火把节", "弥渡县人民政府通知", False
    )
    assert calendar.windows(date(2026, 8, 6)) == ()
    assert calendar.day(date(2026, 8, 7)).kind is DayKind.WORKDAY


def test_an_unpublished_year_goes_by_the_weekday_until_the_county_confirms_it() -> None:
    year = max(library_years()) + 1
    assert not WorkCalendar().is_published(year)
    weekdays = [day for day in WorkCalendar().year(year) if day.date.weekday() < 5]
    assert {(day.kind, day.provisional, day.note) for day in weekdays} == {
        (DayKind.WORKDAY, True, Message("clock-note-unpublished", (("year", str(year)),)))
    }
    own = WorkCalendar(published=[year], overrides={date(year, 1, 1): Override(DayKind.HOLIDAY, "元旦")})
    assert own.is_published(year)
    assert {day.provisional for day in own.year(year)} == {False}
    assert own.day(date(year, 1, 1)).kind is DayKind.HOLIDAY


def test_working_hours_of_a_day_are_moments() -> None:
    assert WorkCalendar().windows(date(2026, 2, 14)) == (
        (datetime(2026, 2, 14, 0, 30, tzinfo=UTC), datetime(2026, 2, 14, 4, 0, tzinfo=UTC)),
        (datetime(2026, 2, 14, 6, 30, tzinfo=UTC), datetime(2026, 2, 14, 10, 0, tzinfo=UTC)),
    )
    night = WorkCalendar(hours=WorkingHours.parse([["00:00", "24:00"]]))
    assert night.windows(date(2026, 2, 14)) == (
        (datetime(2026, 2, 13, 16, 0, tzinfo=UTC), datetime(2026, 2, 14, 16, 0, tzinfo=UTC)),
    )
    assert DEFAULT_HOURS.texts() == [["08:30", "12:00"], ["14:30", "18:00"]]


@pytest.mark.parametrize(
    "spans",
    [[], [["12:00", "08:30"]], [["08:30", "08:30"]], [["08:30", "12:00"], ["11:00", "18:00"]], [["8", "9"]],
     [["08:61", "09:00"]], [["08:00", "25:00"]]],
)
def test_working_hours_that_make_no_sense_are_refused(spans: list[list[str]]) -> None:
    with pytest.raises(ValueError, match=r"working hours|time of day"):
        WorkingHours.parse(spans)
