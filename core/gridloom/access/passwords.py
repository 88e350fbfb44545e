"""Passwords: argon2id in a small pool of threads, so that sign-ins never hold up the other requests."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gridloom.errors import invalid

SHORTEST, LONGEST = 10, 200

# 19 MiB, two passes, one lane: OWASP's first choice; some 30 ms of one core.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Busy(Exception):
    """More sign-ins wait than the pool will take; try again in a moment."""


class Passwords:
    """Hashes and checks in at most `workers` threads; beyond `waiting` callers it refuses instead of queueing."""

    def __init__(self, workers: int = 2, waiting: int = 40) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="passwords")
        self._limit = workers + waiting
        self._inside = 0

    async def hash(self, password: str) -> str:
        """The password's hash, with its parameters. Raises `Busy`."""
        return await self._run(password, None)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password. Without a hash it does the same work and says no. Raises `Busy`."""
        return await self._run(password, password_hash or _nobodys()) == "yes" and password_hash is not None

    async def _run(self, password: str, against: str | None) -> str:
        if self._inside >= self._limit:
            raise Busy
        self._inside += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, _hash_or_check, password[:LONGEST], against)
        finally:
            self._inside -= 1


def _hash_or_check(password: str, against: str | None) -> str:
    if against is None:
        return HASHER.hash(password)
    try:
        return "yes" if HASHER.verify(against, password) else "no"
    except (VerificationError, InvalidHashError):
        return "no"


@cache
def _nobodys() -> str:
    return HASHER.hash(secrets.token_urlsafe())


def check_strength(password: str, login: str) -> None:
    """Refuse passwords that are too short, too long or the login itself. Raises `Refusal` VALIDATION."""
    if not SHORTEST <= len(password) <= LONGEST or password.casefold() == login.casefold():
        raise invalid("access-password-weak", "password", shortest=SHORTEST)


PASSWORDS = Passwords()
"""The process's pool."""
