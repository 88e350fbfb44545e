"""Alarms that name nobody and envelopes that only those named open, through a county's GraphQL."""

from uuid import UUID

import pytest
from sqlalchemy import select, text

from gridloom.behaviours import service as matters
from gridloom.behaviours.models import MatterSealed
from gridloom.plugin import sealed_envelope
from gridloom.testing.county import START, Trial
from tests.plugins.crossings import both
from tests.plugins.walking import Walk, staff, turned


@pytest.fixture(scope="module")
async def trial(database):
    async with Trial.open(database, both()) as opened:
        yield opened


@pytest.fixture
async def county(trial):
    return await trial.county("alfa", "beta")


SMOKE = {"device": "YG-001", "kind": "烟感", "at": "2026-11-23T08:59:00+08:00", "text": "烟雾浓度超限"}


async def test_alarms_of_one_device_become_one_case(county, trial):
    who = await staff(county, ("duty", "department_officer", "GA"), ("other", "department_officer", "ZJ"))
    first = Walk(county)
    assert await first.begin(who["duty"], "alfaReceiveAlarm", messageId="m1", **SMOKE) == ("RECEIVED", "GA")
    again = Walk(county)
    assert await again.begin(who["duty"], "alfaReceiveAlarm", messageId="m1", **SMOKE) == ("RECEIVED", "GA")
    assert again.at["id"] == first.at["id"]
    second = Walk(county)
    assert await second.begin(who["duty"], "alfaReceiveAlarm", messageId="m2", **SMOKE) == ("MERGED", "GA")
    opening = {"workItem": "B-01", "grid": f"{county.code}101201001"}
    assert await first.take(who["other"], "alarmOpenCase", **opening) == ("NOT_FOUND", "matterId")
    assert await first.take(who["duty"], "alarmOpenCase", **opening) == ("CASE_OPENED", "GA")
    row, merged = await county.matter(turned(first)), await county.matter(turned(second))
    case = await county.case(row.case_id)
    assert (case.channel, merged.case_id, merged.previous_id) == ("DEVICE", row.case_id, row.id)
    assert len([one for one in await county.facts("case.reported")]) == 1
    trial.set_clock("2026-11-23T09:11:00+08:00")
    later = Walk(county)
    assert await later.begin(who["duty"], "alfaReceiveAlarm", messageId="m3", **SMOKE) == ("RECEIVED", "GA")
    assert await later.take(who["duty"], "alarmDismiss", reason="FALSE_ALARM") == ("DISMISSED", "GA")
    trial.set_clock(START)


@pytest.mark.parametrize("text", [
    "云L12345驶过", "抓拍到行人", "检测到人脸", "身份证532901199001011234", "手机13800138000", "rtsp://10.0.0.1/1",
    "MAC 00:1B:44:11:3A:B7", "IMEI 490154203237518", "A" * 160,
])  # fmt: skip
async def test_an_alarm_that_points_at_a_person_leaves_nothing(county, text):
    who = await staff(county, ("duty", "department_officer", "GA"))
    refused = await Walk(county).begin(who["duty"], "alfaReceiveAlarm", messageId="p1", **{**SMOKE, "text": text})
    assert refused == ("VALIDATION", "text")
    assert await county.facts("alarm_intake.") == []


SECRET_TEXT = "离婚诉讼中，女方担心回家取物时发生冲突"


async def sealed(county, **changed):
    who = await staff(county, ("judge", "department_officer", "FY"), ("opener", "centre_lead", "ZX000000"),
                      ("lead", "centre_lead", "ZX000000"), ("helper", "mediator", "SF"))  # fmt: skip
    walk = Walk(county)
    values = {
        "organizationId": str(county.organizations["ZX000000"]), "purpose": "PREVENTION", "law": "反家庭暴力法第二十二条",
        "openerIds": [str(who["opener"].actor.id)], "expiresOn": "2026-12-23", "content": SECRET_TEXT,
        "safeContact": "只在晚间短信", **changed,
    }  # fmt: skip
    assert await walk.begin(who["judge"], "alfaSeal", **values) == ("DELIVERED", "FY")
    return who, walk


OPEN = """mutation($input: OpenEnvelopeInput!) {
  openEnvelope(input: $input) { texts { step field text } problems { code path } }
}"""
LEDGER = "query($id: ID!) { matter(id: $id) { title readings { reason fields reader { name } } } }"


async def opened(county, member, walk, key, **values):
    answer = await county.ask(member, OPEN, input={"key": key, "matterId": walk.at["id"], "related": False, **values})
    return answer["data"]["openEnvelope"]


