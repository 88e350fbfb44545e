"""The system account the servers run under. PostgreSQL refuses root, so root hands over to an ordinary account."""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gridloom.embedded.errors import EmbeddedError

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """Runs programs as `uid:gid`, or as ourselves when they are None.

    `through` is the `setpriv` program when a folder on the way is closed to others (a checkout below /root, say): the
    server then keeps the one capability to pass it, and nobody's folders have to be opened.
    """

    uid: int | None = None
    gid: int | None = None
    through: str | None = None

    def own(self, path: Path) -> None:
        """Give a file or folder to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def run(self, arguments: Sequence[str | Path], *, stdin: str | None = None) -> None:
        """Run a program to its end. Raises EmbeddedError with what it printed when it fails."""
        done = subprocess.run(
            self._command(arguments),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=self._user(self.uid),
            group=self._user(self.gid),
            extra_groups=self._groups(),
        )
        if done.returncode != 0:
            raise EmbeddedError(f"{Path(arguments[0]).name} failed: {(done.stderr or done.stdout).strip()[-2000:]}")

    def start(self, arguments: Sequence[str | Path], log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a server in a session of its own, so that the terminal's Ctrl+C reaches only the launcher."""
        return subprocess.Popen(
            self._command(arguments),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,
            user=self._user(self.uid),
            group=self._user(self.gid),
            extra_groups=self._groups(),
        )

    def _user(self, number: int | None) -> int | None:
        return None if self.through else number

    def _groups(self) -> list[int] | None:
        return None if self.through or self.uid is None else []

    def _command(self, arguments: Sequence[str | Path]) -> list[str]:
        words = [str(word) for word in arguments]
        if not self.through:
            return words
        keep = "-all,+dac_override"
        return [
            self.through,
            f"--reuid={self.uid}",
            f"--regid={self.gid}",
            "--clear-groups",
            f"--inh-caps={keep}",
            f"--ambient-caps={keep}",
            "--",
            *words,
        ]


def account_for(data: Path, programs: Sequence[Path]) -> Account:
    """The account for servers that keep their data in `data` and run `programs` (paths need not exist yet).

    Raises EmbeddedError when root cannot hand over to an ordinary account.
    """
    if os.geteuid() != 0:
        return Account()
    uid, gid = _owner(data) or _first_known()
    if all(_open_to_all(path) for path in (data.parent, *programs)):
        return Account(uid, gid)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and other accounts may not enter {data.parent}: "
            "work as an ordinary user, or move the project to a folder that others may enter."
        )
    return Account(uid, gid, setpriv)


def _owner(data: Path) -> tuple[int, int] | None:
    """Who owns existing data, unless that is root."""
    if not data.exists():
        return None
    status = data.stat()
    return (status.st_uid, status.st_gid) if status.st_uid != 0 else None


def _first_known() -> tuple[int, int]:
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise EmbeddedError("PostgreSQL does not run as root and there is no account `nobody`: work as an ordinary user.")


def _open_to_all(path: Path) -> bool:
    way = path.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (way, *way.parents))
