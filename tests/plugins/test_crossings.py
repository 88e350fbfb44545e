"""Mediations, sessions, pairings, trends, service and visits, through a county's GraphQL."""

from datetime import date

import pytest
from pydantic import Field
from sqlalchemy import select

from gridloom.behaviours import trends
from gridloom.behaviours.facts import tell_plugin
from gridloom.grid.models import GridRow
from gridloom.plugin import Declaration, Element, Figure, aggregate_trend
from gridloom.testing.county import Trial
from tests.plugins.crossings import both
from tests.plugins.walking import Walk, staff, turned


@pytest.fixture(scope="module")
async def trial(database):
    async with Trial.open(database, both()) as opened:
        yield opened


@pytest.fixture
async def county(trial):
    return await trial.county("alfa", "beta")


async def test_a_mediation_from_application_to_the_call_back(county):
    who = await staff(county, ("court", "department_officer", "FY"), ("justice", "department_officer", "SF"),
                      ("mediator", "mediator", "SF"), ("caller", "mediator", "SF"),
                      ("other", "department_officer", "ZJ"))  # fmt: skip
    walk = Walk(county)
    sf = str(county.organizations["SF"])
    assert await walk.begin(who["court"], "alfaApplyMediation", dispute="排水沟争执", bodyId=sf) == ("APPLIED", "SF")
    person = str(who["mediator"].actor.id)
    consents = {"applicantConsents": True, "respondentConsents": True, "toldOfRights": True}
    assert await walk.take(who["justice"], "mediationConsent", **consents) == ("NOT_ALLOWED_NOW",)
    tied = await walk.take(who["justice"], "mediationAppoint", mediatorId=person, relation="RELATIVE")
    assert tied == ("VALIDATION", "relation")
    assert await walk.take(who["court"], "mediationAppoint", mediatorId=person, relation="NONE") == ("NOT_YOURS",)
    assert await walk.take(who["justice"], "mediationAppoint", mediatorId=person, relation="NONE") == ("APPLIED", "SF")
    alone = await walk.take(who["mediator"], "mediationConsent", **{**consents, "respondentConsents": False})
    assert alone == ("VALIDATION", "respondentConsents")
    assert await walk.take(who["mediator"], "mediationConsent", **consents) == ("CONSENTED", "SF")
    assert await walk.take(who["mediator"], "mediationOpenSession", heldOn="2026-11-24") == ("VALIDATION", "heldOn")
    assert await walk.take(who["mediator"], "mediationOpenSession", heldOn="2026-11-23") == ("IN_SESSION", "SF")
    terms = {"kind": "ORAL", "agreedOn": "2026-11-23", "terms": "共同疏通，费用各半"}
    assert await walk.take(who["mediator"], "mediationAgree", **terms) == ("NOT_ALLOWED_NOW",)
    await walk.take(who["mediator"], "mediationMinute", heldOn="2026-11-23", text="双方到场陈述")
    assert await walk.take(who["mediator"], "mediationAgree", **terms) == ("AGREED", "SF")
    assert await walk.take(who["justice"], "mediationPerform", performed="PARTLY") == ("PERFORMING", "SF")
    called = {"calledOn": "2026-11-23", "outcome": "KEPT"}
    assert await walk.take(who["mediator"], "mediationFollowUp", **called) == ("SAME_PERSON",)
    assert await walk.take(who["caller"], "mediationFollowUp", **{**called, "outcome": "BROKEN"}) == ("VALIDATION", "remedy")
    assert await walk.take(who["other"], "mediationFollowUp", **called) == ("NOT_FOUND", "matterId")
    assert await walk.take(who["caller"], "mediationFollowUp", **called) == ("FOLLOWED_UP", "SF")


async def in_session(county):
    """A mediation in session at the justice bureau, with its people."""
    who = await staff(county, ("court", "department_officer", "FY"), ("mediator", "mediator", "SF"),
                      ("police", "department_officer", "GA"), ("trained", "department_lead", "SF"))  # fmt: skip
    walk = Walk(county)
    await walk.begin(who["court"], "alfaApplyMediation", dispute="家庭争执", bodyId=str(county.organizations["SF"]))
    person = str(who["mediator"].actor.id)
    await walk.take(who["mediator"], "mediationAppoint", mediatorId=person, relation="NONE")
    await walk.take(who["mediator"], "mediationConsent", applicantConsents=True, respondentConsents=True,
                    toldOfRights=True)  # fmt: skip
    assert await walk.take(who["mediator"], "mediationOpenSession", heldOn="2026-11-23") == ("IN_SESSION", "SF")
    return who, walk


