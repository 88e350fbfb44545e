"""Runs the `gridloom` commands against the run's servers."""

from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

from gridloom.cli import app
from gridloom.config import Settings

Gridloom = Callable[..., Result]


@pytest.fixture
def environment(database: Settings) -> dict[str, str]:
    """What an operator would have set to work on the run's servers."""
    return {
        "GRIDLOOM_DATABASE_URL": database.database_url,
        "GRIDLOOM_REDIS_URL": database.redis_url,
        "GRIDLOOM_SECRET_KEY": database.secret_key.hex(),
        "GRIDLOOM_DATA": str(database.data_dir),
    }


@pytest.fixture
def gridloom(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Gridloom:
    """`gridloom("county", "list")` → what the command printed and its exit code. A fault is raised, not swallowed."""
    for console in ("out", "err"):
        monkeypatch.setattr(f"gridloom.commands.console.{console}._width", 200)

    def run(*words: str) -> Result:
        return CliRunner(env=environment).invoke(app, words, catch_exceptions=False)

    return run
