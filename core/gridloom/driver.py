"""Straight to the driver: what is sent on every request goes past SQLAlchemy's execution, on the same connection.

A transaction begins with its settings in one message. Statements travel as text and values; errors come back as SQLAlchemy's.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError

TENANT_SETTING = "gridloom.tenant"
DIALECT: Dialect = PGDialect_asyncpg()  # type: ignore[no-untyped-call]


class _Begun:
    """A transaction that is open already, in the place where SQLAlchemy's adapter keeps the one it opens itself."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    async def start(self) -> None:
        """It was begun by `begin`."""

    async def commit(self) -> None:
        await self._driver.execute("COMMIT")

    async def rollback(self) -> None:
        await self._driver.execute("ROLLBACK")


def begin(adapted: Any, tenant: UUID, *, read_only: bool) -> None:
    """Begin a county's transaction on SQLAlchemy's adapted connection, its setting in the same message.

    To be called where SQLAlchemy may wait (inside its greenlet). A transaction that is open already gets the setting.
    """
    setting = f"SET LOCAL \"{TENANT_SETTING}\" = '{tenant}'"
    if adapted._transaction is not None:
        adapted.run_async(lambda driver: driver.execute(setting))
        return
    # Entered first: whatever becomes of the message, the connection is rolled back before anybody else gets it.
    adapted._transaction = _Begun(adapted.driver_connection)
    opening = "BEGIN READ ONLY" if read_only else "BEGIN"
    adapted.run_async(lambda driver: driver.execute(f"{opening}; {setting}"))


async def send(driver: Any, text: str, values: Sequence[Any]) -> list[Any]:
    """Run one statement; its rows as the driver's records. Raises SQLAlchemy's errors, without text or values."""
    try:
        rows: list[Any] = await driver.fetch(text, *values)
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(None, None, error, hide_parameters=True) from error
    except asyncpg.PostgresError as error:
        raise DBAPIError(None, None, error, hide_parameters=True) from error
    return rows
