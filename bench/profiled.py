"""Where a server's time goes: `python -m bench.profiled FILE serve …` is `gridloom serve …`, sampled.

From SIGUSR1 on, every two milliseconds of processor time the function at work is noted; at the end FILE holds samples by
place as JSON.
"""

import atexit
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from bench.result import Cell, Table
from gridloom.cli import main as gridloom

EVERY = 0.002
MOST = 14
samples: Counter[str] = Counter()


def place(file: str) -> str:
    """`gridloom.reads`, `sqlalchemy`, `asyncio`: whose code a file is."""
    parts = Path(file).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1].removesuffix(".py")
    if "gridloom" in parts:
        below = parts[len(parts) - 1 - parts[::-1].index("gridloom"):]
        return ".".join(below[:2]).removesuffix(".py")
    if file.startswith("<") or not parts:
        return "generated code"
    return "Python: " + (parts[-2] if parts[-2] in ("asyncio", "json", "email", "collections") else Path(file).stem)


def note(_signal: int, frame: FrameType | None) -> None:
    """One sample."""
    if frame is not None:
        samples[place(frame.f_code.co_filename)] += 1


def begin_in(pid: int) -> None:
    """Let a server that was started under the sampler begin to sample."""
    os.kill(pid, signal.SIGUSR1)


def read(file: Path) -> Table:
    """The shares of a sampled server, largest first."""
    found: dict[str, int] = json.loads(file.read_text(encoding="utf-8"))
    whole = sum(found.values()) or 1
    largest = sorted(found.items(), key=lambda one: -one[1])[:MOST]
    rows: list[Sequence[Cell]] = [(name, f"{count / whole:.0%}") for name, count in largest]
    return Table("Where the processor time of our server goes (sampled apart from the rounds)", ("code of", "share"), rows)


def main(file: Path, arguments: Sequence[str]) -> None:
    """Run the command under the sampler."""
    def keep() -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        file.write_text(json.dumps(samples), encoding="utf-8")

    def begin(_signal: int, _frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    atexit.register(keep)
    signal.signal(signal.SIGPROF, note)
    signal.signal(signal.SIGUSR1, begin)
    sys.argv = ["gridloom", *arguments]
    gridloom()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
