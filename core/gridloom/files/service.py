"""Keeping files and finding them again: a row for each, seen by its uploader alone until a step ties it to a case."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select

from gridloom.cases.models import AttachmentRow, CaseRow, CaseScope
from gridloom.errors import Denied, ProblemCode, Refusal
from gridloom.files.intake import SMALL, Kept
from gridloom.files.models import AttachmentLook
from gridloom.work import Actor, CountyView, Work, Works

STEPS_WITH_FILES = frozenset({"reportCase", "reportIn", "askReturn", "addProgress", "completeAssignment"})
MOST_LOOSE, MOST_LOOSE_BYTES = 1_000, 1_000_000_000
BANDS = 4
MOST_COMPARED, MOST_CANDIDATES, MOST_DIFFERENT = 50, 200, 4


@dataclass(frozen=True, slots=True)
class Sent:
    """What makes two uploads under one key the same one."""

    key: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Found:
    """A file that the caller may have. `protected`: its case is, and reading it is audited."""

    row: AttachmentRow
    case_id: UUID | None
    protected: bool

    def size(self, form: str) -> int | None:
        """Bytes of one of its forms, None where it has no such form."""
        return self.row.small_bytes if form == SMALL else self.row.bytes

    def stored(self, form: str) -> str:
        """Where that form lies in the store."""
        return stored_form(self.row.stored, form)


def stored_form(stored: str, form: str) -> str:
    """The store's name of a form of a file."""
    return f"{stored}.{form}"


def may_upload(actor: Actor) -> None:
    """Raises `Denied` FORBIDDEN for who takes no step that files could belong to."""
    if not actor.can & STEPS_WITH_FILES:
        raise Denied("FORBIDDEN", "denied-forbidden", step="files")


async def keep_file(work: Work, kept: Kept, stored: str) -> dict[str, str]:
    """Write the row of a file whose bytes are in the store. Returns the ids `file`.

    Raises `Refusal` LIMIT_EXCEEDED when the uploader has too many files that belong to no case.
    """
    await _check_loose(work, kept.bytes)
    row = work.new(
        AttachmentRow, id=kept.id, uploaded_by=work.actor.id, name=kept.name, media_type=kept.media_type, bytes=kept.bytes,
        digest=work.cipher.keyed_digest("file", kept.digest), at=work.now, stored=stored,
        file_key=kept.key.sealed(work.cipher), small_bytes=kept.small_bytes, look=kept.look,
    )
    await work.session.flush()
    for band, value in bands_of(row.look):
        work.new(AttachmentLook, band=band, value=value, attachment_id=row.id)
    return {"file": str(row.id)}


def bands_of(look: str | None) -> Iterator[tuple[int, int]]:
    """The quarters of a look, with their places."""
    for band in range(BANDS if look else 0):
        yield band, int((look or "")[band * 4:band * 4 + 4], 16)


async def _check_loose(work: Work, more: int) -> None:
    count, size = (await work.session.execute(
        select(func.count(), func.coalesce(func.sum(AttachmentRow.bytes), 0)).where(
            AttachmentRow.tenant_id == work.tenant, AttachmentRow.uploaded_by == work.actor.id,
            AttachmentRow.case_id.is_(None),
        )
    )).one()
    if count >= MOST_LOOSE or size + more > MOST_LOOSE_BYTES:
        raise Refusal(ProblemCode.LIMIT_EXCEEDED, "file-loose", limit=MOST_LOOSE)


async def find_file(works: Works, county: CountyView, actor: Actor, file_id: UUID) -> Found | None:
    """A file of the caller's county: of a case the caller sees now, or loose and the caller's own. None for all else."""
    async with works.reading(county) as session:
        row = (await session.execute(
            select(AttachmentRow, CaseRow.protection)
            .outerjoin(CaseRow, and_(CaseRow.tenant_id == county.id, CaseRow.id == AttachmentRow.case_id))
            .where(
                AttachmentRow.tenant_id == county.id, AttachmentRow.id == file_id,
                or_(
                    and_(AttachmentRow.case_id.is_(None), AttachmentRow.uploaded_by == actor.id),
                    exists().where(
                        CaseScope.tenant_id == county.id, CaseScope.case_id == AttachmentRow.case_id,
                        CaseScope.scope_id.in_(actor.scopes), CaseScope.until.is_(None),
                    ),
                ),
            )
        )).one_or_none()
    return None if row is None else Found(row[0], row[0].case_id, bool(row[1]))


