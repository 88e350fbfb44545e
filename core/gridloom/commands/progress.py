"""Progress of what takes its time: a moving line on a terminal, plain lines in a log."""

import re
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

PLAIN_EVERY = 5.0
NUMBERS = re.compile(r"[\d,.]+")
"""What counts up within one step: a log wants the step, not each number."""


class Steps:
    """`with Steps(console) as steps: steps.say("…"); steps.part("…", 0.3)`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._line = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._line.add_task("", total=None)
        self._said, self._told_at = "", 0.0

    def __enter__(self) -> "Steps":
        self._line.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def say(self, text: str) -> None:
        """What is being done now, for nobody knows how long."""
        self._line.update(self._task, description=text, total=None)
        self._plain(text, None)

    def part(self, text: str, done: float) -> None:
        """What is being done now and how much of it is done, 0 to 1."""
        self._line.update(self._task, description=text, total=1.0, completed=done)
        self._plain(text, done)

    def note(self, text: str) -> None:
        """A line that stays."""
        self._line.console.print(text)

    def end(self) -> None:
        """Take the line away; may be called twice."""
        self._line.stop()

    def _plain(self, text: str, done: float | None) -> None:
        now, kind = time.monotonic(), NUMBERS.sub("", text)
        if self._console.is_terminal or (kind == self._said and now - self._told_at < PLAIN_EVERY):
            return
        self._said, self._told_at = kind, now
        self._console.print(f"  {text}{'' if done is None else f' ({done:.0%})'}", soft_wrap=True)