async def test_an_envelope_is_opened_by_those_named_and_each_opening_is_written_down(county):
    who, walk = await sealed(county)
    assert await walk.take(who["lead"], "envelopeAccept", related=False) == ("NOT_FOUND", "matterId")
    hidden = await opened(county, who["lead"], walk, "o1", reason="查看")
    assert hidden == {"texts": [], "problems": [{"code": "NOT_FOUND", "path": ["matterId"]}]}
    related = await opened(county, who["opener"], walk, "o2", reason="查看", related=True)
    assert related["problems"] == [{"code": "VALIDATION", "path": ["related"]}]
    assert (await opened(county, who["opener"], walk, "o3", reason=" "))["problems"][0]["code"] == "VALIDATION"
    shown = await opened(county, who["opener"], walk, "o4", reason="核对是否受理")
    assert shown["texts"] == [
        {"step": "seal", "field": "content", "text": SECRET_TEXT},
        {"step": "seal", "field": "safe_contact", "text": "只在晚间短信"},
    ]
    assert (await opened(county, who["opener"], walk, "o4", reason="核对是否受理"))["texts"] == []
    assert await walk.take(who["opener"], "envelopeAccept", related=True) == ("VALIDATION", "related")
    assert await walk.take(who["opener"], "envelopeAccept", related=False) == ("ACCEPTED", "ZX000000")
    ledger = await county.ask(who["opener"], LEDGER, id=walk.at["id"])
    assert ledger["data"]["matter"] == {
        "title": "密封移送",
        "readings": [{"reason": "核对是否受理", "fields": ["seal.content", "seal.safe_contact"], "reader": {"name": "opener"}}],
    }
    helper = {"openerIds": [str(who["helper"].actor.id)], "services": ["MEDIATION"]}
    assert await walk.take(who["opener"], "envelopeAssign", **helper) == ("ASSIGNED", "ZX000000")
    assert (await opened(county, who["helper"], walk, "o5", reason="准备调解"))["texts"][0]["text"] == SECRET_TEXT
    for name, values, state in (
        ("envelopeServe", {"beganOn": "2026-11-23"}, "SERVING"), ("envelopeReceipt", {}, "RECEIPTED"),
        ("envelopeClose", {"outcome": "DONE"}, "CLOSED"),
    ):
        assert await walk.take(who["opener"], name, **values) == (state, "ZX000000")


async def test_nothing_of_what_is_sealed_is_anywhere_else(county, trial, caplog):
    with caplog.at_level("DEBUG"):
        who, _walk = await sealed(county)
    lists = "{ matters(mechanism: \"alfa\") { nodes { id } } alfa { envelope { nodes { forms { seal { content } } } } } }"
    mine = await county.ask(who["opener"], lists)
    assert mine["data"]["alfa"]["envelope"]["nodes"] == [{"forms": {"seal": {"content": "（已密封）"}}}]
    others = await county.ask(who["lead"], lists)
    assert others["data"] == {"matters": {"nodes": []}, "alfa": {"envelope": {"nodes": []}}}
    assert SECRET_TEXT not in caplog.text
    async with trial.service.reading(await county.view()) as session:
        tables = (await session.execute(text(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        ))).scalars().all()
        for table in tables:
            columns = (await session.execute(text(
                "SELECT column_name FROM information_schema.columns WHERE table_name = :table"), {"table": table}
            )).scalars().all()
            if "tenant_id" in columns:
                found = await session.execute(text(
                    f'SELECT count(*) FROM "{table}" AS one WHERE tenant_id = :tenant AND one::text LIKE :what'),
                    {"tenant": county.id, "what": f"%{SECRET_TEXT[:6]}%"})  # fmt: skip
                assert (table, found.scalar_one()) == (table, 0)


async def test_an_envelope_that_nobody_takes_expires_and_is_empty(county, trial):
    who, walk = await sealed(county)
    trial.set_clock("2026-12-24T00:30:00+08:00")
    async with trial.service.open(await county.view()) as work:
        row = await matters.open_matter(work, UUID(walk.at["id"]))
        assert await matters.take_by_core(work, row, sealed_envelope.expire)
    gone = await opened(county, who["opener"], walk, "o9", reason="查看")
    assert gone["problems"][0]["code"] == "NOT_ALLOWED_NOW"
    async with trial.service.reading(await county.view()) as session:
        left = await session.execute(select(MatterSealed.body).where(MatterSealed.tenant_id == county.id))
        assert set(left.scalars()) == {None}
    trial.set_clock(START)
