"""Rows of many cases, gathered and written in large batches; facts get their positions in the order of their times."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gridloom.audit.models import AuditRow
from gridloom.cases.models import (
    CallBackRow,
    CaseGrid,
    CaseParty,
    CaseRow,
    CaseScope,
    ExternalReferenceRow,
    InboxItemRow,
    TimelineEntryRow,
)
from gridloom.clocks.models import ClockExtension, ClockPause, ClockRow
from gridloom.db import TenantRow
from gridloom.demo.bulk import insert_rows
from gridloom.demo.chance import chance
from gridloom.dispatch.models import AssignmentReturnRow, AssignmentRow, CardRow, PrecedentRow, WhistleRow
from gridloom.ids import uuid7_at
from gridloom.outbox import SCHEMA_VERSION, Delivery, Due, FactPosition, FactRow, NumberBlock
from gridloom.work import Work

# Parents before children.
ORDER: tuple[type[TenantRow], ...] = (
    CaseRow, CaseScope, CaseGrid, CaseParty, ExternalReferenceRow, TimelineEntryRow, WhistleRow, AssignmentRow,
    AssignmentReturnRow, PrecedentRow, CardRow, CallBackRow, ClockRow, ClockPause, ClockExtension, Due, InboxItemRow,
    FactRow, AuditRow,
)
RANDOM_BITS = 40
POSITIONS = 10_000

Gathered = dict[type[TenantRow], list[dict[str, Any]]]
"""Rows by table, finished."""


class Ledger:
    """What waits to be written for one county."""

    def __init__(self, tenant: UUID, seed: int) -> None:
        self.tenant = tenant
        self._rng = chance("ids", seed)
        self._made = 0
        self._rows: defaultdict[type[TenantRow], list[dict[str, Any]]] = defaultdict(list)
        self._told: list[tuple[datetime, UUID]] = []
        self._numbers: dict[str, int] = {}

    def id_at(self, moment: datetime) -> UUID:
        """An id as it would have been made at that moment; of the same moment, in the order of asking."""
        self._made += 1
        return uuid7_at(int(moment.timestamp() * 1000), self._made << RANDOM_BITS | self._rng.getrandbits(RANDOM_BITS))

    def add(self, model: type[TenantRow], **values: Any) -> dict[str, Any]:
        """A row, all columns named; it may still be changed until it is taken."""
        row = {"tenant_id": self.tenant, **values}
        self._rows[model].append(row)
        return row

    def fact(self, type: str, at: datetime, case_id: UUID, actor_id: UUID, scopes: list[UUID], data: Any) -> None:
        """A fact of a case, positioned when everything is written."""
        row = self.add(
            FactRow, id=self.id_at(at), type=type, at=at, case_id=case_id, actor_id=actor_id, data=data, scopes=scopes,
            schema_version=SCHEMA_VERSION,
        )
        self._told.append((at, row["id"]))

    def next_number(self, day: str) -> int:
        """The next serial of a day's cases."""
        self._numbers[day] = self._numbers.get(day, 0) + 1
        return self._numbers[day]

    @property
    def waiting(self) -> int:
        """How many cases wait to be written."""
        return len(self._rows[CaseRow])

    def take(self) -> Gathered:
        """The rows gathered so far, for `write`; the ledger goes on without them."""
        rows, self._rows = self._rows, defaultdict(list)
        return rows

    async def finish(self, work: Work, progress: Callable[[float], None] = lambda _done: None) -> None:
        """Give the facts positions in the order of their times, and go on with the numbers from there."""
        facts = sorted(self._told)
        for start in range(0, len(facts), POSITIONS):
            progress(start / len(facts))
            await insert_rows(work, FactPosition, [
                {"tenant_id": self.tenant, "position": place, "fact_id": fact, "at": at}
                for place, (at, fact) in enumerate(facts[start : start + POSITIONS], start=start + 1)
            ])
        await work.session.execute(
            pg_insert(Delivery).values(tenant_id=self.tenant, last_position=len(facts)).on_conflict_do_update(
                index_elements=[Delivery.tenant_id], set_={"last_position": len(facts)}
            )
        )
        if self._numbers:
            numbers = pg_insert(NumberBlock).values([
                {"tenant_id": self.tenant, "name": f"case {day}", "next_value": used + 1}
                for day, used in self._numbers.items()
            ])
            await work.session.execute(numbers.on_conflict_do_update(
                index_elements=[NumberBlock.tenant_id, NumberBlock.name],
                set_={"next_value": func.greatest(NumberBlock.next_value, numbers.excluded.next_value)},
            ))


async def write(work: Work, rows: Gathered) -> None:
    """Write gathered rows, parents before children."""
    for model in ORDER:
        await insert_rows(work, model, rows.get(model, []))
