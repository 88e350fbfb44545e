"""The timer around a plugin's question: a call that loops, sleeps or swallows exceptions ends after 50 ms.

Main thread: ITIMER_REAL raises `Overran` inside the plugin's frames. One shot is lost in a bare `except:`, so it rings
again after 5 ms and then every 50 µs until one lands outside the `try`. Native code that never returns is ended by the
kernel: ITIMER_PROF without a handler, after 2 s of the process's CPU. Any other thread cannot be interrupted: there
the call is only judged late when it returns, which is why core asks on the event loop's thread.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

T = TypeVar("T")
LIMIT = 0.050
AGAIN = 0.005
THEN = 0.000_05
CPU = 2.0


class Overran(BaseException):
    """The call took longer than its limit. A BaseException, so that `except Exception` does not swallow it."""


def _enter(function: Callable[[], T]) -> T:
    return function()


_ENTER = _enter.__code__


def _is_inside(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code is _ENTER:
            return True
        frame = frame.f_back
    return False


class _Bell:
    """The handler of one call: raises only while the plugin's frames are on the stack, so nothing leaks to the host."""

    __slots__ = ("rung",)

    def __init__(self) -> None:
        self.rung = 0

    def ring(self, number: int, frame: FrameType | None) -> None:
        if not _is_inside(frame):
            return
        self.rung += 1
        signal.setitimer(signal.ITIMER_REAL, AGAIN if self.rung == 1 else THEN)
        raise Overran


def limited(function: Callable[[], T], limit: float = LIMIT) -> T:
    """The function's answer; raises `Overran` when it took longer than `limit` seconds."""
    if threading.current_thread() is not threading.main_thread():
        return _judged(function, limit)
    bell = _Bell()
    handler = signal.signal(signal.SIGALRM, bell.ring)
    last_resort = signal.getsignal(signal.SIGPROF) is signal.SIG_DFL
    try:
        if last_resort:
            signal.setitimer(signal.ITIMER_PROF, CPU)
        signal.setitimer(signal.ITIMER_REAL, limit)
        answer = _enter(function)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if last_resort:
            signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGALRM, handler or signal.SIG_DFL)
    if bell.rung:  # it was told to stop and swallowed that: the answer came too late
        raise Overran
    return answer


def _judged(function: Callable[[], T], limit: float) -> T:
    began = time.monotonic()
    answer = function()
    if time.monotonic() - began > limit:
        raise Overran
    return answer
