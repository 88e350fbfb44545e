"""Nothing that clients send grows a process: documents, trees, statements, what drivers keep of them."""

from collections.abc import Sequence
from typing import Any

import pytest
from graphql import OperationDefinitionNode, get_variable_values, parse

from gridloom.context import request_context
from gridloom.http.limits import Limits
from gridloom.http.prepare import KEPT_CHARACTERS, Documents, prepare
from gridloom.http.run import graphql_schema, run_ordinary
from gridloom.lane import STATEMENTS
from gridloom.reads import Ask, CompiledReads, ComposedSchema, ReadContext, serve
from gridloom.reads.plans import Kept
from tests.reads import rows
from tests.reads.conftest import NOW
from tests.support.county import County

LIMITS = Limits()
SWITCHES = 9


def test_a_bounded_memory_weighs() -> None:
    kept: Kept[int, int] = Kept(3, weigh=lambda each: each, heaviest=10)
    for value in (4, 5, 6):
        kept.get(value, lambda value=value: value)  # type: ignore[misc]
    assert (len(kept), kept.weight) == (1, 6)
    kept.get(50, lambda: 50)
    assert (len(kept), kept.weight) == (1, 50)
    for value in (1, 2, 3, 1, 4):
        kept.get(value, lambda value=value: value)  # type: ignore[misc]
    assert (len(kept), kept.weight, 1 in kept._known) == (3, 8, True)


class Unread(ReadContext):
    """A request whose statements are made and not sent."""

    async def fetch(self, statement: str, parameters: Sequence[Any], *, generic: bool) -> str:
        return "{}"


async def ask(reads: CompiledReads, schema: ComposedSchema, text: str, given: dict[str, Any] | None = None) -> None:
    """Answer a document of one operation and no fragments."""
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    variables = get_variable_values(schema._schema, operation.variable_definitions or (), given or {})
    assert not isinstance(variables, list)
    context = Unread(ask=Ask(rows.COUNTY, rows.STRANGER, (), frozenset(), NOW), opens=None)
    assert await reads.answer(schema, text, operation, {}, variables, context) == b'{"data":{}}'


async def test_thousands_of_documents(schema: ComposedSchema) -> None:
    """Each other than all before, valid, and of moderate length."""
    reads, documents = CompiledReads(patience=0), Documents(LIMITS)
    padding = "#" * 3_000
    for number in range(1_000):
        text = f"{{ a{number}: __typename }} {padding}"
        documents.get(schema._schema, text, developer=False)
        await ask(reads, schema, text)
    assert len(documents) <= 300
    assert documents.characters <= KEPT_CHARACTERS
    assert len(documents) == KEPT_CHARACTERS // len(text)
    shelf = reads.asked
    assert len(shelf.documents) == serve.MOST_DOCUMENTS
    assert len(shelf.plans) <= serve.MOST_PLANS
    assert len(shelf.readings) <= serve.MOST_PLANS
    assert len(reads.persisted.documents) == 0


async def test_thousands_of_shapes_of_one_document(monkeypatch: pytest.MonkeyPatch, schema: ComposedSchema) -> None:
    """One document with switches and filters makes a statement for each shape; weight bounds them, whatever the number."""
    monkeypatch.setattr(serve, "HEAVIEST_PLANS", 30_000)
    monkeypatch.setattr(serve, "HEAVIEST_READINGS", 500)
    reads = CompiledReads(patience=0)
    names = [f"s{number}" for number in range(SWITCHES)]
    declared = " ".join(f"${name}: Boolean!" for name in names)
    text = f"query({declared}) {{ a: __typename {' '.join(f'{name}: __typename @include(if: ${name})' for name in names)} }}"
    for shape in range(2**SWITCHES):
        given = {name: bool(shape >> place & 1) for place, name in enumerate(names)}
        await ask(reads, schema, text, given)
    shelf = reads.asked
    assert len(shelf.documents) == 1
    assert 1 < len(shelf.plans) < 2**SWITCHES
    assert shelf.plans.weight <= 30_000
    assert shelf.readings.weight <= 500
    assert shelf.plans.weight == sum(len(each.text) for each in shelf.plans._known.values())


async def test_what_others_ask_never_pushes_out_our_own_documents(schema: ComposedSchema) -> None:
    reads = CompiledReads(documents=3, patience=0)
    reads.persisted.documents.get((id(schema), "query Own { __typename }", "Own"), lambda: serve.Document(schema, ()))
    for number in range(20):
        await ask(reads, schema, f"{{ a{number}: __typename }}")
    assert (len(reads.asked.documents), len(reads.persisted.documents)) == (3, 1)


async def test_drivers_keep_a_bounded_number_of_statements(county: County) -> None:
    """On both paths: prepared statements of each connection, and SQLAlchemy's compiled statements."""
    county.view = await county.service.county(county.view.id)
    schema = county.schemas.of(county.view.plugins)
    core, reads = graphql_schema(schema), CompiledReads(patience=0)
    actor = await county.actor("officer_village")
    for number in range(STATEMENTS + 60):
        text = f"{{ a{number}: grids(first: 1) {{ nodes {{ b{number}: id }} }} }}"
        prepared = prepare(core, Documents(LIMITS).get(core, text, developer=True), None, {}, LIMITS, developer=True)
        async with request_context(county.service, county.view, actor, "zh-CN") as context:
            body = await reads.answer(schema, text, prepared.operation, {}, prepared.variables, context)
            assert body is not None
            if number % 10 == 0:
                await run_ordinary(schema, prepared, context)
    pool: Any = county.service.lane._pool
    kept = [len(holder._con._stmt_cache._entries) for holder in pool._holders if holder._con is not None]
    assert kept
    assert max(kept) <= STATEMENTS
    engine: Any = county.service.engine.sync_engine
    cache = engine._compiled_cache
    assert len(cache) <= 1.5 * cache.capacity
