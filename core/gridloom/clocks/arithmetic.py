"""When a time limit ends, and why: counting day by day. Pure: no database, no present time.

How a limit is counted, by its unit:

* `min`, `h`: elapsed time from the start, nights and holidays included.
* `wh`: time inside the county's working hours.
* `d`, `wd`: whole days. The start day is not counted (民法典 art. 201); a day is counted when the clock runs at its
  end, so a limit ends at 24:00 of its last day, that is 00:00 of the next. `wd` counts only days that are worked.
* `month`: to the same day of the month, or the month's last (art. 202); counted as that many days.

Extensions follow the limit one after another, in their own units. A pause stops the count: to the moment in `min`,
`h` and `wh`; in whole days it costs the days at whose end it lasts. Last of all `next_workday` rolls a last day that is
a day of rest to the end of the next working day (art. 203, 民事诉讼法 art. 85); what ends by the hour does not roll.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from gridloom.clocks.calendar import WorkCalendar
from gridloom.clocks.limits import ELAPSED, MINUTE, WHOLE_DAYS, DayReason, Limit, Pause, Piece, RollRule, Span, Unit
from gridloom.clocks.walk import Walk

WARN_NUMERATOR, WARN_DENOMINATOR = 4, 5
"""A clock warns at 80 % of its counted time."""

_MICROSECOND = timedelta(microseconds=1)
_NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class Timing:
    """What a clock needs to run: its end, the moment of its warning, and whether the end may still move by itself."""

    due_at: datetime
    warn_at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The whole count. `due_at` is the end of the last piece."""

    started_at: datetime
    due_at: datetime
    pieces: tuple[Piece, ...]
    calendar: WorkCalendar

    @property
    def provisional(self) -> bool:
        """Whether the end rests on a year whose calendar is unpublished."""
        return any(piece.decisive and piece.day.provisional for piece in self.pieces)

    @property
    def counted(self) -> timedelta:
        """All the counted time, whole days as 24 hours."""
        return sum((piece.counted for piece in self.pieces), _NOTHING)

    def warn_at(self) -> datetime:
        """The moment at which 80 % are counted; within a working day, by its working hours."""
        target = self.counted * WARN_NUMERATOR // WARN_DENOMINATOR
        done = _NOTHING
        for piece in self.pieces:
            if piece.counted and done + piece.counted >= target:
                return self._inside(piece, target - done)
            done += piece.counted
        return self.due_at

    def _inside(self, piece: Piece, part: timedelta) -> datetime:
        if piece.unit is Unit.WORKING_DAY:
            worked = [
                (max(start, piece.start), min(end, piece.end))
                for start, end in self.calendar.windows(piece.day.date)
                if max(start, piece.start) < min(end, piece.end)
            ]
            left = _share(sum((end - start for start, end in worked), _NOTHING), part, piece.counted)
            for start, end in worked:
                if left <= end - start:
                    return start + left
                left -= end - start
            return piece.end
        return piece.start + _share(piece.end - piece.start, part, piece.counted)

    def timing(self) -> Timing:
        """The count's result without its pieces."""
        return Timing(self.due_at, self.warn_at(), self.provisional)

    def spans(self, paused_at: datetime | None = None) -> list[Span]:
        """The explanation, day by day; of a clock that stands up to the present (`paused_at`), ending PAUSED."""
        pieces = self.pieces
        if paused_at is not None:
            pieces = tuple(_cut(piece, paused_at) for piece in pieces if piece.start < paused_at)
        spans: list[Span] = []
        done = _NOTHING
        for piece in pieces:
            before, done = done, done + piece.counted
            # The floor of the running total, so that the minutes of all spans add up to the limit.
            spans.append(_span(piece, done // MINUTE - before // MINUTE))
        if paused_at is not None and (not spans or spans[-1].reason is not DayReason.PAUSED):
            start = spans[-1].end if spans else self.started_at
            spans.append(Span(start, max(start, paused_at), 0, DayReason.PAUSED, None, None, False))
        return spans


def _cut(piece: Piece, end: datetime) -> Piece:
    """The piece up to `end`: a whole day that is not over counts nothing yet."""
    if piece.end <= end:
        return piece
    runs = piece.counted and piece.unit not in WHOLE_DAYS
    return replace(piece, end=end, counted=end - piece.start if runs else _NOTHING)


def _span(piece: Piece, minutes: int) -> Span:
    provisional = piece.decisive and piece.day.provisional
    return Span(piece.start, piece.end, minutes, piece.reason, piece.note, piece.source, provisional)


def _share(whole: timedelta, part: timedelta, of: timedelta) -> timedelta:
    # In whole microseconds: the product of two timedeltas would leave timedelta's range.
    product = (whole // _MICROSECOND) * (part // _MICROSECOND)
    return timedelta(microseconds=product // (of // _MICROSECOND))


def reckon(
    started_at: datetime,
    limits: Sequence[Limit],
    calendar: WorkCalendar,
    *,
    pauses: Sequence[Pause] = (),
    roll_rule: RollRule = RollRule.NONE_STATED,
) -> Reckoning:
    """Count a limit and its extensions (`limits`, in order) from an aware moment on.

    An open pause is given with the present as its end: the result is then what it would be if resumed now.
    Raises CalendarExhausted.
    """
    started_at = started_at.astimezone(UTC)
    walk = Walk(started_at, calendar, _merged(pauses, started_at))
    for number, limit in enumerate(limits):
        if limit.unit in ELAPSED:
            walk.elapsed(limit.value * ELAPSED[limit.unit])
        elif limit.unit is Unit.WORKING_HOUR:
            walk.working_time(timedelta(hours=limit.value))
        elif limit.value:
            walk.days(limit, first=number == 0)
    counting = [limit for limit in limits if limit.value]
    if roll_rule is RollRule.NEXT_WORKDAY and counting and counting[-1].unit in WHOLE_DAYS:
        walk.roll()
    return Reckoning(started_at, walk.at, tuple(walk.pieces), calendar)


def timing(
    started_at: datetime,
    limits: Sequence[Limit],
    calendar: WorkCalendar,
    *,
    pauses: Sequence[Pause] = (),
    roll_rule: RollRule = RollRule.NONE_STATED,
) -> Timing:
    """What `reckon` gives, without walking the days where elapsed time alone decides."""
    if not pauses and roll_rule is RollRule.NONE_STATED and all(limit.unit in ELAPSED for limit in limits):
        started_at = started_at.astimezone(UTC)
        whole = sum((limit.value * ELAPSED[limit.unit] for limit in limits), _NOTHING)
        return Timing(started_at + whole, started_at + whole * WARN_NUMERATOR // WARN_DENOMINATOR, False)
    return reckon(started_at, limits, calendar, pauses=pauses, roll_rule=roll_rule).timing()


def _merged(pauses: Sequence[Pause], started_at: datetime) -> list[Pause]:
    """Pauses after the start, in order, without overlap."""
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda one: one.start):
        start = max(pause.start.astimezone(UTC), merged[-1].end if merged else started_at)
        if start < pause.end:
            merged.append(replace(pause, start=start, end=pause.end.astimezone(UTC)))
    return merged
