"""The import contracts hold, and each of them fails on a planted violation in a copy of the code."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.laws.rules import ROOT

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def lint(folder: Path) -> tuple[int, str]:
    """Run the contracts over the code below `folder`: exit code and what was printed."""
    done = subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "core"), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code and its contracts, to be spoiled."""
    folder = tmp_path_factory.mktemp("planted")
    left_out = shutil.ignore_patterns("__pycache__", "*.geojson")
    shutil.copytree(ROOT / "core" / "gridloom", folder / "core" / "gridloom", ignore=left_out)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture
def planted(copy: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The copy with one line added to one file (made if need be), taken back afterwards."""
    name, line = request.param
    file = copy / "core" / "gridloom" / name
    before = file.read_text(encoding="utf-8") if file.exists() else None
    file.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    yield copy
    if before is None:
        file.unlink()
    else:
        file.write_text(before, encoding="utf-8")


def test_the_contracts_hold(copy: Path) -> None:
    code, printed = lint(copy)
    assert code == 0, printed
    assert "0 broken" in printed


@pytest.mark.parametrize(
    ("planted", "broken"),
    [
        (("audit/service.py", "from gridloom.cases import models"), "slices in one fixed order"),
        (("clock.py", "from gridloom import work"), "slices in one fixed order"),
        (("contract/types.py", "from gridloom import errors"), "slices in one fixed order"),
        (("cases/models.py", "from gridloom.cases import service"), "Inside a slice"),
        (("contract/types.py", "import sqlalchemy"), "imports nothing of core, and no database"),
        (("embedded/errors.py", "from gridloom.embedded import launcher"), "No cycles between siblings"),
    ],
    indirect=["planted"],
    ids=["slice upwards", "kernel upwards", "contract upwards", "models to service", "database in contract", "cycle"],
)
def test_a_planted_violation_breaks_its_contract(planted: Path, broken: str) -> None:
    code, printed = lint(planted)
    assert code == 1, printed
    verdicts = [line for line in printed.splitlines() if line.endswith((" BROKEN", " KEPT"))]
    assert [line for line in verdicts if line.endswith(" BROKEN") and broken in line], printed


@pytest.mark.parametrize("planted", [("helpers.py", "X = 1")], indirect=True)
def test_a_module_without_a_place_is_refused(planted: Path) -> None:
    code, printed = lint(planted)
    assert code == 1
    assert "helpers" in printed
