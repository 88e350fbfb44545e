"""Brings the environment and the web build up to date: `prepare.py environment web`, or `packages` for npm's alone.

Each part remembers a fingerprint of what it was made from and does nothing while that is unchanged. Needs nothing but
the standard library.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from step import StepFailed, step

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
WEB = ROOT / "web"
OLDEST_NODE = (20, 19)
BUILT_FROM = ("package.json", "package-lock.json", "tsconfig*.json", "vite.config.*", "index.html", "*.graphql")
MARK = ".made-from"


def environment() -> None:
    """The virtual environment with everything of the lock, and this checkout's packages in it."""
    python = VENV / "bin" / "python"
    if not python.exists():
        step("creating the Python environment", [sys.executable, "-m", "venv", VENV], cwd=ROOT)
    lock = ROOT / "requirements.lock"
    locked = _fingerprint([lock], sys.version)
    if _outdated(VENV / f"{MARK}-lock", locked):
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--progress-bar", "off"]
        step("installing the Python packages", [*pip, "--require-hashes", "-r", lock], cwd=ROOT)
        _remember(VENV / f"{MARK}-lock", locked)
    packages = [ROOT, *sorted(file.parent for file in ROOT.glob("plugins/*/pyproject.toml"))]
    ours = _fingerprint([package / "pyproject.toml" for package in packages], locked)
    if _outdated(VENV / f"{MARK}-ours", ours):
        editable = [word for package in packages for word in ("-e", str(package))]
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps", "--no-build-isolation"]
        step("installing Gridloom and its plugins", [*pip, *editable], cwd=ROOT)
        _remember(VENV / f"{MARK}-ours", ours)


def packages() -> None:
    """The web packages of web/package-lock.json."""
    if not (WEB / "package.json").exists():
        return
    npm = _npm()
    locked = _fingerprint([WEB / "package.json", WEB / "package-lock.json"])
    if _outdated(WEB / "node_modules" / MARK, locked):
        step("installing the web packages", [npm, "ci", "--no-audit", "--no-fund"], cwd=WEB)
        _remember(WEB / "node_modules" / MARK, locked)


def web() -> None:
    """The built web application in web/dist."""
    packages()
    if not (WEB / "index.html").exists():
        return
    sources = [file for pattern in BUILT_FROM for file in WEB.glob(pattern)]
    for folder in ("src", "public", "scripts"):
        sources.extend(file for file in (WEB / folder).rglob("*") if file.is_file())
    made_from = _fingerprint(sources)
    if _outdated(WEB / "dist" / MARK, made_from):
        step("building the web application", [_npm(), "run", "build"], cwd=WEB)
        _remember(WEB / "dist" / MARK, made_from)


def _npm() -> str:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise SystemExit(f"Gridloom's web application needs Node {OLDEST_NODE[0]} or later with npm: install it first.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < OLDEST_NODE:
        wanted = ".".join(map(str, OLDEST_NODE))
        raise SystemExit(f"Gridloom's web application needs Node {wanted} or later; this is {version.strip()}.")
    return npm


def _fingerprint(files: Iterable[Path], *more: str) -> str:
    digest = hashlib.sha256("\0".join(more).encode())
    for file in sorted(set(files)):
        digest.update(f"\0{file.relative_to(ROOT)}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _outdated(mark: Path, fingerprint: str) -> bool:
    return not mark.exists() or mark.read_text(encoding="ascii") != fingerprint


def _remember(mark: Path, fingerprint: str) -> None:
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(fingerprint, encoding="ascii")


PARTS = {"environment": environment, "packages": packages, "web": web}


def main(names: list[str]) -> int:
    """Make the named parts, in the order given."""
    os.environ.setdefault("PIP_NO_INPUT", "1")
    try:
        for name in names:
            PARTS[name]()
    except StepFailed as failed:
        print(f"stopped: {failed} failed (see above)", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
