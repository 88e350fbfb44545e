"""The arguments that fields take from GraphQL, and what they ask of a relation."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import Date, DateTime, Double, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition

from gridloom.errors import Denied
from gridloom.reads.declare import MOST_ROWS, Asked, DeclarationError, Page, Single, Source, Total
from gridloom.reads.notation import failure, read_cursor, read_id, storable
from gridloom.reads.registry import Argument, FieldInfo
from gridloom.reads.relation import Wanted, is_flipped, key_kinds

SQL_TYPES: Mapping[Any, type[TypeEngine[Any]]] = {
    int: Integer, str: Text, float: Double, date: Date, strawberry.ID: Uuid,
}


@strawberry.enum(description="Which end of a timeline comes first.")
class TimelineOrder(Enum):
    OLDEST_FIRST = "OLDEST_FIRST"
    NEWEST_FIRST = "NEWEST_FIRST"


def arguments_of(source: Source, namespace: dict[str, Any]) -> list[StrawberryArgument]:
    """The GraphQL arguments of a declared field."""
    if isinstance(source, Single):
        only = len(source.by) == 1
        return [_argument(name, kind if only else kind | None, namespace) for name, kind in source.by.items()]
    if isinstance(source, Total) and source.asked:
        return [_argument("exact", bool, namespace, False, "count all, however many (costs time)")]
    if not isinstance(source, Asked):
        return []
    found = [_argument(name, kind | None, namespace) for name, kind in source.args.items()]
    if source.input is not None:
        found.append(_argument("filter", source.input | None, namespace, about="only rows that match all of it"))
    found.append(_argument("first", int, namespace, source.usual, f"how many, 1 to {MOST_ROWS}"))
    if isinstance(source, Page):
        found.append(_argument("after", str | None, namespace, about="endCursor of the page before"))
        if source.newest is not None:
            newest = TimelineOrder.NEWEST_FIRST
            found.append(_argument(source.newest, TimelineOrder, namespace, newest, "which end first"))
    return found


def _argument(
    name: str, kind: Any, namespace: dict[str, Any], default: Any = strawberry.UNSET, about: str | None = None
) -> StrawberryArgument:
    annotation = StrawberryAnnotation(kind, namespace=namespace)
    return StrawberryArgument(name, None, annotation, description=about, default=default)


def filter_arguments(source: Source, where: str) -> dict[str, Argument]:
    """The filtering arguments of a field by Python name, with their SQL types."""
    if isinstance(source, Single):
        return {name: _typed(name, StrawberryAnnotation(kind).resolve(), where) for name, kind in source.by.items()}
    if not isinstance(source, Asked):
        return {}
    found = {name: _typed(name, StrawberryAnnotation(kind).resolve(), where) for name, kind in source.args.items()}
    if source.input is not None:
        for each in source.input.__strawberry_definition__.fields:  # type: ignore[attr-defined]
            found[each.python_name] = _typed(each.python_name, each.resolve_type(), where)
    if set(found) != set(source.filters):
        wrong = ", ".join(sorted(set(found) ^ set(source.filters)))
        raise DeclarationError(f"{where}: filters and arguments differ: {wrong}")
    return found


def _typed(name: str, kind: Any, where: str) -> Argument:
    while isinstance(kind, StrawberryOptional):
        kind = kind.of_type
    if isinstance(kind, StrawberryList):
        item = _typed(name, kind.of_type, where)
        if item.kind is None:
            raise DeclarationError(f"{where}: {name} is a list of Booleans")
        return Argument(name, ARRAY(item.kind), item.item, True)
    if kind is bool:
        return Argument(name, None, bool, False)
    if kind is datetime:
        return Argument(name, DateTime(timezone=True), kind, False)
    if isinstance(kind, StrawberryEnumDefinition):
        return Argument(name, Text(), kind.wrapped_cls, False)
    if kind not in SQL_TYPES:
        raise DeclarationError(f"{where}: {name} has a type that cannot filter")
    return Argument(name, SQL_TYPES[kind](), kind, False)


def wanted_of(info: FieldInfo, given: Mapping[str, Any]) -> Wanted:
    """What the arguments ask for. Raises `Denied` or a GraphQL error (VALIDATION) for a bad size, cursor or text."""
    source = info.source
    if isinstance(source, Single):
        chosen = _chosen(info, given)
        if not chosen:
            raise failure("VALIDATION", f"{info.name}: give one of {', '.join(source.by)}")
        return Wanted(first=1, filters=chosen)
    if not isinstance(source, Asked):
        return Wanted()
    first = given.get("first", source.usual)
    if not 1 <= first <= MOST_ROWS:
        raise Denied("VALIDATION", "problem-first", limit=MOST_ROWS)
    values = given if source.input is None else {**given, **_members(given.get("filter"))}
    chosen = _chosen(info, values)
    if not isinstance(source, Page):
        return Wanted(first=first, filters=chosen)
    newest = TimelineOrder.NEWEST_FIRST if source.newest is None else given[source.newest]
    flipped = is_flipped(source, newest is TimelineOrder.NEWEST_FIRST)
    after = given.get("after")
    keys = None if after in (None, strawberry.UNSET) else read_cursor(str(after), info.tag(flipped), key_kinds(info))
    return Wanted(first=first, after=keys, flipped=flipped, filters=chosen)


def _members(value: Any) -> dict[str, Any]:
    return {} if value is None or value is strawberry.UNSET else dict(vars(value))


def _chosen(info: FieldInfo, given: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    found = []
    for name, argument in info.arguments.items():
        value = given.get(name)
        if value is None or value is strawberry.UNSET:
            continue
        found.append((name, _prepared(info, argument, value)))
    return tuple(found)


def _prepared(info: FieldInfo, argument: Argument, value: Any) -> Any:
    plain = tuple(_item(argument, item) for item in value) if argument.many else _item(argument, value)
    source = info.source
    prepare = source.filters[argument.name].prepare if isinstance(source, Asked) else None
    if prepare is None:
        return plain
    made = prepare(plain)
    return tuple(made) if isinstance(made, list | tuple) else made


def _item(argument: Argument, value: Any) -> Any:
    if argument.item is strawberry.ID:
        return read_id(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        try:
            return storable(value)
        except ValueError as error:
            raise failure("VALIDATION", f"{argument.name}: {error}") from None
    return value

