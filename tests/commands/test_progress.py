"""Progress in a log: each step once, its numbers only now and then."""

from io import StringIO

import pytest
from rich.console import Console

from gridloom.commands import progress


def test_a_log_gets_each_step_once_and_its_numbers_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    written, clock = StringIO(), [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    with progress.Steps(Console(file=written)) as steps:
        steps.say("starting the servers")
        for number in range(0, 1000, 25):
            clock[0] += 0.2
            steps.part(f"cases {number:,}", number / 1000)
        steps.note("web ended (SIGKILL); starting it again")
    assert written.getvalue().splitlines() == [
        "  starting the servers",
        "  cases 0 (0%)",
        "  cases 625 (62%)",
        "web ended (SIGKILL); starting it again",
    ]
