"""Boundaries for every grid of a county inside its outline: nested, gapless, believable and the same on every run."""

import json
import math
from collections.abc import Mapping, Sequence
from importlib.resources import files
from itertools import pairwise
from random import Random

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon, STRtree
from shapely.affinity import scale, translate

from gridloom.demo.chance import chance
from gridloom.demo.frame import GridPlan, children_of
from gridloom.demo.powercells import polygons, split

DIGITS = 6
GRAIN = 10.0**-DIGITS
# Where the townships of Midu lie, roughly (longitude, latitude of their seats), so that the map is recognised.
MIDU_SEATS: Mapping[str, tuple[float, float]] = {
    "532925101000": (100.490, 25.345),
    "532925102000": (100.440, 25.440),
    "532925103000": (100.520, 25.420),
    "532925104000": (100.470, 25.235),
    "532925105000": (100.560, 25.190),
    "532925106000": (100.420, 25.140),
    "532925203000": (100.660, 25.040),
    "532925204000": (100.590, 24.900),
}


def midu_outline() -> Polygon:
    """The outline of Midu, repaired (source: midu_outline.geojson; for demonstration, not an approved map)."""
    text = files("gridloom.data").joinpath("midu_outline.geojson").read_text(encoding="utf-8")
    shape = shapely.geometry.shape(json.loads(text)["features"][0]["geometry"])
    return max(polygons(shapely.make_valid(shape)), key=lambda part: part.area)


def neighbour_outline(outline: Polygon) -> Polygon:
    """An invented outline for a county whose real one does not ship (Xiangyun 532923 in the demo).

    The convex hull of `outline`, scaled and moved just north of it so that the two counties never overlap. Nothing
    about its form is real; it only gives isolation tests a place with points of its own.
    """
    hull = scale(shapely.convex_hull(outline), xfact=1.25, yfact=0.8)
    moved = translate(hull, yoff=outline.bounds[3] - hull.bounds[1] + 0.02)
    return polygons(shapely.set_precision(moved, GRAIN))[0]


def tessellate(
    outline: Polygon, frame: Sequence[GridPlan], seats: Mapping[str, tuple[float, float]] | None = None
) -> dict[str, Polygon]:
    """A polygon for every grid of `frame`, by code; coordinates are degrees rounded to six digits.

    `frame` holds one root (the county, which gets the outline) and any depth below it. Leaves form one gapless
    coverage and every parent is exactly the union of its children, so siblings never overlap. Areas follow the
    number of villager groups; `seats` hint where the children of a parent lie (all of its children or none).
    """
    roots = [grid for grid in frame if grid.parent is None]
    if len(roots) != 1:
        raise ValueError(f"one county expected, found {len(roots)}")
    children = children_of(frame)
    flat = _Plane(outline)
    rough = _split_down(flat.to_plane(outline), roots[0], children, flat, seats or {})
    leaves = _coverage([flat.to_degrees(shape) for shape in rough.values()], outline)
    return _build_up(roots[0].code, children, dict(zip(rough, leaves, strict=True)))


class _Plane:
    """Degrees to a plane where both axes have the same length, and back."""

    def __init__(self, outline: Polygon) -> None:
        left, low, right, high = outline.bounds
        self.origin = np.array([(left + right) / 2, (low + high) / 2])
        self.stretch = np.array([math.cos(math.radians((low + high) / 2)), 1.0])

    def to_plane(self, shape: Polygon) -> Polygon:
        return shapely.transform(shape, lambda xy: (xy - self.origin) * self.stretch)

    def to_degrees(self, shape: Polygon) -> Polygon:
        return shapely.transform(shape, lambda xy: xy / self.stretch + self.origin)

    def point(self, at: tuple[float, float]) -> tuple[float, float]:
        x, y = (np.asarray(at) - self.origin) * self.stretch
        return float(x), float(y)


def _weight(grid: GridPlan, children: Mapping[str, list[GridPlan]]) -> float:
    below = children.get(grid.code)
    if not below:
        return 1.0
    return float(grid.groups) if grid.groups else sum(_weight(child, children) for child in below)


def _split_down(
    shape: Polygon,
    grid: GridPlan,
    children: Mapping[str, list[GridPlan]],
    flat: _Plane,
    seats: Mapping[str, tuple[float, float]],
) -> dict[str, Polygon]:
    below = children.get(grid.code)
    if not below:
        return {grid.code: shape}
    anchors = [flat.point(seats[child.code]) for child in below if child.code in seats]
    if anchors and len(anchors) != len(below):
        raise ValueError(f"seats are given for only some children of {grid.code}")
    cells = split(shape, [_weight(child, children) for child in below], chance("territory", grid.code), anchors)
    lowest = all(child.code not in children for child in below)
    cells = _in_reading_order(cells) if lowest else _coverage(cells, shape)
    result: dict[str, Polygon] = {}
    for child, cell in zip(below, cells, strict=True):
        result |= _split_down(cell, child, children, flat, seats)
    return result


