"""The compiled path gives, in one statement, what the ordinary path gives; or says that it cannot."""

import json
from typing import Any

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, get_variable_values, parse
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from gridloom.db import session_factory
from gridloom.reads import Binds, CompiledReads, ComposedSchema
from gridloom.reads.compile import Compiler
from gridloom.reads.plans import Kept
from gridloom.reads.selection import Reader, given_at
from gridloom.reads.serve import DEAR
from tests.reads import models, rows
from tests.reads.asking import Asking, Compiling
from tests.reads.everything import EVERYTHING
from tests.reads.tenants import aliases, unbound


def pairs(body: bytes | str) -> Any:
    """Parsed JSON in which order and doubled keys count."""
    return json.loads(body, object_pairs_hook=lambda found: found)


async def assert_equal(ask: Asking, compiled: Compiling, document: str, given: Any = None, **asker: Any) -> None:
    body = await compiled(document, given, **asker)
    answer = await ask(document, given, **asker)
    assert answer.errors == []
    assert body is not None
    assert pairs(body) == pairs(json.dumps({"data": answer.data}))


@pytest.mark.parametrize("asker", [{}, {"can": (), "scopes": (rows.CENTRE,)}, {"can": ()}, {"actor": rows.REPORTER}])
@pytest.mark.parametrize("given", [{"first": 50}, {"first": 7, "filter": {"overdue": False}}, {"first": 2, "no": True}])
async def test_everything_at_once(ask: Asking, compiled: Compiling, given: Any, asker: Any) -> None:
    single = 'one: matter(number: "M-004") { ...Core notes { title } }'
    await assert_equal(ask, compiled, EVERYTHING.replace(single, "") if "can" in asker else EVERYTHING, given, **asker)


async def test_it_is_one_statement(compiled: Compiling, engine: AsyncEngine) -> None:
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        body = await compiled(EVERYTHING, {"first": 50})
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    assert body is not None
    assert [text[:16] for text in sent if not text.startswith("SET LOCAL")] == ["SELECT CAST(json"]


WIDE = " ".join(f"a{number}: title" for number in range(130))


@pytest.mark.parametrize(
    "document",
    [
        f"{{ matters(first: 2) {{ nodes {{ {WIDE} score }} }} }}",
        "{ matters { __typename } }",
        "{ matters { pageInfo { __typename } } }",
        '{ matters(filter: {text: "nowhere"}) { pageInfo { hasNextPage endCursor } nodes { id } } }',
        "{ matters(first: 30) { pageInfo { hasNextPage endCursor } } }",
        "{ matters(first: 3) { totalCount { exact __typename } x: totalCount(exact: true) { value } } }",
        "{ matters(first: 3) { nodes { id } x: nodes { number } y: nodes { title } } }",
        "{ a: __typename stations { nodes { path { parent { path { code } } } } } }",
        '{ matter(number: "M-000") { lastStep { step } steps { nodes { step } } location { latitude } tasks { id } } }',
        "{ matters(first: 1) { nodes { id } ... { nodes { number } } ...F } } "
        "fragment F on MatterConnection { nodes { id state } totalCount { value } }",
    ],
)
async def test_shapes(ask: Asking, compiled: Compiling, document: str) -> None:
    await assert_equal(ask, compiled, document)


@pytest.mark.parametrize(
    ("document", "given", "reason"),
    [
        ("{ matters { nodes { id shouted } } }", None, "python"),
        ("{ rootStation { code } }", None, "python"),
        ("{ __schema { queryType { name } } }", None, "python"),
        ('{ matter(number: "M-005") { id } __type(name: "Matter") { name } }', None, "python"),
        ("query($n: Int!) { matters(first: $n) { __typename } }", {"n": 201}, "arguments"),
        ('{ matters(after: "x") { __typename } }', None, "arguments"),
        ("{ matter { id } }", None, "arguments"),
        ('{ matter(number: "none") { id } }', None, "missing"),
        ('{ matter(id: "none") { id } }', None, "missing"),
    ],
)
async def test_what_it_leaves_to_the_ordinary_path(
    compiled: Compiling, reads: CompiledReads, document: str, given: Any, reason: str
) -> None:
    before = reads.outcomes[reason]
    assert await compiled(document, given) is None
    assert reads.outcomes[reason] == before + 1


