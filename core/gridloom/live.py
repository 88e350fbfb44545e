"""Live updates inside one process: Redis says that a county has news, whoever waits for that county looks again.

Those who look are few: one a county and process, who hands on what was read (see `feed.changes`). Redis carries no news
itself, only the word that there is some. Losing it costs at most the waiter's own time-out.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
CHANNEL = "gridloom:live"
RETRY_SECONDS = 1.0

Shared = TypeVar("Shared")


class LiveHub:
    """One subscription a process, any number of waiters."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiters: defaultdict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._shared: dict[Hashable, Any] = {}

    def shared(self, key: Hashable, make: Callable[[], Shared]) -> Shared:
        """What the waiters of this process have in common under a key; made by the first. Keys are few: counties."""
        if key not in self._shared:
            self._shared[key] = make()
        found: Shared = self._shared[key]
        return found

    async def announce(self, tenant: UUID) -> None:
        """Tell every process that this county has news."""
        try:
            async with asyncio.timeout(0.5):
                await self._redis.publish(CHANNEL, str(tenant))
        except (RedisError, TimeoutError, OSError):
            logger.warning("could not announce news; subscribers look by themselves")

    def waiter(self, tenant: UUID) -> asyncio.Event:
        """An event that is set whenever the county has news; clear it before looking, give it back with `release`."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        event = asyncio.Event()
        self._waiters[tenant].add(event)
        return event

    def release(self, tenant: UUID, event: asyncio.Event) -> None:
        """Stop waiting."""
        self._waiters[tenant].discard(event)
        if not self._waiters[tenant]:
            del self._waiters[tenant]

    async def stop(self) -> None:
        """End the subscription."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(CHANNEL)
                    async for message in subscription.listen():
                        if message["type"] == "message":
                            self._tell(message["data"])
            except (RedisError, OSError):
                logger.warning("live updates lost their Redis; trying again")
                await asyncio.sleep(RETRY_SECONDS)

    def _tell(self, data: bytes | str) -> None:
        with suppress(ValueError):
            for event in self._waiters.get(UUID(data.decode() if isinstance(data, bytes) else data), ()):
                event.set()
