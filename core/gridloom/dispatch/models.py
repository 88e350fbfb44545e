"""Tables of dispatch."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.db import TenantTable, access, code_check, tenant_fk
from gridloom.dispatch.codes import AssignmentRole, AssignmentStatus, Card, ReturnReason, WhistleGrade, WhistleState


class WhistleRow(TenantTable):
    """A centre's call for departments to report in. Times to sign, report in and finish follow its grade."""

    __tablename__ = "whistle"
    case_id: Mapped[UUID]
    grade: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    centre_id: Mapped[UUID]
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime]
    ruled_by: Mapped[UUID | None]
    blown_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        code_check("grade", WhistleGrade),
        code_check("state", WhistleState),
        tenant_fk("case_id", "case"),
        tenant_fk("centre_id", "organization"),
        Index("ix_whistle_tenant_case", "tenant_id", "case_id"),
    )


class AssignmentRow(TenantTable):
    """What one unit must do about a case. `window_until` is the last moment to ask for a return."""

    __tablename__ = "assignment"
    case_id: Mapped[UUID]
    whistle_id: Mapped[UUID | None]
    organization_id: Mapped[UUID]
    role: Mapped[str]
    status: Mapped[str]
    visible: Mapped[bool] = mapped_column(default=True)  # false while its whistle is only proposed
    version: Mapped[int] = mapped_column(Integer, default=1)
    round: Mapped[int] = mapped_column(SmallInteger, default=1)
    title: Mapped[str]
    instruction: Mapped[str | None]
    created_at: Mapped[datetime]
    sign_due_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    window_until: Mapped[datetime | None]
    report_in_due_at: Mapped[datetime | None]
    reported_in_at: Mapped[datetime | None]
    reported_in_by: Mapped[str | None]
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]  # done, returned, excused or cancelled
    result: Mapped[str | None]
    sealed: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        code_check("role", AssignmentRole),
        code_check("status", AssignmentStatus),
        CheckConstraint("version > 0", name="version"),
        tenant_fk("case_id", "case"),
        tenant_fk("whistle_id", "whistle"),
        tenant_fk("organization_id", "organization"),
        Index("ix_assignment_tenant_case", "tenant_id", "case_id"),
        Index("ix_assignment_tenant_organization", "tenant_id", "organization_id", "status"),
        # At most one lead at any moment, whatever two requests do at once.
        Index(
            "uq_assignment_one_lead", "tenant_id", "case_id", unique=True,
            postgresql_where=text(
                "role = 'LEAD' AND visible AND status IN ('PENDING', 'SIGNED', 'REPORTED_IN', 'RETURN_ASKED')"
            ),
        ),
    )


class AssignmentReturnRow(TenantTable):
    """A unit's request to be relieved, and what the centre ruled."""

    __tablename__ = "assignment_return"
    assignment_id: Mapped[UUID]
    case_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    reason: Mapped[str]
    basis: Mapped[str]
    suggested_id: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID]
    rule_due_at: Mapped[datetime]
    ruled_at: Mapped[datetime | None]
    ruled_by: Mapped[UUID | None]
    upheld: Mapped[bool | None]
    ruling: Mapped[str | None]
    __table_args__ = (
        code_check("reason", ReturnReason),
        tenant_fk("assignment_id", "assignment"),
        tenant_fk("case_id", "case"),
        tenant_fk("organization_id", "organization"),
        tenant_fk("suggested_id", "organization"),
        Index("ix_assignment_return_tenant_assignment", "tenant_id", "assignment_id"),
        Index("ix_assignment_return_tenant_case", "tenant_id", "case_id", "organization_id"),
    )


class PrecedentRow(TenantTable):
    """A ruling that the next dispatch of the same item cites: this unit answers for it."""

    __tablename__ = "precedent"
    item_version_id: Mapped[UUID]
    item_code: Mapped[str]
    organization_id: Mapped[UUID]
    case_id: Mapped[UUID]
    basis: Mapped[str]
    ruling: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        tenant_fk("item_version_id", "work_item_version"),
        tenant_fk("organization_id", "organization"),
        tenant_fk("case_id", "case"),
        Index("ix_precedent_tenant_item", "tenant_id", "item_code", "at"),
        Index("ix_precedent_tenant_at", "tenant_id", "at"),
        access("append"),
    )


class CardRow(TenantTable):
    """A reminder, yellow or red card: facts, limit, answer. Always issued by a person."""

    __tablename__ = "card"
    case_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    card: Mapped[str]
    issued_by: Mapped[UUID]
    reason: Mapped[str]
    issued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    __table_args__ = (
        code_check("card", Card),
        tenant_fk("case_id", "case"),
        tenant_fk("organization_id", "organization"),
        tenant_fk("issued_by", "staff"),
        Index("ix_card_tenant_case", "tenant_id", "case_id"),
    )
