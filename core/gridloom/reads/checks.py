"""Refuses declarations that could not be served: run when a schema is composed, so the process does not start."""

from collections.abc import Callable, Iterable
from enum import Enum

from sqlalchemy import BigInteger, Numeric
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Float, TypeEngine

from gridloom.reads.declare import (
    Choose,
    Column,
    DeclarationError,
    Listing,
    Many,
    Masked,
    One,
    Page,
    Part,
    Related,
    Single,
)
from gridloom.reads.registry import FieldInfo, Registry, TypeInfo
from gridloom.reads.relation import order_names


def check(registry: Registry) -> None:
    """Raises `DeclarationError` with every fault found."""
    faults = [fault for info in registry.types.values() for fault in _type_faults(info)]
    for field in registry.fields.values():
        for rule in RULES:
            faults += [f"{field.owner_name}.{field.name}: {fault}" for fault in rule(field)]
    if faults:
        raise DeclarationError("; ".join(sorted(set(faults))))


def _type_faults(info: TypeInfo) -> Iterable[str]:
    for name in ("tenant_id", "id", *info.when):
        if name not in info.table.c:
            yield f"{info.name}: table {info.table.name} has no column {name}"


def _columns(field: FieldInfo) -> Iterable[str]:
    """Columns that the field names in its own type's table."""
    source = field.source
    if isinstance(source, Column):
        yield source.column or field.python_name
    elif isinstance(source, Masked):
        yield from (source.column, source.mask)
    elif isinstance(source, Part):
        yield from source.columns.values()
    elif isinstance(source, Choose):
        yield from (source.kind, source.id)
    elif isinstance(source, One) and source.column is not None:
        yield source.column


def _own_columns(field: FieldInfo) -> Iterable[str]:
    if field.owner is None:
        if list(_columns(field)):
            yield "only rows have columns"
        return
    for name in _columns(field):
        if name not in field.owner.table.c:
            yield f"table {field.owner.table.name} has no column {name}"
        elif not field.nullable and not isinstance(field.source, Part) and field.owner.table.c[name].nullable:
            yield f"column {name} may be null, the field may not"


def _leaves(field: FieldInfo) -> Iterable[str]:
    if field.leaf is None or field.owner is None:
        return
    kind = field.leaf.kind
    if isinstance(kind, type) and issubclass(kind, Enum) and any(member.name != member.value for member in kind):
        yield "names and values of its enum differ"
    for name in _columns(field):
        column = field.owner.table.c.get(name)
        if column is None:
            continue
        if _unfit(column.type):
            yield f"column {name}: bigint and numeric have no GraphQL notation here"
        if isinstance(column.type, ARRAY) != field.leaf.many:
            yield f"column {name}: one is a list, the other is not"


def _unfit(kind: TypeEngine[object]) -> bool:
    return isinstance(kind, BigInteger) or (isinstance(kind, Numeric) and not isinstance(kind, Float))


def _other_columns(field: FieldInfo) -> Iterable[str]:
    source = field.source
    if not isinstance(source, Related):
        return
    keys = order_names(source)
    named = [*(key.lstrip("-") for key in keys), *([source.back] if source.back else [])]
    named += list(source.by) if isinstance(source, Single) else []
    for target in field.targets:
        for name in named:
            if name not in target.table.c:
                yield f"table {target.table.name} has no column {name}"
        if isinstance(source, Page):
            yield from (
                f"{target.table.name}.{key} may be null: no order key of a page"
                for key in (key.lstrip("-") for key in keys)
                if key in target.table.c and target.table.c[key].nullable
            )


def _targets(field: FieldInfo) -> Iterable[str]:
    source = field.source
    if not isinstance(source, Related | Choose):
        return
    if isinstance(source, Related) and len({target.table.name for target in field.targets}) > 1:
        yield "its types read from different tables"
    sharing = [target for target in field.targets if not target.when]
    if isinstance(source, Related) and len(field.targets) > 1 and sharing:
        yield f"{sharing[0].name} must say with when= which rows it has"
    if isinstance(source, One | Choose) and not field.nullable and not source.through:
        hidden = [target.name for target in field.targets if target.visible is not None]
        if hidden:
            yield f"{', '.join(hidden)} may be hidden: make the field nullable or say through=True"


def _places(field: FieldInfo) -> Iterable[str]:
    source = field.source
    if isinstance(source, Page) and field.page is None:
        yield "its type is no @pages class"
    if isinstance(source, Single) and not field.nullable:
        yield "single(…) must be nullable"
    rooted = isinstance(source, Related) and not (source.column or source.back or source.on)
    if rooted != (field.owner is None) and isinstance(source, Related):
        yield "connection, listing and single stand at the root; one, many and page in a type"
    if isinstance(source, Many | Listing) and field.nullable:
        yield "a list is never null"


RULES: tuple[Callable[[FieldInfo], Iterable[str]], ...] = (
    _own_columns, _leaves, _other_columns, _targets, _places,
)
