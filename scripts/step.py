"""Runs a command that takes its time: shows what is going on and for how long, and what it printed only when it fails.

Needs nothing but the standard library: it runs before the environment exists.
"""

import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

KEPT_LINES = 40
PLAIN_EVERY = 15.0


class StepFailed(Exception):
    """The command failed; its last lines were printed."""


def step(title: str, command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None) -> None:
    """Run `command` under a line with its title, its seconds and its latest output. Raises StepFailed."""
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines: deque[str] = deque(maxlen=KEPT_LINES)
    reader = threading.Thread(target=_collect, args=(process, lines), daemon=True)
    reader.start()
    began = time.monotonic()
    try:
        _show_until_done(title, process, lines, began)
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    reader.join(5)
    seconds = time.monotonic() - began
    if process.returncode != 0:
        _line(f"✗ {title} ({seconds:.0f} s)", end="\n")
        print("\n".join(lines), file=sys.stderr)
        raise StepFailed(title)
    _line(f"✓ {title} ({seconds:.0f} s)", end="\n")


def _collect(process: "subprocess.Popen[str]", lines: "deque[str]") -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip():
            lines.append(line.rstrip())


def _show_until_done(title: str, process: "subprocess.Popen[str]", lines: "deque[str]", began: float) -> None:
    terminal = sys.stdout.isatty()
    told = began
    if not terminal:
        print(f"  {title} …", flush=True)
    while process.poll() is None:
        time.sleep(0.1)
        now = time.monotonic()
        if terminal:
            latest = lines[-1] if lines else ""
            _line(f"… {title} ({now - began:.0f} s) {latest}")
        elif now - told >= PLAIN_EVERY:
            told = now
            print(f"  {title}: {now - began:.0f} s", flush=True)


def _line(text: str, end: str = "") -> None:
    if sys.stdout.isatty():
        print(f"\r\033[K{text[:118]}", end=end, flush=True)
    elif end:
        print(text, end=end, flush=True)
