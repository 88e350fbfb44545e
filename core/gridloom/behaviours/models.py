"""Tables of mechanisms: which plugins a county has, its elements, and the matters kept on them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.contract.types import Mode
from gridloom.db import TenantRow, TenantTable, access, code_check, tenant_fk


class CountyPlugin(TenantRow):
    """One installed plugin in one county: its mode and settings. Every change raises `version`."""

    __tablename__ = "county_plugin"
    key: Mapped[str] = mapped_column(primary_key=True)
    mode: Mapped[str]
    settings: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(Integer, default=1)
    since: Mapped[datetime]
    __table_args__ = (code_check("mode", Mode), access("edit"))


class MechanismElementRow(TenantTable):
    """A county's element as it stands. Code owns key, behaviour, forms and rules; the county owns the rest.

    `like` names the element of the plugin's code that an added one borrows forms and rules from (its own key else).
    `confirmed_at` is the county's own act; as shipped it is null, whatever `status` says of the published text.
    `service_levels` holds, by a clock's code, {"value", "unit"} where the county set its own.
    """

    __tablename__ = "mechanism_element"
    plugin: Mapped[str]
    key: Mapped[str]
    like: Mapped[str]
    behaviour: Mapped[str]
    title: Mapped[str]
    group: Mapped[str]
    position: Mapped[int] = mapped_column(Integer)
    enabled: Mapped[bool] = mapped_column(default=True)
    status: Mapped[str]
    source_note: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None]
    service_levels: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    version: Mapped[int] = mapped_column(Integer, default=1)
    __table_args__ = (
        code_check("status", ("CONFIRMED", "PROPOSED")),
        UniqueConstraint("tenant_id", "plugin", "key"),
        Index("ix_mechanism_element_tenant_position", "tenant_id", "plugin", "position"),
        access("edit"),
    )


class MechanismElementVersion(TenantRow):
    """How an element was from `since` on; a matter keeps the version it began under."""

    __tablename__ = "mechanism_element_version"
    element_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    since: Mapped[datetime]
    by_id: Mapped[UUID]
    data: Mapped[dict[str, Any]]
    __table_args__ = (tenant_fk("element_id", "mechanism_element"), access("append"))


class MatterRow(TenantTable):
    """One matter on an element. `owner_id` is its one owner now, `origin_id` who began it, `counterpart_id` whom it is
    addressed to, `supervisor_id` the centre that runs the procedure of its case.

    `forms` holds, by the step's key, {"version", "values"} as last filled; `takers` who took that step last. `base` is the
    element of the code that `element` is like. `named_ids` null: seen by its organisations; else by these persons alone.
    `finder_id` is a person without an organisation who began it, `assignee_id` the person who handles it. Of a handover,
    `receiver_plugin` and `receiver_element` name the element of the receiving side that types its own steps, if any.
    """

    __tablename__ = "matter"
    plugin: Mapped[str]
    element: Mapped[str]
    base: Mapped[str]
    behaviour: Mapped[str]
    part: Mapped[str]
    title: Mapped[str]
    state: Mapped[str]
    open: Mapped[bool] = mapped_column(default=True)
    case_id: Mapped[UUID | None]
    parent_id: Mapped[UUID | None]
    owner_id: Mapped[UUID]
    origin_id: Mapped[UUID]
    counterpart_id: Mapped[UUID | None]
    supervisor_id: Mapped[UUID | None]
    previous_id: Mapped[UUID | None]
    assignee_id: Mapped[UUID | None]
    finder_id: Mapped[UUID | None]
    named_ids: Mapped[list[UUID] | None]
    reference: Mapped[str | None]
    receiver_plugin: Mapped[str | None]
    receiver_element: Mapped[str | None]
    forms: Mapped[dict[str, Any]]
    takers: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    element_version: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)
    began_at: Mapped[datetime]
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        tenant_fk("case_id", "case"),
        tenant_fk("parent_id", "matter"),
        tenant_fk("owner_id", "organization"),
        tenant_fk("origin_id", "organization"),
        tenant_fk("counterpart_id", "organization"),
        tenant_fk("supervisor_id", "organization"),
        tenant_fk("previous_id", "matter"),
        tenant_fk("assignee_id", "staff"),
        tenant_fk("finder_id", "staff"),
        Index("ix_matter_tenant_element", "tenant_id", "plugin", "element", "part", text("at DESC"), text("id DESC")),
        Index("ix_matter_tenant_case", "tenant_id", "case_id"),
        Index("ix_matter_tenant_parent", "tenant_id", "parent_id"),
        Index("ix_matter_tenant_origin", "tenant_id", "origin_id"),
        Index("ix_matter_tenant_counterpart", "tenant_id", "counterpart_id"),
        Index("ix_matter_tenant_owner", "tenant_id", "owner_id"),
        Index("ix_matter_tenant_previous", "tenant_id", "previous_id"),
        Index("ix_matter_tenant_reference", "tenant_id", "plugin", "element", "reference"),
        Index("ix_matter_tenant_receiver", "tenant_id", "receiver_plugin", "receiver_element", "at"),
        access("edit"),
    )


class MatterStepRow(TenantTable):
    """One step of a matter as it was taken. Never changed. `owner_id` is who owned the matter afterwards."""

    __tablename__ = "matter_step"
    matter_id: Mapped[UUID]
    at: Mapped[datetime]
    step: Mapped[str]
    state: Mapped[str]
    owner_id: Mapped[UUID]
    organization_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None]
    actor_id: Mapped[UUID]
    actor_kind: Mapped[str]
    form: Mapped[dict[str, Any]]
    form_version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        tenant_fk("matter_id", "matter"),
        tenant_fk("staff_id", "staff"),
        Index("ix_matter_step_tenant_matter", "tenant_id", "matter_id", "at", "id"),
        access("append"),
    )


class PluginAnswer(TenantTable):
    """What a plugin in shadow would have said, and each question that failed: for the county's administrator."""

    __tablename__ = "plugin_answer"
    plugin: Mapped[str]
    question: Mapped[str]
    outcome: Mapped[str]
    mutation: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    detail: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        code_check("outcome", ("SHADOW", "FAILED")),
        Index("ix_plugin_answer_tenant_plugin", "tenant_id", "plugin", "at"),
        access("append"),
    )


