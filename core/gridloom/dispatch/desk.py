"""The desk: a case file opened for a step of the procedure, with its assignments, whistles and the actor's standing."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from gridloom.cases.codes import CaseStatus, ScopeKind
from gridloom.cases.file import CaseFile, expect_version, open_file, permit, share, touch
from gridloom.cases.inbox import Waiting, keep_inbox
from gridloom.cases.models import CallBackRow, CaseRow, TimelineEntryRow
from gridloom.cases.text import identifier
from gridloom.clocks.service import open_clock_due
from gridloom.dispatch.codes import OPEN_ASSIGNMENTS, AssignmentRole, AssignmentStatus, WhistleState
from gridloom.dispatch.models import AssignmentReturnRow, AssignmentRow, WhistleRow
from gridloom.dispatch.standing import (
    CaseFacts,
    Standing,
    check_assignment_step,
    check_case_step,
    open_units,
    standing_of,
)
from gridloom.errors import not_found
from gridloom.people.models import Organization
from gridloom.people.roles import CENTRE_ROLES, lead_scope
from gridloom.people.service import holders
from gridloom.work import Work

REOPEN_WINDOW = timedelta(days=30)
HANDLING_STEPS = ("signAssignment", "reportIn", "completeAssignment")
INBOX_KIND = {
    CaseStatus.REPORTED: "ACCEPT", CaseStatus.ACCEPTED: "ROUTE", CaseStatus.HANDLED: "VERIFY",
    CaseStatus.VERIFIED: "CALL_BACK",
}


@dataclass(slots=True)
class Desk:
    """One case on the table. Everything a step needs is here, read once."""

    work: Work
    file: CaseFile
    centre: Organization
    assignments: list[AssignmentRow]
    whistles: list[WhistleRow]
    standing: Standing

    @property
    def case(self) -> CaseRow:
        return self.file.case

    def lead(self) -> AssignmentRow | None:
        """The open lead assignment."""
        return next((one for one in self.open() if one.role == AssignmentRole.LEAD), None)

    def open(self) -> list[AssignmentRow]:
        """Assignments that are open and whose whistle, if any, was blown."""
        return [one for one in self.assignments if one.visible and one.status in OPEN_ASSIGNMENTS]

    def proposed(self) -> WhistleRow | None:
        """The whistle that waits for approval."""
        return next((one for one in self.whistles if one.state == WhistleState.PROPOSED), None)

    def prepare(self, step: str, version: int) -> None:
        """FORBIDDEN, then CONFLICT; call `allow` after the step's own inputs and persons were checked."""
        permit(self.work, step)
        expect_version(self.case.version, version)

    def allow(self, step: str) -> None:
        """NOT_YOURS, then NOT_ALLOWED_NOW."""
        check_case_step(step, self.case, self.standing)

    def allow_assignment(self, step: str, assignment: AssignmentRow) -> None:
        """NOT_YOURS, then NOT_ALLOWED_NOW."""
        check_assignment_step(step, self.case, assignment, self.standing)

    def take_over(self, centre: Organization) -> None:
        """The centre that acts runs the case from here on."""
        self.centre = centre
        self.case.centre_id = centre.id


async def open_desk(work: Work, case_id: object, *path: str, lock: bool = True) -> Desk:
    """Lock a case the actor may see and read what belongs to it. Raises `Refusal` NOT_FOUND."""
    return await _lay_out(work, await open_file(work, case_id, *path, lock=lock))


async def open_assignment(work: Work, assignment_id: object, *path: str) -> tuple[Desk, AssignmentRow]:
    """The same, by one of its assignments. A proposed assignment is unknown to its unit. Raises `Refusal` NOT_FOUND."""
    wanted = identifier(assignment_id, *path)
    case_id = (await work.session.execute(
        select(AssignmentRow.case_id).where(AssignmentRow.tenant_id == work.tenant, AssignmentRow.id == wanted)
    )).scalar_one_or_none()
    if case_id is None:
        raise not_found(*path)
    desk = await open_desk(work, case_id, *path)
    assignment = next(one for one in desk.assignments if one.id == wanted)
    if not assignment.visible and "centre_on_path" not in desk.standing.names:
        raise not_found(*path)
    return desk, assignment


async def acting_centre(desk: Desk) -> Organization:
    """The centre the actor acts for on this case: the running one, else theirs nearest above the place."""
    own = [
        post for post in desk.work.actor.posts
        if post.role in CENTRE_ROLES and post.grid_id in desk.case.path and post.organization_id is not None
    ]
    if any(post.organization_id == desk.case.centre_id for post in own) or not own:
        return desk.centre
    nearest = max(own, key=lambda post: post.organization_level or 0)
    centre = await desk.work.session.get(Organization, (desk.work.tenant, nearest.organization_id))
    return centre or desk.centre


async def share_with_units(desk: Desk, *unit_ids: UUID) -> None:
    """Let units see the case they were given. A protected case opens to their leads by name, never to a whole desk."""
    work = desk.work
    if not desk.case.sealed:
        await share(work, desk.file, ScopeKind.ORGANIZATION, *unit_ids)
        return
    for unit_id in unit_ids:
        leads = await holders(work, unit_id, ("department_lead", "centre_lead"))
        await share(work, desk.file, ScopeKind.ACTOR, *leads)


