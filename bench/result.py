"""What a bench module says and is told. A module of `bench/` that exposes `NAME` and `run` is found by the runner.

    NAME = "P4"

    async def run(world: World, options: Options) -> Result: ...

`world` is the bench database and its servers (see `bench/world.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Options:
    """How much to measure. `seconds` is the length of one round of one side; `quick` means figures for a look only
    (few and short rounds): the runner marks them so."""

    rounds: int = 5
    seconds: float = 5.0
    connections: int = 32
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of `quality.md`: what must (or should, a goal) be reached, and whether this run reached it.

    `met` is None where this machine could not measure it; `text` then says why.
    """

    level: Literal["must", "goal"]
    text: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the report."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one benchmark measured. Only measured numbers stand here.

    `ours` and every value of `beside` have the unit `unit`; `ratio` says by name how many times as much (see `work`).
    `notes` hold what a reader must know: what a peer does not do, where the time goes, what would close a missed bar.
    """

    name: str
    work: str
    unit: str
    ours: float
    beside: Mapping[str, float] = field(default_factory=dict)
    ratio: Mapping[str, float] = field(default_factory=dict)
    bars: Sequence[Bar] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()

    @property
    def met(self) -> bool:
        """Whether every bar that must be reached was measured and is reached."""
        return all(bar.met is True for bar in self.bars if bar.level == "must")

    def entry(self) -> dict[str, Any]:
        """This result's value in `results.json`."""
        return {
            "work": f"{self.work} [{self.unit}]",
            "ours": self.ours,
            "beside": dict(self.beside),
            "ratio": dict(self.ratio),
            "bar": "; ".join(f"{bar.level}: {bar.text}" for bar in self.bars),
            "met": self.met,
        }


class Void(Exception):
    """The run does not count: an answer was not a clean one, a side timed out, or both sides did not say the same."""
