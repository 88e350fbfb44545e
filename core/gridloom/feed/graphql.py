"""Facts by cursor, and live changes of cases."""

from collections.abc import AsyncGenerator, Hashable
from datetime import datetime
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from gridloom.cases.graphql import Case
from gridloom.context import Info
from gridloom.errors import Denied
from gridloom.feed.changes import Change, changes_of
from gridloom.feed.plain import Shape, plain_shape
from gridloom.feed.service import Delivered, check_cursor, read_facts
from gridloom.reads import PageInfo, Query, extends, load

PAGE = 50
LARGEST_PAGE = 200


@strawberry.type(description="Something that happened, at its place in the county's order.")
class Fact:
    """A fact. Data holds ids and public fields only."""

    cursor: str = strawberry.field(description="Delivery position; nothing that commits later appears behind it.")
    id: strawberry.ID
    type: str = strawberry.field(description="Such as case.reported, whistle.blown, clock.expired.")
    at: datetime
    schema_version: int
    case_id: strawberry.ID | None
    data: JSON


@strawberry.type(description="A page of facts.")
class FactConnection:
    """A page of facts, oldest first."""

    nodes: list[Fact]
    page_info: PageInfo


@strawberry.type(description="A change of a case the caller may see.")
class CaseChange:
    """A live change."""

    cursor: str
    type: str
    at: datetime
    case_id: strawberry.Private[UUID | None]
    shared: strawberry.Private[Hashable | None] = None

    @strawberry.field(description="The case as it stands now; null once the caller may no longer see it.")
    async def case(self, info: Info) -> Case | None:
        return await load(info, Case, self.case_id) if self.case_id else None


@extends(Query)
class FeedQueries:
    """The county's facts."""

    @strawberry.field(description="Facts the caller may know of, by cursor. Kept 90 days.")
    async def facts(
        self, info: Info, after: str | None = strawberry.UNSET, types: list[str] | None = strawberry.UNSET,
        first: int = PAGE,
    ) -> FactConnection:
        if not 1 <= first <= LARGEST_PAGE:
            raise Denied("VALIDATION", "problem-first", limit=LARGEST_PAGE)
        context = info.context
        async with context.reading() as session:
            position = await check_cursor(session, context.tenant, after or None)
            found = await read_facts(
                session, context.tenant, context.actor, after=position, types=types or None, limit=first + 1
            )
        page = found[:first]
        return FactConnection(
            nodes=[_fact(one) for one in page],
            page_info=PageInfo(
                has_next_page=len(found) > first, end_cursor=str(page[-1].position) if page else after or None
            ),
        )


@strawberry.type
class FeedSubscription:
    """Live updates."""

    @strawberry.subscription(
        description="Live changes the caller may see; after resumes from a cursor without a hole."
    )
    async def case_changed(
        self, info: Info, under: strawberry.ID | None = strawberry.UNSET, after: str | None = strawberry.UNSET
    ) -> AsyncGenerator[CaseChange, None]:
        context = info.context
        works, county, actor = context.works, context.county, context.actor
        grid, shape = _grid(under or None), plain_shape(info)
        position = 0
        if after:
            async with works.reading(county) as session:
                position = await check_cursor(session, county.id, after)
        # Listening begins before the first look: between the two nothing can be missed, only met twice.
        async with changes_of(works, county).listen(actor.scopes, grid, behind=bool(after)) as own:
            position = position if after else own.start
            while True:
                own.news.clear()
                while own.behind:
                    own.behind = False
                    async with works.reading(county) as session:
                        found = await read_facts(
                            session, county.id, actor, after=position, types=None, limit=LARGEST_PAGE, cases_only=True,
                            under=grid,
                        )
                    own.behind = own.behind or len(found) == LARGEST_PAGE
                    for one in found:
                        position = one.position
                        yield CaseChange(cursor=str(one.position), type=one.type, at=one.at, case_id=one.case_id)
                while own.pending:
                    change = own.pending.popleft()
                    if change.position > position:
                        position = change.position
                        yield _change(county.id, change, shape)
                if not own.behind:
                    await own.news.wait()


def _change(tenant: UUID, change: Change, shape: Shape | None) -> CaseChange:
    """A change as it is resolved; equal answers to several streams are told by `shared`."""
    shared = None if shape is None or change.sealed else (tenant, change.position, change.sees, shape)
    return CaseChange(
        cursor=str(change.position), type=change.type, at=change.at, case_id=change.case_id, shared=shared
    )


def _fact(one: Delivered) -> Fact:
    return Fact(
        cursor=str(one.position), id=strawberry.ID(str(one.id)), type=one.type, at=one.at,
        schema_version=one.schema_version, case_id=strawberry.ID(str(one.case_id)) if one.case_id else None,
        data=JSON(one.data),
    )


def _grid(value: str | None) -> UUID | None:
    """A grid to look under; what cannot be an id matches nothing."""
    if value is None:
        return None
    try:
        return UUID(value)
    except ValueError:
        return UUID(int=0)
