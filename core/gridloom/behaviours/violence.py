"""A sign of violence in a mediation: the police own it at once, every desk that may hear of it is told, and only somebody who
did not mediate clears it."""

from gridloom.behaviours import mediation
from gridloom.behaviours.act import Act, Acts, Further
from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.taking import Taking
from gridloom.errors import ProblemCode, Refusal
from gridloom.people.service import organization_by_code
from gridloom.work import Work

POLICE_CODE = "GA"


async def _to_the_police(work: Work, _taking: Taking, row: MatterRow) -> None:
    police = await organization_by_code(work, POLICE_CODE)
    row.owner_id = police.id if police is not None else row.supervisor_id or row.owner_id


async def _told(work: Work, _taking: Taking, row: MatterRow) -> Further:
    work.fact("violence.signalled", row.case_id, scopes=(row.owner_id,), matterId=str(row.id), ownerId=str(row.owner_id))
    work.audit("violence.signalled", "matter", row.id)
    return ()


async def _not_the_mediator(work: Work, taking: Taking) -> None:
    if taking.row is not None and taking.row.assignee_id == work.actor.id:
        raise Refusal(ProblemCode.SAME_PERSON, "matter-same-person", step=taking.bound.mutation_of(taking.step))


async def _back_to_the_body(_work: Work, _taking: Taking, row: MatterRow) -> None:
    row.owner_id = row.counterpart_id or row.origin_id


ACTS: Acts = {
    mediation.signal: Act(settle=_to_the_police, after=_told),
    mediation.clear: Act(prepare=_not_the_mediator, settle=_back_to_the_body),
    mediation.follow_up: Act(prepare=_not_the_mediator),
}
