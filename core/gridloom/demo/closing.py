"""What follows from a book's state: what waits for whom after each step, and at the end clocks, visibility and counts."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from gridloom.cases.codes import OPEN_STATUSES, CaseStatus
from gridloom.cases.inbox import NEVER, REASONS
from gridloom.cases.models import CaseGrid, CaseScope, InboxItemRow
from gridloom.clocks.models import ClockExtension, ClockPause, ClockRow
from gridloom.demo.book import Book, Slot
from gridloom.demo.clockwork import clock_row
from gridloom.dispatch.codes import AssignmentStatus, WhistleState
from gridloom.dispatch.desk import INBOX_KIND
from gridloom.outbox import Due
from gridloom.people.roles import lead_scope

TASK_DUE = {"SIGN": "sign_due_at", "REPORT_IN": "report_in_due_at", "HANDLE": "due_at"}


def settle(book: Book) -> None:
    """After a step: what waits for whom now, and since when."""
    before = book.waiting
    book.waiting = {slot: before.get(slot, book.at) for slot in _slots(book)}


def close_book(book: Book) -> None:
    """Let time pass to the present and write what follows from the final state."""
    book.pass_time(book.world.now)
    case, ledger = book.case, book.ledger
    for scope, (kind, since) in book.scopes.items():
        ledger.add(CaseScope, case_id=book.id, scope_id=scope, kind=kind, since=since, until=None,
                   reported_at=case["reported_at"])
    if case["status"] in OPEN_STATUSES and not book.sealed:
        for grid in book.path:
            ledger.add(CaseGrid, grid_id=grid, case_id=book.id)
    _write_clocks(book)
    _write_inbox(book)


def _write_clocks(book: Book) -> None:
    ledger = book.ledger
    for clock in book.clocks.clocks:
        ledger.add(ClockRow, **clock_row(clock, book.id, book.world.calendar_version))
        for start, end, note in clock.pauses:
            ledger.add(ClockPause, id=ledger.id_at(start), clock_id=clock.id, started_at=start, ended_at=end, note=note)
        for position, (limit, at, by, reason) in enumerate(clock.extensions):
            ledger.add(
                ClockExtension, id=ledger.id_at(at), clock_id=clock.id, position=position, value=limit.value,
                unit=limit.unit, reason=reason, granted_at=at, granted_by=by,
            )
        moment = clock.next_moment()
        if moment is not None:
            ledger.add(Due, kind="clock", id=clock.id, due_at=moment)


def _slots(book: Book) -> Iterator[Slot]:
    yield from _case_slots(book)
    for one in book.open_assignments():
        kind = "HANDLE"
        if one["status"] == AssignmentStatus.PENDING:
            kind = "SIGN"
        elif one["status"] == AssignmentStatus.SIGNED and one["whistle_id"] is not None:
            kind = "REPORT_IN"
        elif one["status"] == AssignmentStatus.RETURN_ASKED:
            yield one["id"], book.centre.id, "RULE_RETURN"
        unit = one["organization_id"]
        yield one["id"], lead_scope(unit) if book.sealed else unit, kind


def _case_slots(book: Book) -> Iterator[Slot]:
    case = book.case
    proposed = any(one["state"] == WhistleState.PROPOSED for one in book.whistles)
    if proposed:
        yield book.id, lead_scope(book.centre.id), "RULE_WHISTLE"
    kind = INBOX_KIND.get(CaseStatus(case["status"]))
    if kind is None or (proposed and kind == "ROUTE"):
        return
    if (kind == "VERIFY" and case["self_handled"]) or (kind == "CALL_BACK" and book.called_back == case["round"]):
        kind = "CLOSE"
    for scope in sorted(book.scopes) if book.sealed else [book.centre.id]:
        yield book.id, scope, kind


def _write_inbox(book: Book) -> None:
    tasks = {one["id"]: one for one in book.assignments}
    for (subject, scope, kind), since in book.waiting.items():
        due = _due(book, kind, tasks.get(subject))
        book.ledger.add(
            InboxItemRow, id=book.ledger.id_at(since), scope_id=scope, kind=kind,
            subject_kind="assignment" if subject in tasks else "case", subject_id=subject, case_id=book.id,
            title=book.case["title"], reason=REASONS[kind], due_at=due, sort_at=due or NEVER, created_at=since,
        )


def _due(book: Book, kind: str, task: Mapping[str, Any] | None) -> datetime | None:
    if task is None:
        return None if kind == "RULE_WHISTLE" else book.clocks.earliest_due(f"sl:{kind.lower()}")
    column = TASK_DUE.get(kind)
    moment: datetime | None = None if column is None else task[column]
    return moment
