"""What core itself does beside a step, in the step's own transaction, looked up by the step.

`prepare` runs after core's rules and before the element's: it may refuse and may replace the form (what is sealed or
computed). `settle` runs when state and owner are set and before the step is recorded: it may move owner and counterpart.
`after` runs last and answers with further steps that follow at once, taken by core.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.taking import Taking
from gridloom.contract.declare import Step
from gridloom.contract.types import Form
from gridloom.work import Work

Further = Sequence[tuple[Step[Any], Form]]


@dataclass(frozen=True)
class Act:
    """What core does beside one step."""

    prepare: Callable[[Work, Taking], Awaitable[None]] | None = None
    settle: Callable[[Work, Taking, MatterRow], Awaitable[None]] | None = None
    after: Callable[[Work, Taking, MatterRow], Awaitable[Further]] | None = None


ACTS: Mapping[Step[Any], Act] = MappingProxyType({})


async def prepare(work: Work, taking: Taking) -> None:
    """Raises `Refusal` where core cannot take the step."""
    act = ACTS.get(taking.step)
    if act is not None and act.prepare is not None:
        await act.prepare(work, taking)


async def settle(work: Work, taking: Taking, row: MatterRow) -> None:
    """Move owner and counterpart where the step says so."""
    act = ACTS.get(taking.step)
    if act is not None and act.settle is not None:
        await act.settle(work, taking, row)


async def after(work: Work, taking: Taking, row: MatterRow) -> Further:
    """Steps that follow at once."""
    act = ACTS.get(taking.step)
    if act is not None and act.after is not None:
        return await act.after(work, taking, row)
    return ()
