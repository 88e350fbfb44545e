"""The request's loaders: one statement for what is asked in one turn, faults to everyone who waits, a clean end."""

import asyncio
from typing import Any

import pytest
from graphql import GraphQLError
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from gridloom.db import session_factory
from gridloom.reads import Ask, ComposedSchema, ReadContext
from gridloom.reads.jobs import ById
from gridloom.reads.loading import Loaders
from tests.reads import rows, sample
from tests.reads.conftest import NOW

ASK = Ask(rows.COUNTY, rows.STRANGER, (), frozenset({"matter.all"}), NOW)


def session(engine: AsyncEngine) -> AsyncSession:
    return session_factory(engine)(info={"tenant": rows.COUNTY})


def by_id(schema: ComposedSchema) -> ById:
    return ById((schema.registry.type_of(sample.Matter),), False)


async def test_one_turn_is_one_statement_and_doubles_are_asked_once(
    engine: AsyncEngine, schema: ComposedSchema
) -> None:
    sent: list[Any] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "t_matter" in statement:
            sent.append(parameters)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    async with session(engine) as opened:
        loaders = Loaders(ASK, lambda: opened)
        wanted = [rows.key(rows.COUNTY, f"matter {n}") for n in (1, 2, 1)] + [rows.STRANGER]
        found = await asyncio.gather(*(loaders.ask(by_id(schema), key) for key in wanted))
        again = await loaders.ask(by_id(schema), wanted[0])
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    assert [each and each["number"] for each in found] == ["M-001", "M-002", "M-001", None]
    assert again["number"] == "M-001"
    assert [len(each) for parameters in sent for each in parameters if isinstance(each, list)] == [3, 1]


async def test_a_fault_reaches_everyone_who_waits(engine: AsyncEngine, schema: ComposedSchema) -> None:
    async with session(engine) as opened:
        with pytest.raises(DBAPIError):
            await opened.execute(text("SELECT 1 / 0"))
        loaders = Loaders(ASK, lambda: opened)
        found = await asyncio.gather(
            *(loaders.ask(by_id(schema), rows.key(rows.COUNTY, f"matter {n}")) for n in (1, 2)), return_exceptions=True
        )
    assert [isinstance(each, DBAPIError) for each in found] == [True, True]


async def test_closing_drops_what_nobody_waits_for(engine: AsyncEngine, schema: ComposedSchema) -> None:
    async with session(engine) as opened:
        context = ReadContext(ask=ASK, opens=lambda: opened)
        left = context.loaders.ask(by_id(schema), rows.key(rows.COUNTY, "matter 1"))
        await context.close()
        assert left.cancelled()
        with pytest.raises(RuntimeError, match="the request is over"):
            context.loaders.ask(by_id(schema), rows.key(rows.COUNTY, "matter 1"))
        with pytest.raises(RuntimeError, match="the request is over"):
            async with context.reading():
                pass
        assert (await opened.execute(text("SELECT 1"))).scalar_one() == 1


async def test_closing_waits_for_the_statement_that_runs(engine: AsyncEngine) -> None:
    async with session(engine) as opened:
        context = ReadContext(ask=ASK, opens=lambda: opened)
        order: list[str] = []

        async def slow() -> None:
            async with context.reading() as shared:
                await shared.execute(text("SELECT pg_sleep(0.05)"))
                order.append("read")

        task = asyncio.create_task(slow())
        await asyncio.sleep(0)
        await context.close()
        order.append("closed")
        await task
    assert order == ["read", "closed"]


async def test_a_caller_without_county_reads_none(schema: ComposedSchema) -> None:
    context = ReadContext(ask=None, opens=None)
    with pytest.raises(GraphQLError) as refused:
        await context.loaders.ask(by_id(schema), rows.STRANGER)
    assert refused.value.extensions == {"code": "FORBIDDEN"}
