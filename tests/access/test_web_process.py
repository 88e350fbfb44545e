"""The rest of the web process: health, schema, the web app's files, headers; reads and live updates end to end."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridloom.app import create_app
from gridloom.migrate import owner_engine
from gridloom.security import GateClosed
from tests.access.conftest import ME

PAGE = {"accept": "text/html"}


async def test_health(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/healthz")).text == "ok"
    ready = await browser.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"database": True, "redis": True, "gate": True})
    await browser.post("/graphql", json=ME)
    metrics = (await browser.get("/metrics")).text
    assert 'gridloom_answers_total{endpoint="graphql",status="401"}' in metrics
    assert 'gridloom_answer_seconds_bucket{endpoint="graphql",le="+Inf"}' in metrics


async def test_schema_needs_a_sign_in(place: Any, browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/schema.graphql")).status_code == 401
    await browser.post("/auth/sign-in", json=place.typed())
    sdl = (await browser.get("/schema.graphql")).text
    assert "type Case implements Work" in sdl


async def test_page_for_every_page_address_and_files_for_ever(browser: httpx.AsyncClient) -> None:
    for path in ("/", "/inbox", "/cases/0193-1", "/sign-in?next=/x"):
        answer = await browser.get(path, headers=PAGE)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
        assert "<title>织网</title>" in answer.text
        assert answer.headers["content-encoding"] == "gzip"
        again = await browser.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    script = await browser.get("/assets/app-1a2b.js")
    assert (script.text, script.headers["cache-control"]) == ("export {}", "public, max-age=31536000, immutable")
    assert script.headers["content-type"].startswith("text/javascript")
    for path in ("/assets/gone.js", "/favicon.ico", "/assets/%00", "/assets/%2e%2e/%2e%2e/secret.key",
                 "/..%2f..%2fpyproject.toml"):
        assert (await browser.get(path)).status_code == 404, path
    for path in ("/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "//etc/passwd"):
        assert "<title>织网</title>" in (await browser.get(path)).text, path
    head = await browser.head("/")
    assert (head.status_code, head.content) == (200, b"")


async def test_careful_headers_on_every_answer(browser: httpx.AsyncClient) -> None:
    for answer in (await browser.get("/"), await browser.post("/graphql", json=ME), await browser.get("/healthz"),
                   await browser.get("/assets/gone.js")):
        assert answer.headers["content-security-policy"].startswith("default-src 'self';")
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize("compiled", [True, False])
async def test_reads_by_either_path(place: Any, browser: httpx.AsyncClient, compiled: bool) -> None:
    await browser.post("/auth/sign-in", json=place.typed())
    query = "{ organizations(kind: \"CENTRE\", first: 2) { nodes { code } totalCount { value exact } } }"
    if not compiled:
        query = query.replace("{ organizations", "{ me { name } organizations")
    answer = (await browser.post("/graphql", json={"query": query})).json()
    assert answer["data"]["organizations"] == {
        "nodes": [{"code": f"ZX{place.county.code}{tail}"} for tail in ("000000", "101000")],
        "totalCount": {"value": 4, "exact": True},
    }


async def test_live_updates_stop_when_the_session_ends(place: Any, browser: httpx.AsyncClient) -> None:
    await browser.post("/auth/sign-in", json=place.typed())
    body = {"query": "subscription { caseChanged { cursor type } }"}
    async with browser.stream("POST", "/graphql", json=body, headers={"accept": "text/event-stream"}) as answer:
        assert answer.status_code == 200
        lines = answer.aiter_lines()
        assert await anext(lines) == ":"
        await browser.post("/auth/sign-out", json={})
        async with asyncio.timeout(8):
            rest = [line async for line in lines if line]
    data = [line for line in rest if line.startswith("data: {")]
    assert json.loads(data[-1].removeprefix("data: "))["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert rest[-2:] == ["event: complete", "data: "]


async def test_application_starts_and_stops_with_its_lifespan(service: Any, settings: Any) -> None:
    app = create_app(settings)
    async with app.router.lifespan_context(app), httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        assert (await client.get("/readyz")).status_code == 200
        assert not app.state.stopping.is_set()
    assert app.state.stopping.is_set()


async def test_application_does_not_start_behind_a_closed_gate(service: Any, settings: Any) -> None:
    owner = owner_engine(settings)
    try:
        async with owner.begin() as connection:
            await connection.execute(text("CREATE TABLE stray (tenant_id uuid, id uuid)"))
        app = create_app(settings)
        with pytest.raises(GateClosed, match="stray"):
            async with app.router.lifespan_context(app):
                pass
    finally:
        async with owner.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS stray"))
        await owner.dispose()


async def test_not_ready_without_redis(service: Any, settings: Any) -> None:
    app = create_app(replace(settings, redis_url="redis://127.0.0.1:1"))
    async with app.router.lifespan_context(app), httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"database": True, "redis": False, "gate": True})
        assert (await client.get("/healthz")).status_code == 200


async def test_sign_in_and_reads_go_on_without_redis(place: Any, settings: Any) -> None:
    app = create_app(replace(settings, redis_url="redis://127.0.0.1:1"))
    async with app.router.lifespan_context(app), httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        answers = [
            await client.post("/auth/sign-in", json=place.typed(password="wrong horse")) for _ in range(6)
        ]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    app = create_app(replace(settings, redis_url="redis://127.0.0.1:1"))
    async with app.router.lifespan_context(app), httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        assert (await client.post("/auth/sign-in", json=place.typed())).status_code == 200
        assert (await client.post("/graphql", json=ME)).json()["data"]["me"]["name"] == place.person


async def test_over_https_the_cookie_is_bound_to_the_host(place: Any, service: Any, settings: Any) -> None:
    public = replace(settings, public_url="https://gridloom.example", production=True)
    app = create_app(public)
    async with app.router.lifespan_context(app), httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://gridloom.example"
    ) as client:
        answer = await client.post("/auth/sign-in", json=place.typed(), headers={"origin": public.public_url})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-gridloom=")
        assert "Secure" in cookie
        assert "Domain" not in cookie
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        # In production the schema is for developers.
        assert (await client.post("/graphql", json=ME)).status_code == 200
        assert (await client.get("/schema.graphql")).status_code == 403
        refused = await client.post("/graphql", json={"query": "{ __schema { types { name } } }"})
        assert refused.json()["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