async def test_a_sign_of_violence_gives_it_to_the_police_until_somebody_else_clears_it(county):
    who, walk = await in_session(county)
    assert await walk.take(who["mediator"], "mediationSignalViolence") == ("BLOCKED", "GA")
    told = (await county.facts("violence.signalled"))[0]
    assert (told.data["ownerId"], told.scopes) == (str(county.organizations["GA"]), [county.organizations["GA"]])
    held = await walk.take(who["mediator"], "mediationMinute", heldOn="2026-11-23", text="继续调解")
    assert held == ("NOT_YOURS",)  # the police have it
    clearing = {"training": "反家暴培训2026-11", "ground": "系口角，无伤害", "askedAlone": True}
    assert await walk.take(who["mediator"], "mediationClear", **clearing) == ("SAME_PERSON",)
    assert await walk.take(who["trained"], "mediationClear", **{**clearing, "askedAlone": False}) == (
        "VALIDATION", "askedAlone")  # fmt: skip
    assert await walk.take(who["trained"], "mediationClear", **clearing) == ("APPLIED", "SF")
    assert await county.inbox("GA") == []
    failed = {"reason": "REFUSED", "remedy": "可向人民法院起诉"}
    assert await walk.take(who["mediator"], "mediationFail", **failed) == ("FAILED", "SF")


async def test_a_session_is_answered_held_and_tasked(county):
    who = await staff(county, ("caller", "department_lead", "FY"), ("land", "department_officer", "ZR"),
                      ("water", "department_officer", "SW"))  # fmt: skip
    walk = Walk(county)
    called = {"topic": "水源地联席会议", "agenda": "通报线索，确定牵头", "day": "2026-11-24"}
    assert await walk.begin(who["caller"], "alfaCallMeeting", **{**called, "day": "2026-11-20"}) == ("VALIDATION", "day")
    assert await walk.begin(who["caller"], "alfaCallMeeting", **called) == ("CALLED", "FY")
    session = walk.at
    answers = {}
    for name, code, step, values in (
        ("land", "ZR", "invitationAccept", {"person": "何斌"}), ("water", "SW", "invitationDecline", {"reason": "当日防汛"}),
    ):
        invited = Walk(county)
        wanted = {"parentId": session["id"], "organizationId": str(county.organizations[code])}
        await invited.begin(who["caller"], "alfaInvite", **wanted)
        assert await invited.take(who["caller"], step, **values) == ("NOT_YOURS",)
        answers[code] = (await invited.take(who[name], step, **values))[0]
    assert answers == {"ZR": "COMING", "SW": "DECLINED"}
    twice = await Walk(county).begin(who["caller"], "alfaInvite", parentId=session["id"],
                                     organizationId=str(county.organizations["ZR"]))  # fmt: skip
    assert twice == ("VALIDATION", "organizationId")
    walk.at = session
    assert await walk.take(who["caller"], "sessionHold", heldOn="2026-11-23") == ("HELD", "FY")
    task = Walk(county)
    decided = {"parentId": session["id"], "task": "封堵排污口", "organizationId": str(county.organizations["SW"])}
    assert await task.begin(who["caller"], "alfaDecide", **decided, due="2026-12-01") == ("DECIDED", "SW")
    clock = (await county.clocks(turned(task)))[0]
    assert (clock.code, clock.state, clock.limit_value, clock.unit) == ("sl:decision_due", "RUNNING", 8, "d")
    await walk.take(who["caller"], "sessionMinute", text="决定封堵排污口，水务局负责")
    assert await walk.take(who["caller"], "sessionFollow") == ("NOT_ALLOWED_NOW",)
    assert await task.take(who["land"], "decisionDone", result="已封堵") == ("NOT_FOUND", "matterId")
    assert await task.take(who["water"], "decisionDone", result="已封堵") == ("DONE", "SW")
    assert await walk.take(who["caller"], "sessionFollow") == ("FOLLOWED", "FY")


async def test_where_parties_must_consent_no_session_is_held_without(county):
    who = await staff(county, ("caller", "department_officer", "GA"))
    walk = Walk(county)
    name = "alfaTalkCall"
    await walk.begin(who["caller"], name, topic="共调排水纠纷", agenda="听取双方意见", day="2026-11-23")
    assert await walk.take(who["caller"], "sessionHold", heldOn="2026-11-23") == ("NOT_ALLOWED_NOW",)
    half = await walk.take(who["caller"], "sessionConsent", applicantConsents=True, respondentConsents=False)
    assert half == ("VALIDATION", "respondentConsents")
    await walk.take(who["caller"], "sessionConsent", applicantConsents=True, respondentConsents=True)
    assert await walk.take(who["caller"], "sessionHold", heldOn="2026-11-23") == ("HELD", "GA")
    assert await walk.take(who["caller"], "sessionAdjourn", reason="等待鉴定", nextOn="2026-11-25") == ("ADJOURNED", "GA")
    assert await walk.take(who["caller"], "sessionCallOff", reason="双方已自行和解") == ("NOT_HELD", "GA")


