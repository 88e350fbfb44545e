"""What random documents have visited of a schema, and what there is to visit."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
)

FEATURES = (
    "__typename", "alias", "named fragment", "inline fragment", "fragment used again", "condition on a type",
    "condition on an interface", "selections that merge", "the same twice", "asked again",
    *(f"@{word} {how} {value}" for word in ("include", "skip") for how in ("literal", "variable")
      for value in ("true", "false")),
)
COUNTED = ("fields", "shapes", "enums", "features")


def shapes_of(argument: GraphQLArgument | GraphQLInputField) -> list[str]:
    """The ways in which an argument, or a member of an input object, can be given.

    A nullable variable may stand where the position has a default; its null is then an error of the field.
    """
    required = isinstance(argument.type, GraphQLNonNull)
    if required and argument.default_value is Undefined:
        return ["literal", "variable", "default", "default given"]
    found = ["absent", "literal", "variable", "variable absent", "default", "default given"]
    if not required:
        return [*found, "null", "variable null", "default null"]
    return [*found, "default null"]


@dataclass
class Coverage:
    """Counts of visits: fields by `Type.field`, arguments by (`Type.field(argument)` or `Input(member)`, shape)."""

    fields: Counter[str] = field(default_factory=Counter)
    shapes: Counter[tuple[str, str]] = field(default_factory=Counter)
    enums: Counter[str] = field(default_factory=Counter)
    features: Counter[str] = field(default_factory=Counter)

    def feature(self, name: str) -> None:
        """Note a feature of the language."""
        self.features[name] += 1

    def kept(self) -> dict[str, list[Any]]:
        """As JSON holds it."""
        return {name: [[key, number] for key, number in getattr(self, name).items()] for name in COUNTED}

    def add(self, kept: dict[str, list[Any]]) -> None:
        """What an earlier run visited."""
        for name, counts in kept.items():
            for key, number in counts:
                getattr(self, name)[tuple(key) if isinstance(key, list) else key] += number

    def missed(self, schema: GraphQLSchema, skipped: frozenset[str], one_of: frozenset[str]) -> list[str]:
        """What a reader could have asked and no document did."""
        fields, shapes, enums = reachable(schema, skipped, one_of)
        return sorted([
            *(name for name in fields if not self.fields[name]),
            *(f"{place}: {shape}" for place, shape in shapes if not self.shapes[(place, shape)]),
            *(name for name in enums if not self.enums[name]),
            *(f"feature: {name}" for name in FEATURES if not self.features[name]),
        ])


def reachable(
    schema: GraphQLSchema, skipped: frozenset[str], one_of: frozenset[str]
) -> tuple[set[str], set[tuple[str, str]], set[str]]:
    """Fields, argument shapes and enum values that documents without the skipped fields can name."""
    fields: set[str] = set()
    shapes: set[tuple[str, str]] = set()
    enums: set[str] = set()
    seen: set[str] = set()
    waiting: list[GraphQLNamedType | None] = [schema.query_type]
    while waiting:
        kind = waiting.pop()
        if kind is None or kind.name in seen:
            continue
        seen.add(kind.name)
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            waiting.extend(schema.get_possible_types(kind))
        if isinstance(kind, GraphQLObjectType):
            waiting.extend(kind.interfaces)
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            continue
        for name, each in kind.fields.items():
            if f"{kind.name}.{name}" in skipped:
                continue
            fields.add(f"{kind.name}.{name}")
            waiting.append(get_named_type(each.type))
            for key, argument in each.args.items():
                place = f"{kind.name}.{name}"
                given = ["literal", "variable"] if place in one_of else shapes_of(argument)
                shapes |= {(f"{place}({key})", shape) for shape in given}
                _inputs(get_named_type(argument.type), shapes, enums)
    return fields, shapes, enums


def _inputs(kind: GraphQLNamedType, shapes: set[tuple[str, str]], enums: set[str]) -> None:
    if isinstance(kind, GraphQLEnumType):
        enums |= {f"{kind.name}.{name}" for name in kind.values}
    if not isinstance(kind, GraphQLInputObjectType):
        return
    for name, member in kind.fields.items():
        place = f"{kind.name}({name})"
        shapes |= {(place, shape) for shape in shapes_of(member)} | {(place, "in a variable")}
        if not isinstance(member.type, GraphQLNonNull):
            shapes.add((place, "null in a variable"))
        _inputs(get_named_type(member.type), shapes, enums)


