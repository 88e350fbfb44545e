"""Who somebody is: their posts, what they may ask for, and whose cases they see."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import any_, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Uuid

from gridloom.people.models import Organization, Staff, StaffPost
from gridloom.people.roles import CENTRE_ROLES, CLIENT_PERMISSIONS, PERMISSIONS, UNIT_ROLES, lead_scope, leader_scope
from gridloom.work import Actor, Post, Work

LEAD_ROLES = ("centre_lead", "department_lead")
GRID_SCOPE_ROLES = ("grid_member", "grid_chief", *CENTRE_ROLES)


async def staff_actor(session: AsyncSession, tenant: UUID, staff_id: UUID, now: datetime, locale: str) -> Actor | None:
    """The actor that a member of staff is at present, or None when the person has left."""
    return (await staff_actors(session, tenant, [staff_id], now, locale)).get(staff_id)


async def staff_actors(
    session: AsyncSession, tenant: UUID, staff_ids: Sequence[UUID], now: datetime, locale: str
) -> dict[UUID, Actor]:
    """The actors that these members of staff are at present, by id, in two statements; who has left is left out."""
    wanted = literal(list(staff_ids), ARRAY(Uuid()))
    names = (await session.execute(
        select(Staff.id, Staff.name).where(
            Staff.tenant_id == tenant, Staff.id == any_(wanted), or_(Staff.left_at.is_(None), Staff.left_at > now)
        )
    )).all()
    rows = await session.execute(
        select(StaffPost, Organization)
        .outerjoin(Organization, (Organization.tenant_id == tenant) & (Organization.id == StaffPost.organization_id))
        .where(
            StaffPost.tenant_id == tenant, StaffPost.staff_id == any_(wanted), StaffPost.since <= now,
            or_(StaffPost.until.is_(None), StaffPost.until > now),
        )
        .order_by(StaffPost.since, StaffPost.id)
    )
    posts: dict[UUID, list[Post]] = {}
    for post, organization in rows:
        posts.setdefault(post.staff_id, []).append(_post(post, organization))
    return {one: actor_with(tenant, one, name, tuple(posts.get(one, ())), locale) for one, name in names}


def actor_with(tenant: UUID, staff_id: UUID, name: str, posts: Sequence[Post], locale: str = "zh-CN") -> Actor:
    """An actor from the posts held: permissions are the union, scopes what the posts open."""
    can = frozenset().union(*(PERMISSIONS[post.role] for post in posts)) if posts else frozenset()
    return Actor(staff_id, "user", tenant, name, locale, tuple(posts), can, (staff_id, *_scopes(posts)))


def client_actor(
    tenant: UUID, client_id: UUID, name: str, organization: Organization, scopes: Iterable[str], locale: str = "zh-CN"
) -> Actor:
    """A department's own system: its organisation's cases, never to verify, call back or close."""
    post = Post("department_officer", organization.id, organization.kind, organization.level, None)
    can = CLIENT_PERMISSIONS & frozenset(scopes) if scopes else CLIENT_PERMISSIONS
    return Actor(client_id, "client", tenant, name, locale, (post,), can, (client_id, organization.id))


async def organizations_by_id(work: Work, ids: Iterable[UUID]) -> dict[UUID, Organization]:
    """The organisations of these ids that exist and are open."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = await work.session.execute(
        select(Organization).where(
            Organization.tenant_id == work.tenant, Organization.id.in_(wanted), Organization.closed_at.is_(None)
        )
    )
    return {row.id: row for row in rows.scalars()}


async def organization_by_code(work: Work, code: str) -> Organization | None:
    """The open organisation of a code."""
    return (await work.session.execute(
        select(Organization).where(
            Organization.tenant_id == work.tenant, Organization.code == code, Organization.closed_at.is_(None)
        )
    )).scalar_one_or_none()


async def holders(work: Work, organization_id: UUID, roles: Sequence[str]) -> list[UUID]:
    """The staff who hold one of these roles at an organisation at present, at most 200."""
    rows = await work.session.execute(
        select(StaffPost.staff_id).where(
            StaffPost.tenant_id == work.tenant, StaffPost.organization_id == organization_id,
            StaffPost.role.in_(list(roles)), or_(StaffPost.until.is_(None), StaffPost.until > work.now),
        ).order_by(StaffPost.since).limit(200)
    )
    return list(dict.fromkeys(rows.scalars()))


def _post(post: StaffPost, organization: Organization | None) -> Post:
    grid = post.grid_id or (organization.grid_id if organization is not None else None)
    return Post(
        post.role, post.organization_id, organization.kind if organization else None,
        organization.level if organization else None, grid,
    )


def _scopes(posts: Sequence[Post]) -> tuple[UUID, ...]:
    found: dict[UUID, None] = {}
    for post in posts:
        if post.organization_id is not None and post.role in (*CENTRE_ROLES, *UNIT_ROLES):
            found[post.organization_id] = None
            if post.role in LEAD_ROLES:
                found[lead_scope(post.organization_id)] = None
        if post.grid_id is not None and post.role in GRID_SCOPE_ROLES:
            found[post.grid_id] = None
        if post.grid_id is not None and post.role == "leader":
            found[leader_scope(post.grid_id)] = None
    return tuple(found)
