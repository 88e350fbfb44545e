"""Building the demo: Midu with all its figures and a quarter of life, and a small second county beside it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from shapely import Polygon
from shapely.geometry import mapping

from gridloom.behaviours.county import set_mode
from gridloom.contract.types import Mode
from gridloom.demo.access import Signing, write_accounts
from gridloom.demo.frame import GridPlan, county_grids, midu_grids
from gridloom.demo.history import write_history
from gridloom.demo.people import Population, population
from gridloom.demo.photographs import add_photographs
from gridloom.demo.residents import SERVED, Written, grid_ids, write_people
from gridloom.demo.territory import MIDU_SEATS, midu_outline, neighbour_outline, tessellate
from gridloom.grid.boundaries import set_boundaries
from gridloom.grid.members import NewGroup, create_groups
from gridloom.provision import create_county, shipped
from gridloom.runtime import Service

MIDU = "532925"
XIANGYUN = "532923"
XIANGYUN_CASES = 200
MIDU_CASES = 20_400
ACCESS_FILE = "demo-access.json"
DIVISION, TOWNSHIP = 12, 9
"""Digits of a division's code, and of those that name its township."""
TICK = 0.5

Progress = Callable[[str, float], None]
"""Told what is being done and how much of the whole is done (0 to 1)."""


@dataclass(frozen=True, slots=True)
class Furnished:
    """A county that stands, its history still unwritten."""

    tenant: UUID
    shapes: dict[str, Polygon]
    people: Written


@dataclass(frozen=True, slots=True)
class DemoCounty:
    """What is built of one county."""

    code: str
    grids: list[GridPlan]
    people: Population
    outline: Polygon
    cases: int
    full: bool
    seats: Mapping[str, tuple[float, float]] | None = None


async def build_demo(service: Service, progress: Progress, *, cases: int = MIDU_CASES) -> dict[str, Any]:
    """Build both counties unless they stand, and write demo-access.json. Returns its content.

    `cases` is the number of Midu's cases (the tests build fewer).
    """
    file = service.settings.data_dir / ACCESS_FILE
    if await service.directory.by_code(service, MIDU) is not None and file.exists():
        kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return kept
    access = Signing(service.settings.public_url)
    outline = midu_outline()
    grids, neighbours = midu_grids(), county_grids(XIANGYUN)
    plans = [
        DemoCounty(MIDU, grids, population(grids), outline, cases, True, MIDU_SEATS),
        DemoCounty(
            XIANGYUN,
            neighbours,
            population(neighbours, studios=6),
            neighbour_outline(outline),
            min(cases, XIANGYUN_CASES),
            False,
        ),
    ]
    for place, plan in enumerate(plans):
        share = (0.0, 0.92)[place], (0.92, 0.08)[place]
        await build_county(service, plan, access, _part(progress, *share))
    content = await access.finish(service)
    _write(file, content)
    progress("demo county ready", 1.0)
    return content


async def build_county(service: Service, plan: DemoCounty, access: Signing, progress: Progress) -> None:
    """A whole county of the demo: what `furnish` makes, and its quarter of life."""
    place = await furnish(service, plan, access, _part(progress, 0.0, 0.2))
    await write_history(
        service, place.tenant, plan.grids, plan.people, place.shapes, place.people, plan.cases,
        _part(progress, 0.2, 0.8),
    )
    if plan.full:
        await add_photographs(service, place.tenant)


async def furnish(service: Service, plan: DemoCounty, access: Signing, progress: Progress) -> Furnished:
    """The county with its territory, organisations, people and accounts, before anything is reported in it."""
    codes = {grid.code for grid in plan.grids}
    rows = [{**row, "l5_grids": "0"} for row in shipped("dali_divisions.csv") if row["code12"] in codes]
    frame = [{"code12": code, "l5_grids": str(count)} for code, count in _leaf_counts(plan.grids).items()]
    async with _drawn(plan, progress) as drawing:
        tenant = await create_county(service, plan.code, rows, frame, since=service.clock.now() - SERVED)
        async with service.open(tenant) as work:
            await create_groups(
                work, [NewGroup(one.code, one.name, one.village, tuple(one.grids)) for one in plan.people.groups]
            )
        async with service.open(tenant) as work:
            people = await write_people(work, plan.people)
        async with service.open(tenant) as work:
            await write_accounts(work, plan.people, people, access, full=plan.full)
        shapes = await drawing
    await _draw(service, tenant, shapes, progress)
    async with service.open(tenant) as work:
        for plugin in service.host.mechanisms:
            await set_mode(work, plugin, Mode.ON)
    service.directory.forget(tenant)
    return Furnished(tenant, shapes, people)


@asynccontextmanager
async def _drawn(plan: DemoCounty, progress: Progress) -> AsyncIterator[asyncio.Future[dict[str, Polygon]]]:
    """The county's map, drawn in a thread of its own while organisations and people are entered."""
    async with asyncio.TaskGroup() as group:
        drawing = group.create_task(asyncio.to_thread(tessellate, plan.outline, plan.grids, plan.seats))

        async def tick() -> None:
            seconds = 0.0
            while not drawing.done():
                progress(f"{plan.code}: territory, organisations and people", min(0.6, 0.05 * seconds))
                await asyncio.sleep(TICK)
                seconds += TICK

        group.create_task(tick())
        yield drawing


async def _draw(service: Service, tenant: UUID, shapes: Mapping[str, Polygon], progress: Progress) -> None:
    """Boundaries are entered from the top, a township at a time, so that progress can be told."""
    by_area: dict[str, list[str]] = {}
    for code in sorted(shapes, key=len):
        upper = code.endswith("000") and len(code) <= DIVISION
        by_area.setdefault("" if upper else code[:TOWNSHIP], []).append(code)
    for done, (area, codes) in enumerate(sorted(by_area.items())):
        progress(f"{area or next(iter(codes))[:6]}: boundaries", 0.6 + 0.4 * done / len(by_area))
        async with service.open(tenant) as work:
            ids = await grid_ids(work)
            await set_boundaries(work, {ids[code]: mapping(shapes[code]) for code in codes})


def _leaf_counts(grids: list[GridPlan]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for grid in grids:
        if grid.level == 5 and grid.parent is not None:
            counts[grid.parent] = counts.get(grid.parent, 0) + 1
    return counts


def _part(progress: Progress, start: float, share: float) -> Progress:
    return lambda text, done: progress(text, start + share * done)


def _write(file: Path, content: dict[str, Any]) -> None:
    """Whole or not at all, readable by the owner only: it holds passwords."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump(content, handle, ensure_ascii=False, indent=2)
    draft.replace(file)