def _in_reading_order(cells: list[Polygon]) -> list[Polygon]:
    """Rows from north to south, each from west to east: how grids are numbered in practice."""
    row = max(1, round(math.sqrt(len(cells))))
    southwards = sorted(cells, key=lambda cell: -cell.centroid.y)
    rows = [southwards[at : at + row] for at in range(0, len(southwards), row)]
    return [cell for band in rows for cell in sorted(band, key=lambda cell: cell.centroid.x)]


def _coverage(shapes: Sequence[Polygon], outline: Polygon) -> list[Polygon]:
    """The same cells as one clean coverage: common nodes, borders that bend like borders, rounded coordinates."""
    noded = shapely.union_all([shape.exterior for shape in shapes], grid_size=GRAIN)
    bent = _bend(shapely.get_parts(shapely.line_merge(noded)), outline)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(bent, grid_size=GRAIN))))
    tree = STRtree(shapes)
    parts: list[list[Polygon]] = [[] for _ in shapes]
    for face in faces:
        parts[_owner(face, shapes, tree)].append(face)
    return [_rounded(_one(pieces, number)) for number, pieces in enumerate(parts, start=1)]


def _owner(face: Polygon, shapes: Sequence[Polygon], tree: STRtree) -> int:
    near = [int(index) for index in tree.query(face)]
    return max(near, key=lambda index: shapes[index].intersection(face).area)


def _one(pieces: list[Polygon], code: str | int) -> Polygon:
    joined = polygons(shapely.union_all(pieces, grid_size=GRAIN))
    if len(joined) != 1:
        raise ValueError(f"cell {code} came out in {len(joined)} pieces")
    return joined[0]


def _rounded(shape: Polygon) -> Polygon:
    return shapely.transform(shape, lambda xy: np.round(xy, DIGITS))


def _bend(lines: NDArray[np.object_], outline: Polygon) -> list[LineString]:
    """Straight inner borders become winding ones; a bend that would touch another border is left out."""
    edge = shapely.buffer(outline.exterior, 50 * GRAIN)
    shapely.prepare(edge)
    straight = [LineString(pair) for line in lines for pair in _pairs(line)]
    tree = STRtree(straight)
    result = list(straight)
    for index, line in enumerate(straight):
        if line.length < 400 * GRAIN or edge.contains(line):
            continue
        winding = _winding(line)
        near = [int(other) for other in tree.query(winding.buffer(line.length * 0.2)) if int(other) != index]
        ends = shapely.boundary(line)
        if all(shapely.difference(winding.intersection(result[other]), ends).is_empty for other in near):
            result[index] = winding
    return result


def _pairs(line: LineString) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    return list(pairwise(line.coords))


def _winding(line: LineString) -> LineString:
    (x1, y1), (x2, y2) = ((round(x, DIGITS), round(y, DIGITS)) for x, y in line.coords)
    rng = chance("border", min((x1, y1), (x2, y2)), max((x1, y1), (x2, y2)))
    depth = max(2, min(6, round(math.log2(line.length / 0.002))))
    points = _displaced([(x1, y1), (x2, y2)], rng, depth)
    return LineString([points[0], *((round(x, DIGITS), round(y, DIGITS)) for x, y in points[1:-1]), points[-1]])


def _displaced(points: list[tuple[float, float]], rng: Random, depth: int) -> list[tuple[float, float]]:
    if depth == 0:
        return points
    result = [points[0]]
    for (x1, y1), (x2, y2) in pairwise(points):
        off = rng.uniform(-0.13, 0.13)
        result += [((x1 + x2) / 2 - off * (y2 - y1), (y1 + y2) / 2 + off * (x2 - x1)), (x2, y2)]
    return _displaced(result, rng, depth - 1)


def _build_up(root: str, children: Mapping[str, list[GridPlan]], leaves: Mapping[str, Polygon]) -> dict[str, Polygon]:
    if root not in children:
        return {root: leaves[root]}
    below: dict[str, Polygon] = {}
    for child in children[root]:
        below |= _build_up(child.code, children, leaves)
    parts = [below[child.code] for child in children[root]]
    return {root: _one(parts, root)} | below
