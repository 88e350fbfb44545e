"""Mediation, sessions, pairings, trends, service and visits, alarms, envelopes, handovers: through a county's GraphQL."""

import pytest

from gridloom.testing.county import Trial
from tests.plugins.crossings import both

MATTER = "replayed matter { id state version allowedSteps owner { code } }"
RECORD = "replayed record { id state version allowedSteps owner { code } }"


@pytest.fixture(scope="module")
async def trial(database):
    async with Trial.open(database, both()) as opened:
        yield opened


@pytest.fixture
async def county(trial):
    return await trial.county("alfa", "beta")


class Walk:
    """One matter taken through its steps over GraphQL; `at` is how it stands."""

    def __init__(self, county):
        self.county = county
        self.at = {}

    async def begin(self, member, name, **values):
        made = await self.county.step(member, name, RECORD, **values)
        if made.get("record"):
            self.at = made["record"]
        return said(made)

    async def take(self, member, name, **values):
        kind = "record" if name.startswith(("alfa", "beta")) else "matter"
        taken = await self.county.step(
            member, name, RECORD if kind == "record" else MATTER, matterId=self.at["id"], version=self.at["version"], **values
        )
        if not taken.get("problems") and taken.get(kind):
            self.at = taken[kind]
        return said(taken)


def said(answer):
    """State and owner, or why nothing changed."""
    if "errors" in answer:
        return answer["errors"][0]
    if answer["problems"]:
        problem = answer["problems"][0]
        return (problem["code"], *problem["path"])
    matter = answer.get("record") or answer["matter"]
    return matter["state"], matter["owner"]["code"]


async def staff(county, *who):
    """People by short names: (name, role, organisation)."""
    return {name: await county.as_member(role, code, name) for name, role, code in who}


async def test_a_mediation_from_application_to_the_call_back(county):
    who = await staff(county, ("court", "department_officer", "FY"), ("justice", "department_officer", "SF"),
                      ("mediator", "mediator", "SF"), ("caller", "mediator", "SF"), ("other", "department_officer", "ZJ"))  # fmt: skip
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
