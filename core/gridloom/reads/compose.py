"""Builds a schema from declarations. The registry is a value of the schema; composing another set touches neither."""

from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date, datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from gridloom.reads.arguments import filter_arguments
from gridloom.reads.checks import check
from gridloom.reads.declare import Column, DeclarationError, Expr, Masked, Part, Related
from gridloom.reads.mapping import DeclaredField, Extension, Mapped, Pages, leaf_of, unwrapped
from gridloom.reads.notation import read_moment, write_moment
from gridloom.reads.registry import FieldInfo, Leaf, PageType, Registry, TypeInfo
from gridloom.reads.shapes import Query
from gridloom.reads.weights import weigh

MOMENT = strawberry.scalar(
    name="DateTime",
    description="A moment: ISO 8601 with offset, written in UTC with microseconds.",
    specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
    serialize=write_moment,
    parse_value=read_moment,
)


class ComposedSchema(strawberry.Schema):
    """A Strawberry schema that knows where its declared fields read from, and which fields were added to which type."""

    def __init__(self, added: dict[type, list[StrawberryField]], **options: Any) -> None:
        self._added = added
        super().__init__(**options)
        self.registry = _registry(self)
        check(self.registry)
        weigh(self._schema, self.registry)

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """The type's own fields and those that other declarations added to it."""
        return [*type_definition.fields, *self._added.get(type_definition.origin, ())]


def compose(
    *,
    queries: Sequence[type],
    mutations: Sequence[type] = (),
    subscriptions: Sequence[type] = (),
    extensions: Sequence[type] = (),
    types: Sequence[type] = (),
    schema_extensions: Iterable[Any] = (),
    config: StrawberryConfig | None = None,
) -> ComposedSchema:
    """A schema of these declarations.

    `queries` and `extensions` are `@extends` classes; `mutations` and `subscriptions` plain Strawberry types whose
    fields are merged; `types` what only an interface reaches. Raises `DeclarationError` for a declaration that cannot
    be served.
    """
    options = copy(config) if config is not None else StrawberryConfig()
    options.scalar_map = {datetime: MOMENT, **options.scalar_map}
    return ComposedSchema(
        _added([*queries, *extensions], options),
        query=Query,
        mutation=_merged("Mutation", mutations, "Steps. Each takes a `key`: sent twice it is taken once."),
        subscription=_merged("Subscription", subscriptions, "What is told as it happens."),
        types=[date, JSON, *types],
        extensions=schema_extensions,
        config=options,
    )


def _merged(name: str, classes: Sequence[type], description: str) -> type | None:
    """One type with the fields of all classes."""
    names = [field.name for cls in classes for field in cls.__strawberry_definition__.fields]  # type: ignore[attr-defined]
    twice = sorted({each for each in names if names.count(each) > 1})
    if twice:
        raise DeclarationError(f"{name}: said twice: {', '.join(twice)}")
    return strawberry.type(type(name, tuple(classes), {}), description=description) if classes else None


def _added(classes: Iterable[type], config: StrawberryConfig) -> dict[type, list[StrawberryField]]:
    added: dict[type, list[StrawberryField]] = {}
    for cls in classes:
        said = cls.__dict__.get("__extends__")
        if not isinstance(said, Extension):
            raise DeclarationError(f"{cls.__name__} is not declared with @extends")
        added.setdefault(said.target, []).extend(cls.__strawberry_definition__.fields)  # type: ignore[attr-defined]
    for target, fields in added.items():
        names = config.name_converter
        own = target.__strawberry_definition__.fields  # type: ignore[attr-defined]
        every = [names.from_field(field) for field in (*own, *fields)]
        twice = {name for name in every if every.count(name) > 1}
        if twice:
            raise DeclarationError(f"{target.__name__}: said twice: {', '.join(sorted(twice))}")
    return added


def _registry(schema: ComposedSchema) -> Registry:
    definitions = {
        name: concrete.definition
        for name, concrete in schema.schema_converter.type_map.items()
        if isinstance(concrete.definition, StrawberryObjectDefinition)
    }
    types, pages = {}, {}
    for name, definition in definitions.items():
        cls = definition.origin
        mapped, paged = cls.__dict__.get("__reads__"), cls.__dict__.get("__pages__")
        if isinstance(mapped, Mapped):
            python = [field for field in schema.get_fields(definition) if not isinstance(field, DeclaredField)]
            names = frozenset(schema.config.name_converter.from_field(field) for field in python)
            table = mapped.model.__table__
            types[cls] = TypeInfo(name, cls, table, mapped.visible, mapped.when, mapped.kind, {}, names)
        elif isinstance(paged, Pages):
            pages[cls] = PageType(name, cls, paged.total)
    fields: dict[int, FieldInfo] = {}
    for definition in definitions.values():
        for field in schema.get_fields(definition):
            if isinstance(field, DeclaredField):
                info = _field(schema, definition, field, types, pages)
                fields[id(field)] = info
                if info.owner is not None:
                    info.owner.fields[info.name] = info
    return Registry(types, fields, pages)


def _field(
    schema: ComposedSchema, definition: StrawberryObjectDefinition, field: DeclaredField,
    types: dict[type, TypeInfo], pages: dict[type, PageType],
) -> FieldInfo:
    kind, nullable, _ = unwrapped(field.resolve_type())
    owner_name = schema.config.name_converter.from_type(definition)
    name = schema.config.name_converter.from_field(field)
    where = f"{owner_name}.{name}"
    cls = kind if isinstance(kind, type) else None
    page = pages.get(cls) if cls is not None else None
    node = cls.__dict__["__pages__"].node if cls is not None and page is not None else cls
    source = field.source
    owner = types.get(definition.origin)
    if owner is None and "__reads__" in definition.origin.__dict__:
        raise DeclarationError(f"{where}: its type is not mapped")
    leaf = None
    if isinstance(source, Column | Expr | Masked):
        leaf = leaf_of(field)
    return FieldInfo(
        owner=owner, owner_name=owner_name, name=name, python_name=field.python_name, source=source, nullable=nullable,
        leaf=leaf, targets=_targets(node, types), page=page,
        arguments=filter_arguments(source, where) if isinstance(source, Related) else {},
        part_type=cls if isinstance(source, Part) else None,
        parts=_parts(schema, cls) if isinstance(source, Part) and cls is not None else {},
    )


def _parts(schema: ComposedSchema, cls: type) -> dict[str, Leaf]:
    definition = cls.__dict__["__strawberry_definition__"]
    return {each.python_name: leaf_of(each) for each in schema.get_fields(definition) if each.is_basic_field}


def _targets(cls: type | None, types: dict[type, TypeInfo]) -> tuple[TypeInfo, ...]:
    """The mapped types that a value of this class may be: itself, or what implements the interface."""
    if cls is None:
        return ()
    if cls in types:
        return (types[cls],)
    definition = cls.__dict__.get("__strawberry_definition__")
    if definition is None or not definition.is_interface:
        return ()
    return tuple(each for each in types.values() if issubclass(each.cls, cls))
