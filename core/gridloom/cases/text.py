"""Checks of what people type: never empty where it is needed, never longer than it may be, never unstorable."""

from collections.abc import Sequence
from uuid import UUID

from gridloom.errors import invalid, not_found

DESCRIPTION = 10_000
TITLE = 100
NOTE = 4_000
REASON = 2_000
NAME = 60
LIST = 50


def required(value: str | None, limit: int, *path: str) -> str:
    """The text, trimmed. Raises `Refusal` VALIDATION when it is blank, too long or holds characters no text has."""
    text = optional(value, limit, *path)
    if text is None:
        raise invalid("problem-required", *path)
    return text


def optional(value: str | None, limit: int, *path: str) -> str | None:
    """The text, trimmed, or None when blank. Raises `Refusal` VALIDATION like `required`."""
    text = (value or "").strip()
    if not text:
        return None
    if len(text) > limit:
        raise invalid("problem-too-long", *path, limit=limit)
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise invalid("problem-unstorable", *path)
    return text


def identifier(value: object, *path: str) -> UUID:
    """An id as it came over the wire; one that cannot be an id is as unknown as a random one."""
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        raise not_found(*path) from None


def bounded(values: Sequence[object] | None, *path: str) -> Sequence[object]:
    """A list of an input, or an empty one. Raises `Refusal` VALIDATION above 50."""
    if values is not None and len(values) > LIST:
        raise invalid("problem-too-many", *path, limit=LIST)
    return values or ()
