"""Where the service reads the time. Always aware, always UTC."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Source of the present moment; injected, so that tests and rehearsals can move it."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ShiftedClock:
    """The machine's clock moved by a settable offset: tests and rehearsals live in another hour with it."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def move_to(self, moment: datetime) -> None:
        """Let `now()` be `moment` from here on (and run on from there)."""
        self.offset = moment - datetime.now(UTC)


class DatabaseClock:
    """The database's time, kept as an offset to this machine's, so that every process agrees without asking each time."""

    def __init__(self, local: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._local = local
        self._offset = timedelta()

    def now(self) -> datetime:
        return self._local() + self._offset

    def learn(self, before: datetime, database_now: datetime, after: datetime) -> None:
        """Set the offset from one exchange; the database answered between `before` and `after` of this machine."""
        self._offset = database_now - (before + (after - before) / 2)
