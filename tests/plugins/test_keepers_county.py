"""What comes in from systems, what plugins propose and want, what the county itself does with its elements."""

from sqlalchemy import select

from gridloom.behaviours.models import MessageRow
from gridloom.cases.models import CaseRow
from tests.plugins.keeping_county import county, how_many, trial, who, work_off
from tests.plugins.walking import Walk, turned

__all__ = ["county", "trial", "who"]


def begin(county):
    return Walk(county, own="keep")


async def test_messages_come_once_and_only_as_their_form_says(county, who):
    async def deliver(key, data, channel="devices"):
        return await county.step(who["officer"], "deliverMessage", "known", channel=channel, messageId=key, data=data)

    smoke = {"device": "JK-0001", "text": "smoke", "grid": f"{county.code}101201001"}
    plate = await deliver("m1", {**smoke, "plate": "云L12345"})
    assert plate["problems"] == [{"code": "VALIDATION", "path": ["data", "plate"]}]
    assert (await deliver("m1", {}, channel="cameras"))["problems"] == [{"code": "NOT_FOUND", "path": ["channel"]}]
    assert await deliver("m2", smoke) == {"known": False, "problems": []}
    assert await deliver("m2", smoke) == {"known": True, "problems": []}
    assert (await deliver("m3", {"device": "JK-0002", "text": "silent"}))["known"] is False
    await work_off(county)
    await work_off(county)
    async with county.trial.service.reading(await county.view()) as session:
        rows = (await session.execute(
            select(MessageRow).where(MessageRow.tenant_id == county.id).order_by(MessageRow.sent_id)
        )).scalars().all()
        cases = (await session.execute(select(CaseRow.id).where(CaseRow.tenant_id == county.id))).scalars().all()
    assert [(one.sent_id, one.state, one.problem) for one in rows] == [("m2", "TAKEN", None), ("m3", "TAKEN", None)]
    assert (list(rows[0].cases), await how_many(county, "defect")) == (list(cases), 1)


async def test_plugins_propose_units_and_want_papers(county, who):
    case = await county.has_case()
    centre = await county.as_member("centre_officer", "ZX101201")
    document = (
        "query($id: ID!) { case(id: $id) { dispatchProposals { organization { code } reason dueDays plugin } "
        'requiredPapers(mutation: "completeAssignment") { plugin kind title } } }'
    )
    asked = await county.ask(centre, document, id=str(case))
    answer = asked["data"]["case"]
    assert answer["requiredPapers"] == [{"plugin": "keep", "kind": "minutes", "title": "调解笔录"}]
    assert answer["dispatchProposals"][-1] == {
        "organization": {"code": "SF"},
        "reason": "宜先调解", "dueDays": 7, "plugin": "keep",
    }
    assert {one["plugin"] for one in answer["dispatchProposals"]} == {None, "keep"}


async def test_the_county_renames_adds_confirms_and_sets_its_own_limits(county, who):
    admin = await county.as_member("county_admin", "ZX000000")
    document = ("{ mechanisms { elements { id key title like group confirmed enabled version openMatters "
                "serviceLevels { code value unit own } } } }")  # fmt: skip
    elements = (await county.ask(admin, document))["data"]["mechanisms"][0]["elements"]
    found = {one["key"]: one for one in elements}
    assert found["letter"]["serviceLevels"] == [
        {"code": "sl:suggestion_ack", "value": 5, "unit": "wd", "own": False},
        {"code": "sl:reply", "value": 2, "unit": "month", "own": False},
    ]
    sent = {"elementId": found["letter"]["id"], "version": 1}
    legal = [{"code": "XF-04", "value": 1, "unit": "d"}]
    wrong = await county.step(admin, "editElement", "replayed", **sent, serviceLevels=legal)
    assert wrong["problems"] == [{"code": "VALIDATION", "path": ["serviceLevels"]}]
    levels = [{"code": "sl:suggestion_ack", "value": 3, "unit": "d"}]
    changed = {"title": "司法建议书", "confirmed": True, "sourceNote": "县委〔2026〕1 号", "serviceLevels": levels}
    assert (await county.step(admin, "editElement", "replayed", **sent, **changed))["problems"] == []
    added = {"plugin": "keep", "like": "letter", "elementKey": "letter_urgent", "title": "紧急建议", "group": "建"}
    assert (await county.step(who["officer"], "addElement", "replayed", **added))["errors"] == ["FORBIDDEN"]
    assert (await county.step(admin, "addElement", "replayed", **added))["problems"] == []
    assert (await county.step(admin, "addElement", "replayed", **added))["problems"] == [
        {"code": "VALIDATION", "path": ["elementKey"]},
    ]
    text = {"organizationId": str(county.organizations["SF"]), "subject": "紧急", "facts": "事实", "basis": "依据",
            "measure": "措施"}  # fmt: skip
    walk = begin(county)
    assert await walk.begin(who["officer"], "keepDraftLetter", element="device", **text) == ("NOT_FOUND", "element")
    assert await walk.begin(who["officer"], "keepDraftLetter", element="letter_urgent", **text) == ("DRAFTED", "FY")
    plain = begin(county)
    await plain.begin(who["officer"], "keepDraftLetter", **text)
    await plain.take(who["lead"], "letterIssue", number="1")
    clocks = {one.code: (one.limit_value, one.unit) for one in await county.clocks(turned(plain))}
    assert clocks == {"sl:suggestion_ack": (3, "d"), "sl:reply": (2, "month")}
    lists = "{ keep { every: letter { nodes { element } } urgent: letter(element: \"letter_urgent\") { nodes { element } } } }"
    both = (await county.ask(who["officer"], lists))["data"]["keep"]
    assert sorted(one["element"] for one in both["every"]["nodes"]) == ["letter", "letter_urgent"]
    assert both["urgent"]["nodes"] == [{"element": "letter_urgent"}]
    history = "query($id: ID!) { elementVersions(elementId: $id) { version title confirmed sourceNote } }"
    versions = (await county.ask(admin, history, id=found["letter"]["id"]))["data"]["elementVersions"]
    assert versions == [
        {"version": 2, "title": "司法建议书", "confirmed": True, "sourceNote": "县委〔2026〕1 号"},
        {"version": 1, "title": "司法建议", "confirmed": False, "sourceNote": None},
    ]
    after = {one["key"]: one for one in (await county.ask(admin, document))["data"]["mechanisms"][0]["elements"]}
    assert (after["letter"]["openMatters"], after["letter_urgent"]["openMatters"]) == ("1", "1")


async def test_a_task_is_not_completed_without_the_papers_that_a_mechanism_wants(county):
    case = str(await county.has_case())
    centre = await county.as_member("centre_officer", "ZX101201")
    unit = await county.as_member("department_officer", "SF")
    selection = "case { version assignments { id version status } }"
    taken = await county.step(centre, "acceptCase", selection, caseId=case, version=1)
    routed = await county.step(
        centre, "routeCase", selection, caseId=case, version=taken["case"]["version"],
        organizationId=str(county.organizations["SF"]),
    )  # fmt: skip
    assignment = routed["case"]["assignments"][0]
    held = "assignment { version status }"
    signed = await county.step(
        unit, "signAssignment", held, assignmentId=assignment["id"], version=assignment["version"]
    )
    wanting = await county.step(
        unit, "completeAssignment", held, assignmentId=assignment["id"], version=signed["assignment"]["version"],
        result="已疏通",
    )  # fmt: skip
    assert wanting["problems"] == [{"code": "VALIDATION", "path": ["attachmentIds"]}]
