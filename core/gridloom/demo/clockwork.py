"""The clocks of one synthetic case: started, paused, extended and stopped in memory by the same counting as real ones."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from gridloom.clocks.arithmetic import Timing, timing
from gridloom.clocks.calendar import WorkCalendar
from gridloom.clocks.limits import Limit, Pause, RollRule, Unit
from gridloom.clocks.models import ClockKind, ClockState, StatutoryClock


@dataclass(slots=True)
class PlannedClock:
    """One clock while its case's life is told."""

    id: UUID
    kind: ClockKind
    code: str
    label: str
    limit: Limit
    started_at: datetime
    assignment_id: UUID | None
    roll_rule: RollRule = RollRule.NONE_STATED
    source: str | None = None
    stopped_at: datetime | None = None
    pauses: list[tuple[datetime, datetime | None, str | None]] = field(default_factory=list)
    extensions: list[tuple[Limit, datetime, UUID, str | None]] = field(default_factory=list)

    def time(self, calendar: WorkCalendar, now: datetime) -> Timing:
        """Where it ends, an open pause counted up to `now`."""
        pauses = [Pause(start, end or now, note) for start, end, note in self.pauses]
        limits = [self.limit, *(limit for limit, *_rest in self.extensions)]
        return timing(self.started_at, limits, calendar, pauses=pauses, roll_rule=self.roll_rule)


class Clockwork:
    """All clocks of a case. Service clocks pause; legal ones run on."""

    def __init__(self, calendar: WorkCalendar, laws: dict[str, StatutoryClock]) -> None:
        self.calendar = calendar
        self.laws = laws
        self.clocks: list[PlannedClock] = []

    def start(
        self, id: UUID, code: str, label: str, limit: Limit, at: datetime, assignment_id: UUID | None = None
    ) -> datetime:
        """Start a service clock; when it ends."""
        clock = PlannedClock(id, ClockKind.SERVICE, code, label, limit, at, assignment_id)
        self.clocks.append(clock)
        return clock.time(self.calendar, at).due_at

    def start_legal(self, id: UUID, code: str, starts: tuple[str, ...], at: datetime) -> datetime | None:
        """Start a legal clock where the law counts from one of these events; when it ends."""
        law = self.laws.get(code)
        if law is None or law.limit_value is None or law.starts_at not in starts:
            return None
        clock = PlannedClock(
            id, ClockKind.STATUTORY, code, law.process, Limit.of(law.limit_value, law.unit), at, None,
            RollRule(law.roll_rule), law.source,
        )
        self.clocks.append(clock)
        return clock.time(self.calendar, at).due_at

    def stop(
        self, at: datetime, *, codes: tuple[str, ...] | None = None, assignment_id: UUID | None = None
    ) -> None:
        """Stop open clocks: those of the codes, of the assignment, or all."""
        for clock in self.running():
            named = codes is None or clock.code in codes
            if named and (assignment_id is None or clock.assignment_id == assignment_id):
                clock.stopped_at = at
                clock.pauses = [(start, end or at, note) for start, end, note in clock.pauses]

    def pause(self, at: datetime, note: str | None) -> None:
        """Let running service clocks that have not run out stand."""
        for clock in self.running():
            if clock.kind is ClockKind.SERVICE and clock.time(self.calendar, at).due_at > at:
                clock.pauses.append((at, None, note))

    def resume(self, at: datetime) -> None:
        """Let standing clocks run again."""
        for clock in self.running():
            clock.pauses = [(start, end or at, note) for start, end, note in clock.pauses]

    def extend(self, code: str, limit: Limit, at: datetime, by: UUID, reason: str | None) -> datetime | None:
        """Give the first open clock of a code more time; its new end."""
        clock = next((one for one in self.running() if one.code == code), None)
        if clock is None:
            return None
        clock.extensions.append((limit, at, by, reason))
        return clock.time(self.calendar, at).due_at

    def due(self, code: str, now: datetime) -> datetime | None:
        """When the first open clock of a code ends."""
        clock = next((one for one in self.running() if one.code == code), None)
        return None if clock is None else clock.time(self.calendar, now).due_at

    def running(self) -> Iterator[PlannedClock]:
        """Clocks that are not stopped."""
        return (clock for clock in list(self.clocks) if clock.stopped_at is None)


def clock_row(clock: PlannedClock, case_id: UUID, when: Timing, version: int, now: datetime) -> dict[str, Any]:
    """The row of a clock as it stands at `now`, warned and expired at its own moments."""
    end = clock.stopped_at or now
    paused = any(finish is None for _start, finish, _note in clock.pauses)
    warned = when.warn_at if when.warn_at <= end and not paused else None
    expired = when.due_at if when.due_at <= end and not paused else None
    state = ClockState.RUNNING
    if clock.stopped_at is not None:
        state = ClockState.STOPPED
    elif paused:
        state = ClockState.PAUSED
    elif expired is not None:
        state = ClockState.EXPIRED
    return {
        "id": clock.id, "case_id": case_id, "assignment_id": clock.assignment_id, "kind": clock.kind,
        "code": clock.code, "label": clock.label, "limit_value": clock.limit.value, "unit": clock.limit.unit,
        "roll_rule": clock.roll_rule, "source": clock.source, "started_at": clock.started_at, "due_at": when.due_at,
        "warn_at": when.warn_at, "state": state, "stopped_at": clock.stopped_at, "warned_at": warned,
        "expired_at": expired, "provisional": when.provisional, "calendar_version": version,
        "reviewed_version": version,
    }


def working_days(days: int) -> Limit:
    """An extension in working days."""
    return Limit(days, Unit.WORKING_DAY)