async def case_facts(desk: Desk) -> CaseFacts:
    """What besides the state decides which steps are open to the actor."""
    work, case = desk.work, desk.case
    called = await called_back(desk)
    reopen_until = case.closed_at + REOPEN_WINDOW if case.closed_at else None
    asked = set((await work.session.execute(
        select(AssignmentReturnRow.organization_id).where(
            AssignmentReturnRow.tenant_id == work.tenant, AssignmentReturnRow.case_id == case.id
        )
    )).scalars())
    return CaseFacts(
        whistle_waits=desk.proposed() is not None,
        called_back=called,
        handled_by_actor=await handled_by_actor(desk),
        may_reopen=reopen_until is not None and work.now <= reopen_until,
        centre_above=(await acting_centre(desk)).parent_id is not None,
        assists_open=any(one.role == AssignmentRole.ASSIST for one in desk.open()),
        windows_open=frozenset(
            one.id for one in desk.open()
            if one.organization_id not in asked and one.window_until is not None and work.now <= one.window_until
        ),
    )


async def called_back(desk: Desk) -> bool:
    """Whether the one who reported was called in this round."""
    if any(isinstance(row, CallBackRow) for row in desk.work.session.new):
        return True
    statement = select(CallBackRow.id).where(
        CallBackRow.tenant_id == desk.work.tenant, CallBackRow.case_id == desk.case.id,
        CallBackRow.round == desk.case.round,
    )
    return (await desk.work.session.execute(statement.limit(1))).scalar_one_or_none() is not None


async def handled_by_actor(desk: Desk) -> bool:
    """Whether the actor, or an organisation they act for, took part in the handling of this round."""
    worked = {
        one.organization_id for one in desk.assignments
        if one.round == desk.case.round and (one.status == AssignmentStatus.DONE or one.reported_in_at is not None)
    }
    if worked & desk.standing.organizations:
        return True
    statement = select(TimelineEntryRow.id).where(
        TimelineEntryRow.tenant_id == desk.work.tenant, TimelineEntryRow.case_id == desk.case.id,
        TimelineEntryRow.actor_id == desk.work.actor.id, TimelineEntryRow.step.in_(HANDLING_STEPS),
    )
    return (await desk.work.session.execute(statement.limit(1))).scalar_one_or_none() is not None


async def finish(desk: Desk, *, changed: bool = True) -> None:
    """End a step: the case's version moves on (where the case itself changed), the inbox follows the new state."""
    if changed:
        touch(desk.file)
    await keep_inbox(desk.work, desk.file, [*await _case_rows(desk), *_assignment_rows(desk)])


async def _lay_out(work: Work, file: CaseFile) -> Desk:
    tenant, case = work.tenant, file.case
    assignments = list((await work.session.execute(
        select(AssignmentRow)
        .where(AssignmentRow.tenant_id == tenant, AssignmentRow.case_id == case.id)
        .order_by(AssignmentRow.created_at, AssignmentRow.id)
        .execution_options(populate_existing=True)
    )).scalars())
    whistles = list((await work.session.execute(
        select(WhistleRow).where(WhistleRow.tenant_id == tenant, WhistleRow.case_id == case.id)
        .order_by(WhistleRow.proposed_at, WhistleRow.id)
    )).scalars())
    centre = await work.session.get_one(Organization, (tenant, case.centre_id))
    standing = standing_of(work.actor, case, centre.level, open_units(assignments))
    return Desk(work, file, centre, assignments, whistles, standing)


async def _case_rows(desk: Desk) -> list[Waiting]:
    case = desk.case
    rows = []
    if desk.proposed() is not None:
        rows.append(Waiting(lead_scope(desk.centre.id), "RULE_WHISTLE", "case", case.id, case.title))
    kind = INBOX_KIND.get(CaseStatus(case.status))
    if kind is None or (desk.proposed() is not None and kind == "ROUTE"):
        return rows
    if (kind == "VERIFY" and case.self_handled) or (kind == "CALL_BACK" and await called_back(desk)):
        kind = "CLOSE"
    due = await open_clock_due(desk.work, case.id, f"sl:{kind.lower()}")
    scopes = sorted(desk.file.scopes) if case.sealed else [desk.centre.id]
    return rows + [Waiting(scope, kind, "case", case.id, case.title, due) for scope in scopes]


def _assignment_rows(desk: Desk) -> list[Waiting]:
    rows = []
    for one in desk.open():
        kind, due = "HANDLE", one.due_at
        if one.status == AssignmentStatus.PENDING:
            kind, due = "SIGN", one.sign_due_at
        elif one.status == AssignmentStatus.SIGNED and one.whistle_id is not None:
            kind, due = "REPORT_IN", one.report_in_due_at
        elif one.status == AssignmentStatus.RETURN_ASKED:
            rows.append(Waiting(desk.centre.id, "RULE_RETURN", "assignment", one.id, one.title))
        scope = lead_scope(one.organization_id) if desk.case.sealed else one.organization_id
        rows.append(Waiting(scope, kind, "assignment", one.id, one.title, due))
    return rows
