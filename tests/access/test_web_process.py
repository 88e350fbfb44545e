"""The rest of the web process: health, schema, the web app's files, headers; reads and live updates end to end."""

import asyncio
import json
from typing import Any

import httpx
import pytest

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
