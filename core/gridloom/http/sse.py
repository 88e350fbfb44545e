"""GraphQL over server-sent events, distinct connections mode: `next` events, one `complete`, comments in between."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from enum import Enum

from starlette.types import Receive, Scope, Send

KEEP_ALIVE_SECONDS = 12.0


class Standing(Enum):
    """How a caller's sign-in stands while a stream is open."""

    VALID = "valid"
    CHANGED = "changed"
    ENDED = "ended"


COMPLETE = b"event: complete\ndata: \n\n"
KEEP_ALIVE = b":\n\n"

HEADERS = {
    b"content-type": b"text/event-stream; charset=utf-8",
    b"cache-control": b"no-store, no-transform",
    b"x-accel-buffering": b"no",
}


def next_event(body: bytes) -> bytes:
    """One result as an event. JSON from the serializer holds no line breaks; those of a compiled body are spaces."""
    return b"event: next\ndata: " + body.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n\n"


class EventStream:
    """An ASGI response: sends what `bodies` yields until it ends, the client leaves, or the sign-in no longer stands.

    `farewell` is the last `next` body when the sign-in ended; when only its rights changed, the stream just completes
    and the client subscribes anew.
    """

    def __init__(
        self,
        bodies: AsyncIterator[bytes],
        standing: Callable[[], Awaitable[Standing]],
        farewell: bytes,
        stopping: asyncio.Event,
        keep_alive: float = KEEP_ALIVE_SECONDS,
    ) -> None:
        self._bodies = bodies
        self._standing = standing
        self._farewell = farewell
        self._stopping = stopping
        self._keep_alive = keep_alive

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve until one of the three ends; the source generator is closed before this returns."""
        await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS.items())})
        pump = asyncio.create_task(self._pump(send))
        leave = asyncio.create_task(_disconnected(receive))
        stop = asyncio.create_task(self._stopping.wait())
        tasks = {pump, leave, stop}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        if done == {stop}:
            await _write(send, COMPLETE, more=False)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, OSError):
                raise result

    async def _pump(self, send: Send) -> None:
        # `aclosing` runs in the task that iterates: async generators must be closed where they are driven.
        async with aclosing(_Feed(self._bodies)) as feed:
            # A first comment opens the stream for proxies and for clients that wait for bytes.
            await _write(send, KEEP_ALIVE)
            loop = asyncio.get_running_loop()
            looked = loop.time()
            while (body := await feed.next_within(self._keep_alive)) is not _END:
                if loop.time() - looked >= self._keep_alive:
                    looked = loop.time()
                    standing = await self._standing()
                    if standing is Standing.ENDED:
                        await _write(send, next_event(self._farewell))
                    if standing is not Standing.VALID:
                        break
                await _write(send, next_event(body) if isinstance(body, bytes) else KEEP_ALIVE)
        await _write(send, COMPLETE, more=False)


_END = object()


class _Feed:
    """Reads an async generator with a time limit that does not cancel the pending item."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source = source
        self._queue: asyncio.Queue[object] = asyncio.Queue(maxsize=1)
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        last: object = _END
        try:
            async for body in self._source:
                await self._queue.put(body)
        except Exception as error:
            last = error
        finally:
            close = getattr(self._source, "aclose", None)
            if close is not None:
                await close()
        await self._queue.put(last)

    async def next_within(self, seconds: float) -> object:
        """The next body, None when there was none in time, `_END` after the last; raises what the source raised."""
        try:
            async with asyncio.timeout(seconds):
                item = await self._queue.get()
        except TimeoutError:
            return None
        if isinstance(item, Exception):
            raise item
        return item

    async def aclose(self) -> None:
        """Stop reading and close the source."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


async def _write(send: Send, chunk: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": more})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
