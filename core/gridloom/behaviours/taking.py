"""A step on its way, as the engine and what core does beside it see it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gridloom.behaviours.county import Bound
from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.seats import Seat
from gridloom.cases.file import CaseFile
from gridloom.contract.declare import Step
from gridloom.contract.host import Switched
from gridloom.contract.types import CaseView, Form


@dataclass(slots=True)
class Taking:
    """A step on its way: what is known before anything is written. `kept` is what core's acts hand one another."""

    bound: Bound
    step: Step[Any]
    form: Form
    county: Sequence[Switched]
    seats: tuple[Seat, ...]
    row: MatterRow | None
    parent: MatterRow | None
    seat: Seat | None = None
    file: CaseFile | None = None
    case: CaseView | None = None
    kept: dict[str, Any] = field(default_factory=dict)
