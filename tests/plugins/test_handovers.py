"""Both sides of a handover: the receiver's own steps, danger, rulings."""

import pytest

from gridloom.plugin import Mode
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


async def offered(county, who, **changed):
    walk = Walk(county)
    values = {"organizationId": str(county.organizations["SF"]), "reason": "欠薪纠纷", "kind": "WAGES", **changed}
    said_of_it = await walk.begin(who["court"], "alfaSend", **values)
    return walk, said_of_it


async def crossing(county):
    return await staff(county, ("court", "department_officer", "FY"), ("justice", "department_officer", "SF"),
                       ("labour", "department_officer", "RS"), ("centre", "centre_lead", "ZX000000"),
                       ("police", "department_officer", "GA"))  # fmt: skip


RECEIVED = "{ beta { dockReceived { nodes { state forms { answer { agreed } offer { reason } } } } } }"


async def test_the_receiver_types_its_own_steps_of_what_is_offered(county):
    who = await crossing(county)
    walk, at = await offered(county, who)
    assert at == ("OFFERED", "FY")
    row = await county.matter(turned(walk))
    assert (row.receiver_plugin, row.receiver_element) == ("beta", "dock")
    assert await walk.take(who["justice"], "handoverAccept") == ("VALIDATION", "handler")
    assert await walk.take(who["justice"], "handoverAccept", handler="李明") == ("ACCEPTED", "SF")
    assert await walk.take(who["justice"], "handoverAnswer", answer="达成") == ("NOT_ALLOWED_NOW",)
    assert await walk.take(who["justice"], "betaDockAnswer", answer="达成协议", agreed=True) == ("ANSWERED", "SF")
    lists = await county.ask(who["justice"], RECEIVED)
    assert lists["data"]["beta"]["dockReceived"]["nodes"] == [
        {"state": "ANSWERED", "forms": {"answer": {"agreed": True}, "offer": {"reason": "欠薪纠纷"}}}
    ]
    assert await walk.take(who["court"], "handoverReceipt") == ("RECEIPTED", "FY")
    assert [one.type for one in await county.facts("handover.")] == [
        "handover.offered", "handover.accepted", "handover.answered", "handover.receipted",
    ]


async def test_with_the_receivers_plugin_off_it_lands_on_its_ordinary_desk(county):
    who = await crossing(county)
    await county.switch("beta", Mode.OFF)
    walk, _ = await offered(county, who)
    assert await walk.take(who["justice"], "handoverAccept") == ("ACCEPTED", "SF")
    assert await walk.take(who["justice"], "handoverAnswer", answer="达成协议") == ("ANSWERED", "SF")


async def test_danger_is_accepted_as_it_is_offered(county):
    who = await crossing(county)
    walk, at = await offered(county, who, organizationId=str(county.organizations["GA"]), danger="VIOLENCE")
    assert at == ("ACCEPTED", "GA")
    refused = await walk.take(who["police"], "handoverRefuse", reason="NOT_OUR_DUTY", ground="不属于公安职责")
    assert refused == ("NOT_ALLOWED_NOW",)
    assert [(one.step, one.actor_kind) for one in await county.history(turned(walk))] == [
        ("offer", "user"), ("accept", "system"),
    ]
    assert {clock.state for clock in await county.clocks(turned(walk))} == {"STOPPED"}


PRECEDENTS = """{
  handoverPrecedents(mechanism: "alfa") { nodes { element basis ruling organization { code } } }
}"""
REFUSING = {"reason": "NOT_OUR_DUTY", "ground": "三定职责不符"}


async def test_a_second_refusal_goes_to_the_centre_and_is_kept(county):
    who = await crossing(county)
    first, _ = await offered(county, who)
    asked = await first.take(who["justice"], "handoverAskRuling", ground="不属于本单位")
    assert asked == ("NOT_ALLOWED_NOW",)
    assert await first.take(who["justice"], "handoverRefuse", **REFUSING) == ("REFUSED", "FY")
    second, at = await offered(county, who, organizationId=str(county.organizations["RS"]), afterId=first.at["id"])
    assert at == ("OFFERED", "FY")
    assert await second.take(who["labour"], "handoverRefuse", **REFUSING) == ("ALREADY_RETURNED",)
    assert await second.take(who["labour"], "handoverAskRuling", ground="属司法局职责") == ("OFFERED", "FY")
    assert await county.inbox("ZX000000") == ["欠薪纠纷"]
    ruling = {"organizationId": str(county.organizations["SF"]), "ruling": "欠薪调解由司法局承办"}
    assert await second.take(who["court"], "handoverRule", **ruling) == ("NOT_YOURS",)
    assert await second.take(who["centre"], "handoverRule", **ruling) == ("ACCEPTED", "SF")
    kept = await county.ask(who["court"], PRECEDENTS)
    assert kept["data"]["handoverPrecedents"]["nodes"] == [
        {"element": "send", "basis": "属司法局职责", "ruling": "欠薪调解由司法局承办", "organization": {"code": "SF"}}
    ]