async def test_a_pairing_is_agreed_asked_and_ended(county, trial):
    who = await staff(county, ("court", "department_lead", "FY"), ("town", "centre_officer", "ZX101000"))
    walk = Walk(county)
    proposed = {
        "gridId": str(await grid_of(county)), "partnerId": str(county.organizations["ZX101000"]),
        "personId": str(who["court"].actor.id), "startsOn": "2026-11-23",
    }  # fmt: skip
    late = await walk.begin(who["court"], "alfaPair", **proposed, until="2026-11-01")
    assert late == ("VALIDATION", "until")
    assert await walk.begin(who["court"], "alfaPair", **proposed, until="2026-12-31") == ("PROPOSED", "FY")
    assert await walk.take(who["court"], "pairingAgree") == ("NOT_YOURS",)
    assert await walk.take(who["town"], "pairingAgree", contact="王丽") == ("ACTIVE", "FY")
    asked = Walk(county)
    await asked.begin(who["town"], "alfaAskQuestion", parentId=walk.at["id"], question="口头协议如何登记")
    assert await asked.take(who["town"], "questionReply", answer="填登记表") == ("NOT_YOURS",)
    assert (await asked.take(who["court"], "questionReply", answer="填写口头协议登记表"))[0] == "REPLIED"
    after = Walk(county)
    await after.begin(who["court"], "alfaPair", **proposed, afterId=walk.at["id"])
    assert await after.take(who["town"], "pairingAgree") == ("ACTIVE", "FY")
    assert (await county.matter(turned(walk))).state == "ENDED"
    assert await after.take(who["town"], "pairingEnd", reason="人员调整") == ("ENDED", "FY")


async def test_a_grid_that_ends_leaves_a_successor_to_be_agreed(county, trial):
    who = await staff(county, ("court", "department_lead", "FY"), ("town", "centre_officer", "ZX101000"))
    grid = await grid_of(county)
    walk = Walk(county)
    await walk.begin(who["court"], "alfaPair", gridId=str(grid), partnerId=str(county.organizations["ZX101000"]),
                     personId=str(who["court"].actor.id), startsOn="2026-11-23")  # fmt: skip
    await walk.take(who["town"], "pairingAgree")
    async with trial.service.open(await county.view()) as work:
        work.fact("grid.redrawn", grid=str(grid), code="x", change="boundary", version=2)
    fact = (await county.facts("grid.redrawn"))[-1]
    for _ in range(2):  # told again it proposes nothing more
        await tell_plugin(trial.service, await county.view(), "alfa", fact)
    listed = await county.ask(who["town"], "{ alfa { pair(state: \"PROPOSED\") { nodes { id version owner { code } } } } }")
    after = Walk(county)
    (after.at,) = listed["data"]["alfa"]["pair"]["nodes"]
    assert (await county.matter(turned_of(after))).previous_id == turned(walk).matter
    assert await after.take(who["town"], "pairingAgree") == ("ACTIVE", "FY")
    assert (await county.matter(turned(walk))).state == "ENDED"


def turned_of(walk):
    return turned(Walk(walk.county, {"state": "PROPOSED", **walk.at}))


async def grid_of(county):
    async with county.trial.service.reading(await county.view()) as session:
        return (await session.execute(
            select(GridRow.id).where(GridRow.tenant_id == county.id, GridRow.level == 5)
        )).scalars().first()


CELLS = "{ alfa { trend { nodes { forms { compute { hidden cells { first count before } } } } } } }"


