"""The unit of work: one transaction, one actor, one county, the facts that come of it. Only this module commits."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from gridloom.clock import Clock
from gridloom.config import Settings
from gridloom.contract.host import PluginHost, Switched
from gridloom.contract.types import Mode
from gridloom.crypto import CountyCipher
from gridloom.db import TenantRow, session_factory
from gridloom.driver import send
from gridloom.heads import Heads, read_heads
from gridloom.ids import uuid7
from gridloom.lane import ReadLane
from gridloom.live import LiveHub
from gridloom.lookup import Lookup
from gridloom.numbers import NumberBlocks
from gridloom.outbox import Due, FactRow
from gridloom.writing import Writes, keep

logger = logging.getLogger(__name__)

ActorKind = Literal["user", "client", "citizen", "system"]
Row = TypeVar("Row", bound=TenantRow)
WAKE_CHANNEL = "gridloom:wake"
WAKE_SECONDS = 0.5
WAKE_PAUSE_SECONDS = 0.02
SYSTEM_ACTOR_ID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Post:
    """A role at an organisation and/or a grid subtree."""

    role: str
    organization_id: UUID | None = None
    organization_kind: str | None = None
    organization_level: int | None = None
    grid_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `scopes` are the ids (own, organisations', grids') whose visibility rows open a case; `can` the permissions."""

    id: UUID
    kind: ActorKind
    tenant: UUID
    name: str
    locale: str = "zh-CN"
    posts: tuple[Post, ...] = ()
    can: frozenset[str] = frozenset()
    scopes: tuple[UUID, ...] = ()

    def organizations(self, *roles: str) -> tuple[UUID, ...]:
        """The organisations at which the actor holds one of these roles (any role where none is named)."""
        return tuple(
            post.organization_id
            for post in self.posts
            if post.organization_id is not None and (not roles or post.role in roles)
        )


@dataclass(frozen=True, slots=True)
class CountyView:
    """What a request must know of its county; cached for seconds."""

    id: UUID
    code: str
    name: str
    time_zone: str
    state: str
    switched: tuple[Switched, ...] = ()

    @property
    def plugins(self) -> frozenset[str]:
        """Keys of the plugins that are on."""
        return frozenset(one.key for one in self.switched if one.mode is Mode.ON)


@dataclass(slots=True)
class AuditEntry:
    """One row for the audit chain: ids and digests only, no personal values."""

    action: str
    subject: str
    subject_id: UUID | None
    purpose: str | None
    ids: dict[str, Any]


class Work:
    """One transaction. Services read and write through it; it ends with `Works.open`.

    Rows are read by `look` (what a step only needs to know) or through `session` (rows that it goes on to change); what it
    writes waits in `session` and in `writes`, and is sent at the end, together. `flush` sends it earlier, where a statement
    of the step's own builds on it.
    """

    def __init__(self, session: AsyncSession, county: CountyView, actor: Actor, now: datetime, works: "Works") -> None:
        self.session = session
        self.county = county
        self.tenant = county.id
        self.actor = actor
        self.now = now
        self.works = works
        self.host = works.host
        self.writes = Writes(self.tenant)
        self._driver: Any = None
        self._heads: Heads | None = None
        self._facts: list[dict[str, Any]] = []
        self._audits: list[AuditEntry] = []

    @property
    def cipher(self) -> CountyCipher:
        """The county's cipher for personal fields."""
        return self.works.cipher_of(self.tenant)

    async def look(self, lookup: Lookup, **values: Any) -> list[Any]:
        """The rows a lookup finds in this county: the driver's records, `row["column"]`."""
        return await self._send(lookup.text, lookup.values({"tenant": self.tenant, **values}))

    async def look_one(self, lookup: Lookup, **values: Any) -> Any | None:
        """The first of them, or None."""
        rows = await self.look(lookup, **values)
        return rows[0] if rows else None

    async def heads(self, key: str | None = None) -> Heads:
        """What says which of the county's kept data are current, read once; with it the answer kept under a key."""
        if self._heads is None or (key is not None and self._heads.key != key):
            self._heads = await read_heads(self.look, self.actor.id, key)
        return self._heads

    def new(self, model: type[Row], **values: Any) -> Row:
        """A row of this county, added to the transaction."""
        row = model(tenant_id=self.tenant, **values)
        self.session.add(row)
        return row

    @property
    def has_news(self) -> bool:
        """Whether a worker has something to do afterwards: facts to deliver, audit rows to seal."""
        return bool(self._facts) or bool(self._audits)

    def fact(
        self, type: str, case_id: UUID | None = None, *, scopes: tuple[UUID, ...] | None = None, **data: Any
    ) -> UUID:
        """Record that something happened; delivered after commit. `data` holds ids and public fields only."""
        fact_id = uuid7()
        self._facts.append({
            "id": fact_id, "type": type, "at": self.now, "case_id": case_id,
            "actor_id": self.actor.id, "data": data, "scopes": list(scopes) if scopes is not None else None,
        })
        return fact_id

    def audit(
        self, action: str, subject: str, subject_id: UUID | None, *, purpose: str | None = None, **ids: Any
    ) -> None:
        """Note for the audit chain what was done to what."""
        self._audits.append(AuditEntry(action, subject, subject_id, purpose, ids))

    async def flush(self) -> None:
        """Send the rows that are pending so far; facts and audit rows wait for the end."""
        made = self.writes.adopt(self.session)
        await self.session.flush()
        await self._write()
        keep(self.session, made)

    async def flush_pending(self, model: type[TenantRow]) -> None:
        """The same, where rows of this table are pending: before a statement that must see them."""
        waiting = (*self.session.new, *self.session.dirty)
        if self.writes.holds(model) or any(isinstance(row, model) for row in waiting):
            await self.flush()

    async def finish(self) -> None:
        """Send everything that is pending. The transaction is ready to be committed, and this work is over."""
        if self._facts:
            self.writes.insert(FactRow, self._facts)
            self.writes.put(Due, [{"kind": "fact", "id": fact["id"], "due_at": fact["at"]} for fact in self._facts])
        if self._audits:
            self.works.write_audit(self, self._audits)
        if self.session.deleted:
            await self.flush()
        await self._write()

    async def _write(self) -> None:
        for text, values in self.writes.take(self.session):
            await self._send(text, values)

    async def _send(self, text: str, values: list[Any]) -> list[Any]:
        if self._driver is None:
            connection = await self.session.connection()
            self._driver = (await connection.get_raw_connection()).driver_connection
        return await send(self._driver, text, values)


