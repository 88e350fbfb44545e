"""Rounds, rectifying and letters, through a county's GraphQL."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from gridloom.behaviours.models import ElementRun, MatterRow
from tests.plugins.keeping_county import county, how_many, trial, who, work_off
from tests.plugins.walking import Walk, turned

__all__ = ["county", "trial", "who"]
ZONE = ZoneInfo("Asia/Shanghai")


def begin(county, **_):
    return Walk(county, own="keep")


async def planned(county, who, **changed):
    walk = begin(county)
    values = {"title": "仓库排查", "opensOn": "2026-11-23", "closesOn": "2026-11-27", **changed}
    assert await walk.begin(who["officer"], "keepPlanRound", **values) == ("PLANNED", "FY")
    return walk


async def place(county, who, walk, name):
    spot = begin(county)
    assert await spot.begin(who["officer"], "keepPatrolAddPlace", parentId=walk.at["id"], place=name) == ("TO_VISIT", "FY")
    return spot


async def test_a_round_finds_a_defect_and_is_reviewed_by_another(county, who):
    walk = await planned(county, who)
    store, school = await place(county, who, walk, "仓库"), await place(county, who, walk, "学校")
    assert await walk.take(who["officer"], "roundOpen") == ("OPEN", "FY")
    assert await store.take(who["officer"], "keepFindThing", found="消防通道堵塞", danger="MAJOR") == ("FOUND", "FY")
    assert await walk.take(who["officer"], "roundSubmit", summary="一处隐患") == ("NOT_ALLOWED_NOW",)
    assert await school.take(who["officer"], "placeFindNothing") == ("CLEAN", "FY")
    assert await walk.take(who["officer"], "roundSubmit", summary="一处隐患") == ("SUBMITTED", "FY")
    assert await walk.take(who["officer"], "roundReview") == ("SAME_PERSON",)
    assert await walk.take(who["second"], "roundSendBack", reason="补充学校") == ("OPEN", "FY")
    assert await walk.take(who["officer"], "roundSubmit", summary="一处隐患") == ("SUBMITTED", "FY")
    assert await walk.take(who["second"], "roundReview") == ("REVIEWED", "FY")
    async with county.trial.service.reading(await county.view()) as session:
        opened = (await session.execute(
            select(MatterRow).where(MatterRow.tenant_id == county.id, MatterRow.element == "defect")
        )).scalar_one()
    assert (opened.title, opened.state, opened.owner_id) == ("消防通道堵塞", "REGISTERED", county.organizations["FY"])


async def test_nothing_found_is_one_tap_and_a_round_lapses(county, who, trial):
    walk = await planned(county, who)
    spot = await place(county, who, walk, "学校")
    await walk.take(who["officer"], "roundOpen")
    assert await walk.take(who["officer"], "roundSubmitZero") == ("SUBMITTED", "FY")
    assert (await county.matter(turned(spot))).state == "CLEAN"
    late = await planned(county, who, opensOn="2026-11-25")
    spot = await place(county, who, late, "仓库")
    await work_off(county)
    trial.set_clock("2026-11-25T08:00:00+08:00")
    await work_off(county)
    assert (await county.matter(turned(late))).state == "OPEN"
    trial.set_clock("2026-11-28T00:01:00+08:00")
    await work_off(county)
    assert [(await county.matter(turned(one))).state for one in (late, spot)] == ["LAPSED", "SKIPPED"]


async def test_the_calendar_begins_a_round_once_a_month(county, trial):
    await work_off(county)
    await work_off(county)
    assert await how_many(county, "patrol") == 1
    trial.set_clock("2026-12-01T08:00:00+08:00")
    await work_off(county)
    async with county.trial.service.reading(await county.view()) as session:
        runs = (await session.execute(
            select(ElementRun).where(ElementRun.tenant_id == county.id).order_by(ElementRun.period)
        )).scalars().all()
        titles = [(await session.get_one(MatterRow, (county.id, one.matter_id))).title for one in runs if one.matter_id]
    assert ([str(one.period) for one in runs], titles) == (["2026-11-01", "2026-12-01"], ["2026-11 排查", "2026-12 排查"])


async def test_whoever_put_it_right_does_not_clear_it(county, who):
    walk = begin(county)
    found = {"what": "仓库堵塞", "place": "工业园", "foundOn": "2026-11-23"}
    assert await walk.begin(who["officer"], "keepRegisterDefect", **found) == ("REGISTERED", "FY")
    graded = {"grade": "MAJOR", "basis": "重大隐患判定标准"}
    assert await walk.take(who["officer"], "defectGrade", **graded) == ("SAME_PERSON",)
    assert await walk.take(who["second"], "defectGrade", **graded) == ("REGISTERED", "FY")
    order = {"measure": "清理通道", "dueOn": "2026-12-08", "organizationId": str(county.organizations["SF"])}
    assert await walk.take(who["officer"], "defectOrder", **order) == ("RECTIFYING", "SF")
    clock, = await county.clocks(turned(walk))
    assert (clock.code, clock.due_at) == ("sl:ordered_date", datetime(2026, 12, 9, tzinfo=ZONE))
    planned_work = {"measures": "清理", "responsible": "张三", "doneBy": "2026-12-01"}
    assert await walk.take(who["other"], "defectPlan", **planned_work) == ("RECTIFYING", "SF")
    done = {"done": "已清理", "doneOn": "2026-11-23"}
    assert await walk.take(who["officer"], "defectRectified", **done) == ("NOT_YOURS",)
    assert await walk.take(who["other"], "defectRectified", **done) == ("RECHECK", "FY")
    assert await walk.take(who["other"], "defectClear", seen="已到位", checkedOn="2026-11-23") == ("SAME_PERSON",)
    assert await walk.take(who["second"], "defectRework", lacks="灯未修", dueOn="2026-12-10") == ("REWORK", "SF")
    assert await walk.take(who["other"], "defectRectified", **done) == ("RECHECK", "FY")
    assert await walk.take(who["officer"], "defectClear", seen="已到位", checkedOn="2026-11-23") == ("CLEARED", "FY")


async def test_one_house_alone_needs_two_people(county, who):
    walk = begin(county)
    await walk.begin(who["officer"], "keepRegisterDefect", what="灯坏", place="大厅", foundOn="2026-11-23")
    assert await walk.take(who["officer"], "defectOrder", measure="修理", dueOn="2026-11-25") == ("RECTIFYING", "FY")
    assert await walk.take(who["officer"], "defectRectified", done="已修", doneOn="2026-11-23") == ("RECHECK", "FY")
    assert await walk.take(who["officer"], "defectClear", seen="已到位", checkedOn="2026-11-23") == ("SAME_PERSON",)
    assert "defectClear" not in walk.at["allowedSteps"]
    refer = {"organizationId": str(county.organizations["SF"]), "reason": "需强制"}
    assert await walk.take(who["officer"], "defectRefer", **refer) == ("REFERRED", "FY")


async def test_a_letter_is_known_to_the_one_addressed_once_it_is_issued(county, who):
    walk = begin(county)
    text = {"organizationId": str(county.organizations["SF"]), "subject": "规范用工", "facts": "欠薪案件上升",
            "basis": "民事诉讼法", "measure": "开展检查"}  # fmt: skip
    assert await walk.begin(who["officer"], "keepDraftLetter", **text) == ("DRAFTED", "FY")
    assert await walk.take(who["other"], "letterAcknowledge", handler="王五") == ("NOT_FOUND", "matterId")
    assert await walk.take(who["officer"], "letterIssue", number="法建〔2026〕1号") == "FORBIDDEN"
    assert await walk.take(who["lead"], "letterIssue", number="法建〔2026〕1号") == ("ISSUED", "SF")
    assert await walk.take(who["other"], "letterAcknowledge", handler="王五") == ("ACKNOWLEDGED", "SF")
    assert await walk.take(who["other"], "letterObject", ground="职责不符") == ("OBJECTED", "FY")
    assert await walk.take(who["officer"], "letterMaintain", reasons="依据三定规定") == ("ACKNOWLEDGED", "SF")
    assert await walk.take(who["other"], "letterObject", ground="职责不符") == ("NOT_ALLOWED_NOW",)
    assert await walk.take(who["other"], "letterReply", reply="已部署检查") == ("RECTIFYING", "SF")
    codes = {one.code: one.state for one in await county.clocks(turned(walk))}
    assert codes == {"sl:suggestion_ack": "STOPPED", "sl:reply": "STOPPED"}
    done = {"done": "已检查 20 家", "doneOn": "2026-11-23"}
    assert await walk.take(who["other"], "letterRectified", **done) == ("RECHECK", "FY")
    assert await walk.take(who["officer"], "letterClose", seen="属实") == ("SAME_PERSON",)
    assert await walk.take(who["second"], "letterNotEnough", lacks="缺台账") == ("RECTIFYING", "SF")
    assert await walk.take(who["other"], "letterRectified", **done) == ("RECHECK", "FY")
    assert await walk.take(who["second"], "letterClose", seen="属实") == ("CLOSED", "FY")
