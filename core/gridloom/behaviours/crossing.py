"""What core does beside the steps of a handover: danger is taken at once, a second refusal goes to a ruling, rulings are
kept, and the receiving side's own element is found."""

from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select

from gridloom.behaviours import handover
from gridloom.behaviours.act import Act, Acts, Further
from gridloom.behaviours.keeping import NEVER
from gridloom.behaviours.models import MatterPrecedent, MatterRow, MechanismElementRow
from gridloom.behaviours.taking import Taking
from gridloom.cases.models import CaseRow, InboxItemRow
from gridloom.contract.declare import Element, Mechanism
from gridloom.contract.types import Mode
from gridloom.errors import ProblemCode, Refusal, invalid
from gridloom.people.models import Organization
from gridloom.work import Work

COUNTY = 2


async def _received_by(work: Work, taking: Taking, row: MatterRow) -> None:
    """Note the element of the receiving side that types its own steps, where a plugin that is on has one."""
    found = await _receiver(work, taking, row)
    row.receiver_plugin, row.receiver_element = found or (None, None)


async def _receiver(work: Work, taking: Taking, row: MatterRow) -> tuple[str, str] | None:
    if row.counterpart_id is None or taking.bound.behaviour is handover.incoming:
        return None
    sender = await work.session.get_one(Organization, (work.tenant, row.origin_id))
    receiver = await work.session.get_one(Organization, (work.tenant, row.counterpart_id))
    for one in taking.county:
        mechanism = work.host.mechanisms.get(one.key)
        if one.mode is not Mode.ON or mechanism is None or one.key == row.plugin:
            continue
        for element in mechanism.elements:
            if element.behaviour is handover.incoming and _docks(mechanism, element, sender, receiver) and (
                await _enabled(work, one.key, element.key)
            ):
                return one.key, element.key
    return None


def _docks(mechanism: Mechanism, element: Element, sender: Organization, receiver: Organization) -> bool:
    at = element.docks_at or (mechanism.department,)
    return _named(sender, element.docks_with) and _named(receiver, at)


def _named(organization: Organization, names: tuple[str, ...]) -> bool:
    own = {one.lower() for one in (organization.code, organization.kind, organization.line) if one}
    return any(name.lower() in own for name in names)


async def _enabled(work: Work, plugin: str, element: str) -> bool:
    return (await work.session.execute(
        select(MechanismElementRow.id).where(
            MechanismElementRow.tenant_id == work.tenant, MechanismElementRow.plugin == plugin,
            MechanismElementRow.key == element, MechanismElementRow.enabled,
        )
    )).scalar_one_or_none() is not None


async def _taken_at_once(_work: Work, taking: Taking, _row: MatterRow) -> Further:
    """Danger is accepted in the transaction that offers it."""
    if not isinstance(taking.form, handover.Offer) or taking.form.danger is None:
        return ()
    if taking.bound.element is not None and handover.offer in taking.bound.element.at_once:
        return ()
    form = taking.bound.form_of(handover.accept)
    try:
        return [(handover.accept, form())]
    except ValidationError:  # the department's own form wants more than core can know
        return [(handover.accept, handover.Accept())]


async def _first_refusal(work: Work, taking: Taking) -> None:
    """The same thing is refused once: of this line, or of this case by this way before."""
    row = taking.row
    if row is None or await _refused_before(work, row) is None:
        return
    raise Refusal(ProblemCode.ALREADY_RETURNED, "handover-ask-ruling")


async def _refused_before(work: Work, row: MatterRow) -> UUID | None:
    if row.previous_id is not None:
        earlier = await work.session.get_one(MatterRow, (work.tenant, row.previous_id))
        return earlier.id if earlier.state == "REFUSED" else await _refused_before(work, earlier)
    if row.case_id is None:
        return None
    return (await work.session.execute(
        select(MatterRow.id).where(
            MatterRow.tenant_id == work.tenant, MatterRow.plugin == row.plugin, MatterRow.element == row.element,
            MatterRow.case_id == row.case_id, MatterRow.origin_id == row.origin_id, MatterRow.state == "REFUSED",
        ).limit(1)
    )).scalar_one_or_none()


async def _second_refusal(work: Work, taking: Taking) -> None:
    row = taking.row
    if row is not None and await _refused_before(work, row) is None:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "handover-refuse-first")


async def _to_the_centre(work: Work, _taking: Taking, row: MatterRow) -> None:
    """The centre of the case, else the county's, supervises from here on."""
    if row.supervisor_id is None and row.case_id is not None:
        row.supervisor_id = (await work.session.get_one(CaseRow, (work.tenant, row.case_id))).centre_id
    if row.supervisor_id is None:
        row.supervisor_id = (await work.session.execute(
            select(Organization.id).where(
                Organization.tenant_id == work.tenant, Organization.kind == "CENTRE", Organization.level == COUNTY,
                Organization.closed_at.is_(None),
            ).order_by(Organization.code).limit(1)
        )).scalar_one_or_none()
    if row.supervisor_id is None:
        raise invalid("problem-no-centre", "organizationId")


async def _waiting_for_the_centre(work: Work, taking: Taking, row: MatterRow) -> Further:
    """The ruling stands in the centre's inbox beside the receiver's row."""
    work.new(
        InboxItemRow, scope_id=row.supervisor_id, kind="MATTER", subject_kind="matter", subject_id=row.id, case_id=None,
        title=row.title, reason=f"{taking.bound.title}：待裁定", due_at=None, sort_at=NEVER, created_at=work.now,
    )
    return ()


async def _precedent(work: Work, taking: Taking, row: MatterRow) -> Further:
    form, asked = taking.form, row.forms[handover.ask_ruling.key]["values"]
    if isinstance(form, handover.Rule):
        work.new(
            MatterPrecedent, plugin=row.plugin, element=row.element, matter_id=row.id,
            organization_id=form.organization_id, basis=asked["ground"], ruling=form.ruling, at=work.now,
        )
    return ()


ACTS: Acts = {
    handover.offer: Act(settle=_received_by, after=_taken_at_once),
    handover.refuse: Act(prepare=_first_refusal),
    handover.ask_ruling: Act(prepare=_second_refusal, settle=_to_the_centre, after=_waiting_for_the_centre),
    handover.rule: Act(settle=_received_by, after=_precedent),
}
