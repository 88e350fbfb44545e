"""Laws that hold for every limit, start, pause and calendar."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from gridloom.clocks.arithmetic import reckon, timing
from gridloom.clocks.calendar import DayKind, Override, WorkCalendar, WorkingHours
from gridloom.clocks.limits import DayReason, Limit, Pause, RollRule, Unit
from gridloom.clocks.walk import Walk

LARGEST = {
    Unit.MINUTE: 20_000, Unit.HOUR: 400, Unit.DAY: 60, Unit.WORKING_DAY: 25, Unit.WORKING_HOUR: 90, Unit.MONTH: 4,
}
MINUTES = {Unit.MINUTE: 1, Unit.HOUR: 60, Unit.WORKING_HOUR: 60, Unit.DAY: 1440, Unit.WORKING_DAY: 1440}

_day = st.dates(date(2025, 8, 1), date(2027, 3, 1))
calendars = st.builds(
    WorkCalendar,
    st.sampled_from(["Asia/Shanghai", "Asia/Kathmandu", "Europe/Berlin"]),
    st.sampled_from([
        WorkingHours.parse([["08:30", "12:00"], ["14:30", "18:00"]]),
        WorkingHours.parse([["00:00", "24:00"]]),
        WorkingHours.parse([["09:00", "17:00"]]),
    ]),
    st.dictionaries(_day, st.sampled_from(list(DayKind)).map(Override), max_size=12),
)
# In UTC: moments of a repeated hour in a zone with daylight saving equal nothing in another zone.
starts = st.one_of(
    st.datetimes(datetime(2025, 8, 1), datetime(2027, 2, 1), timezones=st.just(UTC)),
    st.builds(lambda day: WorkCalendar().midnight(day), _day),
)
limits = st.sampled_from(list(Unit)).flatmap(
    lambda unit: st.builds(Limit, st.integers(0, LARGEST[unit]), st.just(unit))
)
rolls = st.sampled_from(list(RollRule))


@st.composite
def pauses(draw: st.DrawFn, start: datetime) -> list[Pause]:
    """Stretches around the start; they may overlap, touch and lie before it."""
    offsets = st.timedeltas(timedelta(days=-2), timedelta(days=30))
    lengths = st.timedeltas(timedelta(0), timedelta(days=6))
    return [
        Pause(start + draw(offsets), start + draw(offsets) + draw(lengths)) for _ in range(draw(st.integers(0, 3)))
    ]


@given(st.data(), calendars, starts, st.lists(limits, min_size=1, max_size=3), rolls)
@settings(deadline=None)
def test_spans_are_contiguous_and_add_up(data, calendar, start, parts, roll) -> None:
    stood = data.draw(pauses(start))
    count = reckon(start, parts, calendar, pauses=stood, roll_rule=roll)
    spans = count.spans()
    edges = [start, *[span.end for span in spans]]
    assert [span.start for span in spans] == edges[:-1]
    assert edges[-1] == count.due_at >= start
    assert all(span.start < span.end and span.counted_minutes >= 0 for span in spans)
    last_moments = [span.end - timedelta.resolution for span in spans]
    assert [calendar.local_date(span.start) for span in spans] == [calendar.local_date(one) for one in last_moments]
    if all(part.unit is not Unit.MONTH for part in parts):
        assert sum(span.counted_minutes for span in spans) == sum(part.value * MINUTES[part.unit] for part in parts)
    assert not any(span.counted_minutes for span in spans if span.reason in {DayReason.PAUSED, DayReason.START_DAY})
    assert start <= count.warn_at() <= count.due_at
    assert count.provisional == any(span.provisional for span in spans)


@given(st.data(), calendars, starts, limits, rolls)
@settings(deadline=None)
def test_a_longer_limit_never_ends_earlier(data, calendar, start, limit, roll) -> None:
    stood = data.draw(pauses(start))
    longer = Limit(limit.value + data.draw(st.integers(0, 5)), limit.unit)
    first, second = (reckon(start, [one], calendar, pauses=stood, roll_rule=roll) for one in (limit, longer))
    assert first.due_at <= second.due_at
    assert first.warn_at() <= second.warn_at()


@given(calendars, starts, st.integers(1, 300), st.data(), st.timedeltas(timedelta(0), timedelta(days=9)))
@settings(deadline=None)
def test_a_pause_shifts_elapsed_time_by_its_length(calendar, start, hours, data, length) -> None:
    begins = start + timedelta(hours=hours) * data.draw(st.floats(0, 0.99))
    plain = reckon(start, [Limit(hours, Unit.HOUR)], calendar).due_at
    assert reckon(start, [Limit(hours, Unit.HOUR)], calendar, pauses=[Pause(begins, begins + length)]).due_at == (
        plain + length
    )


@given(starts, st.integers(1, 30), st.data(), st.integers(1, 20))
@settings(deadline=None)
def test_a_pause_of_whole_days_shifts_calendar_days_by_them(start, days, data, length) -> None:
    calendar = WorkCalendar()
    plain = reckon(start, [Limit(days, Unit.DAY)], calendar).due_at
    first_midnight = calendar.midnight(calendar.local_date(start) + timedelta(days=1))
    begins = first_midnight + (plain - first_midnight) * data.draw(st.floats(0, 0.99))
    stood = [Pause(begins, begins + timedelta(days=length))]
    assert reckon(start, [Limit(days, Unit.DAY)], calendar, pauses=stood).due_at == plain + timedelta(days=length)


@given(calendars, starts, st.integers(1, 60), st.data(), st.integers(1, 40))
@settings(deadline=None)
def test_a_pause_shifts_working_hours_by_the_working_time_it_covers(calendar, start, hours, data, pause_hours) -> None:
    begins = reckon(start, [Limit(data.draw(st.integers(0, hours - 1)), Unit.WORKING_HOUR)], calendar).due_at
    ends = reckon(begins, [Limit(pause_hours, Unit.WORKING_HOUR)], calendar).due_at
    paused = reckon(start, [Limit(hours, Unit.WORKING_HOUR)], calendar, pauses=[Pause(begins, ends)])
    assert paused.due_at == reckon(start, [Limit(hours + pause_hours, Unit.WORKING_HOUR)], calendar).due_at


@given(st.data(), calendars, starts, st.lists(limits, min_size=1, max_size=2), rolls)
@settings(deadline=None)
def test_the_short_way_gives_what_the_whole_count_gives(data, calendar, start, parts, roll) -> None:
    stood = data.draw(pauses(start))
    assert timing(start, parts, calendar, pauses=stood, roll_rule=roll) == reckon(
        start, parts, calendar, pauses=stood, roll_rule=roll
    ).timing()


@given(st.data(), calendars, starts, limits, rolls)
@settings(deadline=None)
def test_the_explanation_of_a_standing_clock_ends_now(data, calendar, start, limit, roll) -> None:
    runs = data.draw(st.timedeltas(timedelta(0), timedelta(days=10)))
    now = start + runs + data.draw(st.timedeltas(timedelta(0), timedelta(days=10)))
    count = reckon(start, [limit], calendar, pauses=[Pause(start + runs, now)], roll_rule=roll)
    if count.due_at > now:
        spans = count.spans(paused_at=now)
        edges = [start, *[span.end for span in spans]]
        assert [span.start for span in spans] == edges[:-1]
        assert (edges[-1], spans[-1].reason) == (now, DayReason.PAUSED)


@given(st.integers(0, 60), st.dates(date(2024, 1, 1), date(2026, 12, 31)))
def test_a_month_later_is_the_same_day_or_the_month_s_last(months, day) -> None:
    calendar = WorkCalendar()
    walk = Walk(calendar.midnight(day), calendar, [])
    walk.days(Limit(months, Unit.MONTH), first=True)
    last = calendar.local_date(walk.at - timedelta.resolution)
    assert (last.year * 12 + last.month) == (day.year * 12 + day.month + months)
    assert last.day == day.day or (last.day < day.day and (last + timedelta(days=1)).day == 1)
