"""Where a report belongs: the living grid with the nearest centre that serves it or a grid above it, found by one lookup."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, Uuid, and_, any_, select

from gridloom.grid.models import GridRow
from gridloom.lookup import Lookup, bind
from gridloom.people.models import Organization
from gridloom.work import Work


@dataclass(frozen=True, slots=True)
class Centre:
    """The centre that runs a new case's procedure."""

    id: UUID
    parent_id: UUID | None


@dataclass(frozen=True, slots=True)
class Site:
    """A grid, its ancestors from the root down to itself, and its centre (None where no centre serves any of them)."""

    grid_id: UUID
    path: list[UUID]
    centre: Centre | None


def _sites() -> Select[Any, Any, Any, Any, Any]:
    tenant = bind("tenant", Uuid())
    return (
        select(
            GridRow.id, GridRow.path, Organization.grid_id.label("serves"), Organization.id.label("centre"),
            Organization.parent_id.label("above"),
        )
        .outerjoin(Organization, and_(
            Organization.tenant_id == tenant, Organization.kind == "CENTRE", Organization.closed_at.is_(None),
            Organization.grid_id == any_(GridRow.path),
        ))
        .where(GridRow.tenant_id == tenant, GridRow.ended_at.is_(None))
    )


_BY_ID = Lookup(_sites().where(GridRow.id == bind("id", Uuid())))
_BY_CODE = Lookup(_sites().where(GridRow.code == bind("code", Text())))


async def site_of(work: Work, grid_id: UUID) -> Site | None:
    """The site of a grid; None when no such grid lives."""
    return _site(await work.look(_BY_ID, id=grid_id))


async def site_by_code(work: Work, code: str) -> Site | None:
    """The site of the living grid of this code."""
    return _site(await work.look(_BY_CODE, code=code))


def _site(rows: Sequence[Any]) -> Site | None:
    if not rows:
        return None
    path = rows[0]["path"]
    depth = {grid: place for place, grid in enumerate(path)}
    nearest = max((row for row in rows if row["centre"] is not None), key=lambda row: depth[row["serves"]], default=None)
    return Site(rows[0]["id"], path, Centre(nearest["centre"], nearest["above"]) if nearest is not None else None)
