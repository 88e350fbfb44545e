"""The demo county for tests: the two counties built with fewer cases, and a small one without any history."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from gridloom import runtime
from gridloom.demo.access import Signing
from gridloom.demo.build import MIDU, XIANGYUN, DemoCounty, Furnished, build_demo, furnish
from gridloom.demo.frame import county_grids
from gridloom.demo.people import population
from gridloom.demo.territory import midu_outline
from gridloom.tenancy.models import County

CASES = 1_500
"""Enough for every desk's wishes (some 600) and a quarter of ordinary life beside them."""

SMALL = "532932"
TOWNSHIPS, VILLAGES, LEAVES = 2, 3, 3


@dataclass(frozen=True)
class Demo:
    """The built demo: `access` is the content of demo-access.json, `told` what the progress callback was told, and
    after how many seconds of the processor."""

    service: runtime.Service
    access: dict[str, Any]
    midu: UUID
    xiangyun: UUID
    told: list[tuple[str, float, float]]


@pytest.fixture(scope="session")
async def demo(service: runtime.Service) -> Demo:
    """Midu with `CASES` cases and Xiangyun beside it, built once a run. Read it; whoever changes it makes a county."""
    told: list[tuple[str, float, float]] = []
    access = await build_demo(service, lambda text, done: told.append((text, done, time.process_time())), cases=CASES)
    async with service.platform() as session:
        tenants = dict((await session.execute(
            select(County.code, County.id).where(County.code.in_((MIDU, XIANGYUN)))
        )).tuples().all())
    return Demo(service, access, tenants[MIDU], tenants[XIANGYUN], told)


async def small_county(service: runtime.Service) -> tuple[DemoCounty, Furnished]:
    """Two townships with three villages each of a real county, furnished like the demo; nothing is reported in it."""
    every = county_grids(SMALL, leaves=LEAVES)
    chosen = {SMALL + "0" * 6}
    for township in [grid.code for grid in every if grid.level == 3][:TOWNSHIPS]:
        villages = [grid.code for grid in every if grid.parent == township][:VILLAGES]
        chosen |= {township, *villages}
    grids = [grid for grid in every if grid.code in chosen or (grid.level == 5 and grid.parent in chosen)]
    plan = DemoCounty(SMALL, grids, population(grids, studios=2), midu_outline(), 0, False)
    return plan, await furnish(service, plan, Signing("http://localhost"), lambda _text, _done: None)
