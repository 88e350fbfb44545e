"""Bad input over HTTP: a clear, coded, translated answer each time, and nothing has changed."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.journeys.callers import Answer, World
from tests.journeys.documents import DOCUMENTS
from tests.journeys.journeys import accepted, codes, refused, reported, whole

FOREIGN = "532923101201001"


BAD_REPORTS: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "empty description": ({"description": ""}, "VALIDATION", ["description"]),
    "blank description": ({"description": " \n　"}, "VALIDATION", ["description"]),
    "long description": ({"description": "长" * 10_001}, "VALIDATION", ["description"]),
    "unstorable character": ({"description": "a\x00b"}, "VALIDATION", ["description"]),
    "unknown item": ({"workItemCode": "Z-99"}, "NOT_FOUND", ["workItemCode"]),
    "unknown grid": ({"gridCode": "999999999999"}, "NOT_FOUND", ["gridCode"]),
    "grid of another county": ({"gridCode": FOREIGN}, "NOT_FOUND", ["gridCode"]),
    "point outside": ({"location": {"longitude": 0.0, "latitude": 0.0}}, "OUTSIDE_COUNTY", ["location"]),
    "unknown file": ({"attachmentIds": [str(uuid4())]}, "NOT_FOUND", ["attachmentIds"]),
    "time ahead": ({"occurredAt": "2099-01-01T00:00:00Z"}, "VALIDATION", ["occurredAt"]),
    "identity number": (
        {"parties": [{"name": "张三", "role": "申请人", "idNumber": "110105194912310021"}]}, "VALIDATION",
        ["parties", "0", "idNumber"],
    ),
    "empty key": ({"key": ""}, "VALIDATION", ["key"]),
}


@pytest.mark.parametrize("name", BAD_REPORTS)
async def test_a_bad_report_is_refused_and_leaves_nothing(world: World, name: str) -> None:
    change, code, path = BAD_REPORTS[name]
    member = await world.person("grid1")
    before = (await member.read("CaseList", first=1))["totalCount"]
    given = {"description": "路灯不亮", "workItemCode": "C-13", **change}
    payload = await member.payload("ReportCase", **given)
    assert [(one["code"], one["path"]) for one in payload["problems"]] == [(code, path)]
    assert (payload["case"], payload["trackingCode"], payload["notice"]) == (None, None, None)
    english = (await member.post("ReportCase", "en", input={"key": str(uuid4()), **given})).json()
    if "key" not in change:
        told = english["data"]["reportCase"]["problems"][0]["message"]
        assert told.isascii()
        assert told != payload["problems"][0]["message"]
    assert (await member.read("CaseList", first=1))["totalCount"] == before


async def test_half_a_character_is_refused(world: World) -> None:
    """JSON can spell a lone surrogate; no text can hold one."""
    member = await world.person("grid1")
    variables = {"input": {"key": str(uuid4()), "description": "a\ud800b", "workItemCode": "C-13"}}
    body = json.dumps({"query": DOCUMENTS["ReportCase"], "operationName": "ReportCase", "variables": variables})
    answer = await member.http.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200
    problems = answer.json()["data"]["reportCase"]["problems"]
    assert [(one["code"], one["path"]) for one in problems] == [("VALIDATION", ["description"])]


async def test_ten_megabytes_are_not_even_read(world: World) -> None:
    member = await world.person("grid1")
    response = await member.post(
        "ReportCase", input={"key": str(uuid4()), "description": "长" * 3_500_000, "workItemCode": "C-13"}
    )
    assert response.status_code == 413
    assert response.json()["errors"][0]["message"]


async def test_a_stale_version_and_a_wrong_state(world: World) -> None:
    village = await world.person("centre-village-officer")
    case = await accepted(world)
    stale = await refused(village, village, case, "CONFLICT", "EscalateCase", caseId=case["id"],
                          version=case["version"] - 1, reason="上报")
    assert stale["case"]["version"] == case["version"]
    await refused(village, village, case, "NOT_ALLOWED_NOW", "CloseCase", caseId=case["id"], version=case["version"])
    await refused(village, village, case, "NOT_ALLOWED_NOW", "ReopenCase", caseId=case["id"], version=case["version"],
                  reason="重开")


async def test_somebody_elses_step(world: World) -> None:
    """A centre that does not run the case; a role that has no such step at all."""
    village, member = await world.people("centre-village-officer", "grid1")
    case = await accepted(world)
    case = await village.on(case, "EscalateCase", reason="上报")
    await refused(village, village, case, "NOT_YOURS", "RejectCase" if case["status"] == "REPORTED" else "EscalateCase",
                  caseId=case["id"], version=case["version"], reason="再上报")
    before = await whole(village, case)
    answer = await member.answer("AcceptCase", input={"key": str(uuid4()), "caseId": case["id"], "version": case["version"]})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert await whole(village, case) == before


async def test_a_key_used_for_other_content(world: World) -> None:
    key = str(uuid4())
    first = await reported(world, key=key)
    member = await world.person("grid1")
    other = await member.payload("ReportCase", key=key, description="完全不同的事", workItemCode="C-13")
    assert (codes(other), other["case"]) == (["KEY_REUSED"], None)
    assert (await member.case(first["case"]["id"]))["version"] == 1


async def test_a_refusal_does_not_use_up_its_key(world: World) -> None:
    member = await world.person("grid1")
    key = str(uuid4())
    assert codes(await member.payload("ReportCase", key=key, description="", workItemCode="C-13")) == ["VALIDATION"]
    assert codes(await member.payload("ReportCase", key=key, description="路灯不亮", workItemCode="C-13")) == []


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer nonsense"}, {"cookie": "gridloom=532925.nonsense"}])
async def test_without_a_valid_sign_in_everything_is_401(world: World, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=world.url, headers=headers, trust_env=False) as http:
        answer = await http.post("/graphql", json={"query": "{ me { name } }"})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_ids_of_another_county_are_like_random_ids(world: World) -> None:
    """J9: whatever id of Xiangyun Midu asks for, the answer is that of a random id."""
    ours = await world.person("centre-county-officer")
    theirs = await world.person("centre-county-officer", "532923")
    seen = (await theirs.read("CaseList", first=5))["nodes"]
    units = (await theirs.read("Organizations", first=5))["nodes"]
    grids = (await theirs.read("Grids", first=5))["nodes"]
    case = await accepted(world)
    for one in seen:
        assert await _same(ours, "Case", {"id": one["id"]}, {"id": str(uuid4())})
        assert await _same(ours, "Case", {"number": one["number"]}, {"number": "532925-20990101-00001"})
        for operation in ("AcceptCase", "CloseCase"):
            foreign, random = [
                await ours.payload(operation, caseId=id, version=1) for id in (one["id"], str(uuid4()))
            ]
            assert foreign == random
            assert codes(foreign) == ["NOT_FOUND"]
    village = await world.person("centre-village-officer")
    for unit in units:
        foreign, random = [
            await village.payload("RouteCase", caseId=case["id"], version=case["version"], organizationId=id)
            for id in (unit["id"], str(uuid4()))
        ]
        assert foreign["problems"] == random["problems"]
        assert [(one["code"], one["path"]) for one in foreign["problems"]] == [("NOT_FOUND", ["organizationId"])]
    for grid in grids:
        page = await ours.read("CaseList", first=5, filter={"under": grid["id"]})
        assert (page["nodes"], page["totalCount"]["value"]) == ([], 0)


async def _same(caller: Any, operation: str, foreign: dict[str, str], random: dict[str, str]) -> bool:
    answers: list[Answer] = []
    for variables in (foreign, random):
        answer = await caller.answer(operation, **variables)
        for error in answer["errors"]:
            error.get("extensions", {}).pop("trace", None)
        answers.append(answer)
    return json.dumps(answers[0], sort_keys=True) == json.dumps(answers[1], sort_keys=True)
