"""The court as a county's GraphQL sees it: typed mutations and records, the page, and nothing of it where it is off."""

import pytest_asyncio

from gridloom.plugin import Mode


@pytest_asyncio.fixture(loop_scope="session")
async def county(trial):
    return await trial.county("court")


async def people(county):
    await county.has_organization("TJ01", "城关镇联合调解中心", "MEDIATION_CENTRE", level=3)
    return {
        "court": await county.as_member("department_officer", "FY", "赵宁"),
        "mediator": await county.as_member("mediator", "TJ01", "李明"),
        "centre": await county.as_member("centre_officer", "ZX101201", "王丽"),
        "admin": await county.as_member("county_admin", "ZX000000", "陈洁"),
        "housing": await county.as_member("department_officer", "ZJ", "何斌"),
    }


def assignment(county, **changed):
    return {
        "organizationId": str(county.organizations["TJ01"]), "reason": "邻里排水纠纷，双方愿意先行调解",
        "cause": "NEIGHBOUR", "receivedOn": "2026-11-20", "plaintiffConsents": True, "defendantConsents": True,
        **changed,
    }  # fmt: skip


RECORD = "replayed record { id mechanism element title state version allowedSteps owner { code } dueAt }"
MATTER = "replayed matter { id state version allowedSteps owner { code } }"


async def test_an_assignment_is_made_once_for_its_key(county):
    who = await people(county)
    made = await county.step(who["court"], "courtAssignMediation", RECORD, key="one", **assignment(county))
    record = made["record"]
    assert made == {
        "replayed": False, "problems": [],
        "record": {
            "id": record["id"], "mechanism": "court", "element": "lian_tiao", "title": "邻里排水纠纷，双方愿意先行调解",
            "state": "OFFERED", "version": 1, "allowedSteps": ["handoverWithdraw"], "owner": {"code": "FY"},
            "dueAt": "2026-11-24T16:00:00.000000Z",
        },
    }  # fmt: skip
    again = await county.step(who["court"], "courtAssignMediation", RECORD, key="one", **assignment(county))
    assert (again["replayed"], again["record"]) == (True, record)
    other = await county.step(who["court"], "courtAssignMediation", "replayed", key="one",
                              **assignment(county, cause="LOAN"))  # fmt: skip
    assert other["problems"] == [{"code": "KEY_REUSED", "path": ["key"]}]


RESULT = {"answer": "已达成协议", "outcome": "AGREED", "endedOn": "2026-11-23"}


async def accepted(county, who):
    made = await county.step(who["court"], "courtAssignMediation", "record { id }", **assignment(county))
    matter = made["record"]["id"]
    taken = {"matterId": matter, "version": 1}
    return matter, await county.step(who["mediator"], "handoverAccept", MATTER, **taken, handler="李明")


async def test_the_receiver_takes_it_over_and_answers(county):
    who = await people(county)
    matter, taken = await accepted(county, who)
    assert taken["matter"] == {
        "id": matter, "state": "ACCEPTED", "version": 2, "owner": {"code": "TJ01"},
        "allowedSteps": ["courtExtendMediation", "courtAnswerMediation"],
    }  # fmt: skip
    stale = await county.step(who["mediator"], "courtAnswerMediation", "record { version }", matterId=matter,
                              version=1, **RESULT)  # fmt: skip
    assert stale == {"record": {"version": 2}, "problems": [{"code": "CONFLICT", "path": ["version"]}]}
    answered = await county.step(
        who["mediator"], "courtAnswerMediation", "record { state forms { offer { cause } answer { outcome } } }",
        matterId=matter, version=2, **RESULT,
    )  # fmt: skip
    assert answered == {
        "record": {"state": "ANSWERED", "forms": {"offer": {"cause": "NEIGHBOUR"}, "answer": {"outcome": "AGREED"}}},
        "problems": [],
    }


LISTED = """{
  court { lianTiao(open: false) { nodes { id state clocks { code state } steps { step } } pageInfo { hasNextPage } } }
  matters(mechanism: "court") { nodes { id dueAt } totalCount { value } }
}"""


