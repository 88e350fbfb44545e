"""Finding and ending processes, also those that an earlier launcher left behind."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

PAUSE = 0.02
"""Seconds between two looks at something that is about to happen."""


def command_line(pid: int) -> str:
    """The command line of a running process; empty when there is none (or it is a zombie)."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        pass
    if Path("/proc/self").exists():
        return ""
    answer = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def end(pid: int, marker: str, steps: Sequence[tuple[signal.Signals, float]]) -> None:
    """End the process while its command line holds `marker`: each signal in turn, each with its seconds to obey.

    The marker keeps a number that was given to another process meanwhile from being hit.
    """
    for number, seconds in steps:
        if marker not in command_line(pid):
            return
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if marker not in command_line(pid):
                return
            time.sleep(PAUSE)


def stop(process: subprocess.Popen[bytes], steps: Sequence[tuple[signal.Signals, float]]) -> None:
    """End a child of ours and take its exit status: each signal in turn, each with its seconds to obey."""
    for number, seconds in steps:
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(remembered: int | None) -> int:
    """The remembered port when it is still free, else any free one of the loopback interface."""
    if remembered is not None and port_is_free(remembered):
        return remembered
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log file, for an error message."""
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
    except OSError:
        return ""
