"""What leaders and centres read: whole answers, the same from both ways of reading, and what is kept from whom."""

import json
import random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from gridloom.context import request_context
from gridloom.errors import Denied
from gridloom.http.limits import Limits
from gridloom.http.prepare import Documents, prepare
from gridloom.http.run import graphql_schema
from gridloom.ids import uuid7
from gridloom.insight.codes import quarter_of
from gridloom.insight.models import FigureFlow
from gridloom.reads import CompiledReads
from tests.insight.figures import caught_up
from tests.insight.test_exactly_once import live
from tests.support.county import County

OVERVIEW = """query($code: String) { overview(code: $code) { grid { code } behind
  now { open reported routed critical normal low overdue paused } places { grid { code } open }
  today { ...figures } thisWeek { reported closed } quarter { ...figures
    byCategory { key reported closed } bySeverity { key reported handledInTime { numerator denominator } }
    byChannel { key reported } byItem { key reported } acceptTime { underHours ended } handleTime { underHours ended } }
  quarterBefore { reported } days { reported } red { number why since case { id } unit { code } grid { code } }
  units { organization { code } open overdue pending quarter { assigned signedInTime { numerator denominator } } } } }
fragment figures on Figures { reported selfHandled accepted closed closedLate rated satisfied bouncedDays
  acceptedInTime { numerator denominator } handledInTime { numerator denominator } }"""
APPRAISAL = """query($quarter: Date, $level: Int) { appraisals(quarter: $quarter, level: $level) { nodes { since
  grid { code } figures { reported closed handledInTime { numerator denominator } rated bouncedDays } }
  totalCount { value } pageInfo { hasNextPage } } }"""
UNITS = """{ unitFigures { nodes { organization { code } since assigned bouncedDays
  signedInTime { numerator denominator } reportedInInTime { numerator denominator } } } }"""
MAP = """query($code: String) { gridMap(code: $code) {
  ids codes names levels open overdue critical urgent normal low paused } }"""


async def compiled(county: County, who: str, document: str, **variables: Any) -> str | None:
    """The answer of the one statement, as it is sent; None where Python would have to answer."""
    actor = await county.actor(who)
    schema = county.schemas.of(county.view.plugins)
    core = graphql_schema(schema)
    prepared = prepare(core, Documents(Limits()).get(core, document, developer=True), None, variables, Limits(), developer=True)
    async with request_context(county.service, county.view, actor, "zh-CN") as context:
        body = await CompiledReads(patience=0).answer(
            schema, prepared.document.text, prepared.operation, prepared.document.fragments, prepared.variables, context
        )
    return None if body is None else bytes(body).decode()


async def report(county: County, item: str, who: str = "member", **values: Any) -> dict[str, Any]:
    payload = await county.step(who, "reportCase", "case { id version number }", description="事项", workItemCode=item,
                                severity="LOW", **values)
    case: dict[str, Any] = payload["case"]
    return case


async def test_overview_of_a_county(county: County) -> None:
    first = await report(county, "C-13")
    await report(county, "C-13", selfHandled=True, handledNote="当场办好")
    await county.step("member", "reportCase", "replayed", description="打人", workItemCode="A-08")
    accepted = await county.step("officer_village", "acceptCase", "case { id version }", caseId=first["id"], version=1)
    await county.step("officer_village", "routeCase", "case { id }", caseId=first["id"],
                      version=accepted["case"]["version"], organizationId=str(county.units["SW"]))
    await caught_up(county.service, county.view)
    root = f"{county.code}000000"
    answer = await county.ask("leader", OVERVIEW, code=root)
    assert "errors" not in answer, answer["errors"]
    seen = answer["data"]["overview"]
    assert seen["behind"] == 0
    assert seen["now"] == {
        "open": 2, "reported": 0, "routed": 1, "critical": 0, "normal": 0, "low": 2, "overdue": 0, "paused": 0,
    }
    assert seen["places"] == [{"grid": {"code": f"{county.code}101000"}, "open": 2}]
    assert seen["today"] == {
        "reported": 2, "selfHandled": 1, "accepted": 1, "closed": 0, "closedLate": 0, "rated": None, "satisfied": None,
        "bouncedDays": 0.0, "acceptedInTime": {"numerator": 1, "denominator": 1},
        "handledInTime": {"numerator": 0, "denominator": 0},
    }
    assert seen["thisWeek"] == {"reported": 2, "closed": 0}
    assert seen["quarterBefore"] is None
    assert seen["quarter"]["byCategory"] == [{"key": "SERVICE", "reported": 2, "closed": 0}]
    assert seen["quarter"]["byItem"] == [{"key": "C-13", "reported": 2}]
    assert seen["quarter"]["acceptTime"] == [{"underHours": "1", "ended": 1}]
    assert seen["red"] == []
    units = {unit["organization"]["code"]: unit for unit in seen["units"]}
    assert units["SW"] == {
        "organization": {"code": "SW"}, "open": 1, "overdue": 0, "pending": 1,
        "quarter": {"assigned": 1, "signedInTime": {"numerator": 0, "denominator": 0}},
    }
    assert units["FY"]["open"] == 0
    assert units["FY"]["quarter"] is None


