"""What leaders and centres read: whole answers, the same from both ways of reading, and what is kept from whom."""

from typing import Any

from gridloom.context import request_context
from gridloom.http.limits import Limits
from gridloom.http.prepare import Documents, prepare
from gridloom.http.run import graphql_schema
from gridloom.reads import CompiledReads
from tests.insight.figures import caught_up
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
