"""Whole counties like one that stands: every row again under a new tenant, with new ids and the codes of a real county.

Left out: keys, sessions, clients and the audit chain, which belong to one county alone. What is encrypted cannot be opened in
a clone; people sign in with the same login and password as in the original.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Column, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from gridloom.migrate import owner_engine
from gridloom.people.roles import lead_scope, leader_scope
from gridloom.runtime import Service
from gridloom.tables import metadata
from gridloom.tenancy.service import register_county

# County-level divisions of Yunnan by prefecture (GB/T 2260): four digits, and the last two of each county.
YUNNAN: Mapping[str, str] = {
    "5329": "01 22 24 26 27 28 29 30 31 32",
    "5323": "01 02 22 23 24 25 26 27 28 29",
    "5301": "02 03 11 12 13 14 15 24 25 26 27 28 29 81",
    "5303": "02 03 04 22 23 24 25 26 81",
    "5304": "02 03 23 24 25 26 27 28 81",
    "5305": "02 21 23 24 81",
    "5306": "02 21 22 23 24 25 26 27 28 29 81",
    "5307": "02 21 22 23 24",
    "5308": "02 21 22 23 24 25 26 27 28 29",
    "5309": "02 21 22 23 24 25 26 27",
    "5325": "01 02 03 04 23 24 25 27 28 29 30 31 32",
    "5326": "01 22 23 24 25 26 27 28",
    "5328": "01 22 23",
    "5331": "02 03 22 23 24",
    "5333": "01 23 24 25",
    "5334": "01 22 23",
}
CODES = tuple(area + county for area, counties in YUNNAN.items() for county in counties.split())
"""Codes to clone counties under; those of the demo (532923, 532925) are not among them."""

LEFT_OUT = {
    "county_key", "session", "api_client", "revoked_token", "used_assertion", "audit", "audit_seal", "audit_head",
    "idempotency_key", "plugin_answer", "plugin_stuck", "attachment",
}
CODED = {"code", "number", "organization_code", "value"}
"""Text columns whose values may begin with, or hold, the county's code."""
HOLD_IDS = {"fact", "timeline_entry", "matter", "matter_step", "mechanism_element_version"}
"""Tables whose JSON may name rows."""
SCOPES = {("case_scope", "scope_id"), ("inbox_item", "scope_id"), ("fact", "scopes")}
"""Columns whose ids may be derived ones: an organisation's leads, a grid's leaders."""
ID = "([0-9a-f]{8}-[0-9a-f]{4}-7)[0-9a-f]{3}(-[89ab][0-9a-f]{3}-[0-9a-f]{12})"


def mapped(original: UUID, place: int) -> UUID:
    """The id that the clone in this place (0, 1, …) has for one of the original's (ids of version 7 only)."""
    text = str(original)
    return UUID(f"{text[:15]}{_mark(place)}{text[18:]}") if original.version == 7 else original


async def clone(service: Service, connection: asyncpg.Connection, original: UUID, place: int) -> UUID:
    """One county more, the clone in this place. `connection` is a superuser's, out of any transaction. Its id."""
    code = CODES[place]
    old_code = await connection.fetchval("SELECT code FROM county WHERE id = $1", original)
    engine = owner_engine(service.settings)
    try:
        async with engine.begin() as owner:
            tenant = await register_county(owner, service, code, f"云南 {code}")
    finally:
        await engine.dispose()
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await _map_scopes(connection, original, place)
        for table in metadata.sorted_tables:
            if "tenant_id" in table.c and table.name not in LEFT_OUT:
                await connection.execute(_statement(table, original, tenant, place, (old_code, code)))
        await connection.execute("DROP TABLE derived")
    return tenant


async def _map_scopes(connection: asyncpg.Connection, original: UUID, place: int) -> None:
    """The derived scopes of every unit and grid, and what they are in the clone."""
    pairs: list[tuple[UUID, UUID]] = []
    for table, derive in (("organization", lead_scope), ("grid", leader_scope)):
        for row in await connection.fetch(f"SELECT id FROM {table} WHERE tenant_id = $1", original):
            pairs.append((derive(row["id"]), derive(mapped(row["id"], place))))
    await connection.execute("CREATE TEMP TABLE derived (old uuid PRIMARY KEY, new uuid NOT NULL)")
    await connection.executemany("INSERT INTO derived VALUES ($1, $2)", pairs)
    await connection.execute("ANALYZE derived")


def _statement(table: Table, original: UUID, tenant: UUID, place: int, codes: tuple[str, str]) -> str:
    columns = list(table.columns)
    values = ", ".join(_value(table, column, tenant, place, codes) for column in columns)
    names = ", ".join(f'"{column.name}"' for column in columns)
    joined = f'"{table.name}" o'
    if (table.name, "scope_id") in SCOPES:
        joined += " LEFT JOIN derived ON derived.old = o.scope_id"
    return f'INSERT INTO "{table.name}" ({names}) SELECT {values} FROM {joined} WHERE o.tenant_id = \'{original}\''


def _value(table: Table, column: Column[Any], tenant: UUID, place: int, codes: tuple[str, str]) -> str:
    """SQL: what a clone has in this column."""
    name, mark, kind = f'o."{column.name}"', _mark(place), column.type
    if column.name == "tenant_id":
        return f"'{tenant}'::uuid"
    if isinstance(kind, Uuid):
        made = _one(name, mark)
        return f"coalesce(derived.new, {made})" if (table.name, column.name) in SCOPES else made
    if isinstance(kind, ARRAY) and isinstance(kind.item_type, Uuid):
        return _many(name, mark, derived=(table.name, column.name) in SCOPES)
    if isinstance(kind, JSONB) and table.name in HOLD_IDS:
        renamed = f"replace(regexp_replace({name}::text, '{ID}', '\\1{mark}\\2', 'g'), '{codes[0]}', '{codes[1]}')::jsonb"
        return f"CASE WHEN {name} = '{{}}'::jsonb THEN {name} ELSE {renamed} END"
    if isinstance(kind, Text) and column.name in CODED:
        return f"replace({name}, '{codes[0]}', '{codes[1]}')"
    if table.name == "account" and column.name in ("totp", "totp_step"):
        return "NULL"
    return name


def _mark(place: int) -> str:
    """Three hexadecimal digits in the place of an id's `rand_a`: nothing else tells a clone's ids from the original's."""
    return f"{0xA00 + place:03x}"


def _one(name: str, mark: str) -> str:
    text = f"{name}::text"
    return f"CASE WHEN substr({text}, 15, 1) = '7' THEN overlay({text} placing '{mark}' from 16 for 3)::uuid ELSE {name} END"


def _many(name: str, mark: str, *, derived: bool) -> str:
    if not derived:
        return f"regexp_replace({name}::text, '{ID}', '\\1{mark}\\2', 'g')::uuid[]"
    # A look-up per derived id: a join here would be hashed anew for every row.
    text = "u.id::text"
    made = (f"CASE WHEN substr({text}, 15, 1) = '7' THEN overlay({text} placing '{mark}' from 16 for 3)::uuid "
            "ELSE coalesce((SELECT derived.new FROM derived WHERE derived.old = u.id), u.id) END")
    return (
        f"CASE WHEN {name} IS NULL THEN NULL ELSE (SELECT coalesce(array_agg({made} ORDER BY u.n), '{{}}') "
        f"FROM unnest({name}) WITH ORDINALITY AS u (id, n)) END"
    )
