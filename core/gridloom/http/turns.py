"""Turns between counties: where a process has more to answer than it can at once, each county's requests come in rotation.

A county alone may use the whole process; beside others, a thousand waiting requests of one delay another's by one turn.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from gridloom.http.messages import HttpRefusal

AT_ONCE = 16
"""About as many as there are connections to the database: more would only wait there, first come, first served."""
MOST_WAITING = 500
"""Of one county; further ones are refused at once."""
RETRY_SECONDS = 2


class Turns:
    """A bounded number of requests at once, the others in one queue a county."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = MOST_WAITING) -> None:
        self._free = at_once
        self._most = waiting
        self._queues: OrderedDict[UUID, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, county: UUID) -> AsyncIterator[None]:
        """Wait for this county's turn and keep it for the block. Raises `HttpRefusal` 503 LIMIT_EXCEEDED."""
        if self._free > 0:
            self._free -= 1
        else:
            await self._wait(county)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, county: UUID) -> None:
        queue = self._queues.setdefault(county, deque())
        if len(queue) >= self._most:
            retry = str(RETRY_SECONDS)
            raise HttpRefusal(503, "LIMIT_EXCEEDED", "http-busy", {"retry-after": retry}, limit=RETRY_SECONDS)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # It was given the turn in the same moment: the next one has it.
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Give the turn to the county that waits longest for one."""
        while self._queues:
            county, queue = self._queues.popitem(last=False)
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)
                    if queue:
                        self._queues[county] = queue
                    return
        self._free += 1
