"""Who acts, and for which organisation: the posts of an actor against the posts that a step asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.contract.declare import Side, Step
from gridloom.contract.types import ActorView
from gridloom.people.models import Organization
from gridloom.work import Actor


@dataclass(frozen=True, slots=True)
class Seat:
    """A role at an organisation; `names` are what a declaration may call that organisation (code, kind, line)."""

    role: str
    organization_id: UUID
    names: frozenset[str]

    def fits(self, posts: Iterable[str]) -> bool:
        """Whether this is one of the posts `role` or `role@organization`."""
        for post in posts:
            role, _, place = post.partition("@")
            if role == self.role and (not place or place.lower() in self.names):
                return True
        return False


async def seats_of(session: AsyncSession, actor: Actor) -> tuple[Seat, ...]:
    """The actor's seats at open organisations, in the order of the posts."""
    wanted = {post.organization_id for post in actor.posts if post.organization_id is not None}
    if not wanted:
        return ()
    rows = await session.execute(
        select(Organization).where(
            Organization.tenant_id == actor.tenant, Organization.id.in_(wanted), Organization.closed_at.is_(None)
        )
    )
    named = {row.id: frozenset(n.lower() for n in (row.code, row.kind, row.line) if n) for row in rows.scalars()}
    return tuple(
        Seat(post.role, post.organization_id, named[post.organization_id])
        for post in actor.posts
        if post.organization_id in named
    )


def side_of(step: Step[Any], owner: UUID, origin: UUID, counterpart: UUID | None) -> UUID | None:
    """The organisation that a step of a matter belongs to."""
    return {Side.ORIGIN: origin, Side.COUNTERPART: counterpart}.get(step.side, owner)


def places_of(step: Step[Any], owner: UUID, origin: UUID, counterpart: UUID | None) -> frozenset[UUID | None]:
    """The organisations that may take a step of a matter: one, or any of them where the step belongs to EITHER."""
    if step.side is Side.EITHER:
        return frozenset((owner, origin, counterpart))
    return frozenset((side_of(step, owner, origin, counterpart),))


def actor_view(actor: Actor, seats: Sequence[Seat]) -> ActorView:
    """What a plugin may know of who acts."""
    roles = {seat.role for seat in seats} | {f"{seat.role}@{name}" for seat in seats for name in seat.names}
    return ActorView(actor.id, actor.kind, actor.name, frozenset(roles))
