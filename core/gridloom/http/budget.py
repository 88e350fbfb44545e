"""What one caller may make this process compute for unseen documents: seconds at once, little in the long run."""

import time
from collections import OrderedDict
from collections.abc import Callable

KEPT = 5_000


class Budget:
    """A bucket of processor seconds for each caller: full at first, refilled slowly, in debt when overdrawn."""

    def __init__(self, burst: float, per_second: float, now: Callable[[], float] = time.monotonic) -> None:
        self._burst = burst
        self._per_second = per_second
        self._now = now
        self._left: OrderedDict[object, tuple[float, float]] = OrderedDict()

    def wait(self, caller: object) -> int:
        """Seconds until the caller may ask again; 0 when at once."""
        left = self._at_present(caller)
        return 0 if left > 0 else int(-left / self._per_second) + 1

    def spend(self, caller: object, seconds: float) -> None:
        """Take what was used."""
        self._left[caller] = (self._now(), self._at_present(caller) - seconds)
        self._left.move_to_end(caller)
        while len(self._left) > KEPT:
            self._left.popitem(last=False)

    def _at_present(self, caller: object) -> float:
        since, left = self._left.get(caller, (self._now(), self._burst))
        return min(self._burst, left + (self._now() - since) * self._per_second)
