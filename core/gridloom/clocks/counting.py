"""What the services of clocks share: a clock's history, its count, its row in `due`, its firing and its facts."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import Uuid

from gridloom.clocks.arithmetic import Reckoning, Timing, reckon, timing
from gridloom.clocks.calendar import WorkCalendar
from gridloom.clocks.limits import Limit, Pause, RollRule, Unit
from gridloom.clocks.models import ClockExtension, ClockKind, ClockPause, ClockRow, ClockState
from gridloom.outbox import Due
from gridloom.work import Work

DUE_KIND = "clock"


@dataclass(slots=True)
class History:
    """A clock's pauses and extensions, oldest first."""

    pauses: list[ClockPause] = field(default_factory=list)
    extensions: list[ClockExtension] = field(default_factory=list)

    def pauses_until(self, now: datetime) -> list[Pause]:
        """The pauses, an open one up to now."""
        return [Pause(one.started_at, one.ended_at or max(now, one.started_at), one.note) for one in self.pauses]

    def limits(self, row: ClockRow) -> list[Limit]:
        """The clock's limit and its extensions."""
        granted = [Limit(one.value, Unit(one.unit)) for one in self.extensions]
        return [Limit(row.limit_value, Unit(row.unit)), *granted]


class Told(Protocol):
    """What a fact tells of a clock."""

    @property
    def id(self) -> UUID: ...
    @property
    def case_id(self) -> UUID: ...
    @property
    def assignment_id(self) -> UUID | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a clock; `due_before` where its date moved."""

    type: str
    row: Told
    due_before: datetime | None = None


ScopesOf = Callable[[Work, Sequence[UUID]], Awaitable[Mapping[UUID, tuple[UUID, ...]]]]
"""The scopes that see each of these cases now."""

_readers: list[ScopesOf] = []


def among(column: InstrumentedAttribute[UUID], ids: Iterable[UUID]) -> ColumnElement[bool]:
    """`column = ANY(ids)`: one statement text, however many ids."""
    return column == any_(literal(list(ids), ARRAY(Uuid())))


async def histories(session: AsyncSession, tenant: UUID, clock_ids: Sequence[UUID]) -> Mapping[UUID, History]:
    """Pauses and extensions of these clocks; a clock without any has an empty history."""
    found: dict[UUID, History] = defaultdict(History)
    for pause in (await session.execute(
        select(ClockPause)
        .where(ClockPause.tenant_id == tenant, among(ClockPause.clock_id, clock_ids))
        .order_by(ClockPause.started_at, ClockPause.id)
        .execution_options(populate_existing=True)
    )).scalars():
        found[pause.clock_id].pauses.append(pause)
    for extension in (await session.execute(
        select(ClockExtension)
        .where(ClockExtension.tenant_id == tenant, among(ClockExtension.clock_id, clock_ids))
        .order_by(ClockExtension.position)
    )).scalars():
        found[extension.clock_id].extensions.append(extension)
    return found


def count(row: ClockRow, history: History, calendar: WorkCalendar, now: datetime) -> Reckoning:
    """The clock's whole count; an open pause counts as if it ended now."""
    return reckon(
        row.started_at, history.limits(row), calendar, pauses=history.pauses_until(now),
        roll_rule=RollRule(row.roll_rule),
    )


def time_of(row: ClockRow, history: History, calendar: WorkCalendar, now: datetime) -> Timing:
    """As `count`, the result alone."""
    return timing(
        row.started_at, history.limits(row), calendar, pauses=history.pauses_until(now),
        roll_rule=RollRule(row.roll_rule),
    )


def set_timing(row: ClockRow, result: Timing, version: int, now: datetime) -> None:
    """Write a new count into the clock. A warning that lies ahead again is given again."""
    row.due_at, row.warn_at, row.provisional = result.due_at, result.warn_at, result.provisional
    row.calendar_version = row.reviewed_version = version
    if row.warned_at is not None and row.warn_at > now:
        row.warned_at = None


def is_settled(row: ClockRow) -> bool:
    """Whether the date stands whatever the calendar says: a legal date that people were told."""
    return row.kind == ClockKind.STATUTORY and row.warned_at is not None


def next_moment(row: ClockRow) -> datetime | None:
    """When a worker must look at the clock next; None for a clock that does not run."""
    if row.state != ClockState.RUNNING:
        return None
    return row.warn_at if row.warned_at is None else row.due_at


def fire(row: ClockRow, now: datetime) -> list[Event]:
    """Warn and expire a locked, running clock as far as its moments have passed; what happened is for `announce`."""
    events = []
    if row.state == ClockState.RUNNING and row.warned_at is None and row.warn_at <= now:
        row.warned_at = now
        events.append(Event("clock.warned", row))
    if row.state == ClockState.RUNNING and row.due_at <= now:
        row.state, row.expired_at = ClockState.EXPIRED, now
        events.append(Event("clock.expired", row))
    return events


def show_facts_to(reader: ScopesOf) -> None:
    """Say who sees a case, once, at start. What it does not know is seen by whoever sees the case when it is read."""
    _readers[:] = [reader]


async def announce(work: Work, events: Sequence[Event]) -> None:
    """Record what happened to clocks, for those who see their cases: ids, kind, code, label and date, nothing of the
    case's content."""
    if not events:
        return
    cases = list({event.row.case_id for event in events})
    scopes = await _readers[0](work, cases) if _readers else {}
    for event in events:
        row = event.row
        data = {
            "clock_id": str(row.id), "kind": row.kind, "code": row.code, "label": row.label,
            "assignment_id": str(row.assignment_id) if row.assignment_id else None, "due_at": row.due_at.isoformat(),
        }
        if event.due_before is not None:
            data["due_before"] = event.due_before.isoformat()
        work.fact(event.type, row.case_id, scopes=scopes.get(row.case_id), **data)


async def write_due(work: Work, rows: Sequence[ClockRow]) -> None:
    """Bring the clocks' rows in `due` in line with the clocks; the caller holds their locks or has just made them."""
    moments = {row.id: next_moment(row) for row in rows}
    await forget_due(work, [clock_id for clock_id, moment in moments.items() if moment is None])
    waiting = [(clock_id, moment) for clock_id, moment in moments.items() if moment is not None]
    await put_due(work, waiting)


async def put_due(work: Work, moments: Sequence[tuple[UUID, datetime]]) -> None:
    """Let a worker look at these ids then."""
    work.writes.put(Due, [{"kind": DUE_KIND, "id": one, "due_at": moment} for one, moment in moments], renew=("due_at",))


async def forget_due(work: Work, ids: Sequence[UUID]) -> None:
    """Nothing is due for these ids any more."""
    work.writes.drop(Due, "id", ids, kind=DUE_KIND)
