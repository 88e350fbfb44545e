"""Where a place is: the index equals a loop over all shapes, follows every change, and knows the county's edge."""

from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, box
from sqlalchemy import func, select

from gridloom.demo.frame import midu_grids, table
from gridloom.demo.territory import MIDU_SEATS, midu_outline, tessellate
from gridloom.errors import ProblemCode, Refusal
from gridloom.grid.divisions import import_divisions
from gridloom.grid.geometry import TerritoryIndex
from gridloom.grid.models import GridBoundary, GridVersion
from gridloom.grid.service import (
    NewGrid,
    create_grids,
    locate,
    locate_many,
    move_grid,
    name_levels,
    require_location,
    set_boundaries,
    set_boundary,
)
from gridloom.work import Works
from tests.grid.conftest import LEVELS, Small
from tests.grid.installation import Installation

Drawn = list[tuple[UUID, int, str, Polygon]]
coordinates = st.integers(0, 12).map(float)
boxes = st.tuples(coordinates, coordinates, st.integers(1, 6), st.integers(1, 6)).map(
    lambda one: box(one[0], one[1], one[0] + one[2], one[1] + one[3])
)
with_hole = st.tuples(coordinates, coordinates).map(lambda one: box(*one, one[0] + 4, one[1] + 4)).map(
    lambda outer: outer.difference(box(*(outer.bounds[0] + 1, outer.bounds[1] + 1), outer.bounds[2] - 1, outer.bounds[3]))
    if outer.bounds[0] % 2 else outer.difference(outer.centroid.buffer(1.5, quad_segs=3))
)
triangles = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=3, unique=True).map(Polygon).filter(
    lambda shape: shape.is_valid and shape.area > 0
)


def looped(drawn: Drawn, longitude: float, latitude: float) -> UUID | None:
    """The answer by asking every shape: deepest level first, then lowest code."""
    inside = [(-level, code, id_) for id_, level, code, shape in drawn if shape.intersects(Point(longitude, latitude))]
    return min(inside)[2] if inside else None


def indexed(drawn: Drawn) -> TerritoryIndex:
    return TerritoryIndex([one[:3] for one in drawn], [shapely.to_geojson(one[3]) for one in drawn])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(2, 5), st.one_of(boxes, triangles, with_hole)), max_size=25),
    st.lists(
        st.tuples(st.floats(-1, 19), st.floats(-1, 19)) | st.tuples(coordinates, coordinates), min_size=1, max_size=20
    ),
)
def test_the_index_equals_a_loop(shapes: list[tuple[int, Polygon]], places: list[tuple[float, float]]) -> None:
    drawn: Drawn = [(uuid4(), level, f"{number:03d}", shape) for number, (level, shape) in enumerate(shapes)]
    index = indexed(drawn)
    assert index.empty == (not drawn)
    corners = [(x, y) for *_, shape in drawn for x, y in shape.exterior.coords]
    every = [*places, *corners, *((x, y + 1e-12) for x, y in corners)]
    expected = [looped(drawn, *place) for place in every]
    assert [index.locate(*place) for place in every] == expected
    assert index.locate_many(*np.array(every).T).tolist() == expected


def test_no_place_is_nowhere() -> None:
    index = indexed([(uuid4(), 2, "1", box(0, 0, 1, 1))])
    for odd in (float("nan"), float("inf"), -float("inf")):
        assert index.locate(odd, 0.5) is None
        assert index.locate(0.5, odd) is None
    odd_places = np.array([(0.5, 0.5), (np.nan, 0.5), (0.5, np.inf), (-np.inf, 0.5), (1e300, 0.5), (0.5, -1e300)])
    assert [one is None for one in index.locate_many(*odd_places.T)] == [False, *[True] * 5]


def test_the_index_equals_a_loop_on_all_levels_of_midu() -> None:
    shapes = tessellate(midu_outline(), midu_grids(), MIDU_SEATS)
    drawn: Drawn = [(uuid4(), 15 - len(code.rstrip("0")), code, shape) for code, shape in shapes.items()]
    index = indexed(drawn)
    chance = np.random.default_rng(7)
    west, south, east, north = shapely.total_bounds([one[3] for one in drawn])
    corners = shapely.get_coordinates([one[3] for one in drawn])
    edges = (corners[1:] + corners[:-1]) / 2
    places = np.concatenate([
        chance.uniform((west, south), (east, north), (3000, 2)),
        chance.choice(corners, 2000), chance.choice(edges, 1000),
        chance.choice(corners, 1000) + chance.choice([1e-9, -1e-9, 1e-14], (1000, 2)),
    ])
    order = sorted(drawn, key=lambda one: (-one[1], one[2]))
    near, area = shapely.STRtree([one[3] for one in order]).query(shapely.points(places), predicate="intersects")
    first = np.full(len(places), len(order))
    np.minimum.at(first, near, area)
    ids = [*(one[0] for one in order), None]
    expected = [ids[one] for one in first]
    assert index.locate_many(*places.T).tolist() == expected
    assert [index.locate(*place) for place in places[::7].tolist()] == expected[::7]
    assert 3000 < sum(one is not None for one in expected) < 7000
    assert index.size < 2_500_000


