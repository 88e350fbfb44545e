"""Reading a GraphQL request off the wire, by the GraphQL-over-HTTP specification: POST of JSON, nothing else."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NoReturn

from starlette.requests import ClientDisconnect, Request

from gridloom.http.limits import Limits


class Media(Enum):
    """How an answer is sent."""

    JSON = "application/json"
    GRAPHQL = "application/graphql-response+json"
    EVENTS = "text/event-stream"


class HttpRefusal(Exception):
    """A request that is refused before GraphQL: status, code of the error, message id with its parameters."""

    def __init__(
        self, status: int, code: str, message_id: str, headers: Mapping[str, str] | None = None, **params: str | int
    ) -> None:
        super().__init__(f"{status} {code}: {message_id}")
        self.status = status
        self.code = code
        self.message_id = message_id
        self.headers = dict(headers or {})
        self.params = params


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client asks: the document's text or the identifier of a persisted one, the operation of it, its variables."""

    query: str | None = None
    document_id: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)


def negotiate(accept: str | None) -> Media:
    """The best answer type that the client takes; JSON where it does not care. Raises `HttpRefusal` 406.

    Event streams are given only to who names them: a wildcard never means one.
    """
    if accept is None or not accept.strip():
        return Media.JSON
    best: tuple[float, int, Media] | None = None
    for position, part in enumerate(accept.split(",")):
        name, *parameters = [piece.strip().lower() for piece in part.split(";")]
        media = _media(name)
        quality = _quality(parameters)
        if media is not None and quality > 0 and (best is None or quality > best[0]):
            best = (quality, position, media)
    if best is None:
        raise HttpRefusal(406, "NOT_ACCEPTABLE", "http-not-acceptable")
    return best[2]


def _media(name: str) -> Media | None:
    if name in ("*/*", "application/*"):
        return Media.JSON
    return next((media for media in Media if media.value == name), None)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def require_json(content_type: str | None) -> None:
    """Refuse (415) whatever is not `application/json` in UTF-8: browsers cannot send that across sites unasked."""
    name, *parameters = [piece.strip().lower() for piece in (content_type or "").split(";")]
    charsets = [value.strip('"') for key, _, value in (p.partition("=") for p in parameters) if key == "charset"]
    if name != Media.JSON.value or any(charset not in ("utf-8", "utf8") for charset in charsets):
        raise HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "http-json-only")


async def read_body(request: Request, limits: Limits) -> bytes:
    """The body. Raises `HttpRefusal` 413 over the cap; what is too long is read away first, within reason, so that
    the client hears the answer instead of a broken connection."""
    declared = request.headers.get("content-length", "")
    refused = declared.isdigit() and int(declared) > limits.body_bytes
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.seconds):
            async for chunk in request.stream():
                size += len(chunk)
                refused = refused or size > limits.body_bytes
                if size > limits.drain_bytes:
                    break
                if not refused:
                    chunks.append(chunk)
    except TimeoutError as error:
        raise HttpRefusal(408, "REQUEST_TIMEOUT", "http-body-slow") from error
    except ClientDisconnect as error:
        raise HttpRefusal(400, "BAD_REQUEST", "http-body-broken") from error
    if refused:
        raise HttpRefusal(
            413, "LIMIT_EXCEEDED", "limit-body", {"connection": "close"}, limit=limits.body_bytes // 1000
        )
    return b"".join(chunks)


def parse_json(body: bytes) -> Any:
    """The JSON value of a body. Raises `HttpRefusal` 400, also for NaN and for nesting that only wants to hurt."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise HttpRefusal(400, "BAD_REQUEST", "http-json-broken") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def parse_request(body: bytes) -> GraphQLRequest:
    """The request of a body. Raises `HttpRefusal` 400 where it is not a well-formed GraphQL-over-HTTP request."""
    data = parse_json(body)
    if not isinstance(data, dict):
        raise HttpRefusal(400, "BAD_REQUEST", "http-object-only")
    query, document, name = data.get("query"), data.get("documentId"), data.get("operationName")
    if document is not None and (query is not None or not isinstance(document, str)):
        raise HttpRefusal(400, "BAD_REQUEST", "http-query-or-document")
    if document is None and (not isinstance(query, str) or not query):
        raise HttpRefusal(400, "BAD_REQUEST", "http-query-needed")
    if name is not None and not isinstance(name, str):
        raise HttpRefusal(400, "BAD_REQUEST", "http-operation-name-text")
    variables, extensions = data.get("variables"), data.get("extensions")
    if not isinstance(variables, dict | None) or not isinstance(extensions, dict | None):
        raise HttpRefusal(400, "BAD_REQUEST", "http-maps-needed")
    return GraphQLRequest(query, document, name, variables or {})
