"""Clearing away: files that nobody tied to a case for a month, and bytes that no row knows of (a process was killed)."""

import asyncio
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from gridloom.cases.models import AttachmentRow
from gridloom.db import create_engine, role_url, session_factory
from gridloom.files.intake import MAIN, SMALL
from gridloom.files.models import AttachmentLook
from gridloom.files.service import stored_form
from gridloom.files.store import FolderStore
from gridloom.work import Works

logger = logging.getLogger(__name__)

# A phone may be a week in the mountains between sending a picture and sending the report it belongs to.
LOOSE_DAYS = 31
UNKNOWN_SECONDS = 86_400
BATCH = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows, how many stored forms without a row, and how many drafts went."""

    rows: int
    unknown: int
    drafts: int = 0


class Sweeper:
    """Clears away as the keeper, the only role that may delete."""

    def __init__(self, works: Works, store: FolderStore) -> None:
        self._works, self._store = works, store
        settings = works.settings
        self._engine: AsyncEngine = create_engine(role_url(settings.database_url, "keeper", settings.secret_key), pool_size=1)
        self._sessions = session_factory(self._engine)

    async def sweep(self, tenant: UUID) -> Swept:
        """One county."""
        county = await self._works.county(tenant)
        stored = await self._drop_loose(tenant)
        for name in stored:
            await asyncio.to_thread(self._remove, name)
        unknown = await self._drop_unknown(tenant, county.code)
        if stored:
            async with self._works.open(county) as work:
                work.audit("files.swept", "county", tenant, files=len(stored))
        return Swept(len(stored), unknown)

    async def drafts(self) -> int:
        """Uploads that were begun and never ended."""
        return await asyncio.to_thread(self._store.drop_drafts, UNKNOWN_SECONDS)

    async def close(self) -> None:
        """Give back the connection."""
        await self._engine.dispose()

    async def _drop_loose(self, tenant: UUID) -> list[str]:
        before = self._works.clock.now() - timedelta(days=LOOSE_DAYS)
        loose = (AttachmentRow.tenant_id == tenant, AttachmentRow.case_id.is_(None), AttachmentRow.at < before)
        async with self._sessions(info={"tenant": tenant}) as session, session.begin():
            ids = (await session.execute(select(AttachmentRow.id).where(*loose).limit(BATCH * 10))).scalars().all()
            if not ids:
                return []
            await session.execute(
                delete(AttachmentLook).where(AttachmentLook.tenant_id == tenant, AttachmentLook.attachment_id.in_(ids))
            )
            rows = await session.execute(
                delete(AttachmentRow).where(*loose, AttachmentRow.id.in_(ids)).returning(AttachmentRow.stored)
            )
            return list(rows.scalars())

    async def _drop_unknown(self, tenant: UUID, county: str) -> int:
        names = await asyncio.to_thread(list, self._store.names(county, time.time() - UNKNOWN_SECONDS))
        dropped = 0
        for some in _batches(names):
            known = await self._known(tenant, [name.rpartition(".")[0] for name in some])
            for name in some:
                if name.rpartition(".")[0] not in known:
                    await asyncio.to_thread(self._store.remove, name)
                    dropped += 1
        return dropped

    async def _known(self, tenant: UUID, stored: list[str]) -> set[str]:
        async with self._sessions(info={"tenant": tenant}) as session:
            rows = await session.execute(
                select(AttachmentRow.stored).where(AttachmentRow.tenant_id == tenant, AttachmentRow.stored.in_(stored))
            )
            return set(rows.scalars())

    def _remove(self, stored: str) -> None:
        for form in (MAIN, SMALL):
            self._store.remove(stored_form(stored, form))


def _batches(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), BATCH):
        yield names[start:start + BATCH]
