"""What attachments add to cases: where their bytes are, which step they belong to, and what only a verifier is shown."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import select

from gridloom.cases.graphql import Attachment, Case, TimelineEntry
from gridloom.cases.models import CaseRow, CaseScope, TimelineEntryRow
from gridloom.context import Info
from gridloom.dispatch.desk import case_facts, open_desk
from gridloom.dispatch.standing import allowed_steps
from gridloom.errors import Refusal
from gridloom.files.intake import SMALL
from gridloom.files.service import Reuse, reused_pictures
from gridloom.files.web import url_of
from gridloom.reads import Binds, Cols, expr, extends, load, many
from gridloom.work import Work

VERIFY = "verifyCase"


def _step(row: Cols, ask: Binds) -> Any:
    return ask.value(TimelineEntryRow, lambda entry: entry.step, lambda entry: entry.id == row.timeline_entry_id)


@extends(Attachment)
class AttachmentFile:
    """When and with which step it came, and where its bytes are.

    at: when it was uploaded
    step: name of the step it came with, as in the timeline; null while it belongs to no case
    """

    at: datetime
    step: str | None = expr(_step)

    @strawberry.field(description="Address of the file, below the service's own; opens for whom the case opens.")
    def url(self, info: Info) -> str:
        return url_of(info.context.county.code, self.row["id"])  # type: ignore[attr-defined]

    @strawberry.field(description="Address of a picture's small form; null for what is no picture.")
    def thumbnail_url(self, info: Info) -> str | None:
        row = self.row  # type: ignore[attr-defined]
        return url_of(info.context.county.code, row["id"], SMALL) if row["small_bytes"] is not None else None


@extends(TimelineEntry)
class TimelineEntryFiles:
    """The files of one step.

    attachments: files that came with the step
    """

    attachments: list[Attachment] = many("timeline_entry_id", order=["at"])


@strawberry.type(description="A picture of the case that stands in another one too, as the same file or looking the same.")
class ReusedPicture:
    """For the verifier."""

    attachment: Attachment | None = strawberry.field(description="The picture in this case.")
    exact: bool = strawberry.field(description="The same file; else one that looks the same.")
    case_number: str | None = strawberry.field(description="The other case; null where the verifier may not know of it.")
    at: datetime = strawberry.field(description="When the other one was uploaded.")


@extends(Case)
class CaseFiles:
    """A doubt that is shown to nobody but the verifier."""

    @strawberry.field(
        description="Pictures of this case that stand in other cases too. A hint, shown to who may verify the case now; "
        "empty for everybody else. Protected cases are not compared."
    )
    async def reused_pictures(self, info: Info) -> list[ReusedPicture]:
        row = self.row  # type: ignore[attr-defined]
        context = info.context
        if VERIFY not in context.actor.can or row["protection"]:
            return []
        async with context.reading() as session:
            work = Work(session, context.county, context.actor, context.works.clock.now(), context.works)
            if not await _may_verify(work, row["id"]):
                return []
            found = await reused_pictures(work, row["id"])
            numbers = await _numbers(work, {one.other_case_id for one in found})
        return [await _shown(info, one, numbers) for one in found]


async def _shown(info: Info, one: Reuse, numbers: dict[UUID, str]) -> ReusedPicture:
    return ReusedPicture(
        attachment=await load(info, Attachment, one.attachment_id), exact=one.exact,
        case_number=numbers.get(one.other_case_id), at=one.at,
    )


async def _may_verify(work: Work, case_id: UUID) -> bool:
    try:
        desk = await open_desk(work, case_id, "id", lock=False)
    except Refusal:
        return False
    return VERIFY in allowed_steps(work.actor, desk.case, desk.standing, desk.assignments, await case_facts(desk))


async def _numbers(work: Work, cases: set[UUID]) -> dict[UUID, str]:
    """Numbers of those cases that the actor may see."""
    if not cases:
        return {}
    rows = await work.session.execute(
        select(CaseRow.id, CaseRow.number)
        .join(CaseScope, (CaseScope.tenant_id == work.tenant) & (CaseScope.case_id == CaseRow.id))
        .where(
            CaseRow.tenant_id == work.tenant, CaseRow.id.in_(cases), CaseScope.scope_id.in_(work.actor.scopes),
            CaseScope.until.is_(None),
        )
    )
    return dict(rows.tuples().all())
