"""Which grid a place is in: one index per county and process, made anew when the county's territory changes."""

import asyncio
from collections import OrderedDict
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.errors import ProblemCode, Refusal, invalid
from gridloom.grid.geometry import TerritoryIndex
from gridloom.grid.models import GridBoundary, GridRow, Territory
from gridloom.work import Work

KEPT_BYTES = 256 * 1024 * 1024
"""Indices of a process together: a county of a thousand grids takes about 2 MB. The least used goes first."""

_kept: OrderedDict[UUID, tuple[UUID, TerritoryIndex, int]] = OrderedDict()
_building: dict[UUID, asyncio.Lock] = {}


async def locate(work: Work, longitude: float, latitude: float) -> UUID | None:
    """The deepest living grid whose boundary contains the place (degrees, CGCS2000), or None outside the county."""
    return await locate_in(work.session, work.tenant, longitude, latitude)


async def locate_in(session: AsyncSession, tenant: UUID, longitude: float, latitude: float) -> UUID | None:
    """As `locate`, in a session of the county."""
    return (await territory_index(session, tenant)).locate(longitude, latitude)


async def locate_many(
    work: Work, longitudes: NDArray[np.float64], latitudes: NDArray[np.float64]
) -> NDArray[np.object_]:
    """As `locate`, of each place of two arrays of equal length: an array of ids and None (imports, recounts)."""
    index = await territory_index(work.session, work.tenant)
    return await asyncio.to_thread(index.locate_many, longitudes, latitudes)


async def require_location(work: Work, longitude: float, latitude: float, *path: str) -> UUID:
    """As `locate`. Raises `Refusal` OUTSIDE_COUNTY at `path`; VALIDATION where the county has no boundaries at all."""
    head = (await work.heads()).of(Territory)
    kept = _kept_index(work.tenant, head["stamp"]) if head is not None else None
    index = kept or await territory_index(work.session, work.tenant)
    if index.empty:
        raise invalid("grid-without-boundaries", *path)
    found = index.locate(longitude, latitude)
    if found is None:
        raise Refusal(ProblemCode.OUTSIDE_COUNTY, "grid-outside-county", path=path)
    return found


async def territory_index(session: AsyncSession, tenant: UUID) -> TerritoryIndex:
    """The county's index as of this transaction; one small query tells whether the kept one still holds."""
    # The stamp is read before the boundaries: an index may be newer than its stamp, never older.
    stamp = (
        await session.execute(select(Territory.stamp).where(Territory.tenant_id == tenant))
    ).scalar_one_or_none()
    if stamp is None:
        return TerritoryIndex([], [])
    kept = _kept_index(tenant, stamp)
    if kept is not None:
        return kept
    lock = _building.setdefault(stamp, asyncio.Lock())
    try:
        async with lock:
            kept = _kept_index(tenant, stamp)
            if kept is None:
                kept = await _build(session, tenant)
                _keep(tenant, stamp, kept)
    finally:
        _building.pop(stamp, None)
    return kept


def _keep(tenant: UUID, stamp: UUID, index: TerritoryIndex) -> None:
    _kept[tenant] = (stamp, index, index.size)
    _kept.move_to_end(tenant)
    taken = sum(size for _stamp, _index, size in _kept.values())
    while taken > KEPT_BYTES and len(_kept) > 1:
        _tenant, (_stamp, _index, size) = _kept.popitem(last=False)
        taken -= size


def _kept_index(tenant: UUID, stamp: UUID) -> TerritoryIndex | None:
    entry = _kept.get(tenant)
    if entry is None or entry[0] != stamp:
        return None
    _kept.move_to_end(tenant)
    return entry[1]


async def _build(session: AsyncSession, tenant: UUID) -> TerritoryIndex:
    rows = (
        await session.execute(
            select(GridRow.id, GridRow.level, GridRow.code, cast(GridBoundary.boundary, Text))
            .join(GridBoundary, (GridBoundary.tenant_id == tenant) & (GridBoundary.grid_id == GridRow.id))
            .where(GridRow.tenant_id == tenant, GridRow.ended_at.is_(None))
        )
    ).all()
    grids = [(id_, level, code) for id_, level, code, _boundary in rows]
    return await asyncio.to_thread(TerritoryIndex, grids, [row[3] for row in rows])
