"""A step on its way, as the engine and what core does beside it see it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gridloom.behaviours.county import Bound
from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.seats import Seat
from gridloom.cases.file import CaseFile
from gridloom.contract.declare import Step
from gridloom.contract.host import Switched
from gridloom.contract.types import CaseView, Form


@dataclass(slots=True)
class Taking:
    """A step on its way: what is known before anything is written. `kept` is what core's acts hand one another.

    `earlier` is the matter that this one follows, `by_core` a step that follows at once, `organization_id` for whom core
    begins a matter.
    """

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
    earlier: MatterRow | None = None
    by_core: bool = False
    organization_id: UUID | None = None
    kept: dict[str, Any] = field(default_factory=dict)
