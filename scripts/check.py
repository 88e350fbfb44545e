"""`make check`: style, types, import contracts, house rules, the web's types. Runs them all, then says which failed."""

import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
WEB = ROOT / "web"


def typed_packages() -> list[str]:
    """Import packages whose types are checked strictly: core and each plugin."""
    plugins = sorted(str(folder.relative_to(ROOT)) for folder in ROOT.glob("plugins/*/gridloom_*") if folder.is_dir())
    return ["core/gridloom", *plugins]


def checks() -> list[tuple[str, list[str], Path]]:
    """Name, command and folder of each check."""
    listed = [
        ("style (ruff)", [str(BIN / "ruff"), "check", "."], ROOT),
        ("types (mypy --strict)", [str(BIN / "mypy"), *typed_packages()], ROOT),
        ("import contracts", [str(BIN / "lint-imports"), "--no-logo"], ROOT),
        ("house rules", [str(BIN / "python"), "-m", "tests.laws.rules"], ROOT),
    ]
    package = WEB / "package.json"
    if package.exists() and "check" in json.loads(package.read_text(encoding="utf-8")).get("scripts", {}):
        listed.append(("web types", ["npm", "run", "--silent", "check"], WEB))
    return listed


def main() -> int:
    """Run every check; the number of failed ones decides."""
    failed = []
    for name, command, folder in checks():
        began = time.monotonic()
        print(f"… {name}", flush=True)
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - began
        if done.returncode != 0:
            failed.append(name)
            print(done.stdout + done.stderr)
        print(f"{'✗' if done.returncode else '✓'} {name} ({seconds:.0f} s)", flush=True)
    print(f"FAILED: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
