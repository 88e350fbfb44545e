"""Thousands of phones in one process: raw sockets, each with one subscription over server-sent events.

`python -m bench.phones` reads a `Phones` as JSON from the first line of standard input, prints `ready` when every stream is
open, and at the next line prints what they heard as JSON.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import uvloop

from bench.result import Void

AT_ONCE = 20
PATIENCE = 400.0
EVENT = re.compile(rb'data: (\{"data":.*\})')


@dataclass(frozen=True, slots=True)
class Phones:
    """One phone a cookie; all of them subscribe with the same document."""

    port: int
    cookies: Sequence[str]
    document: str


@dataclass(slots=True)
class Heard:
    """For every phone its changes, as (cursor, milliseconds from the fact to here, whether it had its case); and how many
    streams ended before their time."""

    changes: list[list[tuple[int, float, bool]]] = field(default_factory=list)
    ended: int = 0
    odd: list[str] = field(default_factory=list)


class Phone(asyncio.Protocol):
    """One connection: sends the subscription, then listens."""

    def __init__(
        self, request: bytes, heard: Heard, changes: list[tuple[int, float, bool]], opened: "asyncio.Future[None]"
    ) -> None:
        self._request, self._heard, self._opened = request, heard, opened
        self._rest = b""
        self.changes = changes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Subscribe."""
        sending: Any = transport
        self.transport = sending
        sending.write(self._request)

    def data_received(self, data: bytes) -> None:
        """A comment opens the stream; then events."""
        now = time.time()
        self._rest += data
        if not self._opened.done() and b"\n:\n" in self._rest.replace(b"\r", b""):
            self._opened.set_result(None)
        *blocks, self._rest = self._rest.split(b"\n\n")
        for block in blocks:
            found = EVENT.search(block)
            if found:
                change = json.loads(found.group(1))["data"]["caseChanged"]
                at = datetime.fromisoformat(change["at"]).timestamp()
                self.changes.append((int(change["cursor"]), (now - at) * 1000, change["case"] is not None))
            elif b"event:" in block:
                self._heard.odd.append(block[:300].decode(errors="replace"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Before its time."""
        self._heard.ended += 1
        if not self._opened.done():
            self._opened.set_exception(Void(f"a stream was not opened: {self._rest[:300]!r}"))


async def listen(phones: Phones) -> Heard:
    """Open all streams, a few at once; listen until the next line of standard input."""
    heard, gate = Heard(), asyncio.Semaphore(AT_ONCE)
    body = json.dumps({"query": phones.document}).encode()
    loop = asyncio.get_running_loop()

    async def open_one(cookie: str) -> Phone:
        head = (
            f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:{phones.port}\r\ncookie: {cookie}\r\naccept: text/event-stream\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        opened: asyncio.Future[None] = loop.create_future()
        changes: list[tuple[int, float, bool]] = []
        heard.changes.append(changes)
        async with gate:
            _, phone = await loop.create_connection(
                lambda: Phone(head.encode() + body, heard, changes, opened), "127.0.0.1", phones.port
            )
            await opened
        return phone

    async with asyncio.timeout(PATIENCE):
        opened = await asyncio.gather(*(open_one(cookie) for cookie in phones.cookies))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    ended, odd = heard.ended, list(heard.odd)
    for phone in opened:
        phone.transport.abort()
    return Heard(heard.changes, ended, odd)


def main() -> int:
    """Read what to do, listen, print what was heard (or why it is void)."""
    phones = Phones(**json.loads(sys.stdin.readline()))
    try:
        heard = uvloop.run(listen(phones))
    except (Void, TimeoutError) as void:
        print(json.dumps({"void": str(void) or "streams took too long to open"}))
        return 1
    print(json.dumps(asdict(heard)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
