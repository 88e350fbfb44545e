"""Random documents and variables of a schema, always valid, for comparing two ways of answering them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_leaf_type,
)

Pools = Mapping[str, Sequence[Any]]


@dataclass
class Generator:
    """Makes one document at a time.

    `pools`: values by `Type.field.argument`, else by argument name, else by type name; `skipped`: fields left out.
    """

    schema: GraphQLSchema
    random: Random
    pools: Pools
    skipped: frozenset[str]
    variables: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    fragments: list[str] = field(default_factory=list)
    made: int = 0

    def document(self) -> tuple[str, dict[str, Any]]:
        """A document and its variables."""
        self.variables, self.declared, self.fragments, self.made = {}, [], [], 0
        root = self.schema.query_type
        assert root is not None
        body = self._selection(root, 4)
        head = f"({', '.join(self.declared)})" if self.declared else ""
        return "\n".join([f"query{head} {body}", *self.fragments]), self.variables

    def _selection(self, parent: GraphQLNamedType, depth: int) -> str:
        parts: list[str] = []
        while not parts:
            for _ in range(self.random.randint(1, 2 if depth == 4 else 5 if depth > 1 else 3)):
                parts.append(self._part(parent, depth))
            parts = [part for part in parts if part]
        if self.random.random() < 0.15:
            parts.append(self.random.choice(parts))
        return "{ " + " ".join(parts) + " }"

    def _part(self, parent: GraphQLNamedType, depth: int) -> str:
        choice = self.random.random()
        if choice < 0.08:
            return "__typename"
        if choice < 0.2 and depth > 0:
            return self._fragment(parent, depth)
        if isinstance(parent, GraphQLInterfaceType) and choice < 0.6 and depth > 0:
            concrete = self.random.choice(self.schema.get_possible_types(parent))
            return f"... on {concrete.name} {self._selection(concrete, depth)}"
        assert isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
        fields = [
            (name, each) for name, each in parent.fields.items()
            if f"{parent.name}.{name}" not in self.skipped and (depth > 0 or is_leaf_type(get_named_type(each.type)))
        ]
        return self._field(parent.name, *self.random.choice(fields), depth) if fields else "__typename"

    def _fragment(self, parent: GraphQLNamedType, depth: int) -> str:
        body = self._selection(parent, depth - 1)
        if self.random.random() < 0.5:
            return f"...{self._switch()} {body}"
        name = f"F{self._number()}"
        self.fragments.append(f"fragment {name} on {parent.name} {body}")
        return f"...{name}{self._switch()}"

    def _field(self, parent: str, name: str, definition: GraphQLField, depth: int) -> str:
        required = any(isinstance(each.type, GraphQLNonNull) and each.default_value is Undefined
                       for each in definition.args.values())
        named, given = name, ""
        if required or (definition.args and self.random.random() < 0.8) or self.random.random() < 0.1:
            given = self._arguments(f"{parent}.{name}", definition.args)
            named = f"a{self._number()}: {name}"
        inner = get_named_type(definition.type)
        below = "" if is_leaf_type(inner) else " " + self._selection(inner, depth - 1)
        return f"{named}{given}{self._switch()}{below}"

    def _arguments(self, place: str, arguments: Mapping[str, GraphQLArgument]) -> str:
        given = []
        for name, argument in arguments.items():
            required = isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined
            if not required and self.random.random() < 0.4:
                continue
            value = self._value(f"{place}.{name}", argument.type)
            given.append(f"{name}: {self._as_variable(argument, value) or literal(argument.type, value)}")
        return f"({', '.join(given)})" if given else ""

    def _as_variable(self, argument: GraphQLArgument, value: Any) -> str:
        if self.random.random() < 0.5:
            return ""
        name = f"v{self._number()}"
        kind = str(argument.type)
        if not kind.endswith("!") and self.random.random() < 0.2:
            self.declared.append(f"${name}: {kind} = {literal(argument.type, value)}")
            if self.random.random() < 0.3:
                self.variables[name] = None
        else:
            self.declared.append(f"${name}: {kind}")
            if kind.endswith("!") or self.random.random() < 0.85:
                self.variables[name] = value
        return f"${name}"

    def _value(self, name: str, kind: Any) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._certain(name, kind.of_type)
        return None if self.random.random() < 0.2 else self._certain(name, kind)

    def _certain(self, name: str, kind: Any) -> Any:
        if isinstance(kind, GraphQLList):
            return [self._certain(name, get_named_type(kind)) for _ in range(self.random.randint(0, 3))]
        if isinstance(kind, GraphQLInputObjectType):
            return {
                key: self._value(key, each.type) for key, each in kind.fields.items() if self.random.random() < 0.3
            }
        for pool in (name, name.rpartition(".")[2]):
            if pool in self.pools:
                return self.random.choice(self.pools[pool])
        if isinstance(kind, GraphQLEnumType):
            return self.random.choice(list(kind.values))
        return self.random.choice(self.pools[kind.name])

    def _switch(self) -> str:
        if self.random.random() > 0.06:
            return ""
        word, value = self.random.choice(["include", "skip"]), self.random.random() < 0.5
        if self.random.random() < 0.5:
            return f" @{word}(if: {json.dumps(value)})"
        name = f"v{self._number()}"
        self.declared.append(f"${name}: Boolean!")
        self.variables[name] = value
        return f" @{word}(if: ${name})"

    def _number(self) -> int:
        self.made += 1
        return self.made


def literal(kind: Any, value: Any) -> str:
    """A value as it stands in a document."""
    if value is None:
        return "null"
    if isinstance(kind, GraphQLNonNull):
        return literal(kind.of_type, value)
    if isinstance(kind, GraphQLList):
        return "[" + ", ".join(literal(kind.of_type, each) for each in value) + "]"
    if isinstance(kind, GraphQLInputObjectType):
        return "{" + ", ".join(f"{key}: {literal(kind.fields[key].type, each)}" for key, each in value.items()) + "}"
    return str(value) if isinstance(kind, GraphQLEnumType) else json.dumps(value, ensure_ascii=False)
