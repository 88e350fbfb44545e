"""What core itself does beside one step, in the step's own transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.taking import Taking
from gridloom.contract.declare import Step
from gridloom.contract.types import Form
from gridloom.work import Work

Further = Sequence[tuple[Step[Any], Form]]


@dataclass(frozen=True)
class Act:
    """`prepare` runs after core's rules and before the element's: it may refuse, may replace the form (what is computed),
    may answer that an earlier matter is this one already. `settle` runs when state and owner are set and before the step
    is recorded: it may move owner and counterpart. `after` runs last and answers with further steps that follow at once,
    taken by core."""

    prepare: Callable[[Work, Taking], Awaitable[MatterRow | None]] | None = None
    settle: Callable[[Work, Taking, MatterRow], Awaitable[None]] | None = None
    after: Callable[[Work, Taking, MatterRow], Awaitable[Further]] | None = None


Acts = Mapping[Step[Any], Act]