@pytest.fixture(scope="module")
async def drawn_midu(works: Works, place: Installation) -> tuple[Small, dict[str, Polygon]]:
    """A county of Midu's frame under another code, all 1,038 boundaries drawn in one call."""
    view = await place.county("532926")
    shapes = tessellate(midu_outline(), midu_grids(), MIDU_SEATS)
    rows = [{**row, "code12": row["code12"].replace("532925", "532926"),
             "parent_code12": row["parent_code12"].replace("532925", "532926")} for row in table("midu_frame.csv")]
    async with works.open(view) as work:
        ids = await import_divisions(work, rows, rows)
        await set_boundaries(work, {
            ids[code.replace("532925", "532926")]: shapely.geometry.mapping(shape) for code, shape in shapes.items()
        })
    return Small(view, ids), {code.replace("532925", "532926"): shape for code, shape in shapes.items()}


async def test_midus_boundaries_all_pass_and_locate(
    drawn_midu: tuple[Small, dict[str, Polygon]], works: Works
) -> None:
    small, shapes = drawn_midu
    drawn: Drawn = [
        (small.ids[code], 5 if len(code) == 15 else 2, code, shape) for code, shape in shapes.items()
        if len(code) == 15 or code.endswith("000000")
    ]
    chance = Random(5)
    west, south, east, north = shapes["532926000000"].bounds
    places = [(chance.uniform(west, east), chance.uniform(south, north)) for _ in range(300)]
    async with works.open(small.view) as work:
        boundaries = select(func.count()).select_from(GridBoundary).where(GridBoundary.tenant_id == work.tenant)
        assert (await work.session.execute(boundaries)).scalar_one() == 1038
        found = [await locate(work, *place) for place in places]
        assert (await locate_many(work, *np.array(places).T)).tolist() == found
    assert found == [looped(drawn, *place) for place in places]
    assert 50 < sum(one is None for one in found) < 250


@pytest.fixture
async def drawn(works: Works, place: Installation) -> Small:
    """A square county of two towns, west with two villages; the east's village has no boundary."""
    view = await place.county()
    async with works.open(view) as work:
        await name_levels(work, LEVELS)
        ids = await create_grids(work, [
            NewGrid("1", "县", 2), NewGrid("11", "西乡", 3, "1"), NewGrid("12", "东乡", 3, "1"),
            NewGrid("111", "南村", 4, "11"), NewGrid("112", "北村", 4, "11"), NewGrid("121", "无界村", 4, "12"),
        ])
        await set_boundaries(work, {ids[code]: shapely.geometry.mapping(shape) for code, shape in SQUARES.items()})
    return Small(view, ids)


SQUARES = {
    "1": box(100, 25, 102, 27), "11": box(100, 25, 101, 27), "12": box(101, 25, 102, 27),
    "111": box(100, 25, 101, 26), "112": box(100, 26, 101, 27),
}


async def at(works: Works, small: Small, *place: float) -> str | None:
    names = {id_: code for code, id_ in small.ids.items()}
    async with works.open(small.view) as work:
        found = await locate(work, *place)
    return None if found is None else names[found]


async def test_the_deepest_grid_is_found_and_edges_go_to_the_lower_code(drawn: Small, works: Works) -> None:
    expected = {
        (100.5, 25.5): "111", (100.5, 26.5): "112", (101.5, 26.0): "12", (100.5, 26.0): "111", (101.0, 26.5): "112",
        (102.0, 27.0): "12", (102.001, 26.0): None, (0.0, 0.0): None,
    }
    assert {where: await at(works, drawn, *where) for where in expected} == expected


async def test_a_redraw_is_seen_at_once_and_kept_in_history(drawn: Small, works: Works, place: Installation) -> None:
    assert await at(works, drawn, 100.5, 26.2) == "112"
    place.clock.offset += timedelta(days=1)
    async with works.open(drawn.view) as work:
        await set_boundaries(work, {
            drawn.ids["111"]: shapely.geometry.mapping(box(100, 25, 101, 26.3)),
            drawn.ids["112"]: shapely.geometry.mapping(box(100, 26.3, 101, 27)),
        })
    assert await at(works, drawn, 100.5, 26.2) == "111"
    async with works.reading(drawn.view) as session:
        rows = (await session.execute(
            select(GridVersion.number, GridVersion.boundary).where(
                GridVersion.tenant_id == drawn.view.id, GridVersion.grid_id == drawn.ids["112"]
            ).order_by(GridVersion.number)
        )).all()
    assert [(number, shapely.geometry.shape(boundary).bounds) for number, boundary in rows] == [
        (1, (100.0, 26.0, 101.0, 27.0)), (2, (100.0, 26.3, 101.0, 27.0)),
    ]


