"""Errors on their way out: expected ones are coded and translated, the rest is masked and only its kind is logged."""

import json
import logging
import secrets
import traceback
from collections.abc import Iterable
from typing import Any

from graphql import ExecutionResult, GraphQLError

from gridloom.errors import Denied, Refusal
from gridloom.http.messages import HttpRefusal
from gridloom.i18n import translate

logger = logging.getLogger("gridloom.http")

FAULT = "INTERNAL"


class Trace:
    """The mark by which a caller and the operators find the same request in the log."""

    def __init__(self) -> None:
        self.id = secrets.token_hex(8)


def dump(value: Any) -> bytes:
    """Compact JSON, characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def result_body(result: ExecutionResult, locale: str, trace: Trace) -> dict[str, Any]:
    """The response object of an execution. Requests that never ran have no `data` entry."""
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = format_errors(result.errors, locale, trace)
    body["data"] = result.data
    return body


def refusal_body(error: HttpRefusal | Denied | Refusal, locale: str) -> dict[str, Any]:
    """The response object of a request that was refused whole."""
    return {"errors": [{"message": message_of(error, locale), "extensions": {"code": str(error.code)}}]}


def message_of(error: HttpRefusal | Denied | Refusal, locale: str) -> str:
    """What to tell the caller, in the caller's language."""
    if isinstance(error, Refusal) and error.text is not None:
        return error.text
    return translate(locale, error.message_id, **error.params)


def format_errors(
    errors: Iterable[GraphQLError], locale: str, trace: Trace, code: str | None = None
) -> list[dict[str, Any]]:
    """GraphQL errors as they go out; `code` marks those that GraphQL itself raised before anything ran."""
    return [_format(error, locale, trace, code) for error in errors]


def _format(error: GraphQLError, locale: str, trace: Trace, code: str | None) -> dict[str, Any]:
    formatted: dict[str, Any] = dict(error.formatted)
    cause = root_cause(error)
    if isinstance(cause, Denied | Refusal):
        formatted["message"] = message_of(cause, locale)
        formatted["extensions"] = {"code": str(cause.code)}
    elif error.path is None and code is not None:
        formatted["extensions"] = {"code": code}
    elif isinstance(cause, GraphQLError) and "code" in (cause.extensions or {}):
        formatted["extensions"] = dict(cause.extensions or {})
    else:
        formatted["message"] = translate(locale, "http-fault", trace=trace.id)
        formatted["extensions"] = {"code": FAULT, "trace": trace.id}
        log_fault(cause, trace)
    return formatted


def root_cause(error: BaseException) -> BaseException:
    """What a resolver really raised, out of the GraphQL errors around it."""
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error


def log_fault(error: BaseException, trace: Trace) -> None:
    """Log kinds and places of a fault. Never its text: messages and statements carry what people typed."""
    logger.error("fault %s: %s", trace.id, describe(error))


def describe(error: BaseException) -> str:
    """Types and code places of an exception and its causes, without any message or value."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)[-6:]
        places = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames))
        parts.append(f"{type(current).__module__}.{type(current).__qualname__} at {places or 'nowhere'}")
        current = current.__cause__ or current.__context__
    return " caused by ".join(parts)
