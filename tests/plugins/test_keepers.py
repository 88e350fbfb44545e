"""Registers, stages, requests, windows and tasks, through a county's GraphQL."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from gridloom.behaviours.models import MatterRow
from tests.plugins.keeping_county import county, how_many, trial, who, work_off
from tests.plugins.walking import Walk, turned

__all__ = ["county", "trial", "who"]
ZONE = ZoneInfo("Asia/Shanghai")


def begin(county, **_):
    return Walk(county, own="keep")


ENTRY = {"number": "JK-0001", "name": "桥头摄像头", "basis": "公共安全视频管理条例", "signPosted": True}


async def registered(county, who, **changed):
    walk = begin(county)
    assert await walk.begin(who["officer"], "keepRegisterDevice", **{**ENTRY, **changed}) == ("DRAFT", "FY")
    return walk


async def test_an_entry_enters_force_by_another_and_is_superseded_by_its_next_version(county, who):
    walk = await registered(county, who)
    assert await walk.take(who["other"], "entryEnact") == ("NOT_FOUND", "matterId")
    assert await walk.take(who["grid"], "entryEnact") == ("NOT_FOUND", "matterId")
    assert await walk.take(who["officer"], "entryEnact") == ("SAME_PERSON",)
    assert "entryEnact" not in walk.at["allowedSteps"]
    assert await walk.take(who["lead"], "entryResume") == ("NOT_ALLOWED_NOW",)
    assert await walk.take(who["lead"], "entryEnact") == ("IN_FORCE", "FY")
    clock, = await county.clocks(turned(walk))
    assert (clock.code, clock.due_at) == ("sl:device_check", datetime(2027, 5, 24, tzinfo=ZONE))
    assert await walk.take(who["officer"], "entryCheck", checkedOn="2026-11-24", result="FAULTY") == ("VALIDATION", "checkedOn")
    assert await walk.take(who["officer"], "entryCheck", checkedOn="2026-11-23", result="FAULTY") == ("IN_FORCE", "FY")
    again, = [one for one in await county.clocks(turned(walk)) if one.stopped_at is None]
    assert again.id != clock.id
    assert await begin(county).begin(who["officer"], "keepRegisterDevice", **ENTRY) == ("VALIDATION", "number")
    newer = begin(county)
    revision = {"number": "JK-0001", "name": "桥头摄像头（新）", "replacesId": walk.at["id"], "change": "换型"}
    assert await newer.begin(who["officer"], "keepDeviceRevise", **revision) == ("DRAFT", "FY")
    assert await begin(county).begin(who["officer"], "keepDeviceRevise", **revision) == ("NOT_ALLOWED_NOW", "replacesId")
    assert await newer.take(who["lead"], "entryEnact") == ("IN_FORCE", "FY")
    old = await county.matter(turned(walk))
    assert (old.state, old.open, (await county.matter(turned(newer))).previous_id) == ("SUPERSEDED", False, old.id)
    last = (await county.history(turned(walk)))[-1]
    assert (last.step, last.actor_kind, last.staff_id) == ("supersede", "system", None)
    assert await newer.take(who["officer"], "entrySuspend", reason="检修") == ("SUSPENDED", "FY")
    assert await newer.take(who["officer"], "entryResume") == ("IN_FORCE", "FY")
    assert await newer.take(who["officer"], "entryRetire", reason="拆除") == ("RETIRED", "FY")


async def test_an_entry_that_its_rules_refuse_stays_a_draft(county, who):
    walk = await registered(county, who, signPosted=False)
    assert await walk.take(who["lead"], "entryEnact") == ("VALIDATION", "fromDay")
    assert (await county.matter(turned(walk))).state == "DRAFT"


async def test_an_import_is_tried_then_brought_in_whole(county, who):
    rows = [{**ENTRY, "number": f"JK-{number:04}"} for number in range(1500)]
    broken = [{"number": "", "name": "x"}, *rows[:3], {**rows[0]}, {**ENTRY, "picture": "x"}, "not a row"]
    tried = await county.ask(
        who["officer"],
        "query($rows: JSON!) { tryImport(plugin: \"keep\", element: \"device\", rows: $rows) "
        "{ fitting wrong problems { code } rowProblems { row problem { code path } } } }",
        rows=broken,
    )
    assert tried["data"]["tryImport"] == {
        "fitting": 3, "wrong": 4, "problems": [], "rowProblems": [
            {"row": 0, "problem": {"code": "VALIDATION", "path": ["number"]}},
            {"row": 4, "problem": {"code": "VALIDATION", "path": ["number"]}},
            {"row": 5, "problem": {"code": "VALIDATION", "path": ["picture"]}},
            {"row": 6, "problem": {"code": "VALIDATION", "path": None}},
        ],
    }  # fmt: skip
    sent = {"plugin": "keep", "element": "device"}
    refused = await county.step(who["officer"], "importMatters", "imported", rows=broken, **sent)
    assert (refused["imported"], refused["problems"]) == (0, [{"code": "VALIDATION", "path": ["rows", "0", "number"]}])
    assert await how_many(county, "device") == 0
    done = await county.step(who["officer"], "importMatters", "imported replayed", rows=rows, key="all", **sent)
    assert (done["imported"], done["problems"]) == (1500, [])
    once = await county.step(who["officer"], "importMatters", "imported replayed", rows=rows, key="all", **sent)
    assert (once["imported"], once["replayed"]) == (1500, True)
    assert await how_many(county, "device") == 1500
    assert await county.inbox("FY") == []
    again = await county.step(who["officer"], "importMatters", "imported", rows=rows[:1], **sent)
    assert again["problems"] == [{"code": "VALIDATION", "path": ["rows", "0", "number"]}]
    assert (await county.step(who["grid"], "importMatters", "imported", rows=rows[:1], **sent))["errors"] == ["FORBIDDEN"]
    nowhere = {"plugin": "keep", "element": "letter"}
    assert (await county.step(who["officer"], "importMatters", "imported", rows=rows[:1], **nowhere))["problems"] == [
        {"code": "NOT_ALLOWED_NOW", "path": ["element"]},
    ]


async def test_a_stage_is_met_in_time_or_late_with_a_reason(county, who, trial):
    walk = begin(county)
    started = {"subject": "排污信访", "since": "2026-11-20", "handlerId": str(who["officer"].actor.id)}
    assert await walk.begin(who["officer"], "keepStartPetition", **started) == ("RUNNING", "FY")
    sixty, = await county.clocks(turned(walk))
    assert (sixty.code, sixty.due_at) == ("XF-04", datetime(2027, 1, 20, tzinfo=ZONE))
    assert await walk.take(who["second"], "stageFinish", result="已答复") == ("NOT_YOURS",)
    assert await walk.take(who["officer"], "stageFinishLate", result="已答复", whyLate="忘记") == ("NOT_ALLOWED_NOW",)
    assert await walk.take(who["officer"], "stageMark", what="首次联系") == ("RUNNING", "FY")
    assert await walk.take(who["lead"], "stageExtend", days=20, ground="情况复杂") == ("EXTENDED", "FY")
    assert await walk.take(who["lead"], "stageExtend", days=11, ground="情况复杂") == ("LIMIT_EXCEEDED", "days")
    extended, = await county.clocks(turned(walk))
    assert extended.due_at == datetime(2027, 2, 9, tzinfo=ZONE)
    trial.set_clock("2027-02-10T09:00:00+08:00")
    assert await walk.take(who["officer"], "stageFinish", result="已答复") == ("NOT_ALLOWED_NOW",)
    assert await walk.take(who["officer"], "stageFinishLate", result="已答复", whyLate="等待鉴定") == ("LATE", "FY")
    ended, = await county.clocks(turned(walk))
    assert (ended.state, ended.expired_at is not None) == ("STOPPED", True)


async def test_a_legal_time_stands_where_the_law_says_so_and_is_not_extended(county, who, trial):
    walk = begin(county)
    assert await walk.begin(who["officer"], "keepStartReview", subject="复核") == ("RUNNING", "FY")
    assert (await county.clocks(turned(walk)))[0].due_at == datetime(2026, 12, 24, tzinfo=ZONE)
    assert await walk.take(who["officer"], "stageExtend", days=3, ground="情况复杂") == ("NOT_ALLOWED_NOW",)
    trial.set_clock("2026-11-25T09:00:00+08:00")
    assert await walk.take(who["officer"], "stagePause", ground="听证") == ("PAUSED", "FY")
    trial.set_clock("2026-12-05T09:00:00+08:00")
    assert await walk.take(who["officer"], "stageResume") == ("RUNNING", "FY")
    later, = await county.clocks(turned(walk))
    assert (later.state, later.due_at) == ("RUNNING", datetime(2027, 1, 3, tzinfo=ZONE))
    assert await walk.take(who["officer"], "stageFinish", result="已答复") == ("SAME_PERSON",)
    assert await walk.take(who["second"], "stageFinish", result="已答复") == ("MET", "FY")


async def test_a_request_is_completed_weighed_and_decided_within_its_window(county, who):
    organ = str(county.organizations["FY"])
    asked = {"organizationId": organ, "subject": "确认调解协议", "effectiveOn": "2026-10-20"}
    walk = begin(county)
    assert await walk.begin(who["other"], "keepApplyConfirmation", **asked) == ("WINDOW_CLOSED", "effectiveOn")
    excused = {**asked, "lateForCause": True}
    assert await walk.begin(who["other"], "keepApplyConfirmation", **excused) == ("RECEIVED", "FY")
    walk = begin(county)
    assert await walk.begin(who["other"], "keepApplyConfirmation", **{**asked, "effectiveOn": "2026-11-01"}) == ("RECEIVED", "FY")
    assert await walk.take(who["other"], "requestAccept") == ("NOT_YOURS",)
    assert await walk.take(who["officer"], "requestGrant", reasons="合法自愿", remedy="可申请执行") == ("NOT_ALLOWED_NOW",)
    missing = {"missing": ["身份证明"], "by": "2026-11-30"}
    assert await walk.take(who["officer"], "requestAskCorrection", **missing) == ("CORRECTION", "FY")
    assert await walk.take(who["other"], "requestCorrect") == ("RECEIVED", "FY")
    assert await walk.take(who["officer"], "requestAccept") == ("ACCEPTED", "FY")
    codes = {one.code: one.state for one in await county.clocks(turned(walk))}
    assert codes == {"TJ-03": "STOPPED", "TJ-04": "RUNNING"}
    assert await walk.take(who["officer"], "requestExtend", days=11, ground="复杂") == ("LIMIT_EXCEEDED", "days")
    assert await walk.take(who["officer"], "requestExtend", days=10, ground="复杂") == ("ACCEPTED", "FY")
    assert await walk.take(who["officer"], "requestDeliberate") == ("DECIDING", "FY")
    assert await walk.take(who["other"], "requestWithdraw", reason="和好", freely=False) == ("VALIDATION", "freely")
    assert await walk.take(who["officer"], "requestGrant", reasons="合法自愿", remedy="可申请执行") == ("GRANTED", "FY")
    duty = begin(county)
    owed = await duty.begin(who["officer"], "keepConfirmOwe", parentId=walk.at["id"], what="送达裁定书")
    assert owed == ("OWED", "FY")
    assert await duty.take(who["officer"], "dutyKeep", result="已送达") == ("KEPT", "FY")


async def test_a_fact_lets_the_plugin_begin_a_stage_of_its_own(county, who):
    await work_off(county)  # a plugin hears what happens from its first turn on
    walk = begin(county)
    asked = {"subject": "确认调解协议", "effectiveOn": "2026-11-01"}
    assert await walk.begin(who["officer"], "keepApplyConfirmation", **asked) == ("RECEIVED", "FY")
    assert await walk.take(who["officer"], "requestRefuse", reasons="身份关系不予受理", remedy="可起诉") == ("REFUSED", "FY")
    await work_off(county)
    async with county.trial.service.reading(await county.view()) as session:
        row = (await session.execute(
            select(MatterRow).where(MatterRow.tenant_id == county.id, MatterRow.element == "petition")
        )).scalar_one()
    assert (row.title, row.owner_id, row.state) == ("不予确认：身份关系不予受理", county.organizations["FY"], "RUNNING")


async def test_a_window_serves_refers_and_is_repaired(county, who):
    point = begin(county)
    made = {"name": "诉讼服务窗口", "place": "综治中心", "hours": "工作日 9-17 时"}
    assert await point.begin(who["officer"], "keepSetUpWindow", **made) == ("DRAFT", "FY")
    early = begin(county)
    assert await early.begin(who["officer"], "keepWindowBook", parentId=point.at["id"], item="立案") == ("NOT_ALLOWED_NOW",)
    assert await point.take(who["officer"], "windowOpen") == ("OPEN", "FY")
    shift = {"fromDay": "2026-11-30", "toDay": "2026-11-24", "staffIds": [str(who["officer"].actor.id)]}
    assert await point.take(who["officer"], "windowRoster", **shift) == ("VALIDATION", "toDay")
    assert await point.take(who["officer"], "windowRoster", **{**shift, "toDay": "2026-12-04"}) == ("OPEN", "FY")
    nobody = {**shift, "toDay": "2026-12-04", "staffIds": [str(UUID(int=5))]}
    assert await point.take(who["officer"], "windowRoster", **nobody) == ("NOT_FOUND", "staffIds", "0")
    booked = {"parentId": point.at["id"], "item": "立案"}
    helped = await begin(county).begin(who["officer"], "keepWindowBook", helped=True, **booked)
    assert helped == ("VALIDATION", "agrees")
    visits = []
    for _ in range(3):
        visit = begin(county)
        assert await visit.begin(who["officer"], "keepWindowBook", **booked) == ("BOOKED", "FY")
        visits.append(visit)
    first, second, third = visits
    assert await first.take(who["officer"], "bookingConfirm") == ("BOOKED", "FY")
    assert await first.take(who["officer"], "bookingServe", question="如何立案", answer="已指导") == ("SERVED", "FY")
    elsewhere = {"organizationId": str(county.organizations["SF"]), "reason": "法律援助"}
    assert await second.take(who["officer"], "bookingRefer", **elsewhere) == ("REFERRED", "FY")
    fault = begin(county)
    assert await fault.begin(who["officer"], "keepWindowFind", parentId=point.at["id"], what="终端故障") == ("BROKEN", "FY")
    assert (await county.clocks(turned(fault)))[0].due_at == datetime(2026, 11, 24, 9, tzinfo=ZONE) + seconds(
        await county.clocks(turned(fault))
    )
    assert await fault.take(who["officer"], "faultRepair", done="已更换") == ("REPAIRED", "FY")
    assert await point.take(who["officer"], "windowClose", reason="搬迁") == ("CLOSED", "FY")
    row = await county.matter(turned(third))
    assert (row.state, (await county.history(turned(third)))[-1].step) == ("RELEASED", "free")


def seconds(clocks):
    """What of the starting second the clock carries."""
    began = clocks[0].started_at.astimezone(ZONE)
    return timedelta(seconds=began.second, microseconds=began.microsecond, minutes=began.minute)


async def proposed(county, who, **changed):
    walk = begin(county)
    values = {"purpose": "每周联系一次", "endsOn": "2026-12-31", "handlerId": str(who["grid"].actor.id), **changed}
    assert await walk.begin(who["officer"], "keepProposeTask", **values) == ("PROPOSED", "FY")
    return walk


CONSENT = {"agrees": True, "toldPurpose": True, "channel": "IN_PERSON"}


async def test_a_task_needs_consent_and_an_end_and_is_seen_by_named_persons_only(county, who):
    ahead = {"purpose": "联系", "endsOn": "2026-11-01"}
    assert await begin(county).begin(who["officer"], "keepProposeTask", **ahead) == ("VALIDATION", "endsOn")
    walk = await proposed(county, who)
    assert await walk.take(who["lead"], "taskConsent", **CONSENT) == ("NOT_FOUND", "matterId")
    assert await walk.take(who["officer"], "taskConsent", **{**CONSENT, "agrees": False}) == ("VALIDATION", "agrees")
    assert await walk.take(who["officer"], "taskConsent", **CONSENT) == ("CONSENTED", "FY")
    active = {"handlerId": str(who["grid"].actor.id), "endsOn": "2026-12-31"}
    assert await walk.take(who["officer"], "taskActivate", **active) == ("ACTIVE", "FY")
    assert await walk.take(who["officer"], "taskContact", offeredOn="2026-11-23", accepted=True) == ("NOT_YOURS",)
    assert await walk.take(who["grid"], "taskContact", offeredOn="2026-11-23", accepted=True) == ("ACTIVE", "FY")
    seen = [await listed(county, who[name]) for name in ("officer", "grid", "lead", "second")]
    assert seen == [1, 1, 0, 0]
    assert await county.inbox("FY") == []
    assert await walk.take(who["grid"], "taskFinish", result="KEPT") == ("DONE", "FY")


async def listed(county, member):
    answer = await county.ask(member, "{ keep { task { nodes { id } } } matters(first: 50) { nodes { id } } }")
    assert "errors" not in answer, answer
    own, every = answer["data"]["keep"]["task"]["nodes"], answer["data"]["matters"]["nodes"]
    assert len(own) == len(every)
    return len(own)


async def test_a_task_ends_by_its_date_once_and_only_a_person_renews_it(county, who, trial):
    walk = await proposed(county, who)
    await walk.take(who["officer"], "taskConsent", **CONSENT)
    await walk.take(who["officer"], "taskActivate", handlerId=str(who["grid"].actor.id), endsOn="2026-12-10")
    renewed = {"agrees": True, "endsOn": "2026-12-20", "ground": "本人希望继续"}
    assert await walk.take(who["officer"], "taskRenew", **{**renewed, "agrees": False}) == ("VALIDATION", "agrees")
    assert await walk.take(who["officer"], "taskRenew", **renewed) == ("ACTIVE", "FY")
    await work_off(county)
    trial.set_clock("2026-12-20T23:59:00+08:00")
    await work_off(county)
    assert (await county.matter(turned(walk))).state == "ACTIVE"
    trial.set_clock("2026-12-21T00:01:00+08:00")
    await work_off(county)
    await work_off(county)
    row = await county.matter(turned(walk))
    assert (row.state, row.open) == ("ENDED_BY_DATE", False)
    assert [one.step for one in await county.history(turned(walk))].count("end_by_date") == 1


async def test_consent_is_withdrawn_and_a_task_declined(county, who):
    walk = await proposed(county, who)
    await walk.take(who["officer"], "taskConsent", **CONSENT)
    assert await walk.take(who["officer"], "taskWithdrawConsent", channel="PHONE") == ("CONSENT_WITHDRAWN", "FY")
    other = await proposed(county, who)
    assert await other.take(who["officer"], "taskDecline", channel="PHONE") == ("DECLINED", "FY")
