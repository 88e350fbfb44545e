"""The main job through the schema, with the refusals on its way (journeys J1–J8 of the contract on a small county)."""

from typing import Any

from tests.support.county import County

CASE = "case { id number status version dueAt paused selfHandled allowedSteps }"
ASSIGNMENT = "assignment { id version role status signDueAt reportInDueAt dueAt whistle { state } }"
ASSIGNMENTS = "assignments { id version role status organization { code } signDueAt dueAt return { reason upheld } }"


def codes(payload: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in payload["problems"]]


async def reported(county: County, item: str = "C-10", **values: Any) -> dict[str, Any]:
    payload = await county.step(
        "member", "reportCase", f"{CASE} trackingCode notice replayed",
        description="村口水沟堵塞,雨水漫到路上三天了。", workItemCode=item, **values,
    )
    assert payload["problems"] == []
    return payload


async def accepted(county: County, item: str = "C-10") -> dict[str, Any]:
    case = (await reported(county, item))["case"]
    return await take(county, "officer_village", "acceptCase", case)


async def take(county: County, who: str, name: str, case: dict[str, Any], extra: str = "", **values: Any) -> dict[str, Any]:
    """A step on a case that must pass; the case afterwards."""
    payload = await county.step(who, name, CASE[:-1] + extra + " }", caseId=case["id"], version=case["version"], **values)
    assert payload["problems"] == [], payload
    found: dict[str, Any] = payload["case"]
    return found


