"""Drawing and redrawing: boundaries are checked against the parent's and the children's, then kept as a new version."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from gridloom.errors import invalid, not_found
from gridloom.grid.geometry import Boundary, GeoJSON, label_point, read_boundary, widened, write_boundary
from gridloom.grid.models import GridBoundary, GridRow
from gridloom.grid.tree import batches, beginning, present_versions, renew, take_territory
from gridloom.work import Work


async def set_boundary(work: Work, grid_id: UUID, boundary: GeoJSON, *, at: datetime | None = None) -> None:
    """Draw one grid; see `set_boundaries`."""
    await set_boundaries(work, {grid_id: boundary}, at=at)


async def set_boundaries(work: Work, drawn: Mapping[UUID, GeoJSON], *, at: datetime | None = None) -> None:
    """Draw grids from `at` on (now, or a moment past): GeoJSON Polygon or MultiPolygon, CGCS2000 degrees.

    Each must be valid, lie inside its parent's boundary and around its children's, to two metres; parents and children
    may be drawn in the same call. A first drawing completes the present version, a later one begins a new version.
    Raises `Refusal` NOT_FOUND or VALIDATION, path `boundary`; nothing is drawn then.
    """
    await take_territory(work)
    grids = await _living(work, drawn)
    since = beginning(work, at, grids.values())
    shapes = {grid_id: read_boundary(geojson, "boundary") for grid_id, geojson in drawn.items()}
    await _check_nesting(work, grids, shapes)
    versions = await present_versions(work, grids.values())
    rows = []
    for grid_id, shape in shapes.items():
        grid, present, geojson = grids[grid_id], versions[grid_id], write_boundary(shape)
        if present.boundary is None:
            present.boundary = geojson
        else:
            renew(work, grid, present, since, {"boundary": geojson})
        longitude, latitude = label_point(shape)
        rows.append({
            "tenant_id": work.tenant, "grid_id": grid_id, "boundary": geojson, "longitude": longitude,
            "latitude": latitude,
        })
    await work.session.flush()
    for batch in batches(rows):
        statement = upsert(GridBoundary)
        await work.session.execute(
            statement.on_conflict_do_update(
                index_elements=[GridBoundary.tenant_id, GridBoundary.grid_id],
                set_={name: statement.excluded[name] for name in ("boundary", "longitude", "latitude")},
            ),
            batch,
        )
    _tell(work, grids.values())


async def _living(work: Work, wanted: Iterable[UUID]) -> dict[UUID, GridRow]:
    ids = list(wanted)
    found: dict[UUID, GridRow] = {}
    for batch in batches(ids):
        rows = await work.session.execute(
            select(GridRow).where(
                GridRow.tenant_id == work.tenant, GridRow.id.in_(batch), GridRow.ended_at.is_(None)
            ).execution_options(populate_existing=True)
        )
        found.update((row.id, row) for row in rows.scalars())
    if len(found) != len(ids):
        raise not_found("boundary")
    return found


async def _check_nesting(work: Work, grids: Mapping[UUID, GridRow], shapes: Mapping[UUID, Boundary]) -> None:
    """Every drawn grid inside its parent, and every child of a drawn grid inside it."""
    children = await _undrawn_children(work, shapes)
    parents = {grid.parent_id for grid in grids.values() if grid.parent_id is not None}
    known = {**await _kept_shapes(work, [*(parents - set(shapes)), *children]), **shapes}
    pairs = [
        *((grid.code, grid_id, grid.parent_id) for grid_id, grid in grids.items() if grid.parent_id in known),
        *((child.code, child_id, child.parent_id) for child_id, child in children.items() if child_id in known),
    ]
    rooms = {parent_id: widened(known[parent_id]) for parent_id in {pair[2] for pair in pairs} if parent_id}
    for code, child_id, parent_id in pairs:
        if parent_id is not None and not rooms[parent_id].covers(known[child_id]):
            raise invalid("grid-boundary-outside-parent", "boundary", subject=code)


async def _undrawn_children(work: Work, shapes: Mapping[UUID, Boundary]) -> dict[UUID, GridRow]:
    found: dict[UUID, GridRow] = {}
    for batch in batches(list(shapes)):
        rows = await work.session.execute(
            select(GridRow).where(
                GridRow.tenant_id == work.tenant, GridRow.parent_id.in_(batch), GridRow.ended_at.is_(None)
            )
        )
        found.update((row.id, row) for row in rows.scalars() if row.id not in shapes)
    return found


async def kept_boundary(work: Work, grid_id: UUID) -> Boundary | None:
    """The present boundary of a grid, or None where it has none."""
    return (await _kept_shapes(work, [grid_id])).get(grid_id)


async def _kept_shapes(work: Work, ids: list[UUID]) -> dict[UUID, Boundary]:
    found: dict[UUID, Boundary] = {}
    for batch in batches(ids):
        rows = await work.session.execute(
            select(GridBoundary.grid_id, GridBoundary.boundary).where(
                GridBoundary.tenant_id == work.tenant, GridBoundary.grid_id.in_(batch)
            )
        )
        found.update((grid_id, read_boundary(geojson)) for grid_id, geojson in rows)
    return found


def _tell(work: Work, grids: Iterable[GridRow]) -> None:
    """One fact for one grid; one for the lot where a whole county is drawn."""
    drawn = list(grids)
    if len(drawn) == 1:
        grid = drawn[0]
        work.fact("grid.redrawn", grid=str(grid.id), code=grid.code, change="boundary", version=grid.version)
    elif drawn:
        work.fact("grid.redrawn", change="boundary", count=len(drawn))
