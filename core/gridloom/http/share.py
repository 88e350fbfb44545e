"""One body for many streams: the first to need it has it made, the others take it."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

from graphql import ExecutionResult

KEPT = 500


class SharedBodies:
    """Bodies of events by what makes them equal; the 500 latest. One with errors is never shared."""

    def __init__(self, kept: int = KEPT) -> None:
        self._most = kept
        self._kept: OrderedDict[Hashable, asyncio.Task[bytes | None]] = OrderedDict()

    async def body(
        self, key: Hashable, resolve: Callable[[], Awaitable[ExecutionResult]],
        finish: Callable[[ExecutionResult], bytes],
    ) -> bytes:
        """The body for this key. Where the first one came with errors, each stream makes its own."""
        task = self._kept.get(key)
        if task is None:
            # A task of its own: the stream that asked first may end before it is done.
            task = self._kept[key] = asyncio.create_task(self._make(resolve, finish))
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        made = await asyncio.shield(task)
        return made if made is not None else finish(await resolve())

    async def _make(
        self, resolve: Callable[[], Awaitable[ExecutionResult]], finish: Callable[[ExecutionResult], bytes]
    ) -> bytes | None:
        result = await resolve()
        return None if result.errors else finish(result)
