"""Has pictures drawn anew by processes of their own: few at a time, each with a time limit, never in this one."""

import asyncio
import json
import sys
from dataclasses import dataclass
from typing import Any

from gridloom.files.picture import PROCESSOR_SECONDS

AT_ONCE = 2
MOST_WAITING = 40
SECONDS = PROCESSOR_SECONDS + 5


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture drawn anew: JPEG bytes, those of its small form, and what it looks like in 64 bits."""

    data: bytes
    small: bytes
    look: str | None


class NoPicture(Exception):
    """It could not be drawn. `why`: "broken", or "bomb" for one that would need too much memory or time."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class TooBusy(Exception):
    """Too many pictures wait already."""


class Pictures:
    """The bench at which pictures are drawn."""

    def __init__(self, at_once: int = AT_ONCE, seconds: float = SECONDS) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._seconds = seconds
        self._waiting = 0

    async def redraw(self, data: bytes) -> Picture:
        """Raises `NoPicture`, `TooBusy`."""
        if self._waiting >= MOST_WAITING:
            raise TooBusy
        self._waiting += 1
        try:
            async with self._places:
                return await self._draw(data)
        finally:
            self._waiting -= 1

    async def _draw(self, data: bytes) -> Picture:
        # No environment: whatever a hostile file achieves in there, it finds no password.
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-m", "gridloom.files.picture", env={}, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, limit=2**20,
        )
        try:
            async with asyncio.timeout(self._seconds):
                out, _ = await child.communicate(data)
        except TimeoutError:
            raise NoPicture("bomb") from None
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        return _read(out, child.returncode or 0)


def _read(out: bytes, status: int) -> Picture:
    line, _, forms = out.partition(b"\n")
    if status or not line:
        # Ended by a limit (memory, processor time) or by a fault of the decoder.
        raise NoPicture("bomb")
    answer: dict[str, Any] = json.loads(line)
    if "refused" in answer:
        raise NoPicture(str(answer["refused"]))
    size = int(answer["bytes"])
    return Picture(forms[:size], forms[size:], answer["look"])
