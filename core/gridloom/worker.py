"""The worker: delivers facts, fires clocks, counts figures, seals the audit chain. Any number may run; losing Redis only
slows them.

Clocks and facts go in lanes of their own, so that a slow plugin holds up no clock. In both every county has its turn: one
with much to do comes again after the others.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from gridloom.audit.service import seal
from gridloom.clocks.counting import DUE_KIND as CLOCK
from gridloom.clocks.firing import A_TURN, fire_due
from gridloom.db import create_engine, role_url
from gridloom.feed.plugins import feed_plugins
from gridloom.feed.service import deliver
from gridloom.files.store import FolderStore
from gridloom.files.sweep import Sweeper
from gridloom.insight.service import keep_figures
from gridloom.outbox import DUE_KINDS, Due
from gridloom.runtime import Service, learn_time
from gridloom.work import WAKE_CHANNEL

logger = logging.getLogger(__name__)
SWEEP_SECONDS = 2.0
CLOCK_SECONDS = 0.25
"""How often a worker looks for clocks that are due: one look-up in an index."""
REST_SECONDS = 0.05
"""Between two turns of the lane of facts, so that what happens meanwhile is delivered together."""
TIME_SECONDS = 30.0
FILES_FIRST_SECONDS, FILES_SECONDS = 600.0, 6 * 3600.0
FEW = 3
ROUNDS = 4
AT_ONCE = 4
FACT_KINDS = tuple(kind for kind in DUE_KINDS if kind != CLOCK)


class Worker:
    """One worker process's loops."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._woken: set[UUID] = set()
        self._wake = asyncio.Event()
        self._stopping = False
        self._turn: list[UUID] = []
        self._reader: AsyncEngine = create_engine(
            role_url(service.settings.database_url, "reader", service.settings.secret_key), pool_size=2
        )

    async def run(self) -> None:
        """Work until cancelled or stopped."""
        tasks = [asyncio.create_task(one) for one in (self._listen(), self._keep_time(), self._sweep_files())]
        try:
            async with asyncio.TaskGroup() as lanes:
                lanes.create_task(self._fire_clocks())
                lanes.create_task(self._pass_facts())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._reader.dispose()

    def stop(self) -> None:
        """End after the county at hand."""
        self._stopping = True
        self._wake.set()

    async def serve(self, tenant: UUID) -> None:
        """What waits in one county, clocks and facts, a bounded number of rounds."""
        await self._fire(tenant)
        await self._pass(tenant)

    async def _fire_clocks(self) -> None:
        """The lane of clocks: a look every quarter of a second, so that clocks are fired many at once; at once again
        where a county had more than one turn holds."""
        while not self._stopping:
            fired = [await self._fire(tenant) for tenant in await self._due_counties((CLOCK,))]
            if max(fired, default=0) < A_TURN:
                await asyncio.sleep(CLOCK_SECONDS)

    async def _fire(self, tenant: UUID) -> int:
        try:
            return await fire_due(self._service, tenant)
        except Exception:
            logger.exception("clocks of county %s could not be fired; it is tried again", tenant)
            return 0

    async def _pass_facts(self) -> None:
        """The lane of facts: a few counties at once, each a few rounds; those that had more to do come again at once."""
        again: set[UUID] = set()
        while not self._stopping:
            waiting = list(await self._due_counties(FACT_KINDS) | self._take_woken() | await self._next_few() | again)
            again = set()
            for first in range(0, len(waiting), AT_ONCE):
                some = waiting[first : first + AT_ONCE]
                more = await asyncio.gather(*(self._pass(tenant) for tenant in some))
                again.update(tenant for tenant, goes_on in zip(some, more, strict=True) if goes_on)
            if not again:
                with suppress(TimeoutError):
                    async with asyncio.timeout(SWEEP_SECONDS):
                        await self._wake.wait()
                await asyncio.sleep(REST_SECONDS)

    async def _pass(self, tenant: UUID) -> bool:
        """A county's turn; whether it had something to do to the last round."""
        try:
            for _round in range(ROUNDS):
                if not await self._round(tenant):
                    return False
        except Exception:
            logger.exception("county %s could not be served; it is tried again", tenant)
            return False
        return True

    async def _round(self, tenant: UUID) -> bool:
        service = self._service
        async with service.open(tenant) as work:
            delivered = await deliver(work)
        if delivered:
            await service.live.announce(tenant)
        counted = await keep_figures(service, tenant)
        fed = await feed_plugins(service, tenant)
        async with service.open(tenant) as work:
            sealed = await seal(work)
        return bool(delivered or counted or fed or sealed)

    def _take_woken(self) -> set[UUID]:
        woken, self._woken = self._woken, set()
        self._wake.clear()
        return woken

    async def _due_counties(self, kinds: Sequence[str] = DUE_KINDS) -> set[UUID]:
        """Counties with something due, seen by the reading role, which may see nothing else."""
        try:
            async with self._reader.connect() as connection:
                rows = await connection.execute(
                    # By kind, else no index serves: there are as many rows as clocks are open.
                    select(Due.tenant_id)
                    .where(Due.kind.in_(kinds), Due.due_at <= self._service.clock.now())
                    .distinct()
                )
                return set(rows.scalars())
        except (OSError, SQLAlchemyError):
            logger.exception("the database cannot be reached; trying again")
            return set()

    async def _next_few(self) -> set[UUID]:
        """A few counties in turn, whatever they have to do: what was not woken and is not due is found at last, such as
        audit rows to seal after a wake that was lost."""
        if not self._turn:
            with suppress(OSError, SQLAlchemyError):
                self._turn = await self._service.directory.all(self._service)
        few, self._turn = self._turn[:FEW], self._turn[FEW:]
        return set(few)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._service.redis.pubsub() as subscription:
                    await subscription.subscribe(WAKE_CHANNEL)
                    async for message in subscription.listen():
                        if message["type"] == "message":
                            with suppress(ValueError):
                                self._woken.add(UUID(message["data"].decode()))
                            self._wake.set()
            except (RedisError, OSError):
                await asyncio.sleep(1)

    async def _sweep_files(self) -> None:
        await asyncio.sleep(FILES_FIRST_SECONDS)
        sweeper = Sweeper(self._service, FolderStore(self._service.settings.files_dir))
        try:
            while True:
                try:
                    await sweeper.drafts()
                    for tenant in await self._service.directory.all(self._service):
                        await sweeper.sweep(tenant)
                except Exception:
                    logger.exception("files could not be swept; it is tried again")
                await asyncio.sleep(FILES_SECONDS)
        finally:
            await sweeper.close()

    async def _keep_time(self) -> None:
        while True:
            with suppress(OSError, SQLAlchemyError):
                await learn_time(self._service.engine, self._service.clock)
            await asyncio.sleep(TIME_SECONDS)


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[Worker]:
    """A worker beside something else, for tests and the demo."""
    worker = Worker(service)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
