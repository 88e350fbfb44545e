"""Child processes that belong together: started, started again when they fall, ended with their parent."""

import asyncio
import json
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

LIFELINE = "GRIDLOOM_LIFELINE"
"""Set for children: their standard input is a pipe that closes when the parent is gone, however it went. `held` ones
load their code and then wait for one line, the environment as JSON, before they begin."""
FREE, HELD = "free", "held"
STOP_SECONDS = 15.0
PAUSE_SECONDS = 1.0
FALLS, FALLS_WITHIN = 5, 60.0

Tell = Callable[[str], None]


class KeepsFalling(RuntimeError):
    """A child ended again and again; the message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Child:
    """One process: its name, its words on the command line, where its output goes."""

    name: str
    arguments: Sequence[str]
    log: Path


@dataclass
class Supervisor:
    """`async with Supervisor(...) as family: family.release({...}); await family.watch()`.

    Children load while the parent still prepares what they need. At the end of the block every child has ended.
    """

    children: Sequence[Child]
    tell: Tell = lambda text: None
    _environment: dict[str, str] = field(default_factory=dict)
    _processes: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    async def __aenter__(self) -> "Supervisor":
        try:
            for child in self.children:
                await self._start(child, HELD)
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def release(self, environment: Mapping[str, str]) -> None:
        """Let the children begin, with this added to their environment."""
        self._environment.update(environment)
        for process in self._processes.values():
            if process.stdin is not None and process.returncode is None:
                process.stdin.write(json.dumps(self._environment).encode() + b"\n")

    async def watch(self) -> None:
        """Start children again when they end. Raises KeepsFalling for one that ends five times in a minute."""
        async with asyncio.TaskGroup() as tasks:
            for child in self.children:
                tasks.create_task(self._keep(child))

    async def stop(self) -> None:
        """End every child: politely, then by force."""
        running = [process for process in self._processes.values() if process.returncode is None]
        for process in running:
            process.terminate()
        for process in running:
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    async def _start(self, child: Child, begin: str) -> asyncio.subprocess.Process:
        child.log.parent.mkdir(parents=True, exist_ok=True)
        with child.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *child.arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**os.environ, **self._environment, LIFELINE: begin},
                start_new_session=True,
            )
        self._processes[child.name] = process
        return process

    async def _keep(self, child: Child) -> None:
        falls: deque[float] = deque(maxlen=FALLS)
        process = self._processes[child.name]
        while True:
            code = await process.wait()
            falls.append(time.monotonic())
            if len(falls) == FALLS and falls[-1] - falls[0] < FALLS_WITHIN:
                end = _last_lines(child.log)
                raise KeepsFalling(f"{child.name} ends again and again; the end of {child.log}:\n{end}")
            self.tell(f"{child.name} ended ({_how(code)}); starting it again")
            await asyncio.sleep(PAUSE_SECONDS)
            process = await self._start(child, FREE)


def end_with_parent() -> None:
    """In a child: wait to be released when held, and end as by SIGTERM when the parent is gone.

    Does nothing in a process started by hand.
    """
    begin = os.environ.pop(LIFELINE, "")
    if begin == HELD:
        line = sys.stdin.buffer.readline()
        if not line:
            raise SystemExit(0)
        os.environ.update(json.loads(line))
    if begin in (FREE, HELD):
        threading.Thread(target=_wait_for_parent, name="lifeline", daemon=True).start()


def _wait_for_parent() -> None:
    # Not through the buffered reader: its lock, held by this thread, would break the interpreter's own end.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _last_lines(log: Path, count: int = 15) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
