"""Which of many areas a place is in, fast: a raster that knows the answer almost everywhere, exact geometry for the rest.

A raster cell holds a number: 0 where no area reaches, an area's own number where the first area in question covers the
whole cell, else the number of a short list of areas to be asked one after another. Pure, no database.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

CELLS_EACH = 128
"""Cells for one area, on the average: fewer are slower, more cost memory and building."""

LEAST_DEPTH, MOST_DEPTH = 4, 10
"""The raster has 2 ** depth cells in a row and in a column, so at most a million."""

CHUNK = 1 << 18
LARGE = 1_000
"""Areas with more vertices stay ready as geometry; the others are kept as WKB, half the size, and read when asked."""

BYTES_AN_OBJECT, BYTES_A_VERTEX = 48, 80
_EDGE = 1e-9
"""Degrees by which a cell is thought larger when it is compared with areas (a tenth of a millimetre): a place that
rounding puts into the neighbouring cell is still inside of it."""


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Which areas reach into which cells of one depth: sorted by cell, then by the area's number."""

    cell: Integers
    area: Integers
    whole: NDArray[np.bool_]

    def __getitem__(self, chosen: NDArray[np.bool_]) -> "_Pairs":
        return _Pairs(self.cell[chosen], self.area[chosen], self.whole[chosen])


