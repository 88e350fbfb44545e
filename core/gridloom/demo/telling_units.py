"""What the units' steps do to a book, and the looks at their work: the services' effects, step for step."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gridloom.cases.codes import CaseStatus
from gridloom.demo.book import Book, Unit
from gridloom.demo.effects import assign, new_assignment, start, whistle_clocks
from gridloom.dispatch.assignments import VERIFY_CLOCK
from gridloom.dispatch.codes import AssignmentRole, AssignmentStatus, WhistleState
from gridloom.dispatch.models import AssignmentReturnRow, PrecedentRow
from gridloom.dispatch.returns import RULE_CLOCK
from gridloom.dispatch.service import (
    HANDLE_CLOCK,
    SIGN_CLOCK,
)
from gridloom.dispatch.verification import CALL_BACK_CLOCK
from gridloom.dispatch.whistles import CLOSE_CLOCK, REPORT_IN_CLOCK

Given = Mapping[str, Any]


def _unit_step(book: Book, row: dict[str, Any], step: str, fact: str, note: str | None) -> None:
    row["version"] += 1
    book.record(step, note, assignment_id=row["id"], organization_id=row["organization_id"])
    book.tell(fact, assignment=str(row["id"]), organization=str(row["organization_id"]), role=str(row["role"]))


def sign(book: Book, given: Given) -> None:
    """signAssignment."""
    row = book.assignments[given["assignmentId"]]
    row.update(status=AssignmentStatus.SIGNED, signed_at=book.at)
    book.clocks.stop(book.at, codes=(SIGN_CLOCK,), assignment_id=row["id"])
    _unit_step(book, row, "signAssignment", "assignment.signed", None)


def report_in(book: Book, given: Given) -> None:
    """reportIn."""
    row = book.assignments[given["assignmentId"]]
    row.update(status=AssignmentStatus.REPORTED_IN, reported_in_at=book.at, reported_in_by=given["personName"])
    book.clocks.stop(book.at, codes=(REPORT_IN_CLOCK,), assignment_id=row["id"])
    note = f"{given['personName']} 报到" + (f":{given['note']}" if given.get("note") else "")
    _unit_step(book, row, "reportIn", "assignment.reported_in", note)


def add_progress(book: Book, given: Given) -> None:
    """addProgress."""
    book.record("addProgress", given["note"])
    book.tell("case.progressed")


def complete(book: Book, given: Given) -> None:
    """completeAssignment; the lead's handles the case."""
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
    start(book, VERIFY_CLOCK, "核查时限", book.world.level.limit("PROCEDURE", "case", "verify"))


def excuse(book: Book, given: Given) -> None:
    """excuseAssignment."""
    row = book.assignments[given["assignmentId"]]
    row.update(status=AssignmentStatus.EXCUSED, ended_at=book.at)
    book.clocks.stop(book.at, assignment_id=row["id"])
    _unit_step(book, row, "excuseAssignment", "assignment.excused", given["reason"])


def ask_return(book: Book, given: Given) -> None:
    """askReturn."""
    row = book.assignments[given["assignmentId"]]
    suggested = given.get("suggestedOrganizationId")
    due = start(book, RULE_CLOCK, "退回裁定时限", book.world.level.limit("PROCEDURE", "return", "rule"), row)
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


def rule_return(book: Book, given: Given) -> None:
    """ruleReturn: the task goes on to another unit, or stays."""
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
        assign(book, unit, AssignmentRole(row["role"]), row["instruction"])
        return
    successor = new_assignment(book, unit, AssignmentRole(row["role"]), row["instruction"])
    successor["whistle_id"] = whistle["id"]
    whistle_clocks(book, successor, whistle["grade"])
    book.share_with_units(unit)


def _remember(book: Book, basis: str, ruling: str, organization_id: UUID) -> None:
    book.ledger.add(
        PrecedentRow, id=book.ledger.id_at(book.at), item_version_id=book.item.id, item_code=book.item.code,
        organization_id=organization_id, case_id=book.id, basis=basis, ruling=ruling, at=book.at,
    )


def verify(book: Book, given: Given) -> None:
    """verifyCase; a failed look sends the lead back to work."""
    passed, level = given["passed"], book.world.level
    book.clocks.stop(book.at, codes=(VERIFY_CLOCK,))
    if passed:
        book.case.update(status=CaseStatus.VERIFIED, verified_at=book.at)
        start(book, CALL_BACK_CLOCK, "回访时限", level.limit("PROCEDURE", "case", "call_back"))
    else:
        _send_back(book)
    book.record("verifyCase", given.get("note"), passed=passed)
    book.touch()
    book.tell("case.verified" if passed else "case.verification_failed", version=book.case["version"])


def _send_back(book: Book) -> None:
    lead = [one for one in book.assignments if one["role"] == AssignmentRole.LEAD and one["status"] == AssignmentStatus.DONE][-1]
    lead.update(status=AssignmentStatus.REPORTED_IN, version=lead["version"] + 1, done_at=None, ended_at=None, done_by=None)
    lead["reported_in_at"] = lead["reported_in_at"] or book.at
    due = start(book, HANDLE_CLOCK, "返工时限", book.world.level.limit("PROCEDURE", "case", "rework"), lead)
    lead["due_at"] = due
    book.case.update(status=CaseStatus.ROUTED, handled_at=None, due_at=max(book.case["due_at"] or due, due))
