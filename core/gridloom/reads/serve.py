"""The compiled path: a query's response data as bytes from one statement, or the advice to take the ordinary path."""

import logging
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
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
MOST_PERSISTED = 1_000
MOST_PLANS = 3_000
HEAVIEST_READINGS = 60_000
"""Members of all trees that are kept: some 60 MB."""
HEAVIEST_PLANS = 24_000_000
"""Characters of all statements that are kept."""
PATIENCE = 1
"""How often a document is answered on the ordinary path before it is compiled."""
DEAR = 500
"""Fields from which on an answer on the ordinary path costs more than compiling."""


@dataclass(eq=False)
class Document:
    """What is known of one operation of a document under one schema."""

    schema: ComposedSchema
    switches: tuple[str, ...]
    asked: int = 0


class Shelf:
    """Documents, their trees and their statements, each bounded by number and by weight over all documents together."""

    def __init__(self, documents: int) -> None:
        self.documents: Kept[tuple[int, str, str | None], Document] = Kept(documents)
        self.readings: Kept[tuple[Document, tuple[Any, ...]], Reading | None] = Kept(
            MOST_PLANS, weigh=lambda reading: reading.size if reading is not None else 1, heaviest=HEAVIEST_READINGS
        )
        self.plans: Kept[tuple[Any, ...], Plan] = Kept(
            MOST_PLANS, weigh=lambda made: len(made.text), heaviest=HEAVIEST_PLANS
        )


class CompiledReads:
    """Answers queries in one statement where every field of the document is declared.

    `outcomes` counts: answered; python (a field that Python resolves, or no query); arguments (refused by GraphQL);
    missing (an error where a row should be); failed (the database refused the statement); new (small, and not asked often
    enough to be worth compiling, which costs as much processor time as some ten answers).
    """

    def __init__(self, documents: int = MOST_DOCUMENTS, *, patience: int = PATIENCE) -> None:
        self.asked = Shelf(documents)
        # On a shelf of their own: what others ask can not push out the documents of our own pages.
        self.persisted = Shelf(MOST_PERSISTED)
        self._patience = patience
        self._marker = secrets.token_hex(16)
        self.outcomes: Counter[str] = Counter()

    async def answer(
        self, schema: ComposedSchema, text: str, operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode], variables: VariableValues, context: ReadContext, *,
        cost: int = 0, persisted: bool = False,
    ) -> bytes | None:
        """The body `{"data": …}` of a validated query, or None: then run it on the ordinary path, whole.

        `text` is the document's, `variables` are coerced, `cost` is how many fields it may answer with; a `persisted`
        document is compiled when it first comes. None as well where GraphQL would answer with errors.
        """
        if context.ask is None:
            return None
        name = operation.name.value if operation.name else None
        key = (id(schema), text, name)
        shelf = self.persisted if persisted else self.asked
        document = shelf.documents.get(key, lambda: Document(schema, _switches(operation, fragments)))
        document.asked += 1
        if document.asked <= self._patience and cost < DEAR and not persisted:
            self.outcomes["new"] += 1
            return None
        try:
            reading = self._reading(shelf, document, operation, fragments, variables)
            if reading is None:
                self.outcomes["python"] += 1
                return None
            given = reading.given(variables, schema)
        except (GraphQLError, Denied):
            self.outcomes["arguments"] += 1
            return None
        return await self._run(shelf, reading, given, context)

    def _reading(
        self, shelf: Shelf, document: Document, operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode], variables: VariableValues,
    ) -> Reading | None:
        def read() -> Reading | None:
            schema = document.schema
            try:
                return Reader(schema._schema, schema.registry, operation, fragments, variables).read()
            except NotCompilable:
                return None

        switched = tuple(variables.coerced.get(name) for name in document.switches)
        return shelf.readings.get((document, switched), read)

    async def _run(
        self, shelf: Shelf, reading: Reading, given: list[Given], context: ReadContext
    ) -> bytes | None:
        ask = context.ask
        if ask is None:
            return None
        key = (reading, ask.can, tuple(each.shape() for each in given))
        try:
            made = shelf.plans.get(key, lambda: plan(reading, given, ask.can, self._marker, DIALECT))
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
