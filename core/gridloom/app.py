"""The web process: routes and their order, what starts and what ends with it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import strawberry
from graphql import OperationType
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Lifespan

from gridloom import runtime
from gridloom.access.clients import Clients
from gridloom.access.guard import Guard
from gridloom.access.oauth import OAuth
from gridloom.access.service import Sessions
from gridloom.access.throttle import Throttle
from gridloom.access.tokens import Tokens
from gridloom.access.web import AccessRoutes
from gridloom.config import Settings
from gridloom.context import RequestContext, request_context
from gridloom.files.store import FolderStore
from gridloom.files.web import FileRoutes
from gridloom.http.answers import refusal_body
from gridloom.http.graphql import Caller, GraphQLEndpoint, Services
from gridloom.http.headers import SafeHeaders
from gridloom.http.messages import HttpRefusal
from gridloom.http.metrics import Metrics
from gridloom.http.persisted import PersistedDocuments
from gridloom.http.prepare import Prepared
from gridloom.http.run import Answer, run_ordinary
from gridloom.http.sse import KEEP_ALIVE_SECONDS
from gridloom.http.static import WebApp
from gridloom.i18n import choose_locale
from gridloom.reads import ComposedSchema
from gridloom.reads.serve import CompiledReads
from gridloom.runtime import Service
from gridloom.schema import Schemas
from gridloom.work import CountyView

logger = logging.getLogger(__name__)
TIME_SECONDS = 30.0
READY_SECONDS = 2.0


class Web:
    """One web process over a `Service`: its endpoints, put together. Open streams end once `stopping` is set."""

    def __init__(self, service: Service, keep_alive: float = KEEP_ALIVE_SECONDS) -> None:
        settings = service.settings
        self._service = service
        self.schemas = Schemas(service.host)
        self._compiled = CompiledReads()
        self._metrics = Metrics()
        clients = Clients(service, service.directory, Tokens(settings.secret_key, settings.public_url))
        sessions = Sessions(service, service.directory, Throttle(service.redis))
        self.guard = Guard(settings, sessions, clients)
        self.access = AccessRoutes(sessions, self.guard, OAuth(clients))
        self.files = FileRoutes(service, self.guard, FolderStore(settings.files_dir))
        self.graphql = GraphQLEndpoint(
            Services(
                self.guard, self._schema_of, self._context_for, self._run, metrics=self._metrics, keep_alive=keep_alive,
                documents=PersistedDocuments.beside(settings.web_dir), only_persisted=settings.documents == "persisted",
            )
        )

    def routes(self) -> list[Route]:
        """Every address; what none of them names is the web app's."""
        return [
            Route("/graphql", self.graphql),
            *self.access.routes(),
            *self.files.routes(),
            Route("/schema.graphql", self.sdl, methods=["GET"]),
            Route("/healthz", self.healthz, methods=["GET"]),
            Route("/readyz", self.readyz, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
            Route("/{path:path}", WebApp(self._service.settings.web_dir).answer, methods=["GET"]),
        ]

    async def healthz(self, request: Request) -> Response:
        """The process runs."""
        return PlainTextResponse("ok", headers={"cache-control": "no-store"})

    async def readyz(self, request: Request) -> Response:
        """Requests can be answered: the database and Redis answer. (Migrations and the gate were checked at start.)"""
        database, redis = await asyncio.gather(self._database_answers(), self._redis_answers())
        found = {"database": database, "redis": redis, "gate": True}
        return JSONResponse(found, 200 if all(found.values()) else 503, {"cache-control": "no-store"})

    async def metrics(self, request: Request) -> Response:
        """Counters for Prometheus."""
        return PlainTextResponse(self._metrics.text(), media_type="text/plain; version=0.0.4")

    async def sdl(self, request: Request) -> Response:
        """The schema of the caller's county, for developers."""
        locale = choose_locale(request.headers.get("accept-language"))
        try:
            caller = await self.guard(request)
            if not caller.developer:
                raise HttpRefusal(403, "FORBIDDEN", "http-developer-only")
        except HttpRefusal as error:
            return JSONResponse(refusal_body(error, locale), error.status, error.headers)
        sdl = self.schemas.of(caller.county.plugins).as_str()
        return PlainTextResponse(sdl, headers={"cache-control": "private, no-cache"})

    async def warm(self) -> None:
        """Compose the schema of every plugin set in use, before the first request needs one."""
        for tenant in await self._service.directory.all(self._service):
            self.schemas.of((await self._service.county(tenant)).plugins)

    async def _schema_of(self, county: CountyView) -> ComposedSchema:
        return self.schemas.of(county.plugins)

    def _context_for(self, caller: Caller) -> AbstractAsyncContextManager[RequestContext]:
        return request_context(self._service, caller.county, caller.actor, caller.locale)

    async def _run(self, schema: strawberry.Schema, prepared: Prepared, context: Any) -> Answer:
        if prepared.kind is OperationType.QUERY and isinstance(schema, ComposedSchema):
            document = prepared.document
            body = await self._compiled.answer(
                schema, document.text, prepared.operation, document.fragments, prepared.variables, context,
                cost=prepared.cost, persisted=document.persisted,
            )
            if body is not None:
                return body
        return await run_ordinary(schema, prepared, context)

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(READY_SECONDS), self._service.platform() as session:
                await session.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError, TimeoutError):
            return False
        return True

    async def _redis_answers(self) -> bool:
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._service.redis.ping()
        except (RedisError, OSError, TimeoutError):
            return False
        return True


def create_app(settings: Settings) -> Starlette:
    """The ASGI application. It connects when it starts, and refuses to start behind a closed gate."""
    service = runtime.build(settings)
    web = Web(service)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            await runtime.start(service)
            await web.warm()
            time_keeper = asyncio.create_task(_keep_time(service))
            try:
                yield
            finally:
                time_keeper.cancel()
                web.graphql.stopping.set()
        finally:
            await service.close()

    return assemble(web, settings, lifespan)


def assemble(web: Web, settings: Settings, lifespan: Lifespan[Starlette] | None = None) -> Starlette:
    """The application of a web process. `app.state.stopping` is an event: set it, and open streams end."""
    https = settings.public_url.startswith("https:")
    app = Starlette(routes=web.routes(), middleware=[Middleware(SafeHeaders, https=https)], lifespan=lifespan)
    app.state.stopping = web.graphql.stopping
    return app


async def _keep_time(service: Service) -> None:
    while True:
        await asyncio.sleep(TIME_SECONDS)
        try:
            await runtime.learn_time(service.engine, service.clock)
        except (SQLAlchemyError, OSError):
            logger.warning("the database's time could not be read; the last known offset stays")
