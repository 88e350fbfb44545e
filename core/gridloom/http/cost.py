"""What a validated operation would cost, before it runs: every field counted once for each row it can appear in."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    get_argument_values,
    get_named_type,
    is_composite_type,
)
from graphql.execution.values import VariableValues

from gridloom.errors import Denied
from gridloom.http.limits import Limits, too_much

PAGE_ARGUMENTS = ("first", "last")
# What a field says of itself in its extensions, where it is more or less than one field, or a list of known length.
WEIGHT, EXACT_WEIGHT, ROWS = "gridloom-weight", "gridloom-exact-weight", "gridloom-rows"

Fragments = Mapping[str, FragmentDefinitionNode]


def measure(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Fragments,
    variables: VariableValues,
    limits: Limits,
) -> int:
    """The operation's cost. Raises `Denied` LIMIT_EXCEEDED over the cost, a page or an Int cap."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        return 0
    cost = _Walk(schema, fragments, variables, limits).run(operation.selection_set, root)
    if cost > limits.cost:
        raise Denied("LIMIT_EXCEEDED", "limit-cost", limit=limits.cost, cost=cost)
    return cost


class _Walk:
    """Adds up fields; a stack instead of recursion, entries being (selections, type, rows, rows of the page within)."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Fragments, variables: VariableValues, limits: Limits
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._limits = limits
        self._cost = 0
        self._stack: list[tuple[SelectionSetNode, GraphQLCompositeType, int, int | None]] = []

    def run(self, selections: SelectionSetNode, root: GraphQLObjectType) -> int:
        self._stack.append((selections, root, 1, None))
        while self._stack:
            inner, parent, rows, page = self._stack.pop()
            for node in inner.selections:
                if isinstance(node, FieldNode):
                    self._field(node, parent, rows, page)
                elif isinstance(node, InlineFragmentNode):
                    condition = node.type_condition.name.value if node.type_condition else None
                    self._push(node.selection_set, condition, parent, rows, page)
                elif isinstance(node, FragmentSpreadNode):
                    fragment = self._fragments[node.name.value]
                    self._push(fragment.selection_set, fragment.type_condition.name.value, parent, rows, page)
        return self._cost

    def _push(
        self, inner: SelectionSetNode, condition: str | None, parent: GraphQLCompositeType, rows: int, page: int | None
    ) -> None:
        narrowed = self._schema.get_type(condition) if condition else parent
        if is_composite_type(narrowed):
            self._stack.append((inner, narrowed, rows, page))

    def _field(self, node: FieldNode, parent: GraphQLCompositeType, rows: int, page: int | None) -> None:
        name = node.name.value
        if name.startswith("__") or not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            self._cost += rows
            return
        definition = parent.fields[name]
        first = self._arguments(node, definition)
        self._cost += rows * self._weight(node, definition)
        if node.selection_set is None:
            return
        is_list = _is_list(definition.type)
        if is_list:
            known = min(definition.extensions.get(ROWS, self._limits.page), self._limits.assumed_list)
            rows *= first if first is not None else page if page is not None else known
        inner = get_named_type(definition.type)
        if is_composite_type(inner):
            self._stack.append((node.selection_set, inner, rows, None if is_list else first))

    def _weight(self, node: FieldNode, definition: GraphQLField) -> int:
        weight: int = definition.extensions.get(WEIGHT, 1)
        if EXACT_WEIGHT not in definition.extensions:
            return weight
        try:
            exact = get_argument_values(definition, node, self._variables).get("exact")
        except GraphQLError:
            return weight
        return int(definition.extensions[EXACT_WEIGHT]) if exact else weight

    def _arguments(self, node: FieldNode, definition: GraphQLField) -> int | None:
        """Checks the literals of a field; the page size where it has one."""
        for argument in node.arguments or ():
            given = definition.args.get(argument.name.value)
            if given is not None:
                check_literal(given.type, argument.value, argument.name.value, self._limits)
        page_name = next((name for name in PAGE_ARGUMENTS if name in definition.args), None)
        if page_name is None:
            return None
        try:
            first = get_argument_values(definition, node, self._variables).get(page_name)
        except GraphQLError:
            return self._limits.page
        if first is None:
            return self._limits.page
        check_integer(page_name, first, self._limits)
        return int(first)


def check_variables(
    schema_types: Mapping[str, GraphQLInputType], values: Mapping[str, Any], limits: Limits
) -> None:
    """Refuse Ints and lists over their caps, wherever they stand in the variables."""
    for name, type_ in schema_types.items():
        if name in values:
            _check_value(type_, values[name], name, limits)


def check_integer(name: str, value: object, limits: Limits) -> None:
    """Refuse a page size outside 0…page, and any Int beyond the cap."""
    if not isinstance(value, int) or isinstance(value, bool):
        return
    if name in PAGE_ARGUMENTS and not 0 <= value <= limits.page:
        raise Denied("LIMIT_EXCEEDED", "limit-page", limit=limits.page)
    if abs(value) > limits.integer:
        raise too_much("integer", limits.integer)


def _check_value(type_: GraphQLInputType, value: Any, name: str, limits: Limits) -> None:
    if isinstance(type_, GraphQLNonNull):
        _check_value(type_.of_type, value, name, limits)
    elif isinstance(type_, GraphQLList):
        items = value if isinstance(value, list) else [value]
        if len(items) > limits.list_items:
            raise too_much("list", limits.list_items)
        for item in items:
            _check_value(type_.of_type, item, name, limits)
    elif isinstance(type_, GraphQLInputObjectType):
        for key, field in type_.fields.items():
            if isinstance(value, dict) and key in value:
                _check_value(field.type, value[key], key, limits)
    elif type_.name == "Int":
        check_integer(name, value, limits)


def check_literal(type_: GraphQLInputType, node: ValueNode, name: str, limits: Limits) -> None:
    """The same for a literal of the document; variables inside it are checked where they are declared."""
    if isinstance(type_, GraphQLNonNull):
        check_literal(type_.of_type, node, name, limits)
    elif isinstance(type_, GraphQLList):
        items = node.values if isinstance(node, ListValueNode) else (node,)
        if len(items) > limits.list_items:
            raise too_much("list", limits.list_items)
        for item in items:
            check_literal(type_.of_type, item, name, limits)
    elif isinstance(type_, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
        for entry in node.fields:
            if entry.name.value in type_.fields:
                check_literal(type_.fields[entry.name.value].type, entry.value, entry.name.value, limits)
    elif isinstance(node, IntValueNode) and type_.name == "Int":
        check_integer(name, int(node.value), limits)


def _is_list(type_: GraphQLOutputType) -> bool:
    while isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    return isinstance(type_, GraphQLList)
