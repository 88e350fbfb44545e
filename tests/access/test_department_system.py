"""A department's own system over HTTP: facts from the beginning, live changes, a case shared with it, nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from gridloom.worker import Worker
from tests.access.test_tokens import token

FACTS = "query($after: String) { facts(after: $after, first: 200) { nodes { type caseId } pageInfo { endCursor } } }"
LIVE = "subscription { caseChanged { cursor type case { id number assignments { status } } } }"
REPORT = {"description": "市场门口有人打架。", "workItemCode": "C-10"}


async def next_events(lines: AsyncIterator[str], wanted: str) -> dict[str, Any]:
    """The change of the wanted type; what else comes before it is read over."""
    async with asyncio.timeout(20):
        async for line in lines:
            if line.startswith("data: {"):
                change = json.loads(line.removeprefix("data: "))["data"]["caseChanged"]
                if change["type"] == wanted:
                    return change
    raise AssertionError(f"{wanted} did not come")


async def facts_of(browser: httpx.AsyncClient, headers: dict[str, str], case: str) -> list[str]:
    """The types of a case's facts that this caller may know, all pages."""
    found, after = [], None
    while True:
        body = {"query": FACTS, "variables": {"after": after}}
        page = (await browser.post("/graphql", json=body, headers=headers)).json()["data"]["facts"]
        found += [node["type"] for node in page["nodes"] if node["caseId"] == case]
        if len(page["nodes"]) < 200:
            return found
        after = page["pageInfo"]["endCursor"]


async def test_case_shared_with_a_department_reaches_its_system_live(
    place: Any, browser: httpx.AsyncClient, service: Any
) -> None:
    county, worker = place.county, Worker(service)
    police = {"authorization": f"Bearer {await token(browser, place)}"}
    selection = "case { id version }"
    case = (await county.step("member", "reportCase", selection, **REPORT))["case"]
    case = (await county.step(
        "officer_village", "acceptCase", selection, caseId=case["id"], version=case["version"]
    ))["case"]
    await worker.serve(county.view.id)
    assert await facts_of(browser, police, case["id"]) == []

    events = {**police, "accept": "text/event-stream"}
    async with browser.stream("POST", "/graphql", json={"query": LIVE}, headers=events) as answer:
        lines = answer.aiter_lines()
        assert await anext(lines) == ":"
        await asyncio.sleep(0.3)
        await county.step(
            "officer_village", "routeCase", selection, caseId=case["id"], version=case["version"],
            organizationId=str(county.units["GA"]),
        )
        await worker.serve(county.view.id)
        change = await next_events(lines, "case.shared")
    assert change["case"]["id"] == case["id"]
    assert change["case"]["assignments"] == [{"status": "PENDING"}]
    assert "case.shared" in await facts_of(browser, police, case["id"])

    # What a client may not do is refused, whatever it knows.
    verify = {
        "query": "mutation($input: VerifyCaseInput!) { verifyCase(input: $input) { problems { code } } }",
        "variables": {"input": {"key": "v", "caseId": case["id"], "version": case["version"], "passed": True}},
    }
    answer = (await browser.post("/graphql", json=verify, headers=police)).json()
    assert answer["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
