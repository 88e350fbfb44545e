"""The contract's journeys J0–J8, in its own documents, over HTTP. Each raises when an answer is not what it says."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.journeys.callers import Answer, Caller, World

Journey = Callable[[World], Awaitable[None]]
DUE = (datetime.now(UTC) + timedelta(days=3)).isoformat()


def codes(payload: Answer) -> list[str]:
    """The codes of a payload's problems."""
    return [problem["code"] for problem in payload["problems"]]


async def whole(centre: Caller, case: Answer) -> Any:
    """What a refusal must leave alone: the case with its timeline, clocks and assignments, and its facts."""
    seen = await centre.case(case["id"])
    for clock in seen["clocks"]:
        del clock["explanation"]  # an open clock is explained up to now
    facts = [fact["id"] for fact in await centre.facts() if fact["caseId"] == case["id"]]
    return seen, facts


async def refused(by: Caller, centre: Caller, case: Answer, code: str, operation: str, **values: Any) -> Answer:
    """A step that must be refused with this code, in both languages, and change nothing."""
    before = await whole(centre, case)
    payload: Answer = await by.payload(operation, **values)
    assert codes(payload) == [code], (operation, payload["problems"])
    english = (await by.post(operation, "en", input={"key": str(uuid4()), **values})).json()
    told = next(iter(english["data"].values()))["problems"][0]["message"]
    assert told.isascii(), told
    assert payload["problems"][0]["message"] != told
    assert await whole(centre, case) == before
    return payload


async def reported(world: World, item: str = "C-10", **values: Any) -> Answer:
    """A report of the branch's grid member, taken in."""
    member = await world.person("grid1")
    payload: Answer = await member.step(
        "ReportCase", description=f"村口水沟堵塞,雨水漫到路上三天了({uuid4().hex[:8]})", workItemCode=item, **values
    )
    return payload


async def accepted(world: World, item: str = "C-10") -> Answer:
    """The same, accepted by the village's centre."""
    case = (await reported(world, item))["case"]
    village = await world.person("centre-village-officer")
    taken: Answer = await village.on(case, "AcceptCase")
    return taken


async def j0_look_around(world: World) -> None:
    """Every reader's documents, for each role."""
    for account in ("grid1", "centre-village-officer", "centre-township-officer", "centre-county-officer", "sw-officer",
                    "mediator-township", "leader-county", "admin"):
        caller = await world.person(account)
        me = await caller.read("Me")
        assert me["county"] == {"code": world.county, "name": "弥渡县", "timeZone": "Asia/Shanghai"}
        assert caller.who["role"] in [post["role"] for post in me["posts"]]
        await caller.read("Inbox", first=50)
        await caller.read("CaseList", first=50)
        await caller.read("Mechanisms")
        await caller.read("Precedents")
    caller = await world.person("centre-county-officer")
    levels = [len(await caller.pages("Grids", level=level)) for level in (2, 3, 4, 5)]
    assert levels == [1, 8, 89, 940]
    items = (await caller.read("WorkItems"))["nodes"]
    assert len(items) == 100
    assert {item["category"] for item in items} == {"DISPUTE", "SAFETY", "SERVICE", "CENTRAL_WORK"}
    assert len(await caller.pages("Organizations", kind="CENTRE")) == 98
    place = await caller.read("GridAt", longitude=100.49, latitude=25.34)
    assert place["level"] == 5
    assert [grid["level"] for grid in place["path"]] == [2, 3, 4, 5]
    assert await caller.read("GridAt", longitude=0.0, latitude=0.0) is None


