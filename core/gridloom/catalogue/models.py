"""Tables of the work list: items and versions, where each goes, service levels. What a case keeps is versioned."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.catalogue.limits import Unit
from gridloom.db import TenantRow, TenantTable, access, code_check, tenant_fk


class WorkCategory(StrEnum):
    """The four classes of the list."""

    DISPUTE = "DISPUTE"
    SAFETY = "SAFETY"
    SERVICE = "SERVICE"
    CENTRAL_WORK = "CENTRAL_WORK"


class Severity(StrEnum):
    """How urgent: 特急, 紧急, 一般, 普通."""

    CRITICAL = "CRITICAL"
    URGENT = "URGENT"
    NORMAL = "NORMAL"
    LOW = "LOW"


class Protection(StrEnum):
    """What must be kept from whom: CLUE and VIOLENCE leave only named handlers, the others mask fields."""

    CLUE = "CLUE"
    VIOLENCE = "VIOLENCE"
    REPORTER = "REPORTER"
    VICTIM = "VICTIM"
    HEALTH = "HEALTH"
    MINOR = "MINOR"
    PRIVATE = "PRIVATE"


class Frequency(StrEnum):
    """When an item is worked on: on an event, or in rounds."""

    ON_EVENT = "on_event"
    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    SEASONAL = "seasonal"
    BEFORE_HOLIDAY = "before_holiday"


class LimitSubject(StrEnum):
    """What a service limit is about: a severity, a whistle's grade, or the procedure as a whole."""

    SEVERITY = "SEVERITY"
    GRADE = "GRADE"
    PROCEDURE = "PROCEDURE"


class Catalogue(TenantRow):
    """One row a county: `stamp` is new with every publication, so that every process sees it; its lock is the right to
    publish."""

    __tablename__ = "catalogue"
    stamp: Mapped[UUID]
    __table_args__ = (access("edit", head=True),)


class WorkItemRow(TenantTable):
    """An item's identity. Its content stands in versions; lock this row to publish one."""

    __tablename__ = "work_item"
    code: Mapped[str]
    __table_args__ = (UniqueConstraint("tenant_id", "code"), access("edit"))


class WorkItemVersion(TenantTable):
    """What an item says from `valid_from` up to, not including, `valid_to` (a date to come for temporary items).

    A case keeps the id of the version it began under. `deadline_hours` are elapsed hours from acceptance to the first
    level's report; of items worked in rounds, the window of one round. `level_first_handled` is a level of the tree.
    """

    __tablename__ = "work_item_version"
    item_id: Mapped[UUID]
    code: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    name: Mapped[str]
    name_en: Mapped[str]
    category: Mapped[str]
    severity: Mapped[str]
    level_first_handled: Mapped[int] = mapped_column(SmallInteger)
    deadline_hours: Mapped[int] = mapped_column(Integer)
    frequency: Mapped[str]
    protection: Mapped[list[str]]
    confidential: Mapped[bool]
    emergency: Mapped[bool]
    emergency_contact: Mapped[str | None]  # whom to call first, such as 110/96110
    clue: Mapped[bool]
    statutory: Mapped[list[str]]  # codes of legal clocks that may run beside the item's own
    notes: Mapped[str]
    lead_id: Mapped[UUID | None]  # null where the unit follows from the grid (township, village)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    __table_args__ = (
        tenant_fk("item_id", "work_item"),
        tenant_fk("lead_id", "organization"),
        code_check("category", WorkCategory),
        code_check("severity", Severity),
        code_check("frequency", Frequency),
        CheckConstraint("deadline_hours > 0", name="deadline_hours"),
        UniqueConstraint("tenant_id", "item_id", "version"),
        Index("ix_work_item_version_tenant_code_from", "tenant_id", "code", "valid_from"),
        access("edit"),
    )


class Route(TenantRow):
    """Which unit an item goes to at a level: one named by code, or the one of a kind that the grid belongs to."""

    __tablename__ = "route"
    item_version_id: Mapped[UUID] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    organization_kind: Mapped[str]
    organization_code: Mapped[str | None]
    __table_args__ = (tenant_fk("item_version_id", "work_item_version"), access("append"))


class ServiceLevelVersion(TenantTable):
    """A set of service limits; a case keeps the id of the set it began under."""

    __tablename__ = "service_level"
    version: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("tenant_id", "version"), access("edit"))


class ServiceLimit(TenantRow):
    """One limit of a set: for a severity, a whistle's grade or the procedure (`code`), at a step; value and unit."""

    __tablename__ = "service_limit"
    service_level_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str]
    __table_args__ = (
        tenant_fk("service_level_id", "service_level"),
        code_check("subject", LimitSubject),
        code_check("unit", Unit),
        CheckConstraint("value >= 0", name="value"),
        access("append"),
    )
