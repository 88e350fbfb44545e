"""What every resolver finds in `info.context`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.reads import Ask, ReadContext
from gridloom.work import Actor, CountyView, Works

PLATFORM = "PLATFORM"


class RequestContext(ReadContext):
    """One request: who asks, in which county and language, and the session its reads share."""

    def __init__(self, works: Works, county: CountyView, actor: Actor, locale: str, session: AsyncSession) -> None:
        ask = Ask(tenant=county.id, actor=actor.id, scopes=actor.scopes, can=actor.can, now=works.clock.now())
        super().__init__(ask=ask, session=session, works=works)
        self.works: Works = works
        self.county = county
        self.actor = actor
        self.locale = locale
        self.read_protected: set[UUID] = set()

    @property
    def is_platform(self) -> bool:
        """Whether the caller is the platform's operator, who has no county."""
        return self.county.state == PLATFORM

    @property
    def tenant(self) -> UUID:
        return self.county.id

    async def fetch(self, statement: str, parameters: Sequence[Any], *, generic: bool) -> str:
        return await self.works.lane.fetch(self.tenant, statement, parameters, generic=generic)


Info = strawberry.Info[RequestContext, Any]


@asynccontextmanager
async def request_context(
    works: Works, county: CountyView, actor: Actor, locale: str
) -> AsyncIterator[RequestContext]:
    """A context with its own read-only session; no connection is taken before the first read."""
    async with works.reading(county) as session:
        context = RequestContext(works, county, actor, locale, session)
        try:
            yield context
        finally:
            # An answer with errors may be complete before all its resolvers are.
            await context.close()