async def j1_by_whistle(world: World) -> None:
    """Report to reopening, with a KEY whistle that a lead approves."""
    village, township, county, lead = await world.people(
        "centre-village-officer", "centre-township-officer", "centre-county-officer", "centre-county-lead"
    )
    water, housing = await world.people("sw-officer", "zj-officer")
    units = await world.units(county)
    key = str(uuid4())
    first = await reported(world, key=key, title="水沟堵塞")
    member = await world.person("grid1")
    again = await member.payload(
        "ReportCase", key=key, title="水沟堵塞", workItemCode="C-10", description=first["case"]["description"]
    )
    assert (first["replayed"], again["replayed"], again["problems"]) == (False, True, [])
    assert (again["case"]["id"], again["trackingCode"]) == (first["case"]["id"], first["trackingCode"])
    case = await village.on(first["case"], "AcceptCase")
    case = await village.on(case, "EscalateCase", reason="村级无力解决")
    case = await township.on(case, "EscalateCase", reason="镇级无力解决")
    blown = await county.step(
        "BlowWhistle", caseId=case["id"], version=case["version"], grade="KEY", leadId=units["SW"],
        assistIds=[units["ZJ"]], reason="需部门联合处置",
    )
    case = blown["case"]
    assert (case["status"], [one["state"] for one in case["whistles"]]) == ("ACCEPTED", ["PROPOSED"])
    assert await water.case(case["id"]) is None
    ruled = await lead.step("RuleWhistle", whistleId=case["whistles"][0]["id"], approved=True)
    case = ruled["case"]
    assert (case["status"], case["whistles"][0]["state"]) == ("ROUTED", "BLOWN")
    main, assist = case["assignments"]
    assert all(one["signDueAt"] and one["reportInDueAt"] and one["dueAt"] for one in (main, assist))
    main, assist = await water.with_task(main, "SignAssignment"), await housing.with_task(assist, "SignAssignment")
    main = await water.with_task(main, "ReportIn", personName="李工")
    assist = await housing.with_task(assist, "ReportIn", personName="王工")
    await water.step("AddProgress", caseId=case["id"], note="正在清淤")
    await refused(water, county, case, "ASSISTS_OPEN", "CompleteAssignment", assignmentId=main["id"],
                  version=main["version"], result="已完成")
    await housing.with_task(assist, "CompleteAssignment", result="已支援")
    done = await water.step("CompleteAssignment", assignmentId=main["id"], version=main["version"], result="已清淤")
    case = done["case"]
    assert case["status"] == "HANDLED"
    await refused(water, county, case, "SAME_PERSON", "VerifyCase", caseId=case["id"], version=case["version"], passed=True)
    case = await village.on(case, "VerifyCase", passed=True)
    assert case["status"] == "VERIFIED"
    case = await county.on(case, "CallBack", reached=True, satisfaction=5)
    case = await county.on(case, "CloseCase")
    assert case["status"] == "CLOSED"
    due, steps = case["dueAt"], len((await county.case(case["id"]))["timeline"]["nodes"])
    case = await county.on(case, "ReopenCase", reason="又堵了")
    assert case["status"] == "ACCEPTED"
    assert case["dueAt"] > due
    assert len((await county.case(case["id"]))["timeline"]["nodes"]) == steps + 1


async def j2_rejected(world: World) -> None:
    """Declined with reason and remedy; the reporter reads both, and nothing else is allowed."""
    village, member = await world.people("centre-village-officer", "grid1")
    case = (await reported(world))["case"]
    case = await village.on(case, "RejectCase", reason="不属受理范围", remedy="可向水务局反映")
    assert (case["status"], case["allowedSteps"]) == ("REJECTED", [])
    told = (await member.case(case["id"]))["timeline"]["nodes"][-1]["note"]
    assert "不属受理范围" in told
    assert "可向水务局反映" in told
    await refused(village, village, case, "NOT_ALLOWED_NOW", "AcceptCase", caseId=case["id"], version=case["version"])


async def j3_on_the_spot(world: World) -> None:
    """Handled at once, without verification; only what is light."""
    member = await world.person("grid1")
    payload = await reported(world, "A-01", selfHandled=True, handledNote="双方当场和解")
    case = payload["case"]
    assert (case["status"], payload["trackingCode"]) == ("HANDLED", None)
    assert (await member.on(case, "CloseCase"))["status"] == "CLOSED"
    behalf = await reported(world, "A-01", selfHandled=True, handledNote="已劝和", onBehalfOf={"name": "张三", "role": "当事人"})
    assert behalf["trackingCode"]
    heavy = await member.payload("ReportCase", description="断水", workItemCode="C-10", selfHandled=True, handledNote="好了")
    assert (codes(heavy), heavy["case"], heavy["problems"][0]["path"]) == (["VALIDATION"], None, ["selfHandled"])


