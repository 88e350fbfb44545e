"""The one table of steps: from which state, to which, by whom. It drives the checks, `allowedSteps`, the docs and the tests.

`who` names a standing towards the case (see `standing.py`):
centre (the centre that runs it, or one above), centre_on_path (any centre whose territory holds it), centre_lead (a lead of
the running centre or one above), unit (the unit of the assignment), unit_in_charge (a unit with an open assignment),
reporter, leader, handler (a named handler of a protected case).
"""

from dataclasses import dataclass

from gridloom.cases.codes import CaseStatus
from gridloom.dispatch.codes import AssignmentStatus

C, A = CaseStatus, AssignmentStatus


@dataclass(frozen=True, slots=True)
class StepRule:
    """One step on a case. `to` are the states it may end in; `paused` whether it may be taken while the case pauses."""

    name: str
    frm: tuple[CaseStatus, ...]
    to: tuple[CaseStatus, ...]
    who: tuple[str, ...]
    evidence: str = ""
    paused: bool = True


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """One step on an assignment; the case is ROUTED whenever an assignment is open."""

    name: str
    frm: tuple[AssignmentStatus, ...]
    to: tuple[AssignmentStatus, ...]
    who: tuple[str, ...]
    evidence: str = ""
    paused: bool = True


CASE_STEPS: tuple[StepRule, ...] = (
    StepRule("acceptCase", (C.REPORTED,), (C.ACCEPTED,), ("centre",)),
    StepRule("rejectCase", (C.REPORTED,), (C.REJECTED,), ("centre",), "reason and remedy"),
    StepRule("escalateCase", (C.ACCEPTED,), (C.ACCEPTED,), ("centre",), "reason", paused=False),
    StepRule("routeCase", (C.ACCEPTED,), (C.ROUTED,), ("centre",), paused=False),
    StepRule("blowWhistle", (C.ACCEPTED,), (C.ACCEPTED, C.ROUTED), ("centre",), "reason", paused=False),
    StepRule("ruleWhistle", (C.ACCEPTED,), (C.ACCEPTED, C.ROUTED), ("centre_lead",), paused=False),
    StepRule("verifyCase", (C.HANDLED,), (C.VERIFIED, C.ROUTED), ("centre_on_path",), "result of the look"),
    StepRule("callBack", (C.VERIFIED,), (C.VERIFIED,), ("centre_on_path",), "reached, satisfaction"),
    StepRule("closeCase", (C.VERIFIED, C.HANDLED), (C.CLOSED,), ("centre_on_path", "reporter"), "a call-back"),
    StepRule("reopenCase", (C.CLOSED,), (C.ACCEPTED,), ("centre_on_path", "reporter"), "reason, within 30 days"),
    StepRule("pauseCase", (C.ACCEPTED, C.ROUTED), (C.ACCEPTED, C.ROUTED), ("centre", "unit_in_charge"),
             "what is missing", paused=False),
    StepRule("resumeCase", (C.ACCEPTED, C.ROUTED), (C.ACCEPTED, C.ROUTED), ("centre", "unit_in_charge")),
    StepRule("extendCase", (C.ACCEPTED, C.ROUTED), (C.ACCEPTED, C.ROUTED), ("centre_lead",), "reason"),
    StepRule("superviseCase", (C.REPORTED, C.ACCEPTED, C.ROUTED, C.HANDLED),
             (C.REPORTED, C.ACCEPTED, C.ROUTED, C.HANDLED), ("centre", "leader"), "facts, limit"),
    StepRule("addProgress", (C.ACCEPTED, C.ROUTED), (C.ACCEPTED, C.ROUTED),
             ("centre_on_path", "unit_in_charge", "reporter")),
    StepRule("nameHandlers", (C.REPORTED, C.ACCEPTED, C.ROUTED, C.HANDLED, C.VERIFIED),
             (C.REPORTED, C.ACCEPTED, C.ROUTED, C.HANDLED, C.VERIFIED), ("handler",), "reason"),
)

ASSIGNMENT_STEPS: tuple[AssignmentRule, ...] = (
    AssignmentRule("signAssignment", (A.PENDING,), (A.SIGNED,), ("unit",)),
    AssignmentRule("reportIn", (A.SIGNED,), (A.REPORTED_IN,), ("unit",), "person"),
    AssignmentRule("askReturn", (A.PENDING, A.SIGNED), (A.RETURN_ASKED,), ("unit",), "reason and basis, inside the window"),
    AssignmentRule("ruleReturn", (A.RETURN_ASKED,), (A.RETURNED, A.SIGNED), ("centre",), "ruling"),
    AssignmentRule("completeAssignment", (A.REPORTED_IN, A.SIGNED), (A.DONE,), ("unit",), "result", paused=False),
    AssignmentRule("excuseAssignment", (A.PENDING, A.SIGNED, A.REPORTED_IN, A.RETURN_ASKED), (A.EXCUSED,), ("centre",),
                   "reason; never the lead"),
)

CASE_RULES = {rule.name: rule for rule in CASE_STEPS}
ASSIGNMENT_RULES = {rule.name: rule for rule in ASSIGNMENT_STEPS}
STEP_NAMES = (*CASE_RULES, *ASSIGNMENT_RULES)
