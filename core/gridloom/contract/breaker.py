"""The circuit breaker of a plugin: three failures within a minute close it off for thirty seconds, then one trial."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

FAILURES = 3
WINDOW = 60.0
PAUSE = 30.0


@dataclass
class Breaker:
    """Of one plugin in one process. Seconds come from `monotonic`."""

    monotonic: Callable[[], float]
    failed: deque[float] = field(default_factory=lambda: deque(maxlen=FAILURES))
    opened: float | None = None
    on_trial: bool = False

    def allows(self) -> bool:
        """Whether the plugin may be asked now; after the pause once, until that trial's outcome is known."""
        if self.opened is None:
            return True
        if self.monotonic() - self.opened < PAUSE or self.on_trial:
            return False
        self.on_trial = True
        return True

    def succeeded(self) -> None:
        if self.on_trial:
            self.opened, self.on_trial = None, False
            self.failed.clear()

    def broke(self) -> None:
        now = self.monotonic()
        self.failed.append(now)
        crowded = len(self.failed) == FAILURES and now - self.failed[0] <= WINDOW
        if self.on_trial or crowded:
            self.opened, self.on_trial = now, False
