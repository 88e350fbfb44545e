"""Returns: a right with rules. One request a unit, inside the window, with a basis; the centre rules; the ruling stays."""

from sqlalchemy import select

from gridloom.cases.attachments import own_files, tie_files
from gridloom.cases.file import expect_version, permit, record, shown, tell
from gridloom.cases.models import CaseRow
from gridloom.cases.text import REASON, required
from gridloom.catalogue.service import item_version, service_level_of
from gridloom.clocks.service import start_clock, stop_clocks
from gridloom.dispatch.assignments import Extras, performer_of
from gridloom.dispatch.codes import AssignmentRole, AssignmentStatus
from gridloom.dispatch.desk import Desk, finish, open_assignment, share_with_units
from gridloom.dispatch.guards import ask_plugins
from gridloom.dispatch.models import AssignmentReturnRow, AssignmentRow, PrecedentRow
from gridloom.dispatch.service import assign_unit, new_assignment, unit_by_id
from gridloom.dispatch.whistles import start_whistle_clocks
from gridloom.errors import ProblemCode, Refusal, invalid
from gridloom.ids import uuid7
from gridloom.people.models import Organization
from gridloom.work import Work

RULE_CLOCK = "sl:rule_return"


async def ask_return(
    work: Work, assignment_id: object, version: int, *, reason: str, basis: str,
    suggested_id: object | None, extras: Extras,
) -> dict[str, str]:
    """A unit says why the task is not its own. Its clocks run on and it keeps the interim duty until the ruling.

    Raises `Refusal` VALIDATION without basis, ALREADY_RETURNED, WINDOW_CLOSED, NOT_YOURS, NOT_ALLOWED_NOW.
    """
    desk, assignment = await open_assignment(work, assignment_id, "assignmentId")
    suggested = await unit_by_id(work, suggested_id, "suggestedOrganizationId") if suggested_id else None
    await own_files(work, extras.attachment_ids)
    permit(work, "askReturn")
    ground = required(basis, REASON, "basis")
    performer = performer_of(work, extras)
    expect_version(assignment.version, version)
    await _check_window(desk, assignment)
    await ask_plugins(desk, "askReturn")
    level = await service_level_of(work, desk.case.service_level_id)
    clock = await start_clock(
        work, case_id=desk.case.id, assignment_id=assignment.id, kind="SERVICE", code=RULE_CLOCK, label="退回裁定时限",
        limit=level.limit("PROCEDURE", "return", "rule"),
    )
    work.new(
        AssignmentReturnRow, id=uuid7(), assignment_id=assignment.id, case_id=desk.case.id,
        organization_id=assignment.organization_id, reason=reason, basis=shown(desk.file, ground),
        suggested_id=suggested.id if suggested else None, asked_at=work.now, asked_by=work.actor.id,
        rule_due_at=clock.due_at,
    )
    assignment.status = AssignmentStatus.RETURN_ASKED
    assignment.version += 1
    entry = record(work, desk.file, "askReturn", note=ground, performed_by=performer, assignment_id=assignment.id,
                   organization_id=assignment.organization_id, reason=reason)
    await tie_files(work, desk.file, entry, extras.attachment_ids)
    await finish(desk, changed=False)
    tell(work, desk.file, "assignment.return_asked", assignment=str(assignment.id),
         organization=str(assignment.organization_id), reason=reason)
    return {"assignment": str(assignment.id), "case": str(desk.case.id)}


