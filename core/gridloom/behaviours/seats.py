"""Who acts, and for which organisation: the posts of an actor against the posts that a step asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.contract.declare import Side, Step
from gridloom.contract.types import ActorView
from gridloom.grid.models import GridRow
from gridloom.people.models import Organization
from gridloom.work import Actor


@dataclass(frozen=True, slots=True)
class Seat:
    """A role at an organisation; `names` are what a declaration may call that organisation (code, kind, line).

    People of a grid and leaders of a territory sit at the nearest centre that serves it.
    """

    role: str
    organization_id: UUID
    names: frozenset[str]
    person: UUID
    of_grid: bool = False

    def fits(self, posts: Iterable[str]) -> bool:
        """Whether this is one of the posts `role` or `role@organization`."""
        for post in posts:
            role, _, place = post.partition("@")
            if role == self.role and (not place or place.lower() in self.names):
                return True
        return False


async def seats_of(session: AsyncSession, actor: Actor) -> tuple[Seat, ...]:
    """The actor's seats at open organisations, in the order of the posts."""
    nearest = await _centres(session, actor)
    places = [
        (post, post.organization_id or (nearest.get(post.grid_id) if post.grid_id is not None else None))
        for post in actor.posts
    ]
    wanted = {place for _post, place in places if place is not None}
    if not wanted:
        return ()
    rows = await session.execute(
        select(Organization).where(
            Organization.tenant_id == actor.tenant, Organization.id.in_(wanted), Organization.closed_at.is_(None)
        )
    )
    named = {row.id: frozenset(n.lower() for n in (row.code, row.kind, row.line) if n) for row in rows.scalars()}
    return tuple(
        Seat(post.role, place, named[place], actor.id, post.organization_id is None)
        for post, place in places
        if place is not None and place in named
    )


async def _centres(session: AsyncSession, actor: Actor) -> dict[UUID, UUID]:
    """The nearest centre of each grid in which the actor holds a post without an organisation."""
    grids = [post.grid_id for post in actor.posts if post.organization_id is None and post.grid_id is not None]
    if not grids:
        return {}
    paths = {
        grid: path for grid, path in await session.execute(
            select(GridRow.id, GridRow.path).where(GridRow.tenant_id == actor.tenant, GridRow.id.in_(grids))
        )
    }
    above = {one for path in paths.values() for one in path}
    serving = {
        grid: centre for grid, centre in await session.execute(
            select(Organization.grid_id, Organization.id).where(
                Organization.tenant_id == actor.tenant, Organization.kind == "CENTRE", Organization.closed_at.is_(None),
                Organization.grid_id.in_(above),
            )
        )
    }
    found = {grid: next((serving[one] for one in reversed(path) if one in serving), None) for grid, path in paths.items()}
    return {grid: centre for grid, centre in found.items() if centre is not None}


def side_of(
    step: Step[Any], owner: UUID, origin: UUID, counterpart: UUID | None, supervisor: UUID | None = None
) -> UUID | None:
    """The organisation that a step of a matter belongs to."""
    places = {Side.ORIGIN: origin, Side.COUNTERPART: counterpart, Side.SUPERVISOR: supervisor}
    return places.get(step.side, owner)


def places_of(
    step: Step[Any], owner: UUID, origin: UUID, counterpart: UUID | None, supervisor: UUID | None = None
) -> frozenset[UUID | None]:
    """The organisations that may take a step of a matter: one, or any of them where the step belongs to EITHER."""
    if step.side is Side.EITHER:
        return frozenset((owner, origin, counterpart, supervisor)) - {None}
    return frozenset((side_of(step, owner, origin, counterpart, supervisor),))


def actor_view(actor: Actor, seats: Sequence[Seat]) -> ActorView:
    """What a plugin may know of who acts."""
    roles = {seat.role for seat in seats} | {f"{seat.role}@{name}" for seat in seats for name in seat.names}
    return ActorView(actor.id, actor.kind, actor.name, frozenset(roles))
