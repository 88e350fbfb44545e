"""Territory: making grids, changing them through time, and finding them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, or_, select, update

from gridloom.errors import invalid, not_found
from gridloom.grid.boundaries import kept_boundary, set_boundaries, set_boundary
from gridloom.grid.geometry import widened
from gridloom.grid.location import locate, locate_in, locate_many, require_location
from gridloom.grid.models import GridAncestor, GridBoundary, GridLevel, GridMemberRow, GridRow, GridVersion
from gridloom.grid.tree import (
    batches,
    beginning,
    enter_ancestors,
    living,
    living_below,
    moment,
    move_subtree,
    present_versions,
    renew,
    take_territory,
)
from gridloom.ids import uuid7
from gridloom.work import Work

__all__ = [
    "NewGrid", "ancestors", "create_grids", "create_root", "end_grid", "grid_by_code", "grid_by_id", "is_under",
    "locate", "locate_in", "locate_many", "move_grid", "name_levels", "rename_grid", "require_location",
    "set_boundaries", "set_boundary",
]

CODE = re.compile(r"[0-9A-Za-z]{1,32}")
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class NewGrid:
    """A grid to make. `level` is one of the county's levels, `parent_code` of a grid there or made in the same call."""

    code: str
    name: str
    level: int
    parent_code: str | None = None


async def name_levels(work: Work, names: Mapping[int, str]) -> None:
    """Give the county's levels their names: a level that has one is renamed."""
    for number, name in sorted(names.items()):
        row = await work.session.get(GridLevel, (work.tenant, number))
        if row is None:
            work.new(GridLevel, number=number, name=_name(name))
        else:
            row.name = _name(name)
    await work.session.flush()


async def create_root(work: Work, code: str, name: str, level: int, *, since: datetime | None = None) -> UUID:
    """Make the county's own grid. Raises `Refusal` VALIDATION when there is one."""
    return (await create_grids(work, [NewGrid(code, name, level)], since=since))[code]


async def create_grids(work: Work, grids: Sequence[NewGrid], *, since: datetime | None = None) -> dict[str, UUID]:
    """Make grids in any order and return their ids by code. They hold from `since` on (now, or a moment past).

    Raises `Refusal` VALIDATION (path `code`, `name`, `level` or `parentCode`) when a code is taken, malformed or given
    twice, a level unknown, a parent missing or not above its child, or a second root would stand. Nothing is made then.
    """
    valid_from = moment(work, since)
    await take_territory(work)
    await _check_new(work, grids)
    known = await _known(work, {grid.parent_code for grid in grids if grid.parent_code is not None})
    paths: dict[str, tuple[list[UUID], int]] = {code: (row.path, row.level) for code, row in known.items()}
    rows: list[dict[str, Any]] = []
    for grid in sorted(grids, key=lambda one: one.level):
        above = _parent(grid, paths)
        id_ = uuid7()
        paths[grid.code] = ([*above, id_], grid.level)
        rows.append({
            "tenant_id": work.tenant, "id": id_, "code": grid.code, "name": _name(grid.name), "level": grid.level,
            "parent_id": above[-1] if above else None, "path": [*above, id_], "valid_from": valid_from,
        })
    await _write_new(work, rows)
    if rows:
        work.fact("grid.redrawn", change="created", count=len(rows))
    return {row["code"]: row["id"] for row in rows}


async def rename_grid(
    work: Work, grid_id: UUID, *, name: str | None = None, code: str | None = None, at: datetime | None = None
) -> None:
    """Give a grid another name and/or code from `at` on; the old ones stay with the old version.

    Raises `Refusal` NOT_FOUND, VALIDATION (code taken or malformed, `at` in the future or before the last change).
    """
    await take_territory(work)
    grid = await living(work, grid_id, "gridId")
    since = beginning(work, at, [grid])
    changes = await _naming(work, grid, name, code)
    if changes:
        renew(work, grid, (await present_versions(work, [grid]))[grid.id], since, changes)
        await work.session.flush()
        _tell(work, grid, "renamed")


