"""A load generator that costs little: raw sockets, requests rendered once, one process of its own.

`python -m bench.load` reads a `Load` as JSON from standard input and prints a `Shot` as JSON.
"""

import asyncio
import json
import os
import resource
import select
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import cycle
from typing import Any

import uvloop

from bench.result import Void

FRESH = b"@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@"
"""Where a body says this, every request puts a new UUID: idempotency keys."""
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Load:
    """What to send: connections take the requests in turn, and each sends its own one again and again.

    A request is a mapping of `headers` (name to value) and `body` (text). `must` is a text that every answer holds.
    """

    port: int
    path: str
    requests: Sequence[Mapping[str, Any]]
    connections: int
    seconds: float
    must: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """What came of it: answers, seconds from the first request to the last answer, processor seconds of the generator,
    each answer's milliseconds, and one answer's body."""

    answers: int
    seconds: float
    generator: float
    took: list[float] = field(default_factory=list)
    sample: str = ""
    size: int = 0


class Connection(asyncio.Protocol):
    """One connection that sends a request as soon as it has the answer to the last one."""

    def __init__(self, request: bytes, must: bytes, until: float, done: "asyncio.Future[None]") -> None:
        self.request, self.must, self.until, self.done = request, must, until, done
        self.fresh = FRESH in request
        self.took: list[float] = []
        self.body = b""
        self._parts: list[bytes] = []
        self._missing = -1
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The first request."""
        self.transport: Any = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Gather an answer; when it is whole, the next request."""
        self._parts.append(data)
        if self._missing < 0:
            whole = b"".join(self._parts)
            head, mark, rest = whole.partition(b"\r\n\r\n")
            if not mark:
                return
            self._parts = [rest]
            try:
                self._missing = _length(head) - len(rest)
            except Void as void:
                self._fail(Void(f"{void}: {rest[:400].decode(errors='replace')}"))
                return
        else:
            self._missing -= len(data)
        if self._missing <= 0:
            self._answered(b"".join(self._parts))

    def connection_lost(self, exc: Exception | None) -> None:
        """Before its time, that voids the run."""
        if not self.done.done():
            self.done.set_exception(Void(f"the server closed a connection ({exc})"))

    def _send(self) -> None:
        request = self.request.replace(FRESH, str(uuid.uuid4()).encode()) if self.fresh else self.request
        self._parts, self._missing = [], -1
        self._began = time.perf_counter()
        self.transport.write(request)

    def _answered(self, body: bytes) -> None:
        now = time.perf_counter()
        self.took.append((now - self._began) * 1000)
        if b'"errors"' in body or self.must not in body:
            self._fail(Void(f"an answer that is no clean one: {body[:600].decode(errors='replace')}"))
            return
        self.body = body
        if now < self.until:
            self._send()
        elif not self.done.done():
            self.done.set_result(None)
            self.transport.close()

    def _fail(self, void: Void) -> None:
        if not self.done.done():
            self.done.set_exception(void)
        self.transport.close()


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    if not lines[0].startswith(b"http/1.1 200"):
        raise Void(f"status {lines[0].decode()}")
    for line in lines[1:]:
        if line.startswith(b"content-length:"):
            return int(line.split(b":", 1)[1])
    raise Void("an answer without content-length")


def rendered(port: int, path: str, request: Mapping[str, Any]) -> bytes:
    """A request as it goes over the wire."""
    body = str(request["body"]).encode()
    lines = [f"POST {path} HTTP/1.1", f"host: 127.0.0.1:{port}", "content-type: application/json", "accept: application/json"]
    lines += [f"{name}: {value}" for name, value in request.get("headers", {}).items()]
    lines += [f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def _itself(connection: Connection) -> Connection:
    return connection


async def fire(load: Load) -> Shot:
    """Send for as long as the load says. Raises `Void` at the first answer that is not a clean one."""
    loop = asyncio.get_running_loop()
    texts = cycle([rendered(load.port, load.path, request) for request in load.requests])
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    until = began + load.seconds
    made: list[Connection] = []
    ends: list[asyncio.Future[None]] = []
    for _ in range(load.connections):
        end: asyncio.Future[None] = loop.create_future()
        connection = Connection(next(texts), load.must.encode(), until, end)
        made.append(connection)
        ends.append(end)
        await loop.create_connection(partial(_itself, connection), "127.0.0.1", load.port)
    try:
        async with asyncio.timeout(load.seconds + PATIENCE):
            await asyncio.gather(*ends)
    except TimeoutError:
        raise Void("a request timed out") from None
    spent, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    generator = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    took = [one for connection in made for one in connection.took]
    body = made[0].body
    return Shot(len(took), spent, generator, took, body.decode(), len(body))


def main() -> int:
    """Read the load, fire, print the shot (or why it is void)."""
    load = Load(**json.load(sys.stdin))
    try:
        shot = uvloop.run(fire(load))
    except Void as void:
        print(json.dumps({"void": str(void)}))
        return 1
    say(json.dumps(asdict(shot)))
    return 0


def say(text: str) -> None:
    """Write to standard output whole: a pipe that does not block takes the first 64 KB of a large answer at once."""
    rest = text.encode()
    while rest:
        select.select([], [sys.stdout.fileno()], [])
        try:
            rest = rest[os.write(sys.stdout.fileno(), rest):]
        except BlockingIOError:
            continue


if __name__ == "__main__":
    sys.exit(main())