async def test_the_court_receives_the_answer_and_finds_it_in_its_list(county):
    who = await people(county)
    matter, _taken = await accepted(county, who)
    await county.step(who["mediator"], "courtAnswerMediation", "replayed", matterId=matter, version=2, **RESULT)
    received = await county.step(who["court"], "handoverReceipt", MATTER, matterId=matter, version=3)
    assert received["matter"] == {
        "id": matter, "state": "RECEIPTED", "version": 4, "allowedSteps": [], "owner": {"code": "FY"},
    }  # fmt: skip
    codes = ("sl:handover_accept", "FY-02", "sl:handover_receipt")
    assert await county.ask(who["court"], LISTED) == {"data": {
        "court": {"lianTiao": {
            "nodes": [{
                "id": matter, "state": "RECEIPTED",
                "clocks": [{"code": code, "state": "STOPPED"} for code in codes],
                "steps": [{"step": "offer"}, {"step": "accept"}, {"step": "answer"}, {"step": "receipt"}],
            }],
            "pageInfo": {"hasNextPage": False},
        }},
        "matters": {"nodes": [{"id": matter, "dueAt": None}], "totalCount": {"value": 1}},
    }}  # fmt: skip


async def test_refusals_are_problems_with_a_path_and_change_nothing(county):
    who = await people(county)
    for changed, problem in (
        ({"defendantConsents": False}, {"code": "VALIDATION", "path": ["defendantConsents"]}),
        ({"signOfViolence": True}, {"code": "MEDIATION_BLOCKED", "path": ["signOfViolence"]}),
        ({"reason": "短"}, {"code": "VALIDATION", "path": ["reason"]}),
        ({"organizationId": "nonsense"}, {"code": "NOT_FOUND", "path": ["organizationId"]}),
        ({"caseId": str(county.id)}, {"code": "NOT_FOUND", "path": ["caseId"]}),
        ({"organizationId": str(county.organizations["FY"])}, {"code": "VALIDATION", "path": ["organizationId"]}),
    ):
        refused = await county.step(who["court"], "courtAssignMediation", "record { id }",
                                    **assignment(county, **changed))  # fmt: skip
        assert refused == {"record": None, "problems": [problem]}
    denied = await county.step(who["centre"], "courtAssignMediation", "record { id }", **assignment(county))
    assert denied["errors"] == ["FORBIDDEN"]
    assert await county.facts("handover.") == []
    assert await county.inbox("TJ01") == []


async def test_a_case_carries_its_record_for_those_who_are_in_it(county):
    who = await people(county)
    case = await county.has_case()
    shared = await county.as_member("centre_officer", "ZX101201", "王丽")
    hidden = await county.step(who["court"], "courtAssignMediation", "record { id }",
                               **assignment(county, caseId=str(case)))  # fmt: skip
    assert hidden["problems"] == [{"code": "NOT_FOUND", "path": ["caseId"]}]  # the court does not see the case yet
    await county.shares_case(case, "FY")
    made = await county.step(who["court"], "courtAssignMediation", "record { id case { id } }",
                             **assignment(county, caseId=str(case)))  # fmt: skip
    assert made["record"]["case"] == {"id": str(case)}
    document = (
        "query($id: ID!) { case(id: $id) { records { __typename mechanism element state ... on CourtLianTiao "
        "{ forms { offer { plaintiffConsents } } } } } }"
    )
    expected = [{
        "__typename": "CourtLianTiao", "mechanism": "court", "element": "lian_tiao", "state": "OFFERED",
        "forms": {"offer": {"plaintiffConsents": True}},
    }]  # fmt: skip
    for reader in (who["court"], who["mediator"], shared):  # the sender, the receiver, the centre of the case
        answer = await county.ask(reader, document, id=str(case))
        assert answer == {"data": {"case": {"records": expected}}}
    assert await county.inbox("TJ01") == ["邻里排水纠纷，双方愿意先行调解"]


async def test_a_violent_case_is_never_offered(county):
    who = await people(county)
    await county.as_member("centre_lead", "ZX101201")
    case = await county.has_case("A-08", "邻居家中传出打骂和哭喊")
    refused = await county.step(who["court"], "courtAssignMediation", "record { id }",
                                **assignment(county, caseId=str(case)))  # fmt: skip
    assert refused["problems"] == [{"code": "NOT_FOUND", "path": ["caseId"]}]
    await county.names_handler(case, who["court"])
    seen = await county.step(who["court"], "courtAssignMediation", "record { id }",
                             **assignment(county, caseId=str(case)))  # fmt: skip
    assert seen["problems"] == [{"code": "MEDIATION_BLOCKED", "path": ["caseId"]}]
    assert await county.facts("handover.") == []


