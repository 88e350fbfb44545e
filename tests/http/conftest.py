"""A real server on a free port with a small schema, so that the transport is tested as clients meet it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID

import httpx
import pytest
import strawberry
from graphql import GraphQLError

from gridloom.errors import Denied
from gridloom.http.graphql import Caller, GraphQLEndpoint, Services
from gridloom.http.limits import Limits
from gridloom.http.messages import HttpRefusal
from gridloom.http.persisted import PersistedDocuments
from gridloom.http.sse import Standing
from gridloom.i18n import choose_locale
from gridloom.work import Actor, ActorKind, CountyView
from tests.support.web import serving

COUNTY = CountyView(UUID(int=1), "532925", "弥渡县", "Asia/Shanghai", "ACTIVE")
NONE = PersistedDocuments({})
ACTOR = Actor(UUID(int=2), "user", COUNTY.id, "杨会琴")


@strawberry.input
class Paging:
    first: int = 10
    weight: int = 0


@strawberry.type
class Leaf:
    name: str


@strawberry.type
class Node:
    id: strawberry.ID
    name: str

    @strawberry.field
    def leaves(self) -> list[Leaf]:
        return [Leaf(name="叶")] * 3

    @strawberry.field
    def child(self) -> "Node":
        return self

    @strawberry.field
    def nodes(self, first: int = 50) -> list["Node"]:
        return [self] * first


@strawberry.type
class NodeConnection:
    nodes: list[Node]


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "世界") -> str:
        return f"你好，{name}"

    @strawberry.field
    def node(self) -> Node:
        return Node(id=strawberry.ID("1"), name="甲")

    @strawberry.field
    def nodes(self, first: int = 50, after: str | None = None) -> NodeConnection:
        return NodeConnection(nodes=[Node(id=strawberry.ID(str(i)), name="甲") for i in range(first)])

    @strawberry.field
    def filtered(self, paging: Paging) -> int:
        return paging.weight

    @strawberry.field
    def ids(self, ids: list[strawberry.ID]) -> int:
        return len(ids)

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError("张三 13800000000")

    @strawberry.field
    def denied(self) -> str | None:
        raise Denied("FORBIDDEN", "http-developer-only")

    @strawberry.field
    def coded(self) -> str | None:
        raise GraphQLError("no such row", extensions={"code": "NOT_FOUND"})

    @strawberry.field
    async def slow(self) -> str:
        try:
            await asyncio.sleep(30)
        finally:
            STATE.cancelled += 1
        return "late"

    @strawberry.field
    def long(self, size: int) -> str:
        return "长" * size

    @strawberry.field
    def contexts(self, info: strawberry.Info) -> int:
        return int(info.context)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def touch(self) -> int:
        STATE.touched += 1
        return STATE.touched


@strawberry.type
class Tick:
    number: int

    @strawberry.field
    def context(self, info: strawberry.Info) -> int:
        return int(info.context)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, count: int, pause: float = 0.0) -> AsyncIterator[Tick]:
        STATE.open += 1
        try:
            for number in range(count):
                yield Tick(number=number)
                await asyncio.sleep(pause)
        finally:
            STATE.open -= 1

    @strawberry.subscription
    async def failing(self) -> AsyncIterator[int]:
        yield 1
        raise RuntimeError("张三")


@dataclass
class State:
    cancelled: int = 0
    touched: int = 0
    open: int = 0
    contexts: int = 0
    standing: Standing = Standing.VALID


STATE = State()


@pytest.fixture
def state() -> State:
    STATE.__dict__.update(State().__dict__)
    return STATE


@dataclass
class Served:
    """A running server: a client on it, its address and its endpoint."""

    client: httpx.AsyncClient
    url: str
    endpoint: GraphQLEndpoint
    headers: dict[str, str] = field(default_factory=lambda: {"authorization": "Bearer good"})

    async def ask(self, query: str, variables: object = None, **headers: str) -> httpx.Response:
        sent = {**self.headers, "accept": "application/graphql-response+json", **headers}
        body = {"query": query, "variables": variables}
        return await self.client.post("/graphql", json=body, headers=sent)


Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
async def serve(state: State) -> AsyncIterator[Serve]:
    """Start servers with given limits; `developer=False` is how production treats an ordinary caller."""
    stack: list[object] = []

    async def start(
        developer: bool = True, keep_alive: float = 12.0, documents: PersistedDocuments = NONE, only_persisted: bool = False,
        kind: ActorKind = "user", **limits: float,
    ) -> Served:
        actor = replace(ACTOR, kind=kind)

        schema = strawberry.Schema(Query, Mutation, Subscription)

        async def authenticate(request: object) -> Caller:
            if request.headers.get("authorization") != "Bearer good":
                raise HttpRefusal(401, "UNAUTHENTICATED", "http-sign-in", {"www-authenticate": "Bearer"})
            return Caller(actor, COUNTY, choose_locale(request.headers.get("accept-language")), developer, signed_in)

        async def signed_in() -> Standing:
            return state.standing

        async def schema_of(county: CountyView) -> strawberry.Schema:
            assert county is COUNTY
            return schema

        @asynccontextmanager
        async def context_for(caller: Caller) -> AsyncIterator[int]:
            assert caller.actor is actor
            state.contexts += 1
            yield state.contexts

        endpoint = GraphQLEndpoint(
            Services(
                authenticate, schema_of, context_for, limits=replace(Limits(), **limits), keep_alive=keep_alive,
                documents=documents, only_persisted=only_persisted,
            )
        )
        running = serving(endpoint)
        url = await running.__aenter__()
        client = httpx.AsyncClient(base_url=url, timeout=20)
        stack.extend((running, client))
        return Served(client, url, endpoint)

    yield start
    for opened in reversed(stack):
        await opened.__aexit__(None, None, None)
