"""The court's two elements in a real county, from the first step to the last."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest_asyncio

from gridloom.plugin import Mode
from gridloom.testing import START

ZONE = ZoneInfo("Asia/Shanghai")


@pytest_asyncio.fixture(loop_scope="session")
async def county(trial):
    return await trial.county("court")


async def people(county):
    await county.has_organization("TJ01", "弥城镇联合调解中心", "MEDIATION_CENTRE", level=3)
    return {
        "court": await county.as_member("department_officer", "FY", "赵宁"),
        "mediator": await county.as_member("mediator", "TJ01", "李明"),
        "justice": await county.as_member("department_officer", "SF", "王丽"),
        "grid": await county.as_member("grid_member", "ZX101201", "周强"),
    }


def assignment(county, code="TJ01", **changed):
    return {
        "organization_id": str(county.organizations[code]), "reason": "邻里排水纠纷，双方愿意先行调解",
        "cause": "NEIGHBOUR", "received_on": "2026-11-20", "plaintiff_consents": True, "defendant_consents": True,
        **changed,
    }  # fmt: skip


AGREED = {"days": 10, "ground": "等待鉴定", "plaintiff_agrees": True, "defendant_agrees": True}


async def accepted(county, who):
    offered = await county.begin(who["court"], "court", "lian_tiao", "offer", assignment(county))
    return await county.take(who["mediator"], offered, "accept", {"handler": "王丽"})


async def test_the_receiver_owns_it_and_the_thirty_days_run(county):
    who = await people(county)
    offered = await county.begin(who["court"], "court", "lian_tiao", "offer", assignment(county))
    assert (offered.state, offered.version) == ("OFFERED", 1)
    related = await county.take(who["mediator"], offered, "accept", {"handler": "李明", "handler_is_related": True})
    assert (related.problem, related.path) == ("PLUGIN_REFUSED", ("handlerIsRelated",))
    taken = await county.take(who["mediator"], offered, "accept", {"handler": "王丽"})
    row = await county.matter(taken)
    assert (row.state, row.owner_id, row.origin_id, row.counterpart_id, row.version) == (
        "ACCEPTED", county.organizations["TJ01"], county.organizations["FY"], county.organizations["TJ01"], 2,
    )  # fmt: skip
    clocks = {clock.code: clock for clock in await county.clocks(taken)}
    assert {code: clock.state for code, clock in clocks.items()} == {
        "sl:handover_accept": "STOPPED", "FY-02": "RUNNING",
    }  # fmt: skip
    thirty = clocks["FY-02"]
    assert (thirty.kind, thirty.limit_value, thirty.unit, thirty.label) == ("STATUTORY", 30, "d", "委派调解")
    assert thirty.due_at == datetime(2026, 12, 24, tzinfo=ZONE)  # the thirtieth day, 23 December, runs out


async def test_the_thirty_days_are_extended_by_both_parties_only(county):
    who = await people(county)
    taken = await accepted(county, who)
    alone = await county.take(who["mediator"], taken, "extend", {**AGREED, "defendant_agrees": False})
    assert (alone.problem, alone.path) == ("VALIDATION", ("defendantAgrees",))
    extended = await county.take(who["mediator"], taken, "extend", AGREED)
    later = {clock.code: clock for clock in await county.clocks(extended)}["FY-02"]
    # the fortieth day is Saturday 2 January 2027: a court period ends on the next working day, Monday 4 January
    assert later.due_at == datetime(2027, 1, 5, tzinfo=ZONE)


async def test_the_result_comes_back_to_the_court(county):
    who = await people(county)
    taken = await accepted(county, who)
    answered = await county.take(
        who["mediator"], taken, "answer",
        {"answer": "未能达成协议", "outcome": "FAILED", "ended_on": "2026-11-23", "asks_for_judge": True},
    )  # fmt: skip
    assert answered.state == "ANSWERED"
    assert (await county.matter(answered)).owner_id == county.organizations["TJ01"]
    back = await county.take(who["court"], answered, "receipt", {})
    row = await county.matter(back)
    assert (row.state, row.open, row.owner_id) == ("RECEIPTED", False, county.organizations["FY"])
    assert {clock.state for clock in await county.clocks(back)} == {"STOPPED"}
    court, body = county.organizations["FY"], county.organizations["TJ01"]
    assert [(one.step, one.state, one.owner_id) for one in await county.history(back)] == [
        ("offer", "OFFERED", court), ("accept", "ACCEPTED", body), ("answer", "ANSWERED", body),
        ("receipt", "RECEIPTED", court),
    ]  # fmt: skip
    assert [fact.type for fact in await county.facts("handover.")] == [
        "handover.offered", "handover.accepted", "handover.answered", "handover.receipted",
    ]  # fmt: skip


async def test_nobody_acts_for_another(county):
    who = await people(county)
    by_grid = await county.begin(who["grid"], "court", "lian_tiao", "offer", assignment(county))
    by_justice = await county.begin(who["justice"], "court", "lian_tiao", "offer", assignment(county))
    assert (by_grid.problem, by_justice.problem) == ("FORBIDDEN", "FORBIDDEN")
    offered = await county.begin(who["court"], "court", "lian_tiao", "offer", assignment(county))
    assert (await county.take(who["justice"], offered, "accept", {})).problem == "NOT_FOUND"
    assert (await county.take(who["court"], offered, "accept", {})).problem == "NOT_YOURS"
    assert (await county.take(who["mediator"], offered, "answer", answer())).problem == "NOT_ALLOWED_NOW"
    assert (await county.take(who["mediator"], offered, "accept", {}, version=9)).problem == "CONFLICT"
    row = await county.matter(offered)
    assert (row.state, row.version, len(await county.history(offered))) == ("OFFERED", 1, 1)


def answer():
    return {"answer": "已达成协议", "outcome": "AGREED", "ended_on": "2026-11-23"}


async def test_a_refused_offer_stays_with_the_court(county):
    who = await people(county)
    offered = await county.begin(who["court"], "court", "lian_tiao", "offer", assignment(county))
    empty = await county.take(who["mediator"], offered, "refuse", {"reason": "NOT_OUR_AREA", "ground": ""})
    assert (empty.problem, empty.path) == ("VALIDATION", ("ground",))
    refused = await county.take(
        who["mediator"], offered, "refuse",
        {"reason": "NOT_OUR_AREA", "ground": "纠纷发生在寅街镇", "suggested_id": str(county.organizations["SF"])},
    )  # fmt: skip
    row = await county.matter(refused)
    assert (row.state, row.open, row.owner_id) == ("REFUSED", False, county.organizations["FY"])
    assert {clock.state for clock in await county.clocks(refused)} == {"STOPPED"}


async def test_a_circuit_point_lives_with_its_days(county, trial):
    who = await people(county)
    drafted = await county.begin(
        who["court"], "court", "jin_township", "draft",
        {"name": "寅街镇巡回审判点", "place": "寅街镇司法所", "host_id": str(county.organizations["SF"])},
    )  # fmt: skip
    day = {"day": "2026-11-27", "topic": "相邻关系纠纷开庭", "judge": "赵宁", "protected": False}
    early = await county.begin(who["court"], "court", "jin_township", "plan", day, parent=drafted.matter)
    assert early.problem == "NOT_ALLOWED_NOW"
    alone = await county.take(who["court"], drafted, "open", {"host_consents": False})
    assert (alone.problem, alone.path) == ("VALIDATION", ("hostConsents",))
    opened = await county.take(who["court"], drafted, "open", {"host_consents": True})
    visit = await county.begin(who["court"], "court", "jin_township", "plan", day, parent=opened.matter)
    row = await county.matter(visit)
    assert (row.title, row.part, row.state, row.parent_id, row.owner_id) == (
        "2026-11-27 相邻关系纠纷开庭", "visit", "PLANNED", opened.matter, county.organizations["FY"],
    )  # fmt: skip
    trial.set_clock("2026-11-27T16:00:00+08:00")
    held = await county.take(who["court"], visit, "hold", {"held_on": "2026-11-27"})
    clock = (await county.clocks(held))[0]
    assert (clock.code, clock.state, clock.due_at) == (
        "sl:visit_record", "RUNNING", datetime(2026, 12, 2, tzinfo=ZONE),
    )  # fmt: skip
    recorded = await county.take(
        who["court"], held, "record", {"outcome": "MEDIATED", "served": 9, "heard": 2, "mediated": 1}
    )
    assert recorded.state == "RECORDED"
    suspended = await county.take(who["court"], opened, "suspend", {"reason": "司法所修缮"})
    closed_now = await county.begin(
        who["court"], "court", "jin_township", "plan", {**day, "day": "2026-12-10"}, parent=suspended.matter
    )
    assert closed_now.problem == "NOT_ALLOWED_NOW"
    trial.set_clock(START)


async def test_what_the_county_switches_off_ends_by_cores_own_steps(county):
    who = await people(county)
    offered = await county.begin(who["court"], "court", "lian_tiao", "offer", assignment(county))
    await county.switch("court", Mode.OFF)
    again = await county.begin(who["court"], "court", "lian_tiao", "offer", assignment(county))
    assert (again.problem, again.path) == ("NOT_FOUND", ("element",))
    accepted = await county.take(who["mediator"], offered, "accept", {}, mutation="handoverAccept")
    answered = await county.take(
        who["mediator"], accepted, "answer", {"answer": "已达成协议"}, mutation="handoverAnswer"
    )
    received = await county.take(who["court"], answered, "receipt", {}, mutation="handoverReceipt")
    assert received.state == "RECEIPTED"
    assert {clock.state for clock in await county.clocks(received)} == {"STOPPED"}


async def test_while_it_is_on_the_elements_own_step_must_be_used(county):
    who = await people(county)
    offered = await county.begin(who["court"], "court", "lian_tiao", "offer", assignment(county))
    accepted = await county.take(who["mediator"], offered, "accept", {}, mutation="handoverAccept")
    around = await county.take(
        who["mediator"], accepted, "answer", {"answer": "已达成协议"}, mutation="handoverAnswer"
    )
    assert around.problem == "NOT_ALLOWED_NOW"
    own = await county.take(who["mediator"], accepted, "answer", answer(), mutation="courtAnswerMediation")
    assert own.state == "ANSWERED"


async def test_the_settings_of_a_county_hold_for_it_alone(county, trial):
    other = await trial.county("court")
    await county.switch("court", Mode.ON, {"longest_extension": 5})
    outcomes = []
    for one in (county, other):
        who = await people(one)
        taken = await accepted(one, who)
        outcomes.append((await one.take(who["mediator"], taken, "extend", AGREED)).problem)
    assert outcomes == ["VALIDATION", None]


async def test_another_county_has_none_of_it(county, trial):
    other = await trial.county("court")
    who, theirs = await people(county), await people(other)
    offered = await county.begin(who["court"], "court", "lian_tiao", "offer", assignment(county))
    assert (await other.take(theirs["mediator"], offered, "accept", {})).problem == "NOT_FOUND"
    foreign = await other.begin(theirs["court"], "court", "lian_tiao", "offer", assignment(county))
    assert (foreign.problem, foreign.path) == ("NOT_FOUND", ("organizationId",))
