"""Identifiers: UUIDs of version 7 (RFC 9562 §5.7), ordered by the millisecond they were made in."""

import os
import threading
import time
from uuid import UUID

_RANDOM_BITS = 74
_STEP_BITS = 32

_lock = threading.Lock()
_last = (0, 0)


def uuid7() -> UUID:
    """A new identifier. Two made in one process sort in the order they were made (RFC 9562 §6.2, method 2)."""
    global _last
    milliseconds = time.time_ns() // 1_000_000
    with _lock:
        if milliseconds > _last[0]:
            # The top bit stays free, so that counting up within a millisecond never overflows.
            _last = (milliseconds, int.from_bytes(os.urandom(10), "big") >> 7)
        else:
            _last = (_last[0], _last[1] + 1 + int.from_bytes(os.urandom(_STEP_BITS // 8), "big"))
        moment, entropy = _last
    return _compose(moment, entropy)


def uuid7_at(milliseconds: int, entropy: int) -> UUID:
    """The identifier of a given moment (Unix milliseconds) and 74 bits of entropy: for imports and synthetic data."""
    return _compose(milliseconds, entropy)


def _compose(milliseconds: int, entropy: int) -> UUID:
    random_bits = entropy & ((1 << _RANDOM_BITS) - 1)
    high, low = random_bits >> 62, random_bits & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)
