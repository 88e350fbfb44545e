"""Cases as outside systems see them: what was reported, where, who is concerned, what happened."""

from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import and_, any_, func, not_, or_

from gridloom.cases import models
from gridloom.cases.codes import CaseStatus, Channel
from gridloom.cases.parties import Revealed, reveal_person
from gridloom.catalogue.graphql import Protection, Severity, WorkItem
from gridloom.clocks.graphql import Clock
from gridloom.context import Info
from gridloom.crypto import Place
from gridloom.errors import Refusal
from gridloom.grid.graphql import Grid
from gridloom.people.graphql import Organization, Staff
from gridloom.problems import Problem, problem_of
from gridloom.reads import (
    Binds,
    ByScope,
    Cols,
    Query,
    Read,
    WithParent,
    choose,
    connection,
    expr,
    extends,
    many,
    maps,
    one,
    page,
    pages,
    part,
    single,
)

strawberry.enum(CaseStatus, description="Where a case stands.")
strawberry.enum(Channel, description="Where a case came in.")


@strawberry.interface(
    description="What can wait in an inbox: a case, an assignment, a screening round, a meeting task, a plugin's matter."
)
class Work:
    """What can wait."""

    id: strawberry.ID
    title: str


@strawberry.type(description="Degrees, CGCS2000.")
class Point:
    """A point on the map."""

    longitude: float
    latitude: float


@strawberry.input(description="Degrees, CGCS2000.")
class PointInput:
    """A point as it was sent."""

    longitude: float
    latitude: float


seen = ByScope(
    model=models.CaseScope, key="case_id", scope="scope_id", live=lambda row: row.until.is_(None),
    repeats={"reported_at": "reported_at"},
)
"""A case is seen through its visibility rows and in no other way."""

seen_with_case = WithParent(column="case_id", parent=seen, of=models.CaseRow)
"""What belongs to a case is seen by who sees the case."""


def is_overdue(case: Cols, ask: Binds) -> Any:
    """Not handled and past its time; a pause moves the time, an ended case is never overdue."""
    return and_(
        case.handled_at.is_(None), case.ended_at.is_(None), not_(case.paused), case.due_at.is_not(None),
        case.due_at < ask.now,
    )


def _reporter(staff: Cols, case: Cols, ask: Binds) -> Any:
    """A protected reporter is named to the centre only."""
    own = staff.id == case.reporter_id
    if "acceptCase" in ask.can:
        return own
    return and_(own, not_(any_(case.protection) == "REPORTER"))


@maps(models.TimelineEntryRow, visible=seen_with_case)
class TimelineEntry(Read):
    """One step as it was taken.

    at: when
    step: name of the mutation, or of what the service did by itself
    actor: null where a citizen, a department's system or the service itself acted
    """

    at: datetime
    step: str
    actor: Staff | None = one("staff_id")

    @strawberry.field(description="What was said; encrypted at rest where the case is protected.")
    async def note(self, info: Info) -> str | None:
        if self.row["sealed"] and self.row["note"] is not None:
            await note_reading(info, self.row["case_id"])
        return _opened(info, "timeline_entry", "note", self.row["id"], self.row["note"], self.row["sealed"])


@pages(TimelineEntry, total="none")
class TimelineConnection:
    """A page of a timeline."""


@maps(models.ExternalReferenceRow, visible=seen_with_case)
class ExternalReference(Read):
    """What another system calls the case.

    system: the other system
    id: its identifier there
    """

    system: str
    id: str = expr(lambda row, ask: row.value)


@maps(models.CaseParty, visible=seen_with_case)
class Party(Read):
    """A person concerned; the clear values only through revealPerson.

    role: such as applicant, respondent, witness
    masked: what lists may show (张**)
    """

    id: strawberry.ID
    role: str
    masked: str


@maps(models.AttachmentRow, visible=seen_with_case)
class Attachment(Read):
    """A file tied to the case.

    name: file name as it was sent
    media_type: sniffed from the content
    bytes: size
    """

    id: strawberry.ID
    name: str
    media_type: str
    bytes: int


