"""The tree through time: versions of grids, and the closure of ancestors that follows the present ones.

Rows are read anew (`populate_existing`) after the county's territory is taken: what the session saw before may be old.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from gridloom.errors import invalid, not_found
from gridloom.grid.models import GridAncestor, GridRow, GridVersion, Territory
from gridloom.ids import uuid7
from gridloom.work import Work

BATCH = 5_000
SIMULTANEOUS = timedelta(minutes=1)
Item = TypeVar("Item")


async def take_territory(work: Work) -> None:
    """Become the one who changes the county's territory until the transaction ends, and mark it as changed."""
    stamp = uuid7()
    statement = upsert(Territory).values(tenant_id=work.tenant, stamp=stamp)
    await work.session.execute(
        statement.on_conflict_do_update(index_elements=[Territory.tenant_id], set_={"stamp": stamp})
    )
    (await work.heads()).forget(Territory)


async def living(work: Work, grid_id: UUID, *path: str) -> GridRow:
    """The living grid of that id. Raises `Refusal` NOT_FOUND at `path`."""
    row = await work.session.get(GridRow, (work.tenant, grid_id), populate_existing=True)
    if row is None or row.ended_at is not None:
        raise not_found(*path)
    return row


async def living_below(work: Work, grid_id: UUID) -> list[GridRow]:
    """The grids of the subtree, nearest first, without the root itself."""
    rows = await work.session.execute(
        select(GridRow)
        .join(GridAncestor, (GridAncestor.tenant_id == work.tenant) & (GridAncestor.grid_id == GridRow.id))
        .where(GridRow.tenant_id == work.tenant, GridAncestor.ancestor_id == grid_id, GridAncestor.depth > 0)
        .order_by(GridAncestor.depth, GridRow.code)
        .execution_options(populate_existing=True)
    )
    return list(rows.scalars())


async def present_versions(work: Work, grids: Iterable[GridRow]) -> dict[UUID, GridVersion]:
    """The version of now of each grid, by the grid's id."""
    found: dict[UUID, GridVersion] = {}
    for batch in batches([grid.id for grid in grids]):
        rows = await work.session.execute(
            select(GridVersion).where(
                GridVersion.tenant_id == work.tenant, GridVersion.grid_id.in_(batch), GridVersion.valid_to.is_(None)
            ).execution_options(populate_existing=True)
        )
        found.update((version.grid_id, version) for version in rows.scalars())
    return found


def moment(work: Work, at: datetime | None) -> datetime:
    """From when a change holds: now, or a moment that has come already. Raises `Refusal` VALIDATION at `at`."""
    if at is None:
        return work.now
    if at > work.now:
        raise invalid("grid-change-in-the-future", "at")
    return at


def beginning(work: Work, at: datetime | None, grids: Iterable[GridRow]) -> datetime:
    """From when a change of these grids holds: `at`, or now.

    Who waited for somebody else's change began before it and would now come too early: the change then holds from that
    one's moment.
    """
    since = moment(work, at)
    latest = max((grid.valid_from for grid in grids), default=since)
    return latest if at is None and since < latest <= since + SIMULTANEOUS else since


def renew(work: Work, grid: GridRow, present: GridVersion, at: datetime, changes: Mapping[str, Any]) -> None:
    """Close the present version at `at` and begin the next with `changes` (columns of the version).

    A version that began at this very moment is amended: it has never held. Raises `Refusal` VALIDATION when the grid
    changed after `at`.
    """
    if at < grid.valid_from:
        raise invalid("grid-change-too-early", "at", subject=grid.code)
    for column, value in changes.items():
        if column != "boundary":
            setattr(grid, column, value)
    if at == grid.valid_from:
        for column, value in changes.items():
            setattr(present, column, value)
        return
    kept = {
        column: getattr(present, column) for column in ("code", "name", "level", "parent_id", "path", "boundary")
    }
    present.valid_to = at
    grid.version += 1
    grid.valid_from = at
    work.new(GridVersion, grid_id=grid.id, number=grid.version, valid_from=at, **{**kept, **changes})


async def enter_ancestors(work: Work, grids: Iterable[GridRow | Mapping[str, Any]]) -> None:
    """Write the closure rows of new grids from their paths."""
    pairs = (
        (grid["id"], grid["path"]) if isinstance(grid, Mapping) else (grid.id, grid.path) for grid in grids
    )
    rows = [
        {"tenant_id": work.tenant, "ancestor_id": ancestor, "grid_id": grid_id, "depth": len(path) - 1 - place}
        for grid_id, path in pairs
        for place, ancestor in enumerate(path)
    ]
    for batch in batches(rows):
        await work.session.execute(insert(GridAncestor), batch)


async def move_subtree(
    work: Work, grid: GridRow, parent: GridRow, at: datetime | None, changes: Mapping[str, Any]
) -> None:
    """Hang `grid` with everything below it under `parent`: new versions and paths, closure rows exchanged."""
    below = await living_below(work, grid.id)
    versions = await present_versions(work, [grid, *below])
    since = beginning(work, at, [grid, *below])
    old_above, new_above = grid.path[:-1], list(parent.path)
    renew(work, grid, versions[grid.id], since, {
        **changes, "parent_id": parent.id, "path": [*new_above, grid.id],
    })
    for row in below:
        renew(work, row, versions[row.id], since, {"path": [*new_above, *row.path[len(old_above):]]})
    await work.session.flush()
    subtree = select(GridAncestor.grid_id).where(
        GridAncestor.tenant_id == work.tenant, GridAncestor.ancestor_id == grid.id
    )
    await work.session.execute(
        delete(GridAncestor)
        .where(
            GridAncestor.tenant_id == work.tenant, GridAncestor.ancestor_id.in_(old_above),
            GridAncestor.grid_id.in_(subtree),
        )
        .execution_options(synchronize_session=False)
    )
    rows = [
        {"tenant_id": work.tenant, "ancestor_id": ancestor, "grid_id": row.id, "depth": len(row.path) - 1 - place}
        for row in (grid, *below)
        for place, ancestor in enumerate(new_above)
    ]
    for batch in batches(rows):
        await work.session.execute(insert(GridAncestor), batch)


def batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in runs short enough for one statement."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