async def move_grid(
    work: Work, grid_id: UUID, parent_id: UUID, *, name: str | None = None, code: str | None = None,
    at: datetime | None = None,
) -> None:
    """Hang a grid with its subtree under another parent from `at` on, with another name and/or code if given.

    Raises `Refusal` NOT_FOUND, VALIDATION: a parent below the grid or not of a higher level, a boundary that is not
    inside the new parent's (draw that first).
    """
    await take_territory(work)
    grid = await living(work, grid_id, "gridId")
    parent = await living(work, parent_id, "parentId")
    if grid.id in parent.path or grid.parent_id is None:
        raise invalid("grid-move-into-itself", "parentId")
    if parent.level >= grid.level:
        raise invalid("grid-parent-not-above", "parentId", subject=grid.code)
    inner, outer = await kept_boundary(work, grid.id), await kept_boundary(work, parent.id)
    if inner is not None and outer is not None and not widened(outer).covers(inner):
        raise invalid("grid-boundary-outside-parent", "parentId", subject=grid.code)
    await move_subtree(work, grid, parent, at, await _naming(work, grid, name, code))
    _tell(work, grid, "moved")


async def end_grid(work: Work, grid_id: UUID, *, at: datetime | None = None) -> None:
    """Abolish a grid from `at` on; its history stays, its members' service ends.

    Raises `Refusal` NOT_FOUND, VALIDATION when it is the root or grids still lie below it.
    """
    await take_territory(work)
    grid = await living(work, grid_id, "gridId")
    since = beginning(work, at, [grid])
    if grid.parent_id is None or await living_below(work, grid.id):
        raise invalid("grid-not-empty", "gridId", subject=grid.code)
    if since <= grid.valid_from:
        raise invalid("grid-change-too-early", "at", subject=grid.code)
    version = (await present_versions(work, [grid]))[grid.id]
    version.valid_to = grid.ended_at = since
    await work.session.flush()
    for table in (GridAncestor, GridBoundary):
        await work.session.execute(delete(table).where(table.tenant_id == work.tenant, table.grid_id == grid.id))
    await work.session.execute(
        update(GridMemberRow)
        .where(GridMemberRow.tenant_id == work.tenant, GridMemberRow.grid_id == grid.id, GridMemberRow.until.is_(None))
        .values(until=since)
    )
    _tell(work, grid, "ended")


async def grid_by_id(work: Work, grid_id: UUID) -> GridRow | None:
    """The living grid of an id."""
    row = await work.session.get(GridRow, (work.tenant, grid_id))
    return row if row is not None and row.ended_at is None else None


async def grid_by_code(work: Work, code: str, *, at: datetime | None = None) -> GridRow | None:
    """The living grid of a code; with `at` the grid that bore the code then, living or not."""
    if at is None:
        statement = select(GridRow).where(
            GridRow.tenant_id == work.tenant, GridRow.code == code, GridRow.ended_at.is_(None)
        )
    else:
        statement = (
            select(GridRow)
            .join(GridVersion, (GridVersion.tenant_id == work.tenant) & (GridVersion.grid_id == GridRow.id))
            .where(GridRow.tenant_id == work.tenant, GridVersion.code == code, *_held(at))
        )
    return (await work.session.execute(statement)).scalar_one_or_none()


async def ancestors(work: Work, grid_id: UUID, *, at: datetime | None = None) -> list[UUID]:
    """The grids above a grid from the root down, and itself last: now, or as they were at a moment.

    Raises `Refusal` NOT_FOUND when the grid did not live then.
    """
    if at is None:
        return list((await living(work, grid_id, "gridId")).path)
    path = (
        await work.session.execute(
            select(GridVersion.path).where(
                GridVersion.tenant_id == work.tenant, GridVersion.grid_id == grid_id, *_held(at)
            )
        )
    ).scalar_one_or_none()
    if path is None:
        raise not_found("gridId")
    return list(path)


