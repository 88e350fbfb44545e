"""Bringing a database to the present schema: roles, tables, policies, grants. Runs as the owner, never as the app."""

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from gridloom.config import Settings
from gridloom.security import role_statements, securing_statements
from gridloom.tables import metadata


def owner_engine(settings: Settings) -> AsyncEngine:
    """An engine of the owner; connections are closed after use."""
    url = make_url(settings.database_url).set(drivername="postgresql+asyncpg")
    return create_async_engine(url, poolclass=NullPool, connect_args={"server_settings": {"timezone": "UTC"}})


async def upgrade(settings: Settings) -> None:
    """Make roles and bring the schema up to date. Safe to run again, and from several processes at once."""
    engine = owner_engine(settings)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(7239)"))
            await _roles(connection, settings)
            await connection.run_sync(metadata.create_all)
            await _secure(connection)
    finally:
        await engine.dispose()


async def _roles(connection: AsyncConnection, settings: Settings) -> None:
    database = (await connection.execute(text("SELECT current_database()"))).scalar_one()
    for statement in role_statements(database, settings.secret_key):
        await connection.exec_driver_sql(statement)


async def _secure(connection: AsyncConnection) -> None:
    database = (await connection.execute(text("SELECT current_database()"))).scalar_one()
    for table in metadata.sorted_tables:
        for statement in securing_statements(table, database):
            await connection.exec_driver_sql(statement)
