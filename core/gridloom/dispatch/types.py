"""What dispatch adds to the schema: assignments, whistles, returns, precedents, cards."""

from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import and_, any_, not_, or_

from gridloom.cases import models as case_models
from gridloom.cases.codes import CaseStatus, Channel
from gridloom.cases.graphql import (
    Case,
    CaseConnection,
    Work,
    case_text,
    is_overdue,
    note_reading,
    seen,
    seen_with_case,
)
from gridloom.catalogue import models as catalogue_models
from gridloom.catalogue.graphql import WorkItem
from gridloom.catalogue.models import Severity, WorkCategory
from gridloom.context import Info
from gridloom.crypto import Place
from gridloom.dispatch import models
from gridloom.dispatch.codes import OPEN_ASSIGNMENTS
from gridloom.dispatch.enums import (
    AssignmentRole,
    AssignmentStatus,
    Card,
    ReturnReason,
    WhistleGrade,
    WhistleState,
)
from gridloom.people.graphql import Organization, Staff
from gridloom.reads import (
    Binds,
    Cols,
    Filter,
    Filters,
    Lead,
    Query,
    Read,
    WithParent,
    connection,
    expr,
    extends,
    listing,
    many,
    maps,
    one,
)


def _told_of(row: Cols, ask: Binds) -> Any:
    """While a whistle is only proposed, its assignments are seen by centres alone."""
    return None if "blowWhistle" in ask.can else row.visible


def _blown(row: Cols, ask: Binds) -> Any:
    return None if "blowWhistle" in ask.can else row.blown_at.is_not(None)


_seen_assignment = WithParent(column="case_id", parent=seen, of=case_models.CaseRow, also=_told_of)
_seen_whistle = WithParent(column="case_id", parent=seen, of=case_models.CaseRow, also=_blown)


def _is_late(row: Cols, ask: Binds) -> Any:
    return and_(row.status.in_(list(OPEN_ASSIGNMENTS)), row.due_at.is_not(None), row.due_at < ask.now)


@maps(models.AssignmentReturnRow, visible=seen_with_case)
class AssignmentReturn(Read):
    """A unit's request to be relieved and what was ruled.

    reason: its code
    basis: law or duty it rests on
    asked_at: when
    rule_due_at: until when the centre rules
    suggested: who should do it instead
    ruling: the centre's words
    upheld: null until ruled
    """

    reason: ReturnReason
    basis: str
    asked_at: datetime
    rule_due_at: datetime
    suggested: Organization | None = one("suggested_id")
    ruling: str | None
    upheld: bool | None


@maps(models.WhistleRow, visible=_seen_whistle)
class Whistle(Read):
    """A centre's call for departments to report in.

    grade: sets the clocks
    state: where it stands
    reason: why it was blown
    proposed_at: when it was asked for
    blown_at: when its clocks started
    assignments: whom it called
    """

    id: strawberry.ID
    grade: WhistleGrade
    state: WhistleState
    reason: str
    proposed_at: datetime
    blown_at: datetime | None
    assignments: list["Assignment"] = many("whistle_id", order=["-role", "created_at"])


@maps(models.AssignmentRow, visible=_seen_assignment, kind="assignment")
class Assignment(Work, Read):
    """What one unit must do about a case.

    title: of the case
    version: send it back with every step
    role: lead or assist
    status: where it stands
    case: the matter
    organization: the unit
    whistle: the whistle that called it, null where it was routed
    instruction: what the centre asked for
    sign_due_at: until when to sign
    report_in_due_at: until when to be there
    due_at: until when to be done
    overdue: open and past its time
    """

    id: strawberry.ID
    title: str
    version: int
    role: AssignmentRole
    status: AssignmentStatus
    case: Case = one("case_id", through=True)
    organization: Organization = one("organization_id")
    whistle: Whistle | None = one("whistle_id")
    instruction: str | None
    sign_due_at: datetime | None
    signed_at: datetime | None
    report_in_due_at: datetime | None
    reported_in_at: datetime | None
    due_at: datetime | None
    done_at: datetime | None
    overdue: bool = expr(_is_late)
    return_: AssignmentReturn | None = one(back="assignment_id", order=["-asked_at"], name="return")

    @strawberry.field(description="What came of it.")
    async def result(self, info: Info) -> str | None:
        row = self.row
        if row["result"] is None or not row["sealed"]:
            return row["result"]  # type: ignore[no-any-return]
        await note_reading(info, row["case_id"])
        place = Place(info.context.tenant, "assignment", "result", row["id"])
        return info.context.works.cipher_of(info.context.tenant).open(row["result"], place)


