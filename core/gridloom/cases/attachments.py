"""Files in the steps of a case: only their uploader's, only once, and from then on the case's."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from gridloom.cases.file import CaseFile
from gridloom.cases.models import AttachmentRow
from gridloom.cases.text import bounded, identifier
from gridloom.errors import not_found
from gridloom.work import Work

PATH = "attachmentIds"


async def own_files(work: Work, ids: Sequence[object] | None) -> tuple[UUID, ...]:
    """The files a step names: uploaded by the actor and tied to no case yet.

    Raises `Refusal` NOT_FOUND for unknown, foreign and used ones alike, VALIDATION above 50.
    """
    wanted = _identifiers(ids)
    if not wanted:
        return ()
    rows = await work.session.execute(
        select(AttachmentRow.id).where(
            AttachmentRow.tenant_id == work.tenant, AttachmentRow.id.in_(wanted),
            AttachmentRow.uploaded_by == work.actor.id, AttachmentRow.case_id.is_(None),
        )
    )
    if set(rows.scalars()) != set(wanted):
        raise not_found(PATH)
    return wanted


async def tie_files(work: Work, file: CaseFile, entry_id: UUID, ids: Sequence[object] | None) -> None:
    """Make files the case's, at one line of its timeline. Names may say what a protected case must not: there they go.

    Raises `Refusal` NOT_FOUND when another step took one of them meanwhile.
    """
    wanted = _identifiers(ids)
    if not wanted:
        return
    await work.session.flush()
    rows = (await work.session.execute(
        select(AttachmentRow)
        .where(
            AttachmentRow.tenant_id == work.tenant, AttachmentRow.id.in_(wanted),
            AttachmentRow.uploaded_by == work.actor.id, AttachmentRow.case_id.is_(None),
        )
        .with_for_update()
    )).scalars().all()
    if len(rows) != len(wanted):
        raise not_found(PATH)
    by_id = {row.id: row for row in rows}
    for number, one in enumerate(wanted, 1):
        row = by_id[one]
        row.case_id, row.timeline_entry_id = file.id, entry_id
        if file.sealed:
            row.name = f"附件{number}.{row.name.rpartition('.')[2]}"


def _identifiers(ids: Sequence[object] | None) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(identifier(one, PATH) for one in bounded(ids, PATH)))
