"""Real servers for tests, thrown away afterwards: one slot per test process, without waiting for the disk."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from gridloom import embedded
from gridloom.embedded.binaries import wheel_postgres

FORCED = "GRIDLOOM_TEST_POSTGRES"
"""Folder of the PostgreSQL programs to test with; without it the version of the `embedded` extra."""


def postgres_folder() -> Path:
    """Where the PostgreSQL under test is."""
    forced = os.environ.get(FORCED)
    return Path(forced) if forced else wheel_postgres().folder


@contextmanager
def throw_away_servers() -> Iterator[embedded.Urls]:
    """A new cluster and a new Redis. What a killed test run left in the same slot is ended and dropped first."""
    root = Path(tempfile.gettempdir()) / f"gridloom-test-{os.geteuid()}"
    root.mkdir(mode=0o711, exist_ok=True)
    slot, lock = _take_slot(root)
    wanted = embedded.Wanted(durable=False, postgres_folder=postgres_folder())
    try:
        embedded.reset(slot)
        with embedded.servers_sync(slot, wanted) as urls:
            yield urls
        embedded.reset(slot)
    finally:
        lock.close()


async def own_database(url: str, name: str) -> str:
    """The URL of a new, empty database on the same server: for tests that would meet other tests' counties."""
    parts = urlsplit(url)
    connection = await asyncpg.connect(urlunsplit(parts._replace(scheme="postgresql")))
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    finally:
        await connection.close()
    return urlunsplit(parts._replace(path=f"/{name}"))


def _take_slot(root: Path) -> tuple[Path, IO[str]]:
    for number in range(100):
        lock = (root / f"slot-{number}.lock").open("a", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        slot = root / f"slot-{number}"
        slot.mkdir(mode=0o711, exist_ok=True)
        return slot, lock
    raise RuntimeError(f"a hundred test runs at once use {root}: is one of them hanging?")