async def test_a_trend_counts_without_persons_and_hides_what_is_small(county):
    who = await staff(county, ("court", "department_lead", "FY"), ("housing", "department_officer", "ZJ"))
    for _ in range(6):
        await county.has_case("A-01")
    for _ in range(2):
        await county.has_case("A-02")
    for _ in range(7):
        await county.has_case("A-03")
    walk = Walk(county)
    wrong = await walk.begin(who["court"], "alfaCompute", day="2026-11-23", dimensions=["STATE"])
    assert wrong == ("VALIDATION", "dimensions")
    assert await walk.begin(who["court"], "alfaCompute", day="2026-11-23", dimensions=["ITEM"]) == ("COMPUTED", "FY")
    asked = await county.ask(who["court"], CELLS)
    computed = asked["data"]["alfa"]["trend"]["nodes"][0]["forms"]["compute"]
    # the cell of two is hidden, and the next smallest with it
    assert sorted(one["count"] or 0 for one in computed["cells"]) == [0, 0, 7]
    assert computed["hidden"] == 2
    kept = (await county.matter(turned(walk))).forms["compute"]["values"]["cells"]
    assert [one["count"] for one in kept if one["count"] is not None] == [7]
    assert await walk.take(who["court"], "trendReview", finding="欠薪案件上升") == ("REVIEWED", "FY")
    assert await walk.take(who["court"], "trendTask") == ("NOT_ALLOWED_NOW",)
    task = Walk(county)
    given = {"task": "排查在建工地", "organizationId": str(county.organizations["ZJ"]), "due": "2026-12-10"}
    assert await task.begin(who["court"], "alfaGiveTask", parentId=walk.at["id"], **given) == ("GIVEN", "ZJ")
    assert await walk.take(who["court"], "trendTask") == ("TASKED", "FY")
    assert await task.take(who["housing"], "trendTaskFinish", result="已排查12处") == ("FINISHED", "ZJ")
    by_person = await Walk(county).begin(
        who["court"], "alfaCompute", day="2026-11-23", source="MATTERS", dimensions=["ANSWER"], answer="settle.apply.dispute"
    )
    assert by_person == ("VALIDATION", "answer")
    by_choice = await Walk(county).begin(
        who["court"], "alfaCompute", day="2026-11-23", source="MATTERS", dimensions=["ANSWER"], answer="send.offer.kind"
    )
    assert by_choice == ("COMPUTED", "FY")


def test_a_trend_cannot_be_declared_with_a_person():
    class ByLawyer(aggregate_trend.Compute):
        lawyer: str = Field(title="律师")

    with pytest.raises(Declaration, match="may name a person"):
        Element(key="bad", group="坏", title="坏", behaviour=aggregate_trend.behaviour, figure=Figure("数"),
                forms={aggregate_trend.compute: ByLawyer})  # fmt: skip


@pytest.mark.parametrize(("day", "period", "bounds"), [
    (date(2026, 11, 23), "MONTH", (date(2026, 11, 1), date(2026, 12, 1))),
    (date(2026, 12, 31), "MONTH", (date(2026, 12, 1), date(2027, 1, 1))),
    (date(2026, 11, 23), "QUARTER", (date(2026, 10, 1), date(2027, 1, 1))),
    (date(2026, 2, 28), "YEAR", (date(2026, 1, 1), date(2027, 1, 1))),
])  # fmt: skip
def test_a_period_holds_its_day(day, period, bounds):
    assert trends.bounds(period, day) == bounds


WARNING = {"basis": "反家庭暴力法第十六条", "safeChannel": "PHONE", "safeFrom": "21:00", "safeTo": "07:00"}


async def test_a_decision_is_served_and_visited_safely(county, trial):
    who = await staff(county, ("police", "department_officer", "GA"), ("chief", "department_lead", "GA"),
                      ("village", "centre_officer", "ZX101201"), ("other", "department_officer", "ZJ"))  # fmt: skip
    walk = Walk(county)
    assert await walk.begin(who["police"], "alfaIssueWarning", **{**WARNING, "safeFrom": "25:00"}) == (
        "VALIDATION", "safeFrom")  # fmt: skip
    assert await walk.begin(who["police"], "alfaIssueWarning", **WARNING) == ("DECIDED", "GA")
    served = {"protectedOn": "2026-11-23", "otherOn": "2026-11-23"}
    assert await walk.take(who["police"], "orderServe", **served) == ("SERVED", "GA")
    visit = {"day": "2026-11-23", "hour": "22:30", "channel": "PHONE", "relation": "NONE", "again": False}
    assert await walk.take(who["police"], "orderVisit", **visit) == ("NOT_ALLOWED_NOW",)
    told = {"organizationId": str(county.organizations["ZX101201"]), "duty": "协助查访"}
    assert await walk.take(who["police"], "orderNotify", **told) == ("NOTIFIED", "GA")
    for changed, path in (
        ({"hour": "08:00"}, "hour"), ({"channel": "IN_PERSON"}, "channel"), ({"relation": "RELATIVE"}, "relation"),
    ):
        assert await walk.take(who["village"], "orderVisit", **{**visit, **changed}) == ("VALIDATION", path)
    assert await walk.take(who["other"], "orderVisit", **visit) == ("NOT_FOUND", "matterId")
    assert await walk.take(who["village"], "orderVisit", **visit) == ("VISITING", "GA")
    assert await walk.take(who["police"], "orderVisit", **{**visit, "hour": "06:59"}) == ("VISITING", "GA")
    revoked = {"ground": "SET_ASIDE", "note": "复核撤销"}
    assert await walk.take(who["police"], "orderRevoke", **revoked) == ("SAME_PERSON",)
    assert await walk.take(who["village"], "orderEnd", reason="不再需要") == ("NOT_YOURS",)
    assert await walk.take(who["chief"], "orderRevoke", **revoked) == ("REVOKED", "GA")