async def test_both_ways_of_reading_say_the_same(county: County) -> None:
    """One statement, nothing resolved by Python, and every value as the ordinary way has it."""
    dice = random.Random(5)
    await live(county, dice, cases=4, turns=40)
    await caught_up(county.service, county.view)
    quarter = quarter_of(county.service.clock.now().astimezone(ZoneInfo(county.view.time_zone)).date())
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("leader", OVERVIEW, {"code": f"{county.code}000000"}), ("lead_township", OVERVIEW, {"code": f"{county.code}101000"}),
        ("officer_village", OVERVIEW, {"code": f"{county.code}101201"}), ("leader", MAP, {"code": f"{county.code}000000"}),
        ("leader", APPRAISAL, {"quarter": quarter.isoformat(), "level": 4}), ("water", UNITS, {}), ("leader", UNITS, {}),
        ("member", "query($code: String) { grids(text: $code) { nodes { code openCaseCount } } }", {"code": county.code}),
    ]
    for who, document, variables in asked:
        slow = await county.ask(who, document, **variables)
        assert "errors" not in slow, slow["errors"]
        fast = await compiled(county, who, document, **variables)
        assert fast is not None, (who, document)
        assert json.loads(fast) == {"data": json.loads(json.dumps(slow["data"], default=str))}


async def test_the_map_holds_every_grid_in_one_order(county: County) -> None:
    await report(county, "C-13", who="member_west")
    await report(county, "B-16")
    await caught_up(county.service, county.view)
    found = (await county.ask("leader", MAP, code=f"{county.code}000000"))["data"]["gridMap"]
    tails = ["000000", "101000", "101201", "101201001", "101201002", "101201003", "101202", "101202001", "101202002"]
    tails = sorted((f"{county.code}{tail}" for tail in tails), key=lambda code: county.grids[code])
    assert found["codes"] == tails
    assert dict(zip(found["codes"], found["open"], strict=True)) == {code: 0 for code in tails} | {
        f"{county.code}{tail}": number for tail, number in (
            ("000000", 2), ("101000", 2), ("101201", 1), ("101201001", 1), ("101202", 1), ("101202001", 1),
        )
    }
    assert {len(found[name]) for name in found} == {len(tails)}
    levels = {"000000": 2, "101000": 3, "101201": 4, "101202": 4}
    assert found["levels"] == [levels.get(code.removeprefix(county.code), 5) for code in tails]
    assert [county.grids[code] for code in found["codes"]] == [UUID(one) for one in found["ids"]]
    assert found["low"] == found["open"]


def test_the_map_is_paid_for(county: County) -> None:
    """Each of its arrays costs what it costs the database, so that aliases cannot ask for it without end."""
    core = graphql_schema(county.schemas.of(frozenset()))
    limits = Limits()
    document = Documents(limits).get(core, MAP, developer=True)
    assert prepare(core, document, None, {"code": "1"}, limits, developer=True).cost == 1 + 11 * 500
    many = "{" + " ".join(f'm{n}: gridMap(code: "1") {{ ids codes names levels open }}' for n in range(9)) + "}"
    with pytest.raises(Denied):
        prepare(core, Documents(limits).get(core, many, developer=True), None, {}, limits, developer=True)