class ElementRun(TenantRow):
    """A first step that core took by the calendar: one row an element and period, so that it is taken once."""

    __tablename__ = "element_run"
    plugin: Mapped[str] = mapped_column(primary_key=True)
    element: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID | None]
    problem: Mapped[str | None]
    at: Mapped[datetime]
    __table_args__ = (access("edit"),)


class MatterPrecedent(TenantTable):
    """A ruling on a matter that was refused twice: this organisation answers for the like of it."""

    __tablename__ = "matter_precedent"
    plugin: Mapped[str]
    element: Mapped[str]
    matter_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    basis: Mapped[str]
    ruling: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        tenant_fk("matter_id", "matter"),
        tenant_fk("organization_id", "organization"),
        Index("ix_matter_precedent_tenant_element", "tenant_id", "plugin", "element", "at"),
        access("append"),
    )


class MatterSealed(TenantTable):
    """A sealed text of a matter, encrypted at its own place; `body` null when it is gone."""

    __tablename__ = "matter_sealed"
    matter_id: Mapped[UUID]
    step: Mapped[str]
    field: Mapped[str]
    body: Mapped[str | None]
    at: Mapped[datetime]
    __table_args__ = (
        tenant_fk("matter_id", "matter"),
        Index("ix_matter_sealed_tenant_matter", "tenant_id", "matter_id"),
        access("edit"),
    )


class MatterReading(TenantTable):
    """One opening of sealed texts: who, when, why, which. The ledger that the person concerned can be given."""

    __tablename__ = "matter_reading"
    matter_id: Mapped[UUID]
    at: Mapped[datetime]
    staff_id: Mapped[UUID]
    reason: Mapped[str]
    fields: Mapped[list[str]]
    __table_args__ = (
        tenant_fk("matter_id", "matter"),
        tenant_fk("staff_id", "staff"),
        Index("ix_matter_reading_tenant_matter", "tenant_id", "matter_id", "at"),
        access("append"),
    )


class MessageState(StrEnum):
    """TAKEN: the plugins were asked and what they wanted was written. DROPPED: nobody may read what it carries."""

    WAITING = "WAITING"
    TAKEN = "TAKEN"
    DROPPED = "DROPPED"
    FAILED = "FAILED"


class MessageRow(TenantTable):
    """Something that arrived at a channel, once by the channel's own id; `cases` are those that came of it."""

    __tablename__ = "message"
    channel: Mapped[str]
    sent_id: Mapped[str]
    data: Mapped[dict[str, Any]]
    client_id: Mapped[UUID]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    problem: Mapped[str | None]
    cases: Mapped[list[UUID]]
    arrived_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "channel", "sent_id"),
        code_check("state", MessageState),
        Index("ix_message_tenant_arrived", "tenant_id", "arrived_at"),
        access("edit"),
    )