class Raster:
    """Finds the first of several areas that contains a place; edges belong to them."""

    def __init__(self, shapes: NDArray[np.object_]) -> None:
        """`shapes` are valid areas, the one to be preferred first."""
        self._count = len(shapes)
        self._depth = min(MOST_DEPTH, max(LEAST_DEPTH, round(math.log2(max(1, self._count) * CELLS_EACH) / 2)))
        self._side = 1 << self._depth
        if len(shapes):
            west, south, east, north = (float(one) for one in shapely.total_bounds(shapes))
        else:
            west = south = east = north = 0.0
        # Wider than the areas, by more than rounding: what lies outside of the raster lies outside of them.
        margin = max(east - west, north - south, _EDGE) * 1e-4
        self._west, self._south = west - margin, south - margin
        self._width = (east - west + 2 * margin) / self._side
        self._height = (north - south + 2 * margin) / self._side
        self._build(shapes)
        self._keep(shapes)

    @property
    def size(self) -> int:
        """Bytes it takes in memory, roughly."""
        packed = sum(len(one) + BYTES_AN_OBJECT for one in self._kept if isinstance(one, bytes))
        ready = sum(int(shapely.get_num_coordinates(one)) for one in self._kept if not isinstance(one, bytes))
        return packed + ready * BYTES_A_VERTEX + self._codes.nbytes + self._starts.nbytes + self._areas.nbytes + self._sure.nbytes

    def first(self, longitude: float, latitude: float) -> int:
        """The number of the first area that contains the place, or -1."""
        column = (longitude - self._west) / self._width
        row = (latitude - self._south) / self._height
        # Written so that what is not a number fails too.
        if not (0.0 <= column < self._side and 0.0 <= row < self._side):
            return -1
        code = int(self._quick[int(row) * self._side + int(column)])
        if code <= self._count:
            return code - 1
        for at in range(int(self._starts[code - self._count - 1]), int(self._starts[code - self._count])):
            area = int(self._areas[at])
            if self._sure[at] or shapely.intersects_xy(self._shape(area), longitude, latitude):
                return area
        return -1

    def first_of_many(self, longitudes: Floats, latitudes: Floats) -> NDArray[np.int32]:
        """As `first`, of each place."""
        found = np.empty(len(longitudes), np.int32)
        for start in range(0, len(longitudes), CHUNK):
            part = slice(start, start + CHUNK)
            found[part] = self._chunk(longitudes[part], latitudes[part])
        return found

    def _chunk(self, longitudes: Floats, latitudes: Floats) -> NDArray[np.int32]:
        with np.errstate(invalid="ignore"):
            column = (longitudes - self._west) / self._width
            row = (latitudes - self._south) / self._height
            inside = (column >= 0.0) & (column < self._side) & (row >= 0.0) & (row < self._side)
        if not inside.all():
            column, row = np.where(inside, column, 0.0), np.where(inside, row, 0.0)
        codes = self._codes[(row.astype(np.int32) << self._depth) | column.astype(np.int32)].astype(np.int32)
        found = np.where(inside, codes, 0) - 1
        open_ = np.flatnonzero(found >= self._count)
        if len(open_):
            lists = found[open_] - self._count
            found[open_] = self._ask(lists, longitudes[open_], latitudes[open_])
        return found

    def _ask(self, lists: NDArray[np.int32], longitudes: Floats, latitudes: Floats) -> NDArray[np.int32]:
        """One area of each list after another, as long as places are left that no area has claimed."""
        found = np.full(len(lists), -1, np.int32)
        left = np.arange(len(lists))
        at, end = self._starts[lists], self._starts[lists + 1]
        while len(left):
            area = self._areas[at]
            hit = self._sure[at].copy()
            unsure = np.flatnonzero(~hit)
            asked, of = np.unique(area[unsure], return_inverse=True)
            shapes = np.array([self._shape(one) for one in asked.tolist()], dtype=object)
            shapely.prepare(shapes)
            hit[unsure] = shapely.intersects_xy(shapes[of], longitudes[left[unsure]], latitudes[left[unsure]])
            found[left[hit]] = area[hit]
            at = at + 1
            on = ~hit & (at < end)
            left, at, end = left[on], at[on], end[on]
        return found

    def _shape(self, area: int) -> BaseGeometry:
        kept = self._kept[area]
        return shapely.from_wkb(kept) if isinstance(kept, bytes) else kept

    def _keep(self, shapes: NDArray[np.object_]) -> None:
        large = shapely.get_num_coordinates(shapes) > LARGE
        # Written and read again: what was prepared for the building is not dragged along.
        packed = shapely.to_wkb(shapes)
        packed[large] = shapely.from_wkb(packed[large])
        shapely.prepare(packed[large])
        self._kept: list[bytes | BaseGeometry] = packed.tolist()

    def _build(self, shapes: NDArray[np.object_]) -> None:
        shapely.prepare(shapes)
        codes = np.zeros((self._side, self._side), np.int32)
        number = np.arange(self._count)
        pairs = _Pairs(np.zeros_like(number), number, np.zeros(len(number), np.bool_))
        for depth in range(self._depth + 1):
            if depth:
                pairs = _quartered(pairs, depth)
            pairs = _without_hidden(self._compared(shapes, pairs, depth))
            pairs = self._settled(pairs, depth, codes)
        self._list(pairs, codes)
        small = codes.max(initial=0) <= np.iinfo(np.uint16).max
        self._codes: NDArray[Any] = codes.ravel().astype(np.uint16 if small else np.int32)
        # Of one element, a memory view costs a third of what an array costs.
        self._quick = memoryview(self._codes.data)

    def _compared(self, shapes: NDArray[np.object_], pairs: _Pairs, depth: int) -> _Pairs:
        """Without the areas that do not reach into a cell; `whole` where an area covers it."""
        cells, of = np.unique(pairs.cell, return_inverse=True)
        scale = 1 << (self._depth - depth)
        west = self._west + (cells & ((1 << depth) - 1)) * (self._width * scale)
        south = self._south + (cells >> depth) * (self._height * scale)
        boxes = shapely.box(
            west - _EDGE, south - _EDGE, west + self._width * scale + _EDGE, south + self._height * scale + _EDGE
        )
        open_ = np.flatnonzero(~pairs.whole)
        reaches = np.ones(len(of), np.bool_)
        reaches[open_] = shapely.intersects(shapes[pairs.area[open_]], boxes[of[open_]])
        whole = pairs.whole.copy()
        asked = open_[reaches[open_]]
        whole[asked] = shapely.covers(shapes[pairs.area[asked]], boxes[of[asked]])
        return _Pairs(pairs.cell, pairs.area, whole)[reaches]

    def _settled(self, pairs: _Pairs, depth: int, codes: NDArray[np.int32]) -> _Pairs:
        """Write down the cells whose first area covers them whole; returns the pairs of the others."""
        if not len(pairs.cell):
            return pairs
        first = np.flatnonzero(np.diff(pairs.cell, prepend=-1))
        done = first[pairs.whole[first]]
        size = 1 << (self._depth - depth)
        for cell, area in zip(pairs.cell[done].tolist(), pairs.area[done].tolist(), strict=True):
            row, column = (cell >> depth) * size, (cell & ((1 << depth) - 1)) * size
            codes[row : row + size, column : column + size] = area + 1
        return pairs[~np.isin(pairs.cell, pairs.cell[done])]

    def _list(self, pairs: _Pairs, codes: NDArray[np.int32]) -> None:
        """Number the different lists of the cells that are left, and write the numbers into these cells."""
        first = np.flatnonzero(np.diff(pairs.cell, prepend=-1))
        numbers: dict[tuple[tuple[int, bool], ...], int] = {}
        flat = codes.ravel()
        asked = list(zip(pairs.area.tolist(), pairs.whole.tolist(), strict=True))
        for start, end in pairwise([*first.tolist(), len(asked)]):
            areas = tuple(asked[start:end])
            flat[pairs.cell[start]] = self._count + 1 + numbers.setdefault(areas, len(numbers))
        self._starts = np.cumsum([0, *map(len, numbers)])
        self._areas = np.array([area for areas in numbers for area, _whole in areas], np.int32)
        self._sure = np.array([whole for areas in numbers for _area, whole in areas], np.bool_)


def _quartered(pairs: _Pairs, depth: int) -> _Pairs:
    """The pairs for the four parts of each cell, at the next depth."""
    side = 1 << (depth - 1)
    row, column = pairs.cell // side * 2, pairs.cell % side * 2
    cell = np.concatenate([(row + r) * side * 2 + column + c for r in (0, 1) for c in (0, 1)])
    area, whole = np.tile(pairs.area, 4), np.tile(pairs.whole, 4)
    order = np.lexsort((area, cell))
    return _Pairs(cell[order], area[order], whole[order])


def _without_hidden(pairs: _Pairs) -> _Pairs:
    """Without what stands behind an area that covers the cell."""
    if not len(pairs.cell):
        return pairs
    before: Integers = np.cumsum(pairs.whole) - pairs.whole
    first = np.flatnonzero(np.diff(pairs.cell, prepend=-1))
    at_first: Integers = np.repeat(before[first], np.diff(first, append=len(pairs.cell)))
    return pairs[before == at_first]
