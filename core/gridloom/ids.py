"""Identifiers: UUIDs of version 7 (RFC 9562 §5.7), ordered by the millisecond they were made in."""

import os
import time
from uuid import UUID

_RANDOM_BITS = 74


def uuid7() -> UUID:
    """A new identifier; two made in one process in order sort in that order only down to the millisecond."""
    milliseconds = time.time_ns() // 1_000_000
    return _compose(milliseconds, int.from_bytes(os.urandom(10), "big"))


def uuid7_at(milliseconds: int, entropy: int) -> UUID:
    """The identifier of a given moment (Unix milliseconds) and 74 bits of entropy: for imports and synthetic data."""
    return _compose(milliseconds, entropy)


def _compose(milliseconds: int, entropy: int) -> UUID:
    random_bits = entropy & ((1 << _RANDOM_BITS) - 1)
    high, low = random_bits >> 62, random_bits & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)
