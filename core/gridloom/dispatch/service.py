"""The centre's procedure: accept, reject, escalate, route."""

from datetime import datetime

from gridloom.cases.codes import CaseStatus, ScopeKind
from gridloom.cases.file import record, share, shown, stop_counting, tell
from gridloom.cases.service import ACCEPT_CLOCK
from gridloom.cases.text import NOTE, REASON, identifier, optional, required
from gridloom.catalogue.models import Severity, WorkItemVersion
from gridloom.catalogue.service import ServiceLevel, item_by_code, item_version, service_level_of
from gridloom.clocks.limits import Limit, Unit
from gridloom.clocks.service import start_clock, start_statutory_clock, stop_clocks
from gridloom.dispatch.codes import AssignmentRole, AssignmentStatus
from gridloom.dispatch.desk import Desk, acting_centre, finish, open_desk, share_with_units
from gridloom.dispatch.guards import ask_plugins
from gridloom.dispatch.models import AssignmentRow
from gridloom.errors import ProblemCode, Refusal, invalid, not_found
from gridloom.ids import uuid7
from gridloom.people.models import Organization
from gridloom.people.roles import leader_scope
from gridloom.people.service import organizations_by_id
from gridloom.work import Work

HANDLE_CLOCK = "sl:handle"
ROUTE_CLOCK = "sl:route"
SIGN_CLOCK = "sl:sign"
STARTS_AT_ACCEPTANCE = ("accepted", "received", "registered")
# A unit that is only routed to (no whistle) may object for as long as petitions law gives every receiver: 5 working days
# where such a clock runs (信访工作条例 art. 23), else within the signing limit.
OBJECTION_CLOCK = "XF-03"
SEVERITY_ORDER = (Severity.CRITICAL, Severity.URGENT, Severity.NORMAL, Severity.LOW)


async def accept_case(
    work: Work, case_id: object, version: int, *, severity: str | None = None, work_item_code: str | None = None,
    note: str | None = None,
) -> dict[str, str]:
    """The centre takes a report on; the handling clock starts. Raises `Refusal` NOT_FOUND, CONFLICT, NOT_YOURS …"""
    desk = await open_desk(work, case_id, "caseId")
    item = await _other_item(work, work_item_code)
    text = optional(note, NOTE, "note")
    desk.prepare("acceptCase", version)
    desk.allow("acceptCase")
    await ask_plugins(desk, "acceptCase")
    if item is not None:
        desk.case.item_version_id = item.id
    if severity is not None:
        desk.case.severity = severity
    await begin_handling(desk)
    record(work, desk.file, "acceptCase", note=text)
    await finish(desk)
    tell(work, desk.file, "case.accepted", severity=desk.case.severity, version=desk.case.version)
    return {"case": str(desk.case.id)}


async def reject_case(work: Work, case_id: object, version: int, *, reason: str, remedy: str) -> dict[str, str]:
    """The centre declines a report and names the remedy; nothing else is allowed afterwards."""
    desk = await open_desk(work, case_id, "caseId")
    why, instead = required(reason, REASON, "reason"), required(remedy, REASON, "remedy")
    desk.prepare("rejectCase", version)
    desk.allow("rejectCase")
    await ask_plugins(desk, "rejectCase")
    desk.case.status = CaseStatus.REJECTED
    desk.case.ended_at = work.now
    await stop_clocks(work, case_id=desk.case.id)
    await stop_counting(work, desk.file)
    record(work, desk.file, "rejectCase", note=f"{why}\n救济途径:{instead}")
    await finish(desk)
    tell(work, desk.file, "case.rejected", version=desk.case.version)
    return {"case": str(desk.case.id)}


async def escalate_case(work: Work, case_id: object, version: int, *, reason: str) -> dict[str, str]:
    """The centre hands the case to the centre above it."""
    desk = await open_desk(work, case_id, "caseId")
    why = required(reason, REASON, "reason")
    desk.prepare("escalateCase", version)
    desk.allow("escalateCase")
    if desk.proposed() is not None:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "problem-whistle-waits")
    centre = await acting_centre(desk)
    above = await work.session.get(Organization, (work.tenant, centre.parent_id)) if centre.parent_id else None
    if above is None or above.kind != "CENTRE":
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "problem-no-centre-above")
    await ask_plugins(desk, "escalateCase")
    desk.take_over(above)
    desk.case.escalations += 1
    if above.grid_id is not None and not desk.case.sealed:
        await share(work, desk.file, ScopeKind.ORGANIZATION, above.id)
        await share(work, desk.file, ScopeKind.LEADER, leader_scope(above.grid_id))
    record(work, desk.file, "escalateCase", note=why, organization_id=above.id)
    await finish(desk)
    tell(work, desk.file, "case.escalated", centre=str(above.id), version=desk.case.version)
    return {"case": str(desk.case.id)}


