"""What a unit does with its task: sign, report in, note progress, complete; and the centre that excuses an assist."""

from collections.abc import Sequence
from dataclasses import dataclass

from gridloom.cases.attachments import own_files, tie_files
from gridloom.cases.codes import CaseStatus
from gridloom.cases.file import expect_version, permit, record, tell
from gridloom.cases.text import NAME, NOTE, REASON, optional, required
from gridloom.catalogue.service import service_level_of
from gridloom.clocks.service import start_clock, stop_clocks
from gridloom.crypto import Place
from gridloom.dispatch.codes import AssignmentRole, AssignmentStatus
from gridloom.dispatch.desk import Desk, finish, open_assignment, open_desk
from gridloom.dispatch.guards import ask_evidence, ask_plugins
from gridloom.dispatch.models import AssignmentRow
from gridloom.dispatch.service import HANDLE_CLOCK, SIGN_CLOCK
from gridloom.dispatch.whistles import CLOSE_CLOCK, REPORT_IN_CLOCK, end_whistles
from gridloom.errors import ProblemCode, Refusal, invalid
from gridloom.work import Work

VERIFY_CLOCK = "sl:verify"
NEEDS_PERFORMER = frozenset({"signAssignment", "reportIn", "askReturn", "completeAssignment", "addProgress"})


@dataclass(frozen=True, slots=True)
class Extras:
    """What may come with a unit's step: who did it (required of clients), files, a point."""

    performed_by: str | None = None
    attachment_ids: Sequence[object] | None = None
    point: tuple[float, float] | None = None


async def sign_assignment(work: Work, assignment_id: object, version: int, extras: Extras) -> dict[str, str]:
    """The unit takes note of its task."""
    desk, assignment = await open_assignment(work, assignment_id, "assignmentId")
    performer = await _prepare(desk, assignment, "signAssignment", version, extras)
    desk.allow_assignment("signAssignment", assignment)
    await ask_plugins(desk, "signAssignment")
    assignment.status, assignment.signed_at = AssignmentStatus.SIGNED, work.now
    await stop_clocks(work, assignment_id=assignment.id, codes=(SIGN_CLOCK,))
    return await _done(desk, assignment, "signAssignment", "assignment.signed", None, performer, extras)


async def report_in(
    work: Work, assignment_id: object, version: int, *, person_name: str, note: str | None, extras: Extras
) -> dict[str, str]:
    """The unit's person is there (报到): who, when, and where only at this act."""
    desk, assignment = await open_assignment(work, assignment_id, "assignmentId")
    person, text = required(person_name, NAME, "personName"), optional(note, NOTE, "note")
    performer = await _prepare(desk, assignment, "reportIn", version, extras)
    desk.allow_assignment("reportIn", assignment)
    await ask_plugins(desk, "reportIn")
    assignment.status, assignment.reported_in_at = AssignmentStatus.REPORTED_IN, work.now
    assignment.reported_in_by = person
    await stop_clocks(work, assignment_id=assignment.id, codes=(REPORT_IN_CLOCK,))
    return await _done(
        desk, assignment, "reportIn", "assignment.reported_in", f"{person} 报到" + (f":{text}" if text else ""), performer,
        extras, point=list(extras.point) if extras.point else None,
    )


async def add_progress(work: Work, case_id: object, *, note: str, extras: Extras) -> dict[str, str]:
    """A note on how far it is; the case itself does not change."""
    desk = await open_desk(work, case_id, "caseId")
    text = required(note, NOTE, "note")
    permit(work, "addProgress")
    performer = performer_of(work, extras)
    await own_files(work, extras.attachment_ids)
    desk.allow("addProgress")
    entry = record(work, desk.file, "addProgress", note=text, performed_by=performer)
    await tie_files(work, desk.file, entry, extras.attachment_ids)
    tell(work, desk.file, "case.progressed")
    return {"case": str(desk.case.id)}


