"""Where an actor stands towards a case, and what the table of steps says of it."""

from dataclasses import dataclass
from uuid import UUID

from gridloom.cases.codes import CaseStatus
from gridloom.cases.models import CaseRow
from gridloom.dispatch.codes import OPEN_ASSIGNMENTS, AssignmentRole, AssignmentStatus
from gridloom.dispatch.models import AssignmentRow
from gridloom.dispatch.steps import ASSIGNMENT_RULES, CASE_RULES, AssignmentRule, StepRule
from gridloom.errors import ProblemCode, Refusal
from gridloom.people.roles import CENTRE_ROLES
from gridloom.work import Actor


@dataclass(frozen=True, slots=True)
class Standing:
    """The names of `who` that the actor fulfils towards one case, and the organisations they act for."""

    names: frozenset[str]
    organizations: frozenset[UUID]


def standing_of(actor: Actor, case: CaseRow, centre_level: int | None, units: frozenset[UUID]) -> Standing:
    """Where the actor stands. `centre_level` is the level of the running centre, `units` those with an open assignment."""
    names: set[str] = set()
    path = set(case.path)
    for post in actor.posts:
        here = post.role in CENTRE_ROLES and post.organization_id == case.centre_id
        on_path = post.role in CENTRE_ROLES and post.organization_kind == "CENTRE" and post.grid_id in path
        above = on_path and (post.organization_level or 99) < (centre_level or 0)
        if on_path:
            names.add("centre_on_path")
        if here or above:
            names.add("centre")
            if post.role == "centre_lead":
                names.add("centre_lead")
        if post.role == "leader":
            names.add("leader")
    organizations = frozenset(actor.organizations())
    if organizations & units:
        names.add("unit_in_charge")
    if actor.id == case.reporter_actor_id:
        names.add("reporter")
    if case.sealed:
        names.add("handler")
    if actor.kind == "system":
        names |= {"centre", "centre_lead", "centre_on_path"}
    return Standing(frozenset(names), organizations)


def check_case_step(name: str, case: CaseRow, standing: Standing) -> None:
    """Raises `Refusal` NOT_YOURS, then NOT_ALLOWED_NOW, as the table says."""
    rule = CASE_RULES[name]
    if not standing.names & set(rule.who):
        raise Refusal(ProblemCode.NOT_YOURS, "problem-not-yours", step=name)
    if not _state_allows(rule, case):
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "problem-not-allowed-now", step=name, status=case.status)


def check_assignment_step(name: str, case: CaseRow, assignment: AssignmentRow, standing: Standing) -> None:
    """Raises `Refusal` NOT_YOURS, then NOT_ALLOWED_NOW, as the table says."""
    rule = ASSIGNMENT_RULES[name]
    if not _stands(rule, assignment, standing):
        raise Refusal(ProblemCode.NOT_YOURS, "problem-not-yours", step=name)
    if not _assignment_allows(rule, case, assignment):
        raise Refusal(
            ProblemCode.NOT_ALLOWED_NOW, "problem-not-allowed-now", step=name, status=assignment.status
        )


def allowed_steps(
    actor: Actor, case: CaseRow, standing: Standing, assignments: list[AssignmentRow], facts: "CaseFacts"
) -> list[str]:
    """Names of the mutations the actor may use on this case now, in the order of the table."""
    names = [
        name for name, rule in CASE_RULES.items()
        if name in actor.can and standing.names & set(rule.who) and facts.allows(name, rule, case)
    ]
    for name, assignment_rule in ASSIGNMENT_RULES.items():
        if name in actor.can and any(
            _stands(assignment_rule, one, standing) and _assignment_allows(assignment_rule, case, one)
            and facts.allows_assignment(name, one)
            for one in assignments
        ):
            names.append(name)
    return names


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What besides the state decides a step: a whistle that waits, the call-back, who handled, the 30 days."""

    whistle_waits: bool = False
    called_back: bool = False
    handled_by_actor: bool = False
    may_reopen: bool = False
    assists_open: bool = False
    windows_open: frozenset[UUID] = frozenset()
    centre_above: bool = True

    def allows(self, name: str, rule: StepRule, case: CaseRow) -> bool:
        """Whether a case step would pass now, the standing aside."""
        if name == "blowWhistle" and case.status == CaseStatus.REPORTED:
            return case.emergency
        if not _state_allows(rule, case):
            return False
        return {
            "ruleWhistle": self.whistle_waits,
            "blowWhistle": not self.whistle_waits,
            "routeCase": not self.whistle_waits,
            "escalateCase": not self.whistle_waits and self.centre_above,
            "verifyCase": not self.handled_by_actor,
            "closeCase": case.self_handled or self.called_back,
            "reopenCase": self.may_reopen,
            "nameHandlers": case.sealed,
        }.get(name, True)

    def allows_assignment(self, name: str, assignment: AssignmentRow) -> bool:
        """Whether an assignment step would pass now, the standing aside."""
        if name == "completeAssignment" and assignment.role == AssignmentRole.LEAD:
            return not self.assists_open
        if name == "askReturn":
            return assignment.id in self.windows_open
        return True


def _state_allows(rule: StepRule, case: CaseRow) -> bool:
    if case.status not in rule.frm or (case.paused and not rule.paused):
        return False
    if rule.name == "verifyCase":
        return not case.self_handled
    if rule.name == "closeCase" and case.status == CaseStatus.HANDLED:
        return case.self_handled
    return case.paused if rule.name == "resumeCase" else True


def _stands(rule: AssignmentRule, assignment: AssignmentRow, standing: Standing) -> bool:
    if "unit" in rule.who:
        return assignment.organization_id in standing.organizations
    return bool(standing.names & set(rule.who))


def _assignment_allows(rule: AssignmentRule, case: CaseRow, assignment: AssignmentRow) -> bool:
    if assignment.status not in rule.frm or not assignment.visible or (case.paused and not rule.paused):
        return False
    if case.status != CaseStatus.ROUTED:
        return False
    if rule.name == "excuseAssignment":
        return assignment.role == AssignmentRole.ASSIST
    if rule.name == "reportIn" and assignment.whistle_id is None:
        return True
    if rule.name == "completeAssignment" and assignment.whistle_id is not None:
        return assignment.status == AssignmentStatus.REPORTED_IN
    return True


def open_units(assignments: list[AssignmentRow]) -> frozenset[UUID]:
    """The units that have a visible open assignment."""
    return frozenset(one.organization_id for one in assignments if one.visible and one.status in OPEN_ASSIGNMENTS)
