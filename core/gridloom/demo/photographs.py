"""A few photographs of the newest reports of damaged roads and dead lamps, drawn here: roads under hills."""

import asyncio
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from random import Random
from uuid import UUID

from PIL import Image, ImageDraw, ImageFilter, ImageOps
from sqlalchemy import Row, and_, func, select

from gridloom.cases.models import AttachmentRow, CaseRow, TimelineEntryRow
from gridloom.catalogue.models import WorkItemVersion
from gridloom.files.intake import MAIN, SMALL
from gridloom.files.models import AttachmentLook
from gridloom.files.picture import redraw
from gridloom.files.sealed import FileKey, SealedWriter
from gridloom.files.service import bands_of, stored_form
from gridloom.files.store import FolderStore
from gridloom.ids import uuid7
from gridloom.runtime import Service
from gridloom.work import Work

REPORTS = 4
ROADS, LAMPS = "B-04", "C-13"
SIZE = (1200, 900)
HORIZON, ROAD = 420, 640
LEAST_DIFFERENCE = 8
Colour = tuple[int, int, int]
Drawn = tuple[bytes, bytes, str | None]
Wrong = Callable[[ImageDraw.ImageDraw, Random], None]


async def add_photographs(service: Service, tenant: UUID) -> int:
    """Give the newest reports of either item from phones one or two pictures each; how many pictures there are."""
    store = FolderStore(service.settings.files_dir)
    kept = 0
    async with service.open(tenant) as work:
        for item, wrong in ((ROADS, _hole), (LAMPS, _lamp)):
            album = _album(wrong)
            for place, (case, entry) in enumerate(await _newest(work, item)):
                for name in ("现场全景", "近处")[: 1 + place % 2]:
                    await _keep(work, store, case, entry, f"{name}.jpg", await asyncio.to_thread(next, album))
                    kept += 1
    return kept


async def _newest(work: Work, item: str) -> Sequence[Row[CaseRow, UUID]]:
    rows = await work.session.execute(
        select(CaseRow, TimelineEntryRow.id)
        .join(TimelineEntryRow, and_(
            TimelineEntryRow.tenant_id == CaseRow.tenant_id, TimelineEntryRow.case_id == CaseRow.id,
            TimelineEntryRow.step == "reportCase",
        ))
        .join(WorkItemVersion, and_(
            WorkItemVersion.tenant_id == CaseRow.tenant_id, WorkItemVersion.id == CaseRow.item_version_id,
            WorkItemVersion.code == item,
        ))
        .where(CaseRow.tenant_id == work.tenant, CaseRow.channel == "GRID_PHONE", func.cardinality(CaseRow.protection) == 0)
        .order_by(CaseRow.reported_at.desc(), CaseRow.id).limit(REPORTS)
    )
    return rows.all()


async def _keep(work: Work, store: FolderStore, case: CaseRow, entry: UUID, name: str, taken: Drawn) -> None:
    """What an upload and the step it belongs to would leave behind."""
    main, small, look = taken
    key, stored = FileKey.fresh(work.tenant, uuid7()), store.new_name(work.county.code)
    for form, data in ((SMALL, small), (MAIN, main)):
        await asyncio.to_thread(store.put, stored_form(stored, form), _sealed(store, key, form, data))
    row = work.new(
        AttachmentRow, id=key.file, case_id=case.id, timeline_entry_id=entry, uploaded_by=case.reporter_actor_id, name=name,
        media_type="image/jpeg", bytes=len(main), at=case.reported_at, stored=stored, file_key=key.sealed(work.cipher),
        digest=work.cipher.keyed_digest("file", hashlib.sha256(main).hexdigest()), small_bytes=len(small), look=look,
    )
    await work.session.flush()
    for band, value in bands_of(row.look):
        work.new(AttachmentLook, band=band, value=value, attachment_id=row.id)


def _sealed(store: FolderStore, key: FileKey, form: str, data: bytes) -> Path:
    draft = store.draft()
    with draft.open("wb") as file:
        writer = SealedWriter(file, key, form)
        writer.write(data)
        writer.finish()
    return draft


def _album(wrong: Wrong) -> Iterator[Drawn]:
    """Pictures none of which looks like another: nobody here used one twice."""
    looks: list[int] = []
    for number in count(1):
        drawn = redraw(_photograph(number, wrong))
        look = int(drawn[2] or "0", 16)
        if all((look ^ other).bit_count() > LEAST_DIFFERENCE for other in looks):
            looks.append(look)
            yield drawn


def _photograph(number: int, wrong: Wrong) -> bytes:
    """A landscape, the same for the same number."""
    dice = Random(f"{number} {wrong.__name__}")  # noqa: S311 - a drawing, no secret
    picture = Image.new("RGB", SIZE, (188 - number % 5 * 8, 210, 232))
    draw = ImageDraw.Draw(picture)
    horizon = HORIZON - dice.randrange(0, 160)
    for layer in range(3):
        _hills(draw, dice, horizon + layer * 60, (96 - layer * 18, 130 - layer * 12, 96 - layer * 22))
    draw.rectangle((0, ROAD - 40, *SIZE), fill=(124, 116, 92))
    far = dice.randrange(300, 900)
    draw.polygon([(80, SIZE[1]), (far - 80, ROAD - 40), (far + 80, ROAD - 40), (1120, SIZE[1])], fill=(98, 100, 104))
    wrong(draw, dice)
    if dice.random() < 0.5:
        picture = ImageOps.mirror(picture)
    out = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1.6)).save(out, "JPEG", quality=88)
    return out.getvalue()


def _hills(draw: ImageDraw.ImageDraw, dice: Random, height: int, colour: Colour) -> None:
    points = [(x, height - dice.randrange(0, 240)) for x in range(0, SIZE[0] + 200, 200)]
    draw.polygon([(0, SIZE[1]), *points, (SIZE[0], SIZE[1])], fill=colour)


def _hole(draw: ImageDraw.ImageDraw, dice: Random) -> None:
    x, y = dice.randrange(430, 680), dice.randrange(690, 780)
    draw.ellipse((x, y, x + 230, y + 90), fill=(58, 54, 50))
    draw.ellipse((x + 22, y + 22, x + 210, y + 84), fill=(42, 46, 50))


def _lamp(draw: ImageDraw.ImageDraw, dice: Random) -> None:
    x = dice.randrange(180, 420)
    draw.line((x, ROAD + 60, x + 60, 210), fill=(72, 76, 82), width=14)
    draw.line((x + 60, 210, x + 210, 190), fill=(72, 76, 82), width=11)
    draw.rectangle((x + 190, 184, x + 262, 204), fill=(52, 54, 58))