@dataclass
class Works:
    """Opens units of work and read transactions; the one place that holds engine, Redis, clock and keys."""

    settings: Settings
    engine: AsyncEngine
    redis: "Redis"
    clock: Clock
    host: PluginHost
    counties: "Counties"
    write_audit: Callable[[Work, Sequence[AuditEntry]], None]
    side_engine: AsyncEngine
    lane: ReadLane
    live: LiveHub
    sessions: async_sessionmaker[AsyncSession] = field(init=False)
    _woken: set[UUID] = field(init=False, default_factory=set)
    _waking: asyncio.Task[None] | None = field(init=False, default=None)
    numbers: NumberBlocks = field(init=False)

    def __post_init__(self) -> None:
        self.sessions = session_factory(self.engine)
        # Short transactions made while another is open take their connections elsewhere: one pool could lock itself up.
        self.numbers = NumberBlocks(session_factory(self.side_engine))

    @asynccontextmanager
    async def open(
        self, county: CountyView | UUID, actor: Actor | None = None, *, at: datetime | None = None
    ) -> AsyncIterator[Work]:
        """A unit of work of a county; committed at the end of the block, rolled back when it raises.

        `at` is for histories entered after the fact: the moment the work counts as done.
        """
        view = await self.county(county)
        async with self.sessions(info={"tenant": view.id}) as session:
            work = Work(session, view, actor or system_actor(view.id), at or self.clock.now(), self)
            yield work
            happened = work.has_news
            await work.finish()
            await session.commit()
        if happened:
            self.wake(view.id)

    @asynccontextmanager
    async def reading(self, county: CountyView | UUID) -> AsyncIterator[AsyncSession]:
        """A read-only transaction of a county; it takes a connection with its first statement."""
        view = await self.county(county)
        async with self.sessions(info={"tenant": view.id, "read_only": True}) as session:
            yield session

    @asynccontextmanager
    async def platform(self) -> AsyncIterator[AsyncSession]:
        """A read transaction outside any county: reference tables only (row-level security hides all else)."""
        async with self.sessions(info={"platform": True}) as session:
            yield session

    async def county(self, county: CountyView | UUID) -> CountyView:
        """The present view of a county. Raises `Denied` NOT_FOUND when there is none."""
        return county if isinstance(county, CountyView) else await self.counties.view(self, county)

    def cipher_of(self, tenant: UUID) -> CountyCipher:
        """The cipher of a county whose view was read before."""
        return self.counties.cipher(tenant)

    def wake(self, tenant: UUID) -> None:
        """Let the workers be told that this county has something to deliver; nobody waits for it."""
        self._woken.add(tenant)
        if self._waking is None:
            self._waking = asyncio.create_task(self._wake_workers())

    async def _wake_workers(self) -> None:
        """Tell them, county by county, what came meanwhile in one go. Losing the message only costs a sweep."""
        try:
            while self._woken:
                tenants, self._woken = self._woken, set()
                async with asyncio.timeout(WAKE_SECONDS):
                    for tenant in tenants:
                        await self.redis.publish(WAKE_CHANNEL, str(tenant))
                await asyncio.sleep(WAKE_PAUSE_SECONDS)
        except (RedisError, TimeoutError, OSError):
            logger.warning("could not wake the workers; the sweep will find it")
        finally:
            self._waking = None

    async def close(self) -> None:
        """Give back connections."""
        if self._waking is not None:
            await self._waking
        await self.live.stop()
        await self.lane.close()
        await self.engine.dispose()
        await self.side_engine.dispose()
        await self.redis.aclose()


class Counties(Protocol):
    """Looks up county views and keys; the tenancy slice implements it and hands it to `Works`."""

    async def view(self, works: Works, tenant: UUID) -> CountyView:
        """The county's view, at most seconds old. Raises `Denied` NOT_FOUND."""
        ...

    def cipher(self, tenant: UUID) -> CountyCipher:
        """The cipher of a county whose view was read before."""
        ...


def system_actor(tenant: UUID) -> Actor:
    """The service itself (worker, migrations, provisioning)."""
    return Actor(SYSTEM_ACTOR_ID, "system", tenant, "系统", can=frozenset({"system"}))
