"""The main job's mutations: each is one unit of work of a service, then a read of what it left."""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry

from gridloom.cases.graphql import Case, PointInput
from gridloom.cases.models import CaseRow
from gridloom.cases.parties import Person
from gridloom.cases.service import Report, Reported, take_report
from gridloom.cases.tracking import tracking_code
from gridloom.catalogue.models import WorkItemVersion
from gridloom.context import Info
from gridloom.dispatch import assignments, inputs, returns, service, supervision, verification, whistles
from gridloom.dispatch.assignments import Extras
from gridloom.dispatch.desk import case_facts, open_desk
from gridloom.dispatch.guards import ask_about_report
from gridloom.dispatch.standing import allowed_steps
from gridloom.dispatch.types import Assignment, Precedent
from gridloom.errors import Refusal
from gridloom.i18n import translate
from gridloom.mutations import Outcome, run
from gridloom.problems import Problem, given, problems_of
from gridloom.reads import extends, load, prime
from gridloom.work import Work


@strawberry.type(description="The answer to a step on a case; problems mean that nothing changed.")
class CasePayload:
    """The case as it stands now."""

    case: Case | None
    replayed: bool
    problems: list[Problem]


@strawberry.type(description="The answer to reportCase.")
class ReportCasePayload:
    """The case, the reporter's code, and what the reporter must be told."""

    case: Case | None = strawberry.field(
        description="Null for a VIOLENCE item unless the caller is one of its handlers."
    )
    replayed: bool
    problems: list[Problem]
    notice: str | None = strawberry.field(description="What the reporter must be told, such as: call 110 first.")
    tracking_code: str | None = strawberry.field(
        description="The citizen's secret, only here and only to the reporter; the same on replay."
    )


@strawberry.type(description="The answer to a step on an assignment.")
class AssignmentPayload:
    """The assignment and its case as they stand now."""

    assignment: Assignment | None
    case: Case | None
    replayed: bool
    problems: list[Problem]


@strawberry.type(description="The answer to ruleReturn.")
class RuleReturnPayload:
    """The case, and the precedent the ruling made."""

    case: Case | None
    precedent: Precedent | None
    replayed: bool
    problems: list[Problem]


@extends(Case)
class CaseSteps:
    """Which steps are open to the caller."""

    @strawberry.field(description="Names of the mutations that the caller may use on this case now.")
    async def allowed_steps(self, info: Info) -> list[str]:
        case_id = self.row["id"]  # type: ignore[attr-defined]
        context = info.context
        async with context.reading() as session:
            work = Work(session, context.county, context.actor, context.works.clock.now(), context.works)
            try:
                desk = await open_desk(work, case_id, "id", lock=False)
            except Refusal:
                return []
            facts = await case_facts(desk)
        return allowed_steps(context.actor, desk.case, desk.standing, desk.assignments, facts)


Step = Callable[[Work], Awaitable[dict[str, Any]]]


async def _case(info: Info, operation: str, input: Any, step: Step) -> CasePayload:
    outcome = await run(info.context, operation, str(input.key), input, step)
    case = await load(info, Case, outcome.ids.get("case") or getattr(input, "case_id", None))
    return CasePayload(case=case, replayed=outcome.replayed, problems=problems_of(outcome, info.context.locale))


async def _assignment(info: Info, operation: str, input: Any, step: Step) -> AssignmentPayload:
    outcome = await run(info.context, operation, str(input.key), input, step)
    assignment = await load(info, Assignment, outcome.ids.get("assignment") or input.assignment_id)
    case = await load(info, Case, outcome.ids.get("case")) if "case" in outcome.ids else None
    if case is None and assignment is not None:
        case = await load(info, Case, assignment.row["case_id"])
    return AssignmentPayload(
        assignment=assignment, case=case, replayed=outcome.replayed,
        problems=problems_of(outcome, info.context.locale),
    )


