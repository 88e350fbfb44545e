"""When things happen in a county: working hours, market days of the week, seasons of the work list."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from itertools import accumulate
from random import Random

from gridloom.clocks.calendar import library_years, published_day

ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")  # no summer time since 1991; much quicker than a lookup
SHIFTS = ((time(8, 30), time(12, 0)), (time(14, 30), time(18, 0)))
# Reports by the hour of the day, 0 to 23.
BY_HOUR = (1, 1, 1, 1, 1, 3, 10, 22, 52, 80, 78, 56, 26, 24, 40, 68, 72, 58, 40, 34, 26, 14, 6, 2)
BY_WEEKDAY = (1.15, 1.08, 1.05, 1.02, 1.0, 0.55, 0.42)
FREQUENCY = {
    "daily": 5.0, "weekly": 3.6, "monthly": 2.0, "quarterly": 1.1, "yearly": 0.8, "seasonal": 1.4,
    "before_holiday": 0.7, "once": 1.2,
}  # fmt: skip
ON_EVENT = {"1": 0.22, "2": 1.0, "3": 2.2, "4": 3.0}
# Months in which a seasonal item is alive; outside them it is one in twelve as frequent.
SEASONS: Mapping[str, Sequence[int]] = {
    "A-05": (3, 4, 5, 6, 10), "B-15": (1, 2, 3, 4, 5, 11, 12), "B-16": (1, 2, 3, 4, 5), "B-17": (6, 7, 8, 9, 10),
    "B-18": (6, 7, 8, 9, 10), "B-19": (6, 7, 8, 9, 10), "B-20": (5, 6, 7, 8, 9), "D-06": (4, 5, 9, 10, 11),
    "D-13": (2, 3, 4, 5, 10, 11), "B-06": (3, 4, 5, 6, 9, 10, 11, 12), "C-07": (9, 10, 11, 12),
    "C-06": (9, 10, 11, 12), "B-14": (1, 2, 9, 12), "D-12": (1, 2, 9, 10),
}  # fmt: skip


@cache
def is_workday(day: date) -> bool:
    """By the official calendar where it is known, else Monday to Friday."""
    return published_day(day, max(library_years())).worked


def work_after(at: datetime, hours: float) -> datetime:
    """`hours` of office time after `at` (aware). Returns aware UTC."""
    local, left = at.astimezone(ZONE), timedelta(hours=hours)
    day = local.date()
    while True:
        if is_workday(day):
            for opens, closes in SHIFTS:
                start = max(local, datetime.combine(day, opens, ZONE))
                end = datetime.combine(day, closes, ZONE)
                if start < end:
                    if left <= end - start:
                        return (start + left).astimezone(UTC)
                    left -= end - start
        day += timedelta(days=1)


def waking_after(at: datetime, minutes: float) -> datetime:
    """`minutes` after `at`; what would fall between 22:00 and 7:00 waits for the morning. Returns aware UTC."""
    local = (at + timedelta(minutes=minutes)).astimezone(ZONE)
    if local.hour >= 22 or local.hour < 7:
        morning = local.date() + timedelta(days=1 if local.hour >= 22 else 0)
        local = datetime.combine(morning, time(7, 5), ZONE) + timedelta(minutes=local.minute * 1.5)
    return local.astimezone(UTC)


def report_times(now: datetime, days: int, count: int, rng: Random) -> list[datetime]:
    """`count` moments of the `days` before `now`, in order, shaped by week and day. Aware UTC, whole seconds."""
    today = now.astimezone(ZONE).date()
    dates = [today - timedelta(days=back) for back in range(days, -1, -1)]
    totals = list(accumulate(_day_weight(day, index / days) for index, day in enumerate(dates)))
    start = now - timedelta(days=days)
    times: list[datetime] = []
    while len(times) < count:
        day = dates[bisect(totals, rng.random() * totals[-1])]
        hour = rng.choices(range(24), BY_HOUR)[0]
        moment = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), ZONE).astimezone(UTC)
        if start <= moment < now:
            times.append(moment)
    return sorted(times)


def _day_weight(day: date, progress: float) -> float:
    weight = BY_WEEKDAY[day.weekday()] * (0.92 + 0.16 * progress)
    if is_workday(day) != (day.weekday() < 5):
        weight *= 0.5 if day.weekday() < 5 else 1.8
    return weight


def item_weight(code: str, frequency: str, severity: str, month: int) -> float:
    """How often an item is met in a month, relative to the others."""
    weight = ON_EVENT[severity] if frequency == "on_event" else FREQUENCY[frequency]
    return weight if month in SEASONS.get(code, range(1, 13)) else weight / 12
