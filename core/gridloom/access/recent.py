"""Answers about sessions and tokens, kept for two seconds."""

import time
from collections import OrderedDict
from typing import Generic, TypeVar

SEEN_SECONDS = 2.0

Kept = TypeVar("Kept")


class Recent(Generic[Kept]):
    """Lets a burst of requests ask the database once, and a revocation be seen soon. Bounded, oldest first out."""

    def __init__(self, seconds: float = SEEN_SECONDS, kept: int = 5_000) -> None:
        self._seconds = seconds
        self._kept = kept
        self._known: OrderedDict[str, tuple[float, Kept]] = OrderedDict()

    def get(self, key: str) -> Kept | None:
        """What was kept under the key, if it is fresh."""
        found = self._known.get(key)
        return found[1] if found is not None and time.monotonic() - found[0] < self._seconds else None

    def put(self, key: str, value: Kept) -> None:
        """Keep an answer."""
        self._known[key] = (time.monotonic(), value)
        self._known.move_to_end(key)
        while len(self._known) > self._kept:
            self._known.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget an answer."""
        self._known.pop(key, None)