async def uploaded_file(works: Works, county: CountyView, actor: Actor, file_id: UUID) -> AttachmentRow | None:
    """A file by its uploader, for the answer to an upload: it opens nothing."""
    async with works.reading(county) as session:
        return (await session.execute(
            select(AttachmentRow).where(
                AttachmentRow.tenant_id == county.id, AttachmentRow.id == file_id, AttachmentRow.uploaded_by == actor.id
            )
        )).scalar_one_or_none()


async def note_reading(works: Works, county: CountyView, actor: Actor, found: Found, form: str) -> None:
    """Who reads a file of a protected case stands in the audit chain before its bytes are sent."""
    if found.protected:
        async with works.open(county, actor) as work:
            work.audit("file.read", "attachment", found.row.id, case=str(found.case_id), form=form)


@dataclass(frozen=True, slots=True)
class Reuse:
    """A picture of one case that stands in another: the same file, or one that looks the same."""

    attachment_id: UUID
    other_case_id: UUID
    exact: bool
    at: datetime


async def reused_pictures(work: Work, case_id: UUID) -> list[Reuse]:
    """Where the pictures of a case stand in other cases of the county; protected cases are never compared, nor named."""
    own = (await work.session.execute(
        select(AttachmentRow.id, AttachmentRow.digest, AttachmentRow.look).where(
            AttachmentRow.tenant_id == work.tenant, AttachmentRow.case_id == case_id, AttachmentRow.small_bytes.is_not(None),
        )
    )).tuples().all()
    found: dict[tuple[UUID, UUID], Reuse] = {}
    for attachment_id, digest, look in own[:MOST_COMPARED]:
        for other_case, other_digest, other_look, at in await _like(work, case_id, digest, look):
            exact = other_digest == digest
            if exact or _differ(look, other_look) <= MOST_DIFFERENT:
                known = found.get((attachment_id, other_case))
                if known is None or (exact and not known.exact):
                    found[attachment_id, other_case] = Reuse(attachment_id, other_case, exact, at)
    return sorted(found.values(), key=lambda one: (one.at, one.attachment_id))


async def _like(
    work: Work, case_id: UUID, digest: str, look: str | None
) -> list[tuple[UUID, str, str | None, datetime]]:
    bands = [and_(AttachmentLook.band == band, AttachmentLook.value == value) for band, value in bands_of(look)]
    looking = select(AttachmentLook.attachment_id).where(AttachmentLook.tenant_id == work.tenant, or_(*bands))
    same = select(AttachmentRow.id).where(AttachmentRow.tenant_id == work.tenant, AttachmentRow.digest == digest)
    candidates = same.union(looking) if bands else same
    rows = await work.session.execute(
        select(CaseRow.id, AttachmentRow.digest, AttachmentRow.look, AttachmentRow.at)
        .join(CaseRow, and_(CaseRow.tenant_id == work.tenant, CaseRow.id == AttachmentRow.case_id))
        .where(
            AttachmentRow.tenant_id == work.tenant, AttachmentRow.id.in_(candidates), AttachmentRow.case_id != case_id,
            func.cardinality(CaseRow.protection) == 0,
        )
        .order_by(AttachmentRow.at).limit(MOST_CANDIDATES)
    )
    return list(rows.tuples())


def _differ(look: str | None, other: str | None) -> int:
    """In how many of 64 bits two looks differ."""
    return 64 if look is None or other is None else (int(look, 16) ^ int(other, 16)).bit_count()
