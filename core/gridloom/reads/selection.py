"""From a validated document to a tree of declared fields, or to the answer that it holds a field which Python resolves.

Merging of selections, fragments, directives and argument values are graphql-core's own, so that both paths read a
document alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    ValueNode,
    VariableNode,
    get_argument_values,
    get_named_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from gridloom.reads.arguments import wanted_of
from gridloom.reads.declare import Choose, Column, Expr, Masked, Nodes, Page, PageEnd, Part, Related, Total
from gridloom.reads.mapping import DeclaredField
from gridloom.reads.registry import FieldInfo, Registry, TypeInfo
from gridloom.reads.relation import Wanted


class NotCompilable(Exception):
    """The document holds a field that only Python answers."""


@dataclass(frozen=True, eq=False)
class Member:
    """One response key. `python_name`: an attribute of a shared object (pageInfo, totalCount, a part of the row)."""

    key: str
    info: FieldInfo | None = None
    typename: str | None = None
    python_name: str | None = None
    site: int | None = None
    arms: tuple[tuple[TypeInfo, "Selection"], ...] = ()
    inside: "Selection | None" = None


@dataclass(frozen=True, eq=False)
class Selection:
    """What is selected of an object, in the order of the response."""

    members: tuple[Member, ...]


@dataclass(frozen=True, eq=False)
class Site:
    """A field with arguments, at its place in the document. `fixed`: no variable stands in them."""

    info: FieldInfo
    declared: DeclaredField
    definition: GraphQLField
    details: FieldDetails
    fixed: bool


@dataclass(frozen=True, eq=False)
class Reading:
    """A compilable operation: its tree, its places with arguments, and how many members the tree has."""

    root: Selection
    sites: tuple[Site, ...]
    size: int = 1
    _fixed: "dict[int, Given]" = field(default_factory=dict)

    def given(self, variables: VariableValues, schema: Any) -> "list[Given]":
        """The arguments of every place in one request. Raises GraphQL errors for wrong ones."""
        return [self._given(number, site, variables, schema) for number, site in enumerate(self.sites)]

    def _given(self, number: int, site: Site, variables: VariableValues, schema: Any) -> "Given":
        known = self._fixed.get(number)
        if known is None:
            known = given_at(site, variables, schema)
            if site.fixed:
                self._fixed[number] = known
        return known


@dataclass
class Reader:
    """Reads one operation for one set of variables (only those in directives change the tree)."""

    schema: GraphQLSchema
    registry: Registry
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues
    sites: list[Site] = field(default_factory=list)
    size: int = 0

    def __post_init__(self) -> None:
        self._fragments = {name: FragmentDetails(node) for name, node in self.fragments.items()}

    def read(self) -> Reading:
        """The tree. Raises `NotCompilable`."""
        root = self.schema.query_type
        if self.operation.operation is not OperationType.QUERY or root is None:
            raise NotCompilable("no query")
        collected = collect_fields(self.schema, self._fragments, self.variables, root, self.operation)
        selection = self._selection(root, collected.grouped_field_set)
        return Reading(selection, tuple(self.sites), self.size)

    def _selection(self, parent: GraphQLObjectType, grouped: GroupedFieldSet) -> Selection:
        return Selection(tuple(self._member(parent, key, details) for key, details in grouped.items()))

    def _below(self, parent: GraphQLObjectType, details: list[FieldDetails]) -> Selection:
        collected = collect_subfields(self.schema, self._fragments, self.variables, self.operation, parent, details)
        return self._selection(parent, collected.grouped_field_set)

    def _member(self, parent: GraphQLObjectType, key: str, details: list[FieldDetails]) -> Member:
        self.size += 1
        name = details[0].node.name.value
        if name == "__typename":
            return Member(key, typename=parent.name)
        definition = parent.fields.get(name)
        declared = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF) if definition else None
        if definition is None or not isinstance(declared, StrawberryField):
            raise NotCompilable(f"{parent.name}.{name}")
        if not isinstance(declared, DeclaredField):
            return self._plain(key, declared, definition, f"{parent.name}.{name}")
        return self._declared(key, declared, definition, details)

    def _plain(self, key: str, declared: StrawberryField, definition: GraphQLField, place: str) -> Member:
        """A leaf of a shared object, read by its name; anything with a resolver is Python's."""
        if not declared.is_basic_field or not is_leaf_type(get_named_type(definition.type)):
            raise NotCompilable(place)
        return Member(key, python_name=declared.python_name)

    def _declared(
        self, key: str, declared: DeclaredField, definition: GraphQLField, details: list[FieldDetails]
    ) -> Member:
        info = self.registry.fields[id(declared)]
        site = self._site(info, declared, definition, details) if definition.args else None
        if isinstance(info.source, Column | Expr | Masked):
            if info.leaf is None or (info.leaf.many and info.leaf.kind is datetime):
                raise NotCompilable(key)
            return Member(key, info=info)
        if isinstance(info.source, Page | Part | PageEnd | Total):
            inner = get_named_type(definition.type)
            if not isinstance(inner, GraphQLObjectType):
                raise NotCompilable(key)
            return Member(key, info=info, site=site, inside=self._below(inner, details))
        if isinstance(info.source, Related | Choose | Nodes):
            return Member(key, info=info, site=site, arms=self._arms(info.targets, details))
        raise NotCompilable(key)

    def _arms(
        self, targets: tuple[TypeInfo, ...], details: list[FieldDetails]
    ) -> tuple[tuple[TypeInfo, Selection], ...]:
        arms = []
        for target in targets:
            runtime = self.schema.type_map[target.name]
            if not isinstance(runtime, GraphQLObjectType):
                raise NotCompilable(target.name)
            arms.append((target, self._below(runtime, details)))
        return tuple(arms)

    def _site(
        self, info: FieldInfo, declared: DeclaredField, definition: GraphQLField, details: list[FieldDetails]
    ) -> int:
        fixed = not any(_has_variable(argument.value) for argument in details[0].node.arguments or ())
        self.sites.append(Site(info, declared, definition, details[0], fixed))
        return len(self.sites) - 1


@dataclass(frozen=True)
class Given:
    """The arguments of a site in one request."""

    wanted: Wanted
    exact: bool

    def shape(self) -> tuple[Any, ...]:
        """What of them changes the statement: which filters stand, Booleans by value, cursor or none, direction."""
        filters = tuple((name, value if isinstance(value, bool) else None) for name, value in self.wanted.filters)
        return (filters, self.wanted.after is not None, self.wanted.flipped, self.exact)


def _has_variable(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(_has_variable(each) for each in value.values)
    if isinstance(value, ObjectValueNode):
        return any(_has_variable(each.value) for each in value.fields)
    return isinstance(value, VariableNode)


def given_at(site: Site, variables: VariableValues, schema: Any) -> Given:
    """The arguments of a site, as the executor and Strawberry would give them. Raises GraphQL errors for wrong ones."""
    node, _, fragment_variables = site.details
    values = get_argument_values(site.definition, node, variables, fragment_variables)
    converter = schema.schema_converter
    given = convert_arguments(values, site.declared.arguments, converter.scalar_registry, converter.config)
    if isinstance(site.info.source, Total):
        return Given(Wanted(), bool(given.get("exact", False)))
    return Given(wanted_of(site.info, given), False)
