"""Refusals that are part of the service: coded, translated, and never a fault."""

from collections.abc import Mapping
from enum import StrEnum


class ProblemCode(StrEnum):
    """Why a step changed nothing; the contract's codes."""

    VALIDATION = "VALIDATION"
    NOT_FOUND = "NOT_FOUND"
    NOT_ALLOWED_NOW = "NOT_ALLOWED_NOW"
    NOT_YOURS = "NOT_YOURS"
    SAME_PERSON = "SAME_PERSON"
    CONFLICT = "CONFLICT"
    KEY_REUSED = "KEY_REUSED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    WINDOW_CLOSED = "WINDOW_CLOSED"
    ALREADY_RETURNED = "ALREADY_RETURNED"
    ASSISTS_OPEN = "ASSISTS_OPEN"
    APPROVAL_NEEDED = "APPROVAL_NEEDED"
    MEDIATION_BLOCKED = "MEDIATION_BLOCKED"
    USE_CLUE = "USE_CLUE"
    OUTSIDE_COUNTY = "OUTSIDE_COUNTY"
    PLUGIN_REFUSED = "PLUGIN_REFUSED"
    SUSPENDED = "SUSPENDED"
    CURSOR_EXPIRED = "CURSOR_EXPIRED"


class Refusal(Exception):
    """A step that is refused. It becomes a `Problem` of the payload; the transaction is rolled back.

    `message_id` names a Fluent message, `params` fill it, `path` leads to the input that caused it.
    `text` replaces the message where a plugin or a county wrote its own sentence.
    """

    def __init__(
        self,
        code: ProblemCode,
        message_id: str,
        /,
        *,
        path: tuple[str, ...] = (),
        text: str | None = None,
        **params: str | int,
    ) -> None:
        super().__init__(f"{code}: {message_id}")
        self.code = code
        self.message_id = message_id
        self.path = path
        self.text = text
        self.params: Mapping[str, str | int] = params


class Denied(Exception):
    """A request that cannot be answered; it becomes a top-level GraphQL error whose `extensions.code` is `code`."""

    def __init__(self, code: str, message_id: str, /, **params: str | int) -> None:
        super().__init__(f"{code}: {message_id}")
        self.code = code
        self.message_id = message_id
        self.params: Mapping[str, str | int] = params


def not_found(*path: str) -> Refusal:
    """Unknown, hidden and foreign ids alike; `path` leads to the input that named it."""
    return Refusal(ProblemCode.NOT_FOUND, "problem-not-found", path=path)


def invalid(message_id: str, *path: str, **params: str | int) -> Refusal:
    """An input that is not acceptable as it stands."""
    refusal = Refusal(ProblemCode.VALIDATION, message_id, path=path)
    refusal.params = params
    return refusal
