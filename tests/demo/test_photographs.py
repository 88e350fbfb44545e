"""The demo's photographs: they open, belong to reports of their kind, and none looks like another."""

import io

from PIL import Image
from sqlalchemy import select

from gridloom.cases.models import AttachmentRow
from gridloom.config import Settings
from gridloom.demo.photographs import LAMPS, ROADS, add_photographs
from gridloom.files.intake import MAIN, SMALL
from gridloom.files.sealed import FileKey, pieces
from gridloom.files.service import reused_pictures, stored_form
from gridloom.files.store import FolderStore
from gridloom.runtime import Service
from tests.support.county import County


async def test_photographs(county: County, timed_service: Service, database: Settings) -> None:
    cases = [
        (await county.step("member", "reportCase", "case { id }", description="坏了", workItemCode=item))["case"]["id"]
        for item in (ROADS, ROADS, LAMPS, LAMPS, "C-14")
    ]
    assert await add_photographs(timed_service, county.view.id) == 6
    store = FolderStore(database.files_dir)
    async with county.open() as work:
        rows = (await work.session.execute(
            select(AttachmentRow).where(AttachmentRow.tenant_id == county.view.id)
        )).scalars().all()
        assert {str(row.case_id) for row in rows} == set(cases[:4])
        assert len({row.look for row in rows}) == 6
        for row in rows:
            key = FileKey.opened(work.cipher, row.file_key, work.tenant, row.id)
            for form, size in ((MAIN, row.bytes), (SMALL, row.small_bytes or 0)):
                data = b"".join(
                    key.open(store.read(stored_form(row.stored, form), offset, length), form, index, last)
                    for index, offset, length, last, _ in pieces(size, 0, size)
                )
                assert Image.open(io.BytesIO(data)).format == "JPEG"
            assert row.case_id is not None
            assert await reused_pictures(work, row.case_id) == []
