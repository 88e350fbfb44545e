"""Tables of cases."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.cases.codes import CaseStatus, Channel, ScopeKind
from gridloom.catalogue.models import Severity
from gridloom.db import TenantRow, TenantTable, access, code_check, tenant_fk


class CaseRow(TenantTable):
    """One matter. `grid_id` is the grid it was reported in, `path` that grid's ancestors at the time (for statistics),
    `centre_id` the centre that runs its procedure now. `sealed` says that title is neutral and free text encrypted."""

    __tablename__ = "case"
    number: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    sealed: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str]
    severity: Mapped[str]
    protection: Mapped[list[str]]
    channel: Mapped[str]
    self_handled: Mapped[bool] = mapped_column(default=False)
    emergency: Mapped[bool] = mapped_column(default=False)
    paused: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(Integer, default=1)
    round: Mapped[int] = mapped_column(SmallInteger, default=1)  # grows with every reopening
    item_version_id: Mapped[UUID]
    service_level_id: Mapped[UUID]
    grid_id: Mapped[UUID]
    path: Mapped[list[UUID]]
    centre_id: Mapped[UUID]
    reporter_id: Mapped[UUID | None]
    reporter_kind: Mapped[str]
    reporter_actor_id: Mapped[UUID]
    recorded_at: Mapped[datetime | None]
    occurred_at: Mapped[datetime | None]
    reported_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # closed, rejected, withdrawn, merged or referred
    due_at: Mapped[datetime | None]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    address: Mapped[str | None]
    tracking_hash: Mapped[str | None]
    escalations: Mapped[int] = mapped_column(SmallInteger, default=0)
    __table_args__ = (
        code_check("status", CaseStatus),
        code_check("severity", Severity),
        code_check("channel", Channel),
        CheckConstraint("version > 0", name="version"),
        UniqueConstraint("tenant_id", "number"),
        tenant_fk("item_version_id", "work_item_version"),
        tenant_fk("service_level_id", "service_level"),
        tenant_fk("grid_id", "grid"),
        tenant_fk("centre_id", "organization"),
        tenant_fk("reporter_id", "staff"),
        Index("ix_case_tenant_reported", "tenant_id", text("reported_at DESC"), text("id DESC")),
        Index("ix_case_tenant_status", "tenant_id", "status", text("reported_at DESC")),
        Index("ix_case_tenant_item", "tenant_id", "item_version_id"),
        Index("ix_case_tenant_tracking", "tenant_id", "tracking_hash"),
    )


class CaseScope(TenantRow):
    """One row for each scope that may see the case; `reported_at` repeats the case's, so that lists cost their page."""

    __tablename__ = "case_scope"
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    scope_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    reported_at: Mapped[datetime]
    __table_args__ = (
        code_check("kind", ScopeKind),
        tenant_fk("case_id", "case"),
        Index(
            "ix_case_scope_tenant_live", "tenant_id", "scope_id", text("reported_at DESC"), text("case_id DESC"),
            postgresql_where=text("until IS NULL"),
        ),
    )


class CaseGrid(TenantRow):
    """An open case stands once for each grid of its path; counts per subtree come from here. Protected cases do not."""

    __tablename__ = "case_grid"
    grid_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    __table_args__ = (tenant_fk("case_id", "case"), tenant_fk("grid_id", "grid"), access("queue"))


class CaseParty(TenantTable):
    """A person concerned. Name, phone, number and address are encrypted; `masked` is what lists show."""

    __tablename__ = "case_party"
    case_id: Mapped[UUID]
    role: Mapped[str]
    masked: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str | None]
    id_number: Mapped[str | None]
    address: Mapped[str | None]
    name_index: Mapped[str]
    phone_index: Mapped[str | None]
    id_number_index: Mapped[str | None]
    is_reporter: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (tenant_fk("case_id", "case"), Index("ix_case_party_tenant_case", "tenant_id", "case_id"))


