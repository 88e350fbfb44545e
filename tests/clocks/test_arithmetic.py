"""Counting limits: worked examples over National Day 2025 and Spring Festival 2026, each with its whole explanation."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from gridloom.clocks.arithmetic import reckon
from gridloom.clocks.calendar import DayKind, Override, WorkCalendar
from gridloom.clocks.limits import Limit, Pause, RollRule, Span, Unit
from gridloom.clocks.walk import ROLL_SOURCE, START_DAY_SOURCE, CalendarExhausted

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def lines(spans: list[Span]) -> list[str]:
    """Spans as one line each: from → to (local), minutes, reason."""
    return [
        f"{span.start.astimezone(SHANGHAI):%m-%d %H:%M} {span.end.astimezone(SHANGHAI):%m-%d %H:%M}"
        f" {span.counted_minutes} {span.reason}{' ?' if span.provisional else ''}"
        for span in spans
    ]


def test_working_days_over_national_day_2025() -> None:
    count = reckon(at("2025-09-26 10:00"), [Limit(5, Unit.WORKING_DAY)], CALENDAR)
    assert count.due_at == at("2025-10-11 00:00")
    assert lines(count.spans()) == [
        "09-26 10:00 09-27 00:00 0 START_DAY",
        "09-27 00:00 09-28 00:00 0 REST_DAY",
        "09-28 00:00 09-29 00:00 1440 MAKE_UP_WORKDAY",
        "09-29 00:00 09-30 00:00 1440 WORKDAY",
        "09-30 00:00 10-01 00:00 1440 WORKDAY",
        *[f"10-{n:02d} 00:00 10-{n + 1:02d} 00:00 0 HOLIDAY" for n in range(1, 9)],
        "10-09 00:00 10-10 00:00 1440 WORKDAY",
        "10-10 00:00 10-11 00:00 1440 WORKDAY",
    ]
    assert [count.spans()[0].source, count.spans()[2].source] == [
        START_DAY_SOURCE, "国务院办公厅关于2025年部分节假日安排的通知",
    ]
    # Four of five days: the end of work on the fourth.
    assert count.warn_at() == at("2025-10-09 18:00")
    assert not count.provisional


def test_working_days_over_spring_festival_2026() -> None:
    count = reckon(at("2026-02-13 16:00"), [Limit(2, Unit.WORKING_DAY)], CALENDAR)
    assert count.due_at == at("2026-02-25 00:00")
    assert lines(count.spans()) == [
        "02-13 16:00 02-14 00:00 0 START_DAY",
        "02-14 00:00 02-15 00:00 1440 MAKE_UP_WORKDAY",
        *[f"02-{n} 00:00 02-{n + 1} 00:00 0 HOLIDAY" for n in range(15, 24)],
        "02-24 00:00 02-25 00:00 1440 WORKDAY",
    ]
    # 1.6 days: 0.6 of the second day's seven hours is 252 minutes: 210 before noon, 42 after 14:30.
    assert count.warn_at() == at("2026-02-24 15:12")


def test_calendar_days_end_on_a_holiday_unless_the_law_rolls_them() -> None:
    start, limit = at("2025-09-20 09:00"), [Limit(15, Unit.DAY)]
    assert reckon(start, limit, CALENDAR).due_at == at("2025-10-06 00:00")
    rolled = reckon(start, limit, CALENDAR, roll_rule=RollRule.NEXT_WORKDAY)
    assert rolled.due_at == at("2025-10-10 00:00")
    assert lines(rolled.spans())[-6:] == [
        "10-04 00:00 10-05 00:00 1440 HOLIDAY",
        "10-05 00:00 10-06 00:00 1440 HOLIDAY",
        "10-06 00:00 10-07 00:00 0 ROLLED",
        "10-07 00:00 10-08 00:00 0 ROLLED",
        "10-08 00:00 10-09 00:00 0 ROLLED",
        "10-09 00:00 10-10 00:00 0 ROLLED",
    ]
    assert rolled.spans()[-1].source == ROLL_SOURCE
    assert rolled.warn_at() == reckon(start, limit, CALENDAR).warn_at() == at("2025-10-03 00:00")


def test_a_rolled_limit_that_ends_on_a_make_up_workday_stays() -> None:
    assert CALENDAR.day(date(2025, 9, 28)).kind is DayKind.MAKE_UP_WORKDAY
    count = reckon(at("2025-09-21 09:00"), [Limit(7, Unit.DAY)], CALENDAR, roll_rule=RollRule.NEXT_WORKDAY)
    assert count.due_at == at("2025-09-29 00:00")


def test_what_ends_by_the_hour_does_not_roll() -> None:
    count = reckon(at("2026-03-06 10:00"), [Limit(24, Unit.HOUR)], CALENDAR, roll_rule=RollRule.NEXT_WORKDAY)
    assert count.due_at == at("2026-03-07 10:00")


def test_working_hours_skip_noon_night_and_holidays() -> None:
    count = reckon(at("2026-02-13 17:30"), [Limit(8, Unit.WORKING_HOUR)], CALENDAR)
    assert count.due_at == at("2026-02-24 09:00")
    assert lines(count.spans()) == [
        "02-13 17:30 02-13 18:00 30 WORKDAY",
        "02-13 18:00 02-14 00:00 0 OUTSIDE_HOURS",
        "02-14 00:00 02-14 08:30 0 OUTSIDE_HOURS",
        "02-14 08:30 02-14 12:00 210 MAKE_UP_WORKDAY",
        "02-14 12:00 02-14 14:30 0 OUTSIDE_HOURS",
        "02-14 14:30 02-14 18:00 210 MAKE_UP_WORKDAY",
        "02-14 18:00 02-15 00:00 0 OUTSIDE_HOURS",
        *[f"02-{n} 00:00 02-{n + 1} 00:00 0 HOLIDAY" for n in range(15, 24)],
        "02-24 00:00 02-24 08:30 0 OUTSIDE_HOURS",
        "02-24 08:30 02-24 09:00 30 WORKDAY",
    ]
    # 384 of 480 minutes: 30 on Friday, 210 before noon and 144 after it on the make-up Saturday.
    assert count.warn_at() == at("2026-02-14 16:54")


def test_elapsed_hours_run_through_the_holiday_and_their_seconds_add_up() -> None:
    start = datetime(2025, 9, 30, 22, 17, 33, 250_000, tzinfo=SHANGHAI)
    count = reckon(start, [Limit(72, Unit.HOUR)], CALENDAR)
    assert count.due_at == datetime(2025, 10, 3, 22, 17, 33, 250_000, tzinfo=SHANGHAI)
    assert lines(count.spans()) == [
        "09-30 22:17 10-01 00:00 102 WORKDAY",
        "10-01 00:00 10-02 00:00 1440 HOLIDAY",
        "10-02 00:00 10-03 00:00 1440 HOLIDAY",
        "10-03 00:00 10-03 22:17 1338 HOLIDAY",
    ]
    assert sum(span.counted_minutes for span in count.spans()) == 72 * 60
    assert count.warn_at() == datetime(2025, 10, 3, 7, 53, 33, 250_000, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "months", "roll", "due"),
    [
        ("2025-11-30 08:00", 3, RollRule.NONE_STATED, "2026-03-01 00:00"),  # no 30 February: the month's last day
        ("2025-11-30 08:00", 3, RollRule.NEXT_WORKDAY, "2026-03-01 00:00"),  # 28 February 2026 is a make-up workday
        ("2025-09-03 08:00", 1, RollRule.NONE_STATED, "2025-10-04 00:00"),
        ("2025-09-03 08:00", 1, RollRule.NEXT_WORKDAY, "2025-10-10 00:00"),
        ("2024-02-29 00:00", 24, RollRule.NONE_STATED, "2026-03-01 00:00"),
    ],
)
def test_months(start: str, months: int, roll: RollRule, due: str) -> None:
    assert reckon(at(start), [Limit(months, Unit.MONTH)], CALENDAR, roll_rule=roll).due_at == at(due)


def test_a_month_s_extension_counts_from_the_last_day() -> None:
    limits = [Limit(3, Unit.MONTH), Limit(1, Unit.MONTH)]
    assert reckon(at("2026-03-15 10:00"), limits, CALENDAR).due_at == at("2026-07-16 00:00")


def test_a_pause_moves_elapsed_time_by_itself_and_shows() -> None:
    pause = Pause(at("2026-03-03 09:00"), at("2026-03-03 11:30"), "缺少当事人联系方式")
    count = reckon(at("2026-03-03 08:00"), [Limit(4, Unit.HOUR)], CALENDAR, pauses=[pause])
    assert count.due_at == at("2026-03-03 14:30")
    assert lines(count.spans()) == [
        "03-03 08:00 03-03 09:00 60 WORKDAY",
        "03-03 09:00 03-03 11:30 0 PAUSED",
        "03-03 11:30 03-03 14:30 180 WORKDAY",
    ]
    assert count.spans()[1].note == "缺少当事人联系方式"


def test_a_pause_costs_the_whole_days_at_whose_end_it_lasts() -> None:
    start, limit = at("2026-03-02 10:00"), [Limit(3, Unit.DAY)]
    within = Pause(at("2026-03-03 09:00"), at("2026-03-03 17:00"))
    assert reckon(start, limit, CALENDAR, pauses=[within]).due_at == at("2026-03-06 00:00")
    overnight = Pause(at("2026-03-03 17:00"), at("2026-03-05 09:00"))
    count = reckon(start, limit, CALENDAR, pauses=[overnight])
    assert count.due_at == at("2026-03-08 00:00")
    assert lines(count.spans()) == [
        "03-02 10:00 03-03 00:00 0 START_DAY",
        "03-03 00:00 03-03 17:00 0 WORKDAY",
        "03-03 17:00 03-04 00:00 0 PAUSED",
        "03-04 00:00 03-05 00:00 0 PAUSED",
        "03-05 00:00 03-05 09:00 0 PAUSED",
        "03-05 09:00 03-06 00:00 1440 WORKDAY",
        "03-06 00:00 03-07 00:00 1440 WORKDAY",
        "03-07 00:00 03-08 00:00 1440 REST_DAY",
    ]


@pytest.mark.parametrize("unit", list(Unit))
def test_while_paused_the_last_span_is_the_pause_up_to_now(unit: Unit) -> None:
    start, stood, now = at("2026-03-02 10:00"), at("2026-03-04 15:00"), at("2026-03-05 16:20")
    limit = Limit({Unit.MINUTE: 9000, Unit.HOUR: 150, Unit.WORKING_HOUR: 40, Unit.MONTH: 1}.get(unit, 9), unit)
    count = reckon(start, [limit], CALENDAR, pauses=[Pause(stood, now)])
    spans = count.spans(paused_at=now)
    assert lines(spans)[-2:] == ["03-04 15:00 03-05 00:00 0 PAUSED", "03-05 00:00 03-05 16:20 0 PAUSED"]
    counted = {Unit.MINUTE: 53 * 60, Unit.HOUR: 53 * 60, Unit.WORKING_HOUR: 330 + 420 + 240}.get(unit, 1440)
    assert sum(span.counted_minutes for span in spans) == counted
    assert count.due_at > now


@pytest.mark.parametrize("unit", list(Unit))
def test_paused_this_very_moment(unit: Unit) -> None:
    start, now = at("2026-03-02 10:00"), at("2026-03-02 15:00")
    count = reckon(start, [Limit(9, unit)], CALENDAR, pauses=[Pause(now, now)])
    if unit is not Unit.MINUTE:
        spans = count.spans(paused_at=now)
        assert lines(spans)[-1] == "03-02 15:00 03-02 15:00 0 PAUSED"
        assert spans[-2].end == now
        assert sum(span.counted_minutes for span in spans) == {Unit.HOUR: 300, Unit.WORKING_HOUR: 150}.get(unit, 0)


def test_an_extension_in_working_days_follows_the_limit() -> None:
    limits = [Limit(24, Unit.HOUR), Limit(2, Unit.WORKING_DAY)]
    count = reckon(at("2026-02-12 15:00"), limits, CALENDAR)
    assert count.due_at == at("2026-02-25 00:00")
    assert lines(count.spans())[:4] == [
        "02-12 15:00 02-13 00:00 540 WORKDAY",
        "02-13 00:00 02-13 15:00 900 WORKDAY",
        "02-13 15:00 02-14 00:00 0 START_DAY",
        "02-14 00:00 02-15 00:00 1440 MAKE_UP_WORKDAY",
    ]
    whole = [Limit(3, Unit.WORKING_DAY), Limit(2, Unit.WORKING_DAY)]
    assert reckon(at("2026-03-02 10:00"), whole, CALENDAR).due_at == at("2026-03-10 00:00")


def test_a_limit_that_reaches_an_unpublished_year_says_so() -> None:
    count = reckon(at("2026-12-30 10:00"), [Limit(2, Unit.WORKING_DAY)], CALENDAR)
    assert (count.due_at, count.provisional) == (at("2027-01-02 00:00"), True)
    assert lines(count.spans())[-1] == "01-01 00:00 01-02 00:00 1440 WORKDAY ?"
    new_year = {date(2027, 1, 1): Override(DayKind.HOLIDAY, "元旦")}
    published = WorkCalendar(overrides=new_year, published=[2027])
    again = reckon(at("2026-12-30 10:00"), [Limit(2, Unit.WORKING_DAY)], published)
    assert (again.due_at, again.provisional) == (at("2027-01-05 00:00"), False)


def test_days_whose_kind_does_not_matter_are_not_provisional() -> None:
    start = at("2026-12-30 10:00")
    assert not reckon(start, [Limit(20, Unit.DAY)], CALENDAR).provisional
    assert not reckon(start, [Limit(200, Unit.HOUR)], CALENDAR).provisional
    rolled = reckon(start, [Limit(20, Unit.DAY)], CALENDAR, roll_rule=RollRule.NEXT_WORKDAY)
    assert [span.provisional for span in rolled.spans()] == [False] * 20 + [True]
    assert rolled.provisional


def test_limits_of_nothing_and_out_of_range() -> None:
    start = at("2026-03-02 10:00")
    for unit in Unit:
        count = reckon(start, [Limit(0, unit)], CALENDAR)
        assert (count.due_at, count.warn_at(), count.spans()) == (start, start, [])
        with pytest.raises(ValueError, match="out of range"):
            Limit(-1, unit)
        with pytest.raises(ValueError, match="out of range"):
            Limit(10**9, unit)
    assert Limit.of(5, "working_day") == Limit(5, Unit.WORKING_DAY)
    assert Limit.of(0, "immediate") == Limit(0, Unit.MINUTE)
    with pytest.raises(ValueError, match="event"):
        Limit.of(1, "event")


def test_a_calendar_without_work_ends_the_count_with_an_error() -> None:
    class Holidays(WorkCalendar):
        def _make(self, day):
            return super()._make(date(2026, 2, 15))

    with pytest.raises(CalendarExhausted):
        reckon(at("2026-03-02 10:00"), [Limit(1, Unit.WORKING_DAY)], Holidays())


def test_a_day_of_daylight_saving_counts_the_hours_it_has() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    calendar = WorkCalendar(time_zone="Europe/Berlin")
    count = reckon(datetime(2026, 3, 28, 12, tzinfo=berlin), [Limit(24, Unit.HOUR)], calendar)
    assert count.due_at == datetime(2026, 3, 29, 13, tzinfo=berlin)
    assert [span.counted_minutes for span in count.spans()] == [720, 720]
