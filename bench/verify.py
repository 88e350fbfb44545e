"""That a bench world holds together: foreign keys (they were off while it was made), ids inside JSON and arrays, numbers."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import asyncpg
from sqlalchemy import Table

from gridloom.tables import metadata

ID = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


async def faults(connection: asyncpg.Connection, tenants: Sequence[UUID]) -> list[str]:
    """What does not hold in these counties, one sentence each. `connection` is a superuser's. For small worlds."""
    found = []
    for sentence, query in (*_keys(), *_others()):
        count = await connection.fetchval(query, list(tenants))
        if count:
            found.append(f"{sentence}: {count} rows")
    return found


def _keys() -> Iterator[tuple[str, str]]:
    for table in metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            if "tenant_id" not in table.c:
                continue
            pairs = [(element.parent.name, element.column.name) for element in key.elements]
            parent = key.elements[0].column.table
            matches = " AND ".join(f'p."{theirs}" = o."{own}"' for own, theirs in pairs)
            given = " AND ".join(f'o."{own}" IS NOT NULL' for own, _ in pairs)
            yield (f"{table.name} points at no {parent.name} by {pairs[-1][0]}",
                   f'SELECT count(*) FROM "{table.name}" o WHERE o.tenant_id = ANY ($1) AND {given} AND NOT EXISTS '
                   f'(SELECT FROM "{parent.name}" p WHERE {matches})')


def _others() -> Iterator[tuple[str, str]]:
    """References that are no foreign keys."""
    for child, column, parent in (
        ("fact", "case_id", "case"), ("clock", "case_id", "case"), ("clock", "assignment_id", "assignment"),
        ("fact_position", "fact_id", "fact"), ("timeline_entry", "assignment_id", "assignment"),
        ("timeline_entry", "organization_id", "organization"), ("case", "reporter_id", "staff"),
    ):
        yield (f"{child} points at no {parent} by {column}",
               f'SELECT count(*) FROM "{child}" o WHERE o.tenant_id = ANY ($1) AND o.{column} IS NOT NULL AND NOT EXISTS '
               f'(SELECT FROM "{parent}" p WHERE p.tenant_id = o.tenant_id AND p.id = o.{column})')
    yield ("a case's path does not end in its grid",
           'SELECT count(*) FROM "case" WHERE tenant_id = ANY ($1) AND path[array_length(path, 1)] <> grid_id')
    yield ("a grid's path does not end in itself",
           "SELECT count(*) FROM grid WHERE tenant_id = ANY ($1) AND path[array_length(path, 1)] <> id")
    yield ("an id inside a fact is of no row of its county", _in_facts())
    yield ("a scope of a fact sees no case", _scopes())
    yield ("a fact names another number than its case",
           'SELECT count(*) FROM fact f JOIN "case" c ON c.tenant_id = f.tenant_id AND c.id = f.case_id '
           "WHERE f.tenant_id = ANY ($1) AND f.data->>'number' <> c.number")
    yield ("a fact stands before its county's last position",
           "SELECT count(*) FROM delivery d WHERE d.tenant_id = ANY ($1) AND last_position < "
           "(SELECT coalesce(max(position), 0) FROM fact_position p WHERE p.tenant_id = d.tenant_id)")


def _in_facts() -> str:
    known = " UNION ALL ".join(
        f'SELECT tenant_id, id FROM "{table.name}"' for table in metadata.sorted_tables if _has_ids(table)
    )
    said = (f"SELECT f.tenant_id, (regexp_matches(f.data::text, '{ID}', 'g'))[1] AS id FROM fact f "
            "WHERE f.tenant_id = ANY ($1)")
    return (f"WITH known AS MATERIALIZED ({known}) SELECT count(*) FROM ({said}) said "
            "WHERE NOT EXISTS (SELECT FROM known WHERE known.tenant_id = said.tenant_id AND known.id = said.id::uuid)")


def _scopes() -> str:
    """Every scope that a fact was told to sees, or saw, its case."""
    said = ("SELECT f.tenant_id, f.case_id, unnest(f.scopes) AS id FROM fact f "
            "WHERE f.tenant_id = ANY ($1) AND f.case_id IS NOT NULL")
    return (f"SELECT count(*) FROM ({said}) said WHERE NOT EXISTS (SELECT FROM case_scope s "
            "WHERE s.tenant_id = said.tenant_id AND s.case_id = said.case_id AND s.scope_id = said.id)")


def _has_ids(table: Table) -> bool:
    return "tenant_id" in table.c and "id" in table.c and table.name != "due"