async def test_nobody_else_knows_of_a_matter(county, trial):
    who = await people(county)
    made = await county.step(who["court"], "courtAssignMediation", "record { id }", **assignment(county))
    document = "query($id: ID!) { matter(id: $id) { id } }"
    other = await trial.county("court")
    stranger = await other.as_member("department_officer", "FY")
    assert (await county.ask(who["court"], document, id=made["record"]["id"]))["data"]["matter"] == made["record"]
    for one, reader in ((county, who["housing"]), (other, stranger)):
        answer = await one.ask(reader, document, id=made["record"]["id"])
        assert (answer["data"], answer["errors"]) == ({"matter": None}, ["NOT_FOUND"])
        page = await one.ask(
            reader, 'query($id: ID!) { uiPage(plugin: "court", element: "lian_tiao", matterId: $id) { title } }',
            id=made["record"]["id"],
        )  # fmt: skip
        assert (page["data"], page["errors"]) == ({"uiPage": None}, ["NOT_FOUND"])


PAGE = """
fragment all on UiPage { title subtitle matter version sections { title nodes { __typename
  ... on UiStat { label value tone } ... on UiNotice { text } ... on UiBadge { text }
  ... on UiSteps { steps { title progress } } ... on UiFacts { facts { label value kind } }
  ... on UiTable { columns { title kind } rows { cells matter tone } empty }
  ... on UiTimeline { entries { title actor note } }
  ... on UiActions { actions { title action submit fields { name label widget required value minimum maximum
    options { value title } } } }
} } }
query($matter: ID) { uiPage(plugin: "court", element: "lian_tiao", matterId: $matter) { ...all } }
"""
RUN = "mutation($input: RunUiActionInput!) { runUiAction(input: $input) { matterId problems { code path } } }"


async def test_the_page_is_enough_to_work_with(county):
    who = await people(county)
    page = (await county.ask(who["court"], PAGE))["data"]["uiPage"]
    assert (page["title"], page["subtitle"], page["matter"]) == ("联调（诉前委派调解）", "法院“四联七进”", None)
    assert [section["title"] for section in page["sections"]] == ["数据", "事项", "新办"]
    assert page["sections"][0]["nodes"] == [
        {"__typename": "UiStat", "label": "在调", "value": "0", "tone": "NEUTRAL"},
        {"__typename": "UiStat", "label": "期限内回复", "value": "—", "tone": "NEUTRAL"},
        {"__typename": "UiStat", "label": "已回复法院", "value": "0", "tone": "NEUTRAL"},
        {"__typename": "UiNotice", "text": "本要素为拟定文本，尚未经本县确认。"},
    ]
    form = page["sections"][2]["nodes"][0]["actions"][0]
    assert (form["action"], [field["name"] for field in form["fields"]]) == (
        "offer",
        ["organizationId", "reason", "caseId", "danger", "afterId", "cause", "receivedOn", "plaintiffConsents",
         "defendantConsents", "signOfViolence"],
    )  # fmt: skip
    assert form["fields"][5]["options"][5] == {"value": "NEIGHBOUR", "title": "相邻关系"}
    assert form["fields"][1] == {
        "name": "reason", "label": "移送事由", "widget": "TEXT_AREA", "required": True, "value": None, "minimum": 2.0,
        "maximum": 2000.0, "options": [],
    }  # fmt: skip


SENT = {"key": "a", "plugin": "court", "element": "lian_tiao", "action": "offer"}


async def test_the_page_of_a_matter_shows_and_takes_its_steps(county):
    who = await people(county)
    bad = {**assignment(county), "plaintiffConsents": False, "caseId": ""}
    refused = await county.ask(who["court"], RUN, input={**SENT, "values": bad})
    assert refused["data"]["runUiAction"] == {
        "matterId": None, "problems": [{"code": "VALIDATION", "path": ["values", "plaintiffConsents"]}],
    }  # fmt: skip
    done = await county.ask(who["court"], RUN, input={**SENT, "values": {**bad, "plaintiffConsents": True}})
    matter = done["data"]["runUiAction"]["matterId"]
    assert done["data"]["runUiAction"]["problems"] == []

    page = (await county.ask(who["mediator"], PAGE, matter=matter))["data"]["uiPage"]
    assert [section["title"] for section in page["sections"]] == ["进度", "可办步骤", "移送", "期限", "过程"]
    assert page["sections"][0]["nodes"][:2] == [
        {"__typename": "UiBadge", "text": "待接收"},
        {"__typename": "UiSteps", "steps": [
            {"title": "待接收", "progress": "CURRENT"}, {"title": "办理中", "progress": "AHEAD"},
            {"title": "已回复", "progress": "AHEAD"}, {"title": "已办结", "progress": "AHEAD"},
        ]},
    ]  # fmt: skip
    assert [one["action"] for one in page["sections"][1]["nodes"][0]["actions"]] == ["accept", "refuse", "ask_ruling"]
    filled = page["sections"][2]["nodes"][0]["facts"]
    assert {"label": "案由", "value": "相邻关系", "kind": "TEXT"} in filled
    assert {"label": "接收单位", "value": "城关镇联合调解中心", "kind": "TEXT"} in filled
    assert page["sections"][4]["nodes"][0]["entries"] == [
        {"title": "移送", "actor": "赵宁", "note": page["sections"][0]["nodes"][2]["facts"][1]["value"]}
    ]
    accept = {**SENT, "key": "b", "action": "accept", "matterId": matter, "version": page["version"], "values": {}}
    taken = await county.ask(who["mediator"], RUN, input=accept)
    assert taken["data"]["runUiAction"] == {"matterId": matter, "problems": []}


