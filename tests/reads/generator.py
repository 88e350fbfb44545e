"""Random documents and variables of a schema, always of valid shape, for comparing two ways of answering them.

What was visited seldom is chosen more often, so that a run of some thousand documents visits every field and every shape
of every argument; `Coverage` counts them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

from tests.reads.coverage import Coverage, shapes_of

Pools = Mapping[str, Sequence[Any]]
Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
WRONG: Mapping[str, Sequence[Any]] = {
    "Int": ["7", 1.5, 10**12, True], "Boolean": ["yes", 1], "ID": [1.5, {}], "String": [3, []],
    "DateTime": ["2026-01-01T00:00:00", "soon", 5], "Float": ["1.0"], "Date": ["x"],
}
"""Values that are refused as variables of these types (of any enum: a name that it does not have)."""


@dataclass
class Generator:
    """Makes one document at a time.

    `pools`: values by `Type.field.argument`, else by argument name, else by type name; `skipped`: fields left out;
    `avoided`: those of the moment; `one_of`: fields of which one argument should be given; `wrong`: how often a variable
    has a value of another type.
    """

    schema: GraphQLSchema
    random: Random
    pools: Pools
    skipped: frozenset[str]
    one_of: frozenset[str] = frozenset()
    avoided: frozenset[str] = frozenset()
    wrong: float = 0.0
    seen: Coverage = field(default_factory=Coverage)
    variables: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    fragments: list[str] = field(default_factory=list)
    named: dict[str, list[str]] = field(default_factory=dict)
    heads: dict[str, list[tuple[str, GraphQLNamedType]]] = field(default_factory=dict)
    recipes: dict[str, tuple[str, Any, bool]] = field(default_factory=dict)
    """How each variable of the document got its value: place, type, whether it may be null or absent."""
    made: int = 0

    def document(self) -> tuple[str, dict[str, Any]]:
        """A document and its variables."""
        self.variables, self.declared, self.fragments, self.made = {}, [], [], 0
        self.named, self.heads, self.recipes = {}, {}, {}
        root = self.schema.query_type
        assert root is not None
        self.depth = self.random.choice([2, 3, 4, 4, 5])
        body = self._selection(root, self.depth)
        head = f"({', '.join(self.declared)})" if self.declared else ""
        return "\n".join([f"query Q{head} {body}", *self.fragments]), self.variables

    def again(self) -> dict[str, Any]:
        """Other variables for the document made last: some other, some absent, some null."""
        found: dict[str, Any] = {}
        for name, (place, kind, nullable) in self.recipes.items():
            choice = self.random.random()
            if not nullable or choice > 0.3:
                found[name] = self._certain(place, kind)
            elif choice > 0.1:
                found[name] = None
        self.seen.feature("asked again")
        return found

    def _selection(self, parent: GraphQLNamedType, depth: int) -> str:
        parts: list[str] = []
        most = 2 if depth == self.depth else 5 if depth > 1 else 3
        while not parts:
            parts = [part for _ in range(self.random.randint(1, most)) if (part := self._part(parent, depth))]
        if self.random.random() < 0.15:
            parts.append(self.random.choice(parts))
            self.seen.feature("the same twice")
        return "{ " + " ".join(parts) + " }"

    def _part(self, parent: GraphQLNamedType, depth: int) -> str:
        choice = self.random.random()
        if choice < 0.07:
            self.seen.feature("__typename")
            return f"t{self._number()}: __typename" if choice < 0.02 else "__typename"
        if choice < 0.2 and depth > 0:
            return self._fragment(parent, depth)
        if isinstance(parent, GraphQLUnionType) or (is_abstract_type(parent) and choice < 0.6 and depth > 0):
            return self._narrowed(parent, depth)
        if choice < 0.3 and depth > 0 and self.heads.get(parent.name):
            return self._merged(parent, depth)
        assert isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
        left_out = self.skipped | self.avoided
        fields = {
            name: each for name, each in parent.fields.items()
            if f"{parent.name}.{name}" not in left_out and (depth > 0 or is_leaf_type(get_named_type(each.type)))
        }
        if not fields:
            return "__typename"
        name = self._rare([*fields], lambda each: self.seen.fields[f"{parent.name}.{each}"])
        return self._field(parent.name, name, fields[name], depth)

    def _rare(self, options: Sequence[Any], visits: Any) -> Any:
        """One of the options, those visited seldom more often."""
        return self.random.choices(options, [(1 + visits(each)) ** -0.7 for each in options])[0]

    def _narrowed(self, parent: GraphQLNamedType, depth: int) -> str:
        """An inline fragment on a type that the parent may be, or on an interface that it shares with it."""
        assert isinstance(parent, GraphQLInterfaceType | GraphQLUnionType)
        possible: list[Any] = list(self.schema.get_possible_types(parent))
        if not possible:
            return "__typename"
        chosen = self.random.choice(possible)
        if chosen.interfaces and self.random.random() < 0.25:
            chosen = self.random.choice(chosen.interfaces)
            self.seen.feature("condition on an interface")
        self.seen.feature("condition on a type")
        return f"... on {chosen.name}{self._switch()} {self._selection(chosen, depth)}"

    def _fragment(self, parent: GraphQLNamedType, depth: int) -> str:
        choice, condition = self.random.random(), parent
        if choice < 0.2 and self.named.get(parent.name):
            self.seen.feature("fragment used again")
            return f"...{self.random.choice(self.named[parent.name])}{self._switch()}"
        interfaces = getattr(parent, "interfaces", ())
        if interfaces and choice < 0.4:
            condition = self.random.choice(interfaces)
            self.seen.feature("condition on an interface")
        body = self._selection(condition, depth - 1)
        if choice < 0.6:
            self.seen.feature("inline fragment")
            named = f" on {condition.name}" if condition is not parent or choice < 0.5 else ""
            return f"...{named}{self._switch()} {body}"
        self.seen.feature("named fragment")
        name = f"F{self._number()}"
        self.fragments.append(f"fragment {name} on {condition.name} {body}")
        self.named.setdefault(condition.name, []).append(name)
        return f"...{name}{self._switch()}"

    def _merged(self, parent: GraphQLNamedType, depth: int) -> str:
        """A field once more with the same arguments under the same key: its selections merge."""
        head, inner = self.random.choice(self.heads[parent.name])
        self.seen.feature("selections that merge")
        return f"{head}{self._switch()}{self._below(inner, depth)}"

    def _field(self, parent: str, name: str, definition: GraphQLField, depth: int) -> str:
        self.seen.fields[f"{parent}.{name}"] += 1
        given = self._arguments(f"{parent}.{name}", definition.args) if definition.args else ""
        named = name
        if given or self.random.random() < 0.1:
            named = f"a{self._number()}: {name}"
            self.seen.feature("alias")
        inner = get_named_type(definition.type)
        head = f"{named}{given}"
        switch = self._switch()
        below = self._below(inner, depth)
        if below:
            self.heads.setdefault(parent, []).append((head, inner))
        return f"{head}{switch}{below}"

    def _below(self, inner: GraphQLNamedType, depth: int) -> str:
        return "" if is_leaf_type(inner) else " " + self._selection(inner, depth - 1)

    def _arguments(self, place: str, arguments: Mapping[str, GraphQLArgument]) -> str:
        given, chosen = [], {*arguments}
        if place in self.one_of and self.random.random() < 0.95:
            chosen = {self._rare([*arguments], lambda each: self.seen.shapes[(f"{place}({each})", "literal")])}
        for name, argument in arguments.items():
            here = f"{place}({name})"
            shapes = shapes_of(argument) if place not in self.one_of else ["literal", "variable"]
            if name not in chosen or (len(chosen) > 3 and "absent" in shapes and self.random.random() < 0.5):
                continue
            many = isinstance(get_named_type(argument.type), GraphQLInputObjectType)
            shape = self._shape(here, shapes, many=many)
            if shape != "absent":
                given.append(f"{name}: {self._written(f'{place}.{name}', here, argument, shape)}")
        return f"({', '.join(given)})" if given else ""

    def _shape(self, here: str, shapes: Sequence[str], *, many: bool = False) -> str:
        """One of the shapes; an input object is mostly given; null where it is an error of the field is seldom chosen."""
        options = [*shapes, *(["literal", "variable"] * 3 if many else [])]
        shape: str = self._rare(options, lambda each: self.seen.shapes[(here, each)])
        if shape == "default null" and "null" not in shapes and self.random.random() < 0.8:
            shape = "literal"
        self.seen.shapes[(here, shape)] += 1
        return shape

    def _written(self, place: str, here: str, argument: GraphQLArgument | GraphQLInputField, shape: str) -> str:
        """The argument's value in the document, after its shape; variables are declared on the way."""
        if shape == "null":
            return "null"
        value = self._certain(place, argument.type)
        if shape == "literal":
            return self._literal(place, argument.type, value)
        name = f"v{self._number()}"
        bare = str(argument.type).rstrip("!")
        nullable = shape != "variable" or not str(argument.type).endswith("!")
        self.recipes[name] = (place, argument.type, nullable)
        if shape in ("variable", "variable null", "variable absent"):
            self.declared.append(f"${name}: {bare if nullable else argument.type}")
        else:
            self.declared.append(f"${name}: {bare} = {literal(argument.type, value)}")
        if shape in ("variable", "default given"):
            self.variables[name] = self._maybe_wrong(argument.type, self._certain(place, argument.type))
        elif shape in ("variable null", "default null"):
            self.variables[name] = None
        return f"${name}"

    def _maybe_wrong(self, kind: Any, value: Any) -> Any:
        if self.random.random() >= self.wrong:
            return value
        named = get_named_type(kind)
        self.seen.feature("value of another type")
        if isinstance(named, GraphQLInputObjectType):
            return {"nothing": 1}
        return self.random.choice(WRONG.get(named.name, ["NO_SUCH_NAME"]))

    def _literal(self, place: str, kind: Any, value: Any) -> str:
        """As `literal`, but members of input objects may be variables of their own."""
        bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if not isinstance(bare, GraphQLInputObjectType):
            return literal(kind, value)
        parts = []
        for name, member in bare.fields.items():
            here = f"{bare.name}({name})"
            shapes = shapes_of(member)
            shape = "absent" if "absent" in shapes and self.random.random() < 0.45 else self._shape(here, shapes)
            if shape != "absent":
                parts.append(f"{name}: {self._written(name, here, member, shape)}")
        return "{" + ", ".join(parts) + "}"

    def _certain(self, name: str, kind: Any) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._certain(name, kind.of_type)
        if isinstance(kind, GraphQLList):
            return [self._certain(name, kind.of_type) for _ in range(self.random.randint(0, 3))]
        if isinstance(kind, GraphQLInputObjectType):
            return self._object(kind)
        for pool in (name, name.rpartition(".")[2]):
            if self.pools.get(pool):
                return self.random.choice(self.pools[pool])
        if isinstance(kind, GraphQLEnumType):
            chosen = self._rare([*kind.values], lambda each: self.seen.enums[f"{kind.name}.{each}"])
            self.seen.enums[f"{kind.name}.{chosen}"] += 1
            return chosen
        return self.random.choice(self.pools[kind.name])

    def _object(self, kind: GraphQLInputObjectType) -> dict[str, Any]:
        """An input object as a variable holds it: members absent, null or given."""
        found = {}
        for name, member in kind.fields.items():
            required = isinstance(member.type, GraphQLNonNull) and member.default_value is Undefined
            choice = self.random.random()
            if not required and choice < 0.5:
                continue
            null = choice < 0.6 and not isinstance(member.type, GraphQLNonNull)
            self.seen.shapes[(f"{kind.name}({name})", "null in a variable" if null else "in a variable")] += 1
            found[name] = None if null else self._certain(name, member.type)
        return found

    def _switch(self) -> str:
        if self.random.random() > 0.06:
            return ""
        word, value = self.random.choice(["include", "skip"]), self.random.random() < 0.5
        choice = self.random.random()
        self.seen.feature(f"@{word} {'literal' if choice < 0.5 else 'variable'} {json.dumps(value)}")
        if choice < 0.5:
            return f" @{word}(if: {json.dumps(value)})"
        name = f"v{self._number()}"
        self.recipes[name] = ("", self.schema.get_type("Boolean"), False)
        if choice < 0.65:
            self.declared.append(f"${name}: Boolean = {json.dumps(value)}")
            return f" @{word}(if: ${name})"
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
