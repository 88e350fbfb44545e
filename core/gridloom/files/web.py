"""`POST /files`, `GET /files/{id}` and `GET /files/{id}/small`."""

import asyncio
import logging
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gridloom.cases.models import AttachmentRow
from gridloom.crypto import Tampered
from gridloom.errors import Denied, ProblemCode, Refusal
from gridloom.files.intake import MAIN, SMALL, Intake, Kept
from gridloom.files.kinds import KINDS, Group, Kind
from gridloom.files.pictures import Pictures
from gridloom.files.receive import receive
from gridloom.files.sealed import FileKey, pieces
from gridloom.files.service import Found, Sent, find_file, keep_file, may_upload, note_reading, stored_form, uploaded_file
from gridloom.files.store import Store
from gridloom.http.answers import message_of
from gridloom.http.budget import Budget
from gridloom.http.graphql import Authenticate, Caller
from gridloom.http.messages import HttpRefusal
from gridloom.i18n import choose_locale
from gridloom.mutations import run
from gridloom.work import Actor, CountyView, Works

logger = logging.getLogger(__name__)

BURST_SECONDS, SECONDS_PER_SECOND = 240.0, 0.5
LEAST_COST = 0.2
# More than AT_ONCE hear so once their form was read; more than MOST_OPEN are not even read.
AT_ONCE, MOST_OPEN = 8, 40
STATUS = {
    ProblemCode.KEY_REUSED: 409, ProblemCode.LIMIT_EXCEEDED: 429, ProblemCode.SUSPENDED: 403, ProblemCode.NOT_FOUND: 404,
}
SANDBOX = "default-src 'none'; sandbox"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who uploads, as mutations want it."""

    works: Works
    county: CountyView
    actor: Actor


class FileRoutes:
    """The endpoints of attachments. `authenticate` says who calls; one account may use so much of this process."""

    def __init__(self, works: Works, authenticate: Authenticate, store: Store, pictures: Pictures | None = None) -> None:
        self._works, self._authenticate, self._store = works, authenticate, store
        self._pictures = pictures or Pictures()
        self.budget = Budget(BURST_SECONDS, SECONDS_PER_SECOND)
        self._running: Counter[UUID] = Counter()

    def routes(self) -> list[Route]:
        """The routes, for the application."""
        return [
            Route("/files", _refusable(self.upload), methods=["POST"]),
            Route("/files/{id}", _refusable(self.main), methods=["GET"]),
            Route("/files/{id}/small", _refusable(self.small), methods=["GET"]),
        ]

    async def upload(self, request: Request) -> Response:
        """multipart/form-data: `key` (optional, first), `file` → 201 with the file; 200 when the key was answered before."""
        caller = await self._authenticate(request)
        if self._running[caller.actor.id] >= MOST_OPEN:
            raise HttpRefusal(429, "LIMIT_EXCEEDED", "file-too-many", {"retry-after": "10", "connection": "close"}, limit=10)
        intake = Intake(self._store, self._pictures, caller.county.id)
        self._running[caller.actor.id] += 1
        checked = False

        async def take(data: bytes) -> None:
            nonlocal checked
            if not checked:
                self._admit(caller)
                checked = True
            await intake.take(data)

        try:
            sent = await receive(request, take)
            if not checked:
                self._admit(caller)
            working = time.monotonic()
            try:
                kept = await intake.finish(sent.name)
            finally:
                self.budget.spend(caller.actor.id, max(LEAST_COST, time.monotonic() - working))
            return await self._keep(caller, kept, f"file:{sent.key or uuid4()}")
        finally:
            self._running -= Counter({caller.actor.id: 1})
            intake.drop()

    def _admit(self, caller: Caller) -> None:
        may_upload(caller.actor)
        wait = self.budget.wait(caller.actor.id)
        if not wait and self._running[caller.actor.id] > AT_ONCE:
            wait = 2
        if wait:
            raise HttpRefusal(429, "LIMIT_EXCEEDED", "file-too-many", {"retry-after": str(wait)}, limit=wait)

    async def _keep(self, caller: Caller, kept: Kept, key: str) -> Response:
        stored = self._store.new_name(caller.county.code)
        asking = _Asking(self._works, caller.county, caller.actor)
        # First the bytes, then the row: a row without bytes would be a lie, bytes without a row are swept. So they stay, too,
        # when the transaction fails: it may have been committed when the answer was lost.
        await asyncio.to_thread(self._put, kept, stored)
        outcome = await run(
            asking, "uploadFile", key, Sent(key, kept.name, kept.digest), lambda work: keep_file(work, kept, stored)
        )
        if outcome.replayed or outcome.problems:
            await asyncio.to_thread(self._remove, stored)
        if outcome.problems:
            raise outcome.problems[0]
        row = await uploaded_file(self._works, caller.county, caller.actor, UUID(str(outcome.ids["file"])))
        if row is None:
            raise Refusal(ProblemCode.NOT_FOUND, "file-gone")
        return JSONResponse(
            described(caller.county.code, row), 200 if outcome.replayed else 201, {"cache-control": "no-store"}
        )

    def _put(self, kept: Kept, stored: str) -> None:
        if kept.small is not None:
            self._store.put(stored_form(stored, SMALL), kept.small)
        self._store.put(stored_form(stored, MAIN), kept.main)

    def _remove(self, stored: str) -> None:
        for form in (MAIN, SMALL):
            self._store.remove(stored_form(stored, form))

    async def main(self, request: Request) -> Response:
        """The file itself."""
        return await self._send(request, MAIN)

    async def small(self, request: Request) -> Response:
        """A picture's small form; 404 for what has none."""
        return await self._send(request, SMALL)

    async def _send(self, request: Request, form: str) -> Response:
        caller = await self._authenticate(request)
        found = await self._find(caller, request.path_params["id"])
        size = found.size(form) if found is not None else None
        if found is None or size is None:
            raise HttpRefusal(404, "NOT_FOUND", "file-unknown")
        await note_reading(self._works, caller.county, caller.actor, found, form)
        headers = _headers(found, form)
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        start, end = _range(request.headers.get("range"), size)
        if (start, end) != (0, size):
            headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
        body = self._body(caller, found, form, start, end)
        # The first piece is opened before the status goes out: a lost file is an error, not an empty answer.
        first = await self._first(body)
        return StreamingResponse(
            _chain(first, body), 206 if "content-range" in headers else 200, {**headers, "content-length": str(end - start)},
            media_type=found.row.media_type,
        )

    async def _find(self, caller: Caller, named: str) -> Found | None:
        """The county's code stands before an id's dot, as in every id that comes without a tenant; another's is unknown."""
        code, dot, rest = named.rpartition(".")
        try:
            file_id = UUID(rest)
        except ValueError:
            return None
        if dot and code != caller.county.code:
            return None
        return await find_file(self._works, caller.county, caller.actor, file_id)

    async def _first(self, body: AsyncIterator[bytes]) -> bytes:
        try:
            return await anext(body, b"")
        except (FileNotFoundError, Tampered) as error:
            logger.error("a file of the store cannot be opened: %s", type(error).__name__)
            raise HttpRefusal(503, "INTERNAL", "file-lost") from error

    async def _body(self, caller: Caller, found: Found, form: str, start: int, end: int) -> AsyncIterator[bytes]:
        cipher = self._works.cipher_of(caller.county.id)
        key = FileKey.opened(cipher, found.row.file_key, caller.county.id, found.row.id)
        stored = found.stored(form)
        for index, offset, length, last, wanted in pieces(found.size(form) or 0, start, end):
            sealed = await asyncio.to_thread(self._store.read, stored, offset, length)
            yield key.open(sealed, form, index, last)[wanted]


