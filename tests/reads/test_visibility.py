"""Lists found scope by scope: who holds several scopes sees each case once, newest first, page by page, and counts it once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import any_, insert, literal, select, update

from gridloom.cases.models import CaseRow, CaseScope
from gridloom.catalogue.models import WorkItemVersion
from gridloom.work import Actor
from tests.support.county import County

LIST = """query($first: Int!, $after: String, $filter: CaseFilter, $exact: Boolean! = false) {
  cases(first: $first, after: $after, filter: $filter) {
    nodes { id number assignments { role } } pageInfo { hasNextPage endCursor } totalCount(exact: $exact) { value exact } } }"""


async def page(county: County, who: str | Actor, first: int = 50, **variables: Any) -> dict[str, Any]:
    answer = await county.ask(who, LIST, first=first, **variables)
    assert "errors" not in answer, answer["errors"]
    found: dict[str, Any] = answer["data"]["cases"]
    return found


async def protected_item(county: County) -> str:
    """The code of an item that only named handlers may know of."""
    async with county.service.reading(county.view) as session:
        return (await session.execute(
            select(WorkItemVersion.code).where(
                WorkItemVersion.tenant_id == county.view.id, literal("VIOLENCE") == any_(WorkItemVersion.protection)
            ).limit(1)
        )).scalar_one()


async def report(county: County, who: str, grid: str, text: str, item: str = "C-13") -> str:
    payload = await county.step(
        who, "reportCase", "case { id }", description=text, workItemCode=item, gridCode=f"{county.code}{grid}"
    )
    assert payload["problems"] == []
    found: str = payload["case"]["id"] if payload["case"] else ""  # who reports violence does not see the case
    return found


async def test_several_scopes_make_one_list(county: County) -> None:
    """The township's officer sees a case through the township's grid and, of one more, through the centre as well."""
    east = await report(county, "member", "101201001", "东山沟渠堵塞")
    west = await report(county, "member_west", "101202001", "西山路灯不亮")
    newest = await report(county, "officer_township", "101201002", "镇里接到来电反映垃圾堆放")
    whole = await page(county, "officer_township")
    assert [each["id"] for each in whole["nodes"]] == [newest, west, east]
    assert whole["totalCount"] == {"value": 3, "exact": True}
    assert [each["id"] for each in (await page(county, "officer_west"))["nodes"]] == [west]
    assert [each["id"] for each in (await page(county, "member"))["nodes"]] == [east]


async def test_pages_follow_one_another_without_gap_or_double(county: County) -> None:
    ids = [await report(county, "officer_township", f"10120100{number % 3 + 1}", f"第 {number} 件") for number in range(7)]
    seen: list[str] = []
    after: str | None = None
    while True:
        found = await page(county, "officer_township", first=2, after=after)
        seen += [each["id"] for each in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
        assert len(found["nodes"]) <= 2
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert seen == ids[::-1]


async def test_a_subtree_is_listed_in_order_with_what_is_protected_there(county: County) -> None:
    """`under` leads by the rows of that grid; protected cases have none and are seen by their handlers all the same."""
    east = [await report(county, "officer_township", "101201001", f"东山第 {number} 件") for number in range(3)]
    await report(county, "member_west", "101202001", "西山一件")
    assert not await report(county, "member", "101201002", "邻居家中有打骂声", item=await protected_item(county))
    under = {"under": str(county.grids[f"{county.code}101201"])}
    found = await page(county, "officer_township", first=2, filter=under)
    assert [each["id"] for each in found["nodes"]] == [east[2], east[1]]
    assert found["totalCount"] == {"value": 3, "exact": True}
    rest = await page(county, "officer_township", first=2, filter=under, after=found["pageInfo"]["endCursor"])
    assert ([each["id"] for each in rest["nodes"]], rest["pageInfo"]["hasNextPage"]) == ([east[0]], False)
    handlers = await page(county, "lead_village", filter=under)
    assert [each["id"] for each in handlers["nodes"]][1:] == [east[2], east[1], east[0]]
    assert handlers["totalCount"] == {"value": 4, "exact": True}
    both = {**under, "status": ["REPORTED"], "mine": True}
    assert [each["id"] for each in (await page(county, "member", filter=both))["nodes"]] == []
    assert len((await page(county, "officer_township", filter=both))["nodes"]) == 3
    elsewhere = {"under": str(county.grids[f"{county.code}101202"])}
    assert (await page(county, "officer_village", filter=elsewhere))["nodes"] == []


async def test_a_scope_that_ended_shows_nothing(county: County) -> None:
    case = UUID(await report(county, "member", "101201001", "水管破裂"))
    async with county.open() as work:
        await work.session.execute(
            update(CaseScope).where(CaseScope.tenant_id == work.tenant, CaseScope.case_id == case).values(until=work.now)
        )
    found = await page(county, "officer_township")
    assert found["nodes"] == []
    assert found["totalCount"] == {"value": 0, "exact": True}


async def test_more_than_a_thousand_are_counted_once_each_or_told_as_more(county: County) -> None:
    """600 cases through two scopes each are 600; beyond a thousand the count says that it is not exact."""
    first = UUID(await report(county, "officer_township", "101201001", "首件"))
    await _copies(county, first, 599)
    found = await page(county, "officer_township", first=1)
    assert found["totalCount"] == {"value": 600, "exact": True}
    await _copies(county, first, 450, start=599)
    found = await page(county, "officer_township", first=1)
    assert found["totalCount"] == {"value": 1000, "exact": False}
    assert (await page(county, "officer_township", first=1, exact=True))["totalCount"] == {"value": 1050, "exact": True}


async def _copies(county: County, case_id: UUID, number: int, start: int = 0) -> None:
    """As many cases more, each seen like the first one, each a second older than the one before."""
    async with county.open() as work:
        case = await work.session.get_one(CaseRow, (work.tenant, case_id))
        scopes = (await work.session.execute(
            CaseScope.__table__.select().where(CaseScope.tenant_id == work.tenant, CaseScope.case_id == case_id)
        )).mappings().all()
        columns = {column.key: getattr(case, column.key) for column in CaseRow.__table__.columns}
        for place in range(start, start + number):
            copy = UUID(int=case_id.int + place + 1)
            at = case.reported_at - timedelta(seconds=place + 1)
            await work.session.execute(insert(CaseRow).values(
                {**columns, "id": copy, "number": f"{case.number}-{place}", "reported_at": at, "tracking_hash": None}
            ))
            await work.session.execute(
                insert(CaseScope), [{**scope, "case_id": copy, "reported_at": at} for scope in scopes]
            )

