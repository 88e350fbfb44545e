"""Plugins in real counties: contained when they fail, silent in shadow, absent where they are off."""

from uuid import UUID

import pytest
from sqlalchemy import select

from gridloom.behaviours.facts import tell_plugin, wanting
from gridloom.behaviours.models import PluginAnswer
from gridloom.contract.types import CaseView, Fact, Mode, Proposal, Refusal, StepView, Work
from gridloom.outbox import FactRow
from gridloom.plugin import Ask, Clock, handover
from gridloom.testing.county import Trial
from tests.plugins.samples import element, plugin

GUARDED = frozenset({"handoverAccept", "acceptCase", "reportCase"})
mood = {"guard": "agree", "rule": "agree", "fact": "agree"}


def object_to_step(step: StepView) -> list[Refusal]:
    if mood["guard"] == "loop":
        while True:
            pass
    if mood["guard"] == "object":
        return [Refusal("PLUGIN_REFUSED", "先补齐材料", ("note",))]
    return []


def propose_dispatch(case: CaseView) -> list[Proposal]:
    return []


def moody(ask: Ask[handover.Offer]) -> Refusal | None:
    if mood["rule"] == "raise":
        raise RuntimeError("the plugin is broken")
    return None


async def fact_happened(work: Work, fact: Fact) -> None:
    if mood["fact"] == "raise":
        work.fact("planted.seen", fact.case)
        raise RuntimeError("the plugin is broken")
    matter = UUID(str(fact.data["matterId"]))
    await work.take("offer_it", "answer", handover.Answer(answer="自动回复"), matter=matter)
    work.fact("planted.seen", fact.case, matterId=str(matter))


def make():
    first = element(
        verbs={handover.offer: "Offer"},
        clocks=(Clock("sl:accept", handover.offer, (handover.accept, handover.refuse), label="接收", hours=1),),
    )
    first.rule(handover.offer)(moody)
    return [
        plugin("planted", object_to_step, propose_dispatch, fact_happened, guards=GUARDED, elements=(first,),
               subscribes=frozenset({"handover.accepted"})),
        plugin("quiet", elements=(element("talk", verbs={handover.offer: "Talk"}),)),
    ]  # fmt: skip


@pytest.fixture(scope="module")
async def trial(database):
    async with Trial.open(database, make()) as opened:
        yield opened


@pytest.fixture(autouse=True)
def calm(trial):
    mood.update(guard="agree", rule="agree", fact="agree")
    yield
    for breaker in trial.service.host._breakers.values():
        breaker.failed.clear()
        breaker.opened, breaker.on_trial = None, False


async def offered(county, key="planted", name="offer_it"):
    sender = await county.as_member("department_officer", "FY")
    receiver = await county.as_member("department_officer", "SF")
    values = {"organization_id": str(county.organizations["SF"]), "reason": "请协助调解"}
    return sender, receiver, await county.begin(sender, key, name, "offer", values)


async def answers(county):
    async with county.trial.service.reading(await county.view()) as session:
        rows = await session.execute(
            select(PluginAnswer).where(PluginAnswer.tenant_id == county.id).order_by(PluginAnswer.at)
        )
        return [(row.plugin, row.question, row.outcome, row.mutation) for row in rows.scalars()]


async def test_a_rule_that_breaks_refuses_its_own_step_and_nothing_else(trial):
    county = await trial.county("planted", "quiet")
    mood["rule"] = "raise"
    _sender, _receiver, refused = await offered(county)
    assert (refused.problem, refused.message) == ("PLUGIN_REFUSED", "problem-plugin-failed")
    assert await county.facts("handover.") == []
    _sender, _receiver, other = await offered(county, "quiet", "talk")
    assert other.state == "OFFERED"


async def test_a_guard_that_never_ends_closes_only_what_it_guards(trial):
    county = await trial.county("planted", "quiet")
    sender, receiver, matter = await offered(county, "quiet", "talk")
    mood["guard"] = "loop"
    refused = await county.take(receiver, matter, "accept", {})
    assert (refused.problem, refused.message) == ("PLUGIN_REFUSED", "problem-plugin-failed")
    assert (await county.matter(matter)).version == 1
    withdrawn = await county.take(sender, matter, "withdraw", {"reason": "不再需要"})
    assert withdrawn.state == "WITHDRAWN"


async def test_an_objection_is_a_problem_with_the_plugins_own_sentence(trial):
    county = await trial.county("planted", "quiet")
    _sender, receiver, matter = await offered(county, "quiet", "talk")
    mood["guard"] = "object"
    refused = await county.take(receiver, matter, "accept", {})
    assert (refused.problem, refused.path, refused.message) == ("PLUGIN_REFUSED", ("note",), "先补齐材料")


