"""Two counties: what one has is for the other as unknown as a random id, and a session without county reads nothing."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from gridloom.db import NoTenant
from gridloom.errors import Denied
from gridloom.people.models import Organization, Staff
from gridloom.provision import create_county, suspend_county
from gridloom.runtime import Service
from gridloom.schema import Schemas
from tests.support.county import County, divisions, make_county


async def test_foreign_ids_are_like_random_ones(county: County, timed_service: Service, schemas: Schemas) -> None:
    other = await make_county(timed_service, schemas)
    theirs = await other.step(
        "member", "reportCase", "case { id number }", description="别县的事", workItemCode="C-10"
    )
    foreign, random = theirs["case"]["id"], str(uuid4())
    read = "query($id: ID, $number: String) { case(id: $id, number: $number) { id } }"
    for key in ("id", "number"):
        answers = [
            await county.ask("officer_county", read, **{key: value})
            for value in (theirs["case"][key], random if key == "id" else "532925-20990101-00001")
        ]
        assert answers[0]["data"] == answers[1]["data"] == {"case": None}
        assert [error.message for error in answers[0]["errors"]] == [error.message for error in answers[1]["errors"]]
    for id in (foreign, random, "no id at all"):
        accepted = await county.step("officer_county", "acceptCase", "case { id }", caseId=id, version=1)
        assert accepted["case"] is None
        assert [(one["code"], one["path"]) for one in accepted["problems"]] == [("NOT_FOUND", ["caseId"])]
    mine = await county.step("member", "reportCase", "case { id version }", description="本县的事", workItemCode="C-10")
    case = (await county.step(
        "officer_village", "acceptCase", "case { id version }", caseId=mine["case"]["id"], version=1
    ))["case"]
    for unit in (str(other.units["SW"]), random):
        routed = await county.step(
            "officer_village", "routeCase", "case { status }", caseId=case["id"], version=case["version"],
            organizationId=unit,
        )
        assert [(one["code"], one["path"]) for one in routed["problems"]] == [("NOT_FOUND", ["organizationId"])]
        assert routed["case"]["status"] == "ACCEPTED"
    listed = await county.ask(
        "officer_county", "query($f: CaseFilter) { cases(filter: $f) { totalCount { value } } }",
        f={"under": str(other.grids[f"{other.code}000000"])},
    )
    assert listed["data"] == {"cases": {"totalCount": {"value": 0}}}


async def test_rows_of_another_county_are_not_there_even_for_sql_without_predicate(
    county: County, timed_service: Service, schemas: Schemas
) -> None:
    other = await make_county(timed_service, schemas)
    async with timed_service.reading(county.view) as session:
        seen = (await session.execute(select(func.count()).select_from(Staff))).scalar_one()
        own = (await session.execute(select(func.count()).where(Staff.tenant_id == county.view.id))).scalar_one()
        theirs = (await session.execute(select(func.count()).where(Staff.tenant_id == other.view.id))).scalar_one()
    assert (seen, theirs) == (own, 0)


async def test_a_row_cannot_be_written_into_another_county(
    county: County, timed_service: Service, schemas: Schemas
) -> None:
    other = await make_county(timed_service, schemas)
    with pytest.raises(Exception, match="row-level security"):
        async with county.open() as work:
            work.session.add(Organization(tenant_id=other.view.id, code="X", name="X", kind="X"))


async def test_a_session_without_county_sends_nothing(timed_service: Service) -> None:
    with pytest.raises(NoTenant):
        async with timed_service.sessions() as session:
            await session.execute(text("SELECT 1"))


async def test_the_setting_ends_with_the_transaction(county: County, timed_service: Service) -> None:
    async with timed_service.reading(county.view) as session:
        await session.execute(text("SELECT 1"))
    async with timed_service.platform() as session:
        left = (await session.execute(text("SELECT current_setting('gridloom.tenant', true)"))).scalar_one()
        hidden = (await session.execute(select(func.count()).select_from(Staff))).scalar_one()
    assert (left or "", hidden) == ("", 0)


async def test_a_suspended_county_reads_but_refuses_every_step(county: County, timed_service: Service) -> None:
    await suspend_county(timed_service, county.code)
    timed_service.directory.forget(county.view.id)
    county.view = await timed_service.county(county.view.id)
    refused = await county.step("member", "reportCase", "case { id }", description="停用后", workItemCode="C-10")
    assert ([one["code"] for one in refused["problems"]], refused["case"]) == (["SUSPENDED"], None)
    read = await county.ask("member", "{ me { name } }")
    assert read == {"data": {"me": {"name": "member"}}}
    await suspend_county(timed_service, county.code, resume=True)
    timed_service.directory.forget(county.view.id)
    county.view = await timed_service.county(county.view.id)
    passed = await county.step("member", "reportCase", "case { status }", description="恢复后", workItemCode="C-10")
    assert passed["case"] == {"status": "REPORTED"}


async def test_a_county_exists_once(county: County, timed_service: Service) -> None:
    with pytest.raises(Denied) as denied:
        await create_county(timed_service, county.code, divisions(county.code))
    assert denied.value.code == "CONFLICT"
