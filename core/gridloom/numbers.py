"""Numbers handed out in blocks: unique, roughly increasing, gaps allowed (gapless ones would serialise a county)."""

import asyncio
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from gridloom.outbox import NumberBlock

BLOCK = 16


class NumberBlocks:
    """The blocks this process holds. `sessions` must not share its connections with the work that waits for a number."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions
        self._free: dict[tuple[UUID, str], list[int]] = {}
        self._locks: dict[tuple[UUID, str], asyncio.Lock] = {}

    async def take(self, tenant: UUID, name: str) -> int:
        """The next number of a series (such as the cases of one day), from 1."""
        slot = (tenant, name)
        async with self._locks.setdefault(slot, asyncio.Lock()):
            free = self._free.get(slot)
            if not free:
                self._forget_other_days(slot)
                first = await self._next_block(tenant, name)
                free = self._free[slot] = list(range(first + BLOCK - 1, first - 1, -1))
            return free.pop()

    async def _next_block(self, tenant: UUID, name: str) -> int:
        statement = insert(NumberBlock).values(tenant_id=tenant, name=name, next_value=1 + BLOCK)
        statement = statement.on_conflict_do_update(
            index_elements=[NumberBlock.tenant_id, NumberBlock.name],
            set_={"next_value": NumberBlock.next_value + BLOCK},
        )
        async with self._sessions.begin() as session:
            session.info["tenant"] = tenant
            after = (await session.execute(statement.returning(NumberBlock.next_value))).scalar_one()
        return int(after) - BLOCK

    def _forget_other_days(self, slot: tuple[UUID, str]) -> None:
        for other in [kept for kept in self._free if kept[0] == slot[0] and kept != slot and not self._free[kept]]:
            del self._free[other]
            del self._locks[other]
