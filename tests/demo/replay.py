"""Replays a plan against the product's own table of steps; whatever the table does not allow is an AssertionError."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gridloom.demo.plans import ActorPlan, CasePlan, StepPlan
from gridloom.dispatch.steps import ASSIGNMENT_RULES, CASE_RULES

OPEN = ("PENDING", "SIGNED", "REPORTED_IN", "RETURN_ASKED")
CENTRE_LEVEL = {6: 2, 9: 3, 12: 4}
INPUTS = {
    "reportCase": (
        {"description", "workItemCode"},
        {"title", "gridCode", "location", "recordedAt", "channel", "onBehalfOf", "parties"}
        | {"selfHandled", "handledNote"},
    ),
    "acceptCase": (set(), {"severity", "note"}), "rejectCase": ({"reason", "remedy"}, set()),
    "routeCase": ({"organizationId"}, {"instruction"}), "escalateCase": ({"reason"}, set()),
    "blowWhistle": ({"grade", "leadId", "reason"}, {"assistIds", "instruction"}),
    "ruleWhistle": ({"whistleId", "approved"}, {"note"}), "signAssignment": ({"assignmentId"}, set()),
    "reportIn": ({"assignmentId", "personName"}, {"note"}),
    "askReturn": ({"assignmentId", "reason", "basis"}, {"suggestedOrganizationId"}),
    "ruleReturn": ({"assignmentId", "upheld", "ruling"}, {"organizationId"}), "addProgress": ({"note"}, set()),
    "completeAssignment": ({"assignmentId", "result"}, set()), "excuseAssignment": ({"assignmentId", "reason"}, set()),
    "verifyCase": ({"passed"}, {"note"}), "callBack": ({"reached"}, {"satisfaction", "note"}),
    "closeCase": (set(), {"note"}), "reopenCase": ({"reason"}, set()), "pauseCase": ({"reason", "missing"}, set()),
    "resumeCase": (set(), {"note"}), "extendCase": ({"reason", "workingDays"}, set()),
    "superviseCase": ({"card", "reason", "dueAt"}, {"organizationId"}), "nameHandlers": ({"add", "reason"}, set()),
}  # fmt: skip


@dataclass
class Assigned:
    organization: str
    role: str
    since: datetime
    whistle: int | None
    round: int
    state: str = "PENDING"
    signed_at: datetime | None = None
    visible: bool = True


@dataclass
class Replay:
    """The state of one case after its steps. `waits` names the whistle that is proposed."""

    plan: CasePlan
    status: str = ""
    level: int = 4
    paused: bool = False
    round: int = 1
    called: bool = False
    closed_at: datetime | None = None
    proposed: int | None = None
    whistles: int = 0
    tasks: list[Assigned] = field(default_factory=list)
    returned: set[str] = field(default_factory=set)
    hands: set[str] = field(default_factory=set)

    def run(self) -> "Replay":
        last = self.plan.steps[0].at
        for step in self.plan.steps:
            assert step.at >= last, (step, last)
            assert step.at.utcoffset() == timedelta(0)
            last = step.at
            needed, optional = INPUTS[step.name]
            assert needed <= set(step.inputs) <= needed | optional, step
            if step.name == "reportCase":
                self._report(step)
            elif step.name in CASE_RULES:
                self._case_step(step)
            else:
                self._assignment_step(step)
        return self

    def _report(self, step: StepPlan) -> None:
        assert not self.status
        self.status = "HANDLED" if step.inputs.get("selfHandled") else "REPORTED"
        assert ("handledNote" in step.inputs) == (self.status == "HANDLED")
        assert step.inputs["gridCode"] == self.plan.grid

    def _standing(self, actor: ActorPlan) -> set[str]:
        names: set[str] = set()
        if actor.role in ("centre_officer", "centre_lead"):
            division = str(actor.organization).removeprefix("ZX")
            level = next(lv for n, lv in CENTRE_LEVEL.items() if division == self.plan.grid[:n].ljust(12, "0"))
            names.add("centre_on_path")
            if level <= self.level:
                names |= {"centre", "centre_lead"} if actor.role == "centre_lead" else {"centre"}
            self.acting = level
        if actor.role == "leader":
            names.add("leader")
        if actor.organization in [one.organization for one in self.tasks if one.state in OPEN and one.visible]:
            names.add("unit_in_charge")
        if actor == self.plan.steps[0].actor:
            names.add("reporter")
        if self.plan.path == "VIOLENCE":
            names.add("handler")
            assert actor.organization == "GA" or actor.role == "centre_lead", actor
        return names

    def _case_step(self, step: StepPlan) -> None:
        rule, inputs = CASE_RULES[step.name], step.inputs
        emergency = step.name == "blowWhistle" and inputs["grade"] == "EMERGENCY" and self.status == "REPORTED"
        assert self.status in rule.frm or emergency, (step.name, self.status)
        assert rule.paused or not self.paused, step
        assert self._standing(step.actor) & set(rule.who), step
        if step.name in ("routeCase", "blowWhistle", "escalateCase"):
            assert self.proposed is None
        getattr(self, f"_{step.name}", lambda _: None)(step)

    def _acceptCase(self, step: StepPlan) -> None:
        self.status, self.level = "ACCEPTED", min(self.level, self.acting)

    def _rejectCase(self, step: StepPlan) -> None:
        self.status = "REJECTED"

    def _escalateCase(self, step: StepPlan) -> None:
        self.level = min(self.level, self.acting) - 1
        assert self.level >= 2

    def _routeCase(self, step: StepPlan) -> None:
        self.level = min(self.level, self.acting)
        self._assign(str(step.inputs["organizationId"]), "LEAD", step, None)
        self.status = "ROUTED"

    def _blowWhistle(self, step: StepPlan) -> None:
        self.level = min(self.level, self.acting)
        lead, grade = str(step.inputs["leadId"]), step.inputs["grade"]
        given = step.inputs.get("assistIds", ())
        assert isinstance(given, tuple)
        assists = [str(one) for one in given]
        assert len({lead, *assists}) == 1 + len(assists)
        number, self.whistles = self.whistles, self.whistles + 1
        for organization, role in [(lead, "LEAD"), *((one, "ASSIST") for one in assists)]:
            self._assign(organization, role, step, number)
        waits = grade in ("KEY", "HARD") and step.actor.role != "centre_lead"
        self.proposed = number if waits else None
        self.status = "ACCEPTED" if waits else "ROUTED"
        for one in self.tasks:
            if one.whistle == number:
                one.visible = not waits

    def _ruleWhistle(self, step: StepPlan) -> None:
        assert step.inputs["whistleId"] == self.proposed
        for one in self.tasks:
            if one.whistle == self.proposed:
                one.visible = bool(step.inputs["approved"])
                one.state = one.state if step.inputs["approved"] else "CANCELLED"
                one.since = step.at
        self.proposed = None
        self.status = "ROUTED" if step.inputs["approved"] else "ACCEPTED"

    def _assign(self, organization: str, role: str, step: StepPlan, whistle: int | None) -> None:
        assert organization not in [one.organization for one in self.tasks if one.state in OPEN]
        self.tasks.append(Assigned(organization, role, step.at, whistle, self.round))

    def _verifyCase(self, step: StepPlan) -> None:
        assert not self.plan.steps[0].inputs.get("selfHandled")
        worked = {one.organization for one in self.tasks if one.round == self.round and one.state == "DONE"}
        assert step.actor.organization not in worked
        assert step.actor.person not in self.hands
        if step.inputs["passed"]:
            self.status = "VERIFIED"
            return
        assert step.inputs["note"]
        lead = next(one for one in reversed(self.tasks) if one.role == "LEAD" and one.state == "DONE")
        lead.state, self.status = "REPORTED_IN", "ROUTED"

    def _callBack(self, step: StepPlan) -> None:
        assert step.inputs["reached"] or "satisfaction" not in step.inputs
        self.called = True

    def _closeCase(self, step: StepPlan) -> None:
        if self.status == "HANDLED":
            assert self.plan.steps[0].inputs.get("selfHandled")
        else:
            assert self.called
        self.status, self.closed_at = "CLOSED", step.at

    def _reopenCase(self, step: StepPlan) -> None:
        assert self.closed_at is not None
        assert step.at - self.closed_at <= timedelta(days=30)
        self.status, self.round, self.called, self.level = (
            "ACCEPTED",
            self.round + 1,
            False,
            min(self.level, self.acting),
        )

    def _pauseCase(self, step: StepPlan) -> None:
        self.paused = True

    def _resumeCase(self, step: StepPlan) -> None:
        assert self.paused
        self.paused = False

    def _extendCase(self, step: StepPlan) -> None:
        assert step.actor.role == "centre_lead"
        assert 1 <= int(str(step.inputs["workingDays"])) <= 10

    def _superviseCase(self, step: StepPlan) -> None:
        assert datetime.fromisoformat(str(step.inputs["dueAt"])) > step.at
        assert step.inputs["organizationId"] in [one.organization for one in self.tasks]

    def _assignment_step(self, step: StepPlan) -> None:
        rule, one = ASSIGNMENT_RULES[step.name], self.tasks[int(str(step.inputs["assignmentId"]))]
        assert one.state in rule.frm, (step, one)
        assert one.visible
        assert self.status == "ROUTED"
        assert rule.paused or not self.paused
        standing = self._standing(step.actor)
        if "unit" in rule.who:
            assert step.actor.organization == one.organization
        else:
            assert standing & set(rule.who), step
        getattr(self, f"_{step.name}")(step, one)

    def _signAssignment(self, step: StepPlan, one: Assigned) -> None:
        one.state, one.signed_at = "SIGNED", step.at
        self.hands.add(step.actor.person)

    def _reportIn(self, step: StepPlan, one: Assigned) -> None:
        one.state = "REPORTED_IN"
        self.hands.add(step.actor.person)

    def _askReturn(self, step: StepPlan, one: Assigned) -> None:
        assert one.organization not in self.returned
        assert step.at - one.since <= timedelta(hours=4), "inside the signing window"
        self.returned.add(one.organization)
        one.state = "RETURN_ASKED"

    def _ruleReturn(self, step: StepPlan, one: Assigned) -> None:
        assert step.inputs["upheld"] == ("organizationId" in step.inputs)
        one.state = "RETURNED" if step.inputs["upheld"] else "SIGNED"
        if step.inputs["upheld"]:
            self._assign(str(step.inputs["organizationId"]), one.role, step, one.whistle)

    def _completeAssignment(self, step: StepPlan, one: Assigned) -> None:
        assert one.whistle is None or one.state == "REPORTED_IN"
        self.hands.add(step.actor.person)
        if one.role == "LEAD":
            assert not [other for other in self.tasks if other.role == "ASSIST" and other.state in OPEN]
            self.status = "HANDLED"
        one.state = "DONE"

    def _excuseAssignment(self, step: StepPlan, one: Assigned) -> None:
        assert one.role == "ASSIST"
        one.state = "EXCUSED"
