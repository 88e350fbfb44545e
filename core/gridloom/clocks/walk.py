"""Walking through the days of a time limit, one piece after another; `arithmetic` says by which rules. Pure."""

import calendar as gregorian
from dataclasses import replace
from datetime import date, datetime, timedelta

from gridloom.clocks.calendar import Day, Message, WorkCalendar
from gridloom.clocks.limits import REASON_OF, DayReason, Limit, Pause, Piece, Unit

START_DAY_SOURCE = "民法典 第二百零一条"
ROLL_SOURCE = "民法典 第二百零三条"

_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_NOTHING = timedelta()
_MOST_DAYS_WALKED = 12_000


class CalendarExhausted(Exception):
    """No end was found within some thirty years: the county's calendar has hardly a working day."""


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, gregorian.monthrange(year, month)[1]))


class Walk:
    """The moment reached, and the pieces behind it. Each method counts on from `at`."""

    def __init__(self, started_at: datetime, calendar: WorkCalendar, pauses: list[Pause]) -> None:
        self.at = started_at
        self.calendar = calendar
        self.pauses = pauses
        self.pieces: list[Piece] = []
        self._steps = 0

    def elapsed(self, remaining: timedelta) -> None:
        """Count time as it passes."""
        while remaining:
            day, end = self._today()
            for start, stop, pause in self._split(self.at, end):
                if pause is not None:
                    self._paused(start, stop, pause, day)
                    continue
                used = min(remaining, stop - start)
                remaining -= used
                self._add(start, start + used, used, REASON_OF[day.kind], day, Unit.MINUTE)
                if not remaining:
                    return

    def working_time(self, remaining: timedelta) -> None:
        """Count time inside the working hours."""
        while remaining:
            day, end = self._today()
            for start, stop, pause in self._split(self.at, end):
                if pause is not None:
                    self._paused(start, stop, pause, day, decisive=True)
                    continue
                for inside, opens, closes in self._hours(day, start, stop):
                    if not inside:
                        self._idle(opens, closes, day)
                        continue
                    used = min(remaining, closes - opens)
                    remaining -= used
                    self._worked(opens, opens + used, used, day)
                    if not remaining:
                        return

    def days(self, limit: Limit, *, first: bool) -> None:
        """Count whole days; those at whose end the clock runs, and for `wd` that are worked."""
        working_only = limit.unit is Unit.WORKING_DAY
        day, end = self._today()
        base = day.date
        at_midnight = self.at == self.calendar.midnight(base)
        if first or not at_midnight:
            self._uncounted(day, end, DayReason.START_DAY, START_DAY_SOURCE)
        else:
            base -= _DAY
        remaining = (_months_later(base, limit.value) - base).days if limit.unit is Unit.MONTH else limit.value
        while remaining:
            day, end = self._today()
            parts = self._split(self.at, end)
            counts = parts[-1][2] is None and (day.worked or not working_only)
            for number, (start, stop, pause) in enumerate(parts, 1):
                if pause is not None:
                    self._paused(start, stop, pause, day, decisive=working_only)
                else:
                    counted = _DAY if counts and number == len(parts) else _NOTHING
                    self._add(start, stop, counted, REASON_OF[day.kind], day, limit.unit, decisive=working_only)
            remaining -= counts

    def roll(self) -> None:
        """After whole days: where the last lies on a day of rest, go on to the end of the next working day."""
        last = self.pieces[-1] = replace(self.pieces[-1], decisive=True)
        worked = last.day.worked
        while not worked:
            day, end = self._today()
            self._uncounted(day, end, DayReason.ROLLED, ROLL_SOURCE, decisive=True)
            worked = day.worked and self.pieces[-1].reason is not DayReason.PAUSED

    def _today(self) -> tuple[Day, datetime]:
        self._steps += 1
        if self._steps > _MOST_DAYS_WALKED:
            raise CalendarExhausted
        today = self.calendar.local_date(self.at)
        return self.calendar.day(today), self.calendar.midnight(today + _DAY)

    def _split(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime, Pause | None]]:
        """The window cut at the pauses, each part with the pause it lies in."""
        parts: list[tuple[datetime, datetime, Pause | None]] = []
        for pause in self.pauses:
            if pause.end <= start or pause.start >= end:
                continue
            if start < pause.start:
                parts.append((start, pause.start, None))
            start = max(start, pause.start)
            parts.append((start, min(end, pause.end), pause))
            start = min(end, pause.end)
        if start < end:
            parts.append((start, end, None))
        return parts

    def _hours(self, day: Day, start: datetime, end: datetime) -> list[tuple[bool, datetime, datetime]]:
        """The window cut at the working hours."""
        parts: list[tuple[bool, datetime, datetime]] = []
        for opens, closes in self.calendar.windows(day.date):
            if closes <= start or opens >= end:
                continue
            if start < opens:
                parts.append((False, start, opens))
            parts.append((True, max(start, opens), min(closes, end)))
            start = min(closes, end)
        if start < end:
            parts.append((False, start, end))
        return parts

    def _uncounted(self, day: Day, end: datetime, reason: DayReason, source: str, *, decisive: bool = False) -> None:
        for start, stop, pause in self._split(self.at, end):
            if pause is not None:
                self._paused(start, stop, pause, day, decisive=decisive)
            else:
                note = day.note if decisive else None
                self._put(Piece(start, stop, _NOTHING, reason, day, note, source, decisive))

    def _worked(self, start: datetime, end: datetime, counted: timedelta, day: Day) -> None:
        self._add(start, end, counted, REASON_OF[day.kind], day, Unit.WORKING_HOUR, decisive=True)

    def _idle(self, start: datetime, end: datetime, day: Day) -> None:
        if day.worked:
            note = Message("clock-note-working-hours", (("hours", self.calendar.hours_text),))
            self._put(Piece(start, end, _NOTHING, DayReason.OUTSIDE_HOURS, day, note, day.source, True))
        else:
            self._add(start, end, _NOTHING, REASON_OF[day.kind], day, Unit.WORKING_HOUR, decisive=True)

    def _paused(self, start: datetime, end: datetime, pause: Pause, day: Day, *, decisive: bool = False) -> None:
        self._put(Piece(start, end, _NOTHING, DayReason.PAUSED, day, pause.note, None, decisive))

    def _add(
        self, start: datetime, end: datetime, counted: timedelta, reason: DayReason, day: Day, unit: Unit,
        *, decisive: bool = False,
    ) -> None:
        self._put(Piece(start, end, counted, reason, day, day.note, day.source, decisive, unit))

    def _put(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.at = piece.end
