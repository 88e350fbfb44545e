"""What each step of the main job does to a book: the services' effects, step for step."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from gridloom.cases.codes import CaseStatus, ScopeKind
from gridloom.cases.service import ACCEPT_CLOCK
from gridloom.demo.book import Book, Unit
from gridloom.demo.clockwork import working_days
from gridloom.demo.plans import StepPlan
from gridloom.dispatch.assignments import VERIFY_CLOCK
from gridloom.dispatch.codes import AssignmentRole, AssignmentStatus, Card, WhistleState
from gridloom.dispatch.models import AssignmentReturnRow, AssignmentRow, CardRow, PrecedentRow, WhistleRow
from gridloom.dispatch.returns import RULE_CLOCK
from gridloom.dispatch.service import (
    HANDLE_CLOCK,
    OBJECTION_CLOCK,
    ROUTE_CLOCK,
    SIGN_CLOCK,
    STARTS_AT_ACCEPTANCE,
    handling_limit,
)
from gridloom.dispatch.verification import CALL_BACK_CLOCK
from gridloom.dispatch.whistles import CLOSE_CLOCK, NEEDS_APPROVAL, REPORT_IN_CLOCK
from gridloom.people.roles import leader_scope

Given = Mapping[str, Any]


def tell_step(book: Book, step: StepPlan) -> None:
    """Take one step of a plan (all but its report) in the book."""
    book.begin(step)
    STEPS[step.name](book, step.inputs)


def _start(book: Book, code: str, label: str, limit: Any, assignment: dict[str, Any] | None = None) -> datetime:
    return book.clocks.start(
        book.ledger.id_at(book.at), code, label, limit, book.at, assignment["id"] if assignment else None
    )


def _begin_handling(book: Book) -> None:
    case, level = book.case, book.world.level
    book.take_over(book.acting_centre())
    case["status"] = CaseStatus.ACCEPTED
    case["accepted_at"] = case["accepted_at"] or book.at
    book.clocks.stop(book.at, codes=(ACCEPT_CLOCK,))
    limit = handling_limit(book.item, level, case["severity"])
    case["due_at"] = _start(book, HANDLE_CLOCK, "办理时限", limit)
    _start(book, ROUTE_CLOCK, "分流时限", level.limit("SEVERITY", case["severity"], "route"))
    for code in book.item.statutory:
        book.clocks.start_legal(book.ledger.id_at(book.at), code, STARTS_AT_ACCEPTANCE, book.at)


def _accept(book: Book, given: Given) -> None:
    book.case["severity"] = given.get("severity") or book.case["severity"]
    _begin_handling(book)
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
    assignment = _assign(book, unit, AssignmentRole.LEAD, given.get("instruction"))
    _mark_routed(book)
    book.record(
        "routeCase", given.get("instruction"), organization_id=unit.id, assignment_id=assignment["id"]
    )
    book.touch()
    book.tell("case.routed", organization=str(unit.id), assignment=str(assignment["id"]), version=book.case["version"])


def _mark_routed(book: Book) -> None:
    book.case["status"] = CaseStatus.ROUTED
    book.clocks.stop(book.at, codes=(ROUTE_CLOCK,))


def _new_assignment(book: Book, unit: Unit, role: AssignmentRole, instruction: str | None) -> dict[str, Any]:
    row = book.ledger.add(
        AssignmentRow, id=book.ledger.id_at(book.at), case_id=book.id, whistle_id=None, organization_id=unit.id,
        role=role, status=AssignmentStatus.PENDING, visible=True, version=1, round=book.case["round"],
        title=book.case["title"], instruction=book.shown(instruction), created_at=book.at, sign_due_at=None, signed_at=None,
        window_until=None, report_in_due_at=None, reported_in_at=None, reported_in_by=None, due_at=None, done_at=None,
        done_by=None, ended_at=None, result=None, sealed=False,
    )
    book.assignments.append(row)
    return row


def _assign(book: Book, unit: Unit, role: AssignmentRole, instruction: str | None) -> dict[str, Any]:
    row = _new_assignment(book, unit, role, instruction)
    limit = book.world.level.limit("PROCEDURE", "route", "sign")
    row["sign_due_at"] = _start(book, SIGN_CLOCK, f"签收时限·{unit.name}", limit, row)
    row["window_until"] = _window(book, row["sign_due_at"])
    row["due_at"] = book.case["due_at"]
    book.share_with_units(unit)
    return row


def _window(book: Book, sign_due_at: datetime) -> datetime:
    if OBJECTION_CLOCK not in book.item.statutory:
        return sign_due_at
    legal = book.clocks.start_legal(book.ledger.id_at(book.at), OBJECTION_CLOCK, ("received",), book.at)
    return max(sign_due_at, legal) if legal else sign_due_at


def _blow_whistle(book: Book, given: Given) -> None:
    if book.case["status"] == CaseStatus.REPORTED:
        _begin_handling(book)
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
        row = _new_assignment(book, book.world.units[code], role, given.get("instruction"))
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
        _whistle_clocks(book, row, whistle["grade"])
    _mark_routed(book)
    book.share_with_units(*(book.world.by_id[one["organization_id"]] for one in called))
    book.tell("whistle.blown", whistle=str(whistle["id"]), grade=whistle["grade"],
              organizations=[str(one["organization_id"]) for one in called])
    book.tell("case.routed", organization=str(called[0]["organization_id"]), whistle=str(whistle["id"]))


def _whistle_clocks(book: Book, row: dict[str, Any], grade: str) -> None:
    name, level = book.world.by_id[row["organization_id"]].name, book.world.level
    row["sign_due_at"] = _start(book, SIGN_CLOCK, f"签收时限·{name}", level.limit("GRADE", grade, "sign"), row)
    row["report_in_due_at"] = _start(
        book, REPORT_IN_CLOCK, f"报到时限·{name}", level.limit("GRADE", grade, "report_in"), row
    )
    row["due_at"] = _start(book, CLOSE_CLOCK, f"办结时限·{name}", level.limit("GRADE", grade, "close"), row)
    row["window_until"] = _window(book, row["sign_due_at"])


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


def _unit_step(book: Book, row: dict[str, Any], step: str, fact: str, note: str | None) -> None:
    row["version"] += 1
    book.record(step, note, assignment_id=row["id"], organization_id=row["organization_id"])
    book.tell(fact, assignment=str(row["id"]), organization=str(row["organization_id"]), role=str(row["role"]))


def _sign(book: Book, given: Given) -> None:
    row = book.assignments[given["assignmentId"]]
    row.update(status=AssignmentStatus.SIGNED, signed_at=book.at)
    book.clocks.stop(book.at, codes=(SIGN_CLOCK,), assignment_id=row["id"])
    _unit_step(book, row, "signAssignment", "assignment.signed", None)


def _report_in(book: Book, given: Given) -> None:
    row = book.assignments[given["assignmentId"]]
    row.update(status=AssignmentStatus.REPORTED_IN, reported_in_at=book.at, reported_in_by=given["personName"])
    book.clocks.stop(book.at, codes=(REPORT_IN_CLOCK,), assignment_id=row["id"])
    note = f"{given['personName']} 报到" + (f":{given['note']}" if given.get("note") else "")
    _unit_step(book, row, "reportIn", "assignment.reported_in", note)


def _progress(book: Book, given: Given) -> None:
    book.record("addProgress", given["note"])
    book.tell("case.progressed")


def _complete(book: Book, given: Given) -> None:
    row = book.assignments[given["assignmentId"]]
    result = book.seal("assignment", "result", row["id"], given["result"]) if book.sealed else given["result"]
    row.update(status=AssignmentStatus.DONE, done_at=book.at, done_by=book.actor_id, ended_at=book.at,
               sealed=book.sealed, result=result)
    book.clocks.stop(book.at, assignment_id=row["id"])
    handled = row["role"] == AssignmentRole.LEAD
    if handled:
        _mark_handled(book)
        book.touch()
    _unit_step(book, row, "completeAssignment", "assignment.completed", given["result"])
    if handled:
        book.tell("case.handled", version=book.case["version"])


def _mark_handled(book: Book) -> None:
    book.case.update(status=CaseStatus.HANDLED, handled_at=book.at)
    book.clocks.stop(book.at, codes=(HANDLE_CLOCK, CLOSE_CLOCK))
    for whistle in book.whistles:
        if whistle["state"] == WhistleState.BLOWN:
            whistle.update(state=WhistleState.ENDED, ended_at=book.at)
    _start(book, VERIFY_CLOCK, "核查时限", book.world.level.limit("PROCEDURE", "case", "verify"))


def _excuse(book: Book, given: Given) -> None:
    row = book.assignments[given["assignmentId"]]
    row.update(status=AssignmentStatus.EXCUSED, ended_at=book.at)
    book.clocks.stop(book.at, assignment_id=row["id"])
    _unit_step(book, row, "excuseAssignment", "assignment.excused", given["reason"])


def _ask_return(book: Book, given: Given) -> None:
    row = book.assignments[given["assignmentId"]]
    suggested = given.get("suggestedOrganizationId")
    due = _start(book, RULE_CLOCK, "退回裁定时限", book.world.level.limit("PROCEDURE", "return", "rule"), row)
    book.returns.append(book.ledger.add(
        AssignmentReturnRow, id=book.ledger.id_at(book.at), assignment_id=row["id"], case_id=book.id,
        organization_id=row["organization_id"], reason=given["reason"], basis=book.shown(given["basis"]),
        suggested_id=book.world.units[suggested].id if suggested else None, asked_at=book.at, asked_by=book.actor_id,
        rule_due_at=due, ruled_at=None, ruled_by=None, upheld=None, ruling=None,
    ))
    row["status"] = AssignmentStatus.RETURN_ASKED
    row["version"] += 1
    book.record("askReturn", given["basis"], assignment_id=row["id"], organization_id=row["organization_id"],
                reason=given["reason"])
    book.tell("assignment.return_asked", assignment=str(row["id"]), organization=str(row["organization_id"]),
              reason=given["reason"])


def _rule_return(book: Book, given: Given) -> None:
    row, upheld = book.assignments[given["assignmentId"]], given["upheld"]
    unit = book.world.units[given["organizationId"]] if given.get("organizationId") else None
    asked = next(one for one in book.returns if one["assignment_id"] == row["id"] and one["ruled_at"] is None)
    asked.update(ruled_at=book.at, ruled_by=book.actor_id, upheld=upheld, ruling=book.shown(given["ruling"]))
    row["version"] += 1
    book.clocks.stop(book.at, codes=(RULE_CLOCK,), assignment_id=row["id"])
    if upheld:
        _move(book, row, unit)
    else:
        row.update(status=AssignmentStatus.SIGNED, signed_at=row["signed_at"] or book.at)
    answerable = unit.id if unit else row["organization_id"]
    if (unit is not None or not upheld) and not book.sealed:
        _remember(book, asked["basis"], given["ruling"], answerable)
    book.record("ruleReturn", given["ruling"], assignment_id=row["id"], organization_id=answerable, upheld=upheld)
    book.touch()
    book.tell("return.ruled", assignment=str(row["id"]), upheld=upheld, organization=str(unit.id) if unit else None,
              version=book.case["version"])


def _move(book: Book, row: dict[str, Any], unit: Unit | None) -> None:
    row.update(status=AssignmentStatus.RETURNED, ended_at=book.at)
    book.clocks.stop(book.at, assignment_id=row["id"])
    if unit is None:
        return
    whistle = next((one for one in book.whistles if one["id"] == row["whistle_id"]), None)
    if whistle is None:
        _assign(book, unit, AssignmentRole(row["role"]), row["instruction"])
        return
    successor = _new_assignment(book, unit, AssignmentRole(row["role"]), row["instruction"])
    successor["whistle_id"] = whistle["id"]
    _whistle_clocks(book, successor, whistle["grade"])
    book.share_with_units(unit)


def _remember(book: Book, basis: str, ruling: str, organization_id: UUID) -> None:
    book.ledger.add(
        PrecedentRow, id=book.ledger.id_at(book.at), item_version_id=book.item.id, item_code=book.item.code,
        organization_id=organization_id, case_id=book.id, basis=basis, ruling=ruling, at=book.at,
    )


def _verify(book: Book, given: Given) -> None:
    passed, level = given["passed"], book.world.level
    book.clocks.stop(book.at, codes=(VERIFY_CLOCK,))
    if passed:
        book.case.update(status=CaseStatus.VERIFIED, verified_at=book.at)
        _start(book, CALL_BACK_CLOCK, "回访时限", level.limit("PROCEDURE", "case", "call_back"))
    else:
        _send_back(book)
    book.record("verifyCase", given.get("note"), passed=passed)
    book.touch()
    book.tell("case.verified" if passed else "case.verification_failed", version=book.case["version"])


def _send_back(book: Book) -> None:
    lead = [one for one in book.assignments if one["role"] == AssignmentRole.LEAD and one["status"] == AssignmentStatus.DONE][-1]
    lead.update(status=AssignmentStatus.REPORTED_IN, version=lead["version"] + 1, done_at=None, ended_at=None, done_by=None)
    lead["reported_in_at"] = lead["reported_in_at"] or book.at
    due = _start(book, HANDLE_CLOCK, "返工时限", book.world.level.limit("PROCEDURE", "case", "rework"), lead)
    lead["due_at"] = due
    book.case.update(status=CaseStatus.ROUTED, handled_at=None, due_at=max(book.case["due_at"] or due, due))


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
    _begin_handling(book)
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
    "blowWhistle": _blow_whistle, "ruleWhistle": _rule_whistle, "signAssignment": _sign, "reportIn": _report_in,
    "addProgress": _progress, "completeAssignment": _complete, "excuseAssignment": _excuse,
    "askReturn": _ask_return, "ruleReturn": _rule_return, "verifyCase": _verify, "callBack": _call_back,
    "closeCase": _close, "reopenCase": _reopen, "pauseCase": _pause, "resumeCase": _resume, "extendCase": _extend,
    "superviseCase": _supervise, "nameHandlers": _name_handlers,
}