async def test_what_was_rolled_back_is_forgotten(drawn: Small, works: Works) -> None:
    async def draw_and_fail() -> None:
        async with works.open(drawn.view) as work:
            await set_boundary(work, drawn.ids["121"], shapely.geometry.mapping(box(101, 25, 102, 27)))
            assert await locate(work, 101.5, 26.0) == drawn.ids["121"]
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await draw_and_fail()
    assert await at(works, drawn, 101.5, 26.0) == "12"


async def test_outside_is_refused_with_its_path(drawn: Small, works: Works, place: Installation) -> None:
    bare = await place.county()
    async with works.open(drawn.view) as work:
        assert await require_location(work, 100.5, 25.5, "input", "location") == drawn.ids["111"]
        with pytest.raises(Refusal) as outside:
            await require_location(work, 99.0, 25.5, "input", "location")
    async with works.open(bare) as work:
        assert await locate(work, 100.5, 25.5) is None
        with pytest.raises(Refusal) as unknown:
            await require_location(work, 100.5, 25.5, "location")
    assert (outside.value.code, outside.value.message_id, outside.value.path) == (
        ProblemCode.OUTSIDE_COUNTY, "grid-outside-county", ("input", "location"),
    )
    assert (unknown.value.code, unknown.value.message_id) == (ProblemCode.VALIDATION, "grid-without-boundaries")


GOOD = shapely.geometry.mapping(box(101, 25, 102, 26))


@pytest.mark.parametrize(
    ("grid", "geojson", "message"),
    [
        ("121", {}, "grid-boundary-unreadable"),
        ("121", {"type": "Point", "coordinates": [101, 25]}, "grid-boundary-unreadable"),
        ("121", {"type": "Polygon", "coordinates": []}, "grid-boundary-unreadable"),
        ("121", {"type": "Polygon", "coordinates": [[[101, 25], [102, 25]]]}, "grid-boundary-unreadable"),
        ("121", {"type": "Polygon", "coordinates": "x"}, "grid-boundary-unreadable"),
        ("121", {**GOOD, "coordinates": [[[101, 25], [102, 26], [102, 25], [101, 26], [101, 25]]]},
         "grid-boundary-not-valid"),
        ("121", {**GOOD, "coordinates": [[[101, 25], [1020, 25], [102, 26], [101, 25]]]},
         "grid-boundary-off-the-earth"),
        ("121", shapely.geometry.mapping(box(100.999, 25, 102, 26)), "grid-boundary-outside-parent"),
        ("11", shapely.geometry.mapping(box(100, 25, 101, 26.5)), "grid-boundary-outside-parent"),
        ("1", shapely.geometry.mapping(box(100, 25, 101.5, 27)), "grid-boundary-outside-parent"),
    ],
)
async def test_a_bad_boundary_changes_nothing(
    drawn: Small, works: Works, grid: str, geojson: dict[str, object], message: str
) -> None:
    async def kept() -> list[object]:
        async with works.reading(drawn.view) as session:
            rows = await session.execute(
                select(GridBoundary.grid_id, GridBoundary.boundary).where(GridBoundary.tenant_id == drawn.view.id)
                .order_by(GridBoundary.grid_id)
            )
            return [tuple(row) for row in rows]

    before = await kept()
    assert len(before) == 5
    with pytest.raises(Refusal) as refused:
        async with works.open(drawn.view) as work:
            await set_boundary(work, drawn.ids[grid], geojson)
    assert (refused.value.code, refused.value.message_id, refused.value.path) == (
        ProblemCode.VALIDATION, message, ("boundary",),
    )
    assert await kept() == before


async def test_a_grid_moves_only_where_it_lies(drawn: Small, works: Works, place: Installation) -> None:
    place.clock.offset += timedelta(days=1)
    with pytest.raises(Refusal) as refused:
        async with works.open(drawn.view) as work:
            await move_grid(work, drawn.ids["111"], drawn.ids["12"])
    assert (refused.value.message_id, refused.value.path) == ("grid-boundary-outside-parent", ("parentId",))


async def test_two_metres_of_surveying_are_forgiven(drawn: Small, works: Works) -> None:
    async with works.open(drawn.view) as work:
        await set_boundary(work, drawn.ids["121"], shapely.geometry.mapping(box(100.99999, 25, 102, 26)))
    assert await at(works, drawn, 101.5, 25.5) == "121"
