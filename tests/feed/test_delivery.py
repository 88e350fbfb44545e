"""Facts: positions after commit, no holes, nothing lost when Redis is, who may read which, live changes."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select

from gridloom.config import Settings
from gridloom.context import request_context
from gridloom.feed.service import deliver, read_facts
from gridloom.ids import uuid7
from gridloom.outbox import Due, FactPosition, FactRow
from gridloom.runtime import Service
from gridloom.worker import Worker, running
from tests.support.county import County

FACTS = """query($after: String, $first: Int! = 50) { facts(after: $after, first: $first) {
  nodes { cursor type caseId } pageInfo { hasNextPage endCursor } } }"""


async def report(county: County, **values: Any) -> dict[str, Any]:
    payload = await county.step("member", "reportCase", "case { id version number }", description="路灯不亮",
                                workItemCode="C-13", **values)
    case: dict[str, Any] = payload["case"]
    return case


async def delivered(county: County) -> None:
    """Deliver until nothing that was committed waits; another worker of the run may be at it too."""
    waiting = select(func.count()).where(Due.tenant_id == county.view.id, Due.kind == "fact")
    async with asyncio.timeout(30):
        while True:
            async with county.open() as work:
                await deliver(work)
            async with county.service.reading(county.view) as session:
                if (await session.execute(waiting)).scalar_one() == 0:
                    return
            await asyncio.sleep(0.02)


async def positions(county: County) -> list[tuple[int, str]]:
    async with county.service.reading(county.view) as session:
        rows = await session.execute(
            select(FactPosition.position, FactRow.type)
            .join(FactRow, (FactRow.tenant_id == FactPosition.tenant_id) & (FactRow.id == FactPosition.fact_id))
            .where(FactPosition.tenant_id == county.view.id).order_by(FactPosition.position)
        )
        return [(row[0], row[1]) for row in rows]


async def test_a_slow_early_transaction_is_not_skipped(county: County) -> None:
    """The early one has the lower fact id; a reader that took the later one must still meet it behind its cursor."""
    await delivered(county)
    early_open, late_done = asyncio.Event(), asyncio.Event()

    async def early() -> None:
        async with county.open() as work:
            work.fact("test.early")
            await work.flush()
            early_open.set()
            await late_done.wait()

    task = asyncio.create_task(early())
    await early_open.wait()
    async with county.open() as work:
        work.fact("test.late")
    await delivered(county)
    seen = await positions(county)
    assert seen[-1][1] == "test.late"
    cursor = seen[-1][0]
    late_done.set()
    await task
    await delivered(county)
    assert (await positions(county))[-1] == (cursor + 1, "test.early")


async def test_positions_have_no_holes_under_many_writers_and_deliverers(county: County) -> None:
    async def write(number: int) -> None:
        async with county.open() as work:
            work.fact(f"test.{number}")

    await delivered(county)
    before = len(await positions(county))
    await asyncio.gather(*(write(number) for number in range(40)), *(delivered(county) for _ in range(4)))
    await delivered(county)
    found = await positions(county)
    assert [position for position, _type in found] == list(range(1, len(found) + 1))
    assert len(found) == before + 40


async def test_redis_flushed_while_workers_are_paused_loses_nothing(county: County, timed_service: Service) -> None:
    first = await report(county)
    await timed_service.redis.flushall()
    second = await report(county)
    await timed_service.redis.flushall()
    async with running(timed_service):
        for _ in range(100):
            types = [type for _position, type in await positions(county)]
            if types.count("case.reported") == 2:
                break
            await asyncio.sleep(0.1)
    assert types.count("case.reported") == 2
    answer = await county.ask("officer_village", FACTS)
    ids = [node["caseId"] for node in answer["data"]["facts"]["nodes"] if node["type"] == "case.reported"]
    assert ids == [first["id"], second["id"]]


async def test_facts_by_cursor_have_no_gap_and_no_repeat(county: County) -> None:
    for _ in range(5):
        await report(county)
    await delivered(county)
    whole = (await county.ask("officer_county", FACTS, first=200))["data"]["facts"]["nodes"]
    paged: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await county.ask("officer_county", FACTS, first=2, after=after))["data"]["facts"]
        paged += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert paged == whole
    assert len({node["cursor"] for node in paged}) == len(paged) >= 5


async def test_a_unit_reads_only_what_it_was_given_and_what_was_shared(county: County) -> None:
    mine, other = await report(county), await report(county)
    for case, unit in ((mine, "SW"), (other, "ZJ")):
        accepted = await county.step("officer_village", "acceptCase", "case { id version }", caseId=case["id"], version=1)
        await county.step("officer_village", "routeCase", "case { id }", caseId=case["id"],
                          version=accepted["case"]["version"], organizationId=str(county.units[unit]))
    await delivered(county)
    client = await county.client("SW")
    nodes = (await county.ask(client, FACTS, first=200))["data"]["facts"]["nodes"]
    assert {node["caseId"] for node in nodes if node["caseId"]} == {mine["id"]}
    types = [node["type"] for node in nodes if node["caseId"]]
    assert types[0] == "case.shared"
    assert "case.reported" not in types  # from before it was theirs
    assert "case.routed" in types


async def test_a_protected_case_is_in_nobody_elses_facts(county: County) -> None:
    await county.step("member", "reportCase", "case { id }", description="打人", workItemCode="A-08")
    await delivered(county)
    for who, count in {"officer_county": 0, "officer_village": 0, "member": 0, "lead_village": 1, "police": 1}.items():
        nodes = (await county.ask(who, FACTS, first=200))["data"]["facts"]["nodes"]
        assert len([node for node in nodes if node["type"] == "case.reported"]) == count, who


@pytest.mark.parametrize(("after", "code"), [("abc", "VALIDATION"), ("-1", "VALIDATION"), ("9" * 30, "VALIDATION")])
async def test_a_cursor_that_is_none_is_refused(county: County, after: str, code: str) -> None:
    answer = await county.ask("officer_county", FACTS, after=after)
    assert answer["data"] is None
    assert [getattr(error.original_error, "code", None) for error in answer["errors"]] == [code]


async def test_live_changes_arrive_in_order_and_resume_from_a_cursor(
    county: County, timed_service: Service, database: Settings
) -> None:
    schema = county.schemas.of(frozenset())
    actor = await county.actor("officer_village")
    document = "subscription($after: String) { caseChanged(after: $after) { cursor type case { id status } } }"

    async def listen(count: int, after: str | None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async with request_context(timed_service, county.view, actor, "zh-CN") as context:
            stream = await schema.subscribe(document, variable_values={"after": after}, context_value=context)
            async with asyncio.timeout(20):
                async for result in stream:
                    found.append(result.data["caseChanged"])
                    if len(found) == count:
                        break
            await stream.aclose()
        return found

    async with running(timed_service):
        listening = asyncio.create_task(listen(2, None))
        await asyncio.sleep(0.5)
        case = await report(county)
        await county.step("officer_village", "acceptCase", "case { id }", caseId=case["id"], version=1)
        live = await listening
        assert [change["type"] for change in live] == ["case.reported", "case.accepted"]
        assert live[1]["case"] == {"id": case["id"], "status": "ACCEPTED"}
        again = await listen(1, live[0]["cursor"])
        assert again[0]["cursor"] == live[1]["cursor"]


async def test_a_worker_serves_every_county_it_is_told_of(county: County, timed_service: Service) -> None:
    await report(county)
    worker = Worker(timed_service)
    await worker.serve(county.view.id)
    await delivered(county)
    async with timed_service.reading(county.view) as session:
        found = await read_facts(
            session, county.view.id, await county.actor("officer_county"), after=0, types=["case.reported"], limit=10
        )
    assert [one.type for one in found] == ["case.reported"]
    assert isinstance(found[0].case_id, UUID)


async def test_the_reader_sees_which_counties_have_something_due_and_nothing_else(
    county: County, timed_service: Service
) -> None:
    worker = Worker(timed_service)
    await delivered(county)
    due = uuid7()
    async with county.open() as work:
        work.new(Due, kind="clock", id=due, due_at=work.now)
    assert county.view.id in await worker._due_counties()
    async with county.open() as work:
        await work.session.execute(delete(Due).where(Due.tenant_id == county.view.id, Due.id == due))
    async with worker._reader.connect() as connection:
        with pytest.raises(Exception, match="permission denied"):
            await connection.execute(select(FactRow.id))