async def test_a_missing_row_under_a_non_null_field_is_an_error_on_both_paths(
    ask: Asking, compiled: Compiling, reads: CompiledReads, engine: AsyncEngine
) -> None:
    document = '{ tasks(role: "LOST") { title matter { id } } }'
    async with session_factory(engine)(info={"tenant": rows.COUNTY}) as session:
        lost = models.TaskRow(
            tenant_id=rows.COUNTY, id=rows.key(rows.COUNTY, "lost"), matter_id=rows.STRANGER, role="LOST", title="",
            asked_at=rows.START,
        )
        session.add(lost)
        await session.commit()
        try:
            before = reads.outcomes["missing"]
            assert await compiled(document) is None
            assert reads.outcomes["missing"] == before + 1
            assert (await ask(document)).errors == [(None, ["tasks", 0, "matter"])]
        finally:
            await session.delete(lost)
            await session.commit()


async def test_plans_serve_other_values_and_other_people(ask: Asking, compiled: Compiling) -> None:
    """One plan, whatever the values: nothing of a request may stay in it."""
    document = """query($first: Int!, $after: String, $filter: MatterFilter) {
        matters(first: $first, after: $after, filter: $filter) { nodes { number address } pageInfo { endCursor } } }"""
    for asker in ({"scopes": (rows.CENTRE,)}, {"scopes": ()}, {"tenant": rows.OTHER, "scopes": (rows.CENTRE,)}):
        for text, number in (("事项", 3), ("1", 2), ("%", 5)):
            given = {"first": number, "filter": {"text": text}}
            await assert_equal(ask, compiled, document, given, can=(), actor=rows.REPORTER, **asker)
    page = (await ask(document, {"first": 4})).data["matters"]
    for number in (3, 4):
        await assert_equal(ask, compiled, document, {"first": number, "after": page["pageInfo"]["endCursor"]})


async def test_every_table_of_a_plan_is_bound_to_the_county(schema: ComposedSchema) -> None:
    node = parse(EVERYTHING)
    operation = next(each for each in node.definitions if isinstance(each, OperationDefinitionNode))
    fragments = {each.name.value: each for each in node.definitions if isinstance(each, FragmentDefinitionNode)}
    variables = get_variable_values(schema._schema, operation.variable_definitions or (), {"first": 5})
    assert not isinstance(variables, list)
    reading = Reader(schema._schema, schema.registry, operation, fragments, variables).read()
    given = {number: given_at(site, variables, schema) for number, site in enumerate(reading.sites)}
    for can in (frozenset({"matter.all"}), frozenset[str]()):
        statement = Compiler(Binds(can), given, "marker").statement(reading.root)
        assert aliases(statement) > 25
        assert unbound(statement) == set()


async def test_a_document_is_compiled_when_it_comes_back(
    compiled: Compiling, reads: CompiledReads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "_patience", 1)
    before = reads.outcomes["new"]
    answers = [await compiled("{ stations(first: 1) { nodes { code } } }") for _ in range(3)]
    assert answers == [None, *[b'{"data":{"stations" : {"nodes" : [{"code" : "S0"}]}}}'] * 2]
    assert reads.outcomes["new"] == before + 1


async def test_a_dear_document_is_compiled_at_once(
    compiled: Compiling, reads: CompiledReads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "_patience", 1)
    document = "{ stations(first: 2) { nodes { code } } }"
    assert await compiled(document, cost=DEAR) == b'{"data":{"stations" : {"nodes" : [{"code" : "S0"}, {"code" : "S1"}]}}}'


def test_the_memory_is_bounded() -> None:
    kept: Kept[int, int] = Kept(2)
    made = [kept.get(key, lambda key=key: key * 10) for key in (1, 2, 1, 3, 2)]  # type: ignore[misc]
    assert (made, len(kept)) == ([10, 20, 10, 30, 20], 2)
    assert kept.get(3, lambda: 0) == 30