async def complete_assignment(
    work: Work, assignment_id: object, version: int, *, result: str, extras: Extras
) -> dict[str, str]:
    """The unit is done. The lead only after every assist is done or excused (`ASSISTS_OPEN`); then the case is HANDLED."""
    desk, assignment = await open_assignment(work, assignment_id, "assignmentId")
    outcome = required(result, NOTE, "result")
    performer = await _prepare(desk, assignment, "completeAssignment", version, extras)
    desk.allow_assignment("completeAssignment", assignment)
    if assignment.role == AssignmentRole.LEAD and any(one.role == AssignmentRole.ASSIST for one in desk.open()):
        raise Refusal(ProblemCode.ASSISTS_OPEN, "problem-assists-open")
    await ask_plugins(desk, "completeAssignment")
    await ask_evidence(desk, "completeAssignment", len(extras.attachment_ids or ()))
    assignment.status, assignment.done_at, assignment.done_by = AssignmentStatus.DONE, work.now, work.actor.id
    assignment.ended_at = work.now
    assignment.sealed = desk.case.sealed
    assignment.result = work.cipher.seal(
        outcome, Place(work.tenant, "assignment", "result", assignment.id)
    ) if desk.case.sealed else outcome
    await stop_clocks(work, assignment_id=assignment.id)
    handled = assignment.role == AssignmentRole.LEAD
    if handled:
        await _mark_handled(desk)
    ids = await _done(
        desk, assignment, "completeAssignment", "assignment.completed", outcome, performer, extras, case_changed=handled
    )
    if handled:
        tell(work, desk.file, "case.handled", version=desk.case.version)
    return ids


async def excuse_assignment(work: Work, assignment_id: object, version: int, *, reason: str) -> dict[str, str]:
    """The centre relieves an assist; never the lead."""
    desk, assignment = await open_assignment(work, assignment_id, "assignmentId")
    why = required(reason, REASON, "reason")
    permit(work, "excuseAssignment")
    expect_version(assignment.version, version)
    desk.allow_assignment("excuseAssignment", assignment)
    await ask_plugins(desk, "excuseAssignment")
    assignment.status, assignment.ended_at = AssignmentStatus.EXCUSED, work.now
    await stop_clocks(work, assignment_id=assignment.id)
    return await _done(desk, assignment, "excuseAssignment", "assignment.excused", why, None, Extras())


async def start_verification(desk: Desk) -> None:
    """The handled case waits for somebody else's look."""
    level = await service_level_of(desk.work, desk.case.service_level_id)
    await start_clock(
        desk.work, case_id=desk.case.id, kind="SERVICE", code=VERIFY_CLOCK, label="核查时限",
        limit=level.limit("PROCEDURE", "case", "verify"),
    )


async def _mark_handled(desk: Desk) -> None:
    desk.case.status, desk.case.handled_at = CaseStatus.HANDLED, desk.work.now
    await stop_clocks(desk.work, case_id=desk.case.id, codes=(HANDLE_CLOCK, CLOSE_CLOCK))
    await end_whistles(desk)
    await start_verification(desk)


async def _prepare(desk: Desk, assignment: AssignmentRow, step: str, version: int, extras: Extras) -> str | None:
    await own_files(desk.work, extras.attachment_ids)
    permit(desk.work, step)
    performer = performer_of(desk.work, extras)
    if extras.point is not None and not (-180 <= extras.point[0] <= 180 and -90 <= extras.point[1] <= 90):
        raise invalid("problem-point", "location")
    expect_version(assignment.version, version)
    return performer


async def _done(
    desk: Desk, assignment: AssignmentRow, step: str, fact: str, note: str | None, performer: str | None,
    extras: Extras, *, case_changed: bool = False, **data: object,
) -> dict[str, str]:
    assignment.version += 1
    entry = record(
        desk.work, desk.file, step, note=note, performed_by=performer, assignment_id=assignment.id,
        organization_id=assignment.organization_id, **{name: value for name, value in data.items() if value is not None},
    )
    await tie_files(desk.work, desk.file, entry, extras.attachment_ids)
    await finish(desk, changed=case_changed)
    tell(desk.work, desk.file, fact, assignment=str(assignment.id), organization=str(assignment.organization_id),
         role=assignment.role)
    return {"assignment": str(assignment.id), "case": str(desk.case.id)}


def performer_of(work: Work, extras: Extras) -> str | None:
    """The person behind a step. A department's system must name one: the system itself did nothing."""
    if work.actor.kind == "client":
        return required(extras.performed_by, NAME, "performedBy")
    return optional(extras.performed_by, NAME, "performedBy")
