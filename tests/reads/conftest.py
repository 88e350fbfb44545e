"""A database with two counties of the small world, and a way to ask."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from graphql import FragmentDefinitionNode, GraphQLError, OperationDefinitionNode, get_variable_values, parse
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from gridloom.db import create_engine, session_factory
from gridloom.errors import Denied
from gridloom.reads import Ask, CompiledReads, ComposedSchema, ReadContext, compose
from tests.reads import models, rows, sample
from tests.reads.asking import Answer, Asking, Compiling
from tests.reads.small_world import Example, examples

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
async def engine(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database of its own, filled once; tests only read."""
    server = make_url(postgres_url).set(drivername="postgresql+asyncpg")
    admin = create_engine(server)
    async with admin.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("DROP DATABASE IF EXISTS reads_sample"))
        await connection.execute(text("CREATE DATABASE reads_sample"))
    await admin.dispose()
    made = create_engine(server.set(database="reads_sample"))
    async with made.begin() as connection:
        await connection.run_sync(models.Base.metadata.create_all)
        for table, values in rows.all_rows():
            await connection.execute(table.insert(), values)
        await connection.execute(text("ANALYZE"))
    yield made
    await made.dispose()


class Context(ReadContext):
    root: UUID = rows.ROOT


@pytest.fixture(scope="session")
def schema() -> ComposedSchema:
    return compose(
        queries=[sample.Queries], extensions=[sample.StationMatters], types=[sample.CourtMediation, sample.WomenHelp]
    )


@pytest.fixture(scope="session")
def reads() -> CompiledReads:
    return CompiledReads(patience=0)


@pytest.fixture(scope="session")
def compiled(engine: AsyncEngine, schema: ComposedSchema, reads: CompiledReads) -> Compiling:
    """As `ask`, by the compiled path: the body, or None."""

    async def run(
        document: str, variables: dict[str, Any] | None = None, *, can: tuple[str, ...] = ("matter.all",),
        scopes: tuple[UUID, ...] = (), actor: UUID = rows.STRANGER, tenant: UUID = rows.COUNTY,
        schema: ComposedSchema = schema, reads: CompiledReads = reads, cost: int = 0,
    ) -> bytes | None:
        node = parse(document)
        operation = next(each for each in node.definitions if isinstance(each, OperationDefinitionNode))
        fragments = {each.name.value: each for each in node.definitions if isinstance(each, FragmentDefinitionNode)}
        coerced = get_variable_values(schema._schema, operation.variable_definitions or (), variables or {})
        if isinstance(coerced, list):
            return None
        async with session_factory(engine)(info={"tenant": tenant}) as session:
            context = Context(ask=Ask(tenant, actor, scopes, frozenset(can), NOW), opens=lambda: session)
            return await reads.answer(schema, document, operation, fragments, coerced, context, cost=cost)

    return run


@pytest.fixture(scope="session")
async def random_documents(ask: Asking, schema: ComposedSchema) -> list[Example]:
    """Random documents with the answers of the ordinary path, made once."""
    number = int(os.environ.get("GRIDLOOM_DIFFERENTIAL_DOCUMENTS", "300"))
    return await examples(ask, schema, number, int(os.environ.get("GRIDLOOM_DIFFERENTIAL_SEED", "20261123")))


def code_of(error: GraphQLError) -> str | None:
    """The code under which the error goes out; None is a fault."""
    cause = error.original_error
    return cause.code if isinstance(cause, Denied) else (error.extensions or {}).get("code")


@pytest.fixture(scope="session")
def ask(engine: AsyncEngine, schema: ComposedSchema) -> Asking:
    """`await ask(document, variables, can=…, scopes=…, actor=…, tenant=…, schema=…)`."""

    async def run(
        document: str, variables: dict[str, Any] | None = None, *, can: tuple[str, ...] = ("matter.all",),
        scopes: tuple[UUID, ...] = (), actor: UUID = rows.STRANGER, tenant: UUID = rows.COUNTY,
        schema: ComposedSchema = schema,
    ) -> Answer:
        sent: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            sent.append(statement)

        async with session_factory(engine)(info={"tenant": tenant}) as session:
            await session.execute(text("SET TRANSACTION READ ONLY"))
            event.listen(engine.sync_engine, "before_cursor_execute", note)
            context = Context(ask=Ask(tenant, actor, scopes, frozenset(can), NOW), opens=lambda: session)
            result = await schema.execute(document, variables, context_value=context)
            await context.close()
            event.remove(engine.sync_engine, "before_cursor_execute", note)
        errors = [(code_of(error), error.path) for error in result.errors or ()]
        return Answer(result.data, errors, sent)

    return run
