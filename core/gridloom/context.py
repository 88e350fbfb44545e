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
    """One request: who asks, in which county and language, and the session that its reads share once one needs it."""

    def __init__(self, works: Works, county: CountyView, actor: Actor, locale: str) -> None:
        ask = Ask(tenant=county.id, actor=actor.id, scopes=actor.scopes, can=actor.can, now=works.clock.now())
        super().__init__(ask=ask, opens=self._open, works=works)
        self._session: AsyncSession | None = None
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

    def _open(self) -> AsyncSession:
        self._session = self.works.sessions(info={"tenant": self.tenant, "read_only": True})
        return self._session

    async def close(self) -> None:
        await super().close()
        if self._session is not None:
            await self._session.close()

    async def fetch(self, statement: str, parameters: Sequence[Any], *, generic: bool) -> str:
        return await self.works.lane.fetch(self.tenant, statement, parameters, generic=generic)


Info = strawberry.Info[RequestContext, Any]


@asynccontextmanager
async def request_context(
    works: Works, county: CountyView, actor: Actor, locale: str
) -> AsyncIterator[RequestContext]:
    """A context of its own; no session is opened and no connection taken before the first read."""
    context = RequestContext(works, county, actor, locale)
    try:
        yield context
    finally:
        # An answer with errors may be complete before all its resolvers are.
        await context.close()
