"""Runs the `gridloom` program as an operator does: a process of its own, against the run's servers."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from gridloom.config import Settings

Gridloom = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def gridloom(database: Settings) -> Gridloom:
    """`gridloom("county", "list")` → what the program printed and its exit code."""
    environment = {
        **os.environ,
        "GRIDLOOM_DATABASE_URL": database.database_url,
        "GRIDLOOM_REDIS_URL": database.redis_url,
        "GRIDLOOM_SECRET_KEY": database.secret_key.hex(),
        "GRIDLOOM_DATA": str(database.data_dir),
        "COLUMNS": "200",
        "NO_COLOR": "1",
    }

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "gridloom.cli", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    return run
