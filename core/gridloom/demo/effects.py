"""What several steps do to a book: clocks started, a case taken on, a unit given its task."""

from datetime import datetime
from typing import Any

from gridloom.cases.codes import CaseStatus
from gridloom.cases.service import ACCEPT_CLOCK
from gridloom.demo.book import Book, Unit
from gridloom.dispatch.codes import AssignmentRole, AssignmentStatus
from gridloom.dispatch.models import AssignmentRow
from gridloom.dispatch.service import (
    HANDLE_CLOCK,
    OBJECTION_CLOCK,
    ROUTE_CLOCK,
    SIGN_CLOCK,
    STARTS_AT_ACCEPTANCE,
    handling_limit,
)
from gridloom.dispatch.whistles import CLOSE_CLOCK, REPORT_IN_CLOCK


def start(book: Book, code: str, label: str, limit: Any, assignment: dict[str, Any] | None = None) -> datetime:
    """Start a service clock of the case, or of one of its assignments; when it ends."""
    return book.clocks.start(
        book.ledger.id_at(book.at), code, label, limit, book.at, assignment["id"] if assignment else None
    )


def begin_handling(book: Book) -> None:
    """The case is accepted: its handling clock, its routing clock and its legal clocks start."""
    case, level = book.case, book.world.level
    book.take_over(book.acting_centre())
    case["status"] = CaseStatus.ACCEPTED
    case["accepted_at"] = case["accepted_at"] or book.at
    book.clocks.stop(book.at, codes=(ACCEPT_CLOCK,))
    limit = handling_limit(book.item, level, case["severity"])
    case["due_at"] = start(book, HANDLE_CLOCK, "办理时限", limit)
    start(book, ROUTE_CLOCK, "分流时限", level.limit("SEVERITY", case["severity"], "route"))
    for code in book.item.statutory:
        book.clocks.start_legal(book.ledger.id_at(book.at), code, STARTS_AT_ACCEPTANCE, book.at)


def mark_routed(book: Book) -> None:
    """The case is with its units."""
    book.case["status"] = CaseStatus.ROUTED
    book.clocks.stop(book.at, codes=(ROUTE_CLOCK,))


def new_assignment(book: Book, unit: Unit, role: AssignmentRole, instruction: str | None) -> dict[str, Any]:
    """A unit's task without clocks, visible unless its whistle still waits."""
    row = book.ledger.add(
        AssignmentRow, id=book.ledger.id_at(book.at), case_id=book.id, whistle_id=None, organization_id=unit.id,
        role=role, status=AssignmentStatus.PENDING, visible=True, version=1, round=book.case["round"],
        title=book.case["title"], instruction=book.shown(instruction), created_at=book.at, sign_due_at=None, signed_at=None,
        window_until=None, report_in_due_at=None, reported_in_at=None, reported_in_by=None, due_at=None, done_at=None,
        done_by=None, ended_at=None, result=None, sealed=False,
    )
    book.assignments.append(row)
    return row


def assign(book: Book, unit: Unit, role: AssignmentRole, instruction: str | None) -> dict[str, Any]:
    """Give a unit its task without a whistle."""
    row = new_assignment(book, unit, role, instruction)
    limit = book.world.level.limit("PROCEDURE", "route", "sign")
    row["sign_due_at"] = start(book, SIGN_CLOCK, f"签收时限·{unit.name}", limit, row)
    row["window_until"] = _window(book, row["sign_due_at"])
    row["due_at"] = book.case["due_at"]
    book.share_with_units(unit)
    return row


def _window(book: Book, sign_due_at: datetime) -> datetime:
    if OBJECTION_CLOCK not in book.item.statutory:
        return sign_due_at
    legal = book.clocks.start_legal(book.ledger.id_at(book.at), OBJECTION_CLOCK, ("received",), book.at)
    return max(sign_due_at, legal) if legal else sign_due_at


def whistle_clocks(book: Book, row: dict[str, Any], grade: str) -> None:
    """The clocks of one unit under a whistle: sign, report in, finish."""
    name, level = book.world.by_id[row["organization_id"]].name, book.world.level
    row["sign_due_at"] = start(book, SIGN_CLOCK, f"签收时限·{name}", level.limit("GRADE", grade, "sign"), row)
    row["report_in_due_at"] = start(
        book, REPORT_IN_CLOCK, f"报到时限·{name}", level.limit("GRADE", grade, "report_in"), row
    )
    row["due_at"] = start(book, CLOSE_CLOCK, f"办结时限·{name}", level.limit("GRADE", grade, "close"), row)
    row["window_until"] = _window(book, row["sign_due_at"])
