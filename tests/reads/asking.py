"""What the ways to ask give back, and how they are called."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Answer:
    """What came back: data, errors as (code, path), the statements that were sent."""

    data: Any
    errors: list[tuple[str | None, list[str | int] | None]]
    statements: list[str] = field(default_factory=list)


Asking = Callable[..., Awaitable[Answer]]
"""The ordinary path."""
Compiling = Callable[..., Awaitable[bytes | None]]
"""The compiled path: the body, or None."""
