import hashlib
import math
import time

import pytest
import shapely
from shapely import Polygon

from gridloom.demo.frame import GridPlan, children_of, county_grids, midu_grids
from gridloom.demo.territory import MIDU_SEATS, midu_outline, neighbour_outline, tessellate

TOUCH = 2e-6  # degrees, about 20 cm: rounding to six digits moves a node by at most half of 1e-6 on each axis


@pytest.fixture(scope="module")
def grids() -> list[GridPlan]:
    return midu_grids()


@pytest.fixture(scope="module")
def built(grids: list[GridPlan]) -> tuple[dict[str, Polygon], float]:
    start = time.process_time()
    shapes = tessellate(midu_outline(), grids, MIDU_SEATS)
    return shapes, time.process_time() - start


@pytest.fixture(scope="module")
def shapes(built: tuple[dict[str, Polygon], float]) -> dict[str, Polygon]:
    return built[0]


def test_frame_has_the_counts_of_the_model_county(grids: list[GridPlan]) -> None:
    assert {level: sum(grid.level == level for grid in grids) for level in (2, 3, 4, 5)} == {2: 1, 3: 8, 4: 89, 5: 940}
    assert len({grid.code for grid in grids}) == 1038
    assert sum(grid.members for grid in grids) == 1903
    assert sum(grid.groups for grid in grids if grid.level == 5) == 1271
    assert {len(grid.code) for grid in grids if grid.level == 5} == {15}


def test_every_grid_has_one_valid_polygon(grids: list[GridPlan], shapes: dict[str, Polygon]) -> None:
    assert set(shapes) == {grid.code for grid in grids}
    assert all(shape.is_valid and shape.geom_type == "Polygon" for shape in shapes.values())
    flat = [value for shape in shapes.values() for pair in shape.exterior.coords for value in pair]
    assert all(round(value, 6) == value for value in flat)


def test_children_lie_in_their_parent_and_cover_it(grids: list[GridPlan], shapes: dict[str, Polygon]) -> None:
    for code, children in children_of(grids).items():
        parent = shapes[code]
        parts = [shapes[child.code] for child in children]
        assert all(parent.buffer(TOUCH).contains(part) for part in parts), code
        assert math.isclose(sum(part.area for part in parts), parent.area, rel_tol=1e-6), code
        assert shapely.union_all(parts).symmetric_difference(parent).area < parent.area * 1e-6, code
    for level in (3, 4, 5):
        assert shapely.coverage_is_valid([shapes[grid.code] for grid in grids if grid.level == level])


def test_the_county_is_the_outline(shapes: dict[str, Polygon]) -> None:
    outline = midu_outline()
    assert shapes["532925000000"].symmetric_difference(outline).area < outline.area * 1e-4


def test_areas_are_believable(grids: list[GridPlan], shapes: dict[str, Polygon]) -> None:
    outline = midu_outline()
    square_km = 111.32**2 * math.cos(math.radians(25.2))
    leaves = [shapes[grid.code] for grid in grids if grid.level == 5]
    assert min(leaf.area for leaf in leaves) * square_km > 0.5
    assert max(leaf.area for leaf in leaves) * square_km < 4
    roundness = [4 * math.pi * leaf.area / leaf.length**2 for leaf in leaves]
    assert min(roundness) > 0.3, "a sliver"
    for township in (grid for grid in grids if grid.level == 3):
        share = sum(grid.groups for grid in grids if grid.level == 5 and grid.township == township.code) / 1271
        assert shapes[township.code].area / outline.area == pytest.approx(share, rel=0.25)


def test_townships_lie_where_they_are_known_to_lie(shapes: dict[str, Polygon]) -> None:
    assert shapes["532925102000"].centroid.y > shapes["532925101000"].centroid.y > shapes["532925106000"].centroid.y
    assert shapes["532925204000"].centroid.y < shapes["532925106000"].centroid.y


def test_the_same_on_every_run_and_quick(grids: list[GridPlan], built: tuple[dict[str, Polygon], float]) -> None:
    shapes, seconds = built
    again = tessellate(midu_outline(), grids, MIDU_SEATS)
    assert digest(again) == digest(shapes)
    assert seconds < 15, "seconds of one processor: 10 s on an idle machine, with a margin for a busy one"


def digest(shapes: dict[str, Polygon]) -> str:
    return hashlib.sha256(b"".join(shapes[code].wkb for code in sorted(shapes))).hexdigest()


def test_another_county_beside_it() -> None:
    midu = midu_outline()
    outline = neighbour_outline(midu)
    assert outline.is_valid
    assert outline.disjoint(midu)
    shapes = tessellate(outline, county_grids("532923", leaves=2))
    grids = county_grids("532923", leaves=2)
    assert set(shapes) == {grid.code for grid in grids}
    assert shapely.coverage_is_valid([shapes[grid.code] for grid in grids if grid.level == 5])


def test_a_frame_needs_one_root_and_whole_hints() -> None:
    square = shapely.box(100, 25, 100.2, 25.2)
    root = GridPlan("r", "r", 2, None, 0, 1)
    pair = [root, GridPlan("a", "a", 3, "r", 1, 1), GridPlan("b", "b", 3, "r", 1, 1)]
    with pytest.raises(ValueError, match="one county expected"):
        tessellate(square, [root, root])
    with pytest.raises(ValueError, match="only some children"):
        tessellate(square, pair, {"a": (100.05, 25.1)})
    with pytest.raises(ValueError, match="no division"):
        county_grids("110101")
