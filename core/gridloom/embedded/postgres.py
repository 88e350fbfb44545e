"""One PostgreSQL cluster below a data folder: created once, started, ended."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from gridloom.embedded.account import Account
from gridloom.embedded.binaries import PostgresBinaries
from gridloom.embedded.errors import EmbeddedError
from gridloom.embedded.processes import PAUSE, command_line, end, last_lines, stop

ADMIN = "gridloom_admin"
DATABASE = "gridloom"
READY_SECONDS = 180
"""Recovery after a hard stop may take long; a server that works on it is left to finish."""
FAST_THEN_HARD = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
FIXED = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # Containers often have 64 MB of /dev/shm, which parallel plans and index builds exhaust.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "jit": "off",
    # Details of an error repeat the row's values, and a log never holds a person's.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "4GB"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a cluster lives and what runs it. `durable` false trades crash safety for speed (tests)."""

    data: Path
    log: Path
    binaries: PostgresBinaries
    account: Account
    durable: bool = True

    def create(self, password: str) -> None:
        """Make the cluster and its database if they are not there. A half-made one of an earlier try is dropped."""
        if (self.data / "PG_VERSION").exists():
            return
        draft = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.account.own(draft)
        self._initialise(draft, password)
        self._alone(draft, f"CREATE DATABASE {DATABASE} OWNER {ADMIN}")
        draft.rename(self.data)

    def set_password(self, password: str) -> None:
        """Give the administrator a password again, for data whose `servers.json` was lost. The server must not run."""
        self._alone(self.data, f"ALTER ROLE {ADMIN} PASSWORD '{password}'")

    def _alone(self, data: Path, statement: str) -> None:
        """Run one statement without a server."""
        self.account.run([self.binaries.server, "--single", "-D", str(data), "postgres"], stdin=f"{statement}\n")

    def _initialise(self, draft: Path, password: str) -> None:
        with tempfile.NamedTemporaryFile("w", prefix="gridloom-", dir=self.data.parent) as secret:
            secret.write(password)
            secret.flush()
            self.account.own(Path(secret.name))
            options = ["-U", ADMIN, f"--pwfile={secret.name}", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"]
            self.account.run([self.binaries.initdb, "-D", draft, "--no-sync", *options])

    def start(self, port: int) -> subprocess.Popen[bytes]:
        """Start the server on a loopback port and wait until it answers.

        Raises EmbeddedError with the end of its log when it stops instead.
        """
        settings = FIXED | {"port": str(port)} | ({} if self.durable else THROW_AWAY)
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            process = self.account.start([self.binaries.server, "-D", self.data, *words], log)
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready(process.pid):
            if process.poll() is not None:
                raise EmbeddedError(f"PostgreSQL stopped while starting:\n{last_lines(self.log)}")
            if time.monotonic() > deadline:
                stop(process, FAST_THEN_HARD)
                raise EmbeddedError(f"PostgreSQL was not ready after {READY_SECONDS} s:\n{last_lines(self.log)}")
            time.sleep(PAUSE)
        return process

    def end_orphan(self) -> None:
        """End a server that a killed launcher left, and drop a process number that belongs to somebody else now."""
        pid = self._noted_pid()
        if pid is None:
            return
        if self._is_ours(pid):
            end(pid, str(self.data), FAST_THEN_HARD)
        else:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        line = command_line(pid)
        return "postgres" in line and str(self.data) in line

    def _noted_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _is_ready(self, pid: int) -> bool:
        """The server writes its state into line 8 of its pid file; `pg_ctl -w` waits for the same line."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def data_version(data: Path) -> int | None:
    """The major version that wrote existing data; None when there are none."""
    file = data / "PG_VERSION"
    return int(file.read_text(encoding="ascii").strip()) if file.exists() else None


def database_url(port: int, password: str) -> str:
    """The administrator's URL of an embedded cluster."""
    return f"postgresql://{ADMIN}:{password}@127.0.0.1:{port}/{DATABASE}"


async def empty_database(url: str) -> None:
    """Drop the embedded database and make it anew; whoever is connected is cut off."""
    server = await asyncpg.connect(url, database="postgres")
    try:
        await server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        await server.execute(f"CREATE DATABASE {DATABASE} OWNER {ADMIN}")
    finally:
        await server.close()


def rotate(log: Path, limit: int = 10_000_000) -> None:
    """Keep one older log when this one has grown beyond `limit` bytes."""
    if log.exists() and log.stat().st_size > limit:
        os.replace(log, log.with_suffix(".log.1"))
