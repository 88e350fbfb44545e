"""Reading an upload off the wire: one `file` part and an optional `key` before it, never more in memory than a few pieces."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from gridloom.files.kinds import MOST_BYTES
from gridloom.http.messages import HttpRefusal

AROUND_BYTES = 16_000
DRAIN_BYTES = 64_000_000
SECONDS, IDLE_SECONDS = 600.0, 60.0
GATHER_BYTES = 262_144
MOST_PARTS = 3
HEADER_BYTES = 4_000
FIELD_BYTES = 400


@dataclass(slots=True)
class Upload:
    """What stood around the file: its name as sent, and the key chosen by the client."""

    name: str = ""
    key: str | None = None


@dataclass(slots=True)
class _Part:
    disposition: bytes = b""
    name: str = ""
    filename: str | None = None
    value: bytearray = field(default_factory=bytearray)


# It warns of every broken form; what a stranger sends is no news.
logging.getLogger("python_multipart").setLevel(logging.ERROR)

Take = Callable[[bytes], Awaitable[None]]


class _Form:
    """Listens to the parser; the file's bytes gather in `data`."""

    def __init__(self) -> None:
        self.upload = Upload()
        self.data = bytearray()
        self.seen_file = self.whole_file = self.whole_form = False
        self._part = _Part()
        self._parts = self._header_bytes = 0
        self._field, self._value = bytearray(), bytearray()

    def callbacks(self) -> Any:
        """For the parser."""
        return {
            "on_part_begin": self._begin, "on_header_field": self._header_field, "on_header_value": self._header_value,
            "on_header_end": self._header_end, "on_headers_finished": self._headers, "on_part_data": self._data,
            "on_part_end": self._end, "on_end": self._finish,
        }

    def _begin(self) -> None:
        self._parts += 1
        self._header_bytes = 0
        self._part = _Part()
        if self._parts > MOST_PARTS:
            raise _broken()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._value += data[start:end]

    def _count(self, more: int) -> None:
        self._header_bytes += more
        if self._header_bytes > HEADER_BYTES:
            raise _broken()

    def _header_end(self) -> None:
        if bytes(self._field).lower() == b"content-disposition":
            self._part.disposition = bytes(self._value)
        self._field.clear()
        self._value.clear()

    def _headers(self) -> None:
        _, options = parse_options_header(self._part.disposition)
        self._part.name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in options:
            self._part.filename = options[b"filename"].decode("utf-8", "replace")
        if self._part.name == "file":
            if self.seen_file or self._part.filename is None:
                raise _broken()
            self.seen_file = True
            self.upload.name = self._part.filename

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.name == "file":
            self.data += data[start:end]
        elif len(self._part.value) + end - start > FIELD_BYTES:
            raise _broken()
        else:
            self._part.value += data[start:end]

    def _end(self) -> None:
        if self._part.name == "file":
            self.whole_file = True
        elif self._part.name == "key":
            self.upload.key = self._part.value.decode("utf-8", "replace")

    def _finish(self) -> None:
        self.whole_form = True


async def receive(request: Request, take: Take) -> Upload:
    """Hand the file's bytes to `take`, some 256 KiB at a time, and return what stood around them.

    Raises `HttpRefusal` 400, 408, 413, 415, and whatever `take` raises.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
        raise HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "file-multipart")
    form = _Form()
    parser = MultipartParser(boundary, form.callbacks())
    body = _Body(request)
    try:
        await _feed(body, parser, form, take)
    except Exception as refused:
        with suppress(HttpRefusal):
            await body.drain()
        if isinstance(refused, MultipartParseError):
            raise _broken() from refused
        raise
    if not form.whole_file or not form.whole_form:
        raise HttpRefusal(400, "BAD_REQUEST", "http-body-broken") if form.seen_file else _broken()
    return form.upload


async def _feed(body: "_Body", parser: MultipartParser, form: _Form, take: Take) -> None:
    while (chunk := await body.next()) is not None:
        if body.size > MOST_BYTES + AROUND_BYTES:
            raise too_large(MOST_BYTES)
        parser.write(chunk)
        if len(form.data) >= GATHER_BYTES:
            await take(bytes(form.data))
            form.data.clear()
    parser.finalize()
    if form.data:
        await take(bytes(form.data))


class _Body:
    """The request's body, chunk by chunk, with a time for each and for all."""

    def __init__(self, request: Request) -> None:
        declared = request.headers.get("content-length", "")
        self._closed = declared.isdigit() and int(declared) > DRAIN_BYTES
        self._stream = request.stream()
        self._until = asyncio.get_running_loop().time() + SECONDS
        self.size = 0

    async def next(self) -> bytes | None:
        """The next chunk, None at the end. Raises `HttpRefusal` 400 and 408."""
        now = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(min(self._until, now + IDLE_SECONDS)):
                chunk = await anext(self._stream, None)
        except TimeoutError as error:
            self._closed = True
            raise HttpRefusal(408, "REQUEST_TIMEOUT", "http-body-slow", {"connection": "close"}) from error
        except ClientDisconnect as error:
            self._closed = True
            raise HttpRefusal(400, "BAD_REQUEST", "http-body-broken") from error
        self.size += len(chunk or b"")
        return chunk

    async def drain(self) -> None:
        """Read away what is left, so that the client hears the answer instead of a broken connection."""
        while not self._closed and self.size <= DRAIN_BYTES and await self.next() is not None:
            pass


def too_large(most: int) -> HttpRefusal:
    """The answer to a file over its limit (in bytes; said in MB)."""
    return HttpRefusal(413, "LIMIT_EXCEEDED", "file-too-large", {"connection": "close"}, limit=most // 1_000_000)


def _broken() -> HttpRefusal:
    return HttpRefusal(400, "BAD_REQUEST", "file-form")
