"""Live changes handed out by the one reader of a process: to each stream exactly what it may read by itself."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

from sqlalchemy import update

from gridloom.cases.models import CaseRow, CaseScope
from gridloom.feed.changes import MOST_PENDING, CountyChanges, Listener
from gridloom.feed.service import newest_position, read_facts
from gridloom.runtime import Service
from gridloom.work import Actor
from tests.feed.test_delivery import delivered, report
from tests.support.county import County

PEOPLE = ("member", "officer_village", "officer_county")


async def settled(county: County, changes: CountyChanges) -> None:
    """Until the reader stands at the newest position."""
    async with asyncio.timeout(20):
        while True:
            async with county.service.reading(county.view) as session:
                if changes._position == await newest_position(session, county.view.id):
                    return
            await asyncio.sleep(0.05)


async def readable(county: County, actor: Actor, start: int) -> list[int]:
    """What the actor may read behind a position, as `facts` and a stream's own look would answer."""
    async with county.service.reading(county.view) as session:
        found = await read_facts(
            session, county.view.id, actor, after=start, types=None, limit=200, cases_only=True
        )
    return [one.position for one in found]


async def test_each_stream_is_handed_what_it_may_read(county: County, timed_service: Service) -> None:
    actors = {name: await county.actor(name) for name in PEOPLE}
    nobody = Actor(county.view.id, "user", county.view.id, "无", scopes=(county.view.id,))
    changes = CountyChanges(timed_service, county.view.id)
    heard: dict[str, Listener] = {}
    async with AsyncExitStack() as stack:
        for name, actor in (*actors.items(), ("nobody", nobody)):
            heard[name] = await stack.enter_async_context(changes.listen(actor.scopes, None, behind=False))
        first, second, third = [await report(county) for _ in range(3)]
        await county.step("officer_village", "acceptCase", "case { id }", caseId=first["id"], version=1)
        async with county.open() as work:
            # Of the second only the member's own row is left; the third is sealed besides.
            for case, sealed in ((second, False), (third, True)):
                await work.session.execute(
                    update(CaseScope)
                    .where(
                        CaseScope.tenant_id == work.tenant, CaseScope.case_id == case["id"],
                        CaseScope.scope_id != actors["member"].id,
                    )
                    .values(until=work.now - timedelta(seconds=1))
                )
                await work.session.execute(
                    update(CaseRow).where(CaseRow.tenant_id == work.tenant, CaseRow.id == case["id"]).values(sealed=sealed)
                )
                work.fact("test.silent", case["id"])
        await delivered(county)
        await settled(county, changes)
        expected = {
            name: await readable(county, actor, heard[name].start) for name, actor in (*actors.items(), ("nobody", nobody))
        }
    assert {name: [one.position for one in listener.pending] for name, listener in heard.items()} == expected
    assert expected["nobody"] == []
    assert len(expected["member"]) > len(expected["officer_village"]) > 0


async def test_a_slow_stream_is_told_that_it_is_behind(county: County, timed_service: Service) -> None:
    actor = await county.actor("member")
    changes = CountyChanges(timed_service, county.view.id)
    async with changes.listen(actor.scopes, None, behind=False) as slow:
        case = await report(county)
        async with county.open() as work:
            for _ in range(MOST_PENDING + 1):
                work.fact("test.more", case["id"], scopes=(actor.id,))
        await delivered(county)
        await settled(county, changes)
        assert slow.behind
        assert len(slow.pending) <= 1