async def rule_return(
    work: Work, assignment_id: object, version: int, *, upheld: bool, organization_id: object | None, ruling: str
) -> dict[str, str]:
    """The centre rules. Upheld: the task goes to another unit, and the ruling becomes a precedent."""
    desk, assignment = await open_assignment(work, assignment_id, "assignmentId")
    unit = await unit_by_id(work, organization_id, "organizationId") if organization_id else None
    permit(work, "ruleReturn")
    text = required(ruling, REASON, "ruling")
    _check_target(desk, assignment, upheld, unit)
    expect_version(assignment.version, version)
    desk.allow_assignment("ruleReturn", assignment)
    await ask_plugins(desk, "ruleReturn")
    asked = await _open_return(desk, assignment)
    asked.ruled_at, asked.ruled_by, asked.upheld, asked.ruling = work.now, work.actor.id, upheld, shown(desk.file, text)
    assignment.version += 1
    await stop_clocks(work, assignment_id=assignment.id, codes=(RULE_CLOCK,))
    precedent = None
    if upheld:
        await _move(desk, assignment, unit)
        answerable = unit.id if unit else assignment.organization_id
        precedent = await _remember(desk, asked.basis, text, answerable) if unit else None
    else:
        assignment.status = AssignmentStatus.SIGNED
        assignment.signed_at = assignment.signed_at or work.now
        precedent = await _remember(desk, asked.basis, text, assignment.organization_id)
    record(work, desk.file, "ruleReturn", note=text, assignment_id=assignment.id,
           organization_id=unit.id if unit else assignment.organization_id, upheld=upheld)
    await finish(desk)
    tell(work, desk.file, "return.ruled", assignment=str(assignment.id), upheld=upheld,
         organization=str(unit.id) if unit else None, version=desk.case.version)
    ids = {"case": str(desk.case.id), "assignment": str(assignment.id)}
    return ids | ({"precedent": str(precedent.id)} if precedent else {})


async def _check_window(desk: Desk, assignment: AssignmentRow) -> None:
    if assignment.organization_id not in desk.standing.organizations:
        raise Refusal(ProblemCode.NOT_YOURS, "problem-not-yours", step="askReturn")
    earlier = (await desk.work.session.execute(
        select(AssignmentReturnRow.id).where(
            AssignmentReturnRow.tenant_id == desk.work.tenant, AssignmentReturnRow.case_id == desk.case.id,
            AssignmentReturnRow.organization_id == assignment.organization_id,
        ).limit(1)
    )).scalar_one_or_none()
    if earlier is not None:
        raise Refusal(ProblemCode.ALREADY_RETURNED, "problem-already-returned")
    desk.allow_assignment("askReturn", assignment)
    if assignment.window_until is None or desk.work.now > assignment.window_until:
        raise Refusal(ProblemCode.WINDOW_CLOSED, "problem-window-closed")


def _check_target(desk: Desk, assignment: AssignmentRow, upheld: bool, unit: Organization | None) -> None:
    if upheld and unit is None and assignment.role == AssignmentRole.LEAD:
        raise invalid("problem-new-lead", "organizationId")
    if not upheld and unit is not None:
        raise invalid("problem-not-upheld-unit", "organizationId")
    if unit is not None and any(one.organization_id == unit.id for one in desk.open()):
        raise invalid("problem-unit-twice", "organizationId")


async def _open_return(desk: Desk, assignment: AssignmentRow) -> AssignmentReturnRow:
    return (await desk.work.session.execute(
        select(AssignmentReturnRow).where(
            AssignmentReturnRow.tenant_id == desk.work.tenant, AssignmentReturnRow.assignment_id == assignment.id,
            AssignmentReturnRow.ruled_at.is_(None),
        )
    )).scalar_one()


async def _move(desk: Desk, assignment: AssignmentRow, unit: Organization | None) -> None:
    """The old unit is relieved; the new one starts with clocks of its own under the same whistle."""
    work = desk.work
    assignment.status, assignment.ended_at = AssignmentStatus.RETURNED, work.now
    await stop_clocks(work, assignment_id=assignment.id)
    await work.session.flush()
    if unit is None:
        return
    role = AssignmentRole(assignment.role)
    whistle = next((one for one in desk.whistles if one.id == assignment.whistle_id), None)
    if whistle is None:
        await assign_unit(desk, unit, role, assignment.instruction)
        return
    successor = new_assignment(desk, unit, role, assignment.instruction)
    successor.whistle_id = whistle.id
    await start_whistle_clocks(desk, successor, unit, whistle.grade)
    await share_with_units(desk, unit.id)


async def _remember(desk: Desk, basis: str, ruling: str, organization_id: object) -> PrecedentRow | None:
    case: CaseRow = desk.case
    if case.sealed:
        return None
    item = await item_version(desk.work, case.item_version_id)
    return desk.work.new(
        PrecedentRow, id=uuid7(), item_version_id=item.id, item_code=item.code, organization_id=organization_id,
        case_id=case.id, basis=basis, ruling=ruling, at=desk.work.now,
    )
