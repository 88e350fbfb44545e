"""`POST /graphql`: from request to answer, in the order refuse, authenticate, prepare, run, mask."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field
from typing import Any, Protocol

import strawberry
from graphql import GraphQLSchema, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gridloom.errors import Denied
from gridloom.http.answers import Trace, dump, format_errors, log_fault, refusal_body, result_body
from gridloom.http.budget import Budget
from gridloom.http.limits import Limits, too_much
from gridloom.http.messages import (
    GraphQLRequest,
    HttpRefusal,
    Media,
    negotiate,
    parse_request,
    read_body,
    require_json,
)
from gridloom.http.metrics import Metrics
from gridloom.http.persisted import PersistedDocuments
from gridloom.http.prepare import Document, Documents, Prepared, Rejected, prepare
from gridloom.http.run import Run, graphql_schema, run_ordinary, run_subscription
from gridloom.http.share import SharedBodies
from gridloom.http.sse import KEEP_ALIVE_SECONDS, EventStream, Standing, Stopping
from gridloom.http.turns import Turns
from gridloom.i18n import choose_locale
from gridloom.work import Actor, CountyView

KEPT_PERSISTED = 1_000
"""Parsed persisted documents, each once for every plugin set in use."""
LONGEST_PERSISTED = 100_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the actor in their language, the county, and whether their sign-in still holds (for open streams)."""

    actor: Actor
    county: CountyView
    locale: str
    developer: bool
    standing: Callable[[], Awaitable[Standing]]


class Authenticate(Protocol):
    """The caller of a request. Raises `HttpRefusal` 401 without a valid token or session, 403 for a foreign origin."""

    async def __call__(self, request: Request) -> Caller: ...


class SchemaSource(Protocol):
    """The schema of a county's plugin set."""

    async def __call__(self, county: CountyView) -> strawberry.Schema: ...


class ContextFactory(Protocol):
    """The `info.context` of one operation, or of one event of a subscription; closed afterwards."""

    def __call__(self, caller: Caller) -> AbstractAsyncContextManager[Any]: ...


