"""What each step of the main job does to a book: the services' effects, step for step."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from gridloom.cases.codes import CaseStatus, ScopeKind
from gridloom.demo.book import Book
from gridloom.demo.clockwork import working_days
from gridloom.demo.effects import assign, begin_handling, mark_routed, new_assignment, whistle_clocks
from gridloom.demo.plans import StepPlan
from gridloom.demo.telling_units import add_progress, ask_return, complete, excuse, report_in, rule_return, sign, verify
from gridloom.dispatch.codes import AssignmentRole, AssignmentStatus, Card, WhistleState
from gridloom.dispatch.models import CardRow, WhistleRow
from gridloom.dispatch.service import (
    HANDLE_CLOCK,
)
from gridloom.dispatch.verification import CALL_BACK_CLOCK
from gridloom.dispatch.whistles import NEEDS_APPROVAL
from gridloom.people.roles import leader_scope

Given = Mapping[str, Any]


def tell_step(book: Book, step: StepPlan) -> None:
    """Take one step of a plan (all but its report) in the book."""
    book.begin(step)
    STEPS[step.name](book, step.inputs)


def _accept(book: Book, given: Given) -> None:
    book.case["severity"] = given.get("severity") or book.case["severity"]
    begin_handling(book)
    book.record("acceptCase", given.get("note"))
    book.touch()
    book.tell("case.accepted", severity=str(book.case["severity"]), version=book.case["version"])


def _reject(book: Book, given: Given) -> None:
    book.case.update(status=CaseStatus.REJECTED, ended_at=book.at)
    book.clocks.stop(book.at)
    book.record("rejectCase", f"{given['reason']}\n救济途径:{given['remedy']}")
    book.touch()
    book.tell("case.rejected", version=book.case["version"])


def _escalate(book: Book, given: Given) -> None:
    parent = book.acting_centre().parent_id
    above = book.world.by_id[parent] if parent else book.centre
    book.take_over(above)
    book.case["escalations"] += 1
    if not book.sealed and above.grid_id is not None:
        book.share(ScopeKind.ORGANIZATION, above.id)
        book.share(ScopeKind.LEADER, leader_scope(above.grid_id))
    book.record("escalateCase", given["reason"], organization_id=above.id)
    book.touch()
    book.tell("case.escalated", centre=str(above.id), version=book.case["version"])


def _route(book: Book, given: Given) -> None:
    unit = book.world.units[given["organizationId"]]
    book.take_over(book.acting_centre())
    assignment = assign(book, unit, AssignmentRole.LEAD, given.get("instruction"))
    mark_routed(book)
    book.record(
        "routeCase", given.get("instruction"), organization_id=unit.id, assignment_id=assignment["id"]
    )
    book.touch()
    book.tell("case.routed", organization=str(unit.id), assignment=str(assignment["id"]), version=book.case["version"])


def _blow_whistle(book: Book, given: Given) -> None:
    if book.case["status"] == CaseStatus.REPORTED:
        begin_handling(book)
        book.record("acceptCase", organization_id=book.centre.id)
        book.tell("case.accepted", severity=str(book.case["severity"]))
    book.take_over(book.acting_centre())
    whistle = book.ledger.add(
        WhistleRow, id=book.ledger.id_at(book.at), case_id=book.id, grade=given["grade"], state=WhistleState.PROPOSED,
        reason=book.shown(given["reason"]), centre_id=book.centre.id, proposed_by=book.actor_id, proposed_at=book.at,
        ruled_by=None, blown_at=None, ended_at=None,
    )
    book.whistles.append(whistle)
    roles = [(given["leadId"], AssignmentRole.LEAD), *((one, AssignmentRole.ASSIST) for one in given.get("assistIds", ()))]
    for code, role in roles:
        row = new_assignment(book, book.world.units[code], role, given.get("instruction"))
        row["whistle_id"], row["visible"] = whistle["id"], False
    said = (given["reason"], given.get("instruction"))
    book.record("blowWhistle", "\n".join(filter(None, said)) if book.sealed else said[0], grade=given["grade"])
    if given["grade"] in NEEDS_APPROVAL and book.actor.role != "centre_lead":
        book.tell("whistle.proposed", whistle=str(whistle["id"]), grade=given["grade"])
    else:
        _blow(book, whistle)
    book.touch()


def _blow(book: Book, whistle: dict[str, Any]) -> None:
    whistle.update(state=WhistleState.BLOWN, blown_at=book.at)
    called = [one for one in book.assignments if one["whistle_id"] == whistle["id"]]
    for row in called:
        row["visible"] = True
        whistle_clocks(book, row, whistle["grade"])
    mark_routed(book)
    book.share_with_units(*(book.world.by_id[one["organization_id"]] for one in called))
    book.tell("whistle.blown", whistle=str(whistle["id"]), grade=whistle["grade"],
              organizations=[str(one["organization_id"]) for one in called])
    book.tell("case.routed", organization=str(called[0]["organization_id"]), whistle=str(whistle["id"]))


def _rule_whistle(book: Book, given: Given) -> None:
    whistle = book.whistles[given["whistleId"]]
    whistle["ruled_by"] = book.actor_id
    if given["approved"]:
        _blow(book, whistle)
    else:
        whistle.update(state=WhistleState.REFUSED, ended_at=book.at)
        for row in book.assignments:
            if row["whistle_id"] == whistle["id"]:
                row.update(status=AssignmentStatus.CANCELLED, ended_at=book.at)
        book.tell("whistle.refused", whistle=str(whistle["id"]))
    book.record("ruleWhistle", given.get("note"), approved=given["approved"])
    book.touch()


def _call_back(book: Book, given: Given) -> None:
    book.add_call_back(reached=given["reached"], satisfaction=given.get("satisfaction"))
    book.clocks.stop(book.at, codes=(CALL_BACK_CLOCK,))
    book.record("callBack", given.get("note"), reached=given["reached"], satisfaction=given.get("satisfaction"))
    book.touch()
    book.tell("case.called_back", reached=given["reached"], version=book.case["version"])


def _close(book: Book, given: Given) -> None:
    book.case.update(status=CaseStatus.CLOSED, closed_at=book.at, ended_at=book.at)
    book.clocks.stop(book.at)
    book.record("closeCase", given.get("note"))
    book.touch()
    book.tell("case.closed", version=book.case["version"])


def _reopen(book: Book, given: Given) -> None:
    book.case.update(round=book.case["round"] + 1, self_handled=False, handled_at=None, verified_at=None,
                     closed_at=None, ended_at=None)
    begin_handling(book)
    book.record("reopenCase", given["reason"])
    book.touch()
    book.tell("case.reopened", version=book.case["version"])


def _pause(book: Book, given: Given) -> None:
    book.case["paused"] = True
    book.clocks.pause(book.at, None if book.sealed else f"{given['reason']};待补:{given['missing']}")
    book.record("pauseCase", f"{given['reason']}\n待补:{given['missing']}")
    book.touch()
    book.tell("case.paused", version=book.case["version"])


def _resume(book: Book, given: Given) -> None:
    book.case["paused"] = False
    book.clocks.resume(book.at)
    _follow(book)
    book.record("resumeCase", given.get("note"))
    book.touch()
    book.tell("case.resumed", version=book.case["version"])


def _extend(book: Book, given: Given) -> None:
    reason = None if book.sealed else given["reason"]
    extended = book.clocks.extend(HANDLE_CLOCK, working_days(given["workingDays"]), book.at, book.actor_id, reason)
    if extended is not None:
        book.tell_clock(extended, book.actor_id)
    _follow(book)
    book.record("extendCase", given["reason"], working_days=given["workingDays"])
    book.touch()
    book.tell("case.extended", version=book.case["version"])


def _follow(book: Book) -> None:
    due = book.clocks.first_due(HANDLE_CLOCK)
    if due is not None:
        book.case["due_at"] = due
        for row in book.open_assignments():
            if row["whistle_id"] is None:
                row["due_at"] = due


def _supervise(book: Book, given: Given) -> None:
    named = given.get("organizationId")
    lead = next((one for one in book.open_assignments() if one["role"] == AssignmentRole.LEAD), None)
    unit = book.world.units[named].id if named else lead["organization_id"] if lead else book.centre.id
    row = book.ledger.add(
        CardRow, id=book.ledger.id_at(book.at), case_id=book.id, organization_id=unit, card=given["card"],
        issued_by=book.actor_id, reason=book.shown(given["reason"]), issued_at=book.at,
        due_at=datetime.fromisoformat(given["dueAt"]), answered_at=None,
    )
    if given["card"] == Card.RED and not book.sealed:
        book.share(ScopeKind.LEADER, leader_scope(book.path[0]))
    book.record("superviseCase", given["reason"], organization_id=unit, card=given["card"])
    book.touch()
    book.tell("card.issued", card=given["card"], card_id=str(row["id"]), organization=str(unit),
              version=book.case["version"])


def _name_handlers(book: Book, given: Given) -> None:
    added = [book.world.staff[key] for key in given.get("add", ())]
    book.share(ScopeKind.ACTOR, *added)
    book.record("nameHandlers", given["reason"], added=[str(one) for one in added], removed=[])
    book.audit("case.handlers", added=[str(one) for one in added], removed=[])
    book.touch()
    book.tell("case.handlers_named", version=book.case["version"])


STEPS: dict[str, Callable[[Book, Given], None]] = {
    "acceptCase": _accept, "rejectCase": _reject, "escalateCase": _escalate, "routeCase": _route,
    "blowWhistle": _blow_whistle, "ruleWhistle": _rule_whistle, "signAssignment": sign, "reportIn": report_in,
    "addProgress": add_progress, "completeAssignment": complete, "excuseAssignment": excuse,
    "askReturn": ask_return, "ruleReturn": rule_return, "verifyCase": verify, "callBack": _call_back,
    "closeCase": _close, "reopenCase": _reopen, "pauseCase": _pause, "resumeCase": _resume, "extendCase": _extend,
    "superviseCase": _supervise, "nameHandlers": _name_handlers,
}
