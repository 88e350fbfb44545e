"""The heads of a county: single rows that say which of the data a process keeps of it are current.

A slice that keeps a county's data between requests keeps them by a value of its head; every change of the data gives the head
another value in the same transaction. A unit of work reads all heads with one statement, the answer kept under an idempotency
key with them.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, Text, Uuid, and_, literal_column, select

from gridloom.db import Base, TenantRow
from gridloom.lookup import Lookup, bind
from gridloom.outbox import IdempotencyKey


@dataclass(slots=True)
class Heads:
    """One county's heads as of a transaction, by table, and what stands under `key`."""

    rows: dict[str, Mapping[str, Any] | None]
    key: str | None
    kept: Mapping[str, Any] | None

    def of(self, model: type[TenantRow]) -> Mapping[str, Any] | None:
        """The head of this table, by column name; None where the county has none, or this work changed it."""
        return self.rows[model.__tablename__]

    def forget(self, model: type[TenantRow]) -> None:
        """This work changed it: what it says is not committed, and nothing may be kept by it."""
        self.rows[model.__tablename__] = None


async def read_heads(look: Callable[..., Awaitable[list[Any]]], actor: UUID, key: str | None) -> Heads:
    """Read them, and the answer that this actor's key got."""
    row = (await look(_lookup(key is not None), actor=actor, key=key))[0]
    found = {table.name: _part(row, table) for table in _head_tables()}
    return Heads(found, key, _part(row, _answers()) if key is not None else None)


def _part(row: Mapping[str, Any], table: Table) -> Mapping[str, Any] | None:
    if row[f"{table.name}.tenant_id"] is None:
        return None
    return {column.name: row[f"{table.name}.{column.name}"] for column in table.c}


@cache
def _head_tables() -> tuple[Table, ...]:
    return tuple(table for table in Base.metadata.sorted_tables if table.info.get("head"))


def _answers() -> Table:
    return cast(Table, IdempotencyKey.__table__)


@cache
def _lookup(keyed: bool) -> Lookup:
    joined: Any = select(literal_column("1").label("one")).subquery("one")
    tables = list(_head_tables())
    for table in tables:
        joined = joined.outerjoin(table, table.c.tenant_id == bind("tenant", Uuid()))
    if keyed:
        answers = _answers()
        tables.append(answers)
        joined = joined.outerjoin(answers, and_(
            answers.c.tenant_id == bind("tenant", Uuid()), answers.c.actor_id == bind("actor", Uuid()),
            answers.c.key == bind("key", Text()),
        ))
    columns = [column.label(f"{table.name}.{column.name}") for table in tables for column in table.c]
    return Lookup(select(*columns).select_from(joined))
