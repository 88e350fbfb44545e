"""Code lists of figures, and the steps of time they are kept by."""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache


class Span(StrEnum):
    """How long a stretch a row of figures is about: a day, a week from Monday, a quarter of the calendar year."""

    DAY = "DAY"
    WEEK = "WEEK"
    QUARTER = "QUARTER"


class Part(StrEnum):
    """What a row of figures is broken down by. ALL: not at all, its key is empty. ACCEPT_TIME and HANDLE_TIME: how long
    it took, their key is the shortest of `HOURS` that was enough, or `more`."""

    ALL = "ALL"
    CATEGORY = "CATEGORY"
    SEVERITY = "SEVERITY"
    CHANNEL = "CHANNEL"
    ITEM = "ITEM"
    ACCEPT_TIME = "ACCEPT_TIME"
    HANDLE_TIME = "HANDLE_TIME"


HOURS = (1, 2, 4, 8, 24, 48, 72, 168, 360, 720)
"""Upper bounds of how long something took, in hours as the clock on the wall counts them."""

LONGER = "more"
FEWEST = 5
"""Below this many people a figure about them is not shown."""

PEOPLE = "DISPUTE"
"""The category whose cases are about particular people: their small numbers are hidden."""


@lru_cache(maxsize=4096)
def beginnings(written: str) -> dict[str, str]:
    """When the day, the week and the quarter of a day began, by span, all written as ISO 8601 has it."""
    day = date.fromisoformat(written)
    return {
        Span.DAY.value: written, Span.WEEK.value: (day - timedelta(days=day.weekday())).isoformat(),
        Span.QUARTER.value: quarter_of(day).isoformat(),
    }


def quarter_of(day: date) -> date:
    """The first day of a day's quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
