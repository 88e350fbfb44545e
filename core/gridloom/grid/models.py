"""Tables of the territory: grids, their history, ancestors and boundaries, who works in them, villager groups."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.db import TenantRow, TenantTable, access, code_check, tenant_fk


class GridRole(StrEnum):
    """What a member does in a grid."""

    MEMBER = "grid_member"
    CHIEF = "grid_chief"
    GROUP_HEAD = "group_head"
    VOLUNTEER = "volunteer"


class CodeSubject(StrEnum):
    """What carries an external code."""

    GRID = "grid"
    ORGANIZATION = "organization"


class Territory(TenantRow):
    """One row a county. `stamp` is new with every change of tree or boundary; its lock is the right to change them.

    A stamp, not a number: what a transaction that is rolled back had read must never equal what another commits.
    """

    __tablename__ = "territory"
    stamp: Mapped[UUID]
    __table_args__ = (access("edit", head=True),)


class GridLevel(TenantRow):
    """What the county calls a level of its tree: 2 county, 3 township, 4 village, 5 grid (1 is the prefecture)."""

    __tablename__ = "grid_level"
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str]
    __table_args__ = (access("edit"),)


class GridRow(TenantTable):
    """A grid's stable identity with the columns of its present version (kept in the same transaction)."""

    __tablename__ = "grid"
    code: Mapped[str]
    name: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    parent_id: Mapped[UUID | None]
    path: Mapped[list[UUID]]  # root to self
    valid_from: Mapped[datetime]  # of the present version
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, default=1)
    __table_args__ = (
        tenant_fk("parent_id", "grid"),
        # Among living grids; an abolished grid's code may be given again.
        Index(
            "uq_grid_tenant_code_living", "tenant_id", "code", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("ix_grid_tenant_level_code", "tenant_id", "level", "code"),
        Index("ix_grid_tenant_parent_code", "tenant_id", "parent_id", "code"),
        access("edit"),
    )


class GridVersion(TenantTable):
    """How a grid was from `valid_from` up to, not including, `valid_to` (null: still so)."""

    __tablename__ = "grid_version"
    grid_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(Integer)
    code: Mapped[str]
    name: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    parent_id: Mapped[UUID | None]
    path: Mapped[list[UUID]]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    boundary: Mapped[dict[str, Any] | None]  # GeoJSON geometry, CGCS2000 longitude and latitude
    __table_args__ = (
        tenant_fk("grid_id", "grid"),
        UniqueConstraint("tenant_id", "grid_id", "number"),
        Index("ix_grid_version_tenant_grid_from", "tenant_id", "grid_id", "valid_from"),
        Index("ix_grid_version_tenant_code_from", "tenant_id", "code", "valid_from"),
        access("edit"),
    )


class GridAncestor(TenantRow):
    """Present closure of the tree: every grid with each of its ancestors and with itself (depth 0).

    Subtrees are asked for by equality on `ancestor_id`: under row-level security only leakproof operators reach an
    index.
    """

    __tablename__ = "grid_ancestor"
    ancestor_id: Mapped[UUID] = mapped_column(primary_key=True)
    grid_id: Mapped[UUID] = mapped_column(primary_key=True)
    depth: Mapped[int] = mapped_column(SmallInteger)
    __table_args__ = (
        tenant_fk("ancestor_id", "grid"),
        tenant_fk("grid_id", "grid"),
        Index("ix_grid_ancestor_tenant_grid_depth", "tenant_id", "grid_id", "depth"),
        access("queue"),
    )


class GridBoundary(TenantRow):
    """The present boundary of a grid: GeoJSON geometry in CGCS2000, and a point inside it for labels."""

    __tablename__ = "grid_boundary"
    grid_id: Mapped[UUID] = mapped_column(primary_key=True)
    boundary: Mapped[dict[str, Any]]
    longitude: Mapped[float]
    latitude: Mapped[float]
    __table_args__ = (tenant_fk("grid_id", "grid"), access("queue"))


class ExternalCode(TenantTable):
    """What another system calls a grid or an organisation, and from when to when."""

    __tablename__ = "external_code"
    subject: Mapped[str]
    subject_id: Mapped[UUID]
    scheme: Mapped[str]
    value: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    __table_args__ = (
        code_check("subject", CodeSubject),
        UniqueConstraint("tenant_id", "scheme", "value", "subject", "valid_from"),
        Index("ix_external_code_tenant_subject", "tenant_id", "subject_id"),
        access("edit"),
    )


class GridMemberRow(TenantTable):
    """A person of staff who works in a grid from `since` to `until` (null: still)."""

    __tablename__ = "grid_member"
    grid_id: Mapped[UUID]
    staff_id: Mapped[UUID]
    role: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    __table_args__ = (
        code_check("role", GridRole),
        tenant_fk("grid_id", "grid"),
        tenant_fk("staff_id", "staff"),
        Index("ix_grid_member_tenant_grid", "tenant_id", "grid_id", "since"),
        Index("ix_grid_member_tenant_staff", "tenant_id", "staff_id"),
        access("edit"),
    )


class VillagerGroup(TenantTable):
    """A villager group (村民小组): people, not territory; it may lie in several grids, a grid hold several."""

    __tablename__ = "villager_group"
    code: Mapped[str]
    name: Mapped[str]
    village_id: Mapped[UUID]
    __table_args__ = (
        tenant_fk("village_id", "grid"),
        UniqueConstraint("tenant_id", "code"),
        Index("ix_villager_group_tenant_village", "tenant_id", "village_id"),
        access("edit"),
    )


class VillagerGroupGrid(TenantRow):
    """A villager group lies (wholly or partly) in a grid."""

    __tablename__ = "villager_group_grid"
    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    grid_id: Mapped[UUID] = mapped_column(primary_key=True)
    __table_args__ = (
        tenant_fk("group_id", "villager_group"),
        tenant_fk("grid_id", "grid"),
        Index("ix_villager_group_grid_tenant_grid", "tenant_id", "grid_id"),
        access("queue"),
    )
