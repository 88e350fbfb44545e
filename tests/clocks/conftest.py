"""A county with a calendar and legal limits in a real database, under the app role, at a time that the test sets."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from gridloom.audit import models as audit_models
from gridloom.audit.service import write_entries
from gridloom.clocks import models
from gridloom.clocks.counting import show_facts_to
from gridloom.clocks.service import Limit, Unit, seed_calendar, seed_statutory_clocks, start_clock
from gridloom.config import Settings
from gridloom.contract.host import PluginHost
from gridloom.crypto import CountyCipher
from gridloom.db import Base, create_engine, role_url
from gridloom.ids import uuid7
from gridloom.lane import ReadLane
from gridloom.live import LiveHub
from gridloom.outbox import Due, FactRow
from gridloom.security import role_statements, securing_statements
from gridloom.work import CountyView, Work, Works

DATABASE = "clocks_under_test"
OWN_MODULES = {"gridloom.outbox", audit_models.__name__, models.__name__}
SHANGHAI = ZoneInfo("Asia/Shanghai")
SCOPE = UUID(int=7)


def at(moment: str) -> datetime:
    """A moment of Midu, as `2026-03-02 10:00`."""
    return datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI).astimezone(UTC)


@dataclass
class SetClock:
    """A clock that stands where the test puts it."""

    moment: datetime = field(default_factory=lambda: at("2026-03-02 10:00"))

    def now(self) -> datetime:
        return self.moment


class Counties:
    """The counties of this test run; clocks need no keys."""

    def __init__(self) -> None:
        self.views: dict[UUID, CountyView] = {}

    async def view(self, works: Works, tenant: UUID) -> CountyView:
        return self.views[tenant]

    def cipher(self, tenant: UUID) -> CountyCipher:
        raise KeyError(tenant)


@dataclass
class TestCounty:
    """A county under test; `now` moves its time."""

    __test__ = False
    works: Works
    view: CountyView
    clock: SetClock

    def now(self, moment: str) -> None:
        self.clock.moment = at(moment)

    def open(self) -> AbstractAsyncContextManager[Work]:
        return self.works.open(self.view)

    async def start(self, value: int, unit: Unit, **values: object) -> UUID:
        """Start a service clock in a transaction of its own."""
        given = {"case_id": uuid7(), "kind": "SERVICE", "code": "handle", "label": "办理时限", **values}
        async with self.open() as work:
            return (await start_clock(work, limit=Limit(value, unit), **given)).id

    async def row(self, clock_id: UUID) -> models.ClockRow:
        async with self.works.reading(self.view) as session:
            return (await session.execute(
                select(models.ClockRow).where(
                    models.ClockRow.tenant_id == self.view.id, models.ClockRow.id == clock_id
                )
            )).scalar_one()

    async def due(self) -> dict[UUID, datetime]:
        """What waits for the worker: clocks, and the county's own id for its calendar."""
        async with self.works.reading(self.view) as session:
            rows = await session.execute(
                select(Due.id, Due.due_at).where(Due.tenant_id == self.view.id, Due.kind == "clock")
            )
            return {row.id: row.due_at for row in rows}

    async def facts(self) -> list[tuple[str, str | None]]:
        """Type and clock of each fact: by time, what happened at one moment by type."""
        async with self.works.reading(self.view) as session:
            rows = (await session.execute(
                select(FactRow).where(FactRow.tenant_id == self.view.id).order_by(FactRow.at, FactRow.type)
            )).scalars()
            return [(row.type, row.data.get("clock_id")) for row in rows]


@pytest.fixture(scope="session")
async def clock_database(postgres_url: str) -> AsyncIterator[str]:
    """The owner's URL of a database with the tables that clocks need, secured as everywhere."""
    admin = create_engine(make_url(postgres_url).set(drivername="postgresql+asyncpg"))
    async with admin.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)'))
        await connection.execute(text(f'CREATE DATABASE "{DATABASE}"'))
    url = make_url(postgres_url).set(drivername="postgresql+asyncpg", database=DATABASE)
    owner = create_engine(url)
    classes = {mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__module__ in OWN_MODULES}
    names = {one.__tablename__ for one in classes}
    tables = [table for table in Base.metadata.sorted_tables if table.name in names or table.info.get("head")]
    async with owner.begin() as connection:
        await connection.run_sync(lambda sync: Base.metadata.create_all(sync, tables=tables))
        for statement in role_statements(DATABASE, bytes(32)):
            await connection.exec_driver_sql(statement)
        for table in tables:
            for statement in securing_statements(table, DATABASE):
                await connection.exec_driver_sql(statement)
    await owner.dispose()
    yield url.render_as_string(hide_password=False)
    await admin.dispose()


@pytest.fixture(scope="session")
async def clock_works(clock_database: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory):
    settings = Settings(clock_database, redis_url, bytes(32), Path(tmp_path_factory.mktemp("clocks")))
    app, redis = create_engine(role_url(clock_database, "app", bytes(32))), Redis.from_url(redis_url)
    works = Works(
        settings=settings, engine=app, side_engine=app, redis=redis, clock=SetClock(), host=PluginHost(),
        counties=Counties(), write_audit=write_entries,
        lane=ReadLane(role_url(clock_database, "app", bytes(32)), 1), live=LiveHub(redis),
    )
    yield works
    await works.close()


@pytest.fixture
async def county(clock_works: Works) -> TestCounty:
    view = CountyView(uuid7(), "532925", "弥渡县", "Asia/Shanghai", "ACTIVE")
    clock_works.counties.views[view.id] = view
    clock_works.clock.moment = at("2026-03-02 10:00")
    async with clock_works.open(view) as work:
        await seed_calendar(work)
        await seed_statutory_clocks(work)

    async def everybody(work: Work, case_ids: list[UUID]) -> dict[UUID, tuple[UUID, ...]]:
        return {one: (SCOPE,) for one in case_ids}

    show_facts_to(everybody)
    return TestCounty(clock_works, view, clock_works.clock)