async def j4_paused_and_extended(world: World) -> None:
    """Routed to one unit, paused for missing information, resumed, extended by a lead."""
    village, lead, water = await world.people("centre-village-officer", "centre-village-lead", "sw-officer")
    case = await accepted(world)
    case = await village.on(case, "RouteCase", organizationId=(await world.units(village))["SW"])
    task = await water.with_task(case["assignments"][0], "SignAssignment")
    case = await water.on(case, "PauseCase", reason="缺资料", missing="管线图")
    standing = [clock for clock in case["clocks"] if clock["state"] == "PAUSED"]
    assert case["paused"]
    assert standing
    assert standing[0]["explanation"][-1]["reason"] == "PAUSED"
    case = await village.on(case, "ResumeCase")
    assert not case["paused"]
    await refused(village, village, case, "APPROVAL_NEEDED", "ExtendCase", caseId=case["id"], version=case["version"],
                  reason="雨季", workingDays=3)
    due = case["dueAt"]
    case = await lead.on(case, "ExtendCase", reason="雨季", workingDays=3)
    assert case["dueAt"] > due
    done = await water.step("CompleteAssignment", assignmentId=task["id"], version=task["version"], result="已修复")
    assert done["case"]["status"] == "HANDLED"


async def j5_returned_and_ruled(world: World) -> None:
    """A return inside its window, ruled, a precedent, a card, an assist excused."""
    village, water = await world.people("centre-village-officer", "sw-officer")
    units = await world.units(village)
    case = await accepted(world)
    case = await village.on(case, "BlowWhistle", grade="ROUTINE", leadId=units["SW"], assistIds=[units["ZJ"]], reason="超出职权")
    main, assist = case["assignments"]
    main = await water.with_task(main, "SignAssignment")
    ask = {"assignmentId": main["id"], "version": main["version"], "reason": "NOT_OUR_DUTY"}
    await refused(water, village, case, "VALIDATION", "AskReturn", **ask, basis="  ")
    main = await water.with_task(main, "AskReturn", reason="NOT_OUR_DUTY", basis="三定方案第五条")
    assert (main["status"], main["return"]["ruling"]) == ("RETURN_ASKED", None)
    await refused(water, village, case, "ALREADY_RETURNED", "AskReturn", assignmentId=main["id"], version=main["version"],
                  reason="DUPLICATE", basis="再退一次")
    ruled = await village.step("RuleReturn", assignmentId=main["id"], version=main["version"], upheld=True,
                               organizationId=units["CG"], ruling="属城市管理职责")
    assert ruled["precedent"]["organization"]["code"] == "CG"
    leads = [one for one in ruled["case"]["assignments"] if one["role"] == "LEAD" and one["status"] != "RETURNED"]
    assert [(one["organization"]["code"], one["status"]) for one in leads] == [("CG", "PENDING")]
    case = await village.on(ruled["case"], "SuperviseCase", card="YELLOW", reason="两日未到场", dueAt=DUE)
    assert [card["organization"]["code"] for card in case["cards"]] == ["CG"]
    excused = await village.with_task(assist, "ExcuseAssignment", reason="不再需要")
    assert excused["status"] == "EXCUSED"
    assert ruled["precedent"]["id"] in [one["id"] for one in await village.read("Precedents", workItemCode="C-10")]


async def j5_window_closed(world: World) -> None:
    """A seeded task whose window has passed cannot be returned any more."""
    county = await world.person("centre-county-officer")
    for account in [one["account"] for one in world.access["accounts"]
                    if one["county"] == world.county and one["role"] == "department_officer"]:
        unit = await world.person(account)
        for item in (await unit.read("Inbox", first=50))["nodes"]:
            task = item["subject"]
            if task["__typename"] != "Assignment" or task.get("assignmentStatus") != "SIGNED":
                continue
            case = await unit.read("Case", number=task["case"]["number"])
            assignment = next(one for one in case["assignments"] if one["id"] == task["id"])
            if assignment["signDueAt"] < datetime.now(UTC).isoformat() and "askReturn" not in case["allowedSteps"]:
                await refused(unit, county, case, "WINDOW_CLOSED", "AskReturn", assignmentId=assignment["id"],
                              version=assignment["version"], reason="NOT_OUR_DUTY", basis="三定方案")
                return
    raise AssertionError("no signed assignment whose window has passed")


async def j6_emergency(world: World) -> None:
    """A critical emergency: call first; blown from REPORTED without approval, ten-minute clocks."""
    village = await world.person("centre-village-officer")
    payload = await reported(world, "B-16")
    assert "先拨打" in payload["notice"]
    case = await village.on(payload["case"], "BlowWhistle", grade="EMERGENCY",
                            leadId=(await world.units(village))["YJ"], reason="山火")
    assert (case["status"], case["whistles"][0]["state"]) == ("ROUTED", "BLOWN")
    task = case["assignments"][0]
    blown, sign = (datetime.fromisoformat(moment) for moment in (task["whistle"]["blownAt"], task["signDueAt"]))
    assert sign - blown == timedelta(minutes=10)


