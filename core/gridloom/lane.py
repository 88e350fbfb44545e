"""The lane of compiled reads: connections of their own, and three round trips a read.

A compiled read is one statement. What surrounds it (a session, a pool's reset, a transaction opened in four steps) would cost
more processor time than the read itself; here it is: begin for a county, the statement, the end.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.engine import URL, Dialect

from gridloom.db import SERVER_SETTINGS
from gridloom.driver import TENANT_SETTING

STATEMENTS = 200
"""Prepared statements a connection keeps; the least used are forgotten."""
LONGEST_KEPT = 64_000
"""Characters of the longest statement that is kept prepared."""

END_SECONDS = 2.0


class ReadLane:
    """A pool of connections of the app role that read for one county at a time, in a read-only transaction."""

    def __init__(self, url: URL, size: int) -> None:
        self._url = url
        self._dialect: Dialect = url.get_dialect()()
        self._size = size
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def fetch(self, tenant: UUID, statement: str, parameters: Sequence[Any], *, generic: bool) -> str:
        """The only value of the only row. `generic`: whether one plan serves all parameters.

        Raises `asyncpg.PostgresError`, `OSError`; when cancelled, the statement is cancelled in the database.
        """
        plans = "force_generic_plan" if generic else "force_custom_plan"
        async with self._connection() as connection:
            await connection.execute(
                f"BEGIN READ ONLY; SET LOCAL \"{TENANT_SETTING}\" = '{tenant}'; SET LOCAL plan_cache_mode = {plans}"
            )
            try:
                found: str = await connection.fetchval(statement, *parameters)
            finally:
                await _end(connection)
        return found

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        pool = self._pool or await self._open()
        async with pool.acquire() as connection:
            yield connection

    async def _open(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                _, where = self._dialect.create_connect_args(self._url)
                self._pool = await asyncpg.create_pool(
                    **where, min_size=0, max_size=self._size, reset=_as_it_is, statement_cache_size=STATEMENTS,
                    max_cached_statement_lifetime=0, max_cacheable_statement_size=LONGEST_KEPT,
                    server_settings=SERVER_SETTINGS,
                )
            return self._pool

    async def close(self) -> None:
        """Give the connections back."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None


async def _end(connection: Any) -> None:
    """End the transaction; a connection that cannot say so is thrown away."""
    try:
        await connection.execute("ROLLBACK", timeout=END_SECONDS)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        connection.terminate()


async def _as_it_is(_connection: Any) -> None:
    """Every read ends its transaction, and sets nothing outside it: there is nothing to reset."""
