"""Organisations, the staff in them, and the posts they hold."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.db import TenantTable, code_check, tenant_fk
from gridloom.people.roles import ROLES


class Organization(TenantTable):
    """A body of the county: centre, department, township, village, working group, committee, mediation body.

    `kind` is a registered code list, not an enum: plugins add kinds. `level` is the grid level it stands at (2 county,
    3 township, 4 village), `grid_id` the grid it serves.
    """

    __tablename__ = "organization"
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    line: Mapped[str | None]
    level: Mapped[int | None] = mapped_column(SmallInteger)
    parent_id: Mapped[UUID | None]
    grid_id: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        tenant_fk("parent_id", "organization"),
        Index(None, "tenant_id", "kind", "code"),
        Index(None, "tenant_id", "parent_id"),
        Index(None, "tenant_id", "grid_id", "kind"),
    )


class Staff(TenantTable):
    """A person of staff; staff names are plain. Parties and citizens are not staff."""

    __tablename__ = "staff"
    name: Mapped[str]
    organization_id: Mapped[UUID | None]
    left_at: Mapped[datetime | None]
    __table_args__ = (tenant_fk("organization_id", "organization"), Index(None, "tenant_id", "organization_id"))


class StaffPost(TenantTable):
    """A role held at an organisation and/or over a grid's subtree, from a day to a day."""

    __tablename__ = "post"
    staff_id: Mapped[UUID]
    role: Mapped[str]
    organization_id: Mapped[UUID | None]
    grid_id: Mapped[UUID | None]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    __table_args__ = (
        code_check("role", ROLES),
        tenant_fk("staff_id", "staff"),
        tenant_fk("organization_id", "organization"),
        Index(None, "tenant_id", "staff_id"),
        Index(None, "tenant_id", "organization_id", "role"),
        Index(None, "tenant_id", "grid_id", "role"),
    )
