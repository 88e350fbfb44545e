"""An installation of its own on the run's servers, with counties in it: what the grid and catalogue tests stand on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from gridloom import outbox
from gridloom.audit import models as audit_models
from gridloom.audit.service import write_entries
from gridloom.catalogue import models as catalogue_models
from gridloom.clock import ShiftedClock
from gridloom.config import Settings
from gridloom.contract.host import PluginHost, Switched
from gridloom.db import Base, create_engine, role_url
from gridloom.grid import models as grid_models
from gridloom.ids import uuid7
from gridloom.lane import ReadLane
from gridloom.live import LiveHub
from gridloom.people import models as people_models
from gridloom.people.models import Organization
from gridloom.security import role_statements, securing_statements
from gridloom.tenancy import models as tenancy_models
from gridloom.tenancy.service import CountyDirectory, register_county
from gridloom.work import CountyView, Work, Works

SECRET = bytes(range(32))
START = datetime.fromisoformat("2026-11-23T09:00:00+08:00")
MODULES = (outbox, audit_models, tenancy_models, people_models, grid_models, catalogue_models)


@dataclass
class Installation:
    """Real PostgreSQL with row-level security, used as the app role; the clock can be moved."""

    works: Works
    owner: AsyncEngine
    clock: ShiftedClock
    made: int = 0

    async def county(self, code: str | None = None) -> CountyView:
        """A new county; without a code one that nobody else has."""
        self.made += 1
        given = code or f"9{self.made:05d}"
        async with self.owner.begin() as connection:
            tenant = await register_county(connection, self.works, given, f"县{given}")
        return await self.works.county(tenant)


@asynccontextmanager
async def installation(postgres_url: str, redis_url: str, database: str) -> AsyncIterator[Installation]:
    """A new database of that name on the server, with the tables of the lower slices."""
    server = make_url(postgres_url).set(drivername="postgresql+asyncpg")
    admin = create_engine(server)
    async with admin.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {database}"))
        await connection.execute(text(f"CREATE DATABASE {database}"))
    await admin.dispose()
    own = server.set(database=database)
    owner = create_engine(own)
    await _prepare(owner, database)
    clock = ShiftedClock()
    clock.move_to(START)
    url = own.render_as_string(hide_password=False)
    app = role_url(url, "app", SECRET)
    redis = Redis.from_url(redis_url)
    works = Works(
        settings=Settings(url, redis_url, SECRET, Path("/nonexistent")), engine=create_engine(app), redis=redis,
        clock=clock, host=PluginHost([]), counties=CountyDirectory(SECRET, _no_plugins), write_audit=write_entries,
        side_engine=create_engine(app, pool_size=2), lane=ReadLane(app, 1), live=LiveHub(redis),
    )
    try:
        yield Installation(works, owner, clock)
    finally:
        await works.close()
        await owner.dispose()


async def _no_plugins(_session: AsyncSession, _tenant: UUID, _host: PluginHost) -> tuple[Switched, ...]:
    return ()


async def _prepare(owner: AsyncEngine, database: str) -> None:
    names = {
        model.__tablename__ for module in MODULES for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, Base) and hasattr(model, "__table__")
    }
    tables = [table for table in Base.metadata.sorted_tables if table.name in names or table.info.get("head")]
    async with owner.begin() as connection:
        for statement in role_statements(database, SECRET):
            await connection.exec_driver_sql(statement)
        await connection.run_sync(Base.metadata.create_all, tables=tables)
        for table in tables:
            for statement in securing_statements(table, database):
                await connection.exec_driver_sql(statement)


def add_organization(work: Work, code: str, name: str, kind: str, grid_id: UUID | None = None) -> Organization:
    """An open organisation of the county."""
    return work.new(
        Organization, id=uuid7(), code=code, name=name, kind=kind, line=None, level=2, parent_id=None, grid_id=grid_id,
        closed_at=None,
    )
