"""Whole counties like one that stands: every row again under a new tenant, with new ids and the codes of a real county.

Left out: keys, sessions, clients and the audit chain, which belong to one county alone. What is encrypted cannot be opened in
a clone; people sign in with the same login and password as in the original.
"""

import asyncio
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from sqlalchemy import Table

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
MARKED = re.compile(rb"-7[0-9a-f]{3}-(?=[89ab])")
"""Where ids of version 7 have the bits that a clone changes. Nothing else tells a clone's ids from the original's."""
DERIVED = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""Scopes that follow from another id: an organisation's leads, a grid's leaders."""


@dataclass(frozen=True, slots=True)
class Original:
    """A county's rows as COPY writes them, by table, read once."""

    tenant: UUID
    code: str
    rows: Mapping[str, bytes]
    derived: Mapping[UUID, tuple[Callable[[UUID], UUID], UUID]]


async def read(connection: asyncpg.Connection, tenant: UUID) -> Original:
    """Everything of a county that can be cloned."""
    rows: dict[str, bytes] = {}
    for table in metadata.sorted_tables:
        if "tenant_id" in table.c and table.name not in LEFT_OUT:
            into = io.BytesIO()
            query = f'SELECT {_columns(table)} FROM "{table.name}" WHERE tenant_id = $1'
            await connection.copy_from_query(query, tenant, output=into)
            rows[table.name] = into.getvalue()
    derived: dict[UUID, tuple[Callable[[UUID], UUID], UUID]] = {}
    for name, derive in (("organization", lead_scope), ("grid", leader_scope)):
        for row in await connection.fetch(f"SELECT id FROM {name} WHERE tenant_id = $1", tenant):
            derived[derive(row["id"])] = derive, row["id"]
    code = await connection.fetchval("SELECT code FROM county WHERE id = $1", tenant)
    return Original(tenant, code, rows, derived)


def mapped(original: UUID, place: int) -> UUID:
    """The id that the clone in this place (0, 1, …) has for one of the original's (ids of version 7 only)."""
    text = str(original)
    return UUID(f"{text[:15]}{_mark(place)}{text[18:]}") if original.version == 7 else original


async def clone(service: Service, connection: asyncpg.Connection, original: Original, place: int) -> UUID:
    """One county more, the clone in this place. `connection` is a superuser's, out of any transaction. Its id."""
    code = CODES[place]
    engine = owner_engine(service.settings)
    try:
        async with engine.begin() as owner:
            tenant = await register_county(owner, service, code, f"云南 {code}")
    finally:
        await engine.dispose()
    rewritten = Rewritten(original, place, tenant)
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table in metadata.sorted_tables:
            if original.rows.get(table.name):
                rows = await asyncio.to_thread(rewritten, original.rows[table.name])
                await connection.copy_to_table(
                    table.name, source=io.BytesIO(rows), columns=[column.name for column in table.columns]
                )
    return tenant


class Rewritten:
    """Rewrites rows of the original into those of one clone."""

    def __init__(self, original: Original, place: int, tenant: UUID) -> None:
        self._mark = f"-7{_mark(place)}-".encode()
        self._tenants = str(mapped(original.tenant, place)).encode(), str(tenant).encode()
        self._codes = re.compile(rb"(?<![0-9a-f-])" + original.code.encode()), CODES[place].encode()
        self._derived = {
            str(old).encode(): str(derive(mapped(source, place))).encode()
            for old, (derive, source) in original.derived.items()
        }

    def __call__(self, rows: bytes) -> bytes:
        """Rows in COPY's text format."""
        marked = MARKED.sub(self._mark, rows).replace(*self._tenants)
        pattern, code = self._codes
        return DERIVED.sub(lambda found: self._derived.get(found.group(), found.group()), pattern.sub(code, marked))


def _columns(table: Table) -> str:
    """What is read of a table; a second factor's secret cannot be opened in a clone, so it is left behind."""
    return ", ".join(
        f'NULL AS "{column.name}"' if column.name in ("totp", "totp_step") else f'"{column.name}"'
        for column in table.columns
    )


def _mark(place: int) -> str:
    """Three hexadecimal digits in the place of an id's `rand_a`."""
    return f"{0xA00 + place:03x}"