@pytest.mark.parametrize(("who", "place", "seen"), [
    ("leader", "000000", True), ("leader", "101202001", True), ("lead_county", "000000", True),
    ("officer_township", "101000", True), ("officer_township", "101201", True), ("officer_township", "000000", False),
    ("officer_village", "101201", True), ("officer_village", "101202", False), ("officer_village", "101000", False),
    ("member", "101201001", False), ("water", "000000", False), ("admin", "000000", False),
])
async def test_who_sees_a_territory(county: County, who: str, place: str, seen: bool) -> None:
    await caught_up(county.service, county.view)
    for document in ("overview", "gridMap"):
        text = f"query($code: String) {{ {document}(code: $code) {{ {'behind' if document == 'overview' else 'codes'} }} }}"
        answer = await county.ask(who, text, code=f"{county.code}{place}")
        assert (answer["data"][document] is not None) == seen, document
        codes = [getattr(error.original_error, "code", None) for error in answer.get("errors", ())]
        assert codes == ([] if seen else ["NOT_FOUND"])


async def test_a_unit_sees_its_own_quarter_only(county: County) -> None:
    for unit in ("SW", "ZJ"):
        case = await report(county, "C-13")
        accepted = await county.step("officer_village", "acceptCase", "case { version }", caseId=case["id"], version=1)
        await county.step("officer_village", "routeCase", "case { id }", caseId=case["id"],
                          version=accepted["case"]["version"], organizationId=str(county.units[unit]))
    await caught_up(county.service, county.view)
    seen = {
        who: sorted(node["organization"]["code"] for node in (await county.ask(who, UNITS))["data"]["unitFigures"]["nodes"])
        for who in ("water", "leader", "officer_village", "member", "admin")
    }
    assert seen == {"water": ["SW"], "leader": ["SW", "ZJ"], "officer_village": ["SW", "ZJ"], "member": [], "admin": []}


async def test_appraisals_are_of_ones_own_places(county: County) -> None:
    await report(county, "C-13")
    await report(county, "C-13", who="member_west")
    await caught_up(county.service, county.view)
    seen = {}
    for who in ("leader", "officer_west", "water"):
        nodes = (await county.ask(who, APPRAISAL))["data"]["appraisals"]["nodes"]
        seen[who] = sorted((node["grid"]["code"].removeprefix(county.code), node["figures"]["reported"]) for node in nodes)
    assert seen == {
        "leader": [("000000", 2), ("101000", 2), ("101201", 1), ("101201001", 1), ("101202", 1), ("101202001", 1)],
        "officer_west": [("101202", 1), ("101202001", 1)], "water": [],
    }


PEOPLE = """query($code: String) { overview(code: $code) { quarter { reported rated satisfied unsatisfied
  byCategory { key reported } byItem { key reported } bySeverity { key reported } } } }"""


@pytest.mark.parametrize(("disputes", "shown"), [(0, True), (1, False), (4, False), (5, True)])
async def test_few_quarrels_hide_the_classes(county: County, disputes: int, shown: bool) -> None:
    """Nothing is left from which the hidden number could be reckoned."""
    await report(county, "C-13")
    for _ in range(disputes):
        await report(county, "A-01")
    await caught_up(county.service, county.view)
    quarter = (await county.ask("leader", PEOPLE, code=f"{county.code}000000"))["data"]["overview"]["quarter"]
    assert quarter["reported"] == 1 + disputes
    assert quarter["bySeverity"] == [{"key": "LOW", "reported": 1 + disputes}]
    classes = [{"key": "DISPUTE", "reported": disputes}] if disputes else []
    items = [{"key": "A-01", "reported": disputes}] if disputes else []
    assert quarter["byCategory"] == ([*classes, {"key": "SERVICE", "reported": 1}] if shown else [])
    assert quarter["byItem"] == ([*items, {"key": "C-13", "reported": 1}] if shown else [])
    village = (await county.ask("leader", PEOPLE, code=f"{county.code}101201"))["data"]["overview"]["quarter"]
    assert (village["reported"], village["byCategory"], village["byItem"]) == (1 + disputes, [], [])


@pytest.mark.parametrize("rated", [4, 5])
async def test_what_fewer_than_five_said_is_not_shown(county: County, rated: int) -> None:
    await caught_up(county.service, county.view)
    async with county.open() as work:
        work.session.add(FigureFlow(
            tenant_id=work.tenant, id=uuid7(), grid_id=county.grids[f"{county.code}000000"], span="QUARTER", part="ALL", key="",
            since=quarter_of(work.now.astimezone(ZoneInfo(work.county.time_zone)).date()), rated=rated, satisfied=3,
            unsatisfied=1,
        ))
    quarter = (await county.ask("leader", PEOPLE, code=f"{county.code}000000"))["data"]["overview"]["quarter"]
    assert [quarter[name] for name in ("rated", "satisfied", "unsatisfied")] == (
        [5, 3, 1] if rated == 5 else [None, None, None]
    )
