"""Boundaries as geometry: what is acceptable, what lies inside what, which grid a place is in. Pure, no database."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.validation import explain_validity

from gridloom.errors import invalid
from gridloom.grid.raster import Raster

TOLERANCE_DEGREES = 2e-5
"""How far a child's boundary may stand out of its parent's: about two metres, the rounding of surveyed data."""

MAX_VERTICES = 50_000
BYTES_AN_ID = 80

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
    """Finds the deepest grid at a place; where siblings share an edge, the one with the lower code.

    Exact: the same answer as asking every boundary. See `Raster` for how.
    """

    def __init__(self, grids: Sequence[tuple[UUID, int, str]], boundaries: Sequence[str]) -> None:
        """`grids` are (id, level, code), `boundaries` their GeoJSON texts in the same order."""
        order = sorted(range(len(grids)), key=lambda one: (-grids[one][1], grids[one][2]))
        texts = np.array([boundaries[one] for one in order], dtype=object)
        self._raster = Raster(shapely.from_geojson(texts) if grids else texts)
        # One more than there are grids: the raster's -1 finds None.
        self._ids = np.array([*(grids[one][0] for one in order), None], dtype=object)

    @property
    def empty(self) -> bool:
        """Whether no boundary is known."""
        return len(self._ids) == 1

    @property
    def size(self) -> int:
        """Bytes it takes in memory, roughly."""
        return self._raster.size + BYTES_AN_ID * len(self._ids)

    def locate(self, longitude: float, latitude: float) -> UUID | None:
        """The deepest grid that contains the place (edges belong to it), or None outside of all of them."""
        found: UUID | None = self._ids[self._raster.first(longitude, latitude)]
        return found

    def locate_many(self, longitudes: NDArray[np.float64], latitudes: NDArray[np.float64]) -> NDArray[np.object_]:
        """As `locate`, of each place: an array of ids and None."""
        found: NDArray[np.object_] = self._ids[self._raster.first_of_many(longitudes, latitudes)]
        return found
