"""Starts what is missing: a configured server is used, an embedded one is started, one that already runs is shared."""

import fcntl
import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from gridloom.embedded.account import account_for
from gridloom.embedded.binaries import find_postgres, find_redis
from gridloom.embedded.errors import EmbeddedError
from gridloom.embedded.postgres import FAST_THEN_HARD, Cluster, data_version, database_url, rotate
from gridloom.embedded.processes import PAUSE, choose_port, port_is_free, stop
from gridloom.embedded.redis import TERM_THEN_KILL, Cache, answers, redis_url

SHARE_SECONDS = 240
TRIES = 3

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Urls:
    """The administrator's URL of PostgreSQL and the URL of Redis."""

    postgres: str
    redis: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to start. A configured URL is taken as it is; `durable` false is for data to be thrown away;
    `postgres_folder` forces the folder with the server's programs."""

    database_url: str | None = None
    redis_url: str | None = None
    durable: bool = True
    postgres_folder: Path | None = None

    @classmethod
    def from_environment(cls) -> "Wanted":
        """GRIDLOOM_DATABASE_URL and GRIDLOOM_REDIS_URL, each optional."""
        return cls(os.environ.get("GRIDLOOM_DATABASE_URL") or None, os.environ.get("GRIDLOOM_REDIS_URL") or None)


@dataclass(slots=True)
class Running:
    """Started servers. `stop` ends those that this launcher started; shared and configured ones go on."""

    urls: Urls
    lock: IO[str] | None = None
    postgres: subprocess.Popen[bytes] | None = None
    redis: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """End our servers cleanly; may be called twice."""
        if self.redis is not None:
            stop(self.redis, TERM_THEN_KILL)
        if self.postgres is not None:
            stop(self.postgres, FAST_THEN_HARD)
        if self.lock is not None:
            self.lock.close()
            self.lock = None


