"""Tables of the calendar, of running clocks, and of the legal time limits."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Integer, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.clocks.calendar import DayKind
from gridloom.clocks.limits import RollRule, Unit
from gridloom.db import TenantRow, TenantTable, access, code_check, tenant_fk


class ClockKind(StrEnum):
    """SERVICE: the county's own service level, editable; STATUTORY: set by law, cited, fixed."""

    SERVICE = "SERVICE"
    STATUTORY = "STATUTORY"


class ClockState(StrEnum):
    """STOPPED is final. An EXPIRED clock is still open until the step that it waited for stops it."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    STOPPED = "STOPPED"
    EXPIRED = "EXPIRED"


class Calendar(TenantRow):
    """One row a county: its calendar's present version. Its lock is the right to make the next one."""

    __tablename__ = "calendar"
    version: Mapped[int] = mapped_column(Integer)
    rule_id: Mapped[UUID]
    changed_at: Mapped[datetime]
    __table_args__ = (access("edit", head=True),)


class CalendarRule(TenantTable):
    """What holds for a whole version: working hours as ["08:30", "12:00", …] in pairs, time zone, years that are known.

    `library_through`: the last year whose published arrangement the calendar package held when the version was made.
    A package that knows more makes a new version, so that an old version keeps giving the old dates.
    """

    __tablename__ = "calendar_rule"
    version: Mapped[int] = mapped_column(Integer)
    hours: Mapped[list[str]]
    time_zone: Mapped[str]
    published_years: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    library_through: Mapped[int] = mapped_column(SmallInteger)
    made_at: Mapped[datetime]
    made_by: Mapped[UUID]
    __table_args__ = (UniqueConstraint("tenant_id", "version"), access("append"))


class CalendarDay(TenantRow):
    """What the county says about a day from a version on; `kind` null: as published again."""

    __tablename__ = "calendar_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str | None]
    note: Mapped[str | None]
    source: Mapped[str | None]
    __table_args__ = (code_check("kind", DayKind), access("append"))


class ClockRow(TenantTable):
    """A time limit of a case, or of one assignment in it.

    `case_id` and `assignment_id` are plain columns: cases are a later slice and may not be named here. `due_at` of a
    PAUSED clock is as of its last change; what it would be if resumed now is computed by `explanations`.
    `calendar_version` is the one `due_at` was counted with, `reviewed_version` the last one that was looked at.
    """

    __tablename__ = "clock"
    case_id: Mapped[UUID]
    assignment_id: Mapped[UUID | None]
    kind: Mapped[str]
    code: Mapped[str]
    label: Mapped[str]
    limit_value: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str]
    roll_rule: Mapped[str]
    source: Mapped[str | None]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    warn_at: Mapped[datetime]
    state: Mapped[str]
    stopped_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]
    provisional: Mapped[bool]
    calendar_version: Mapped[int] = mapped_column(Integer)
    reviewed_version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        code_check("kind", ClockKind),
        code_check("unit", Unit),
        code_check("roll_rule", RollRule),
        code_check("state", ClockState),
        CheckConstraint("(state = 'STOPPED') = (stopped_at IS NOT NULL)", name="stopped"),
        Index("ix_clock_tenant_case", "tenant_id", "case_id"),
        Index(
            "ix_clock_tenant_assignment", "tenant_id", "assignment_id",
            postgresql_where=text("assignment_id IS NOT NULL"),
        ),
        Index(
            "ix_clock_tenant_reviewed", "tenant_id", "reviewed_version",
            postgresql_where=text("state IN ('RUNNING', 'PAUSED')"),
        ),
        access("edit"),
    )


class ClockPause(TenantTable):
    """A stretch in which a clock stood; open while `ended_at` is null. `note` says what was missing."""

    __tablename__ = "clock_pause"
    clock_id: Mapped[UUID]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    note: Mapped[str | None]
    __table_args__ = (
        tenant_fk("clock_id", "clock"),
        Index("ix_clock_pause_tenant_clock", "tenant_id", "clock_id"),
        access("edit"),
    )


class ClockExtension(TenantTable):
    """More time, granted by somebody; follows the limit and the extensions before it."""

    __tablename__ = "clock_extension"
    clock_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(SmallInteger)
    value: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str]
    reason: Mapped[str | None]
    granted_at: Mapped[datetime]
    granted_by: Mapped[UUID]
    __table_args__ = (
        tenant_fk("clock_id", "clock"),
        code_check("unit", Unit),
        UniqueConstraint("tenant_id", "clock_id", "position"),
        access("append"),
    )


class StatutoryClock(TenantTable):
    """A legal time limit as the county's catalogue holds it, one row a version.

    `unit` is the catalogue's word: `calendar_day`, `working_day`, `hour`, `month`, `immediate`, or `event` where the
    law sets no count (`limit_value` null). `confidence`: verified, verified_old_text or memory. `valid_to`: the text
    that was read is superseded after this date.
    """

    __tablename__ = "statutory_clock"
    code: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    process: Mapped[str]
    step: Mapped[str]
    limit_value: Mapped[int | None] = mapped_column(Integer)
    unit: Mapped[str]
    starts_at: Mapped[str]
    extendable: Mapped[str]
    note: Mapped[str | None]
    source: Mapped[str]
    confidence: Mapped[str]
    roll_rule: Mapped[str]
    law_version: Mapped[str]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("tenant_id", "code", "version"),
        code_check("roll_rule", RollRule),
        CheckConstraint("unit = 'event' OR limit_value IS NOT NULL", name="counted"),
        access("append"),
    )
