"""Splitting one polygon into cells of wished areas (a centroidal power diagram), in a plane with equal axes."""

from collections.abc import Sequence
from random import Random

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

Points = NDArray[np.float64]
SAMPLES_PER_CELL = 220
ROUNDS = 45


def split(
    parent: Polygon, weights: Sequence[float], rng: Random, anchors: Sequence[tuple[float, float]] = ()
) -> list[Polygon]:
    """Cells in the order of `weights`, areas about in their proportion, covering `parent` without overlap.

    `anchors` are first places of the sites (else drawn at random); cells are whole (never in two pieces).
    """
    count = len(weights)
    if count == 1:
        return [parent]
    share = np.asarray(weights, dtype=np.float64) / float(sum(weights))
    samples = _samples(parent, SAMPLES_PER_CELL * count, rng)
    sites = np.asarray(anchors, dtype=np.float64) if anchors else samples[_spread(samples, count, rng)]
    sites, power = _relax(samples, sites, share, parent.area)
    shapely.prepare(parent)
    cells = [_cell(parent, sites, power, index) for index in range(count)]
    return _whole(cells)


def polygons(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons of a geometry, without its lines and points."""
    if isinstance(geometry, Polygon):
        return [] if geometry.is_empty else [geometry]
    return [part for piece in getattr(geometry, "geoms", ()) for part in polygons(piece)]


def _samples(parent: Polygon, count: int, rng: Random) -> Points:
    left, low, right, high = parent.bounds
    source = np.random.default_rng(rng.getrandbits(64))
    kept: list[Points] = []
    have = 0
    while have < count:
        points = source.uniform((left, low), (right, high), (count * 2, 2))
        inside = points[shapely.contains_xy(parent, points[:, 0], points[:, 1])]
        kept.append(inside)
        have += len(inside)
    return np.concatenate(kept)[:count]


def _spread(samples: Points, count: int, rng: Random) -> list[int]:
    """Farthest-point choice: sites that start well apart relax in few rounds."""
    chosen = [rng.randrange(len(samples))]
    far = ((samples - samples[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < count:
        index = int(far.argmax())
        chosen.append(index)
        far = np.minimum(far, ((samples - samples[index]) ** 2).sum(axis=1))
    return chosen


def _relax(samples: Points, sites: Points, share: Points, area: float) -> tuple[Points, Points]:
    count = len(share)
    power = np.zeros(count)
    for round_ in range(ROUNDS):
        nearest = (-2 * samples @ sites.T + (sites**2).sum(axis=1) - power).argmin(axis=1)
        held = np.bincount(nearest, minlength=count)
        power = power + 0.35 * area * (share - held / len(samples))
        if round_ < ROUNDS - 12:
            both = [np.bincount(nearest, weights=samples[:, axis], minlength=count) for axis in (0, 1)]
            sums = np.stack(both, axis=1)
            means = np.where(held[:, None] > 0, sums / np.maximum(held, 1)[:, None], sites)
            sites = sites + 0.8 * (means - sites)
    return sites, power


def _cell(parent: Polygon, sites: Points, power: Points, index: int) -> BaseGeometry:
    left, low, right, high = parent.bounds
    ring = [(left - 1, low - 1), (right + 1, low - 1), (right + 1, high + 1), (left - 1, high + 1)]
    x, y = sites[index]
    for other in range(len(sites)):
        if other == index:
            continue
        ox, oy = sites[other]
        a, b = 2 * (ox - x), 2 * (oy - y)
        c = ox * ox + oy * oy - power[other] - (x * x + y * y - power[index])
        ring = _half(ring, float(a), float(b), float(c))
        if not ring:
            return Polygon()
    return parent.intersection(Polygon(ring))


def _half(ring: list[tuple[float, float]], a: float, b: float, c: float) -> list[tuple[float, float]]:
    """The part of a convex ring where a*x + b*y <= c."""
    kept: list[tuple[float, float]] = []
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        first, second = a * x1 + b * y1 - c, a * x2 + b * y2 - c
        if first <= 0:
            kept.append((x1, y1))
        if (first < 0 < second) or (second < 0 < first):
            t = first / (first - second)
            kept.append((x1 + t * (x2 - x1), y1 + t * (y2 - y1)))
    return kept if len(kept) >= 3 else []


def _whole(cells: list[BaseGeometry]) -> list[Polygon]:
    """A parent that bends can cut a cell in pieces: the lesser pieces go to the neighbour with the longest border."""
    main: list[Polygon] = []
    loose: list[Polygon] = []
    for cell in cells:
        parts = sorted(polygons(cell), key=lambda part: part.area, reverse=True)
        if not parts:
            raise ValueError("a cell vanished: the weights are too uneven for this outline")
        main.append(parts[0])
        loose += parts[1:]
    for piece in sorted(loose, key=lambda part: part.area, reverse=True):
        borders = [piece.intersection(cell).length for cell in main]
        best = int(np.argmax(borders))
        merged = shapely.union_all([main[best], piece])
        main[best] = max(polygons(merged), key=lambda part: part.area)
    return main
