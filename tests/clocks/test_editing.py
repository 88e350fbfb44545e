"""The county's calendar as data: new versions, what they move, and what they leave alone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gridloom.clocks import calendars, editing
from gridloom.clocks.calendar import DayKind, Override, WorkCalendar, library_years
from gridloom.clocks.calendars import CalendarMissing, current_calendar, new_version, seed_calendar
from gridloom.clocks.limits import DayReason, Limit, Unit
from gridloom.clocks.models import ClockState
from gridloom.clocks.service import (
    confirm_year,
    edit_calendar_day,
    explain,
    fire_due,
    pause_clocks,
    recompute_open,
    set_working_hours,
    start_clock,
    stop_clocks,
)
from gridloom.errors import ProblemCode, Refusal
from gridloom.ids import uuid7
from gridloom.outbox import FactRow
from gridloom.work import CountyView
from tests.clocks.conftest import TestCounty, at

FESTIVAL = {"kind": DayKind.HOLIDAY, "note": "花街集", "source": "弥政办〔2026〕5号"}
WEDNESDAY = date(2026, 3, 4)


async def test_an_edited_day_moves_running_clocks_and_their_explanation(county: TestCounty) -> None:
    clock_id = await county.start(3, Unit.WORKING_DAY)
    assert (await county.row(clock_id)).due_at == at("2026-03-06 00:00")
    async with county.open() as work:
        assert await edit_calendar_day(work, WEDNESDAY, **FESTIVAL) == 2
    row = await county.row(clock_id)
    assert (row.due_at, row.calendar_version, row.reviewed_version) == (at("2026-03-07 00:00"), 2, 2)
    assert await county.due() == {
        clock_id: row.warn_at, county.view.id: at("2026-03-02 10:00") + timedelta(minutes=1),
    }
    async with county.open() as work:
        spans = (await explain(work, [clock_id]))[clock_id]
    assert [(span.reason, span.note, span.source) for span in spans][2] == (
        DayReason.HOLIDAY, "花街集", "弥政办〔2026〕5号",
    )
    assert await county.facts() == [("calendar.changed", None), ("clock.moved", str(clock_id))]
    async with county.works.reading(county.view) as session:
        moved = (await session.execute(
            select(FactRow.data).where(FactRow.tenant_id == county.view.id, FactRow.type == "clock.moved")
        )).scalar_one()
    assert (moved["due_before"], moved["due_at"]) == ("2026-03-05T16:00:00+00:00", "2026-03-06T16:00:00+00:00")


async def test_an_edit_can_be_taken_back(county: TestCounty) -> None:
    clock_id = await county.start(3, Unit.WORKING_DAY)
    async with county.open() as work:
        await edit_calendar_day(work, WEDNESDAY, **FESTIVAL)
    async with county.open() as work:
        assert await edit_calendar_day(work, WEDNESDAY, None) == 3
    assert (await county.row(clock_id)).due_at == at("2026-03-06 00:00")


async def test_only_open_clocks_move(county: TestCounty) -> None:
    case_id, paused_case = uuid7(), uuid7()
    stopped = await county.start(3, Unit.WORKING_DAY, case_id=case_id)
    expired = await county.start(1, Unit.MINUTE)
    paused = await county.start(3, Unit.WORKING_DAY, case_id=paused_case)
    county.now("2026-03-02 11:00")
    await fire_due(county.works, county.view)
    async with county.open() as work:
        await stop_clocks(work, case_id=case_id)
        await pause_clocks(work, paused_case)
    async with county.open() as work:
        await edit_calendar_day(work, WEDNESDAY, **FESTIVAL)
    found = [await county.row(one) for one in (stopped, expired, paused)]
    assert [(row.state, row.due_at, row.calendar_version) for row in found] == [
        (ClockState.STOPPED, at("2026-03-06 00:00"), 1),
        (ClockState.EXPIRED, at("2026-03-02 10:01"), 1),
        (ClockState.PAUSED, at("2026-03-07 00:00"), 2),
    ]


async def test_a_legal_date_that_people_were_told_stays_and_is_explained_as_it_was_told(county: TestCounty) -> None:
    told = await county.start(3, Unit.WORKING_DAY, kind="STATUTORY", code="XF-03")
    county.now("2026-03-05 12:00")
    later = await county.start(3, Unit.WORKING_DAY, kind="STATUTORY", code="XF-03")
    service = await county.start(3, Unit.WORKING_DAY)
    assert await fire_due(county.works, county.view) == 1
    for day in (date(2026, 3, 5), date(2026, 3, 9)):
        async with county.open() as work:
            await edit_calendar_day(work, day, **FESTIVAL)
    rows = [await county.row(one) for one in (told, later, service)]
    assert [(row.due_at, row.calendar_version, row.reviewed_version) for row in rows] == [
        (at("2026-03-06 00:00"), 1, 3), (at("2026-03-12 00:00"), 3, 3), (at("2026-03-12 00:00"), 3, 3),
    ]
    calendars._kept.clear()  # as another process sees it
    async with county.open() as work:
        found = await explain(work, [told, later])
    assert [(span.reason, span.end) for span in found[told]][-2:] == [
        (DayReason.WORKDAY, at("2026-03-05 00:00")), (DayReason.WORKDAY, at("2026-03-06 00:00")),
    ]
    assert [span.reason for span in found[later] if span.note == "花街集"] == [DayReason.HOLIDAY]
    assert found[later][-1].end == at("2026-03-12 00:00")
    county.now("2026-03-06 00:00")
    assert await fire_due(county.works, county.view) == 1
    assert (await county.row(told)).state == ClockState.EXPIRED


async def test_a_warning_that_lies_ahead_again_is_given_again(county: TestCounty) -> None:
    clock_id = await county.start(1, Unit.WORKING_DAY)
    county.now("2026-03-03 17:00")
    assert await fire_due(county.works, county.view) == 1
    async with county.open() as work:
        await edit_calendar_day(work, date(2026, 3, 3), **FESTIVAL)
    row = await county.row(clock_id)
    assert (row.warned_at, row.warn_at, row.due_at) == (None, at("2026-03-04 16:36"), at("2026-03-05 00:00"))
    assert (await county.due())[clock_id] == at("2026-03-04 16:36")


async def test_the_worker_carries_a_change_on_in_batches(county: TestCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing, "BATCH", 3)
    monkeypatch.setattr(editing.recompute_open, "__defaults__", (3,))
    clocks = [await county.start(3, Unit.WORKING_DAY) for _ in range(8)]
    async with county.open() as work:
        await edit_calendar_day(work, WEDNESDAY, **FESTIVAL)
    moved = [(await county.row(one)).due_at == at("2026-03-07 00:00") for one in clocks]
    assert sum(moved) == 3
    assert (await county.due())[county.view.id] == at("2026-03-02 10:00")
    assert await fire_due(county.works, county.view) == 0
    assert {(await county.row(one)).due_at for one in clocks} == {at("2026-03-07 00:00")}
    assert (await county.due())[county.view.id] == at("2026-03-02 10:01")
    county.now("2026-03-02 10:02")
    await fire_due(county.works, county.view)
    assert county.view.id not in await county.due()


async def test_a_clock_started_while_the_calendar_changed_is_found(county: TestCounty) -> None:
    """Its transaction began before the change and ended after it: it was counted by the old calendar."""
    async with county.open() as slow:
        clock = await start_clock(
            slow, case_id=uuid7(), kind="SERVICE", code="handle", label="办理", limit=Limit(3, Unit.WORKING_DAY)
        )
        async with county.open() as work:
            await edit_calendar_day(work, WEDNESDAY, **FESTIVAL)
    clock_id = clock.id
    assert (await county.row(clock_id)).due_at == at("2026-03-06 00:00")
    assert await fire_due(county.works, county.view) == 0
    assert (await county.row(clock_id)).due_at == at("2026-03-06 00:00")
    county.now("2026-03-02 10:02")
    await fire_due(county.works, county.view)
    assert (await county.row(clock_id)).due_at == at("2026-03-07 00:00")


async def test_a_confirmed_year_ends_what_was_provisional(county: TestCounty) -> None:
    year = max(library_years()) + 1
    county.now(f"{year - 1}-12-30 10:00")
    clock_id = await county.start(3, Unit.WORKING_DAY)
    assert (await county.row(clock_id)).provisional
    assert year == 2027
    days = {
        date(2027, 1, 1): Override(DayKind.HOLIDAY, "元旦"),
        date(2027, 1, 2): Override(DayKind.HOLIDAY, "元旦"),
        date(2027, 1, 3): Override(DayKind.MAKE_UP_WORKDAY, "元旦调休"),
    }
    async with county.open() as work:
        assert await confirm_year(work, 2027, days, source="国办发明电〔2026〕9号") == 2
        calendar = (await current_calendar(work.session, work.tenant)).calendar
        assert calendar.is_published(2027)
    row = await county.row(clock_id)
    # 31 December, the make-up Sunday, Monday.
    assert (row.due_at, row.provisional) == (at("2027-01-05 00:00"), False)


@pytest.mark.parametrize(
    ("day", "values", "path"),
    [
        (date(1999, 1, 1), {}, ("date",)),
        (date(2101, 1, 1), {}, ("date",)),
        (WEDNESDAY, {"note": "长" * 201}, ("note",)),
        (WEDNESDAY, {"source": "a\x00b"}, ("source",)),
    ],
)
async def test_days_that_make_no_sense_change_nothing(county: TestCounty, day, values, path) -> None:
    with pytest.raises(Refusal) as refused:
        async with county.open() as work:
            await edit_calendar_day(work, day, DayKind.HOLIDAY, **values)
    assert (refused.value.code, refused.value.path) == (ProblemCode.VALIDATION, path)
    async with county.open() as work:
        assert (await current_calendar(work.session, work.tenant)).version == 1
        with pytest.raises(Refusal):
            await confirm_year(work, 2027, {date(2026, 1, 1): Override(DayKind.HOLIDAY)}, source="x")


async def test_working_hours_move_clocks_that_count_by_them(county: TestCounty) -> None:
    clock_id = await county.start(4, Unit.WORKING_HOUR)
    assert (await county.row(clock_id)).due_at == at("2026-03-02 16:30")
    async with county.open() as work:
        await set_working_hours(work, [["09:00", "11:00"], ["15:00", "17:00"]])
    assert (await county.row(clock_id)).due_at == at("2026-03-03 10:00")
    for wrong in ([], [["17:00", "09:00"]], [["9", "10"]], [["09:00"]]):
        with pytest.raises(Refusal):
            async with county.open() as work:
                await set_working_hours(work, wrong)


async def test_a_change_that_is_rolled_back_leaves_no_trace_in_any_process(county: TestCounty) -> None:
    class Broken(Exception):
        pass

    async def break_off() -> None:
        async with county.open() as work:
            await edit_calendar_day(work, WEDNESDAY, **FESTIVAL)
            assert (await current_calendar(work.session, work.tenant)).calendar.day(WEDNESDAY).kind == "HOLIDAY"
            raise Broken

    with pytest.raises(Broken):
        await break_off()
    async with county.open() as work:
        assert await edit_calendar_day(work, date(2026, 3, 5), **FESTIVAL) == 2
    async with county.open() as work:
        current = await current_calendar(work.session, work.tenant)
    assert [current.calendar.day(WEDNESDAY).kind, current.calendar.day(date(2026, 3, 5)).kind] == ["WORKDAY", "HOLIDAY"]


async def test_a_package_that_knows_another_year_makes_a_new_version(county: TestCounty) -> None:
    async with county.open() as work:
        assert await seed_calendar(work) == 1
        assert await new_version(work, library_through=2025) == 2
        before = (await current_calendar(work.session, work.tenant)).calendar
        assert await seed_calendar(work) == 3
        after = (await current_calendar(work.session, work.tenant)).calendar
    assert [before.day(date(2026, 2, 17)).kind, before.day(date(2026, 2, 17)).provisional] == ["WORKDAY", True]
    assert after.day(date(2026, 2, 17)) == WorkCalendar().day(date(2026, 2, 17))


async def test_a_county_without_calendar_says_so(county: TestCounty) -> None:
    async with county.works.open(CountyView(uuid7(), "532923", "祥云县", "Asia/Shanghai", "ACTIVE")) as work:
        for asked in (current_calendar(work.session, work.tenant), new_version(work), recompute_open(work)):
            with pytest.raises(CalendarMissing):
                await asked
