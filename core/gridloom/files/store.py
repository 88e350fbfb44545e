"""Where the bytes of files lie: behind a small interface, so that a bucket can take the place of a folder."""

import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

LEAST_FREE_BYTES = 500_000_000


class Store(Protocol):
    """Keeps byte strings under names that nobody can guess. Calls block: run them in a thread."""

    def new_name(self, county: str) -> str:
        """A random name of a county's."""
        ...

    def draft(self) -> Path:
        """A new empty file on this machine, for bytes that are not accepted yet."""
        ...

    def put(self, name: str, draft: Path) -> None:
        """Take a finished draft over. When this returns, it is there for good and whole; before, it is not there at all."""
        ...

    def read(self, name: str, offset: int, length: int) -> bytes:
        """A part of it. Raises FileNotFoundError."""
        ...

    def remove(self, name: str) -> None:
        """Forget it; an unknown name is forgotten already."""
        ...

    def names(self, county: str, before: float) -> Iterator[str]:
        """What was put there for a county earlier than a moment (seconds since 1970)."""
        ...

    def has_room(self) -> bool:
        """Whether another file may come."""
        ...


class FolderStore:
    """A folder: `<county>/<two digits>/<random>`; drafts lie in `incoming` on the same disk, so that renaming is atomic."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"

    def new_name(self, county: str) -> str:
        """128 random bits below the county's folder."""
        mark = secrets.token_hex(16)
        return f"{county}/{mark[:2]}/{mark}"

    def draft(self) -> Path:
        """An empty file that only this service may read."""
        self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._incoming / secrets.token_hex(16)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return path

    def put(self, name: str, draft: Path) -> None:
        """Rename, then bring the folder's entry to the disk; the draft's bytes are there already."""
        target = self._root / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.replace(draft, target)
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Bytes from an offset on."""
        with (self._root / name).open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def remove(self, name: str) -> None:
        """Unlink."""
        (self._root / name).unlink(missing_ok=True)

    def names(self, county: str, before: float) -> Iterator[str]:
        """Walk the county's folder."""
        for path in sorted((self._root / county).glob("??/*")):
            try:
                if path.stat().st_mtime < before:
                    yield str(path.relative_to(self._root))
            except FileNotFoundError:
                continue

    def drop_drafts(self, older_than: float) -> int:
        """Remove what was begun and never finished, such as by a process that was killed; how many."""
        dropped = 0
        for path in self._incoming.glob("*"):
            try:
                if path.stat().st_mtime < time.time() - older_than:
                    path.unlink()
                    dropped += 1
            except FileNotFoundError:
                continue
        return dropped

    def has_room(self) -> bool:
        """At least 500 MB stay free: the database may share the disk."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = os.statvfs(self._root)
        return found.f_bavail * found.f_frsize >= LEAST_FREE_BYTES
