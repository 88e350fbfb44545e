"""P4: which grid a place is in, by the county's index, beside shapely asked shape by shape and shapely's own tree."""

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Text, cast, select

from bench.result import Bar, Options, Result, Table, Void
from bench.world import World
from gridloom import runtime
from gridloom.grid.geometry import TerritoryIndex
from gridloom.grid.models import GridBoundary, GridRow

NAME = "P4"
BATCH, TREE, SINGLE, LOOPED = 1_000_000, 100_000, 50_000, 1_000
MUST_BATCH, GOAL_BATCH, MUST_SINGLE_US = 300_000, 1_000_000, 20.0

Points = tuple[NDArray[np.float64], NDArray[np.float64]]


async def run(world: World, options: Options) -> Result:
    """Index the main county's boundaries; places are spread evenly over its outline, every answer compared."""
    grids, texts = await _boundaries(world)
    gc.collect()
    index, building = _timed(lambda: TerritoryIndex(grids, texts))
    order = sorted(range(len(grids)), key=lambda one: (-grids[one][1], grids[one][2]))
    shapes = shapely.from_geojson(np.array([texts[one] for one in order], dtype=object))
    ids = np.array([*(grids[one][0] for one in order), None], dtype=object)
    tree = shapely.STRtree(shapes)
    shapely.prepare(shapes)
    places = _inside(shapes, BATCH)
    few = (places[0][:LOOPED], places[1][:LOOPED])
    some = (places[0][:TREE], places[1][:TREE])
    one_by_one = list(zip(places[0][:SINGLE].tolist(), places[1][:SINGLE].tolist(), strict=True))
    took: dict[str, list[float]] = {"batch": [], "single": [], "loop": [], "tree": []}
    for _ in range(options.rounds):
        many, seconds = _timed(lambda: index.locate_many(*places))
        took["batch"].append(BATCH / seconds)
        single, seconds = _timed(lambda: [index.locate(*place) for place in one_by_one])
        took["single"].append(seconds / SINGLE * 1e6)
        looped, seconds = _timed(lambda: _looped(shapes, ids, few))
        took["loop"].append(LOOPED / seconds)
        by_tree, seconds = _timed(lambda: _by_tree(tree, ids, some))
        took["tree"].append(TREE / seconds)
        if single != many[:SINGLE].tolist() or looped != single[:LOOPED] or (by_tree != many[:TREE]).any():
            raise Void("the index and shapely do not say the same")
    return _result({name: statistics.median(values) for name, values in took.items()}, index, len(grids), building)


def _result(median: dict[str, float], index: TerritoryIndex, boundaries: int, building: float) -> Result:
    batch, single = median["batch"], median["single"]
    return Result(
        name=NAME, work=f"point → grid among {boundaries} boundaries on all levels, a batch of {BATCH:,}", unit="points/s",
        ours=round(batch),
        beside={"shapely loop": round(median["loop"]), "shapely STRtree, one bulk query": round(median["tree"])},
        ratio={
            "shapely loop": round(batch / median["loop"], 1),
            "shapely STRtree, one bulk query": round(batch / median["tree"], 1),
        },
        bars=(
            Bar("must", f"≥ {MUST_BATCH:,} points/s in a batch", batch >= MUST_BATCH),
            Bar("must", f"≤ {MUST_SINGLE_US:.0f} µs single", single <= MUST_SINGLE_US),
            Bar("goal", f"≥ {GOAL_BATCH:,} points/s in a batch", batch >= GOAL_BATCH),
        ),
        tables=(Table("Index of one county", ("figure", "value"), (
            ("one point, µs", round(single, 2)), ("boundaries", boundaries), ("building it, s", round(building, 2)),
            ("its size, MB", round(index.size / 1e6, 2)),
        )),),
        notes=(
            f"Points lie inside the county's outline. Every round compares {TREE:,} answers of the tree, {SINGLE:,} single ones "
            f"and {LOOPED:,} of the loop with those of the batch; edges, corners and outside are compared by the tests.",
            "Memory only: the small query by which a transaction learns that its index still holds is not in it.",
        ),
    )


async def _boundaries(world: World) -> tuple[list[tuple[Any, int, str]], list[str]]:
    service = runtime.build(world.settings)
    try:
        tenant = await world.tenant()
        async with service.reading(tenant) as session:
            rows = (await session.execute(
                select(GridRow.id, GridRow.level, GridRow.code, cast(GridBoundary.boundary, Text))
                .join(GridBoundary, (GridBoundary.tenant_id == tenant) & (GridBoundary.grid_id == GridRow.id))
                .where(GridRow.tenant_id == tenant, GridRow.ended_at.is_(None))
            )).all()
    finally:
        await service.close()
    return [(row[0], row[1], row[2]) for row in rows], [row[3] for row in rows]


def _inside(shapes: NDArray[np.object_], count: int) -> Points:
    chance = np.random.default_rng(20261123)
    west, south, east, north = shapely.total_bounds(shapes)
    county = shapes[int(np.argmax(shapely.area(shapes)))]
    longitudes, latitudes = chance.uniform(west, east, 4 * count), chance.uniform(south, north, 4 * count)
    chosen = np.flatnonzero(shapely.contains_xy(county, longitudes, latitudes))[:count]
    return longitudes[chosen], latitudes[chosen]


def _looped(shapes: NDArray[np.object_], ids: NDArray[np.object_], places: Points) -> list[Any]:
    """For each place, every shape is asked (in one vectorised call, which is kind to shapely)."""
    found = []
    for longitude, latitude in zip(*places, strict=True):
        hits = np.flatnonzero(shapely.intersects_xy(shapes, longitude, latitude))
        found.append(ids[hits[0]] if len(hits) else None)
    return found


def _by_tree(tree: shapely.STRtree, ids: NDArray[np.object_], places: Points) -> NDArray[np.object_]:
    near, area = tree.query(shapely.points(*places), predicate="intersects")
    first = np.full(len(places[0]), len(ids) - 1)
    np.minimum.at(first, near, area)
    found: NDArray[np.object_] = ids[first]
    return found


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began
