"""GraphQL over server-sent events, distinct connections mode: `next` events, one `complete`, comments in between."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from enum import Enum

from starlette.types import Receive, Scope, Send

KEEP_ALIVE_SECONDS = 12.0
FRESH_SECONDS = 2.0


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


class Stopping(asyncio.Event):
    """An event that thousands of streams wait for without a task each."""

    def __init__(self) -> None:
        super().__init__()
        self._ends: set[asyncio.Future[None]] = set()

    def set(self) -> None:
        """The server is about to stop."""
        super().set()
        for end in self._ends:
            _finish(end)

    @contextmanager
    def or_done(self, *tasks: "asyncio.Task[None]") -> Iterator["asyncio.Future[None]"]:
        """A future that is done once one of the tasks is, or the event is set."""
        end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for task in tasks:
            task.add_done_callback(lambda _done: _finish(end))
        self._ends.add(end)
        if self.is_set():
            _finish(end)
        try:
            yield end
        finally:
            self._ends.discard(end)


def _finish(end: "asyncio.Future[None]") -> None:
    if not end.done():
        end.set_result(None)


class EventStream:
    """An ASGI response: sends what `bodies` yields until it ends, the client leaves, or the sign-in no longer stands.

    `farewell` is the last `next` body when the sign-in ended; when only its rights changed, the stream just completes
    and the client subscribes anew. Nothing is sent by rights that were looked at longer ago than `FRESH_SECONDS`.
    """

    def __init__(
        self,
        bodies: AsyncGenerator[bytes, None],
        standing: Callable[[], Awaitable[Standing]],
        farewell: bytes,
        stopping: Stopping,
        keep_alive: float = KEEP_ALIVE_SECONDS,
    ) -> None:
        self._bodies = bodies
        self._standing = standing
        self._farewell = farewell
        self._stopping = stopping
        self._keep_alive = keep_alive
        self._looked = self._wrote = 0.0
        self._said_farewell = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve until one of the three ends; the source generator is closed before this returns."""
        await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS.items())})
        # Two tasks a stream besides the server's own: thousands of streams stand open.
        pump = asyncio.create_task(self._pump(send))
        leave = asyncio.create_task(_disconnected(receive))
        try:
            with self._stopping.or_done(pump, leave) as end:
                await self._keep(end, send, pump)
        finally:
            leave.cancel()
            pump.cancel()
            results = await asyncio.gather(pump, leave, return_exceptions=True)
        if isinstance(results[0], Exception) and not isinstance(results[0], OSError):
            raise results[0]
        if not leave.done() or leave.cancelled():
            await _write(send, COMPLETE, more=False)

    async def _pump(self, send: Send) -> None:
        """Send bodies as they come, each by rights that are fresh."""
        # `aclosing` runs in the task that iterates: async generators must be closed where they are driven.
        async with aclosing(self._bodies) as bodies:
            # A first comment opens the stream for proxies and for clients that wait for bytes.
            self._looked = asyncio.get_running_loop().time()
            await self._send(send, KEEP_ALIVE)
            async for body in bodies:
                if not await self._may_go_on(send, min(FRESH_SECONDS, self._keep_alive)):
                    return
                await self._send(send, next_event(body))

    async def _keep(self, end: "asyncio.Future[None]", send: Send, pump: "asyncio.Task[None]") -> None:
        """Until the end: a comment where nothing was sent for a while, and a look at the sign-in."""
        loop = asyncio.get_running_loop()
        self._wrote = loop.time()
        while not end.done():
            wait = self._wrote + self._keep_alive - loop.time()
            if wait > 0:
                await asyncio.wait((end,), timeout=wait)
            elif await self._may_go_on(send, self._keep_alive, pump):
                await self._send(send, KEEP_ALIVE)
            else:
                return

    async def _may_go_on(self, send: Send, fresh: float, pump: "asyncio.Task[None] | None" = None) -> bool:
        """Whether the rights, looked at within so many seconds, still stand; says so in the stream where the sign-in ended."""
        now = asyncio.get_running_loop().time()
        if now - self._looked < fresh:
            return True
        standing = await self._standing()
        self._looked = now
        if standing is not Standing.VALID and pump is not None:
            pump.cancel()
        if standing is Standing.ENDED and not self._said_farewell:
            self._said_farewell = True
            await self._send(send, next_event(self._farewell))
        return standing is Standing.VALID

    async def _send(self, send: Send, chunk: bytes) -> None:
        self._wrote = asyncio.get_running_loop().time()
        await _write(send, chunk)


async def _write(send: Send, chunk: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": more})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
