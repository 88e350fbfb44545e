"""Seeded chance: the same words in the key give the same draw on every machine and in every process."""

import hashlib
from random import Random

SEED = "gridloom-demo-1"


def chance(*key: object) -> Random:
    """A generator of its own for `key`; independent of the order in which others are asked for."""
    words = "\x1f".join((SEED, *(str(part) for part in key)))
    digest = hashlib.blake2b(words.encode(), digest_size=8).digest()
    return Random(int.from_bytes(digest, "big"))  # noqa: S311 - believable data, not secrets
