"""The demo county's figures, made at the end of its history, equal a recount; so do those of every case counted by facts."""

from sqlalchemy import func, select, update

from gridloom.cases.models import CaseRow
from gridloom.insight.models import FigureCase, FigureHead
from gridloom.insight.service import check
from tests.insight.figures import caught_up, kept, recounted, unlike
from tests.support.demo import Demo


async def test_the_demo_countys_figures_are_a_recount(demo: Demo) -> None:
    county = await demo.service.county(demo.midu)
    # A case may have become overdue since it was written; nothing else waits.
    await caught_up(demo.service, county)
    found = await kept(demo.service, county)
    assert unlike(found, await recounted(demo.service, county)) == []
    counters = {key[-1] for table in found.values() for key in table}
    assert {
        "reported", "self_handled", "accepted", "rejected", "closed", "closed_late", "reopened", "confirmed", "sent_back",
        "whistles", "returns_asked", "returns_upheld", "bounced_minutes", "cards", "accept_in_time", "handle_in_time",
        "rated", "satisfied", "unsatisfied", "sign_in_time", "report_in_in_time", "done_in_time", "overdue", "paused",
    } <= counters
    async with demo.service.reading(county) as session:
        cases, sealed, counted = (await session.execute(select(
            select(func.count()).where(CaseRow.tenant_id == county.id).scalar_subquery(),
            select(func.count()).where(CaseRow.tenant_id == county.id, CaseRow.sealed).scalar_subquery(),
            select(func.count()).where(FigureCase.tenant_id == county.id).scalar_subquery(),
        ))).one()
    assert sealed > 0
    assert counted == cases - sealed


async def test_all_its_facts_counted_again_change_nothing(demo: Demo) -> None:
    county = await demo.service.county(demo.xiangyun)
    await caught_up(demo.service, county)
    before = await kept(demo.service, county)
    async with demo.service.open(county) as work:
        await work.session.execute(update(FigureHead).where(FigureHead.tenant_id == work.tenant).values(position=0))
    assert await caught_up(demo.service, county) > 1
    assert await kept(demo.service, county) == before
    async with demo.service.open(county) as work:
        verdict = await check(work)
    assert verdict is not None
    assert (verdict.right, verdict.waiting) == (True, 0)
