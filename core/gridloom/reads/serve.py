"""The compiled path: a query's response data as bytes from one statement, or the advice to take the ordinary path."""

import logging
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DirectiveNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.values import VariableValues
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

from gridloom.errors import Denied
from gridloom.reads.compose import ComposedSchema
from gridloom.reads.loading import ReadContext
from gridloom.reads.plans import Kept, Plan, plan, values
from gridloom.reads.selection import Given, NotCompilable, Reader, Reading

logger = logging.getLogger(__name__)

DIALECT: Dialect = dialect()  # type: ignore[no-untyped-call]

MOST_DOCUMENTS = 300
MOST_PLANS = 64
"""Of one document."""
PATIENCE = 1
"""How often a document is answered on the ordinary path before it is compiled."""
DEAR = 500
"""Fields from which on an answer on the ordinary path costs more than compiling."""


@dataclass
class Document:
    """What is known of one operation of a document under one schema."""

    schema: ComposedSchema
    switches: tuple[str, ...]
    asked: int = 0
    readings: Kept[tuple[Any, ...], Reading | None] = field(default_factory=lambda: Kept(MOST_PLANS))
    plans: Kept[tuple[Any, ...], Plan] = field(default_factory=lambda: Kept(MOST_PLANS))


class CompiledReads:
    """Answers queries in one statement where every field of the document is declared.

    `outcomes` counts: answered; python (a field that Python resolves, or no query); arguments (refused by GraphQL);
    missing (an error where a row should be); failed (the database refused the statement); new (small, and not asked often
    enough to be worth compiling, which costs as much processor time as some ten answers).
    """

    def __init__(self, documents: int = MOST_DOCUMENTS, *, patience: int = PATIENCE) -> None:
        self._documents: Kept[tuple[int, str, str | None], Document] = Kept(documents)
        self._patience = patience
        self._marker = secrets.token_hex(16)
        self.outcomes: Counter[str] = Counter()

    async def answer(
        self, schema: ComposedSchema, text: str, operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode], variables: VariableValues, context: ReadContext, *,
        cost: int = 0,
    ) -> bytes | None:
        """The body `{"data": …}` of a validated query, or None: then run it on the ordinary path, whole.

        `text` is the document's, `variables` are coerced, `cost` is how many fields it may answer with. None as well
        where GraphQL would answer with errors.
        """
        if context.ask is None:
            return None
        name = operation.name.value if operation.name else None
        key = (id(schema), text, name)
        document = self._documents.get(key, lambda: Document(schema, _switches(operation, fragments)))
        document.asked += 1
        if document.asked <= self._patience and cost < DEAR:
            self.outcomes["new"] += 1
            return None
        try:
            reading = self._reading(document, operation, fragments, variables)
            if reading is None:
                self.outcomes["python"] += 1
                return None
            given = reading.given(variables, schema)
        except (GraphQLError, Denied):
            self.outcomes["arguments"] += 1
            return None
        return await self._run(document, reading, given, context)

    def _reading(
        self, document: Document, operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode], variables: VariableValues,
    ) -> Reading | None:
        def read() -> Reading | None:
            schema = document.schema
            try:
                return Reader(schema._schema, schema.registry, operation, fragments, variables).read()
            except NotCompilable:
                return None

        return document.readings.get(tuple(variables.coerced.get(name) for name in document.switches), read)

    async def _run(
        self, document: Document, reading: Reading, given: list[Given], context: ReadContext
    ) -> bytes | None:
        ask = context.ask
        if ask is None:
            return None
        key = (reading, ask.can, tuple(each.shape() for each in given))
        try:
            made = document.plans.get(key, lambda: plan(reading, given, ask.can, self._marker, DIALECT))
            data = await context.fetch(made.text, made.parameters(values(given, ask)), generic=made.generic)
        except Exception as error:
            # A faulty source function, or the database: the ordinary path meets the same fault (or the lost
            # transaction) and reports it. Only kinds are logged: texts may hold what people typed.
            cause = error.orig if isinstance(error, DBAPIError) else error
            logger.error("a compiled statement failed: %s", type(cause).__name__)
            self.outcomes["failed"] += 1
            return None
        if self._marker in data:
            self.outcomes["missing"] += 1
            return None
        self.outcomes["answered"] += 1
        return b'{"data":' + data.encode() + b"}"


class _Switches(Visitor):
    """Names of the variables that stand in directives."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.names.add(argument.value.name.value)


def _switches(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...]:
    found = _Switches()
    for node in (operation, *fragments.values()):
        visit(node, found)
    return tuple(sorted(found.names))
