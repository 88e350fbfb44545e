"""What lies without a case, or without a row, is cleared away; what belongs to a case never is."""

import os
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from gridloom.audit.models import AuditRow
from gridloom.cases.models import AttachmentRow
from gridloom.clock import ShiftedClock
from gridloom.config import Settings
from gridloom.files.models import AttachmentLook
from gridloom.files.store import FolderStore
from gridloom.files.sweep import Sweeper, Swept
from gridloom.runtime import Service
from gridloom.schema import Schemas
from tests.files import samples
from tests.files.conftest import SignIn
from tests.support.county import make_county


@pytest.fixture
async def sweeper(service: Service, store: FolderStore) -> AsyncIterator[Sweeper]:
    made = Sweeper(service, store)
    yield made
    await made.close()
    assert isinstance(service.clock, ShiftedClock)
    service.clock.offset = timedelta()


def lying(settings: Settings, county: str) -> list[Path]:
    """The stored forms of a county."""
    return sorted((settings.files_dir / county).glob("??/*"))


async def test_sweep(service: Service, settings: Settings, store: FolderStore, sweeper: Sweeper, sign_in: SignIn) -> None:
    county = await make_county(service, Schemas(service.host))
    member = await sign_in(county, "grid_member", None, "101201001")
    used = await member.file(samples.jpeg(1))
    case = await member.report([used])
    await member.file(samples.jpeg(2))
    assert isinstance(service.clock, ShiftedClock)
    assert await sweeper.sweep(county.view.id) == Swept(0, 0)
    assert len(lying(settings, county.code)) == 4
    # Left behind by a process that was killed between writing and committing, and by one that was still receiving.
    orphan = store.draft()
    orphan.write_bytes(b"sealed")
    name = store.new_name(county.code) + ".main"
    store.put(name, orphan)
    draft = store.draft()
    assert await sweeper.sweep(county.view.id) == Swept(0, 0)
    yesterday = time.time() - 90_000
    for path in (settings.files_dir / name, draft, *lying(settings, county.code)):
        os.utime(path, (yesterday, yesterday))
    assert await sweeper.sweep(county.view.id) == Swept(0, 1)
    assert await sweeper.drafts() == 1
    assert not draft.exists()
    service.clock.offset = timedelta(days=32)
    assert await sweeper.sweep(county.view.id) == Swept(1, 0)
    async with service.reading(county.view) as session:
        rows = (await session.execute(select(AttachmentRow).where(AttachmentRow.tenant_id == county.view.id))).scalars().all()
        looks = (await session.execute(
            select(AttachmentLook.attachment_id).where(AttachmentLook.tenant_id == county.view.id).distinct()
        )).scalars().all()
        notes = (await session.execute(select(AuditRow.ids).where(
            AuditRow.tenant_id == county.view.id, AuditRow.action == "files.swept"
        ))).scalars().all()
    assert [(str(row.id), str(row.case_id)) for row in rows] == [(used, case)]
    assert [str(one) for one in looks] == [used]
    assert notes == [{"files": 1}]
    assert [path.name.split(".")[0] for path in lying(settings, county.code)] == [rows[0].stored.rpartition("/")[2]] * 2
