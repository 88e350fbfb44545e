"""An installation for the territory's tests."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.demo.frame import table
from gridloom.grid.divisions import import_divisions, import_groups
from gridloom.grid.models import GridAncestor, GridRow
from gridloom.grid.service import NewGrid, create_grids, name_levels
from gridloom.work import CountyView, Works
from tests.grid.installation import Installation, installation

LEVELS = {2: "县", 3: "乡镇", 4: "村", 5: "网格"}


@pytest.fixture(scope="session")
async def place(postgres_url: str, redis_url: str) -> AsyncIterator[Installation]:
    """The installation of this package's tests."""
    async with installation(postgres_url, redis_url, "grid_trial") as opened:
        yield opened


@pytest.fixture(scope="session")
def works(place: Installation) -> Works:
    return place.works


@dataclass(frozen=True)
class Small:
    """A county of seven grids: 1 → 11 → 111, 112 → 1111, 1121; 12."""

    view: CountyView
    ids: dict[str, UUID]


SMALL = (
    NewGrid("1", "县", 2), NewGrid("11", "甲乡", 3, "1"), NewGrid("12", "乙乡", 3, "1"),
    NewGrid("111", "东村", 4, "11"), NewGrid("112", "西村", 4, "11"),
    NewGrid("1111", "东村一格", 5, "111"), NewGrid("1121", "西村一格", 5, "112"),
)


@pytest.fixture
async def small(place: Installation, works: Works) -> Small:
    """A small county of its own for each test."""
    view = await place.county()
    async with works.open(view) as work:
        await name_levels(work, LEVELS)
        ids = await create_grids(work, SMALL)
    return Small(view, ids)


@pytest.fixture(scope="session")
async def midu(place: Installation, works: Works) -> Small:
    """Midu with its 1,038 grids and 1,271 groups; tests only read it."""
    view = await place.county("532925")
    frame = table("midu_frame.csv")
    async with works.open(view) as work:
        ids = await import_divisions(work, table("dali_divisions.csv"), frame)
        await import_groups(work, frame)
    return Small(view, ids)


async def closure(session: AsyncSession, tenant: UUID) -> set[tuple[UUID, UUID, int]]:
    """The closure as it is stored: (ancestor, grid, depth)."""
    rows = await session.execute(
        select(GridAncestor.ancestor_id, GridAncestor.grid_id, GridAncestor.depth)
        .where(GridAncestor.tenant_id == tenant)
    )
    return {(row[0], row[1], row[2]) for row in rows}


async def closure_by_parents(session: AsyncSession, tenant: UUID) -> set[tuple[UUID, UUID, int]]:
    """The closure as the parents of the living grids say it."""
    rows = await session.execute(
        select(GridRow.id, GridRow.parent_id).where(GridRow.tenant_id == tenant, GridRow.ended_at.is_(None))
    )
    parents = {id_: parent for id_, parent in rows}
    found = set()
    for grid in parents:
        above, depth = grid, 0
        while above is not None:
            found.add((above, grid, depth))
            above, depth = parents[above], depth + 1
    return found
