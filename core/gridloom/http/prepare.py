"""From a request's text to an operation that is safe to run: parsed, validated, measured; valid documents are kept."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    get_variable_values,
    specified_rules,
    type_from_ast,
    validate,
)
from graphql.execution.values import VariableValues
from graphql.type import is_input_type
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from gridloom.errors import Denied
from gridloom.http.cost import check_literal, check_variables, measure
from gridloom.http.limits import Limits, parse_within, too_much

RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
MAX_ERRORS = 10
KEPT_CHARACTERS = 600_000
KEPT_COSTS = 32
"""Of one document."""
# The parser tells its own caps (tokens, comments, nesting) from broken syntax by these words alone; a test holds them.
_PARSER_CAPS = ("contains more than", "nested too deeply")


class Rejected(Exception):
    """What GraphQL itself refuses: syntax, validation, variables. `code` goes into every error's extensions."""

    def __init__(self, code: str, errors: list[GraphQLError]) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document. `text` identifies it together with the schema it was validated against. `costs`: what its
    operations cost, by the variables that can stand for a page's size. `persisted`: it came with the web app's build."""

    text: str
    node: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    fragments: Mapping[str, FragmentDefinitionNode]
    costs: dict[tuple[object, ...], int] = field(default_factory=dict, compare=False)
    persisted: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """One operation, ready to run. `raw_variables` as sent; `variables` coerced; `cost` in fields."""

    document: Document
    operation: OperationDefinitionNode
    operation_name: str | None
    raw_variables: dict[str, Any]
    variables: VariableValues
    cost: int

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.operation.operation


class Documents:
    """Valid documents by schema and text, the least used forgotten first. Long documents are not kept, and of all together
    no more than `characters`: parsed, a document takes some hundred times its text."""

    def __init__(
        self, limits: Limits, kept: int = 300, longest: int = 20_000, *, characters: int = KEPT_CHARACTERS,
        persisted: bool = False,
    ) -> None:
        self._limits = limits
        self._kept = kept
        self._longest = longest
        self._most_characters = characters
        self._persisted = persisted
        self._characters = 0
        self._known: OrderedDict[tuple[int, bool, str], tuple[GraphQLSchema, Document]] = OrderedDict()

    def get(self, schema: GraphQLSchema, text: str, *, developer: bool) -> Document:
        """The document. Raises `Denied` over a cap, `Rejected` for syntax and validation errors.

        Without `developer`, introspection is refused and errors suggest nothing.
        """
        key = (id(schema), developer, text)
        known = self._known.get(key)
        if known is not None and known[0] is schema:
            self._known.move_to_end(key)
            return known[1]
        document = self._read(schema, text, developer)
        if len(text) <= self._longest:
            self._keep(key, schema, document)
        return document

    def _keep(self, key: tuple[int, bool, str], schema: GraphQLSchema, document: Document) -> None:
        if key not in self._known:
            self._characters += len(document.text)
        self._known[key] = (schema, document)
        while len(self._known) > self._kept or self._characters > self._most_characters:
            (_, _, text), _ = self._known.popitem(last=False)
            self._characters -= len(text)

    def __len__(self) -> int:
        return len(self._known)

    @property
    def characters(self) -> int:
        """Of all texts that are kept."""
        return self._characters

    def knows(self, schema: GraphQLSchema, text: str, *, developer: bool) -> bool:
        """Whether the document would be had for nothing."""
        known = self._known.get((id(schema), developer, text))
        return known is not None and known[0] is schema

    def _read(self, schema: GraphQLSchema, text: str, developer: bool) -> Document:
        try:
            node = parse_within(text, self._limits)
        except GraphQLError as error:
            if any(words in error.message for words in _PARSER_CAPS):
                raise too_much("tokens", self._limits.tokens) from error
            raise Rejected("GRAPHQL_PARSE_FAILED", [error]) from error
        rules = RULES if developer else (*RULES, NoSchemaIntrospectionCustomRule)
        errors = validate(schema, node, rules, max_errors=MAX_ERRORS, hide_suggestions=not developer)
        if errors:
            raise Rejected("GRAPHQL_VALIDATION_FAILED", errors[:MAX_ERRORS])
        return Document(
            text,
            node,
            tuple(part for part in node.definitions if isinstance(part, OperationDefinitionNode)),
            {part.name.value: part for part in node.definitions if isinstance(part, FragmentDefinitionNode)},
            persisted=self._persisted,
        )


def prepare(
    schema: GraphQLSchema,
    document: Document,
    operation_name: str | None,
    raw_variables: dict[str, Any],
    limits: Limits,
    *,
    developer: bool,
) -> Prepared:
    """Choose the operation, coerce its variables, measure it. Raises `Rejected` and `Denied`."""
    operation = _choose(document, operation_name)
    check_size(raw_variables, limits)
    types = _variable_types(schema, operation, limits)
    check_variables(types, raw_variables, limits)
    variables = get_variable_values(
        schema, operation.variable_definitions or (), raw_variables, max_errors=MAX_ERRORS,
        hide_suggestions=not developer,
    )
    if isinstance(variables, list):
        raise Rejected("BAD_USER_INPUT", variables)
    cost = _cost(schema, document, operation, variables, limits)
    return Prepared(document, operation, operation_name, raw_variables, variables, cost)


def _cost(
    schema: GraphQLSchema, document: Document, operation: OperationDefinitionNode, variables: VariableValues, limits: Limits
) -> int:
    """The operation's cost, measured once for each set of sizes. Raises like `measure`."""
    sizes = tuple((name, value) for name, value in variables.coerced.items() if value is None or isinstance(value, int))
    key = (id(operation), *sizes)
    known = document.costs.get(key)
    if known is None:
        known = measure(schema, operation, document.fragments, variables, limits)
        if len(document.costs) >= KEPT_COSTS:
            document.costs.clear()
        document.costs[key] = known
    return known


def check_size(values: object, limits: Limits) -> None:
    """Refuse variables with too many values or too deep, whatever their types."""
    count = 0
    stack = [(values, 0)]
    while stack:
        value, depth = stack.pop()
        count += 1
        if count > limits.variable_values:
            raise too_much("variables", limits.variable_values)
        if depth > limits.variable_depth:
            raise too_much("variable-depth", limits.variable_depth)
        if isinstance(value, dict):
            stack.extend((inner, depth + 1) for inner in value.values())
        elif isinstance(value, list):
            stack.extend((inner, depth + 1) for inner in value)


def _choose(document: Document, name: str | None) -> OperationDefinitionNode:
    if name is not None:
        for operation in document.operations:
            if operation.name is not None and operation.name.value == name:
                return operation
        raise Denied("OPERATION_NOT_FOUND", "http-operation-unknown")
    if len(document.operations) != 1:
        raise Denied("OPERATION_NOT_FOUND", "http-operation-name-needed")
    return document.operations[0]


def _variable_types(
    schema: GraphQLSchema, operation: OperationDefinitionNode, limits: Limits
) -> dict[str, GraphQLInputType]:
    types: dict[str, GraphQLInputType] = {}
    for definition in operation.variable_definitions or ():
        found = type_from_ast(schema, definition.type)
        if found is not None and is_input_type(found):
            name = definition.variable.name.value
            types[name] = found
            if definition.default_value is not None:
                check_literal(found, definition.default_value, name, limits)
    return types
