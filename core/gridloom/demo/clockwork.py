"""The clocks of one synthetic case: started, warned, paused, extended and stopped in memory, by the same counting as
real ones and at the moments at which a worker that never sleeps would have looked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from gridloom.clocks.arithmetic import Timing, timing
from gridloom.clocks.calendar import WorkCalendar
from gridloom.clocks.limits import Limit, Pause, RollRule, Unit
from gridloom.clocks.models import ClockKind, ClockState, StatutoryClock

Laws = Mapping[str, Sequence[StatutoryClock]]
"""The versions of each legal limit by its code, newest first."""


@dataclass(slots=True)
class PlannedClock:
    """One clock while its case's life is told; `when` is as of its last change, as in the database."""

    id: UUID
    kind: ClockKind
    code: str
    label: str
    limit: Limit
    started_at: datetime
    assignment_id: UUID | None
    when: Timing
    roll_rule: RollRule = RollRule.NONE_STATED
    source: str | None = None
    state: ClockState = ClockState.RUNNING
    warned_at: datetime | None = None
    expired_at: datetime | None = None
    stopped_at: datetime | None = None
    pauses: list[tuple[datetime, datetime | None, str | None]] = field(default_factory=list)
    extensions: list[tuple[Limit, datetime, UUID, str | None]] = field(default_factory=list)

    def next_moment(self) -> datetime | None:
        """When a worker must look at it next."""
        if self.state is not ClockState.RUNNING:
            return None
        return self.when.warn_at if self.warned_at is None else self.when.due_at

    def count(self, calendar: WorkCalendar, now: datetime) -> None:
        """Count anew, an open pause up to `now`. A warning that lies ahead again is given again."""
        pauses = [Pause(start, end or now, note) for start, end, note in self.pauses]
        limits = [self.limit, *(limit for limit, *_rest in self.extensions)]
        self.when = timing(self.started_at, limits, calendar, pauses=pauses, roll_rule=self.roll_rule)
        if self.warned_at is not None and self.when.warn_at > now:
            self.warned_at = None

    def end_pause(self, calendar: WorkCalendar, at: datetime) -> None:
        """Close the open pause."""
        self.pauses = [(start, end or at, note) for start, end, note in self.pauses]
        self.count(calendar, at)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a clock; `due_before` where its date moved."""

    type: str
    at: datetime
    clock: PlannedClock
    due_before: datetime | None = None


class Clockwork:
    """All clocks of a case. Service clocks pause; legal ones run on."""

    def __init__(self, calendar: WorkCalendar, laws: Laws) -> None:
        self.calendar = calendar
        self.laws = laws
        self.clocks: list[PlannedClock] = []

    def advance(self, to: datetime) -> list[Happening]:
        """Warn and expire what comes due up to a moment; what happened, oldest first."""
        found: list[Happening] = []
        for clock in self.clocks:
            moment = clock.next_moment()
            while moment is not None and moment <= to:
                if clock.warned_at is None:
                    clock.warned_at = moment
                    found.append(Happening("clock.warned", moment, clock))
                if clock.when.due_at <= moment:
                    clock.state, clock.expired_at = ClockState.EXPIRED, moment
                    found.append(Happening("clock.expired", moment, clock))
                moment = clock.next_moment()
        return sorted(found, key=lambda one: one.at)

    def start(
        self, id: UUID, code: str, label: str, limit: Limit, at: datetime, assignment_id: UUID | None = None
    ) -> datetime:
        """Start a service clock; when it ends."""
        when = timing(at, [limit], self.calendar)
        self.clocks.append(PlannedClock(id, ClockKind.SERVICE, code, label, limit, at, assignment_id, when))
        return when.due_at

    def start_legal(self, id: UUID, code: str, starts: tuple[str, ...], at: datetime) -> datetime | None:
        """Start a legal clock where the law in force counts from one of these events; when it ends."""
        law = self._law(code, at)
        if law is None or law.limit_value is None or law.starts_at not in starts:
            return None
        limit, roll_rule = Limit.of(law.limit_value, law.unit), RollRule(law.roll_rule)
        when = timing(at, [limit], self.calendar, roll_rule=roll_rule)
        self.clocks.append(PlannedClock(
            id, ClockKind.STATUTORY, code, law.process, limit, at, None, when, roll_rule, law.source,
        ))
        return when.due_at

    def _law(self, code: str, at: datetime) -> StatutoryClock | None:
        on = self.calendar.local_date(at)
        for law in self.laws.get(code, ()):
            if (law.valid_from is None or law.valid_from <= on) and (law.valid_to is None or law.valid_to >= on):
                return law
        return None

    def stop(
        self, at: datetime, *, codes: tuple[str, ...] | None = None, assignment_id: UUID | None = None
    ) -> None:
        """Stop open clocks: those of the codes, of the assignment, or all."""
        for clock in self.open():
            named = codes is None or clock.code in codes
            if named and (assignment_id is None or clock.assignment_id == assignment_id):
                if clock.state is ClockState.PAUSED:
                    clock.end_pause(self.calendar, at)
                clock.state, clock.stopped_at = ClockState.STOPPED, at

    def pause(self, at: datetime, note: str | None) -> None:
        """Let running service clocks stand."""
        for clock in self.open():
            if clock.kind is ClockKind.SERVICE and clock.state is ClockState.RUNNING:
                clock.state = ClockState.PAUSED
                clock.pauses.append((at, None, note))

    def resume(self, at: datetime) -> None:
        """Let standing clocks run again."""
        for clock in self.open():
            if clock.state is ClockState.PAUSED:
                clock.end_pause(self.calendar, at)
                clock.state = ClockState.RUNNING

    def extend(self, code: str, limit: Limit, at: datetime, by: UUID, reason: str | None) -> Happening | None:
        """Give the first open clock of a code more time; one that had expired may run again."""
        clock = next((one for one in self.open() if one.code == code), None)
        if clock is None:
            return None
        before = clock.when.due_at
        clock.extensions.append((limit, at, by, reason))
        clock.count(self.calendar, at)
        if clock.state is ClockState.EXPIRED and clock.when.due_at > at:
            clock.state, clock.expired_at = ClockState.RUNNING, None
        return Happening("clock.extended", at, clock, before)

    def first_due(self, code: str) -> datetime | None:
        """When the first open clock of a code ends."""
        return next((one.when.due_at for one in self.open() if one.code == code), None)

    def earliest_due(self, code: str) -> datetime | None:
        """When the first of a code's open clocks to end does."""
        return min((one.when.due_at for one in self.open() if one.code == code), default=None)

    def open(self) -> Iterator[PlannedClock]:
        """Clocks that are not stopped."""
        return (clock for clock in self.clocks if clock.stopped_at is None)


def clock_row(clock: PlannedClock, case_id: UUID, version: int) -> dict[str, Any]:
    """The row of a clock as it stands, counted by a calendar's version."""
    return {
        "id": clock.id, "case_id": case_id, "assignment_id": clock.assignment_id, "kind": clock.kind,
        "code": clock.code, "label": clock.label, "limit_value": clock.limit.value, "unit": clock.limit.unit,
        "roll_rule": clock.roll_rule, "source": clock.source, "started_at": clock.started_at,
        "due_at": clock.when.due_at, "warn_at": clock.when.warn_at, "state": clock.state,
        "stopped_at": clock.stopped_at, "warned_at": clock.warned_at, "expired_at": clock.expired_at,
        "provisional": clock.when.provisional, "calendar_version": version, "reviewed_version": version,
    }


def working_days(days: int) -> Limit:
    """An extension in working days."""
    return Limit(days, Unit.WORKING_DAY)