def described(county: str, row: AttachmentRow) -> dict[str, Any]:
    """A file as the answer to its upload names it."""
    return {
        "id": str(row.id), "name": row.name, "mediaType": row.media_type, "bytes": row.bytes, "url": url_of(county, row.id),
        "thumbnailUrl": url_of(county, row.id, SMALL) if row.small_bytes is not None else None,
    }


def url_of(county: str, file_id: object, form: str = MAIN) -> str:
    """The address of a form of a file, below the service's own."""
    return f"/files/{county}.{file_id}" + ("/small" if form == SMALL else "")


async def _chain(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _headers(found: Found, form: str) -> dict[str, str]:
    row = found.row
    # Only what this service drew itself is shown in the page; all else is only ever saved.
    way = "inline" if _kind_of(row.media_type).group is Group.PICTURE else "attachment"
    return {
        "content-disposition": f"{way}; filename*=UTF-8''{quote(row.name, safe='')}",
        "content-security-policy": SANDBOX,
        "x-content-type-options": "nosniff",
        # Asked for anew each time, so that who loses the case loses its files.
        "cache-control": "no-store" if found.protected else "private, no-cache",
        "etag": f'"{row.id.hex}-{form}"',
        "accept-ranges": "bytes",
    }


def _kind_of(media_type: str) -> Kind:
    return next(kind for kind in KINDS if kind.media_type == media_type)


def _range(header: str | None, size: int) -> tuple[int, int]:
    """The bytes asked for (RFC 9110 §14); all of them for a header that is none. Raises `HttpRefusal` 416."""
    match = _RANGE.fullmatch((header or "").strip())
    if match is None or match.groups() == ("", ""):
        return 0, size
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        raise HttpRefusal(416, "VALIDATION", "file-range", {"content-range": f"bytes */{size}"})
    return start, end


def _refusable(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except HttpRefusal as error:
            return _problem(request, error, error.status, error.headers)
        except Denied as error:
            return _problem(request, error, 403)
        except Refusal as error:
            return _problem(request, error, STATUS.get(error.code, 400))

    return answer


def _problem(
    request: Request, error: HttpRefusal | Denied | Refusal, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    locale = choose_locale(request.headers.get("accept-language"))
    body = {"problem": {"code": str(error.code), "message": message_of(error, locale)}}
    return JSONResponse(body, status, {"cache-control": "no-store", **(headers or {})})
