"""A request that takes too long ends in the database too, on both paths; an answer that is too long is not sent."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from starlette.requests import Request
from starlette.types import Message

from gridloom.app import Web
from gridloom.config import Settings
from gridloom.http.graphql import Caller, GraphQLEndpoint
from gridloom.http.sse import Standing
from tests.support.county import County

COMPILED = "{ cases(first: 200) { nodes { id number title assignments { id } clocks { dueAt } } totalCount { value } } }"
ORDINARY = "{ cases(first: 1) { nodes { id allowedSteps } } }"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def asked(county: County, text: str, **limits: Any) -> tuple[int, dict[str, Any]]:
    """The answer of a web process with these limits to an officer of the county."""
    county.view = await county.service.county(county.view.id)
    actor = await county.actor("officer_village")

    async def standing() -> Standing:
        return Standing.VALID

    async def authenticate(request: Request) -> Caller:
        return Caller(actor, county.view, "zh-CN", True, standing)

    services = Web(county.service).graphql._services
    endpoint = GraphQLEndpoint(
        replace(services, authenticate=authenticate, limits=replace(services.limits, **limits))
    )
    body, sent = json.dumps({"query": text}).encode(), list[Message]()
    parts = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        return next(parts, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"accept", b"application/graphql-response+json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers, "query_string": b""}
    await endpoint(scope, receive, send)
    return sent[0]["status"], json.loads(b"".join(each.get("body", b"") for each in sent[1:]))


@asynccontextmanager
async def locked(database: Settings, table: str) -> AsyncIterator[asyncpg.Connection]:
    """Whoever reads the table waits, as behind a statement that takes for ever; the connection looks on."""
    admin = await asyncpg.connect(database.database_url.replace("+asyncpg", ""))
    try:
        async with admin.transaction():
            await admin.execute(f'LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE')
            yield admin
    finally:
        await admin.close()


async def gone(admin: asyncpg.Connection) -> bool:
    """Whether nobody waits for the lock any more, within five seconds."""
    for _ in range(100):
        if await admin.fetchval(WAITING) == 0:
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.parametrize("text", [COMPILED, ORDINARY])
async def test_the_statement_of_a_late_answer_is_ended(county: County, database: Settings, text: str) -> None:
    assert (await asked(county, text))[0] == 200
    async with locked(database, "case_scope") as admin:
        request = asyncio.create_task(asked(county, text, seconds=1.0))
        for _ in range(100):
            if await admin.fetchval(WAITING):
                break
            await asyncio.sleep(0.02)
        assert await admin.fetchval(WAITING) == 1
        status, answer = await request
        assert (status, answer["errors"][0]["extensions"]["code"]) == (503, "TIMEOUT")
        assert await gone(admin)
    status, answer = await asked(county, text)
    assert (status, list(answer)) == (200, ["data"])


@pytest.mark.parametrize("text", [COMPILED, ORDINARY])
async def test_the_statement_of_a_cancelled_request_is_ended(county: County, database: Settings, text: str) -> None:
    async with locked(database, "case_scope") as admin:
        request = asyncio.create_task(asked(county, text))
        for _ in range(200):
            if await admin.fetchval(WAITING):
                break
            await asyncio.sleep(0.02)
        assert await admin.fetchval(WAITING) == 1
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert await gone(admin)


@pytest.mark.parametrize("text", ["{ grids(first: 50) { nodes { id code } } }", "{ me { name permissions } }"])
async def test_an_answer_that_is_too_long_is_refused(county: County, text: str) -> None:
    status, answer = await asked(county, text, response_bytes=100)
    assert (status, answer["errors"][0]["extensions"]["code"]) == (400, "LIMIT_EXCEEDED")
    assert "data" not in answer
