"""Counties: looking them up, provisioning, suspending."""

import time
from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from gridloom.contract.host import PluginHost, Switched
from gridloom.crypto import CountyCipher, derive, new_data_key, unwrap_data_key
from gridloom.errors import Denied
from gridloom.ids import uuid7
from gridloom.tenancy.models import County, CountyKey, CountyState
from gridloom.work import CountyView, Work, Works

VIEW_SECONDS = 2.0
PLATFORM_CODE = "000000"

ReadSwitched = Callable[[AsyncSession, UUID, PluginHost], Awaitable[tuple[Switched, ...]]]
"""Reads, in a session of the county, which plugins it has on or in shadow (a later slice's table)."""


class CountyDirectory:
    """County views kept for two seconds in the process, and the keys of the counties seen so far."""

    def __init__(self, master_key: bytes, read_switched: ReadSwitched) -> None:
        self._master = master_key
        self._read_switched = read_switched
        self._views: dict[UUID, tuple[float, CountyView]] = {}
        self._codes: dict[str, UUID] = {}
        self._ciphers: dict[UUID, CountyCipher] = {}

    async def view(self, works: Works, tenant: UUID) -> CountyView:
        """The county as it stands. Raises `Denied` NOT_FOUND for an unknown id."""
        kept = self._views.get(tenant)
        if kept is not None and time.monotonic() - kept[0] < VIEW_SECONDS:
            return kept[1]
        async with works.sessions(info={"tenant": tenant}) as session:
            row = (await session.execute(select(County).where(County.id == tenant))).scalar_one_or_none()
            if row is None:
                raise Denied("NOT_FOUND", "problem-not-found")
            switched = await self._read_switched(session, tenant, works.host)
            if tenant not in self._ciphers:
                self._ciphers[tenant] = await self._read_cipher(session, tenant)
        view = CountyView(
            id=row.id, code=row.code, name=row.name, time_zone=row.time_zone, state=row.state,
            switched=switched,
        )
        self._views[tenant] = (time.monotonic(), view)
        return view

    async def by_code(self, works: Works, code: str) -> CountyView | None:
        """The county of an administrative code, or None."""
        tenant = self._codes.get(code)
        if tenant is None:
            async with works.platform() as session:
                tenant = (await session.execute(select(County.id).where(County.code == code))).scalar_one_or_none()
            if tenant is None:
                return None
            self._codes[code] = tenant
        return await self.view(works, tenant)

    async def all(self, works: Works) -> list[UUID]:
        """Every county's id, the operator's own tenant left out."""
        async with works.platform() as session:
            statement = select(County.id).where(County.state != CountyState.PLATFORM).order_by(County.code)
            return list((await session.execute(statement)).scalars())

    def cipher(self, tenant: UUID) -> CountyCipher:
        """The cipher of a county whose view was read before. Raises KeyError otherwise."""
        return self._ciphers[tenant]

    def forget(self, tenant: UUID) -> None:
        """Read the county anew at the next look (after a switch or a suspension in this process)."""
        self._views.pop(tenant, None)

    async def _read_cipher(self, session: AsyncSession, tenant: UUID) -> CountyCipher:
        rows = (await session.execute(
            select(CountyKey).where(CountyKey.tenant_id == tenant).order_by(CountyKey.created_at)
        )).scalars().all()
        keys = {row.key_id: unwrap_data_key(self._master, tenant, row.key_id, row.wrapped) for row in rows}
        current = [row.key_id for row in rows if row.retired_at is None][-1]
        return CountyCipher(keys, current, derive(self._master, f"index {tenant}"))


async def register_county(
    owner: AsyncConnection, works: Works, code: str, name: str, *, state: CountyState = CountyState.ACTIVE
) -> UUID:
    """Enter a county and make its first data key. Raises `Denied` CONFLICT when the code is taken.

    `owner` is a connection of the owner's role: the list of counties is not the app's to write.
    """
    taken = (await owner.execute(select(County.id).where(County.code == code))).scalar_one_or_none()
    if taken is not None:
        raise Denied("CONFLICT", "county-exists", code=code)
    tenant = uuid7()
    now = works.clock.now()
    await owner.execute(insert(County).values(id=tenant, code=code, name=name, state=state, created_at=now,
                                              time_zone="Asia/Shanghai"))
    key_id, wrapped = new_data_key(works.settings.secret_key, tenant)
    await owner.exec_driver_sql(f"SET LOCAL \"gridloom.tenant\" = '{tenant}'")
    await owner.execute(insert(CountyKey).values(tenant_id=tenant, key_id=key_id, wrapped=wrapped, created_at=now))
    return tenant


async def set_state(owner: AsyncConnection, code: str, state: CountyState) -> None:
    """Suspend or resume a county. Raises `Denied` NOT_FOUND."""
    changed = await owner.execute(update(County).where(County.code == code).values(state=state).returning(County.id))
    if changed.scalar_one_or_none() is None:
        raise Denied("NOT_FOUND", "problem-not-found")


def is_suspended(work: Work) -> bool:
    """Whether steps are refused at present."""
    return work.county.state == CountyState.SUSPENDED
