"""Live changes of a county: read once in each process, handed to every open stream that may know of them.

One reader a county looks when there is news (or every two seconds), behind its own position. What it reads of a fact says
who may know of it by the same rule as `read_facts`: the scopes of then, and of now where the case is sealed or the fact
names none. Each stream has a short list of its own; one that is too slow, or begins at an earlier cursor, reads by itself.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from gridloom.cases.models import CaseRow, CaseScope
from gridloom.feed.service import newest_position
from gridloom.outbox import FactPosition, FactRow
from gridloom.work import CountyView, Works

logger = logging.getLogger(__name__)
LOOK_SECONDS = 2.0
BATCH = 500
MOST_PENDING = 200


@dataclass(frozen=True, slots=True)
class Change:
    """A fact of a case, for one who may know of it. `sees`: whether they see the case now; `sealed`: see `CaseRow`."""

    position: int
    type: str
    at: datetime
    case_id: UUID
    sees: bool
    sealed: bool


class Listener:
    """One open stream: whose scopes, under which grid, and what waits for it.

    `behind`: something was left out of the list; the stream reads from its cursor on by itself. `start`: the position from
    which on it was told everything.
    """

    __slots__ = ("behind", "news", "pending", "scopes", "start", "under")

    def __init__(self, scopes: Collection[UUID], under: UUID | None, *, behind: bool) -> None:
        self.scopes = frozenset(scopes)
        self.under = under
        self.behind = behind
        self.start = 0
        self.pending: deque[Change] = deque()
        self.news = asyncio.Event()

    def take(self, change: Change) -> None:
        """Let the stream have it."""
        if not self.behind:
            if len(self.pending) < MOST_PENDING:
                self.pending.append(change)
            else:
                self.pending.clear()
                self.behind = True
        self.news.set()


class CountyChanges:
    """The one reader of a county in this process; it runs while somebody listens."""

    def __init__(self, works: Works, tenant: UUID) -> None:
        self._works = works
        self._tenant = tenant
        self._by_scope: dict[UUID, set[Listener]] = {}
        self._listeners = 0
        self._position = 0
        self._starting = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def listen(
        self, scopes: Collection[UUID], under: UUID | None, *, behind: bool
    ) -> AsyncIterator[Listener]:
        """A listener; everything that is delivered from now on reaches it, or sets `behind`."""
        listener = Listener(scopes, under, behind=behind)
        self._listeners += 1
        for scope in listener.scopes:
            self._by_scope.setdefault(scope, set()).add(listener)
        try:
            running, listener.start = self._task is not None, self._position
            await self._start()
            if not running:
                listener.start = self._position
            yield listener
        finally:
            self._leave(listener)

    def _leave(self, listener: Listener) -> None:
        for scope in listener.scopes:
            others = self._by_scope.get(scope, set())
            others.discard(listener)
            if not others:
                self._by_scope.pop(scope, None)
        self._listeners -= 1
        if not self._listeners and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _start(self) -> None:
        async with self._starting:
            if self._task is None:
                async with self._works.reading(self._tenant) as session:
                    self._position = await newest_position(session, self._tenant)
                self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        news = self._works.live.waiter(self._tenant)
        try:
            while True:
                news.clear()
                try:
                    full = await self._look() == BATCH
                except (SQLAlchemyError, OSError):
                    logger.exception("news of county %s could not be read; it is tried again", self._tenant)
                    full = False
                if not full:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_SECONDS):
                            await news.wait()
        finally:
            self._works.live.release(self._tenant, news)

    async def _look(self) -> int:
        """Hand out what was delivered since the last look, at most 500 facts; how many those were."""
        tenant = self._tenant
        scopes = (
            select(func.array_agg(CaseScope.scope_id))
            .where(CaseScope.tenant_id == tenant, CaseScope.case_id == FactRow.case_id, CaseScope.until.is_(None))
            .scalar_subquery()
        )
        statement = (
            select(
                FactPosition.position, FactRow.type, FactRow.at, FactRow.case_id, FactRow.scopes.label("then"),
                scopes.label("now"), CaseRow.sealed, CaseRow.path,
            )
            .join(FactRow, (FactRow.tenant_id == tenant) & (FactRow.id == FactPosition.fact_id))
            .outerjoin(CaseRow, (CaseRow.tenant_id == tenant) & (CaseRow.id == FactRow.case_id))
            .where(FactPosition.tenant_id == tenant, FactPosition.position > self._position)
            .order_by(FactPosition.position)
            .limit(BATCH)
        )
        async with self._works.reading(tenant) as session:
            rows = (await session.execute(statement)).all()
        for row in rows:
            if row.case_id is not None:
                self._hand_out(row)
            self._position = row.position
        return len(rows)

    def _hand_out(self, row: Any) -> None:
        now = frozenset(row.now or ())
        known_to = now if row.then is None else row.then
        listeners = {listener for scope in known_to for listener in self._by_scope.get(scope, ())}
        if not listeners:
            return
        path = frozenset(row.path or ())
        sealed = bool(row.sealed)
        seen, unseen = (Change(row.position, row.type, row.at, row.case_id, sees, sealed) for sees in (True, False))
        for listener in listeners:
            sees = not now.isdisjoint(listener.scopes)
            if (sees or not sealed) and (listener.under is None or listener.under in path):
                listener.take(seen if sees else unseen)


def changes_of(works: Works, county: CountyView) -> CountyChanges:
    """The county's reader in this process."""
    return works.live.shared(("changes", county.id), lambda: CountyChanges(works, county.id))
