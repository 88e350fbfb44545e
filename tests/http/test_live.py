"""Subscriptions over server-sent events, on a real connection."""

import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from gridloom.http.sse import Standing

EVENTS = {"accept": "text/event-stream", "authorization": "Bearer good"}


def parse(text: str) -> list[tuple[str, Any]]:
    """The events of a stream; comments left out."""
    events = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if fields:
            events.append((fields["event"], json.loads(fields["data"]) if fields["data"] else None))
    return events


async def post(served: Any, query: str, **variables: Any) -> httpx.Response:
    return await served.client.post("/graphql", json={"query": query, "variables": variables}, headers=EVENTS)


async def test_events_then_complete(serve: Any, state: Any) -> None:
    served = await serve()
    answer = await post(served, "subscription($n: Int!) { ticks(count: $n) { number context } }", n=3)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store, no-transform"
    # Each event is resolved in a context of its own (the first is the subscription's).
    assert parse(answer.text) == [
        *(("next", {"data": {"ticks": {"number": n, "context": n + 2}}}) for n in range(3)), ("complete", None),
    ]
    assert state.open == 0


async def test_queries_and_request_errors_are_one_event(serve: Any) -> None:
    served = await serve()
    assert parse((await post(served, "{ hello }")).text) == [
        ("next", {"data": {"hello": "你好，世界"}}), ("complete", None),
    ]
    (kind, body), end = parse((await post(served, "subscription { nothing }")).text)
    assert (kind, body["errors"][0]["extensions"], end) == (
        "next", {"code": "GRAPHQL_VALIDATION_FAILED"}, ("complete", None)
    )


async def test_subscription_needs_an_event_stream(serve: Any) -> None:
    served = await serve()
    answer = await served.ask("subscription { ticks(count: 1) { number } }")
    assert (answer.status_code, answer.headers["accept"]) == (406, "text/event-stream")


async def test_fault_in_the_source_is_masked_and_ends_the_stream(serve: Any) -> None:
    served = await serve()
    events = parse((await post(served, "subscription { failing }")).text)
    assert [kind for kind, _ in events] == ["next", "next", "complete"]
    assert events[0][1] == {"data": {"failing": 1}}
    assert events[1][1]["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "张三" not in json.dumps(events, ensure_ascii=False)


async def test_source_is_closed_when_the_client_leaves(serve: Any, state: Any) -> None:
    served = await serve()
    body = {"query": "subscription { ticks(count: 1000, pause: 0.05) { number } }"}
    async with served.client.stream("POST", "/graphql", json=body, headers=EVENTS) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("event: next"):
                break
        assert state.open == 1
    for _ in range(100):
        if state.open == 0:
            break
        await asyncio.sleep(0.02)
    assert state.open == 0


async def test_idle_stream_is_kept_alive_and_ends_with_the_sign_in(serve: Any, state: Any) -> None:
    served = await serve(keep_alive=0.1)
    body = {"query": "subscription { ticks(count: 2, pause: 30) { number } }"}
    comments, text = 0, ""
    async with served.client.stream("POST", "/graphql", json=body, headers=EVENTS) as answer:
        async for line in answer.aiter_lines():
            text += line + "\n"
            comments += line == ":"
            if comments == 4:
                state.standing = Standing.ENDED
    events = parse(text)
    assert events[0] == ("next", {"data": {"ticks": {"number": 0}}})
    assert events[1][1]["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert events[2:] == [("complete", None)]
    assert state.open == 0


async def test_busy_stream_completes_when_rights_change(serve: Any, state: Any) -> None:
    served = await serve(keep_alive=0.1)
    state.standing = Standing.CHANGED
    answer = await post(served, "subscription { ticks(count: 1000, pause: 0.01) { number } }")
    events = parse(answer.text)
    assert 1 < len(events) < 500
    assert all("errors" not in body for kind, body in events[:-1])
    assert events[-1] == ("complete", None)


async def test_streams_end_when_the_server_stops(serve: Any, state: Any) -> None:
    served = await serve()
    waiting = asyncio.create_task(post(served, "subscription { ticks(count: 2, pause: 30) { number } }"))
    while state.open == 0:
        await asyncio.sleep(0.01)
    started = time.perf_counter()
    served.endpoint.stopping.set()
    assert parse((await waiting).text)[-1] == ("complete", None)
    assert time.perf_counter() - started < 15  # the stream itself would pause for 30
    assert state.open == 0


@pytest.mark.parametrize("most", [1, 2])
async def test_streams_of_one_caller_are_bounded(serve: Any, state: Any, most: int) -> None:
    served = await serve(streams_per_actor=most)
    query = "subscription { ticks(count: 2, pause: 30) { number } }"
    waiting = [asyncio.create_task(post(served, query)) for _ in range(most)]
    while state.open < most:
        await asyncio.sleep(0.01)
    (_, refused), _ = parse((await post(served, query)).text)
    assert refused["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}
    served.endpoint.stopping.set()
    await asyncio.gather(*waiting)
