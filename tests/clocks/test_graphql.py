"""The clock in the schema: its date, its explanation in the reader's language, and what a list of them costs."""

from typing import Any
from uuid import UUID

import pytest
import strawberry
from sqlalchemy import event

from gridloom.clocks.graphql import Clock
from gridloom.clocks.limits import Unit
from gridloom.clocks.service import extend_clock, pause_clocks
from gridloom.context import request_context
from gridloom.ids import uuid7
from gridloom.reads import Query, compose, extends, listing
from gridloom.work import system_actor
from tests.clocks.conftest import TestCounty

FIELDS = """id kind code label limitValue unit source startedAt dueAt stoppedAt state provisional
  explanation { from to countedMinutes reason note source provisional }"""


@extends(Query)
class ClockQueries:
    """Clocks of a case, as the slice of cases lists them."""

    clocks: list[Clock] = listing(
        args={"case_id": strawberry.ID}, filters={"case_id": lambda row, value, ask: row.case_id == value},
        order=["started_at"],
    )


SCHEMA = compose(queries=[ClockQueries])


async def ask(county: TestCounty, case_id: UUID, fields: str = FIELDS, locale: str = "zh-CN") -> list[dict[str, Any]]:
    async with request_context(county.works, county.view, system_actor(county.view.id), locale) as context:
        result = await SCHEMA.execute(
            f"query($case: ID!) {{ clocks(caseId: $case) {{ {fields} }} }}", {"case": str(case_id)},
            context_value=context,
        )
    assert result.errors is None, result.errors
    return result.data["clocks"]


async def test_a_running_clock_says_why(county: TestCounty) -> None:
    county.now("2026-02-13 17:00")
    case_id = uuid7()
    clock_id = await county.start(
        1, Unit.WORKING_DAY, case_id=case_id, kind="STATUTORY", code="XF-03", label="异议退回", source="信访工作条例"
    )
    assert await ask(county, case_id) == [{
        "id": str(clock_id), "kind": "STATUTORY", "code": "XF-03", "label": "异议退回", "limitValue": 1, "unit": "wd",
        "source": "信访工作条例", "startedAt": "2026-02-13T09:00:00.000000Z", "dueAt": "2026-02-14T16:00:00.000000Z",
        "stoppedAt": None, "state": "RUNNING", "provisional": False,
        "explanation": [
            {
                "from": "2026-02-13T09:00:00.000000Z", "to": "2026-02-13T16:00:00.000000Z", "countedMinutes": 0,
                "reason": "START_DAY", "note": None, "source": "民法典 第二百零一条", "provisional": False,
            },
            {
                "from": "2026-02-13T16:00:00.000000Z", "to": "2026-02-14T16:00:00.000000Z", "countedMinutes": 1440,
                "reason": "MAKE_UP_WORKDAY", "note": "春节调休上班",
                "source": "国务院办公厅关于2026年部分节假日安排的通知", "provisional": False,
            },
        ],
    }]
    english = await ask(county, case_id, "explanation { note }", "en")
    assert english == [{"explanation": [{"note": None}, {"note": "Spring Festival, make-up workday"}]}]


async def test_a_paused_clock_shows_the_pause_up_to_now_and_the_date_if_resumed_now(county: TestCounty) -> None:
    case_id = uuid7()
    await county.start(10, Unit.HOUR, case_id=case_id)
    county.now("2026-03-02 12:00")
    async with county.open() as work:
        await pause_clocks(work, case_id, note="待补:当事人电话")
    county.now("2026-03-02 15:30")
    (clock,) = await ask(county, case_id)
    assert (clock["state"], clock["dueAt"]) == ("PAUSED", "2026-03-02T15:30:00.000000Z")
    assert clock["explanation"][-1] == {
        "from": "2026-03-02T04:00:00.000000Z", "to": "2026-03-02T07:30:00.000000Z", "countedMinutes": 0,
        "reason": "PAUSED", "note": "待补:当事人电话", "source": None, "provisional": False,
    }
    county.now("2026-03-02 16:30")
    assert [one["dueAt"] for one in await ask(county, case_id)] == ["2026-03-02T16:30:00.000000Z"]


async def test_a_pause_may_lead_into_a_year_that_is_not_published(county: TestCounty) -> None:
    county.now("2026-12-25 10:00")
    case_id = uuid7()
    await county.start(3, Unit.WORKING_DAY, case_id=case_id)
    async with county.open() as work:
        await pause_clocks(work, case_id)
    assert [one["provisional"] for one in await ask(county, case_id)] == [False]
    county.now("2026-12-31 10:00")
    (clock,) = await ask(county, case_id)
    assert (clock["provisional"], clock["dueAt"]) == (True, "2027-01-04T16:00:00.000000Z")


@pytest.mark.parametrize("number", [1, 12])
async def test_explaining_many_clocks_takes_as_many_statements_as_one(county: TestCounty, number: int) -> None:
    case_id = uuid7()
    clocks = [await county.start(5, unit, case_id=case_id) for unit in (list(Unit) * 2)[:number]]
    async with county.open() as work:
        await extend_clock(work, clocks[0], 2)
        await pause_clocks(work, case_id)
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            sent.append(statement)

    engine = county.works.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        found = await ask(county, case_id)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(found) == number
    assert len(sent) == 5
