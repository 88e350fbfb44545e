"""Every table of every statement carries the county as a bind; and the other county never shows."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncEngine

from gridloom.reads import Ask
from tests.reads import models, rows
from tests.reads.asking import Asking
from tests.reads.conftest import NOW
from tests.reads.tenants import aliases, unbound
from tests.reads.test_lists import LIST

WIDE = """query { matters(filter: {overdue: true}) { nodes { title notes { title } tasks { seenMatter { number } }
    station { newestTitle } steps { totalCount { value } } shouted } totalCount(exact: true) { value } }
    waiting { nodes { subject { title } } } tasks(role: "LEAD") { title } matter(number: "M-005") { number } }"""


@pytest.fixture
def executed(engine: AsyncEngine) -> Iterator[list[Any]]:
    """The statements that are executed, before they are text."""
    found: list[Any] = []

    def note(_connection: Any, statement: Any, *_: Any) -> None:
        found.append(statement)

    event.listen(engine.sync_engine, "before_execute", note)
    yield found
    event.remove(engine.sync_engine, "before_execute", note)


@pytest.mark.parametrize("can", [(), ("matter.all",)])
async def test_every_table_is_bound_to_the_county(ask: Asking, executed: list[Any], can: tuple[str, ...]) -> None:
    for document in (LIST, WIDE):
        await ask(document, {"first": 30} if document is LIST else None, can=can, scopes=(rows.CENTRE,))
    statements = [each for each in executed if hasattr(each, "whereclause")]
    assert len(statements) > 20
    assert sum(aliases(each) for each in statements) > 40
    assert [found for found in map(unbound, statements) if found] == []


def test_the_walk_sees_what_is_missing() -> None:
    ask = Ask(rows.COUNTY, rows.STRANGER, (), frozenset(), NOW).binds()
    matter = models.MatterRow.__table__.alias("m")
    inner = models.StepRow.__table__.alias("s")
    naked = select(matter.c.id).where(select(inner.c.id).where(inner.c.tenant_id == matter.c.tenant_id).exists())
    assert unbound(naked) == {"m", "s"}
    assert unbound(naked.where(matter.c.tenant_id == ask.tenant)) == {"s"}
    assert unbound(select(matter.c.id).where((matter.c.tenant_id == ask.tenant) | (matter.c.score > 0))) == {"m"}


async def test_counties_do_not_meet(ask: Asking) -> None:
    here, there = await ask(LIST, {"first": 30}), await ask(LIST, {"first": 30}, tenant=rows.OTHER)
    text = str(there.data)
    assert ("密祉" in str(here.data), "祥云" in str(here.data)) == (True, False)
    assert ("密祉" in text, "祥云" in text) == (False, True)
    assert len(there.data["matters"]["nodes"]) == 30
