"""Writing the demo's people: organisations beyond the standard ones, staff, posts, grid members."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from gridloom.db import Base
from gridloom.demo.people import OrganizationPlan, Population, PostPlan
from gridloom.grid.models import GridMemberRow, GridRow
from gridloom.ids import uuid7
from gridloom.people.models import Organization, Staff, StaffPost
from gridloom.provision import add_organizations
from gridloom.work import Work

SERVED = timedelta(days=400)
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Written:
    """Ids of what was written: staff by the plan's person key, organisations and grids by code."""

    staff: dict[str, UUID]
    organizations: dict[str, UUID]
    grids: dict[str, UUID]


async def write_people(work: Work, people: Population) -> Written:
    """Enter organisations the county lacks, and everybody with their posts; all have served for 400 days."""
    grids = await grid_ids(work)
    organizations = await _organizations(work, people.organizations, grids)
    since = work.now - SERVED
    staff: dict[str, UUID] = {}
    rows: list[dict[str, Any]] = []
    for post in people.posts:
        if post.person.key not in staff:
            staff[post.person.key] = uuid7()
            rows.append(
                {
                    "tenant_id": work.tenant,
                    "id": staff[post.person.key],
                    "name": post.person.name,
                    "organization_id": organizations.get(post.organization or ""),
                }
            )
    await _insert(work, Staff, rows)
    await _insert(work, StaffPost, [_post(work, post, staff, organizations, grids, since) for post in people.posts])
    await _insert(
        work,
        GridMemberRow,
        [
            {
                "tenant_id": work.tenant,
                "id": uuid7(),
                "grid_id": grids[post.grid or ""],
                "staff_id": staff[post.person.key],
                "role": post.role,
                "since": since,
            }
            for post in people.grid_members
        ],
    )
    return Written(staff, organizations, grids)


async def grid_ids(work: Work) -> dict[str, UUID]:
    """The county's living grids by code."""
    rows = await work.session.execute(
        select(GridRow.code, GridRow.id).where(GridRow.tenant_id == work.tenant, GridRow.ended_at.is_(None))
    )
    return {row.code: row.id for row in rows}


async def _organizations(work: Work, plans: tuple[OrganizationPlan, ...], grids: dict[str, UUID]) -> dict[str, UUID]:
    rows = await work.session.execute(
        select(Organization.code, Organization.id).where(Organization.tenant_id == work.tenant)
    )
    known = {row.code: row.id for row in rows}
    missing = [
        {
            "code": plan.code,
            "name": plan.name,
            "kind": plan.kind,
            "line": None,
            "level": min(plan.level, 4),
            "parent": plan.parent,
            "grid": plan.division,
        }
        for plan in plans
        if plan.code not in known
    ]
    return known | await add_organizations(work, missing, grids)


def _post(
    work: Work,
    post: PostPlan,
    staff: dict[str, UUID],
    organizations: dict[str, UUID],
    grids: dict[str, UUID],
    since: datetime,
) -> dict[str, Any]:
    return {
        "tenant_id": work.tenant,
        "id": uuid7(),
        "staff_id": staff[post.person.key],
        "role": post.role,
        "organization_id": organizations[post.organization] if post.organization else None,
        "grid_id": grids[post.grid] if post.grid else None,
        "since": since,
    }


async def _insert(work: Work, model: type[Base], rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), BATCH):
        await work.session.execute(insert(model), rows[start : start + BATCH])
