"""Carrying a case plan out through the services, step by step, at the plan's own times."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gridloom.cases.models import CaseRow
from gridloom.cases.parties import Person
from gridloom.cases.service import Report, report_case
from gridloom.demo.plans import ActorPlan, CasePlan, StepPlan
from gridloom.demo.residents import Written
from gridloom.dispatch import assignments, returns, service, supervision, verification, whistles
from gridloom.dispatch.assignments import Extras
from gridloom.dispatch.models import AssignmentRow, WhistleRow
from gridloom.people.service import staff_actor
from gridloom.work import Actor, Work, Works

Inputs = Mapping[str, Any]
OnCase = Callable[[Work, UUID, int, Inputs], Awaitable[Any]]
OnAssignment = Callable[[Work, UUID, int, Inputs], Awaitable[Any]]

ON_CASE: dict[str, OnCase] = {
    "acceptCase": lambda work, id, version, given: service.accept_case(
        work, id, version, severity=given.get("severity"), note=given.get("note")
    ),
    "rejectCase": lambda work, id, version, given: service.reject_case(
        work, id, version, reason=given["reason"], remedy=given["remedy"]
    ),
    "escalateCase": lambda work, id, version, given: service.escalate_case(work, id, version, reason=given["reason"]),
    "routeCase": lambda work, id, version, given: service.route_case(
        work, id, version, organization_id=given["organizationId"], instruction=given.get("instruction")
    ),
    "blowWhistle": lambda work, id, version, given: whistles.blow_whistle(
        work, id, version, grade=given["grade"], lead_id=given["leadId"], assist_ids=given.get("assistIds"),
        reason=given["reason"], instruction=given.get("instruction"),
    ),
    "verifyCase": lambda work, id, version, given: verification.verify_case(
        work, id, version, passed=given["passed"], note=given.get("note")
    ),
    "callBack": lambda work, id, version, given: verification.call_back(
        work, id, version, reached=given["reached"], satisfaction=given.get("satisfaction"), note=given.get("note")
    ),
    "closeCase": lambda work, id, version, given: verification.close_case(work, id, version, note=given.get("note")),
    "reopenCase": lambda work, id, version, given: verification.reopen_case(
        work, id, version, reason=given["reason"]
    ),
    "pauseCase": lambda work, id, version, given: supervision.pause_case(
        work, id, version, reason=given["reason"], missing=given["missing"]
    ),
    "resumeCase": lambda work, id, version, given: supervision.resume_case(
        work, id, version, note=given.get("note")
    ),
    "extendCase": lambda work, id, version, given: supervision.extend_case(
        work, id, version, reason=given["reason"], working_days=given["workingDays"]
    ),
    "superviseCase": lambda work, id, version, given: supervision.supervise_case(
        work, id, version, organization_id=given.get("organizationId"), card=given["card"], reason=given["reason"],
        due_at=_moment(given["dueAt"]),
    ),
    "nameHandlers": lambda work, id, version, given: supervision.name_handlers(
        work, id, version, add=given.get("add"), remove=given.get("remove"), reason=given["reason"]
    ),
    "addProgress": lambda work, id, version, given: assignments.add_progress(
        work, id, note=given["note"], extras=Extras()
    ),
}
ON_ASSIGNMENT: dict[str, OnAssignment] = {
    "signAssignment": lambda work, id, version, given: assignments.sign_assignment(work, id, version, Extras()),
    "reportIn": lambda work, id, version, given: assignments.report_in(
        work, id, version, person_name=given["personName"], note=given.get("note"), extras=Extras()
    ),
    "completeAssignment": lambda work, id, version, given: assignments.complete_assignment(
        work, id, version, result=given["result"], extras=Extras()
    ),
    "excuseAssignment": lambda work, id, version, given: assignments.excuse_assignment(
        work, id, version, reason=given["reason"]
    ),
    "askReturn": lambda work, id, version, given: returns.ask_return(
        work, id, version, reason=given["reason"], basis=given["basis"],
        suggested_id=given.get("suggestedOrganizationId"), extras=Extras(),
    ),
    "ruleReturn": lambda work, id, version, given: returns.rule_return(
        work, id, version, upheld=given["upheld"], organization_id=given.get("organizationId"), ruling=given["ruling"]
    ),
}


@dataclass
class Replay:
    """Takes plans of one county to its services; keeps the actors it has met."""

    works: Works
    tenant: UUID
    written: Written
    _actors: dict[tuple[str, str | None], Actor] = field(default_factory=dict)

    async def run(self, plan: CasePlan) -> UUID:
        """Carry out a whole case. Raises whatever a service refuses: a plan that breaks a rule is a fault of the plan."""
        first = plan.steps[0]
        await self.before(first.at)
        async with self.works.open(self.tenant, await self._actor(first.actor), at=first.at) as work:
            case_id = UUID((await report_case(work, report_of(first.inputs)))["case"])
        for step in plan.steps[1:]:
            await self.before(step.at)
            async with self.works.open(self.tenant, await self._actor(step.actor), at=step.at) as work:
                await self._take(work, case_id, step)
        return case_id

    async def before(self, moment: datetime) -> None:
        """What others do until this moment, before the next step is taken: nothing, unless a subclass says so."""

    async def _take(self, work: Work, case_id: UUID, step: StepPlan) -> None:
        given = self._with_ids(step.inputs)
        if step.name == "ruleWhistle":
            rows = (await work.session.execute(
                select(WhistleRow.id).where(WhistleRow.tenant_id == self.tenant, WhistleRow.case_id == case_id)
                .order_by(WhistleRow.proposed_at, WhistleRow.id)
            )).scalars().all()
            await whistles.rule_whistle(
                work, rows[given["whistleId"]], approved=given["approved"], note=given.get("note")
            )
        elif step.name in ON_ASSIGNMENT:
            assignment = await self._assignment(work, case_id, given["assignmentId"])
            await ON_ASSIGNMENT[step.name](work, assignment.id, assignment.version, given)
        else:
            version = (await work.session.execute(
                select(CaseRow.version).where(CaseRow.tenant_id == self.tenant, CaseRow.id == case_id)
            )).scalar_one()
            await ON_CASE[step.name](work, case_id, version, given)

    async def _assignment(self, work: Work, case_id: UUID, place: int) -> AssignmentRow:
        rows = (await work.session.execute(
            select(AssignmentRow)
            .where(AssignmentRow.tenant_id == self.tenant, AssignmentRow.case_id == case_id)
            .order_by(AssignmentRow.created_at, AssignmentRow.id)
        )).scalars().all()
        return rows[place]

    async def _actor(self, plan: ActorPlan) -> Actor:
        key = (plan.person, plan.organization)
        if key not in self._actors:
            async with self.works.reading(self.tenant) as session:
                actor = await staff_actor(
                    session, self.tenant, self.written.staff[plan.person], self.works.clock.now(), "zh-CN"
                )
            if actor is None:
                raise LookupError(f"{plan.person} does not work here")
            self._actors[key] = actor
        return self._actors[key]

    def _with_ids(self, inputs: Inputs) -> dict[str, Any]:
        units, staff = self.written.organizations, self.written.staff
        given = dict(inputs)
        for name in ("organizationId", "leadId", "suggestedOrganizationId"):
            if name in given:
                given[name] = units[given[name]]
        if "assistIds" in given:
            given["assistIds"] = [units[code] for code in given["assistIds"]]
        if "add" in given:
            given["add"] = [staff[key] for key in given["add"]]
        return given


def report_of(inputs: Inputs) -> Report:
    """A plan's first step as the service takes it."""
    point, behalf, reference = inputs.get("location"), inputs.get("onBehalfOf"), inputs.get("externalReference")
    return Report(
        description=inputs["description"], work_item_code=inputs["workItemCode"], title=inputs.get("title"),
        grid_code=inputs.get("gridCode"), point=(point["longitude"], point["latitude"]) if point else None,
        address=inputs.get("address"), severity=inputs.get("severity"),
        occurred_at=_moment(inputs["occurredAt"]) if "occurredAt" in inputs else None,
        recorded_at=_moment(inputs["recordedAt"]) if "recordedAt" in inputs else None,
        channel=inputs.get("channel"), external_reference=(reference["system"], reference["id"]) if reference else None,
        on_behalf_of=_person(behalf) if behalf else None,
        parties=[_person(one) for one in inputs.get("parties", ())],
        self_handled=bool(inputs.get("selfHandled")), handled_note=inputs.get("handledNote"),
    )


def _person(given: Mapping[str, Any]) -> Person:
    return Person(given["name"], given["role"], given.get("phone"), given.get("idNumber"), given.get("address"))


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
