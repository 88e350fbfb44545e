"""More history for a county: its ended cases once more, a hundred days earlier, and again, all inside the database.

What a case carries goes with it, under new ids that are consistent, with numbers of the days it is moved to. Cases that are
still open are not repeated: a county's history grows, what is open at a time does not. Values encrypted for their row
(persons, words of protected cases) cannot be opened in a copy.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Column, DateTime, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from gridloom.tables import metadata

DAYS = 100
"""How far back each copy lies behind the last one; more than the quarter that is copied."""
PREFIX_STEP = 2
"""What is taken off the first 16 bits of a copy's ids: 2 × 2³² ms are 99.4 days."""
Progress = Callable[[str], None]

HISTORY = (
    "case", "case_scope", "case_party", "external_reference", "timeline_entry", "whistle", "assignment",
    "assignment_return", "precedent", "card", "call_back", "clock", "clock_pause", "clock_extension", "matter",
    "matter_step", "fact", "fact_position",
)
"""What an ended case carries, parents first."""
OF_OPEN_CASES = ("case_grid", "inbox_item", "due", "plugin_stuck")
OF_NO_COPY = (
    "attachment", "audit", "audit_seal", "idempotency_key", "plugin_answer", "element_run", "matter_precedent",
    "matter_reading", "matter_sealed",
)
COUNTED_ANEW = ("figure_case",)
"""Figures: the world counts them again when the history stands."""
OWN = {
    "id", "case_id", "whistle_id", "assignment_id", "fact_id", "clock_id", "matter_id", "parent_id", "timeline_entry_id",
}
"""Columns that name a row of the history itself."""
OTHERS = {
    "item_version_id", "service_level_id", "grid_id", "path", "centre_id", "reporter_id", "reporter_actor_id", "scope_id",
    "staff_id", "actor_id", "organization_id", "proposed_by", "ruled_by", "done_by", "suggested_id", "asked_by",
    "issued_by", "by_id", "granted_by", "scopes", "owner_id", "origin_id", "counterpart_id", "supervisor_id",
    "named_ids", "handler_id", "finder_id",
}
"""Columns that name what stays: people, units, grids, the list."""
NAMED_IN_FACTS = ("assignment", "assignment_id", "whistle", "card_id", "clock_id", "matter", "case")
TIMES_IN_FACTS = ("due_at", "due_before")
KEYS_OF_CASES = {"case_id", "fact_id", "clock_id", "matter_id"}


@dataclass(frozen=True, slots=True)
class Copy:
    """The number of one copy (1 is the youngest), and of how many."""

    number: int
    of: int

    def text_id(self, text: str) -> str:
        """SQL: an id (as text) of this copy, from the original's."""
        hexed = f"lpad(to_hex(('x' || left({text}, 4))::bit(16)::int - {PREFIX_STEP * self.number}), 4, '0')"
        return f"({hexed} || substr({text}, 5))"

    @property
    def interval(self) -> str:
        """SQL: how much earlier."""
        return f"interval '{DAYS * self.number} days'"


def unknown() -> list[str]:
    """Tables and columns of cases that this module was not told about: they would be left out, or point at the original."""
    told = {*HISTORY, *OF_OPEN_CASES, *OF_NO_COPY, *COUNTED_ANEW}
    found = [
        f"{table.name}: repeat it or leave it out?" for table in metadata.sorted_tables
        if table.name not in told and (KEYS_OF_CASES & set(table.c.keys()) or _targets(table) & set(HISTORY))
    ]
    for name in HISTORY:
        for column in metadata.tables[name].columns:
            bare = _holds_ids(column) and _target(column) is None and column.name != "tenant_id"
            if bare and column.name not in OWN | OTHERS:
                found.append(f"{name}.{column.name}: does it name a row of the history?")
    return found