def _extras(input: Any) -> Extras:
    point: PointInput | None = given(getattr(input, "location", None))
    return Extras(
        performed_by=given(input.performed_by), attachment_ids=given(getattr(input, "attachment_ids", None)),
        point=(point.longitude, point.latitude) if point else None,
    )


def _person(party: inputs.PartyInput) -> Person:
    return Person(party.name, party.role, given(party.phone), given(party.id_number), given(party.address))


def _report(input: inputs.ReportCaseInput) -> Report:
    point, reference, behalf = given(input.location), given(input.external_reference), given(input.on_behalf_of)
    return Report(
        description=input.description, work_item_code=input.work_item_code, title=given(input.title),
        grid_code=given(input.grid_code), point=(point.longitude, point.latitude) if point else None,
        address=given(input.address), severity=given(input.severity), occurred_at=given(input.occurred_at),
        recorded_at=given(input.recorded_at), channel=given(input.channel),
        external_reference=(reference.system, reference.id) if reference else None,
        on_behalf_of=_person(behalf) if behalf else None,
        parties=[_person(one) for one in given(input.parties) or ()],
        attachment_ids=[str(one) for one in given(input.attachment_ids) or ()],
        self_handled=bool(given(input.self_handled)), handled_note=given(input.handled_note),
    )


async def _reported(info: Info, outcome: Outcome, taken: Reported | None) -> ReportCasePayload:
    """The answer to a report: of one just taken in from what is at hand, of an earlier one read again."""
    problems = problems_of(outcome, info.context.locale)
    if taken is not None and not outcome.problems:
        case, row, item = _own(info, taken), taken.file.case, taken.item
    elif "case" in outcome.ids:
        case, (row, item) = await load(info, Case, outcome.ids["case"]), await _kept_report(info, outcome.ids["case"])
    else:
        return ReportCasePayload(case=None, replayed=False, problems=problems, notice=None, tracking_code=None)
    code, notice = _told(info, row, item)
    return ReportCasePayload(
        case=case, replayed=outcome.replayed, problems=problems, notice=notice, tracking_code=code
    )


def _own(info: Info, taken: Reported) -> Case | None:
    """The case as the reporter sees it; None where the report is open to named handlers only, and they are none."""
    return prime(info, Case, taken.file.case) if taken.file.scopes & set(info.context.actor.scopes) else None


async def _kept_report(info: Info, case_id: object) -> tuple[CaseRow, WorkItemVersion]:
    context = info.context
    async with context.reading() as session:
        case = await session.get_one(CaseRow, (context.tenant, case_id))
        return case, await session.get_one(WorkItemVersion, (context.tenant, case.item_version_id))


def _told(info: Info, case: CaseRow, item: WorkItemVersion) -> tuple[str | None, str | None]:
    """The tracking code and the notice of a report that was taken in."""
    context = info.context
    code = tracking_code(context.county, context.works.cipher_of(context.tenant), case.id)
    notice = translate(context.locale, "notice-emergency", contact=item.emergency_contact or "110/119/120")
    return (code if case.tracking_hash else None), (notice if case.emergency else None)


