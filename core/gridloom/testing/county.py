"""A trial: an empty installation with the plugins under test, and counties made in it for one test."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from gridloom import tables
from gridloom.audit.service import write_entries
from gridloom.behaviours import service as matters
from gridloom.behaviours.county import set_mode, switched
from gridloom.behaviours.models import MatterRow, MatterStepRow
from gridloom.clock import ShiftedClock
from gridloom.clocks.models import ClockRow
from gridloom.clocks.service import seed_calendar, seed_statutory_clocks
from gridloom.config import Settings
from gridloom.contract.host import PluginHost
from gridloom.contract.types import Mode
from gridloom.db import create_engine, role_url
from gridloom.errors import Denied, Refusal
from gridloom.i18n import add_messages
from gridloom.ids import uuid7
from gridloom.outbox import FactRow
from gridloom.people.models import Organization, Staff
from gridloom.people.service import actor_with
from gridloom.security import role_statements, securing_statements
from gridloom.tenancy.service import CountyDirectory, register_county
from gridloom.work import Actor, CountyView, Post, Works

SECRET = bytes(range(32))
START = "2026-11-23T09:00:00+08:00"  # a Monday, in working hours


@dataclass(frozen=True, slots=True)
class Member:
    """A person of staff at work in a county."""

    actor: Actor
    organization: UUID


@dataclass(frozen=True, slots=True)
class Turned:
    """How a step turned out: the matter it was taken on, or why nothing changed (code and path)."""

    matter: UUID | None = None
    state: str | None = None
    version: int | None = None
    problem: str | None = None
    path: tuple[str, ...] = ()
    message: str | None = None


@dataclass
class TrialCounty:
    """One county of a trial, with a court, a justice bureau, a centre and whatever is added."""

    trial: "Trial"
    id: UUID
    organizations: dict[str, UUID] = field(default_factory=dict)

    async def view(self) -> CountyView:
        """The county as requests see it now."""
        self.trial.directory.forget(self.id)
        return await self.trial.works.county(self.id)

    async def has_organization(self, code: str, name: str, kind: str, line: str | None = None, level: int = 2) -> UUID:
        """Add an organisation; `line` is what declarations call it after the @."""
        async with self.trial.works.open(await self.view()) as work:
            row = work.new(
                Organization, id=uuid7(), code=code, name=name, kind=kind, line=line, level=level, parent_id=None,
                grid_id=None, closed_at=None,
            )
        self.organizations[code] = row.id
        return row.id

    async def as_member(self, role: str, code: str, name: str = "杨静") -> Member:
        """A person holding this role at the organisation of that code."""
        organization = self.organizations[code]
        async with self.trial.works.open(await self.view()) as work:
            staff = work.new(Staff, id=uuid7(), name=name, organization_id=organization, left_at=None)
            row = await work.session.get_one(Organization, (work.tenant, organization))
            post = Post(role, organization, row.kind, row.level, None)
        return Member(actor_with(self.id, staff.id, name, (post,)), organization)

    async def switch(self, plugin: str, mode: Mode, settings: Mapping[str, Any] | None = None) -> None:
        """Switch a plugin off, to shadow, or on."""
        async with self.trial.works.open(await self.view()) as work:
            await set_mode(work, plugin, mode, settings)
        await self.view()

    async def begin(
        self, member: Member, plugin: str, element: str, step: str, values: Mapping[str, Any],
        *, parent: UUID | None = None,
    ) -> Turned:
        """Begin a matter (or one under a parent) as that person."""
        try:
            async with self.trial.works.open(await self.view(), member.actor) as work:
                row = await matters.begin(work, plugin, element, step, values, parent_id=parent)
                turned = Turned(row.id, row.state, row.version)
        except (Refusal, Denied) as refused:
            return _refused(refused)
        return turned

    async def take(self, member: Member, matter: Turned, step: str, values: Mapping[str, Any], **more: Any) -> Turned:
        """Take a step of a matter as that person, at the version it had in `matter`."""
        if matter.matter is None or matter.version is None:
            raise AssertionError(f"there is no matter to take {step} of: {matter}")
        try:
            async with self.trial.works.open(await self.view(), member.actor) as work:
                version = more.pop("version", matter.version)
                row = await matters.take(work, matter.matter, step, values, version=version, **more)
                turned = Turned(row.id, row.state, row.version)
        except (Refusal, Denied) as refused:
            return _refused(refused)
        return turned

    async def matter(self, matter: Turned) -> MatterRow:
        """The matter as it stands."""
        async with self.trial.works.reading(await self.view()) as session:
            return await session.get_one(MatterRow, (self.id, matter.matter))

    async def clocks(self, matter: Turned) -> list[ClockRow]:
        """The matter's clocks, oldest first."""
        async with self.trial.works.reading(await self.view()) as session:
            rows = await session.execute(
                select(ClockRow).where(ClockRow.tenant_id == self.id, ClockRow.assignment_id == matter.matter)
                .order_by(ClockRow.id)
            )
            return list(rows.scalars())

    async def history(self, matter: Turned) -> list[MatterStepRow]:
        """The matter's steps, oldest first."""
        async with self.trial.works.reading(await self.view()) as session:
            rows = await session.execute(
                select(MatterStepRow)
                .where(MatterStepRow.tenant_id == self.id, MatterStepRow.matter_id == matter.matter)
                .order_by(MatterStepRow.at, MatterStepRow.id)
            )
            return list(rows.scalars())

    async def facts(self, prefix: str = "") -> list[FactRow]:
        """The county's facts whose type begins so, oldest first."""
        async with self.trial.works.reading(await self.view()) as session:
            rows = await session.execute(
                select(FactRow).where(FactRow.tenant_id == self.id, FactRow.type.startswith(prefix))
                .order_by(FactRow.id)
            )
            return list(rows.scalars())


