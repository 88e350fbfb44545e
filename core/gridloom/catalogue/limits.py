"""How long something may take: a number and how it is counted. Pure."""

from dataclasses import dataclass
from enum import StrEnum


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
# About ten years: a limit above it is a mistake, and counting it stays short.
_LARGEST = {
    Unit.MINUTE: 5_270_400, Unit.HOUR: 87_840, Unit.DAY: 3_660, Unit.WORKING_DAY: 2_500, Unit.WORKING_HOUR: 20_000,
    Unit.MONTH: 120,
}


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