async def multiply(connection: asyncpg.Connection, tenant: UUID, cases: int, progress: Progress) -> int:
    """Repeat the county's ended cases until it has `cases`. Returns how many it has.

    `connection` is a superuser's; indexes should have been dropped before, statistics be gathered afterwards.
    """
    present = await connection.fetchval('SELECT count(*) FROM "case" WHERE tenant_id = $1', tenant)
    ended = await connection.fetchval(
        'SELECT count(*) FROM "case" WHERE tenant_id = $1 AND ended_at IS NOT NULL', tenant
    )
    copies = -(-(cases - present) // ended) if cases > present else 0
    await connection.execute("SET session_replication_role = replica")
    await connection.execute('CREATE TEMP TABLE picked (id uuid PRIMARY KEY)')
    await _make_room(connection, tenant, copies)
    missing = cases - present
    for number in range(1, copies + 1):
        progress(f"copy {number} of {copies}: {min(ended, missing)} cases")
        async with connection.transaction():
            await _pick(connection, tenant, min(ended, missing))
            for name in HISTORY:
                await connection.execute(_statement(metadata.tables[name], tenant, Copy(number, copies)))
        missing -= ended
    await connection.execute("DROP TABLE picked")
    await connection.execute("SET session_replication_role = origin")
    return int(await connection.fetchval('SELECT count(*) FROM "case" WHERE tenant_id = $1', tenant))


async def _pick(connection: asyncpg.Connection, tenant: UUID, count: int) -> None:
    """The originals of one copy: ended ones of the last hundred days, newest first."""
    await connection.execute("TRUNCATE picked")
    await connection.execute(
        'INSERT INTO picked SELECT id FROM "case" WHERE tenant_id = $1 AND ended_at IS NOT NULL '
        f"AND reported_at > (SELECT max(reported_at) FROM \"case\" WHERE tenant_id = $1) - interval '{DAYS} days' "
        "ORDER BY reported_at DESC, id DESC LIMIT $2", tenant, count,
    )
    await connection.execute("ANALYZE picked")


async def _make_room(connection: asyncpg.Connection, tenant: UUID, copies: int) -> None:
    """The originals' facts keep the last positions of the county's order, and whoever reads on goes on from there."""
    last = await connection.fetchval("SELECT coalesce(max(position), 0) FROM fact_position WHERE tenant_id = $1", tenant)
    await connection.execute("UPDATE fact_position SET position = position + $2 WHERE tenant_id = $1", tenant, copies * last)
    await connection.execute("UPDATE delivery SET last_position = last_position + $2 WHERE tenant_id = $1", tenant, copies * last)
    await connection.execute("UPDATE plugin_delivery SET position = position + $2 WHERE tenant_id = $1", tenant, copies * last)
    await connection.execute("CREATE TEMP TABLE room AS SELECT $1::bigint AS last", last)


def _statement(table: Table, tenant: UUID, copy: Copy) -> str:
    columns = list(table.columns)
    values = ", ".join(_value(table, column, copy) for column in columns)
    names = ", ".join(f'"{column.name}"' for column in columns)
    return (
        f'INSERT INTO "{table.name}" ({names}) SELECT {values} FROM {_source(table)} '
        f"WHERE o.tenant_id = '{tenant}'"
    )


def _source(table: Table) -> str:
    """The originals `o`, held down to the picked cases; for facts the case `c` stands beside."""
    own = f'"{table.name}" o'
    if table.name == "case":
        return f"{own} JOIN picked ON picked.id = o.id"
    if table.name == "fact":
        return f'{own} JOIN picked ON picked.id = o.case_id JOIN "case" c ON c.tenant_id = o.tenant_id AND c.id = o.case_id'
    through = {"clock_pause": "clock", "clock_extension": "clock", "matter_step": "matter", "fact_position": "fact"}
    if table.name in through:
        parent = through[table.name]
        return (f'{own} JOIN "{parent}" p ON p.tenant_id = o.tenant_id AND p.id = o.{parent}_id '
                "JOIN picked ON picked.id = p.case_id")
    return f"{own} JOIN picked ON picked.id = o.case_id"


def _value(table: Table, column: Column[Any], copy: Copy) -> str:
    """SQL: what a copy has in this column."""
    name = f'o."{column.name}"'
    if column.name == "tenant_id":
        return name
    if table.name == "fact_position" and column.name == "position":
        return f"{name} - (SELECT last FROM room) * {copy.number}"
    if column.name == "number" and table.name == "case":
        return _number(name, copy)
    if column.name == "tracking_hash":
        return f"encode(sha256(({name} || '{copy.number}')::bytea), 'hex')"
    if column.name == "value" and table.name == "external_reference":
        return f"{name} || '-{copy.number}'"
    if isinstance(column.type, JSONB):
        return _told(copy) if table.name == "fact" else name
    if isinstance(column.type, DateTime):
        return f"{name} - {copy.interval}"
    if _holds_ids(column):
        return _id(column, name, copy)
    return name


def _id(column: Column[Any], name: str, copy: Copy) -> str:
    """An id of the history's own is the copy's; one of people, units, grids stays."""
    target = _target(column)
    own = column.name in OWN if target is None else target in HISTORY
    return f"{copy.text_id(f'{name}::text')}::uuid" if own and not isinstance(column.type, ARRAY) else name


def _targets(table: Table) -> set[str]:
    return {key.column.table.name for key in table.foreign_keys}


def _target(column: Column[Any]) -> str | None:
    """The table that a column refers to by a foreign key."""
    return next((key.column.table.name for key in column.foreign_keys), None)


def _holds_ids(column: Column[Any]) -> bool:
    kind = column.type
    return isinstance(kind, Uuid) or (isinstance(kind, ARRAY) and isinstance(kind.item_type, Uuid))


def _number(name: str, copy: Copy) -> str:
    """`532925-20261122-00017`, of an earlier day."""
    day = f"to_char(to_date(substr({name}, 8, 8), 'YYYYMMDD') - {DAYS * copy.number}, 'YYYYMMDD')"
    return f"left({name}, 7) || {day} || substr({name}, 16)"


def _told(copy: Copy) -> str:
    """What a fact says: ids, number and times of the copy."""
    return " || ".join(["o.data", *_changed(copy)])


def _changed(copy: Copy) -> Iterator[str]:
    number = f"jsonb_build_object('number', {_number('c.number', copy)})"
    yield f"CASE WHEN o.data ? 'number' THEN {number} ELSE '{{}}' END"
    for key in NAMED_IN_FACTS:
        said = f"o.data->>'{key}'"
        made = f"jsonb_build_object('{key}', {copy.text_id(f'({said})')})"
        yield f"CASE WHEN {said} IS NOT NULL THEN {made} ELSE '{{}}' END"
    for key in TIMES_IN_FACTS:
        said = f"o.data->>'{key}'"
        made = f"jsonb_build_object('{key}', ({said})::timestamptz - {copy.interval})"
        yield f"CASE WHEN {said} IS NOT NULL THEN {made} ELSE '{{}}' END"
