"""The calendar in the schema: what administrators see, what they may change, what is refused."""

from typing import Any
from uuid import uuid4

import pytest

from gridloom.clocks.calendar_graphql import CalendarMutations, CalendarQueries
from gridloom.clocks.limits import Unit
from gridloom.context import request_context
from gridloom.ids import uuid7
from gridloom.reads import compose
from gridloom.work import Actor
from tests.clocks.conftest import TestCounty, at

SCHEMA = compose(queries=[CalendarQueries], mutations=[CalendarMutations])
YEAR = "calendarYear(year: 2026) { version published workingHours { from to } days { date kind note edited } }"
EDIT = """mutation($input: EditCalendarDayInput!) { editCalendarDay(input: $input) {
  replayed problems { code path } calendar { version days { date kind note source provisional edited } } } }"""


async def ask(
    county: TestCounty, document: str, variables: dict[str, Any] | None = None, *, can: str = "administer"
) -> tuple[Any, list[str | None]]:
    """Data and error codes."""
    actor = Actor(uuid7(), "user", county.view.id, "管理员", can=frozenset({can}))
    async with request_context(county.works, county.view, actor, "zh-CN") as context:
        result = await SCHEMA.execute(document, variables, context_value=context)
    errors = result.errors or []
    return result.data, [getattr(one.original_error, "code", (one.extensions or {}).get("code")) for one in errors]


async def test_a_year_is_shown_whole(county: TestCounty) -> None:
    data, errors = await ask(county, f"{{ {YEAR} }}", can="reportCase")
    assert errors == []
    year = data["calendarYear"]
    assert (year["version"], year["published"], len(year["days"])) == (1, True, 365)
    assert year["workingHours"] == [{"from": "08:30", "to": "12:00"}, {"from": "14:30", "to": "18:00"}]
    assert year["days"][44:46] == [
        {"date": "2026-02-14", "kind": "MAKE_UP_WORKDAY", "note": "春节调休上班", "edited": False},
        {"date": "2026-02-15", "kind": "HOLIDAY", "note": "春节放假", "edited": False},
    ]
    assert await ask(county, "{ calendarYear(year: 1900) { version } }") == (None, ["VALIDATION"])


async def test_an_administrator_edits_a_day_once_and_clocks_follow(county: TestCounty) -> None:
    clock_id = await county.start(3, Unit.WORKING_DAY)
    said = {"kind": "HOLIDAY", "note": "花街集", "source": "弥政办〔2026〕5号"}
    data, errors = await ask(county, EDIT, {"input": {"key": str(uuid4()), "date": "2026-03-04", **said}})
    assert errors == []
    payload = data["editCalendarDay"]
    assert (payload["replayed"], payload["problems"], payload["calendar"]["version"]) == (False, [], 2)
    assert payload["calendar"]["days"][62] == {
        "date": "2026-03-04", **said, "provisional": False, "edited": True,
    }
    assert (await county.row(clock_id)).due_at == at("2026-03-07 00:00")
    back, errors = await ask(county, EDIT, {"input": {"key": str(uuid4()), "date": "2026-03-04"}})
    assert (errors, back["editCalendarDay"]["calendar"]["days"][62]["edited"]) == ([], False)
    assert (await county.row(clock_id)).due_at == at("2026-03-06 00:00")


async def test_hours_and_a_year_are_entered(county: TestCounty) -> None:
    document = """mutation($hours: SetWorkingHoursInput!, $year: ConfirmCalendarYearInput!) {
      setWorkingHours(input: $hours) { problems { code } calendar { workingHours { from to } } }
      confirmCalendarYear(input: $year) {
        problems { code } calendar { year version published days { kind source } } } }"""
    data, errors = await ask(county, document, {
        "hours": {"key": str(uuid4()), "hours": [{"from": "09:00", "to": "17:00"}]},
        "year": {
            "key": str(uuid4()), "year": 2027, "source": "国办发明电〔2026〕9号",
            "days": [{"date": "2027-01-01", "kind": "HOLIDAY", "note": "元旦"}],
        },
    })
    assert errors == []
    assert data["setWorkingHours"] == {
        "problems": [], "calendar": {"workingHours": [{"from": "09:00", "to": "17:00"}]}
    }
    year = data["confirmCalendarYear"]["calendar"]
    assert (year["year"], year["version"], year["published"]) == (2027, 3, True)
    assert year["days"][0] == {"kind": "HOLIDAY", "source": "国办发明电〔2026〕9号"}


@pytest.mark.parametrize(
    ("document", "given", "code", "path"),
    [
        (EDIT, {"date": "1999-01-01"}, "VALIDATION", ["date"]),
        (EDIT, {"date": "2026-01-01", "note": "长" * 201}, "VALIDATION", ["note"]),
        (
            "mutation($input: SetWorkingHoursInput!) { editCalendarDay: setWorkingHours(input: $input) "
            "{ problems { code path } } }",
            {"hours": [{"from": "17:00", "to": "09:00"}]}, "VALIDATION", ["hours"],
        ),
        *[
            (
                "mutation($input: ConfirmCalendarYearInput!) { editCalendarDay: confirmCalendarYear(input: $input) "
                "{ problems { code path } } }",
                {"year": year, "source": "x", "days": days}, "VALIDATION", path,
            )
            for year, days, path in (
                (0, [], ["year"]), (2_000_000_000, [], ["year"]),
                (2027, [{"date": "2026-01-01", "kind": "HOLIDAY"}], ["days"]),
                (2027, [{"date": "2027-01-01", "kind": "HOLIDAY"}] * 121, ["days"]),
            )
        ],
    ],
)
async def test_what_makes_no_sense_changes_nothing(county: TestCounty, document, given, code, path) -> None:
    data, errors = await ask(county, document, {"input": {"key": str(uuid4()), **given}})
    assert errors == []
    assert data["editCalendarDay"]["problems"] == [{"code": code, "path": path}]
    after, _ = await ask(county, f"{{ {YEAR} }}")
    assert after["calendarYear"]["version"] == 1


async def test_only_administrators_change_the_calendar(county: TestCounty) -> None:
    given = {"key": str(uuid4()), "date": "2026-03-04", "kind": "HOLIDAY"}
    _, errors = await ask(county, EDIT, {"input": given}, can="reportCase")
    assert errors == ["FORBIDDEN"]
    data, _ = await ask(county, f"{{ {YEAR} }}")
    assert data["calendarYear"]["version"] == 1
