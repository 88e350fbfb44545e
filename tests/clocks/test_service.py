"""Starting, pausing, resuming, extending and stopping clocks in a real database."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from gridloom.clocks.counting import show_facts_to
from gridloom.clocks.limits import DayReason, Limit, Unit
from gridloom.clocks.models import ClockExtension, ClockPause, ClockRow, ClockState, StatutoryClock
from gridloom.clocks.service import (
    ClockStart,
    explain,
    explanations,
    extend_clock,
    fire_due,
    pause_clocks,
    restart_clock,
    resume_clocks,
    seed_statutory_clocks,
    start_clocks,
    start_statutory_clock,
    stop_clocks,
    write_past_clocks,
)
from gridloom.clocks.statutory import revise_statutory_clock, shipped_clocks
from gridloom.errors import ProblemCode, Refusal
from gridloom.ids import uuid7
from gridloom.outbox import FactRow
from gridloom.work import CountyView
from tests.clocks.conftest import SCOPE, TestCounty, at

WARNED, EXPIRED = "clock.warned", "clock.expired"


async def test_a_started_clock_waits_for_its_warning(county: TestCounty) -> None:
    clock_id = await county.start(10, Unit.HOUR)
    row = await county.row(clock_id)
    assert (row.state, row.started_at, row.due_at, row.warn_at, row.provisional, row.calendar_version) == (
        ClockState.RUNNING, at("2026-03-02 10:00"), at("2026-03-02 20:00"), at("2026-03-02 18:00"), False, 1,
    )
    assert await county.due() == {clock_id: at("2026-03-02 18:00")}
    assert await county.facts() == []


async def test_a_clock_is_warned_then_expired_once_each(county: TestCounty) -> None:
    clock_id = await county.start(10, Unit.HOUR)
    county.now("2026-03-02 17:59")
    assert await fire_due(county.works, county.view) == 0
    county.now("2026-03-02 18:00")
    assert await fire_due(county.works, county.view) == 1
    assert await fire_due(county.works, county.view) == 0
    assert await county.due() == {clock_id: at("2026-03-02 20:00")}
    county.now("2026-03-02 20:05")
    assert await fire_due(county.works, county.view.id) == 1
    assert await fire_due(county.works, county.view) == 0
    assert await county.facts() == [(WARNED, str(clock_id)), (EXPIRED, str(clock_id))]
    row = await county.row(clock_id)
    assert (row.state, row.warned_at, row.expired_at) == (
        ClockState.EXPIRED, at("2026-03-02 18:00"), at("2026-03-02 20:05"),
    )
    assert await county.due() == {}


async def test_a_clock_s_fact_holds_no_content_and_is_for_those_who_see_the_case(county: TestCounty) -> None:
    case_id, assignment_id = uuid7(), uuid7()
    clock_id = await county.start(1, Unit.HOUR, case_id=case_id, assignment_id=assignment_id, code="sign", label="签收")
    county.now("2026-03-02 10:50")
    await fire_due(county.works, county.view)
    async with county.works.reading(county.view) as session:
        fact = (await session.execute(select(FactRow).where(FactRow.tenant_id == county.view.id))).scalar_one()
    assert (fact.type, fact.case_id, fact.scopes, fact.data) == (
        WARNED, case_id, [SCOPE],
        {
            "clock_id": str(clock_id), "kind": "SERVICE", "code": "sign", "label": "签收",
            "assignment_id": str(assignment_id), "due_at": "2026-03-02T03:00:00+00:00",
        },
    )


async def test_facts_of_what_is_no_case_of_ours_name_nobody(county: TestCounty) -> None:
    async def nobody(work: object, case_ids: object) -> dict[UUID, tuple[UUID, ...]]:
        return {}

    show_facts_to(nobody)
    await county.start(1, Unit.HOUR)
    county.now("2026-03-02 12:00")
    assert await fire_due(county.works, county.view) == 2
    async with county.works.reading(county.view) as session:
        found = (await session.execute(select(FactRow.scopes).where(FactRow.tenant_id == county.view.id))).scalars()
        assert list(found) == [None, None]


async def test_pause_and_resume_move_the_date_and_show_in_the_explanation(county: TestCounty) -> None:
    case_id = uuid7()
    clock_id = await county.start(10, Unit.HOUR, case_id=case_id)
    law_id = await county.start(10, Unit.DAY, case_id=case_id, kind="STATUTORY", code="XF-01")
    other_id = await county.start(10, Unit.HOUR)
    county.now("2026-03-02 12:00")
    async with county.open() as work:
        assert [row.id for row in await pause_clocks(work, case_id, note="缺少证据")] == [clock_id]
        spans = (await explain(work, [clock_id]))[clock_id]
        assert (spans[-1].reason, spans[-1].start, spans[-1].end) == (DayReason.PAUSED, work.now, work.now)
    assert (await county.row(clock_id)).state == ClockState.PAUSED
    assert set(await county.due()) == {law_id, other_id}

    county.now("2026-03-02 15:30")
    async with county.works.reading(county.view) as session:
        found = (await explanations(session, county.view.id, [clock_id, uuid7()], at("2026-03-02 15:30")))[clock_id]
    assert found.due_at == at("2026-03-02 23:30")
    assert [(span.counted_minutes, span.reason, span.note, span.end) for span in found.spans] == [
        (120, DayReason.WORKDAY, None, at("2026-03-02 12:00")),
        (0, DayReason.PAUSED, "缺少证据", at("2026-03-02 15:30")),
    ]

    async with county.open() as work:
        assert [row.id for row in await resume_clocks(work, case_id)] == [clock_id]
    row = await county.row(clock_id)
    assert (row.state, row.due_at, row.warn_at) == (
        ClockState.RUNNING, at("2026-03-02 23:30"), at("2026-03-02 21:30"),
    )
    assert (await county.due())[clock_id] == at("2026-03-02 21:30")
    async with county.open() as work:
        assert await resume_clocks(work, case_id) == []
        spans = (await explain(work, [clock_id]))[clock_id]
    assert [(span.counted_minutes, span.reason) for span in spans] == [
        (120, DayReason.WORKDAY), (0, DayReason.PAUSED), (480, DayReason.WORKDAY),
    ]


async def test_a_clock_that_ran_out_unnoticed_expires_instead_of_pausing(county: TestCounty) -> None:
    case_id = uuid7()
    clock_id = await county.start(1, Unit.HOUR, case_id=case_id)
    county.now("2026-03-02 11:01")
    async with county.open() as work:
        assert await pause_clocks(work, case_id) == []
    assert (await county.row(clock_id)).state == ClockState.EXPIRED
    assert await fire_due(county.works, county.view) == 0
    assert await county.facts() == [(EXPIRED, str(clock_id)), (WARNED, str(clock_id))]
    async with county.works.reading(county.view) as session:
        assert (await session.execute(select(ClockPause).where(ClockPause.tenant_id == county.view.id))).all() == []


async def test_an_extension_in_working_days(county: TestCounty) -> None:
    clock_id = await county.start(1, Unit.WORKING_DAY)
    county.now("2026-03-03 17:00")
    assert await fire_due(county.works, county.view) == 1
    async with county.open() as work:
        row = await extend_clock(work, clock_id, 4, reason="需要现场勘验")
        assert (row.due_at, row.warned_at) == (at("2026-03-10 00:00"), None)
        assert row.warn_at == at("2026-03-06 18:00")
    assert await county.due() == {clock_id: at("2026-03-06 18:00")}
    assert await county.facts() == [("clock.extended", str(clock_id)), (WARNED, str(clock_id))]
    async with county.open() as work:
        spans = (await explain(work, [clock_id]))[clock_id]
        extension = (await work.session.execute(
            select(ClockExtension).where(ClockExtension.tenant_id == work.tenant)
        )).scalar_one()
    assert sum(span.counted_minutes for span in spans) == 5 * 1440
    assert (extension.value, extension.unit, extension.reason, extension.position) == (4, "wd", "需要现场勘验", 0)


async def test_an_expired_clock_with_new_time_runs_and_can_expire_again(county: TestCounty) -> None:
    clock_id = await county.start(1, Unit.HOUR)
    county.now("2026-03-02 12:00")
    assert await fire_due(county.works, county.view) == 2
    async with county.open() as work:
        assert (await extend_clock(work, clock_id, limit=Limit(3, Unit.HOUR))).state == ClockState.RUNNING
    county.now("2026-03-02 15:00")
    assert await fire_due(county.works, county.view) == 2
    assert [kind for kind, _ in await county.facts()] == [EXPIRED, "clock.extended", WARNED, EXPIRED, WARNED]


@pytest.mark.parametrize("days", [None, 0, -3, 10**9])
async def test_extensions_that_make_no_sense_change_nothing(county: TestCounty, days: int | None) -> None:
    clock_id = await county.start(1, Unit.HOUR)
    with pytest.raises(Refusal) as refused:
        async with county.open() as work:
            await extend_clock(work, clock_id, days)
    assert (refused.value.code, refused.value.path) == (ProblemCode.VALIDATION, ("workingDays",))
    assert (await county.row(clock_id)).due_at == at("2026-03-02 11:00")


async def test_extending_what_is_unknown_or_stopped_is_refused(county: TestCounty) -> None:
    case_id = uuid7()
    clock_id = await county.start(1, Unit.HOUR, case_id=case_id)
    async with county.open() as work:
        await stop_clocks(work, case_id=case_id)
    for wanted, code in ((clock_id, ProblemCode.NOT_ALLOWED_NOW), (uuid7(), ProblemCode.NOT_FOUND)):
        with pytest.raises(Refusal) as refused:
            async with county.open() as work:
                await extend_clock(work, wanted, 1)
        assert refused.value.code == code


async def test_stopping_by_case_assignment_and_code(county: TestCounty) -> None:
    case_id, unit_a, unit_b = uuid7(), uuid7(), uuid7()
    handle = await county.start(10, Unit.HOUR, case_id=case_id)
    sign_a = await county.start(1, Unit.HOUR, case_id=case_id, assignment_id=unit_a, code="sign")
    sign_b = await county.start(1, Unit.HOUR, case_id=case_id, assignment_id=unit_b, code="sign")
    finish_b = await county.start(5, Unit.HOUR, case_id=case_id, assignment_id=unit_b, code="finish")
    county.now("2026-03-02 10:30")
    async with county.open() as work:
        stopped = await stop_clocks(work, assignment_id=unit_b, codes=["sign"])
        assert [(row.id, row.state, row.stopped_at) for row in stopped] == [(sign_b, "STOPPED", work.now)]
        assert await stop_clocks(work, assignment_id=unit_b, codes=["sign"]) == []
    assert set(await county.due()) == {handle, sign_a, finish_b}
    async with county.open() as work:
        await pause_clocks(work, case_id)
    county.now("2026-03-02 10:40")
    async with county.open() as work:
        assert {row.id for row in await stop_clocks(work, case_id=case_id)} == {handle, sign_a, finish_b}
    row = await county.row(handle)
    # It stood ten minutes when it was stopped; its date says so.
    assert (row.state, row.stopped_at, row.due_at) == ("STOPPED", at("2026-03-02 10:40"), at("2026-03-02 20:10"))
    assert await county.due() == {}
    county.now("2026-03-09 10:00")
    assert await fire_due(county.works, county.view) == 0
    assert await county.facts() == []


async def test_what_is_stopped_late_was_expired_first(county: TestCounty) -> None:
    case_id = uuid7()
    clock_id = await county.start(1, Unit.HOUR, case_id=case_id)
    county.now("2026-03-02 13:00")
    async with county.open() as work:
        await stop_clocks(work, case_id=case_id)
    row = await county.row(clock_id)
    assert (row.state, row.expired_at) == ("STOPPED", at("2026-03-02 13:00"))
    assert await county.facts() == [(EXPIRED, str(clock_id)), (WARNED, str(clock_id))]


async def test_a_restart_keeps_the_old_clock_as_history(county: TestCounty) -> None:
    old_id = await county.start(2, Unit.HOUR, assignment_id=uuid7())
    county.now("2026-03-02 11:00")
    async with county.open() as work:
        new = await restart_clock(work, await county.row(old_id))
    old = await county.row(old_id)
    assert (old.state, old.stopped_at) == ("STOPPED", at("2026-03-02 11:00"))
    assert (new.case_id, new.assignment_id, new.code, new.due_at, new.state) == (
        old.case_id, old.assignment_id, old.code, at("2026-03-02 13:00"), "RUNNING",
    )
    assert await county.due() == {new.id: at("2026-03-02 12:36")}


async def test_histories_are_written_after_the_fact(county: TestCounty) -> None:
    case_id = uuid7()

    def past(code: str, stopped: str) -> ClockStart:
        return ClockStart(
            case_id=case_id, kind="SERVICE", code=code, label="签收", limit=Limit(2, Unit.HOUR),
            started_at=at("2025-12-01 09:00"), stopped_at=at(stopped),
        )

    async with county.open() as work:
        in_time, late = await start_clocks(work, [past("a", "2025-12-01 09:30"), past("b", "2025-12-01 12:00")])
    assert (in_time.state, in_time.warned_at, in_time.expired_at) == ("STOPPED", None, None)
    assert (late.state, late.expired_at) == ("STOPPED", at("2025-12-01 11:00"))
    async with county.open() as work:
        await write_past_clocks(work, [past("c", "2025-12-01 12:00")])
        with pytest.raises(ValueError, match="still runs"):
            await write_past_clocks(work, [replace(past("d", "2025-12-01 12:00"), stopped_at=None)])
    async with county.open() as work:
        rows = (await work.session.execute(select(ClockRow).where(ClockRow.tenant_id == work.tenant))).scalars()
        names = [column.name for column in ClockRow.__table__.columns]
        found = {row.code: {name: getattr(row, name) for name in names} for row in rows}
    assert sorted(found) == ["a", "b", "c"]
    assert found["c"] == {**found["b"], "id": found["c"]["id"], "code": "c"}
    assert await county.due() == {}


async def test_legal_clocks_start_by_their_code(county: TestCounty) -> None:
    async with county.open() as work:
        assert await seed_statutory_clocks(work) == 0
        kept = (await work.session.execute(
            select(StatutoryClock.code).where(StatutoryClock.tenant_id == work.tenant)
        )).scalars().all()
        assert sorted(kept) == sorted(row["code"] for row in shipped_clocks())
        assert len(kept) == 45
        row = await start_statutory_clock(work, case_id=uuid7(), code="XF-03")
        assert row is not None
        assert (row.kind, row.label, row.source, row.due_at) == (
            "STATUTORY", "信访转送事项异议退回", "信访工作条例 art.23(3)", at("2026-03-10 00:00"),
        )
        court = await start_statutory_clock(
            work, case_id=uuid7(), code="FY-02", started_at=at("2025-09-03 15:00"), starts=("mediator_accepts",)
        )
        assert court is not None
        assert (court.due_at, court.roll_rule) == (at("2025-10-10 00:00"), "next_workday")
        nothing = [
            await start_statutory_clock(work, case_id=uuid7(), code="FY-02", starts=("filed",)),
            await start_statutory_clock(work, case_id=uuid7(), code="AQ-03"),
            await start_statutory_clock(work, case_id=uuid7(), code="GA-01"),
            await start_statutory_clock(work, case_id=uuid7(), code="ZZ-99"),
        ]
        assert nothing == [None] * 4
        old_text = await start_statutory_clock(
            work, case_id=uuid7(), code="GA-01", started_at=at("2025-12-31 23:00")
        )
        assert old_text is not None


async def test_a_new_text_of_a_law_is_a_new_version(county: TestCounty) -> None:
    async with county.open() as work:
        row = await revise_statutory_clock(work, "GA-01", {
            "source": "治安管理处罚法(2025) 第一百一十八条", "valid_from": date(2026, 1, 1), "valid_to": None,
            "confidence": "verified",
        })
        assert (row.version, row.limit_value, row.unit) == (2, 30, "calendar_day")
    async with county.open() as work:
        started = await start_statutory_clock(work, case_id=uuid7(), code="GA-01")
        assert started is not None
        assert started.source == "治安管理处罚法(2025) 第一百一十八条"
        before = await start_statutory_clock(work, case_id=uuid7(), code="GA-01", started_at=at("2025-06-01 09:00"))
        assert before is not None
        assert before.source == "治安管理处罚法(2012) art.99"
    wrong = ({"limit_value": -1}, {"limit_value": None}, {"unit": "fortnight"}, {"source": " "}, {"id": 1})
    for code, changes in (("ZZ-1", {}), *(("GA-01", one) for one in wrong)):
        with pytest.raises(Refusal):
            async with county.open() as work:
                await revise_statutory_clock(work, code, changes)


async def test_another_county_s_clocks_are_out_of_reach(county: TestCounty) -> None:
    case_id = uuid7()
    clock_id = await county.start(1, Unit.HOUR, case_id=case_id)
    other = CountyView(uuid7(), "532923", "祥云县", "Asia/Shanghai", "ACTIVE")
    county.now("2026-03-02 12:00")
    assert await fire_due(county.works, other) == 0
    async with county.works.open(other) as work:
        assert await stop_clocks(work, case_id=case_id) == []
        assert await explain(work, [clock_id]) == {}
        assert (await work.session.execute(select(ClockRow))).all() == []
    assert (await county.row(clock_id)).state == ClockState.RUNNING