@strawberry.type
class DispatchMutations:
    """The steps of the main job."""

    @strawberry.mutation(description="Report a matter.")
    async def report_case(self, info: Info, input: inputs.ReportCaseInput) -> ReportCasePayload:
        taken: list[Reported] = []

        async def step(work: Work) -> dict[str, Any]:
            taken.append(await take_report(work, _report(input)))
            await ask_about_report(work, taken[-1].file.case)
            return {"case": str(taken[-1].file.id)}

        outcome = await run(info.context, "reportCase", str(input.key), input, step)
        return await _reported(info, outcome, taken[-1] if taken and not outcome.replayed else None)

    @strawberry.mutation(description="The centre takes a report on.")
    async def accept_case(self, info: Info, input: inputs.AcceptCaseInput) -> CasePayload:
        return await _case(info, "acceptCase", input, lambda work: service.accept_case(
            work, input.case_id, input.version, severity=given(input.severity),
            work_item_code=given(input.work_item_code), note=given(input.note),
        ))

    @strawberry.mutation(description="The centre declines a report and names the remedy.")
    async def reject_case(self, info: Info, input: inputs.RejectCaseInput) -> CasePayload:
        return await _case(info, "rejectCase", input, lambda work: service.reject_case(
            work, input.case_id, input.version, reason=input.reason, remedy=input.remedy,
        ))

    @strawberry.mutation(description="The centre gives the case to one unit.")
    async def route_case(self, info: Info, input: inputs.RouteCaseInput) -> CasePayload:
        return await _case(info, "routeCase", input, lambda work: service.route_case(
            work, input.case_id, input.version, organization_id=input.organization_id,
            instruction=given(input.instruction),
        ))

    @strawberry.mutation(description="The centre hands the case to the centre above it.")
    async def escalate_case(self, info: Info, input: inputs.EscalateCaseInput) -> CasePayload:
        return await _case(info, "escalateCase", input, lambda work: service.escalate_case(
            work, input.case_id, input.version, reason=input.reason,
        ))

    @strawberry.mutation(description="Call departments to report in.")
    async def blow_whistle(self, info: Info, input: inputs.BlowWhistleInput) -> CasePayload:
        return await _case(info, "blowWhistle", input, lambda work: whistles.blow_whistle(
            work, input.case_id, input.version, grade=input.grade, lead_id=input.lead_id,
            assist_ids=given(input.assist_ids), reason=input.reason, instruction=given(input.instruction),
        ))

    @strawberry.mutation(description="Approve or refuse a proposed whistle.")
    async def rule_whistle(self, info: Info, input: inputs.RuleWhistleInput) -> CasePayload:
        return await _case(info, "ruleWhistle", input, lambda work: whistles.rule_whistle(
            work, input.whistle_id, approved=input.approved, note=given(input.note),
        ))

    @strawberry.mutation(description="The unit takes note of its task.")
    async def sign_assignment(self, info: Info, input: inputs.SignAssignmentInput) -> AssignmentPayload:
        return await _assignment(info, "signAssignment", input, lambda work: assignments.sign_assignment(
            work, input.assignment_id, input.version, _extras(input),
        ))

    @strawberry.mutation(description="The unit's person is there.")
    async def report_in(self, info: Info, input: inputs.ReportInInput) -> AssignmentPayload:
        return await _assignment(info, "reportIn", input, lambda work: assignments.report_in(
            work, input.assignment_id, input.version, person_name=input.person_name, note=given(input.note),
            extras=_extras(input),
        ))

    @strawberry.mutation(description="The unit asks to be relieved.")
    async def ask_return(self, info: Info, input: inputs.AskReturnInput) -> AssignmentPayload:
        return await _assignment(info, "askReturn", input, lambda work: returns.ask_return(
            work, input.assignment_id, input.version, reason=input.reason, basis=input.basis,
            suggested_id=given(input.suggested_organization_id), extras=_extras(input),
        ))

    @strawberry.mutation(description="The centre rules on a return.")
    async def rule_return(self, info: Info, input: inputs.RuleReturnInput) -> RuleReturnPayload:
        outcome = await run(info.context, "ruleReturn", str(input.key), input, lambda work: returns.rule_return(
            work, input.assignment_id, input.version, upheld=input.upheld,
            organization_id=given(input.organization_id), ruling=input.ruling,
        ))
        case_id = outcome.ids.get("case") or await _case_of(info, input.assignment_id)
        return RuleReturnPayload(
            case=await load(info, Case, case_id) if case_id else None,
            precedent=await load(info, Precedent, outcome.ids["precedent"]) if "precedent" in outcome.ids else None,
            replayed=outcome.replayed, problems=problems_of(outcome, info.context.locale),
        )

    @strawberry.mutation(description="A note on how far it is.")
    async def add_progress(self, info: Info, input: inputs.AddProgressInput) -> CasePayload:
        return await _case(info, "addProgress", input, lambda work: assignments.add_progress(
            work, input.case_id, note=input.note, extras=_extras(input),
        ))

    @strawberry.mutation(description="The unit is done; the lead only after every assist.")
    async def complete_assignment(self, info: Info, input: inputs.CompleteAssignmentInput) -> AssignmentPayload:
        return await _assignment(info, "completeAssignment", input, lambda work: assignments.complete_assignment(
            work, input.assignment_id, input.version, result=input.result, extras=_extras(input),
        ))

    @strawberry.mutation(description="The centre relieves an assist.")
    async def excuse_assignment(self, info: Info, input: inputs.ExcuseAssignmentInput) -> AssignmentPayload:
        return await _assignment(info, "excuseAssignment", input, lambda work: assignments.excuse_assignment(
            work, input.assignment_id, input.version, reason=input.reason,
        ))

    @strawberry.mutation(description="Somebody who did not handle it looks.")
    async def verify_case(self, info: Info, input: inputs.VerifyCaseInput) -> CasePayload:
        return await _case(info, "verifyCase", input, lambda work: verification.verify_case(
            work, input.case_id, input.version, passed=input.passed, note=given(input.note),
        ))

    @strawberry.mutation(description="The centre calls the one who reported.")
    async def call_back(self, info: Info, input: inputs.CallBackInput) -> CasePayload:
        return await _case(info, "callBack", input, lambda work: verification.call_back(
            work, input.case_id, input.version, reached=input.reached, satisfaction=given(input.satisfaction),
            note=given(input.note),
        ))

    @strawberry.mutation(description="The case is over.")
    async def close_case(self, info: Info, input: inputs.CloseCaseInput) -> CasePayload:
        return await _case(info, "closeCase", input, lambda work: verification.close_case(
            work, input.case_id, input.version, note=given(input.note),
        ))

    @strawberry.mutation(description="The same case goes on, within 30 days.")
    async def reopen_case(self, info: Info, input: inputs.ReopenCaseInput) -> CasePayload:
        return await _case(info, "reopenCase", input, lambda work: verification.reopen_case(
            work, input.case_id, input.version, reason=input.reason,
        ))

    @strawberry.mutation(description="Service clocks stand still while information is missing.")
    async def pause_case(self, info: Info, input: inputs.PauseCaseInput) -> CasePayload:
        return await _case(info, "pauseCase", input, lambda work: supervision.pause_case(
            work, input.case_id, input.version, reason=input.reason, missing=input.missing,
        ))

    @strawberry.mutation(description="The clocks run on.")
    async def resume_case(self, info: Info, input: inputs.ResumeCaseInput) -> CasePayload:
        return await _case(info, "resumeCase", input, lambda work: supervision.resume_case(
            work, input.case_id, input.version, note=given(input.note),
        ))

    @strawberry.mutation(description="A lead of the centre gives more time.")
    async def extend_case(self, info: Info, input: inputs.ExtendCaseInput) -> CasePayload:
        return await _case(info, "extendCase", input, lambda work: supervision.extend_case(
            work, input.case_id, input.version, reason=input.reason, working_days=input.working_days,
        ))

    @strawberry.mutation(description="A person issues a card.")
    async def supervise_case(self, info: Info, input: inputs.SuperviseCaseInput) -> CasePayload:
        return await _case(info, "superviseCase", input, lambda work: supervision.supervise_case(
            work, input.case_id, input.version, organization_id=given(input.organization_id), card=input.card,
            reason=input.reason, due_at=input.due_at,
        ))

    @strawberry.mutation(description="Who handles a protected case changes.")
    async def name_handlers(self, info: Info, input: inputs.NameHandlersInput) -> CasePayload:
        return await _case(info, "nameHandlers", input, lambda work: supervision.name_handlers(
            work, input.case_id, input.version, add=given(input.add), remove=given(input.remove),
            reason=input.reason,
        ))


async def _case_of(info: Info, assignment_id: object) -> object | None:
    assignment = await load(info, Assignment, assignment_id)
    return None if assignment is None else assignment.row["case_id"]