async def route_case(
    work: Work, case_id: object, version: int, *, organization_id: object, instruction: str | None = None
) -> dict[str, str]:
    """The centre gives the case to one unit, which becomes its lead."""
    desk = await open_desk(work, case_id, "caseId")
    unit = await unit_by_id(work, organization_id, "organizationId")
    text = optional(instruction, NOTE, "instruction")
    desk.prepare("routeCase", version)
    desk.allow("routeCase")
    if desk.proposed() is not None:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "problem-whistle-waits")
    await ask_plugins(desk, "routeCase")
    desk.take_over(await acting_centre(desk))
    assignment = await assign_unit(desk, unit, AssignmentRole.LEAD, text)
    await mark_routed(desk)
    record(work, desk.file, "routeCase", note=text, organization_id=unit.id, assignment_id=assignment.id)
    await finish(desk)
    tell(work, desk.file, "case.routed", organization=str(unit.id), assignment=str(assignment.id),
         version=desk.case.version)
    return {"case": str(desk.case.id)}


async def begin_handling(desk: Desk) -> None:
    """The case is accepted: it counts from here against the item's own limit, its statutory clocks start."""
    work, case = desk.work, desk.case
    desk.take_over(await acting_centre(desk))
    case.status = CaseStatus.ACCEPTED
    case.accepted_at = case.accepted_at or work.now
    await stop_clocks(work, case_id=case.id, codes=(ACCEPT_CLOCK,))
    item = await item_version(work, case.item_version_id)
    level = await service_level_of(work, case.service_level_id)
    clock = await start_clock(
        work, case_id=case.id, kind="SERVICE", code=HANDLE_CLOCK, label="办理时限",
        limit=handling_limit(item, level, case.severity),
    )
    case.due_at = clock.due_at
    await start_clock(
        work, case_id=case.id, kind="SERVICE", code=ROUTE_CLOCK, label="分流时限",
        limit=level.limit("SEVERITY", case.severity, "route"),
    )
    for code in item.statutory:
        await start_statutory_clock(work, case_id=case.id, code=code, starts=STARTS_AT_ACCEPTANCE)


def handling_limit(item: WorkItemVersion, level: ServiceLevel, severity: str) -> Limit:
    """An item's own limit wins over the severity's default, unless the centre found the case graver than the item."""
    own = Limit(item.deadline_hours, Unit.HOUR)
    if SEVERITY_ORDER.index(Severity(severity)) >= SEVERITY_ORDER.index(Severity(item.severity)):
        return own
    graver = level.limit("SEVERITY", severity, "handle")
    return graver if graver.unit == Unit.HOUR and graver.value < own.value else own


async def mark_routed(desk: Desk) -> None:
    """The case is with its units."""
    desk.case.status = CaseStatus.ROUTED
    await stop_clocks(desk.work, case_id=desk.case.id, codes=(ROUTE_CLOCK,))


async def assign_unit(
    desk: Desk, unit: Organization, role: AssignmentRole, instruction: str | None
) -> AssignmentRow:
    """Give a unit its task without a whistle: the signing limit of the procedure, the case's own due time."""
    work, case = desk.work, desk.case
    level = await service_level_of(work, case.service_level_id)
    assignment = new_assignment(desk, unit, role, instruction)
    sign = await start_clock(
        work, case_id=case.id, assignment_id=assignment.id, kind="SERVICE", code=SIGN_CLOCK,
        label=f"签收时限·{unit.name}", limit=level.limit("PROCEDURE", "route", "sign"),
    )
    assignment.sign_due_at = sign.due_at
    assignment.window_until = await return_window(desk, sign.due_at)
    assignment.due_at = case.due_at
    await share_with_units(desk, unit.id)
    return assignment


def new_assignment(desk: Desk, unit: Organization, role: AssignmentRole, instruction: str | None) -> AssignmentRow:
    """An assignment without clocks, visible unless its whistle still waits."""
    assignment = desk.work.new(
        AssignmentRow, id=uuid7(), case_id=desk.case.id, organization_id=unit.id, role=role,
        status=AssignmentStatus.PENDING, visible=True, version=1, round=desk.case.round, title=desk.case.title,
        instruction=shown(desk.file, instruction), created_at=desk.work.now, sealed=False,
    )
    desk.assignments.append(assignment)
    return assignment


async def return_window(desk: Desk, sign_due_at: datetime) -> datetime:
    """The last moment to ask for a return: the later of the signing limit and the statutory objection limit."""
    item = await item_version(desk.work, desk.case.item_version_id)
    if OBJECTION_CLOCK not in item.statutory:
        return sign_due_at
    clock = await start_statutory_clock(
        desk.work, case_id=desk.case.id, code=OBJECTION_CLOCK, starts=("received",)
    )
    return max(sign_due_at, clock.due_at) if clock is not None else sign_due_at


async def unit_by_id(work: Work, organization_id: object, *path: str) -> Organization:
    """An open organisation of the county that can be given work. Raises `Refusal` NOT_FOUND."""
    wanted = identifier(organization_id, *path)
    found = await organizations_by_id(work, [wanted])
    if wanted not in found:
        raise not_found(*path)
    return found[wanted]


async def _other_item(work: Work, code: str | None) -> WorkItemVersion | None:
    if code is None:
        return None
    item = await item_by_code(work, code.strip())
    if item is None:
        raise not_found("workItemCode")
    if item.clue:
        raise Refusal(ProblemCode.USE_CLUE, "problem-use-clue", path=("workItemCode",))
    if "VIOLENCE" in item.protection:
        raise invalid("problem-protected-item", "workItemCode")
    return item