@dataclass
class Trial:
    """An installation on real servers, with a clock that tests may move."""

    works: Works
    directory: CountyDirectory
    owner: AsyncEngine
    clock: ShiftedClock
    made: int = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, database_url: str, redis_url: str, plugins: Sequence[object]) -> AsyncIterator["Trial"]:
        """Prepare the empty database at this owner's URL and start the plugins in it."""
        settings = Settings(database_url, redis_url, SECRET, Path("/nonexistent"))
        owner = create_engine(database_url.replace("postgresql://", "postgresql+asyncpg://"))
        await _prepare(owner, SECRET)
        host = PluginHost(plugins)
        for folder in host.locale_folders:
            add_messages(folder)
        clock = ShiftedClock()
        clock.move_to(datetime.fromisoformat(START))
        directory = CountyDirectory(SECRET, switched)
        app = role_url(database_url, "app", SECRET)
        works = Works(
            settings, create_engine(app), Redis.from_url(redis_url), clock, host, directory, write_entries,
            create_engine(app, pool_size=2),
        )
        try:
            yield cls(works, directory, owner, clock)
        finally:
            await works.close()
            await owner.dispose()

    async def county(self, *plugins: str) -> TrialCounty:
        """A new county with the usual organisations (centre ZX, court FY, justice SF, police GA), these plugins on."""
        self.made += 1
        code = f"{532900 + self.made}"
        async with self.owner.begin() as connection:
            tenant = await register_county(connection, self.works, code, f"试验县{self.made}")
        county = TrialCounty(self, tenant)
        async with self.works.open(tenant) as work:
            await seed_calendar(work)
            await seed_statutory_clocks(work)
        for one in (
            ("ZX", "县综治中心", "CENTRE", None), ("FY", "县人民法院", "DEPARTMENT", "court"),
            ("SF", "县司法局", "DEPARTMENT", "justice"), ("GA", "县公安局", "DEPARTMENT", "police"),
        ):
            await county.has_organization(*one)
        for plugin in plugins:
            await county.switch(plugin, Mode.ON)
        return county


def _refused(refused: Refusal | Denied) -> Turned:
    path = refused.path if isinstance(refused, Refusal) else ()
    return Turned(problem=str(refused.code), path=path, message=refused.message_id)


async def _prepare(owner: AsyncEngine, secret: bytes) -> None:
    database = owner.url.database or "gridloom"
    async with owner.begin() as connection:
        for statement in role_statements(database, secret):
            await connection.exec_driver_sql(statement)
        await connection.run_sync(tables.metadata.create_all)
        for table in tables.metadata.sorted_tables:
            for statement in securing_statements(table, database):
                await connection.exec_driver_sql(statement)
