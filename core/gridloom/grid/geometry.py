"""Boundaries as geometry: what is acceptable, what lies inside what, which grid a place is in. Pure, no database."""

import math
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Point, Polygon, STRtree
from shapely.validation import explain_validity

from gridloom.errors import invalid

TOLERANCE_DEGREES = 2e-5
"""How far a child's boundary may stand out of its parent's: about two metres, the rounding of surveyed data."""

MAX_VERTICES = 50_000

Boundary = Polygon | MultiPolygon
GeoJSON = Mapping[str, Any]


def read_boundary(geojson: GeoJSON, *path: str) -> Boundary:
    """The area of a GeoJSON Polygon or MultiPolygon (degrees, CGCS2000). Raises `Refusal` VALIDATION at `path`."""
    try:
        shape = shapely.geometry.shape(dict(geojson))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError):
        raise invalid("grid-boundary-unreadable", *path) from None
    if not isinstance(shape, Polygon | MultiPolygon) or shape.is_empty:
        raise invalid("grid-boundary-unreadable", *path)
    vertices = shapely.get_coordinates(shape)
    if len(vertices) > MAX_VERTICES:
        raise invalid("grid-boundary-too-fine", *path, limit=MAX_VERTICES)
    if not np.isfinite(vertices).all() or (np.abs(vertices) > (180.0, 90.0)).any():
        raise invalid("grid-boundary-off-the-earth", *path)
    if not shape.is_valid:
        raise invalid("grid-boundary-not-valid", *path, reason=explain_validity(shape))
    return shape


def write_boundary(boundary: Boundary) -> dict[str, Any]:
    """The GeoJSON geometry of an area."""
    return dict(shapely.geometry.mapping(boundary))


def label_point(boundary: Boundary) -> tuple[float, float]:
    """Longitude and latitude of a point that is certainly inside."""
    point = shapely.point_on_surface(boundary)
    return float(point.x), float(point.y)


def widened(parent: Boundary) -> Boundary:
    """The area in which a child of `parent` must lie, prepared for many questions."""
    area = parent.buffer(TOLERANCE_DEGREES)
    shapely.prepare(area)
    return area


class TerritoryIndex:
    """Finds the deepest grid at a place; where siblings share an edge, the one with the lower code."""

    def __init__(self, grids: Sequence[tuple[UUID, int, str]], boundaries: Sequence[str]) -> None:
        """`grids` are (id, level, code), `boundaries` their GeoJSON texts in the same order."""
        shapes = shapely.from_geojson(np.array(boundaries, dtype=object)) if grids else np.array([], dtype=object)
        shapely.prepare(shapes)
        self._levels: list[tuple[STRtree, NDArray[Any], list[UUID]]] = []
        for level in sorted({grid[1] for grid in grids}, reverse=True):
            order = sorted((i for i, grid in enumerate(grids) if grid[1] == level), key=lambda i: grids[i][2])
            members = shapes[order]
            self._levels.append((STRtree(members), members, [grids[i][0] for i in order]))

    @property
    def empty(self) -> bool:
        """Whether no boundary is known."""
        return not self._levels

    def locate(self, longitude: float, latitude: float) -> UUID | None:
        """The deepest grid that contains the place (edges belong to it), or None outside of all of them."""
        if not (math.isfinite(longitude) and math.isfinite(latitude)):
            return None
        place = Point(longitude, latitude)
        for tree, shapes, ids in self._levels:
            near = tree.query(place)
            if near.size > 0:
                # Lists, not array operations: of a handful of candidates those cost more than the geometry.
                hits: list[bool] = shapely.intersects_xy(shapes[near], longitude, latitude).tolist()
                inside: list[int] = [position for position, hit in zip(near.tolist(), hits, strict=True) if hit]
                if inside:
                    return ids[min(inside)]
        return None
