"""What core does beside the steps of a joint session: consent where the element asks for it, nobody invited twice, no end
while a decision is open."""

from sqlalchemy import select

from gridloom.behaviours import joint_session
from gridloom.behaviours.act import Act, Acts
from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.taking import Taking
from gridloom.errors import ProblemCode, Refusal, invalid
from gridloom.work import Work


async def _consented(_work: Work, taking: Taking) -> None:
    row = taking.row
    if row is not None and taking.bound.has(joint_session.consent) and joint_session.consent.key not in row.takers:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "session-consent-first")


async def _not_invited_yet(work: Work, taking: Taking) -> None:
    if taking.parent is None or not isinstance(taking.form, joint_session.Invite):
        return
    twice = (await work.session.execute(
        select(MatterRow.id).where(
            MatterRow.tenant_id == work.tenant, MatterRow.parent_id == taking.parent.id, MatterRow.part == "invitation",
            MatterRow.counterpart_id == taking.form.organization_id,
        ).limit(1)
    )).scalar_one_or_none()
    if twice is not None:
        raise invalid("session-invited", "organizationId")


async def _decisions_ended(work: Work, taking: Taking) -> None:
    if taking.row is None:
        return
    waiting = (await work.session.execute(
        select(MatterRow.id).where(
            MatterRow.tenant_id == work.tenant, MatterRow.parent_id == taking.row.id, MatterRow.part == "decision",
            MatterRow.open,
        ).limit(1)
    )).scalar_one_or_none()
    if waiting is not None:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "session-decisions-open")


ACTS: Acts = {
    joint_session.invite: Act(prepare=_not_invited_yet),
    joint_session.hold: Act(prepare=_consented),
    joint_session.follow: Act(prepare=_decisions_ended),
}
