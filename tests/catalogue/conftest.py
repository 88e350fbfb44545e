"""Counties with departments and the shipped work list."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from gridloom.catalogue.service import seed_catalogue
from gridloom.demo.frame import table
from gridloom.grid.service import NewGrid, create_grids, name_levels
from gridloom.work import CountyView, Works
from tests.grid.installation import Installation, add_organization, installation

CLASSES = ("XZ", "CW")


@pytest.fixture(scope="session")
async def place(postgres_url: str, redis_url: str) -> AsyncIterator[Installation]:
    """The installation of this package's tests."""
    async with installation(postgres_url, redis_url, "catalogue_trial") as opened:
        yield opened


@pytest.fixture(scope="session")
def works(place: Installation) -> Works:
    return place.works


@dataclass(frozen=True)
class Furnished:
    """A county with its 35 departments and the shipped list; `units` are organisation ids by code."""

    view: CountyView
    units: dict[str, UUID]
    grids: dict[str, UUID]


@pytest.fixture
async def county(place: Installation, works: Works) -> Furnished:
    """A furnished county for each test: two towns, a village in each, their government and committee."""
    view = await place.county()
    async with works.open(view) as work:
        await name_levels(work, {2: "县", 3: "乡镇", 4: "村"})
        grids = await create_grids(work, [
            NewGrid("1", "县", 2), NewGrid("11", "甲乡", 3, "1"), NewGrid("12", "乙乡", 3, "1"),
            NewGrid("111", "东村", 4, "11"), NewGrid("121", "西村", 4, "12"),
        ])
        units = [
            add_organization(work, row["code"], row["name_zh"], "DEPARTMENT", grids["1"])
            for row in table("departments.csv") if row["code"] not in CLASSES
        ]
        for kind, prefix, codes in (("TOWNSHIP", "XZ", ("11", "12")), ("VILLAGE", "CW", ("111", "121"))):
            units += [add_organization(work, f"{prefix}{code}", f"{kind}{code}", kind, grids[code]) for code in codes]
        await work.session.flush()
        await seed_catalogue(work)
    return Furnished(view, {unit.code: unit.id for unit in units}, grids)