async def j7_own_system(world: World) -> None:
    """A department's own system: facts, live changes, reports, signing for a named person; nothing of other units."""
    village = await world.person("centre-village-officer")
    court = await world.system("FY")
    units = await world.units(court)
    before = len(await court.facts())
    own = await court.step("ReportCase", description="立案前纠纷,请调处", workItemCode="A-01", channel="COURT",
                           gridCode=(await village.read("Me"))["posts"][0]["grid"]["code"],
                           externalReference={"system": "法院立案系统", "id": f"2026-{uuid4().hex[:8]}"})
    assert own["case"]["channel"] == "COURT"
    case = await accepted(world, "A-01")
    assert await court.case(case["id"]) is None
    async with court.live() as stream:
        case = await village.on(case, "RouteCase", organizationId=units["FY"])
        changes = await stream.until(lambda change: change["type"] == "case.routed" and change["case"] is not None)
    assert changes[-1]["case"]["id"] == case["id"]
    facts = (await court.facts())[before:]
    mine = [fact for fact in facts if fact["caseId"] == case["id"]]
    assert mine[0]["type"] == "case.shared"
    assert mine[0]["data"]["number"] == case["number"]
    assert "case.reported" not in [fact["type"] for fact in mine]
    task = case["assignments"][0]
    nobody = await court.payload("SignAssignment", assignmentId=task["id"], version=task["version"])
    assert (codes(nobody), nobody["problems"][0]["path"]) == (["VALIDATION"], ["performedBy"])
    signed = await court.with_task(task, "SignAssignment", performedBy="书记员杨某")
    assert signed["status"] == "SIGNED"
    for operation, values in {
        "VerifyCase": {"passed": True}, "CallBack": {"reached": True}, "CloseCase": {},
    }.items():
        answer = await court.answer(
            operation, input={"key": str(uuid4()), "caseId": case["id"], "version": case["version"], **values}
        )
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"], (operation, answer)


async def j8_protected(world: World) -> None:
    """A clue is refused; a VIOLENCE matter is seen by its handlers and by nobody else, anywhere."""
    member, lead, other, police = await world.people("grid1", "centre-village-lead", "centre-county-lead", "ga-officer")
    clue = next(item["code"] for item in (await member.read("WorkItems"))["nodes"] if item["clue"])
    refusal = await member.payload("ReportCase", description="一条线索", workItemCode=clue)
    assert codes(refusal) == ["USE_CLUE"]
    assert "sealClue" in refusal["problems"][0]["message"]
    seen_before = {one["id"] for one in (await lead.read("CaseList", first=200))["nodes"]}
    payload = await reported(world, "A-08")
    assert payload["case"] is None
    assert payload["trackingCode"]
    assert "110" in payload["notice"]
    new = [one["id"] for one in (await lead.read("CaseList", first=200))["nodes"] if one["id"] not in seen_before]
    assert len(new) == 1
    assert await police.case(new[0]) is not None
    strangers = ("grid1", "centre-village-officer", "centre-township-lead", "centre-county-officer", "centre-county-lead",
                 "sw-officer", "leader-county", "admin", "auditor")
    for account in strangers:
        await _knows_nothing(await world.person(account), new[0])
    case = await lead.case(new[0])
    staff = await other.read("Me")
    case = await lead.on(case, "NameHandlers", add=[staff["id"]], reason="提级办理")
    assert await other.case(new[0]) is not None
    for account in strangers:
        if account != "centre-county-lead":
            await _knows_nothing(await world.person(account), new[0])


async def _knows_nothing(caller: Caller, case_id: str) -> None:
    assert await caller.case(case_id) is None, caller.name
    listed = (await caller.read("CaseList", first=200))["nodes"]
    assert case_id not in [one["id"] for one in listed], caller.name
    assert case_id not in [fact["caseId"] for fact in await caller.facts()], caller.name


JOURNEYS: tuple[Journey, ...] = (
    j0_look_around, j1_by_whistle, j2_rejected, j3_on_the_spot, j4_paused_and_extended, j5_returned_and_ruled,
    j5_window_closed, j6_emergency, j7_own_system, j8_protected,
)