async def work(county: County, who: str, name: str, assignment: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A step on an assignment that must pass; the assignment afterwards."""
    payload = await county.step(
        who, name, f"{ASSIGNMENT} {CASE}", assignmentId=assignment["id"], version=assignment["version"], **values
    )
    assert payload["problems"] == [], payload
    found: dict[str, Any] = payload["assignment"]
    return found | {"case": payload["case"]}


async def whistled(county: County, grade: str = "ROUTINE", who: str = "officer_village") -> tuple[dict[str, Any], ...]:
    """An accepted case with a blown whistle: the case, the lead's and the assist's assignment."""
    case = await accepted(county)
    case = await take(
        county, who, "blowWhistle", case, ASSIGNMENTS, grade=grade, leadId=str(county.units["SW"]),
        assistIds=[str(county.units["ZJ"])], reason="超出本级职权",
    )
    lead, assist = case["assignments"]
    assert (lead["role"], assist["role"]) == ("LEAD", "ASSIST")
    return case, lead, assist


async def handled(county: County) -> dict[str, Any]:
    _case, lead, assist = await whistled(county)
    for who, assignment in (("housing", assist), ("water", lead)):
        signed = await work(county, who, "signAssignment", assignment)
        there = await work(county, who, "reportIn", signed, personName="李工")
        done = await work(county, who, "completeAssignment", there, result="已清淤,水已退。")
    return done["case"]


async def test_whistle_from_report_to_reopening(county: County) -> None:
    first = await reported(county, key="same")
    again = await reported(county, key="same")
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["trackingCode"] == again["trackingCode"]
    assert first["case"]["number"] == again["case"]["number"]
    case = await take(county, "officer_village", "acceptCase", first["case"])
    assert case["status"] == "ACCEPTED"
    assert case["dueAt"] is not None
    case = await take(county, "officer_village", "escalateCase", case, reason="村级无力解决")
    case = await take(county, "officer_township", "escalateCase", case, reason="镇级无力解决")
    case = await take(
        county, "officer_county", "blowWhistle", case, "whistles { id state } " + ASSIGNMENTS, grade="KEY",
        leadId=str(county.units["SW"]), assistIds=[str(county.units["ZJ"])], reason="需部门联合处置",
    )
    assert case["status"] == "ACCEPTED"
    assert [one["state"] for one in case["whistles"]] == ["PROPOSED"]
    assert [(one["status"], one["dueAt"]) for one in case["assignments"]] == [("PENDING", None), ("PENDING", None)]
    unseen = await county.ask("water", "query($id: ID) { case(id: $id) { id } }", id=case["id"])
    assert unseen["data"] == {"case": None}
    ruled = await county.step(
        "lead_county", "ruleWhistle", CASE[:-1] + "whistles { state } " + ASSIGNMENTS + " }",
        whistleId=case["whistles"][0]["id"], approved=True,
    )
    assert ruled["problems"] == []
    case = ruled["case"]
    assert (case["status"], case["whistles"][0]["state"]) == ("ROUTED", "BLOWN")
    lead, assist = case["assignments"]
    assert lead["signDueAt"] is not None
    lead, assist = await work(county, "water", "signAssignment", lead), await work(county, "housing", "signAssignment", assist)
    lead = await work(county, "water", "reportIn", lead, personName="李工")
    assist = await work(county, "housing", "reportIn", assist, personName="王工")
    progress = await county.step("water", "addProgress", CASE, caseId=case["id"], note="正在清淤")
    assert progress["problems"] == []
    early = await county.step(
        "water", "completeAssignment", ASSIGNMENT, assignmentId=lead["id"], version=lead["version"], result="已完成"
    )
    assert codes(early) == ["ASSISTS_OPEN"]
    await work(county, "housing", "completeAssignment", assist, result="已支援")
    lead = await work(county, "water", "completeAssignment", lead, result="已清淤")
    case = lead["case"]
    assert case["status"] == "HANDLED"
    same = await county.step("water", "verifyCase", CASE, caseId=case["id"], version=case["version"], passed=True)
    assert codes(same) == ["SAME_PERSON"]
    case = await take(county, "officer_township", "verifyCase", case, passed=True)
    assert case["status"] == "VERIFIED"
    soon = await county.step("officer_county", "closeCase", CASE, caseId=case["id"], version=case["version"])
    assert codes(soon) == ["NOT_ALLOWED_NOW"]
    case = await take(county, "officer_county", "callBack", case, reached=True, satisfaction=5)
    case = await take(county, "officer_county", "closeCase", case)
    assert case["status"] == "CLOSED"
    before = case["dueAt"]
    county.service.clock.offset = county.service.clock.offset * 1  # type: ignore[attr-defined]
    case = await take(county, "officer_county", "reopenCase", case, reason="又堵了")
    assert case["status"] == "ACCEPTED"
    assert case["dueAt"] > before


async def test_rejected_and_nothing_more(county: County) -> None:
    case = (await reported(county))["case"]
    case = await take(county, "officer_village", "rejectCase", case, reason="不属受理范围", remedy="可向水务局反映")
    assert (case["status"], case["allowedSteps"]) == ("REJECTED", [])
    late = await county.step("officer_village", "acceptCase", CASE, caseId=case["id"], version=case["version"])
    assert codes(late) == ["NOT_ALLOWED_NOW"]


async def test_handled_on_the_spot(county: County) -> None:
    payload = await reported(county, "A-01", selfHandled=True, handledNote="双方当场和解")
    case = payload["case"]
    assert (case["status"], payload["trackingCode"]) == ("HANDLED", None)
    assert "verifyCase" not in case["allowedSteps"]
    case = await take(county, "member", "closeCase", case)
    assert case["status"] == "CLOSED"


async def test_handled_on_the_spot_only_what_is_light(county: County) -> None:
    payload = await county.step(
        "member", "reportCase", CASE, description="水断了", workItemCode="C-10", selfHandled=True, handledNote="修好了"
    )
    assert codes(payload) == ["VALIDATION"]
    assert payload["problems"][0]["path"] == ["selfHandled"]
    assert payload["case"] is None


async def test_routed_paused_extended(county: County) -> None:
    case = await accepted(county)
    case = await take(county, "officer_village", "routeCase", case, ASSIGNMENTS, organizationId=str(county.units["SW"]))
    assert case["status"] == "ROUTED"
    signed = await work(county, "water", "signAssignment", case["assignments"][0])
    case = await take(county, "water", "pauseCase", case, reason="缺少资料", missing="管线图")
    assert case["paused"] is True
    blocked = await county.step(
        "water", "completeAssignment", ASSIGNMENT, assignmentId=signed["id"], version=signed["version"], result="好了"
    )
    assert codes(blocked) == ["NOT_ALLOWED_NOW"]
    clocks = await county.ask(
        "water", "query($id: ID) { case(id: $id) { clocks { kind label state explanation { reason note } } } }", id=case["id"]
    )
    paused = [one for one in clocks["data"]["case"]["clocks"] if one["state"] == "PAUSED"]
    assert paused
    assert paused[0]["explanation"][-1]["reason"] == "PAUSED"
    case = await take(county, "officer_village", "resumeCase", case)
    asked = await county.step(
        "officer_village", "extendCase", CASE, caseId=case["id"], version=case["version"], reason="雨季", workingDays=3
    )
    assert codes(asked) == ["APPROVAL_NEEDED"]
    before = case["dueAt"]
    case = await take(county, "lead_village", "extendCase", case, reason="雨季", workingDays=3)
    assert case["dueAt"] > before
    done = await work(county, "water", "completeAssignment", signed, result="已修复")
    assert done["case"]["status"] == "HANDLED"


async def test_returned_and_ruled(county: County) -> None:
    case, lead, assist = await whistled(county)
    lead = await work(county, "water", "signAssignment", lead)
    bare = await county.step(
        "water", "askReturn", ASSIGNMENT, assignmentId=lead["id"], version=lead["version"], reason="NOT_OUR_DUTY", basis=" "
    )
    assert codes(bare) == ["VALIDATION"]
    lead = await work(
        county, "water", "askReturn", lead, reason="NOT_OUR_DUTY", basis="三定方案第五条",
        suggestedOrganizationId=str(county.units["CG"]),
    )
    assert lead["status"] == "RETURN_ASKED"
    ruled = await county.step(
        "officer_village", "ruleReturn", CASE[:-1] + ASSIGNMENTS + " } precedent { organization { code } ruling }",
        assignmentId=lead["id"], version=lead["version"], upheld=True, organizationId=str(county.units["CG"]),
        ruling="属城市管理职责",
    )
    assert ruled["problems"] == []
    assert ruled["precedent"] == {"organization": {"code": "CG"}, "ruling": "属城市管理职责"}
    leads = [one for one in ruled["case"]["assignments"] if one["role"] == "LEAD"]
    assert [(one["organization"]["code"], one["status"]) for one in leads] == [("SW", "RETURNED"), ("CG", "PENDING")]
    case = await take(
        county, "officer_village", "superviseCase", ruled["case"], "cards { card organization { code } issuedBy { name } }",
        card="YELLOW", reason="两日未到场", dueAt="2099-01-01T00:00:00Z",
    )
    assert case["cards"] == [
        {"card": "YELLOW", "organization": {"code": "CG"}, "issuedBy": {"name": "officer_village"}}
    ]
    excused = await work(county, "officer_village", "excuseAssignment", assist, reason="不再需要")
    assert excused["status"] == "EXCUSED"


async def test_return_not_upheld_may_not_be_asked_twice(county: County) -> None:
    _case, lead, _assist = await whistled(county)
    lead = await work(county, "water", "askReturn", lead, reason="NOT_OUR_AREA", basis="不在辖区")
    ruled = await county.step(
        "officer_village", "ruleReturn", CASE[:-1] + ASSIGNMENTS + " }", assignmentId=lead["id"], version=lead["version"],
        upheld=False, ruling="属地无误",
    )
    assert ruled["problems"] == []
    again = ruled["case"]["assignments"][0]
    assert (again["status"], again["return"]) == ("SIGNED", {"reason": "NOT_OUR_AREA", "upheld": False})
    twice = await county.step(
        "water", "askReturn", ASSIGNMENT, assignmentId=again["id"], version=again["version"], reason="DUPLICATE", basis="重复"
    )
    assert codes(twice) == ["ALREADY_RETURNED"]


async def test_emergency_is_blown_from_reported(county: County) -> None:
    payload = await reported(county, "B-16")
    assert "先拨打" in payload["notice"]
    case = await take(
        county, "officer_village", "blowWhistle", payload["case"], ASSIGNMENTS, grade="EMERGENCY",
        leadId=str(county.units["SW"]), reason="山洪",
    )
    assert case["status"] == "ROUTED"
    assert case["assignments"][0]["signDueAt"] is not None


async def test_clue_and_violence(county: County) -> None:
    clue = await county.ask("officer_village", "{ workItems(first: 200) { nodes { code clue } } }")
    code = next(one["code"] for one in clue["data"]["workItems"]["nodes"] if one["clue"])
    refused = await county.step("member", "reportCase", CASE, description="线索", workItemCode=code)
    assert codes(refused) == ["USE_CLUE"]
    assert "sealClue" in refused["problems"][0]["message"]
    payload = await county.step(
        "member", "reportCase", f"{CASE} trackingCode notice", description="邻居家有打骂声", workItemCode="A-08"
    )
    assert (payload["problems"], payload["case"]) == ([], None)
    assert payload["trackingCode"]
    assert "110" in payload["notice"]
    lists = "{ cases { nodes { id title description } totalCount { value } } }"
    for who, seen in {"lead_village": 1, "police": 1, "police_lead": 1, "officer_village": 0, "member": 0, "lead_county": 0,
                      "leader": 0}.items():
        answer = await county.ask(who, lists)
        assert answer["data"]["cases"]["totalCount"]["value"] == seen, who
    found = (await county.ask("lead_village", lists))["data"]["cases"]["nodes"][0]
    assert found["description"] == "邻居家有打骂声"
    assert "打骂" not in found["title"]
    case = (await county.ask("lead_village", "query($id: ID) { " + CASE.replace("case {", "case(id: $id) {") + " }",
                             id=found["id"]))["data"]["case"]
    await take(county, "lead_village", "nameHandlers", case, add=[str(county.people["lead_county"])], reason="提级办理")
    answer = await county.ask("lead_county", lists)
    assert answer["data"]["cases"]["totalCount"]["value"] == 1


async def test_a_protected_report_finds_the_next_lead_above(county: County) -> None:
    """The west village's centre has no lead: the township's one is the first handler."""
    payload = await county.step("member_west", "reportCase", CASE, description="有人求救", workItemCode="A-08")
    assert payload["problems"] == []
    counted = "{ cases { totalCount { value } } }"
    for who, seen in {"lead_township": 1, "lead_village": 0, "lead_county": 0, "officer_west": 0}.items():
        answer = await county.ask(who, counted)
        assert answer["data"]["cases"]["totalCount"]["value"] == seen, who
