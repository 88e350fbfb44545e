"""Who works in a grid, and the villager groups that lie in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from gridloom.errors import invalid, not_found
from gridloom.grid.models import GridMemberRow, GridRole, GridRow, VillagerGroup, VillagerGroupGrid
from gridloom.grid.tree import batches, moment
from gridloom.ids import uuid7
from gridloom.people.models import Staff
from gridloom.work import Work


@dataclass(frozen=True, slots=True)
class NewMember:
    """A person of staff who begins to work in a grid."""

    grid_id: UUID
    staff_id: UUID
    role: GridRole = GridRole.MEMBER


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A villager group of a village (a grid's code) that lies in these grids (codes)."""

    code: str
    name: str
    village_code: str
    grid_codes: tuple[str, ...]


async def add_members(work: Work, members: Sequence[NewMember], *, since: datetime | None = None) -> None:
    """Let people work in grids from `since` on (now, or a moment past).

    Raises `Refusal` NOT_FOUND (`gridId`, `staffId`), VALIDATION where someone would hold the same role in a grid twice.
    """
    begin = moment(work, since)
    await _check_exist(work, {one.grid_id for one in members}, GridRow, "gridId")
    await _check_exist(work, {one.staff_id for one in members}, Staff, "staffId")
    wanted = {(one.grid_id, one.staff_id, one.role.value) for one in members}
    if len(wanted) != len(members) or wanted & await _serving(work, {one.staff_id for one in members}):
        raise invalid("grid-member-twice", "staffId")
    rows = [
        {"tenant_id": work.tenant, "id": uuid7(), "grid_id": one.grid_id, "staff_id": one.staff_id,
         "role": one.role.value, "since": begin}
        for one in members
    ]
    for batch in batches(rows):
        await work.session.execute(insert(GridMemberRow), batch)


async def end_member(work: Work, member_id: UUID, *, at: datetime | None = None) -> None:
    """End someone's service in a grid. Raises `Refusal` NOT_FOUND, also when it has ended."""
    row = await work.session.get(GridMemberRow, (work.tenant, member_id), populate_existing=True)
    if row is None or row.until is not None:
        raise not_found("memberId")
    end = moment(work, at)
    if end < row.since:
        raise invalid("grid-member-ends-before", "at")
    row.until = end
    await work.session.flush()


async def count_members(work: Work) -> int:
    """How many different people work in the county's grids at present."""
    statement = select(func.count(GridMemberRow.staff_id.distinct())).where(
        GridMemberRow.tenant_id == work.tenant, GridMemberRow.until.is_(None)
    )
    return (await work.session.execute(statement)).scalar_one()


async def create_groups(work: Work, groups: Sequence[NewGroup]) -> dict[str, UUID]:
    """Make villager groups and return their ids by code. Raises `Refusal` NOT_FOUND or VALIDATION."""
    codes = {code for group in groups for code in (group.village_code, *group.grid_codes)}
    grids = await _ids_of_codes(work, codes)
    if codes - set(grids):
        raise not_found("gridCode")
    made = {group.code: uuid7() for group in groups}
    if len(made) != len(groups) or await _taken(work, list(made)):
        raise invalid("villager-group-code-taken", "code")
    rows: list[dict[str, Any]] = [
        {"tenant_id": work.tenant, "id": made[group.code], "code": group.code, "name": group.name,
         "village_id": grids[group.village_code]}
        for group in groups
    ]
    links: list[dict[str, Any]] = [
        {"tenant_id": work.tenant, "group_id": made[group.code], "grid_id": grids[code]}
        for group in groups
        for code in dict.fromkeys(group.grid_codes)
    ]
    for batch in batches(rows):
        await work.session.execute(insert(VillagerGroup), batch)
    for batch in batches(links):
        await work.session.execute(insert(VillagerGroupGrid), batch)
    return made


async def _serving(work: Work, staff: set[UUID]) -> set[tuple[UUID, UUID, str]]:
    found: set[tuple[UUID, UUID, str]] = set()
    for batch in batches(list(staff)):
        rows = await work.session.execute(
            select(GridMemberRow.grid_id, GridMemberRow.staff_id, GridMemberRow.role).where(
                GridMemberRow.tenant_id == work.tenant, GridMemberRow.staff_id.in_(batch),
                GridMemberRow.until.is_(None),
            )
        )
        found.update((row[0], row[1], row[2]) for row in rows)
    return found


async def _check_exist(work: Work, ids: set[UUID], model: type[GridRow] | type[Staff], path: str) -> None:
    ended = GridRow.ended_at if model is GridRow else Staff.left_at
    known = 0
    for batch in batches(list(ids)):
        statement = select(func.count()).select_from(model).where(
            model.tenant_id == work.tenant, model.id.in_(batch), ended.is_(None)
        )
        known += (await work.session.execute(statement)).scalar_one()
    if known != len(ids):
        raise not_found(path)


async def _ids_of_codes(work: Work, codes: set[str]) -> dict[str, UUID]:
    found: dict[str, UUID] = {}
    for batch in batches(sorted(codes)):
        rows = await work.session.execute(
            select(GridRow.code, GridRow.id).where(
                GridRow.tenant_id == work.tenant, GridRow.code.in_(batch), GridRow.ended_at.is_(None)
            )
        )
        found.update((code, id_) for code, id_ in rows)
    return found


async def _taken(work: Work, codes: list[str]) -> bool:
    for batch in batches(codes):
        statement = select(VillagerGroup.id).where(
            VillagerGroup.tenant_id == work.tenant, VillagerGroup.code.in_(batch)
        )
        if (await work.session.execute(statement.limit(1))).scalar_one_or_none() is not None:
            return True
    return False
