"""Each house rule catches a planted breach and lets the lawful neighbour pass; the tree itself breaks none."""

import ast

import pytest

from tests.laws import rules

CORE = "core/gridloom/cases/service.py"
COURT = "plugins/court/gridloom_court/rules.py"
LONG = "def f():\n" + "    x = 1\n" * 60
FITS = "def f():\n" + "    x = 1\n" * 59


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (rules.commits, CORE, "async def f(session):\n    await session.commit()"),
        (rules.late_imports, CORE, "def f():\n    import json"),
        (rules.late_imports, CORE, "class A:\n    from json import dumps"),
        (rules.long_functions, CORE, LONG),
        (rules.native_enums, CORE, "from sqlalchemy import Enum"),
        (rules.native_enums, CORE, "from sqlalchemy.dialects.postgresql import ENUM"),
        (rules.sessions, CORE, "factory = async_sessionmaker(engine)"),
        (rules.sessions, CORE, "engine = sqlalchemy.ext.asyncio.create_async_engine(url)"),
        (rules.hook_calls, CORE, "manager.hook.object_to_step(step=step)"),
        (rules.imports_across, CORE, "import gridloom_court"),
        (rules.imports_across, COURT, "from gridloom.cases import service"),
        (rules.imports_across, COURT, "from gridloom import work"),
        (rules.imports_across, COURT, "from gridloom_women.rules import home"),
    ],
)
def test_a_planted_breach_is_found_once(rule: rules.Rule, path: str, source: str) -> None:
    assert len(list(rule(path, ast.parse(source)))) == 1


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (rules.commits, "core/gridloom/work.py", "async def f(session):\n    await session.commit()"),
        (rules.late_imports, CORE, "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import json"),
        (rules.long_functions, CORE, FITS),
        (rules.native_enums, CORE, "from enum import Enum"),
        (rules.sessions, "core/gridloom/db.py", "factory = async_sessionmaker(engine)"),
        (rules.hook_calls, "core/gridloom/contract/host.py", "manager.subset_hook_caller('x', [])"),
        (rules.imports_across, COURT, "from gridloom.plugin import Form\nfrom gridloom_court.rules import fits"),
    ],
)
def test_the_lawful_neighbour_passes(rule: rules.Rule, path: str, source: str) -> None:
    assert list(rule(path, ast.parse(source))) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("web/package-lock.json", '      "resolved"' + ': "https://mirror.example/left-pad.tgz",'),
        ("requirements.lock", "--index-" + "url https://mirror.example/simple"),
        ("Makefile", "\tcp /" + "root/.cache/wheels/* ."),
        ("docs/operate.md", "cd /" + "work/main"),
        (CORE, "    # TODO: the rest"),
        (CORE, "    raise NotImplementedError"),
        (CORE, "import json  # noqa: F401"),
        (CORE, "x = y  # type: ignore"),
        (CORE, "\n" * 500 + "x = 1"),
    ],
)
def test_a_planted_text_is_found_once(path: str, line: str) -> None:
    assert len(list(rules.text_findings(path, line))) == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("README.md", "See the documentation of pluggy and docs/work/flow.md"),
        (CORE, "import json  # noqa: F401  read by the template"),
        (CORE, "x = y  # type: ignore[attr-defined]"),
        (CORE, "\n" * 499 + "x = 1"),
    ],
)
def test_lawful_text_passes(path: str, line: str) -> None:
    assert list(rules.text_findings(path, line)) == []


def test_the_tree_breaks_no_rule() -> None:
    assert [str(finding) for finding in rules.findings()] == []


def test_the_locks_hold_hashes_and_no_addresses() -> None:
    text = (rules.ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pins) > 50
    assert [pin for pin in pins if "==" not in pin] == []
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text
