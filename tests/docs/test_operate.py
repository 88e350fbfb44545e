"""docs/operate.md: its settings and commands are those of the code, neither more nor fewer."""

import re

from typer.main import get_command

from gridloom.cli import app
from tests.docs.pages import DOCS, ROOT

VARIABLE = re.compile(r"GRIDLOOM_[A-Z_]+")


def page() -> str:
    return (DOCS / "operate.md").read_text(encoding="utf-8")


def read_in(*patterns: str) -> set[str]:
    """Names of all variables in these files."""
    files = [file for pattern in patterns for file in ROOT.glob(pattern) if "tests/docs" not in file.as_posix()]
    return {name for file in files for name in VARIABLE.findall(file.read_text(encoding="utf-8"))}


def test_every_setting_is_explained_and_none_is_invented() -> None:
    explained = set(VARIABLE.findall(page()))
    assert read_in("core/**/*.py", "scripts/*.py", "Makefile") - explained == set()
    assert explained - read_in("core/**/*.py", "scripts/*.py", "tests/**/*.py", "web/vite.config.ts", "Makefile") == set()


def commands() -> set[str]:
    """Every command of the program, groups' by both words."""
    root = get_command(app)
    return {
        f"{name} {inner}" if hasattr(command, "commands") else name
        for name, command in root.commands.items()  # type: ignore[attr-defined]
        for inner in (getattr(command, "commands", None) or [""])
    }


def test_every_command_that_is_named_exists() -> None:
    known = commands()
    blocks = "\n".join(re.findall(r"```\n(.*?)```", page(), flags=re.DOTALL))
    named = re.findall(r"^gridloom ([a-z]+(?: [a-z]+)?)", blocks, flags=re.MULTILINE)
    assert len(named) >= 8
    assert [name for name in named if name not in known and name.split()[0] not in known] == []
