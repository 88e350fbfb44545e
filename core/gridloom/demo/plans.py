"""The plan of a case's life: what happens, when, by whom. Pure data, to be carried out by the services or in bulk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Input = str | int | float | bool | tuple[str, ...] | Mapping[str, str | float] | tuple[Mapping[str, str | float], ...]


@dataclass(frozen=True, slots=True)
class ActorPlan:
    """Who takes a step. `person` is the key of `people.Person`; organisation by its code, grid by its code."""

    person: str
    name: str
    role: str
    organization: str | None
    grid: str | None


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One step. `name` is a mutation of the contract and `inputs` its input fields without `key` and `version`.

    Ids stand as what the plan can know: `organizationId`, `leadId`, `assistIds`, `suggestedOrganizationId` hold
    organisation codes; `assignmentId` and `whistleId` the place (from 0) in the order in which the case got them (a
    whistle makes its lead first, then its assists; an upheld return adds the new unit's); `add` holds person keys.
    `caseId` is left out. `at` is aware UTC; steps of one case never go back in time.
    """

    name: str
    at: datetime
    actor: ActorPlan
    inputs: Mapping[str, Input]


@dataclass(frozen=True, slots=True)
class CasePlan:
    """One case from its report to where it stands at the end of the plan. `steps[0]` is its `reportCase`.

    `ordinal` counts from 1 in the order of `reported_at`. `path` names the course that was planned: SELF_HANDLED,
    REJECTED, ROUTED, EMERGENCY, VIOLENCE, ROUTINE, KEY, HARD; the last steps may be missing, as time ends at `now`.
    """

    ordinal: int
    work_item: str
    grid: str
    severity: str
    channel: str
    path: str
    reported_at: datetime
    steps: tuple[StepPlan, ...]

    @property
    def title(self) -> str:
        return str(self.steps[0].inputs["title"])

    @property
    def description(self) -> str:
        return str(self.steps[0].inputs["description"])