@maps(models.CardRow, visible=seen_with_case)
class CardIssued(Read):
    """A reminder, yellow or red card; a person issued it.

    organization: who got it
    reason: the facts
    due_at: until when to answer
    """

    id: strawberry.ID
    card: Card
    organization: Organization = one("organization_id")
    issued_by: Staff = one("issued_by")
    reason: str
    issued_at: datetime
    due_at: datetime
    answered_at: datetime | None


@maps(models.PrecedentRow)
class Precedent(Read):
    """A ruling on who answers for an item; the next dispatch of the like cites it.

    organization: who answers
    basis: what the objection rested on
    ruling: the centre's words
    """

    id: strawberry.ID
    work_item: WorkItem = one("item_version_id")
    organization: Organization = one("organization_id")
    basis: str
    ruling: str
    at: datetime


@extends(Case)
class CaseDispatch:
    """What dispatch knows of a case.

    assignments: units with a task, the lead first
    whistles: calls for departments
    cards: reminders, yellow and red cards
    """

    assignments: list[Assignment] = many("case_id", order=["-role", "created_at"])
    whistles: list[Whistle] = many("case_id", order=["proposed_at"])
    cards: list[CardIssued] = many("case_id", order=["issued_at"])


@strawberry.input(description="Every part narrows; foreign ids give an empty list.")
class CaseFilter:
    """Which cases."""

    status: list[CaseStatus] | None = strawberry.UNSET
    severity: list[Severity] | None = strawberry.UNSET
    category: WorkCategory | None = strawberry.UNSET
    work_item_code: str | None = strawberry.UNSET
    under: strawberry.ID | None = strawberry.UNSET
    organization_id: strawberry.ID | None = strawberry.UNSET
    channel: Channel | None = strawberry.UNSET
    overdue: bool | None = strawberry.UNSET
    mine: bool | None = strawberry.UNSET
    text: str | None = strawberry.UNSET
    reported_from: datetime | None = strawberry.UNSET
    reported_to: datetime | None = strawberry.UNSET


def _item(case: Cols, ask: Binds, condition: Any) -> Any:
    return ask.exists(
        catalogue_models.WorkItemVersion, lambda item: and_(item.id == case.item_version_id, condition(item))
    )


def _under(case: Cols, value: Any, ask: Binds) -> Any:
    """Through the visibility rows of the grids above; protected cases have none, so their own path is asked."""
    scope = ask.exists(
        case_models.CaseScope,
        lambda row: and_(
            row.case_id == case.id, row.scope_id == value, row.kind == "GRID", row.until.is_(None)
        ),
    )
    return or_(scope, _sealed_under(case, value, ask))


def _sealed_under(case: Cols, value: Any, ask: Binds) -> Any:
    return and_(case.sealed, value == any_(case.path))


CASE_FILTERS: Filters = {
    "status": lambda case, value, ask: case.status == any_(value),
    "severity": lambda case, value, ask: case.severity == any_(value),
    "category": lambda case, value, ask: _item(case, ask, lambda item: item.category == value),
    "work_item_code": lambda case, value, ask: _item(case, ask, lambda item: item.code == value),
    "under": Filter(make=_under, lead=Lead(
        model=case_models.CaseScope, key="case_id", scope="scope_id", repeats={"reported_at": "reported_at"},
        live=lambda row: and_(row.kind == "GRID", row.until.is_(None)), besides=_sealed_under,
    )),
    "organization_id": lambda case, value, ask: ask.exists(
        models.AssignmentRow,
        lambda row: and_(row.case_id == case.id, row.organization_id == value, row.visible),
    ),
    "channel": lambda case, value, ask: case.channel == value,
    "overdue": lambda case, value, ask: is_overdue(case, ask) if value else not_(is_overdue(case, ask)),
    "mine": lambda case, value, ask: (
        case.reporter_actor_id == ask.actor if value else case.reporter_actor_id != ask.actor
    ),
    "text": case_text,
    "reported_from": lambda case, value, ask: case.reported_at >= value,
    "reported_to": lambda case, value, ask: case.reported_at < value,
}


@extends(Query)
class DispatchQueries:
    """Lists of cases, and the rulings to learn from."""

    cases: CaseConnection = connection(
        input=CaseFilter, filters=CASE_FILTERS, order=["-reported_at"], doc="Cases the caller may see, newest first.",
    )
    precedents: list[Precedent] = listing(
        args={"work_item_code": str, "organization_id": strawberry.ID},
        filters={
            "work_item_code": lambda row, value, ask: row.item_code == value,
            "organization_id": lambda row, value, ask: row.organization_id == value,
        },
        order=["-at"], doc="Rulings on who answers for an item, newest first.",
    )