@dataclass(frozen=True)
class Services:
    """What the endpoint is made of."""

    authenticate: Authenticate
    schema_of: SchemaSource
    context_for: ContextFactory
    run: Run = run_ordinary
    limits: Limits = field(default_factory=Limits)
    documents: PersistedDocuments = field(default_factory=lambda: PersistedDocuments({}))
    only_persisted: bool = False
    """Whether people's browsers may ask only these documents; departments' systems are free."""
    metrics: Metrics = field(default_factory=Metrics)
    keep_alive: float = KEEP_ALIVE_SECONDS


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limits = services.limits
        self._documents = Documents(services.limits)
        self._persisted = Documents(services.limits, kept=KEPT_PERSISTED, longest=LONGEST_PERSISTED, persisted=True)
        self._budget = Budget(services.limits.prepare_burst, services.limits.prepare_per_second)
        self._streams: Counter[object] = Counter()
        self._shared = SharedBodies()
        self._turns = Turns()
        # Set when the server is about to stop: open streams end by themselves, so that nobody waits for them.
        self.stopping = Stopping()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = Request(scope, receive)
        trace = Trace()
        started = time.perf_counter()
        locale = choose_locale(request.headers.get("accept-language"))
        media = Media.JSON
        try:
            _only_post(request)
            require_json(request.headers.get("content-type"))
            media = negotiate(request.headers.get("accept"))
            response = await self._answer(request, media, locale, trace)
        except HttpRefusal as error:
            response = _json(error.status, refusal_body(error, locale), _plain(media), error.headers)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log_fault(error, trace)
            fault = HttpRefusal(500, "INTERNAL", "http-fault", trace=trace.id)
            response = _json(500, refusal_body(fault, locale), _plain(media), {})
        if isinstance(response, Response):
            response.headers["x-request-id"] = trace.id
            self._services.metrics.answered("graphql", response.status_code, time.perf_counter() - started)
        await response(scope, receive, send)

    async def _answer(self, request: Request, media: Media, locale: str, trace: Trace) -> Response | EventStream:
        caller = await self._services.authenticate(request)
        asked = parse_request(await read_body(request, self._limits))
        schema = await self._services.schema_of(caller.county)
        try:
            prepared = self._prepare(schema, asked, caller)
            if prepared.kind is OperationType.SUBSCRIPTION and media is not Media.EVENTS:
                raise HttpRefusal(406, "NOT_ACCEPTABLE", "http-subscribe-by-events", {"accept": Media.EVENTS.value})
            if media is Media.EVENTS:
                return self._stream(schema, prepared, caller, trace)
            async with self._turns.turn(caller.county.id):
                return await self._once(schema, prepared, caller, media, trace)
        except Denied as error:
            return self._refused(refusal_body(error, locale), media)
        except Rejected as error:
            return self._refused({"errors": format_errors(error.errors, locale, trace, error.code)}, media)

    def _prepare(self, schema: strawberry.Schema, asked: GraphQLRequest, caller: Caller) -> Prepared:
        core = graphql_schema(schema)
        if asked.document_id is not None:
            text = self._services.documents.text(asked.document_id)
            document = self._persisted.get(core, text, developer=False)
        else:
            if self._services.only_persisted and caller.actor.kind == "user":
                raise Denied("PERSISTED_DOCUMENT_ONLY", "http-document-only")
            document = self._document(core, asked.query or "", caller)
        return prepare(
            core, document, asked.operation_name, asked.variables, self._limits, developer=caller.developer
        )

    def _document(self, core: GraphQLSchema, text: str, caller: Caller) -> Document:
        if caller.developer or self._documents.knows(core, text, developer=False):
            return self._documents.get(core, text, developer=caller.developer)
        wait = self._budget.wait(caller.actor.id)
        if wait:
            raise HttpRefusal(429, "LIMIT_EXCEEDED", "limit-budget", {"retry-after": str(wait)}, limit=wait)
        started = time.thread_time()
        try:
            return self._documents.get(core, text, developer=False)
        finally:
            self._budget.spend(caller.actor.id, time.thread_time() - started)

    def _refused(self, body: dict[str, Any], media: Media) -> Response | EventStream:
        """A request error: 400, but 200 under the older media type and an event in a stream, as specified."""
        if media is Media.EVENTS:
            return EventStream(_single(dump(body)), _always, b"", self.stopping, self._services.keep_alive)
        return _json(400 if media is Media.GRAPHQL else 200, body, media, {})

    async def _once(
        self, schema: strawberry.Schema, prepared: Prepared, caller: Caller, media: Media, trace: Trace
    ) -> Response:
        try:
            async with asyncio.timeout(self._limits.seconds):
                body = await self._execute(schema, prepared, caller, trace)
        except TimeoutError:
            error = Denied("TIMEOUT", "http-too-slow", limit=int(self._limits.seconds))
            return _json(503, refusal_body(error, caller.locale), media, {"retry-after": "5"})
        if len(body) > self._limits.response_bytes:
            too_long = too_much("response", self._limits.response_bytes // 1000)
            return _json(400 if media is Media.GRAPHQL else 200, refusal_body(too_long, caller.locale), media, {})
        return Response(body, 200, {"gridloom-cost": str(prepared.cost), **_HEADERS}, _content_type(media))

    async def _execute(
        self, schema: strawberry.Schema, prepared: Prepared, caller: Caller, trace: Trace
    ) -> bytes:
        async with self._services.context_for(caller) as context:
            result = await self._services.run(schema, prepared, context)
        return result if isinstance(result, bytes) else dump(result_body(result, caller.locale, trace))

    def _stream(self, schema: strawberry.Schema, prepared: Prepared, caller: Caller, trace: Trace) -> EventStream:
        own, every = self._streams[caller.actor.id], self._streams.total()
        if own >= self._limits.streams_per_actor or every >= self._limits.streams:
            raise too_much("streams", self._limits.streams_per_actor)
        ended = HttpRefusal(401, "UNAUTHENTICATED", "http-sign-in")
        return EventStream(
            self._bodies(schema, prepared, caller, trace),
            caller.standing,
            dump(refusal_body(ended, caller.locale)),
            self.stopping,
            self._services.keep_alive,
        )

    async def _bodies(
        self, schema: strawberry.Schema, prepared: Prepared, caller: Caller, trace: Trace
    ) -> AsyncGenerator[bytes, None]:
        self._streams[caller.actor.id] += 1
        try:
            if prepared.kind is not OperationType.SUBSCRIPTION:
                yield await self._execute(schema, prepared, caller, trace)
                return
            results = run_subscription(
                schema, prepared, lambda: self._services.context_for(caller),
                lambda result: dump(result_body(result, caller.locale, trace)), self._shared,
            )
            async with aclosing(results):  # type: ignore[type-var]
                async for body in results:
                    yield body
        except Exception as error:
            log_fault(error, trace)
            fault = HttpRefusal(500, "INTERNAL", "http-fault", trace=trace.id)
            yield dump(refusal_body(fault, caller.locale))
        finally:
            self._streams[caller.actor.id] -= 1
            if not self._streams[caller.actor.id]:
                del self._streams[caller.actor.id]


_HEADERS = {"cache-control": "no-store", "vary": "Accept, Accept-Language, Authorization, Cookie"}


def _only_post(request: Request) -> None:
    if request.method != "POST":
        raise HttpRefusal(405, "METHOD_NOT_ALLOWED", "http-post-only", {"allow": "POST"})


def _plain(media: Media) -> Media:
    return Media.JSON if media is Media.EVENTS else media


def _content_type(media: Media) -> str:
    return f"{media.value}; charset=utf-8"


def _json(status: int, body: dict[str, Any], media: Media, headers: dict[str, str]) -> Response:
    return Response(dump(body), status, {**_HEADERS, **headers}, _content_type(media))


async def _single(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


async def _always() -> Standing:
    return Standing.VALID
