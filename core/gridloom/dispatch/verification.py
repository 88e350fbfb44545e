"""After the handling: somebody else looks, the reporter is called, the case closes; for 30 days it can be opened again."""

from gridloom.cases.codes import CaseStatus
from gridloom.cases.file import count_in_grids, permit, record, stop_counting, tell
from gridloom.cases.models import CallBackRow
from gridloom.cases.text import NOTE, REASON, optional, required
from gridloom.catalogue.service import service_level_of
from gridloom.clocks.service import start_clock, stop_clocks
from gridloom.dispatch.assignments import VERIFY_CLOCK
from gridloom.dispatch.codes import AssignmentRole, AssignmentStatus
from gridloom.dispatch.desk import REOPEN_WINDOW, Desk, called_back, finish, handled_by_actor, open_desk
from gridloom.dispatch.guards import ask_plugins
from gridloom.dispatch.service import HANDLE_CLOCK, begin_handling
from gridloom.errors import ProblemCode, Refusal, invalid
from gridloom.ids import uuid7
from gridloom.work import Work

CALL_BACK_CLOCK = "sl:call_back"
SATISFACTION = range(1, 6)


async def verify_case(
    work: Work, case_id: object, version: int, *, passed: bool, note: str | None = None
) -> dict[str, str]:
    """A person of an organisation that did not handle it looks. Failed: the lead goes back to work.

    Raises `Refusal` SAME_PERSON before NOT_YOURS before NOT_ALLOWED_NOW; a failed look needs a note.
    """
    desk = await open_desk(work, case_id, "caseId")
    text = optional(note, NOTE, "note") if passed else required(note, NOTE, "note")
    desk.prepare("verifyCase", version)
    if await handled_by_actor(desk):
        raise Refusal(ProblemCode.SAME_PERSON, "problem-same-person")
    desk.allow("verifyCase")
    await ask_plugins(desk, "verifyCase")
    await stop_clocks(work, case_id=desk.case.id, codes=(VERIFY_CLOCK,))
    if passed:
        await _confirm(desk)
    else:
        await _send_back(desk)
    record(work, desk.file, "verifyCase", note=text, passed=passed)
    await finish(desk)
    tell(work, desk.file, "case.verified" if passed else "case.verification_failed", version=desk.case.version)
    return {"case": str(desk.case.id)}


async def call_back(
    work: Work, case_id: object, version: int, *, reached: bool, satisfaction: int | None = None,
    note: str | None = None,
) -> dict[str, str]:
    """The centre calls the one who reported. Satisfaction is 1–5 and only of those reached."""
    desk = await open_desk(work, case_id, "caseId")
    text = optional(note, NOTE, "note")
    permit(work, "callBack")
    if satisfaction is not None and (satisfaction not in SATISFACTION or not reached):
        raise invalid("problem-satisfaction", "satisfaction")
    desk.prepare("callBack", version)
    desk.allow("callBack")
    await ask_plugins(desk, "callBack")
    work.new(
        CallBackRow, id=uuid7(), case_id=desk.case.id, round=desk.case.round, at=work.now, by_id=work.actor.id,
        reached=reached, satisfaction=satisfaction,
    )
    await stop_clocks(work, case_id=desk.case.id, codes=(CALL_BACK_CLOCK,))
    record(work, desk.file, "callBack", note=text, reached=reached, satisfaction=satisfaction)
    await finish(desk)
    tell(work, desk.file, "case.called_back", reached=reached, version=desk.case.version)
    return {"case": str(desk.case.id)}


async def close_case(work: Work, case_id: object, version: int, *, note: str | None = None) -> dict[str, str]:
    """The case is over: after a call-back, or at once where it was handled on the spot."""
    desk = await open_desk(work, case_id, "caseId")
    text = optional(note, NOTE, "note")
    desk.prepare("closeCase", version)
    desk.allow("closeCase")
    if not desk.case.self_handled and not await called_back(desk):
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "problem-call-back-first")
    await ask_plugins(desk, "closeCase")
    desk.case.status = CaseStatus.CLOSED
    desk.case.closed_at = desk.case.ended_at = work.now
    await stop_clocks(work, case_id=desk.case.id)
    await stop_counting(work, desk.file)
    record(work, desk.file, "closeCase", note=text)
    await finish(desk)
    tell(work, desk.file, "case.closed", version=desk.case.version)
    return {"case": str(desk.case.id)}


async def reopen_case(work: Work, case_id: object, version: int, *, reason: str) -> dict[str, str]:
    """Within 30 days the same case goes on, with a new limit; its history stays. Raises `Refusal` WINDOW_CLOSED."""
    desk = await open_desk(work, case_id, "caseId")
    why = required(reason, REASON, "reason")
    desk.prepare("reopenCase", version)
    desk.allow("reopenCase")
    if desk.case.closed_at is None or work.now > desk.case.closed_at + REOPEN_WINDOW:
        raise Refusal(ProblemCode.WINDOW_CLOSED, "problem-reopen-window")
    await ask_plugins(desk, "reopenCase")
    case = desk.case
    case.round += 1
    case.self_handled = False
    case.handled_at = case.verified_at = case.closed_at = case.ended_at = None
    await begin_handling(desk)
    await count_in_grids(work, desk.file)
    record(work, desk.file, "reopenCase", note=why)
    await finish(desk)
    tell(work, desk.file, "case.reopened", version=case.version)
    return {"case": str(case.id)}


async def _confirm(desk: Desk) -> None:
    level = await service_level_of(desk.work, desk.case.service_level_id)
    desk.case.status, desk.case.verified_at = CaseStatus.VERIFIED, desk.work.now
    await start_clock(
        desk.work, case_id=desk.case.id, kind="SERVICE", code=CALL_BACK_CLOCK, label="回访时限",
        limit=level.limit("PROCEDURE", "case", "call_back"),
    )


async def _send_back(desk: Desk) -> None:
    """The lead's task opens again where it was; the handling clock runs on from what was left when it stopped."""
    case = desk.case
    lead = max(
        (one for one in desk.assignments if one.role == AssignmentRole.LEAD and one.status == AssignmentStatus.DONE),
        key=lambda one: one.created_at,
    )
    lead.status, lead.version = AssignmentStatus.REPORTED_IN, lead.version + 1
    lead.done_at = lead.ended_at = lead.done_by = None
    lead.reported_in_at = lead.reported_in_at or desk.work.now
    case.status, case.handled_at = CaseStatus.ROUTED, None
    level = await service_level_of(desk.work, case.service_level_id)
    clock = await start_clock(
        desk.work, case_id=case.id, assignment_id=lead.id, kind="SERVICE", code=HANDLE_CLOCK, label="返工时限",
        limit=level.limit("PROCEDURE", "case", "rework"),
    )
    lead.due_at = clock.due_at
    case.due_at = max(case.due_at, clock.due_at) if case.due_at else clock.due_at
