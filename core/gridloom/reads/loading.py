"""Loads in batches: what resolvers ask for in one turn of the event loop becomes one statement a kind of question."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.reads.ask import Ask, Binds
from gridloom.reads.notation import failure

Opens = Callable[[], AsyncSession]

QUIET_TURNS = 4
"""Turns of the event loop without a new question, after which the batch is sent."""


class Job(ABC):
    """A kind of question, equal for all keys that one statement can answer together."""

    @abstractmethod
    def statement(self, keys: list[Any], ask: Binds) -> Executable:
        """The statement; it may name the bind `keys`, an array of ids."""

    def ids(self, keys: list[Any]) -> list[Any]:
        """Values of the bind `keys`."""
        return keys

    @abstractmethod
    def answers(self, keys: list[Any], rows: Iterable[Mapping[str, Any]]) -> Mapping[Any, Any]:
        """The answer of each key."""


class Loaders:
    """The questions of one request, answered one statement at a time on its one session. Nothing is remembered.

    `opens` makes the session when the first question is asked; whoever made it closes it.
    """

    def __init__(self, ask: Ask | None, opens: Opens | None) -> None:
        self._ask = ask
        self._opens = opens
        self._session: AsyncSession | None = None
        self._lock = asyncio.Lock()
        self._waiting: dict[Job, dict[Hashable, asyncio.Future[Any]]] = {}
        self._asked = 0
        self._pump: asyncio.Task[None] | None = None
        self._closed = False

    def ask(self, job: Job, key: Hashable) -> asyncio.Future[Any]:
        """The answer of this key, together with what else is asked for in this turn."""
        if self._closed:
            raise RuntimeError("the request is over")
        keys = self._waiting.setdefault(job, {})
        if key not in keys:
            keys[key] = asyncio.get_running_loop().create_future()
            self._asked += 1
        if self._pump is None:
            self._pump = asyncio.create_task(self._drain())
        return keys[key]

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """The request's session, for one user at a time."""
        async with self._lock:
            if self._closed:
                raise RuntimeError("the request is over")
            yield self._opened()

    def _opened(self) -> AsyncSession:
        if self._opens is None:
            raise failure("FORBIDDEN", "this caller reads no county")
        if self._session is None:
            self._session = self._opens()
        return self._session

    async def close(self) -> None:
        """Drop what nobody waits for any more (an answer may be complete before its resolvers are) and let go of the
        session: the statement that runs is awaited, no other is sent."""
        self._closed = True
        for waiting in self._waiting.values():
            for future in waiting.values():
                future.cancel()
        self._waiting.clear()
        async with self._lock:
            pass

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._settle()
                async with self._lock:
                    if self._waiting:
                        job = next(iter(self._waiting))
                        await self._answer(job, self._waiting.pop(job))
        finally:
            self._pump = None

    async def _settle(self) -> None:
        quiet, seen = 0, self._asked
        while quiet < QUIET_TURNS:
            await asyncio.sleep(0)
            quiet, seen = (quiet + 1, seen) if seen == self._asked else (0, self._asked)

    async def _answer(self, job: Job, waiting: dict[Hashable, asyncio.Future[Any]]) -> None:
        keys = list(waiting)
        try:
            answers = await self._run(job, keys)
        except Exception as error:
            for future in waiting.values():
                if not future.done():
                    future.set_exception(error)
            return
        for key, future in waiting.items():
            if not future.done():
                future.set_result(answers.get(key))

    async def _run(self, job: Job, keys: list[Any]) -> Mapping[Any, Any]:
        if self._ask is None:
            raise failure("FORBIDDEN", "this caller reads no county")
        statement = job.statement(keys, self._ask.binds())
        found = await self._opened().execute(statement, {**self._ask.parameters(), "keys": job.ids(keys)})
        rows = cast("Sequence[Mapping[str, Any]]", found.mappings().all())
        return job.answers(keys, rows)


class ReadContext:
    """The context of a request: who asks, how its one session (a read-only transaction) is opened when the first read
    needs it, and where writes are opened.

    `ask` and `opens` are None for a caller without county: then only Python fields work.
    """

    def __init__(self, *, ask: Ask | None, opens: Opens | None, works: Any = None) -> None:
        self.ask = ask
        self.works = works
        self.loaders = Loaders(ask, opens)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """The request's session, alone."""
        async with self.loaders.reading() as session:
            yield session

    async def fetch(self, statement: str, parameters: Sequence[Any], *, generic: bool) -> str:
        """The only value of a compiled statement. `generic`: whether one plan serves all parameters."""
        async with self.reading() as session:
            connection = await session.connection()
            found: str = (await connection.exec_driver_sql(statement, tuple(parameters))).scalar_one()
        return found

    async def close(self) -> None:
        """To be awaited before the session is closed."""
        await self.loaders.close()
