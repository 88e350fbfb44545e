"""The whistle (吹哨): propose, approve, blow. Its grade sets the clocks of everyone it calls."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from gridloom.cases.codes import CaseStatus
from gridloom.cases.file import permit, record, shown, tell
from gridloom.cases.text import NOTE, REASON, bounded, identifier, optional, required
from gridloom.catalogue.service import service_level_of
from gridloom.clocks.service import start_clock
from gridloom.dispatch.codes import AssignmentRole, AssignmentStatus, WhistleGrade, WhistleState
from gridloom.dispatch.desk import Desk, acting_centre, finish, open_desk, share_with_units
from gridloom.dispatch.guards import ask_plugins
from gridloom.dispatch.models import AssignmentRow, WhistleRow
from gridloom.dispatch.service import SIGN_CLOCK, begin_handling, mark_routed, new_assignment, return_window, unit_by_id
from gridloom.errors import ProblemCode, Refusal, invalid, not_found
from gridloom.ids import uuid7
from gridloom.people.models import Organization
from gridloom.people.service import organizations_by_id
from gridloom.work import Work

REPORT_IN_CLOCK = "sl:report_in"
CLOSE_CLOCK = "sl:whistle_close"
NEEDS_APPROVAL = (WhistleGrade.KEY, WhistleGrade.HARD)


async def blow_whistle(
    work: Work, case_id: object, version: int, *, grade: str, lead_id: object, assist_ids: Sequence[object] | None,
    reason: str, instruction: str | None = None,
) -> dict[str, str]:
    """Call a lead and assists. KEY and HARD wait for a lead of the centre unless a lead blows; EMERGENCY also accepts.

    Raises `Refusal` NOT_FOUND (units), VALIDATION (the same unit twice), CONFLICT, NOT_YOURS, NOT_ALLOWED_NOW.
    """
    desk = await open_desk(work, case_id, "caseId")
    lead = await unit_by_id(work, lead_id, "leadId")
    assists = await _assists(work, assist_ids)
    why, text = required(reason, REASON, "reason"), optional(instruction, NOTE, "instruction")
    if len({lead.id, *(one.id for one in assists)}) != 1 + len(assists):
        raise invalid("problem-unit-twice", "assistIds")
    desk.prepare("blowWhistle", version)
    await _allow(desk, grade)
    await ask_plugins(desk, "blowWhistle")
    if desk.case.status == CaseStatus.REPORTED:
        await begin_handling(desk)
        record(work, desk.file, "acceptCase", organization_id=desk.centre.id)
        tell(work, desk.file, "case.accepted", severity=desk.case.severity)
    desk.take_over(await acting_centre(desk))
    whistle = _propose(desk, grade, why)
    for unit, role in [(lead, AssignmentRole.LEAD), *((one, AssignmentRole.ASSIST) for one in assists)]:
        assignment = new_assignment(desk, unit, role, text)
        assignment.whistle_id, assignment.visible = whistle.id, False
    await _blow_or_wait(desk, whistle, f"{why}\n{text}" if text and desk.case.sealed else why)
    await finish(desk)
    return {"case": str(desk.case.id), "whistle": str(whistle.id)}


async def rule_whistle(work: Work, whistle_id: object, *, approved: bool, note: str | None = None) -> dict[str, str]:
    """A lead of the centre approves or refuses a proposed whistle."""
    wanted = identifier(whistle_id, "whistleId")
    case_id = (await work.session.execute(
        select(WhistleRow.case_id).where(WhistleRow.tenant_id == work.tenant, WhistleRow.id == wanted)
    )).scalar_one_or_none()
    if case_id is None:
        raise not_found("whistleId")
    desk = await open_desk(work, case_id, "whistleId")
    text = optional(note, NOTE, "note")
    permit(work, "ruleWhistle")
    if "centre" in desk.standing.names and "centre_lead" not in desk.standing.names:
        raise Refusal(ProblemCode.APPROVAL_NEEDED, "problem-approval-needed")
    desk.allow("ruleWhistle")
    whistle = next(one for one in desk.whistles if one.id == wanted)
    if whistle.state != WhistleState.PROPOSED:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "problem-whistle-ruled")
    await ask_plugins(desk, "ruleWhistle")
    whistle.ruled_by = work.actor.id
    if approved:
        await _blow(desk, whistle)
    else:
        await _refuse(desk, whistle)
    record(work, desk.file, "ruleWhistle", note=text, approved=approved)
    await finish(desk)
    return {"case": str(desk.case.id)}


async def end_whistles(desk: Desk) -> None:
    """The case is handled: its whistles have done their work."""
    for whistle in desk.whistles:
        if whistle.state == WhistleState.BLOWN:
            whistle.state, whistle.ended_at = WhistleState.ENDED, desk.work.now


async def start_whistle_clocks(desk: Desk, assignment: AssignmentRow, unit: Organization, grade: str) -> None:
    """The three clocks of one unit under a whistle: sign, report in, finish."""
    work, case = desk.work, desk.case
    level = await service_level_of(work, case.service_level_id)

    async def clock(code: str, label: str, step: str) -> datetime:
        return (await start_clock(
            work, case_id=case.id, assignment_id=assignment.id, kind="SERVICE", code=code,
            label=f"{label}·{unit.name}", limit=level.limit("GRADE", grade, step),
        )).due_at

    sign_due_at = await clock(SIGN_CLOCK, "签收时限", "sign")
    assignment.sign_due_at = sign_due_at
    assignment.report_in_due_at = await clock(REPORT_IN_CLOCK, "报到时限", "report_in")
    assignment.due_at = await clock(CLOSE_CLOCK, "办结时限", "close")
    assignment.window_until = await return_window(desk, sign_due_at)


async def _allow(desk: Desk, grade: str) -> None:
    if desk.case.status == CaseStatus.REPORTED and grade == WhistleGrade.EMERGENCY:
        if "centre" not in desk.standing.names:
            raise Refusal(ProblemCode.NOT_YOURS, "problem-not-yours", step="blowWhistle")
        return
    desk.allow("blowWhistle")
    if desk.proposed() is not None:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "problem-whistle-waits")


async def _assists(work: Work, assist_ids: Sequence[object] | None) -> list[Organization]:
    wanted = [identifier(one, "assistIds") for one in bounded(assist_ids, "assistIds")]
    found = await organizations_by_id(work, wanted)
    for one in wanted:
        if one not in found:
            raise not_found("assistIds")
    return [found[one] for one in wanted]


def _propose(desk: Desk, grade: str, reason: str) -> WhistleRow:
    whistle = desk.work.new(
        WhistleRow, id=uuid7(), case_id=desk.case.id, grade=grade, state=WhistleState.PROPOSED,
        reason=shown(desk.file, reason),
        centre_id=desk.centre.id, proposed_by=desk.work.actor.id, proposed_at=desk.work.now,
    )
    desk.whistles.append(whistle)
    return whistle


async def _blow_or_wait(desk: Desk, whistle: WhistleRow, reason: str) -> None:
    work = desk.work
    is_lead = any(
        post.role == "centre_lead" and post.organization_id == desk.centre.id for post in work.actor.posts
    )
    record(work, desk.file, "blowWhistle", note=reason, grade=whistle.grade)
    if whistle.grade in NEEDS_APPROVAL and not is_lead:
        tell(work, desk.file, "whistle.proposed", whistle=str(whistle.id), grade=whistle.grade)
        return
    await _blow(desk, whistle)


async def _blow(desk: Desk, whistle: WhistleRow) -> None:
    work = desk.work
    whistle.state, whistle.blown_at = WhistleState.BLOWN, work.now
    called = [one for one in desk.assignments if one.whistle_id == whistle.id]
    units = await organizations_by_id(work, [one.organization_id for one in called])
    for assignment in called:
        assignment.visible = True
        await start_whistle_clocks(desk, assignment, units[assignment.organization_id], whistle.grade)
    await mark_routed(desk)
    await share_with_units(desk, *units)
    tell(work, desk.file, "whistle.blown", whistle=str(whistle.id), grade=whistle.grade,
         organizations=[str(one.organization_id) for one in called])
    tell(work, desk.file, "case.routed", organization=str(called[0].organization_id), whistle=str(whistle.id))


async def _refuse(desk: Desk, whistle: WhistleRow) -> None:
    whistle.state, whistle.ended_at = WhistleState.REFUSED, desk.work.now
    for assignment in desk.assignments:
        if assignment.whistle_id == whistle.id:
            assignment.status, assignment.ended_at = AssignmentStatus.CANCELLED, desk.work.now
    tell(desk.work, desk.file, "whistle.refused", whistle=str(whistle.id))