@maps(models.CaseRow, visible=seen, kind="case")
class Case(Work, Read):
    """A matter reported in a grid.

    number: the county's number for it
    title: who, what, where; neutral where the matter is protected
    status: where it stands
    severity: how urgent
    protection: what must be kept from whom
    self_handled: solved on the spot by the one who reported it
    paused: its service clocks stand still while information is missing
    version: send it back with every step
    channel: where it came in
    recorded_at: when a phone without network noted it
    reported_at: when the report arrived
    accepted_at: when the centre took it on
    handled_at: when the lead was done
    verified_at: when somebody else confirmed
    closed_at: when it was closed
    due_at: when it must be handled; null before acceptance
    overdue: not handled and past its time
    work_item: the item of the list, in the version the case began under
    grid: where it was reported
    location: the point, where one was sent
    centre: the centre that runs its procedure now
    reporter: null where a citizen or a system reported, or where the reporter is protected
    """

    id: strawberry.ID
    number: str
    title: str
    status: CaseStatus
    severity: Severity
    protection: list[Protection]
    self_handled: bool
    paused: bool
    version: int
    channel: Channel
    recorded_at: datetime | None
    reported_at: datetime
    accepted_at: datetime | None
    handled_at: datetime | None
    verified_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    overdue: bool = expr(is_overdue)
    work_item: WorkItem = one("item_version_id")
    grid: Grid = one("grid_id")
    location: Point | None = part(longitude="longitude", latitude="latitude")
    centre: Organization = one("centre_id")
    reporter: Staff | None = one(on=_reporter)
    external_references: list[ExternalReference] = many("case_id", order=["system"])
    parties: list[Party] = many("case_id", order=["id"])
    attachments: list[Attachment] = many("case_id", order=["at"])
    clocks: list[Clock] = many("case_id", order=["started_at"])
    timeline: TimelineConnection = page("case_id", order=["-at"], newest="order")

    @strawberry.field(description="What was reported, in the reporter's words.")
    async def description(self, info: Info) -> str:
        row = self.row
        if row["sealed"]:
            await note_reading(info, row["id"])
        return _opened(info, "case", "description", row["id"], row["description"], row["sealed"]) or ""

    @strawberry.field(description="Where, in words; kept from those who need not know it where the matter is protected.")
    async def address(self, info: Info) -> str | None:
        row = self.row
        if row["protection"] and "revealPerson" not in info.context.actor.can:
            return None
        if row["sealed"] and row["address"] is not None:
            await note_reading(info, row["id"])
        return _opened(info, "case", "address", row["id"], row["address"], row["sealed"])


@pages(Case, total="asked")
class CaseConnection:
    """A page of cases, newest first."""


@maps(models.InboxItemRow, visible=lambda row, ask: row.scope_id == any_(ask.scopes))
class InboxItem(Read):
    """Something that waits for the caller.

    kind: what is to be done: ACCEPT, ROUTE, RULE_WHISTLE, SIGN, REPORT_IN, HANDLE, RULE_RETURN, VERIFY, CALL_BACK, CLOSE …
    title: of the case
    reason: why it is here, in Chinese
    due_at: until when
    subject: what it is about
    """

    id: strawberry.ID
    kind: str
    title: str
    reason: str
    due_at: datetime | None
    subject: Work = choose("subject_kind", "subject_id", through=True)


@pages(InboxItem, total="bounded")
class InboxConnection:
    """A page of an inbox, soonest due first."""


@extends(Query)
class CaseQueries:
    """One case, and the caller's inbox."""

    case: Case | None = single(
        by={"id": strawberry.ID, "number": str},
        doc="By id or by number; null with error NOT_FOUND when it does not exist or the caller may not know of it.",
    )
    inbox: InboxConnection = connection(order=["sort_at"], doc="What waits for the caller, soonest due first.")


@strawberry.type(description="A party in clear text; who asked and why is audited.")
class RevealedPerson:
    """Clear values of one party."""

    id: strawberry.ID
    name: str
    phone: str | None
    id_number: str | None
    address: str | None


@strawberry.type(description="The answer to revealPerson.")
class RevealPersonPayload:
    """Answer to revealPerson."""

    person: RevealedPerson | None
    problems: list[Problem]


@strawberry.type
class CaseMutations:
    """Looking behind a mask."""

    @strawberry.mutation(description="Clear text of a party for a stated purpose; leaves an audit row.")
    async def reveal_person(self, info: Info, id: strawberry.ID, purpose: str) -> RevealPersonPayload:
        try:
            async with info.context.works.open(info.context.county, info.context.actor) as work:
                person = await reveal_person(work, id, purpose)
        except Refusal as refusal:
            return RevealPersonPayload(person=None, problems=[problem_of(refusal, info.context.locale)])
        return RevealPersonPayload(person=_revealed(person), problems=[])


def _revealed(person: Revealed) -> RevealedPerson:
    return RevealedPerson(
        id=strawberry.ID(str(person.id)), name=person.name, phone=person.phone, id_number=person.id_number,
        address=person.address,
    )


async def note_reading(info: Info, case_id: Any) -> None:
    """Who reads the words of a protected case stands in the audit chain before they are sent; once a request."""
    context = info.context
    if case_id not in context.read_protected:
        context.read_protected.add(case_id)
        async with context.works.open(context.county, context.actor) as work:
            work.audit("case.read", "case", case_id)


def _opened(info: Info, table: str, column: str, row: Any, value: str | None, sealed: bool) -> str | None:
    if value is None or not sealed:
        return value
    context = info.context
    return context.works.cipher_of(context.tenant).open(value, Place(context.tenant, table, column, row))


def case_text(case: Cols, value: Any, ask: Binds) -> Any:
    """Number, or part of the title."""
    return or_(case.number == value, func.strpos(case.title, value) > 0)

