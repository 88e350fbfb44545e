"""The words of a time limit: units, limits, pauses, and the stretches of which a count is made. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gridloom.catalogue.limits import Limit as Limit
from gridloom.catalogue.limits import Unit as Unit
from gridloom.clocks.calendar import Day, DayKind, Note

MINUTE = timedelta(minutes=1)
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
