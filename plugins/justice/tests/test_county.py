"""The justice bureau's elements in a real county, through its GraphQL."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest_asyncio

ZONE = ZoneInfo("Asia/Shanghai")
MATTER = "matter { id state version owner { code } } replayed"
RECORD = "record { id state version owner { code } } replayed"


@pytest_asyncio.fixture(loop_scope="session")
async def county(trial):
    return await trial.county("justice")


async def people(county):
    return {
        "officer": await county.as_member("department_officer", "SF", "王丽"),
        "mediator": await county.as_member("mediator", "SF", "李明"),
        "other": await county.as_member("mediator", "SF", "周强"),
        "lead": await county.as_member("department_lead", "SF", "陈洁"),
        "court": await county.as_member("department_officer", "FY", "赵宁"),
    }


async def step(county, member, at, name, *, core=True, **values):
    """Take a step; the matter as it stands, or the first problem."""
    selection = MATTER if core else RECORD
    done = await county.step(member, name, selection, matterId=at["id"], version=at["version"], **values)
    if done.get("problems"):
        return {**at, "problem": (done["problems"][0]["code"], done["problems"][0]["path"])}
    return done["matter"] if core else done["record"]


async def test_a_dispute_goes_to_the_court_and_comes_back(county):
    who = await people(county)
    offer = {"organizationId": str(county.organizations["FY"]), "reason": "双方申请司法确认", "forConfirmation": True}
    alone = await county.step(who["mediator"], "justiceOfferCourtDispute", RECORD, **offer, partiesConsent=False)
    assert alone["problems"] == [{"code": "VALIDATION", "path": ["partiesConsent"]}]
    made = await county.step(who["mediator"], "justiceOfferCourtDispute", RECORD, **offer, partiesConsent=True)
    at = made["record"]
    assert (at["state"], at["owner"]["code"]) == ("OFFERED", "SF")
    at = await step(county, who["court"], at, "justiceAcceptCourtDispute", handler="赵宁", partiesConsent=True)
    assert (at.get("problem"), at["state"], at["owner"]["code"]) == (None, "ACCEPTED", "FY")
    at = await step(county, who["court"], at, "justiceAnswerCourtDispute", answer="已裁定确认", outcome="AGREED",
                    endedOn="2026-11-23")  # fmt: skip
    at = await step(county, who["officer"], at, "handoverReceipt")
    assert (at.get("problem"), at["state"], at["owner"]["code"]) == (None, "RECEIPTED", "SF")


async def test_peoples_mediation_opens_its_follow_up(county):
    who = await people(county)
    made = await county.step(who["officer"], "justiceApplyMediation", RECORD, dispute="排水沟争执")
    at = made["record"]
    mediator = str(who["mediator"].actor.id)
    at = await step(county, who["officer"], at, "mediationAppoint", mediatorId=mediator, relation="NONE")
    at = await step(county, who["mediator"], at, "mediationConsent", applicantConsents=True, respondentConsents=True,
                    toldOfRights=True)  # fmt: skip
    at = await step(county, who["mediator"], at, "mediationOpenSession", heldOn="2026-11-23")
    at = await step(county, who["mediator"], at, "mediationMinute", heldOn="2026-11-23", text="双方到场")
    at = await step(county, who["mediator"], at, "mediationAgree", kind="WRITTEN", agreedOn="2026-11-23",
                    terms="共同疏通", performBy="2026-12-31")  # fmt: skip
    assert (at.get("problem"), at["state"]) == (None, "AGREED")
    listed = await county.ask(who["officer"], """{ justice { mediationFollowup { nodes {
        id version state clocks { code dueAt } owner { code } } } } }""")
    (follow,) = listed["data"]["justice"]["mediationFollowup"]["nodes"]
    due = {clock["code"]: datetime.fromisoformat(clock["dueAt"]).astimezone(ZONE) for clock in follow["clocks"]}
    assert (follow["state"], set(due)) == ("RUNNING", {"sl:followup", "TJ-02", "FY-07"})
    assert due["sl:followup"] == datetime(2026, 12, 24, tzinfo=ZONE)
    assert due["TJ-02"] == datetime(2026, 12, 24, tzinfo=ZONE)
    own = await step(county, who["mediator"], follow, "justiceFollowedUp", core=False, result="已履行", kept=True)
    assert own["problem"][0] == "SAME_PERSON"
    done = await step(county, who["other"], follow, "justiceFollowedUp", core=False, result="已履行", kept=True)
    assert done["state"] == "MET"


async def test_labour_mediation_has_fifteen_days_and_others_not(county):
    who = await people(county)
    codes = []
    for trade in ("LABOUR", "MEDICAL"):
        made = await county.step(who["officer"], "justiceAssignTrade", "record { clocks { code } }", dispute="拖欠工资",
                                 trade=trade, bodyRegistered=True)  # fmt: skip
        codes.append([clock["code"] for clock in made["record"]["clocks"]])
    assert codes == [["LD-01"], []]


async def test_legal_aid_is_decided_and_a_lawyer_named(county):
    who = await people(county)
    made = await county.step(who["officer"], "justiceApplyLegalAid", RECORD, subject="离婚诉讼", victim=True)
    at = made["record"]
    asked = await step(county, who["officer"], at, "justiceAskAidCorrection", core=False, missing=["困难证明"],
                       by="2026-11-30", hardshipProof=True)  # fmt: skip
    assert asked["problem"] == ("PLUGIN_REFUSED", ["hardshipProof"])
    at = await step(county, who["officer"], at, "requestAccept")
    at = await step(county, who["officer"], at, "requestDeliberate")
    at = await step(county, who["lead"], at, "requestGrant", reasons="符合法律援助条件", remedy="可申请复核")
    assert (at.get("problem"), at["state"]) == (None, "GRANTED")


async def test_reconsideration_is_asked_for_within_sixty_days(county):
    who = await people(county)
    act = {"subject": "罚款决定", "act": "罚款二百元", "actKnownOn": "2026-09-01"}
    late = await county.step(who["officer"], "justiceApplyReconsideration", RECORD, **act)
    assert late["problems"][0]["code"] == "WINDOW_CLOSED"
    excused = await county.step(who["officer"], "justiceApplyReconsideration", RECORD, **act, lateWithCause=True)
    assert excused["record"]["state"] == "RECEIVED"


async def test_bodies_are_registered_once_and_enter_force(county):
    who = await people(county)
    body = {"number": "TWH-001", "name": "东山村调委会", "paper": "司字1号", "hours": "工作日", "members": 5, "declared": 5}
    made = await county.step(who["officer"], "justiceRegisterCommittee", RECORD, **body)
    again = await county.step(who["officer"], "justiceRegisterCommittee", RECORD, **body)
    assert again["problems"][0]["path"] == ["number"]
    at = await step(county, who["lead"], made["record"], "entryEnact")
    assert (at.get("problem"), at["state"]) == (None, "IN_FORCE")
