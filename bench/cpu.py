"""Processor time of processes and of everything below them, from /proc."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def seconds(roots: Iterable[int]) -> float:
    """User and system seconds that these processes, their present descendants and their ended children have used."""
    return sum(_own(pid) for pid in family(roots)) / TICKS


def family(roots: Iterable[int]) -> set[int]:
    """These processes and all below them."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _fields(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children.get(pid, [])
    return found


def memory(pid: int) -> int:
    """Resident bytes of one process; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _own(pid: int) -> int:
    """Ticks of a process and of its children that ended and were waited for."""
    fields = _fields(pid)
    return sum(int(fields[place]) for place in (11, 12, 13, 14)) if fields else 0


def _fields(pid: int) -> list[str]:
    """What stands in `stat` behind the command's name: state, parent, …"""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
