"""How values are written, the same on every path: moments, cursors, coded errors."""

import base64
import binascii
import json
import zlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from graphql import GraphQLError
from sqlalchemy import BigInteger, Boolean, ColumnElement, Date, DateTime, Integer, Text, Uuid, cast, func, literal
from sqlalchemy.types import TypeEngine

from gridloom.errors import Denied

MOMENT_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
NO_ROW = UUID(int=0)
"""The id of no row: what an id that cannot be read as one is compared with."""


def failure(code: str, message: str) -> GraphQLError:
    """A GraphQL error whose `extensions.code` is `code`."""
    return GraphQLError(message, extensions={"code": code})


def write_moment(value: datetime) -> str:
    """`2026-11-23T08:00:00.000000Z`. A naive moment is a fault."""
    if value.tzinfo is None:
        raise ValueError("a moment without offset")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_moment(text: str) -> datetime:
    """A moment in ISO 8601 with offset. Raises ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset, such as 2026-11-23T08:00:00+08:00")
    return moment.astimezone(UTC)


def read_id(text: object) -> UUID:
    """The UUID; the id of no row for what is none."""
    try:
        return text if isinstance(text, UUID) else UUID(str(text))
    except ValueError:
        return NO_ROW


def sql_text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """A column's value as text, in the notation that `read_text` reads."""
    if isinstance(column.type, DateTime):
        return func.to_char(func.timezone("UTC", column), MOMENT_FORMAT)
    return cast(column, Text)


def read_text(kind: TypeEngine[Any], text: str) -> Any:
    """The value that `sql_text` wrote. Raises ValueError."""
    if isinstance(kind, DateTime):
        return read_moment(text)
    if isinstance(kind, Uuid):
        return UUID(text)
    if isinstance(kind, Date):
        return date.fromisoformat(text)
    if isinstance(kind, Boolean):
        return {"true": True, "false": False}[text]
    if isinstance(kind, Integer):
        return _within(int(text), 63 if isinstance(kind, BigInteger) else 31)
    return storable(text)


def storable(text: str) -> str:
    """The text, if PostgreSQL can hold it. Raises ValueError for the character NUL."""
    if "\x00" in text:
        raise ValueError("text with the character NUL")
    return text


def _within(number: int, bits: int) -> int:
    if not -(1 << bits) <= number < 1 << bits:
        raise ValueError("a number out of range")
    return number


def cursor_tag(field: str, order: Sequence[str]) -> str:
    """Names field and order inside a cursor, so that it cannot page another list."""
    return f"{zlib.crc32(' '.join((field, *order)).encode()):08x}"


def sql_cursor(tag: str, keys: Sequence[ColumnElement[Any]]) -> ColumnElement[str]:
    """The cursor of a row: base64 of a JSON array of the tag and the order keys, all as text."""
    parts = func.json_build_array(literal(tag, Text), *(sql_text(key) for key in keys))
    encoded = func.encode(func.convert_to(cast(parts, Text), "UTF8"), "base64")
    return func.translate(encoded, "\n", "")


def read_cursor(cursor: str, tag: str, kinds: Sequence[TypeEngine[Any]]) -> tuple[Any, ...]:
    """The order keys of a cursor. Raises `Denied` VALIDATION for what is no cursor of this list."""
    try:
        parts = json.loads(base64.b64decode(cursor, validate=True))
        if not isinstance(parts, list) or len(parts) != len(kinds) + 1 or parts[0] != tag:
            raise ValueError("of another list")
        return tuple(read_text(kind, part) for kind, part in zip(kinds, parts[1:], strict=True))
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        raise Denied("VALIDATION", "problem-cursor") from None
