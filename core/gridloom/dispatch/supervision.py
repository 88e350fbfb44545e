"""Pause, extension, cards, named handlers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from gridloom.cases.codes import ScopeKind
from gridloom.cases.file import permit, record, share, shown, tell
from gridloom.cases.models import CaseScope
from gridloom.cases.text import NOTE, REASON, bounded, identifier, optional, required
from gridloom.clocks.models import ClockRow
from gridloom.clocks.service import extend_clock, open_clocks, pause_clocks, resume_clocks
from gridloom.dispatch.codes import Card
from gridloom.dispatch.desk import Desk, finish, open_desk
from gridloom.dispatch.guards import ask_plugins
from gridloom.dispatch.models import CardRow
from gridloom.dispatch.service import HANDLE_CLOCK, unit_by_id
from gridloom.errors import ProblemCode, Refusal, invalid, not_found
from gridloom.ids import uuid7
from gridloom.people.models import Organization, Staff
from gridloom.people.roles import leader_scope
from gridloom.work import Work

EXTENSION = range(1, 11)


async def pause_case(work: Work, case_id: object, version: int, *, reason: str, missing: str) -> dict[str, str]:
    """Service clocks stand still while information is missing; the pause shows in every explanation."""
    desk = await open_desk(work, case_id, "caseId")
    why, what = required(reason, REASON, "reason"), required(missing, REASON, "missing")
    desk.prepare("pauseCase", version)
    desk.allow("pauseCase")
    await ask_plugins(desk, "pauseCase")
    desk.case.paused = True
    # What is said of a sealed case stands encrypted in its timeline only.
    await pause_clocks(work, case_id=desk.case.id, note=None if desk.case.sealed else f"{why};待补:{what}")
    record(work, desk.file, "pauseCase", note=f"{why}\n待补:{what}")
    return await _end(desk, "case.paused")


async def resume_case(work: Work, case_id: object, version: int, *, note: str | None = None) -> dict[str, str]:
    """The information is there; the clocks run on, later by the time they stood."""
    desk = await open_desk(work, case_id, "caseId")
    text = optional(note, NOTE, "note")
    desk.prepare("resumeCase", version)
    desk.allow("resumeCase")
    await ask_plugins(desk, "resumeCase")
    desk.case.paused = False
    await resume_clocks(work, case_id=desk.case.id)
    await _follow_clocks(desk)
    record(work, desk.file, "resumeCase", note=text)
    return await _end(desk, "case.resumed")


async def extend_case(
    work: Work, case_id: object, version: int, *, reason: str, working_days: int
) -> dict[str, str]:
    """A lead of the centre gives 1–10 working days more; anyone else is told that approval is needed."""
    desk = await open_desk(work, case_id, "caseId")
    permit(work, "extendCase")
    why = required(reason, REASON, "reason")
    if working_days not in EXTENSION:
        raise invalid("problem-working-days", "workingDays")
    desk.prepare("extendCase", version)
    if "centre_lead" not in desk.standing.names:
        raise Refusal(ProblemCode.APPROVAL_NEEDED, "problem-approval-needed")
    desk.allow("extendCase")
    await ask_plugins(desk, "extendCase")
    clock = await _handling_clock(desk)
    if clock is None:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "problem-no-clock")
    await extend_clock(
        work, clock, working_days, reason=None if desk.case.sealed else why, granted_by=work.actor.id,
    )
    await _follow_clocks(desk)
    record(work, desk.file, "extendCase", note=why, working_days=working_days)
    return await _end(desk, "case.extended")


async def supervise_case(
    work: Work, case_id: object, version: int, *, organization_id: object | None, card: str, reason: str,
    due_at: datetime,
) -> dict[str, str]:
    """A person issues a reminder, a yellow or a red card with facts and a limit; a red one takes a lead or a leader."""
    desk = await open_desk(work, case_id, "caseId")
    unit = await unit_by_id(work, organization_id, "organizationId") if organization_id else None
    permit(work, "superviseCase")
    why = required(reason, REASON, "reason")
    if due_at <= work.now:
        raise invalid("problem-past", "dueAt")
    unit = unit or await _answerable(desk)
    desk.prepare("superviseCase", version)
    desk.allow("superviseCase")
    if card == Card.RED and not desk.standing.names & {"centre_lead", "leader"}:
        raise Refusal(ProblemCode.APPROVAL_NEEDED, "problem-approval-needed")
    await ask_plugins(desk, "superviseCase")
    row = work.new(
        CardRow, id=uuid7(), case_id=desk.case.id, organization_id=unit.id, card=card, issued_by=work.actor.id,
        reason=shown(desk.file, why), issued_at=work.now, due_at=due_at,
    )
    if card == Card.RED and not desk.case.sealed:
        await share(work, desk.file, ScopeKind.LEADER, leader_scope(desk.case.path[0]))
    record(work, desk.file, "superviseCase", note=why, organization_id=unit.id, card=card)
    await finish(desk)
    tell(work, desk.file, "card.issued", card=card, card_id=str(row.id), organization=str(unit.id),
         version=desk.case.version)
    return {"case": str(desk.case.id), "card": str(row.id)}


async def name_handlers(
    work: Work, case_id: object, version: int, *, add: Sequence[object] | None, remove: Sequence[object] | None, reason: str
) -> dict[str, str]:
    """Who handles a protected case changes; every handler may name others or take themselves off, with a reason."""
    desk = await open_desk(work, case_id, "caseId")
    added = [await _staff(work, one, "add") for one in bounded(add, "add")]
    removed = [identifier(one, "remove") for one in bounded(remove, "remove")]
    why = required(reason, REASON, "reason")
    if any(one not in desk.file.scopes for one in removed):
        raise not_found("remove")
    permit(work, "nameHandlers")
    desk.prepare("nameHandlers", version)
    if not desk.case.sealed:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "problem-not-protected")
    desk.allow("nameHandlers")
    remaining = (desk.file.scopes | set(added)) - set(removed)
    if not remaining:
        raise invalid("problem-last-handler", "remove")
    await share(work, desk.file, ScopeKind.ACTOR, *added)
    await _close_scopes(desk, removed)
    record(work, desk.file, "nameHandlers", note=why, added=[str(one) for one in added],
           removed=[str(one) for one in removed])
    work.audit("case.handlers", "case", desk.case.id, added=[str(one) for one in added],
               removed=[str(one) for one in removed])
    return await _end(desk, "case.handlers_named")


async def _end(desk: Desk, fact: str) -> dict[str, str]:
    await finish(desk)
    tell(desk.work, desk.file, fact, version=desk.case.version)
    return {"case": str(desk.case.id)}


async def _follow_clocks(desk: Desk) -> None:
    clock = await _handling_clock(desk)
    if clock is not None:
        desk.case.due_at = clock.due_at
        for assignment in desk.open():
            if assignment.whistle_id is None:
                assignment.due_at = clock.due_at


async def _handling_clock(desk: Desk) -> ClockRow | None:
    clocks = await open_clocks(desk.work, case_id=desk.case.id, codes=(HANDLE_CLOCK,))
    return clocks[0] if clocks else None


async def _answerable(desk: Desk) -> Organization:
    lead = desk.lead()
    if lead is None:
        return desk.centre
    return await desk.work.session.get_one(Organization, (desk.work.tenant, lead.organization_id))


async def _staff(work: Work, staff_id: object, path: str) -> UUID:
    wanted = identifier(staff_id, path)
    found = (await work.session.execute(
        select(Staff.id).where(Staff.tenant_id == work.tenant, Staff.id == wanted, Staff.left_at.is_(None))
    )).scalar_one_or_none()
    if found is None:
        raise not_found(path)
    return found


async def _close_scopes(desk: Desk, removed: list[UUID]) -> None:
    if removed:
        await desk.work.session.execute(
            update(CaseScope)
            .where(
                CaseScope.tenant_id == desk.work.tenant, CaseScope.case_id == desk.case.id,
                CaseScope.scope_id.in_(removed),
            )
            .values(until=desk.work.now)
        )
        desk.file.scopes -= set(removed)


