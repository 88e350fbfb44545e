"""The decorators of a declaration. They make Strawberry types, note on the class what was said, register nothing."""

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import strawberry
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType

from gridloom.reads.arguments import arguments_of
from gridloom.reads.declare import (
    Column,
    DeclarationError,
    Expression,
    Nodes,
    PageEnd,
    Source,
    Total,
    Totals,
)
from gridloom.reads.registry import Leaf
from gridloom.reads.resolve import resolve
from gridloom.reads.shapes import Count, PageInfo

T = TypeVar("T", bound=type)


class Read:
    """Base of declared classes whose Python fields look at the row: all its columns by name."""

    row: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Mapped:
    """What `maps` noted on a class."""

    model: Any
    visible: Expression | None
    when: Mapping[str, str]
    kind: str


@dataclass(frozen=True, eq=False)
class Extension:
    """What `extends` noted on a class: which type gets its fields."""

    target: type


@dataclass(frozen=True, eq=False)
class Pages:
    """What `pages` noted on a class: the type of the rows, and how they are counted."""

    node: type
    total: Totals


class DeclaredField(StrawberryField):
    """A field that reads from its source; which rows that means is said by the schema's registry."""

    source: Source

    @property
    def is_basic_field(self) -> bool:
        # A plain column is read from the row: Strawberry spares itself the rest of a resolver's surroundings.
        return isinstance(self.source, Column)

    @cached_property
    def _column(self) -> tuple[str, Leaf]:
        return getattr(self.source, "column", None) or self.python_name, leaf_of(self)

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if isinstance(self.source, Column):
            name, leaf = self._column
            return leaf.read(source.row[name])
        schema = info.schema
        return resolve(schema.registry.fields[id(self)], source, info.context.loaders, kwargs)


def leaf_of(field: StrawberryField) -> Leaf:
    """The scalar or enum of a field; the same in every schema."""
    kind, nullable, many = unwrapped(field.resolve_type())
    return Leaf(kind.wrapped_cls if isinstance(kind, StrawberryEnumDefinition) else kind, many, nullable)


def unwrapped(kind: Any) -> tuple[Any, bool, bool]:
    """The named type inside, whether it may be null, whether it is a list."""
    nullable = isinstance(kind, StrawberryOptional)
    while isinstance(kind, StrawberryOptional | LazyType):
        kind = kind.of_type if isinstance(kind, StrawberryOptional) else kind.resolve_type()
    if isinstance(kind, StrawberryList):
        inner, _, _ = unwrapped(kind.of_type)
        return inner, nullable, True
    return kind, nullable, False


def maps(
    model: Any, *, visible: Expression | None = None, name: str | None = None, kind: str | None = None,
    when: Mapping[str, str] | None = None,
) -> Callable[[T], T]:
    """The class is a GraphQL type whose rows are the model's (those with the column values `when`, if given).

    `visible(row, ask)`: who may see a row. `kind`: its name in `choose` (default: the table's name).
    """

    def decorate(cls: T) -> T:
        cls.__reads__ = Mapped(model, visible, dict(when or {}), kind or model.__tablename__)  # type: ignore[attr-defined]
        return _declared(cls, name, _inherited(cls))

    return decorate


def extends(target: type) -> Callable[[T], T]:
    """The fields of this class are fields of the target, in every schema that is composed with it."""

    def decorate(cls: T) -> T:
        cls.__extends__ = Extension(target)  # type: ignore[attr-defined]
        return _declared(cls, None, ())

    return decorate


def pages(node: type, *, total: Totals = "bounded") -> Callable[[T], T]:
    """The class is a connection of these rows: nodes, pageInfo and, unless total is none, totalCount."""

    def decorate(cls: T) -> T:
        cls.__pages__ = Pages(node, total)  # type: ignore[attr-defined]
        cls.__annotations__ = {"nodes": list[node], "page_info": PageInfo}  # type: ignore[valid-type]
        sources: dict[str, Source] = {
            "nodes": Nodes(doc="the rows of this page, in order"), "page_info": PageEnd(doc="where this page ends"),
        }
        if total != "none":
            cls.__annotations__["total_count"] = Count
            sources["total_count"] = Total(asked=total == "asked", doc="how many rows all pages hold")
        for python_name, source in sources.items():
            setattr(cls, python_name, source)
        return _declared(cls, None, ())

    return decorate


def _inherited(cls: type) -> Iterable[tuple[str, Any, type]]:
    """Fields of the class's interfaces that it does not repeat (name, annotation, interface): columns of that name."""
    own = inspect.get_annotations(cls)
    for base in cls.__mro__[1:]:
        definition = base.__dict__.get("__strawberry_definition__")
        if definition is None or not definition.is_interface:
            continue
        for python_name, annotation in inspect.get_annotations(base).items():
            if python_name not in own:
                yield python_name, annotation, base


def _declared(cls: T, name: str | None, inherited: Iterable[tuple[str, Any, type]]) -> T:
    docs = _field_docs(cls)
    own: list[tuple[str, Any, type]] = [(key, kind, cls) for key, kind in inspect.get_annotations(cls).items()]
    annotations = {}
    for python_name, annotation, origin in [*inherited, *own]:
        annotations[python_name] = annotation
        source = cls.__dict__.get(python_name, Column(column=None))
        if isinstance(source, StrawberryField):
            continue
        if not isinstance(source, Source):
            raise DeclarationError(f"{cls.__name__}.{python_name}: {source!r} is no source")
        setattr(cls, python_name, _field(source, origin, docs.get(python_name)))
    cls.__annotations__ = annotations
    return strawberry.type(cls, name=name, description=_description(cls))


def _field(source: Source, origin: type, doc: str | None) -> DeclaredField:
    """The Strawberry field; its annotation is the class's, evaluated where `origin` stands."""
    made = DeclaredField(graphql_name=source.name, origin=origin, description=source.doc or doc)
    made.init = made.compare = made.repr = False
    made.source = source
    made.arguments = arguments_of(source, sys.modules[origin.__module__].__dict__)
    return made


def _description(cls: type) -> str | None:
    text = inspect.cleandoc(cls.__doc__) if cls.__doc__ else ""
    return text.split("\n\n")[0].replace("\n", " ") or None


def _field_docs(cls: type) -> dict[str, str]:
    """Lines `field: text` of the class's docstring, after its first paragraph."""
    text = inspect.cleandoc(cls.__doc__) if cls.__doc__ else ""
    lines = [line.partition(": ") for block in text.split("\n\n")[1:] for line in block.splitlines()]
    return {name.strip(): doc.strip() for name, mark, doc in lines if mark}
