"""Children of the launcher: restarted when they fall, ended with it however it ends, given up in the end."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gridloom.commands.supervise import Child, KeepsFalling, Supervisor
from gridloom.embedded.processes import command_line

LIVES = """
import os, pathlib, sys, time
from gridloom.commands.supervise import end_with_parent
end_with_parent()
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()}\\n")
time.sleep(600)
"""
PARENT = """
import asyncio, sys
from pathlib import Path
from gridloom.commands.supervise import Child, Supervisor

async def main():
    child = Child("web", [sys.executable, "-c", sys.argv[2], sys.argv[1]], Path(sys.argv[1] + ".log"))
    async with Supervisor([child]) as family:
        family.release({})
        await family.watch()

asyncio.run(main())
"""


async def pids(file: Path, count: int) -> list[int]:
    """The process numbers that `count` starts have noted."""
    async with asyncio.timeout(20):
        while not file.exists() or len(file.read_text().split()) < count:
            await asyncio.sleep(0.05)
    return [int(word) for word in file.read_text().split()]


async def gone(pid: int) -> bool:
    """Whether the process ends within some seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not command_line(pid):
            return True
        await asyncio.sleep(0.05)
    return False


def child(noted: Path, name: str = "web") -> Child:
    return Child(name, [sys.executable, "-c", LIVES, str(noted)], noted.with_suffix(".log"))


async def test_a_child_that_falls_is_started_again_and_all_end_with_the_block(tmp_path: Path) -> None:
    told: list[str] = []
    web, worker = tmp_path / "web", tmp_path / "worker"
    async with Supervisor([child(web), child(worker, "worker")], told.append) as family:
        family.release({})
        watching = asyncio.ensure_future(family.watch())
        (first,) = await pids(web, 1)
        (other,) = await pids(worker, 1)
        os.kill(first, signal.SIGKILL)
        _, second = await pids(web, 2)
        assert command_line(other)
        watching.cancel()
    assert told == ["web ended (SIGKILL); starting it again"]
    assert await gone(second)
    assert await gone(other)


async def test_a_child_that_keeps_falling_is_given_up_with_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridloom.commands.supervise.PAUSE_SECONDS", 0.01)
    falls = Child("worker", [sys.executable, "-c", "raise SystemExit('no database')"], tmp_path / "worker.log")
    async with Supervisor([falls]) as family:
        with pytest.raises(ExceptionGroup) as caught:
            await family.watch()
    (reason,) = caught.value.exceptions
    assert isinstance(reason, KeepsFalling)
    assert "no database" in str(reason)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
async def test_a_child_ends_with_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    noted = tmp_path / "web"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(noted), LIVES], stderr=subprocess.DEVNULL)
    (pid,) = await pids(noted, 1)
    parent.send_signal(number)
    parent.wait(20)
    assert await gone(pid)


async def test_held_children_begin_when_released_and_with_what_they_are_given(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    says = LIVES.replace("{os.getpid()}", "{os.environ['GREETING']}")
    held = Child("web", [sys.executable, "-c", says, str(noted)], tmp_path / "log")
    async with Supervisor([held]) as family:
        await asyncio.sleep(1)
        assert not noted.exists()
        family.release({"GREETING": "织网"})
        async with asyncio.timeout(20):
            while not noted.exists() or not noted.read_text():
                await asyncio.sleep(0.05)
    assert noted.read_text() == "织网\n"