@dataclass(slots=True)
class _State:
    """What is remembered between starts, in `servers.json` (readable by its owner only)."""

    file: Path
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    postgres_port: int | None = None
    redis_port: int | None = None
    ready: bool = False
    lost: bool = False
    """Nothing was remembered (or it could not be read), so the password is new."""

    @classmethod
    def read(cls, file: Path) -> "_State":
        try:
            return cls(file, **json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return cls(file, lost=True)

    def write(self) -> None:
        values = {name: getattr(self, name) for name in ("password", "postgres_port", "redis_port", "ready")}
        draft = self.file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(values, file)
        draft.replace(self.file)


def start(data_dir: Path, wanted: Wanted | None = None, progress: Progress = lambda text: None) -> Running:
    """Start PostgreSQL and Redis with their data in `data_dir`, or share those that another launcher has started there.

    `progress` is told, in a few words, what takes its time. Raises EmbeddedError when a server cannot be had.
    """
    wanted = wanted or Wanted()
    if wanted.database_url and wanted.redis_url:
        return Running(Urls(wanted.database_url, wanted.redis_url))
    folder = data_dir.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    lock = _take_lock(folder) or _share(folder, wanted, progress)
    if isinstance(lock, Urls):
        return Running(lock)
    running = Running(Urls("", ""), lock)
    try:
        running.urls = _start_all(folder, wanted, running, progress)
    except BaseException:
        running.stop()
        raise
    return running


def reset(data_dir: Path) -> None:
    """Delete everything kept in the data folder. Raises EmbeddedError while a launcher uses it."""
    folder = data_dir.resolve()
    if not folder.exists():
        return
    lock = _take_lock(folder)
    if lock is None:
        raise EmbeddedError(f"{folder} is in use by a running Gridloom: stop that first.")
    with lock:
        _end_orphans(folder)
        for entry in folder.iterdir():
            if entry.name == "lock":
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def is_running(data_dir: Path) -> bool:
    """Whether a launcher holds this data folder now."""
    folder = data_dir.resolve()
    if not folder.exists():
        return False
    lock = _take_lock(folder)
    if lock is not None:
        lock.close()
    return lock is None


def _take_lock(folder: Path) -> IO[str] | None:
    """The folder's lock, or None when a living launcher has it. The system frees it when its holder dies."""
    handle = (folder / "lock").open("a", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def _start_all(folder: Path, wanted: Wanted, running: Running, progress: Progress) -> Urls:
    state = _State.read(folder / "servers.json")
    state.ready = False
    state.write()
    postgres, redis = wanted.database_url, wanted.redis_url
    if not redis:
        running.redis = _start_redis(folder, wanted, state)
        redis = redis_url(state.redis_port or 0, state.password)
    if not postgres:
        running.postgres = _start_postgres(folder, wanted, state, progress)
        postgres = database_url(state.postgres_port or 0, state.password)
    state.ready = True
    state.write()
    return Urls(postgres, redis)


def _start_postgres(folder: Path, wanted: Wanted, state: _State, progress: Progress) -> subprocess.Popen[bytes]:
    data, log = folder / "postgres", folder / "postgres.log"
    binaries = find_postgres(major=data_version(data), folder=wanted.postgres_folder)
    cluster = Cluster(data, log, binaries, account_for(data, [binaries.server]), wanted.durable)
    cluster.end_orphan()
    rotate(log)
    if data_version(data) is None:
        progress(f"creating the database cluster (PostgreSQL {binaries.major})")
        cluster.create(state.password)
    elif state.lost:
        cluster.set_password(state.password)
    progress(f"starting PostgreSQL {binaries.major}")
    return _on_a_port(state, "postgres_port", cluster.start)


def _start_redis(folder: Path, wanted: Wanted, state: _State) -> subprocess.Popen[bytes]:
    data, log = folder / "redis", folder / "redis.log"
    program = find_redis()
    cache = Cache(data, log, program, account_for(data, [program]), wanted.durable)
    cache.end_orphan()
    rotate(log)
    return _on_a_port(state, "redis_port", lambda port: cache.start(port, state.password))


def _on_a_port(state: _State, name: str, start_on: Callable[[int], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """Start on the remembered port or a free one. Another process may take the port between the look and the start,
    and backends of a killed server may hold its memory for a moment: so a second and a third try."""
    for attempt in range(TRIES):
        port = choose_port(getattr(state, name))
        setattr(state, name, port)
        try:
            return start_on(port)
        except EmbeddedError:
            if attempt + 1 == TRIES:
                raise
            time.sleep(1)
            if not port_is_free(port):
                setattr(state, name, None)
    raise AssertionError("unreachable")


def _share(folder: Path, wanted: Wanted, progress: Progress) -> Urls | IO[str]:
    """The URLs of the servers that another launcher runs here, once they are ready; the lock when it gave up."""
    progress("waiting for the servers that another Gridloom is starting here")
    deadline = time.monotonic() + SHARE_SECONDS
    while time.monotonic() < deadline:
        state = _State.read(folder / "servers.json")
        if state.ready and (wanted.redis_url or answers(state.redis_port or 0, state.password)):
            return Urls(
                wanted.database_url or database_url(state.postgres_port or 0, state.password),
                wanted.redis_url or redis_url(state.redis_port or 0, state.password),
            )
        time.sleep(PAUSE * 10)
        lock = _take_lock(folder)
        if lock is not None:
            return lock
    raise EmbeddedError(f"Another Gridloom holds {folder} but its servers did not become ready: stop it first.")


def _end_orphans(folder: Path) -> None:
    """End servers that a killed launcher left, before their data go."""
    data, cache = folder / "postgres", folder / "redis"
    version = data_version(data)
    if version is not None:
        binaries = find_postgres()
        Cluster(data, folder / "postgres.log", binaries, account_for(data, [binaries.server])).end_orphan()
    if cache.exists():
        Cache(cache, folder / "redis.log", Path(), account_for(cache, [])).end_orphan()
