"""JSON in SQL: objects, lists, and the notation of each kind of value, equal to what Strawberry writes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON as JSON_TYPE
from sqlalchemy import ColumnElement, Text, bindparam, cast, func, literal_column, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from strawberry.scalars import ID, JSON

from gridloom.reads.notation import MOMENT_FORMAT
from gridloom.reads.registry import Leaf

MOST_PAIRS = 50
"""Pairs in one call: PostgreSQL's functions take at most 100 arguments."""

EMPTY_LIST: ColumnElement[Any] = literal_column("'[]'::json", JSON_TYPE())
NULL: ColumnElement[Any] = literal_column("NULL::json", JSON_TYPE())


def json_object(pairs: Sequence[tuple[str, ColumnElement[Any]]]) -> ColumnElement[Any]:
    """`{"key": value, …}` in this order. Keys are GraphQL names."""
    chunks = [pairs[start : start + MOST_PAIRS] for start in range(0, len(pairs), MOST_PAIRS)] or [()]
    objects = [func.json_build_object(*(part for key, value in chunk for part in (quoted(key), value)))
               for chunk in chunks]
    if len(objects) == 1:
        return objects[0]
    inner = [func.substr(cast(each, Text), 2, func.length(cast(each, Text)) - 2) for each in objects]
    joined: ColumnElement[Any] = func.concat("{", func.concat_ws(",", *inner), "}")
    return cast(joined, JSON_TYPE)


def quoted(name: str) -> ColumnElement[str]:
    """A GraphQL name as a text literal."""
    if not name.isidentifier() or not name.isascii():
        raise ValueError(f"{name!r} is no GraphQL name")
    return literal_column(f"'{name}'", Text())


def written(leaf: Leaf, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The value in its JSON notation; SQL null where it is null."""
    if leaf.kind is datetime:
        return func.to_char(func.timezone("UTC", value), MOMENT_FORMAT)
    if leaf.kind is JSON:
        return func.nullif(func.to_jsonb(type_coerce(value, JSONB())), literal_column("'null'::jsonb"))
    return cast(value, Text) if leaf.kind is ID and not leaf.many else value


def present(value: ColumnElement[Any], marker: str) -> ColumnElement[Any]:
    """The value, or the marker of a missing one: the answer then holds it and is thrown away."""
    return func.coalesce(func.to_json(value), func.to_json(bindparam("marker", marker, type_=Text())))