async def is_under(work: Work, grid_id: UUID, ancestor_id: UUID) -> bool:
    """Whether a living grid lies in the subtree of another at present (itself included)."""
    return await work.session.get(GridAncestor, (work.tenant, ancestor_id, grid_id)) is not None


def _held(at: datetime) -> tuple[Any, ...]:
    return GridVersion.valid_from <= at, or_(GridVersion.valid_to.is_(None), GridVersion.valid_to > at)


def _tell(work: Work, grid: GridRow, change: str) -> None:
    work.fact("grid.redrawn", grid=str(grid.id), code=grid.code, change=change, version=grid.version)


def _name(name: str) -> str:
    kept = name.strip()
    if not 1 <= len(kept) <= LONGEST_NAME:
        raise invalid("grid-name-length", "name", limit=LONGEST_NAME)
    return kept


def _parent(grid: NewGrid, paths: Mapping[str, tuple[list[UUID], int]]) -> list[UUID]:
    if grid.parent_code is None:
        return []
    if grid.parent_code not in paths:
        raise invalid("grid-parent-unknown", "parentCode", subject=grid.code)
    path, level = paths[grid.parent_code]
    if level >= grid.level:
        raise invalid("grid-parent-not-above", "parentCode", subject=grid.code)
    return path


async def _naming(work: Work, grid: GridRow, name: str | None, code: str | None) -> dict[str, str]:
    changes: dict[str, str] = {}
    if name is not None and _name(name) != grid.name:
        changes["name"] = _name(name)
    if code is not None and code != grid.code:
        _check_code(code)
        if await grid_by_code(work, code) is not None:
            raise invalid("grid-code-taken", "code", subject=code)
        changes["code"] = code
    return changes


def _check_code(code: str) -> None:
    if CODE.fullmatch(code) is None:
        raise invalid("grid-code-malformed", "code", subject=code[:40])


async def _check_new(work: Work, grids: Sequence[NewGrid]) -> None:
    seen: set[str] = set()
    for grid in grids:
        _check_code(grid.code)
        if grid.code in seen:
            raise invalid("grid-code-taken", "code", subject=grid.code)
        seen.add(grid.code)
    taken = await _known(work, seen)
    if taken:
        raise invalid("grid-code-taken", "code", subject=min(taken))
    levels = set((await work.session.execute(
        select(GridLevel.number).where(GridLevel.tenant_id == work.tenant)
    )).scalars())
    for grid in grids:
        if grid.level not in levels:
            raise invalid("grid-level-unknown", "level", subject=grid.code, level=grid.level)
    roots = [grid for grid in grids if grid.parent_code is None]
    if roots and (len(roots) > 1 or await _has_root(work)):
        raise invalid("grid-second-root", "parentCode", subject=roots[-1].code)


async def _has_root(work: Work) -> bool:
    statement = select(GridRow.id).where(
        GridRow.tenant_id == work.tenant, GridRow.parent_id.is_(None), GridRow.ended_at.is_(None)
    )
    return (await work.session.execute(statement.limit(1))).scalar_one_or_none() is not None


async def _known(work: Work, codes: set[str]) -> dict[str, GridRow]:
    found: dict[str, GridRow] = {}
    for batch in batches(sorted(codes)):
        rows = await work.session.execute(
            select(GridRow).where(
                GridRow.tenant_id == work.tenant, GridRow.code.in_(batch), GridRow.ended_at.is_(None)
            )
        )
        found.update((row.code, row) for row in rows.scalars())
    return found


async def _write_new(work: Work, rows: Sequence[dict[str, Any]]) -> None:
    """Grids, their first versions and closure rows; `rows` have parents before children."""
    for batch in batches(rows):
        await work.session.execute(insert(GridRow), [{**row, "version": 1} for row in batch])
        await work.session.execute(insert(GridVersion), [
            {**{key: value for key, value in row.items() if key != "id"}, "id": uuid7(), "grid_id": row["id"],
             "number": 1}
            for row in batch
        ])
    await enter_ancestors(work, rows)