class TimelineEntryRow(TenantTable):
    """One step of a case as it was taken. Never changed; `note` is encrypted where the case is sealed."""

    __tablename__ = "timeline_entry"
    case_id: Mapped[UUID]
    at: Mapped[datetime]
    step: Mapped[str]
    staff_id: Mapped[UUID | None]
    actor_id: Mapped[UUID]
    actor_kind: Mapped[str]
    performed_by: Mapped[str | None]
    assignment_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    note: Mapped[str | None]
    sealed: Mapped[bool] = mapped_column(default=False)
    data: Mapped[dict[str, Any]]
    __table_args__ = (
        tenant_fk("case_id", "case"),
        tenant_fk("staff_id", "staff"),
        Index("ix_timeline_entry_tenant_case", "tenant_id", "case_id", "at", "id"),
        access("append"),
    )


class ExternalReferenceRow(TenantTable):
    """What another system calls the case."""

    __tablename__ = "external_reference"
    case_id: Mapped[UUID]
    system: Mapped[str]
    value: Mapped[str]
    __table_args__ = (
        tenant_fk("case_id", "case"),
        UniqueConstraint("tenant_id", "system", "value"),
        Index("ix_external_reference_tenant_case", "tenant_id", "case_id"),
        access("append"),
    )


class AttachmentRow(TenantTable):
    """A file. It belongs to nobody but its uploader until a step ties it to a case.

    `stored` is its random name in the store, `file_key` the key it is encrypted with there, itself sealed by the county's
    cipher. `digest` is keyed by the county: equal files are known within it and nowhere else. `look` is what a picture looks
    like in 64 bits (16 hexadecimal digits); `small_bytes` the size of its small form, where it has one.
    """

    __tablename__ = "attachment"
    case_id: Mapped[UUID | None]
    timeline_entry_id: Mapped[UUID | None]
    uploaded_by: Mapped[UUID]
    name: Mapped[str]
    media_type: Mapped[str]
    bytes: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str]
    at: Mapped[datetime]
    stored: Mapped[str]
    file_key: Mapped[str]
    small_bytes: Mapped[int | None] = mapped_column(Integer)
    look: Mapped[str | None]
    __table_args__ = (
        tenant_fk("case_id", "case"),
        Index("ix_attachment_tenant_case", "tenant_id", "case_id"),
        Index("ix_attachment_tenant_entry", "tenant_id", "timeline_entry_id"),
        Index("ix_attachment_tenant_digest", "tenant_id", "digest"),
        Index("ix_attachment_tenant_stored", "tenant_id", "stored", unique=True),
        # What nobody has tied to a case yet: small, however many files a county has.
        Index("ix_attachment_tenant_loose", "tenant_id", "uploaded_by", "at", postgresql_where=text("case_id IS NULL")),
    )


class CallBackRow(TenantTable):
    """A call to the one who reported: reached or not, how satisfied (1–5)."""

    __tablename__ = "call_back"
    case_id: Mapped[UUID]
    round: Mapped[int] = mapped_column(SmallInteger)
    at: Mapped[datetime]
    by_id: Mapped[UUID]
    reached: Mapped[bool]
    satisfaction: Mapped[int | None] = mapped_column(SmallInteger)
    __table_args__ = (
        tenant_fk("case_id", "case"),
        CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction"),
        Index("ix_call_back_tenant_case", "tenant_id", "case_id"),
        access("append"),
    )


class InboxItemRow(TenantTable):
    """Something that waits for whoever holds `scope_id`. Rows are kept with the state of their subject, in its transaction.

    `sort_at` is `due_at`, or the end of time where nothing is due (a page's key must not be null).
    """

    __tablename__ = "inbox_item"
    scope_id: Mapped[UUID]
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    case_id: Mapped[UUID | None]
    title: Mapped[str]
    reason: Mapped[str]
    due_at: Mapped[datetime | None]
    sort_at: Mapped[datetime]
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("tenant_id", "subject_id", "scope_id", "kind"),
        Index("ix_inbox_item_tenant_scope", "tenant_id", "scope_id", "sort_at", "id"),
        Index("ix_inbox_item_tenant_case", "tenant_id", "case_id"),
        access("queue"),
    )
