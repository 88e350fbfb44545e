"""Bringing a database to the present schema: roles, tables, policies, grants. Runs as the owner, never as the app."""

from importlib import resources

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from gridloom.config import Settings
from gridloom.db import role_name
from gridloom.security import owner_statements, role_statements, securing_statements
from gridloom.tables import metadata

# Two processes that start together must not migrate together; one session lock of the whole database, held for the run.
MIGRATION_LOCK = 7239


def owner_engine(settings: Settings) -> AsyncEngine:
    """An engine of the administrator that the settings name; connections are closed after use."""
    url = make_url(settings.database_url).set(drivername="postgresql+asyncpg")
    return create_async_engine(url, poolclass=NullPool, connect_args={"server_settings": {"timezone": "UTC"}})


async def upgrade(settings: Settings) -> None:
    """Make roles and bring the schema up to date. Safe to run again, and from several processes at once."""
    engine = owner_engine(settings)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            database = str((await connection.execute(text("SELECT current_database()"))).scalar_one())
            for statement in (*role_statements(database, settings.secret_key), *owner_statements(database)):
                await connection.exec_driver_sql(statement)
            await connection.exec_driver_sql(f'SET LOCAL ROLE "{role_name(database, "owner")}"')
            await connection.run_sync(run_migrations)
            await _secure(connection, database)
    finally:
        await engine.dispose()


def run_migrations(connection: Connection) -> None:
    """Run what the database lacks, on a connection that may create tables."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(resources.files("gridloom") / "migrations"))
    command.upgrade(config, "head")


async def _secure(connection: AsyncConnection, database: str) -> None:
    for table in metadata.sorted_tables:
        for statement in securing_statements(table, database):
            await connection.exec_driver_sql(statement)