async def test_the_page_speaks_english(county):
    who = await people(county)
    page = (await county.ask(who["court"], PAGE, locale="en"))["data"]["uiPage"]
    assert (page["title"], page["subtitle"]) == (
        "Pre-filing mediation assigned by the court", "The court's four links and seven entries",
    )  # fmt: skip
    form = page["sections"][2]["nodes"][0]["actions"][0]
    assert [field["label"] for field in form["fields"]][:4] == [
        "Receiving organisation", "Why it is handed over", "Case", "Danger",
    ]  # fmt: skip


async def test_a_county_shows_only_what_it_has(county, trial):
    without = await trial.county()
    who, theirs = await people(county), await people(without)
    names = "{ __schema { queryType { fields { name } } mutationType { fields { name } } types { name } } }"
    shown = []
    for one, reader in ((county, who["court"]), (without, theirs["court"])):
        schema = (await one.ask(reader, names))["data"]["__schema"]
        every = {
            *(field["name"] for field in schema["queryType"]["fields"]),
            *(field["name"] for field in schema["mutationType"]["fields"]), *(kind["name"] for kind in schema["types"]),
        }  # fmt: skip
        shown.append({name for name in every if name.lower().startswith("court")})
    assert {"court", "courtAssignMediation", "CourtLianTiao", "CourtJinTownshipVisit"} <= shown[0]
    assert shown[1] == set()
    page = await without.ask(theirs["court"], PAGE)
    assert (page["data"], page["errors"]) == ({"uiPage": None}, ["NOT_FOUND"])


async def test_its_administrator_switches_and_confirms(trial):
    county = await trial.county()
    who = await people(county)
    mechanisms = "{ mechanisms { key mode elements { id key confirmed version figure { label value } } } }"
    assert (await county.ask(who["court"], mechanisms))["data"] == {"mechanisms": []}
    assert (await county.ask(who["admin"], mechanisms))["data"] == {
        "mechanisms": [{"key": "court", "mode": "OFF", "elements": []}]
    }
    denied = await county.step(who["court"], "switchPlugin", "replayed", plugin="court", mode="ON")
    assert denied["errors"] == ["FORBIDDEN"]
    wrong = await county.step(who["admin"], "switchPlugin", "replayed", plugin="court", mode="ON",
                              settings={"notice_days": -1})  # fmt: skip
    assert wrong["problems"] == [{"code": "VALIDATION", "path": ["settings"]}]
    for mode, visible in (("SHADOW", False), ("ON", True), ("OFF", False), ("ON", True)):
        switched = await county.step(who["admin"], "switchPlugin", "replayed", plugin="court", mode=mode)
        assert switched == {"replayed": False, "problems": []}
        answer = await county.ask(who["court"], "{ court { lianTiao { nodes { id } } } }")
        assert answer.get("errors") == (None if visible else ["GRAPHQL_VALIDATION_FAILED"])
    elements = (await county.ask(who["admin"], mechanisms))["data"]["mechanisms"][0]["elements"]
    assert [(one["key"], one["confirmed"], one["version"], one["figure"]) for one in elements] == [
        ("lian_tiao", False, 1, {"label": "在调", "value": "0"}),
        ("jin_township", False, 1, {"label": "启用审判点", "value": "0"}),
    ]
    first = elements[0]["id"]
    confirmed = await county.step(who["admin"], "editElement", "replayed", elementId=first, version=1, confirmed=True,
                                  title="诉前委派调解")  # fmt: skip
    assert confirmed["problems"] == []
    stale = await county.step(who["admin"], "editElement", "replayed", elementId=first, version=1, enabled=False)
    assert stale["problems"] == [{"code": "CONFLICT", "path": ["version"]}]
    await county.step(who["admin"], "editElement", "replayed", elementId=first, version=2, enabled=False)
    closed = await county.step(who["court"], "courtAssignMediation", "record { id }", **assignment(county))
    assert closed["problems"] == [{"code": "NOT_FOUND", "path": ["element"]}]
    assert Mode.ON in {one.mode for one in (await county.view()).switched}
