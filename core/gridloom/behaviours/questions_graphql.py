"""What plugins and routes propose for a case, and which papers a step on it needs: questions, a person decides."""

from typing import Annotated, Any

import strawberry

from gridloom.behaviours.matters import case_view
from gridloom.behaviours.seats import actor_view, seats_of
from gridloom.cases.file import open_file
from gridloom.cases.graphql import Case
from gridloom.catalogue.service import route_of
from gridloom.context import Info
from gridloom.contract.types import StepView
from gridloom.errors import Refusal
from gridloom.i18n import translate
from gridloom.people.graphql import Organization
from gridloom.people.service import organization_by_code
from gridloom.reads import extends, load
from gridloom.work import Work

LEVELS = (4, 3, 2)
PERMISSION = "routeCase"


@strawberry.type(description="A unit proposed for a case; a person decides.")
class DispatchProposal:
    """One proposal with its reason."""

    organization: Organization = strawberry.field(description="The unit.")
    reason: str = strawberry.field(description="Why it.")
    due_days: int | None = strawberry.field(description="Calendar days that the proposer holds for enough.")
    plugin: str | None = strawberry.field(description="Who proposes: a mechanism's key, null for the work list's route.")


@strawberry.type(description="A paper that a step needs.")
class RequiredPaper:
    """One paper."""

    plugin: str = strawberry.field(description="The mechanism that wants it.")
    kind: str
    title: str


@extends(Case)
class CaseQuestions:
    """Questions to plugins about a case."""

    @strawberry.field(description="Units for this case, the work list's own first; empty for who may not route it.")
    async def dispatch_proposals(self, info: Info) -> list[DispatchProposal]:
        case_id = self.row["id"]  # type: ignore[attr-defined]
        context = info.context
        if PERMISSION not in context.actor.can:
            return []
        found: list[tuple[Any, str, int | None, str | None]] = []
        async with context.reading() as session:
            work = Work(session, context.county, context.actor, context.works.clock.now(), context.works)
            try:
                case = (await open_file(work, case_id, "id", lock=False)).case
            except Refusal:
                return []
            for level in LEVELS:
                unit = await route_of(work, case.item_version_id, level, case.path)
                if unit is not None and unit.id not in {one[0] for one in found}:
                    found.append((unit.id, translate(context.locale, "proposal-route"), None, None))
            view = await case_view(session, case)
            for answer in work.host.propose_dispatch(view, context.county.switched).given:
                for proposal in answer.values:
                    unit = await organization_by_code(work, proposal.organization)
                    unit = unit or await organization_by_code(work, f"{context.county.code}{proposal.organization}")
                    if unit is not None:
                        found.append((unit.id, proposal.reason, proposal.due_days, answer.plugin))
        shown = []
        for key, reason, days, plugin in found:
            unit_shown = await load(info, Organization, str(key))
            if unit_shown is not None:
                shown.append(DispatchProposal(
                    organization=unit_shown, reason=translate(context.locale, reason), due_days=days, plugin=plugin
                ))
        return shown

    @strawberry.field(description="Papers that the county's mechanisms want with a step, by the mutation's name.")
    async def required_papers(
        self, info: Info, mutation: Annotated[str, strawberry.argument(description="The step's mutation.")]
    ) -> list[RequiredPaper]:
        case_id = self.row["id"]  # type: ignore[attr-defined]
        context = info.context
        async with context.reading() as session:
            work = Work(session, context.county, context.actor, context.works.clock.now(), context.works)
            try:
                case = (await open_file(work, case_id, "id", lock=False)).case
            except Refusal:
                return []
            actor = actor_view(context.actor, await seats_of(session, context.actor))
            view = await case_view(session, case)
        step = StepView(mutation, case.severity, actor, case.id, case.emergency, view)
        return [
            RequiredPaper(plugin=answer.plugin, kind=one.kind, title=one.title)
            for answer in work.host.required_evidence(step, context.county.switched).given for one in answer.values
        ]
