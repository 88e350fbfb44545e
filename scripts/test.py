"""`make test`: every test against the PostgreSQL that ships, those that touch the database once more on PostgreSQL 15
where its programs are found, and the web's. The last line counts them all.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass
from pathlib import Path

from gridloom.embedded.binaries import installed_postgres, wheel_postgres

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
OLDEST = 15


@dataclass(frozen=True, slots=True)
class Outcome:
    """One pass: how many tests passed, how many did not (failed, broken, skipped), and how it ended."""

    name: str
    passed: int
    failed: int
    skipped: int
    ended_well: bool

    def __str__(self) -> str:
        missed = f", {self.failed} failed" if self.failed else ""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.name} {self.passed}{missed}{skipped}{'' if self.ended_well or missed else ', did not finish'}"


def python_pass(name: str, folder: Path, arguments: list[str], out: Path) -> Outcome:
    """Run pytest against the PostgreSQL in `folder`."""
    report = out / f"{name.replace(' ', '-')}.xml"
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
    print(f"── {name}", flush=True)
    environment = {**os.environ, "GRIDLOOM_TEST_POSTGRES": str(folder)}
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    if not report.exists():
        return Outcome(name, 0, 0, 0, ended_well=False)
    suite = next(xml.parse(report).getroot().iter("testsuite"))
    total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    return Outcome(name, total - failed - skipped, failed, skipped, code == 0)


def web_pass(out: Path) -> Outcome | None:
    """Run the web's unit tests; None when there is no web application."""
    package = WEB / "package.json"
    if not package.exists() or "test" not in json.loads(package.read_text(encoding="utf-8")).get("scripts", {}):
        return None
    print("── web", flush=True)
    report = out / "web.json"
    flags = ["--reporter=default", "--reporter=json", f"--outputFile.json={report}"]
    code = subprocess.run(["npm", "test", "--silent", "--", *flags], cwd=WEB, check=False).returncode
    if not report.exists():
        return Outcome("web", 0, 0, 0, ended_well=False)
    counted = json.loads(report.read_text(encoding="utf-8"))
    skipped = counted["numPendingTests"] + counted.get("numTodoTests", 0)
    return Outcome("web", counted["numPassedTests"], counted["numFailedTests"], skipped, code == 0)


def all_passes(arguments: list[str], out: Path) -> list[Outcome]:
    """Every pass; with arguments for pytest only the first, for those tests."""
    shipped = wheel_postgres()
    outcomes = [python_pass(f"PostgreSQL {shipped.major}", shipped.folder, arguments, out)]
    if arguments:
        return outcomes
    oldest = next((found for found in installed_postgres() if found.major == OLDEST), None)
    if oldest is not None:
        selected = ["-m", "database", "--ignore=tests/browser"]
        outcomes.append(python_pass(f"PostgreSQL {OLDEST} again", oldest.folder, selected, out))
    web = web_pass(out)
    return outcomes if web is None else [*outcomes, web]


def main(arguments: list[str]) -> int:
    """Run all passes and print the count as the last line."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gridloom-report-") as out:
        outcomes = all_passes(arguments, Path(out))
    good = all(outcome.ended_well for outcome in outcomes)
    passed, seconds = sum(outcome.passed for outcome in outcomes), time.monotonic() - began
    listed = "; ".join(map(str, outcomes))
    print(f"{'passed' if good else 'FAILED'}: {passed} tests in {seconds:.0f} s ({listed})")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
