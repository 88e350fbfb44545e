"""Rows of many cases, gathered and written in large batches; facts get their positions in the order of their times."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as pg_insert

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
from gridloom.dispatch.models import AssignmentReturnRow, AssignmentRow, CardRow, PrecedentRow, WhistleRow
from gridloom.ids import uuid7_at
from gridloom.outbox import Delivery, Due, FactPosition, FactRow, NumberBlock
from gridloom.work import Work

BATCH = 2_000
# Parents before children.
ORDER: tuple[type[TenantRow], ...] = (
    CaseRow, CaseScope, CaseGrid, CaseParty, ExternalReferenceRow, TimelineEntryRow, WhistleRow, AssignmentRow,
    AssignmentReturnRow, PrecedentRow, CardRow, CallBackRow, ClockRow, ClockPause, ClockExtension, Due, InboxItemRow,
)


class Ledger:
    """What waits to be written for one county."""

    def __init__(self, tenant: UUID, seed: int) -> None:
        self.tenant = tenant
        self._rng = Random(seed)
        self._rows: defaultdict[type[TenantRow], list[dict[str, Any]]] = defaultdict(list)
        self._facts: list[dict[str, Any]] = []
        self._numbers: dict[str, int] = {}

    def id_at(self, moment: datetime) -> UUID:
        """An id as it would have been made at that moment."""
        return uuid7_at(int(moment.timestamp() * 1000), self._rng.getrandbits(74))

    def add(self, model: type[TenantRow], **values: Any) -> dict[str, Any]:
        """A row; it may still be changed until it is written."""
        row = {"tenant_id": self.tenant, **values}
        self._rows[model].append(row)
        return row

    def fact(self, type: str, at: datetime, case_id: UUID, actor_id: UUID, scopes: list[UUID], data: Any) -> None:
        """A fact of a case, positioned when everything is written."""
        self._facts.append({
            "tenant_id": self.tenant, "id": self.id_at(at), "type": type, "at": at, "case_id": case_id,
            "actor_id": actor_id, "data": data, "scopes": scopes, "schema_version": 1,
        })

    def next_number(self, day: str) -> int:
        """The next serial of a day's cases."""
        self._numbers[day] = self._numbers.get(day, 0) + 1
        return self._numbers[day]

    @property
    def waiting(self) -> int:
        """How many cases wait to be written."""
        return len(self._rows[CaseRow])

    async def write(self, work: Work) -> None:
        """Write the rows gathered so far (facts wait for `finish`)."""
        for model in ORDER:
            for batch in _batches(self._rows.pop(model, [])):
                await work.session.execute(insert(model), batch)

    async def finish(self, work: Work) -> None:
        """Write facts and positions in the order of their times, and go on with the numbers from there."""
        facts = sorted(self._facts, key=lambda fact: (fact["at"], fact["id"]))
        for batch in _batches(facts):
            await work.session.execute(insert(FactRow), batch)
        positions = [
            {"tenant_id": self.tenant, "position": place, "fact_id": fact["id"], "at": fact["at"]}
            for place, fact in enumerate(facts, start=1)
        ]
        for batch in _batches(positions):
            await work.session.execute(insert(FactPosition), batch)
        await work.session.execute(
            pg_insert(Delivery).values(tenant_id=self.tenant, last_position=len(facts)).on_conflict_do_update(
                index_elements=[Delivery.tenant_id], set_={"last_position": len(facts)}
            )
        )
        for day, used in self._numbers.items():
            await work.session.execute(
                pg_insert(NumberBlock).values(tenant_id=self.tenant, name=f"case {day}", next_value=used + 1)
                .on_conflict_do_nothing()
            )


def _batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start:start + BATCH]
