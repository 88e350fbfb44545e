"""One Redis (or Valkey) below a data folder. It only wakes and fans out: its loss loses nothing, so it saves lazily."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from gridloom.embedded.account import Account
from gridloom.embedded.errors import EmbeddedError
from gridloom.embedded.processes import PAUSE, end, last_lines, stop

READY_SECONDS = 60
TERM_THEN_KILL = ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0))


@dataclass(frozen=True, slots=True)
class Cache:
    """Where the server keeps its file and what runs it. `durable` false keeps nothing (tests)."""

    data: Path
    log: Path
    program: Path
    account: Account
    durable: bool = True

    @property
    def _configuration(self) -> Path:
        return self.data / "server.conf"

    def start(self, port: int, password: str) -> subprocess.Popen[bytes]:
        """Start the server on a loopback port and wait until it answers.

        Raises EmbeddedError with the end of its log when it stops instead.
        """
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.account.own(self.data)
        self._configure(port, password)
        with self.log.open("ab") as log:
            process = self.account.start([self.program, self._configuration], log)
        (self.data / "server.pid").write_text(str(process.pid), encoding="ascii")
        deadline = time.monotonic() + READY_SECONDS
        while not answers(port, password):
            if process.poll() is not None:
                raise EmbeddedError(f"Redis stopped while starting:\n{last_lines(self.log)}")
            if time.monotonic() > deadline:
                stop(process, TERM_THEN_KILL)
                raise EmbeddedError(f"Redis was not ready after {READY_SECONDS} s:\n{last_lines(self.log)}")
            time.sleep(PAUSE)
        return process

    def end_orphan(self) -> None:
        """End a server that a killed launcher left behind."""
        try:
            pid = int((self.data / "server.pid").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return
        end(pid, str(self._configuration), TERM_THEN_KILL)

    def _configure(self, port: int, password: str) -> None:
        lines = [
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {password}",
            f'dir "{self.data}"',
            "daemonize no",
            "appendonly no",
            "save 60 1" if self.durable else 'save ""',
            "stop-writes-on-bgsave-error no",
            # The command line must stay what we gave it: it is how a server left behind is recognised.
            "set-proc-title no",
        ]
        self._configuration.unlink(missing_ok=True)
        descriptor = os.open(self._configuration, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        self.account.own(self._configuration)


def redis_url(port: int, password: str) -> str:
    """The URL of an embedded Redis."""
    return f"redis://:{password}@127.0.0.1:{port}/0"


def answers(port: int, password: str) -> bool:
    """Whether a server with this password answers on the port."""
    with Redis(host="127.0.0.1", port=port, password=password, socket_connect_timeout=1, socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except (RedisError, OSError):
            return False
