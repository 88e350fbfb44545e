"""A county's working calendar: which days are worked, and at which hours.

Public holidays and make-up workdays (调休) come from the `chinesecalendar` package, the county's own days lie on top.
Years that nobody has published yet are taken by the weekday and marked provisional. Pure: no database, no present time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

from chinese_calendar.constants import Holiday, holidays, in_lieu_days, workdays

WEEK_SOURCE = "国务院关于职工工作时间的规定 第七条"
"""State Council Order 174: Saturday and Sunday are the weekly rest days of public bodies."""

_ONE_DAY = timedelta(days=1)
_MINUTES_A_DAY = 24 * 60
_SATURDAY = 5


class DayKind(StrEnum):
    """What a day is in the county's calendar."""

    WORKDAY = "WORKDAY"
    MAKE_UP_WORKDAY = "MAKE_UP_WORKDAY"
    REST_DAY = "REST_DAY"
    HOLIDAY = "HOLIDAY"


WORKED = frozenset({DayKind.WORKDAY, DayKind.MAKE_UP_WORKDAY})


@dataclass(frozen=True, slots=True)
class Message:
    """A remark that the reader's language decides: a Fluent id with its parameters."""

    id: str
    params: tuple[tuple[str, str | int], ...] = ()


Note = str | Message
"""Free text that somebody wrote, or a translated remark."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what it is, why, who says so, and whether that may still change because its year is unpublished."""

    date: date
    kind: DayKind
    note: Note | None
    source: str | None
    provisional: bool

    @property
    def worked(self) -> bool:
        """Whether the county works on this day."""
        return self.kind in WORKED


@dataclass(frozen=True, slots=True)
class Override:
    """What the county itself says about one day; stands above the published calendar."""

    kind: DayKind
    note: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The hours of a working day: (from, to) in minutes of the local day, in order, none overlapping or empty."""

    spans: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        edge = 0
        for start, end in self.spans:
            if not edge <= start < end <= _MINUTES_A_DAY:
                raise ValueError("working hours must be in order, not empty and inside one day")
            edge = end
        if not self.spans:
            raise ValueError("working hours must not be empty")

    @classmethod
    def parse(cls, spans: Iterable[Sequence[str]]) -> "WorkingHours":
        """From pairs such as `["08:30", "12:00"]`; `24:00` is the end of the day. Raises ValueError."""
        return cls(tuple((_minute(start), _minute(end)) for start, end in spans))

    def texts(self) -> list[list[str]]:
        """The pairs `parse` takes: what is stored."""
        return [[_clock_text(start), _clock_text(end)] for start, end in self.spans]

    def __str__(self) -> str:
        return ", ".join(f"{start}–{end}" for start, end in self.texts())


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    if not (len(hour) == len(minute) == 2 and (hour + minute).isdecimal() and int(minute) < 60):
        raise ValueError(f"not a time of day: {text}")
    return int(hour) * 60 + int(minute)


def _clock_text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


DEFAULT_HOURS = WorkingHours.parse((("08:30", "12:00"), ("14:30", "18:00")))


@cache
def library_years() -> frozenset[int]:
    """The years whose State Council arrangement the calendar package holds."""
    return frozenset(range(min(holidays).year, max(holidays).year + 1))


def published_day(day: date, library_through: int) -> Day:
    """The day by the published arrangement; by the weekday alone, and provisional, where its year has none."""
    if day.year not in library_years() or day.year > library_through:
        kind = DayKind.REST_DAY if day.weekday() >= _SATURDAY else DayKind.WORKDAY
        return Day(day, kind, Message("clock-note-unpublished", (("year", str(day.year)),)), WEEK_SOURCE, True)
    source = f"国务院办公厅关于{day.year}年部分节假日安排的通知"
    if day in workdays:
        return Day(day, DayKind.MAKE_UP_WORKDAY, _about("clock-note-make-up", workdays[day]), source, False)
    if day in holidays:
        remark = "clock-note-in-lieu" if day in in_lieu_days else "clock-note-holiday"
        return Day(day, DayKind.HOLIDAY, _about(remark, holidays[day]), source, False)
    kind = DayKind.REST_DAY if day.weekday() >= _SATURDAY else DayKind.WORKDAY
    return Day(day, kind, None, WEEK_SOURCE, False)


def _about(message_id: str, holiday: str) -> Message:
    return Message(message_id, (("holiday", Holiday(holiday).name.replace("_", "-")),))


class WorkCalendar:
    """A county's days, working hours and time zone at one version. Immutable; days already asked for are remembered.

    `published` are years the county has confirmed beyond the package's: their days are no longer provisional.
    `library_through` is the last year taken from the package (default: all it has): an old version stays what it was
    when the package learns another year.
    """

    def __init__(
        self,
        time_zone: str = "Asia/Shanghai",
        hours: WorkingHours = DEFAULT_HOURS,
        overrides: Mapping[date, Override] | None = None,
        published: Iterable[int] = (),
        library_through: int | None = None,
    ) -> None:
        self.zone = ZoneInfo(time_zone)
        self.hours = hours
        self.hours_text = str(hours)
        self._overrides = dict(overrides or {})
        self._published = frozenset(published)
        self._library_through = library_through or max(library_years())
        self._days: dict[date, Day] = {}
        self._midnights: dict[date, datetime] = {}
        self._windows: dict[date, tuple[tuple[datetime, datetime], ...]] = {}

    def day(self, day: date) -> Day:
        """What this day is in the county."""
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = self._make(day)
        return known

    def _make(self, day: date) -> Day:
        override = self._overrides.get(day)
        if override is not None:
            return Day(day, override.kind, override.note, override.source, False)
        plain = published_day(day, self._library_through)
        if plain.provisional and day.year in self._published:
            return Day(day, plain.kind, None, plain.source, False)
        return plain

    def year(self, year: int) -> list[Day]:
        """All days of a year, in order."""
        first = date(year, 1, 1)
        return [self.day(first + _ONE_DAY * n) for n in range((date(year + 1, 1, 1) - first).days)]

    def is_published(self, year: int) -> bool:
        """Whether the year's arrangement is known, by the package or by the county."""
        return year in self._published or (year in library_years() and year <= self._library_through)

    def is_edited(self, day: date) -> bool:
        """Whether the county itself said what this day is."""
        return day in self._overrides

    def local_date(self, moment: datetime) -> date:
        """The county's date at that moment."""
        return moment.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """The moment the day begins, in UTC."""
        known = self._midnights.get(day)
        if known is None:
            known = self._midnights[day] = datetime.combine(day, time(), self.zone).astimezone(UTC)
        return known

    def windows(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The hours worked on that day, in UTC; none on a day of rest."""
        known = self._windows.get(day)
        if known is None:
            spans = self.hours.spans if self.day(day).worked else ()
            known = tuple((self._moment(day, start), self._moment(day, end)) for start, end in spans)
            self._windows[day] = known
        return known

    def _moment(self, day: date, minute: int) -> datetime:
        if minute == _MINUTES_A_DAY:
            return self.midnight(day + _ONE_DAY)
        return datetime.combine(day, time(minute // 60, minute % 60), self.zone).astimezone(UTC)