async def test_in_shadow_it_is_asked_and_written_down_but_changes_nothing(trial):
    county = await trial.county("quiet")
    await county.switch("planted", Mode.SHADOW)
    _sender, receiver, matter = await offered(county, "quiet", "talk")
    mood["guard"] = "object"
    accepted = await county.take(receiver, matter, "accept", {})
    assert accepted.state == "ACCEPTED"
    assert await answers(county) == [("planted", "object_to_step", "SHADOW", "handoverAccept")]
    assert (await offered(county))[2].problem == "NOT_FOUND"
    assert wanting(trial.service, await county.view(), "handover.accepted") == []


async def test_in_shadow_it_is_asked_about_cores_own_steps_too(trial):
    county = await trial.county("quiet")
    await county.switch("planted", Mode.SHADOW)
    mood["guard"] = "object"
    centre = await county.as_member("centre_officer", "ZX101201")
    taken = await county.step(centre, "acceptCase", "case { status }", caseId=str(await county.has_case()), version=1)
    assert taken == {"case": {"status": "ACCEPTED"}, "problems": []}
    assert await answers(county) == [("planted", "object_to_step", "SHADOW", "acceptCase")]


async def test_a_report_is_refused_by_a_guard_and_leaves_nothing(trial):
    county = await trial.county("planted", "quiet")
    mood["guard"] = "object"
    centre = await county.as_member("centre_officer", "ZX101201")
    report = {"description": "路面塌陷", "workItemCode": "C-13", "gridCode": f"{county.code}101201001"}
    refused = await county.step(centre, "reportCase", "case { id } problems { path }", **report)
    assert refused["case"] is None
    assert [one["path"] for one in refused["problems"]] == [["note"]]
    assert await county.facts("case.") == []
    critical = await county.step(centre, "reportCase", "case { status }", **report, severity="CRITICAL")
    assert critical["case"] == {"status": "REPORTED"}
    mood["guard"] = "agree"
    assert (await county.step(centre, "reportCase", "case { status }", **report))["case"] == {"status": "REPORTED"}


async def test_a_failure_in_shadow_is_written_down_and_changes_nothing(trial):
    county = await trial.county("quiet")
    await county.switch("planted", Mode.SHADOW)
    _sender, receiver, matter = await offered(county, "quiet", "talk")
    mood["guard"] = "loop"
    assert (await county.take(receiver, matter, "accept", {})).state == "ACCEPTED"
    assert await answers(county) == [("planted", "object_to_step", "FAILED", "handoverAccept")]


async def test_a_countys_plugins_are_its_own(trial):
    with_it, without = await trial.county("planted", "quiet"), await trial.county("quiet")
    mood["guard"] = "object"
    outcomes = []
    for county in (with_it, without):
        _sender, receiver, matter = await offered(county, "quiet", "talk")
        outcomes.append((await county.take(receiver, matter, "accept", {})).problem)
    assert outcomes == ["PLUGIN_REFUSED", None]


async def test_what_is_not_installed_can_be_switched_off_but_not_on(trial):
    county = await trial.county()
    with pytest.raises(Exception, match="NOT_FOUND"):
        await county.switch("unheard", Mode.ON)
    assert (await county.view()).switched == ()


async def accepted_fact(county):
    _sender, receiver, matter = await offered(county)
    accepted = await county.take(receiver, matter, "accept", {})
    async with county.trial.service.reading(await county.view()) as session:
        row = (await session.execute(
            select(FactRow).where(FactRow.tenant_id == county.id, FactRow.type == "handover.accepted")
        )).scalar_one()
    return accepted, row


async def test_a_fact_reaches_its_subscriber_who_takes_a_step_of_its_own(trial):
    county = await trial.county("planted", "quiet")
    matter, row = await accepted_fact(county)
    view = await county.view()
    assert wanting(trial.service, view, row.type) == ["planted"]
    await tell_plugin(trial.service, view, "planted", row)
    assert (await county.matter(matter)).state == "ANSWERED"
    assert [fact.type for fact in await county.facts("planted.")] == ["planted.seen"]


async def test_a_subscriber_that_fails_leaves_nothing_behind(trial):
    county = await trial.county("planted")
    matter, row = await accepted_fact(county)
    mood["fact"] = "raise"
    with pytest.raises(RuntimeError, match="broken"):
        await tell_plugin(trial.service, await county.view(), "planted", row)
    assert (await county.matter(matter)).state == "ACCEPTED"
    assert await county.facts("planted.") == []
