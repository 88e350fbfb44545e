"""Looking again at the sign-ins of open streams, many at once: thousands of streams ask every few seconds."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from gridloom.access.models import Account, SignInSession
from gridloom.people.service import staff_actors
from gridloom.work import Actor, CountyView, Works

GATHER_SECONDS = 0.05
MOST = 500

Found = tuple[Actor, datetime]
"""Who a session is, and when it ends."""
Question = tuple[str, str]
"""A session token's digest, and a language."""


async def sessions_now(works: Works, county: CountyView, questions: Sequence[Question]) -> dict[Question, Found]:
    """Who these sessions are at present, in three statements; ended ones and those of people who left are left out."""
    now = works.clock.now()
    async with works.reading(county) as session:
        rows = await session.execute(
            select(SignInSession.token_hash, SignInSession.expires_at, Account.staff_id)
            .join(Account, (Account.tenant_id == county.id) & (Account.id == SignInSession.account_id))
            .where(
                SignInSession.tenant_id == county.id,
                SignInSession.token_hash == any_(literal(list({one[0] for one in questions}), ARRAY(Text()))),
                SignInSession.ended_at.is_(None), SignInSession.expires_at > now, Account.disabled_at.is_(None),
            )
        )
        held = {digest: (staff_id, expires_at) for digest, expires_at, staff_id in rows}
        actors: dict[str, dict[UUID, Actor]] = {}
        for locale in {one[1] for one in questions}:
            staff = list({held[digest][0] for digest, its in questions if its == locale and digest in held})
            actors[locale] = await staff_actors(session, county.id, staff, now, locale)
    found = {}
    for digest, locale in questions:
        staff_id, expires_at = held.get(digest, (None, now))
        if staff_id in actors[locale]:
            found[digest, locale] = (actors[locale][staff_id], expires_at)
    return found


class Again:
    """Gathers questions for a moment and answers those of a county together, one county's after the other's."""

    def __init__(
        self, look: Callable[[CountyView, Sequence[Question]], Awaitable[dict[Question, Found]]]
    ) -> None:
        self._look = look
        self._waiting: dict[UUID, tuple[CountyView, dict[Question, asyncio.Future[Found | None]]]] = {}
        self._pump: asyncio.Task[None] | None = None

    async def ask(self, county: CountyView, question: Question) -> Found | None:
        """Who the session is now, or None."""
        _county, waiting = self._waiting.setdefault(county.id, (county, {}))
        future = waiting.get(question)
        if future is None:
            future = waiting[question] = asyncio.get_running_loop().create_future()
        if self._pump is None:
            self._pump = asyncio.create_task(self._answer())
        return await asyncio.shield(future)

    async def _answer(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(GATHER_SECONDS)
                for tenant in list(self._waiting):
                    county, waiting = self._waiting.pop(tenant)
                    questions = list(waiting)
                    for first in range(0, len(questions), MOST):
                        await self._some(county, {one: waiting[one] for one in questions[first : first + MOST]})
        finally:
            self._pump = None

    async def _some(self, county: CountyView, waiting: dict[Question, "asyncio.Future[Found | None]"]) -> None:
        try:
            found = await self._look(county, list(waiting))
        except Exception as error:
            for future in waiting.values():
                if not future.done():
                    future.set_exception(error)
            return
        for question, future in waiting.items():
            if not future.done():
                future.set_result(found.get(question))
