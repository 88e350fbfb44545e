"""The words of a time limit: units, limits, pauses, and the stretches of which a count is made. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gridloom.clocks.calendar import Day, DayKind, Note

MINUTE = timedelta(minutes=1)


class Unit(StrEnum):
    """How a limit is counted."""

    MINUTE = "min"
    HOUR = "h"
    DAY = "d"
    WORKING_DAY = "wd"
    WORKING_HOUR = "wh"
    MONTH = "month"

    @classmethod
    def parse(cls, text: str) -> "Unit":
        """From a unit's code or from the longer words of the legal catalogue. Raises ValueError."""
        return _LONG_UNITS.get(text) or cls(text)


_LONG_UNITS = {
    "minute": Unit.MINUTE,
    "hour": Unit.HOUR,
    "calendar_day": Unit.DAY,
    "working_day": Unit.WORKING_DAY,
    "working_hour": Unit.WORKING_HOUR,
    "immediate": Unit.MINUTE,
}
# About ten years: a limit above it is a mistake, and the walk stays short.
_LARGEST = {
    Unit.MINUTE: 5_270_400, Unit.HOUR: 87_840, Unit.DAY: 3_660, Unit.WORKING_DAY: 2_500, Unit.WORKING_HOUR: 20_000,
    Unit.MONTH: 120,
}
WHOLE_DAYS = frozenset({Unit.DAY, Unit.WORKING_DAY, Unit.MONTH})
ELAPSED = {Unit.MINUTE: MINUTE, Unit.HOUR: 60 * MINUTE}


class RollRule(StrEnum):
    """What happens when the last day is a day of rest."""

    NEXT_WORKDAY = "next_workday"
    NONE_STATED = "none_stated"


class DayReason(StrEnum):
    """Why a span counts, or does not."""

    WORKDAY = "WORKDAY"
    MAKE_UP_WORKDAY = "MAKE_UP_WORKDAY"
    REST_DAY = "REST_DAY"
    HOLIDAY = "HOLIDAY"
    OUTSIDE_HOURS = "OUTSIDE_HOURS"
    PAUSED = "PAUSED"
    START_DAY = "START_DAY"
    ROLLED = "ROLLED"


REASON_OF = {kind: DayReason(kind.value) for kind in DayKind}


@dataclass(frozen=True, slots=True)
class Limit:
    """How long: a whole number of a unit. Raises ValueError where it is negative or above ten years."""

    value: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 0 <= self.value <= _LARGEST[self.unit]:
            raise ValueError(f"a limit of {self.value} {self.unit} is out of range")

    @classmethod
    def of(cls, value: int, unit: str) -> "Limit":
        """From a number and a unit's code or long word. Raises ValueError."""
        return cls(value, Unit.parse(unit))


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which the clock stands; `note` says why."""

    start: datetime
    end: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the explanation. `provisional`: it may still move the end, as its year's calendar is unpublished."""

    start: datetime
    end: datetime
    counted_minutes: int
    reason: DayReason
    note: Note | None
    source: str | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch as counted; `counted` may be a whole day at once. `decisive`: the kind of its day moved the end."""

    start: datetime
    end: datetime
    counted: timedelta
    reason: DayReason
    day: Day
    note: Note | None = None
    source: str | None = None
    decisive: bool = False
    unit: Unit = Unit.MINUTE
