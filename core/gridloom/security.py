"""Row-level security and grants of every table, and the gate that refuses to start when one is missing.

The app role is neither owner nor superuser and cannot bypass policies. `append` tables can be read and inserted only; the
keeper alone deletes; the reader sees, across counties, nothing but what is due.
"""

from collections.abc import Sequence

from sqlalchemy import MetaData, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gridloom.db import ROLES, TENANT_PREDICATE, is_tenant_table, role_name, role_password

GRANTS = {
    "edit": "SELECT, INSERT, UPDATE",
    "append": "SELECT, INSERT",
    "queue": "SELECT, INSERT, UPDATE, DELETE",
    "reference": "SELECT",
}
READER_TABLES = ("due",)


class GateClosed(Exception):
    """The database breaks a rule of tenancy; the process must not serve. `breaches` names each."""

    def __init__(self, breaches: Sequence[str]) -> None:
        super().__init__("; ".join(breaches))
        self.breaches = list(breaches)


def securing_statements(table: Table, database: str) -> list[str]:
    """SQL that puts one table under its policy and gives the roles what its `access` says."""
    name = f'"{table.name}"'
    app, reader, keeper = (f'"{role_name(database, role)}"' for role in ROLES)
    granted = GRANTS[table.info.get("access", "edit")]
    statements = [f"GRANT {granted} ON {name} TO {app}"]
    if not is_tenant_table(table):
        return [*statements, f"GRANT SELECT ON {name} TO {reader}, {keeper}"]
    statements += [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS tenant ON {name}",
        f"CREATE POLICY tenant ON {name} USING ({TENANT_PREDICATE}) WITH CHECK ({TENANT_PREDICATE})",
        f"GRANT SELECT, DELETE ON {name} TO {keeper}",
    ]
    if table.name in READER_TABLES:
        statements += [
            f"DROP POLICY IF EXISTS reader ON {name}",
            f"CREATE POLICY reader ON {name} FOR SELECT TO {reader} USING (true)",
            f"GRANT SELECT ON {name} TO {reader}",
        ]
    return statements


def role_statements(database: str, secret_key: bytes) -> list[str]:
    """SQL that makes the service's roles, or gives existing ones their present password and restrictions."""
    statements = []
    for role in ROLES:
        name = role_name(database, role)
        options = f"LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD '{role_password(secret_key, name)}'"
        statements += [
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') "
            f"THEN CREATE ROLE \"{name}\" {options}; END IF; END $$",
            f'ALTER ROLE "{name}" {options}',
            f'GRANT CONNECT ON DATABASE "{database}" TO "{name}"',
            f'GRANT USAGE ON SCHEMA public TO "{name}"',
        ]
    return statements


def owner_statements(database: str) -> list[str]:
    """SQL that makes the role that owns every table; nobody signs in as it, migrations take it on."""
    name = role_name(database, "owner")
    return [
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') "
        f"THEN CREATE ROLE \"{name}\" NOLOGIN NOSUPERUSER NOBYPASSRLS; END IF; END $$",
        f'GRANT "{name}" TO CURRENT_USER',
        f'GRANT CREATE, USAGE ON SCHEMA public TO "{name}"',
    ]


async def check_gate(connection: AsyncConnection, metadata: MetaData) -> None:
    """Compare the live catalogue with the rules. Raises `GateClosed` with every breach found.

    Checked: the connection's role, enabled and forced policies, their predicate, the tenant first in every primary,
    unique and foreign key, no view that runs with its owner's rights, no tenant table that the code does not know.
    """
    breaches = [*await _role_breaches(connection), *await _table_breaches(connection, metadata)]
    breaches += [*await _key_breaches(connection), *await _policy_breaches(connection), *await _view_breaches(connection)]
    if breaches:
        raise GateClosed(breaches)


async def _role_breaches(connection: AsyncConnection) -> list[str]:
    row = (await connection.execute(text(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ))).one()
    found = []
    if row.rolsuper or row.rolbypassrls:
        found.append(f"role {row.rolname} can bypass row-level security")
    owned = (await connection.execute(text(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner = "
        "(SELECT oid FROM pg_roles WHERE rolname = current_user)"
    ))).scalar_one()
    if owned:
        found.append(f"role {row.rolname} owns {owned} relations")
    return found


async def _table_breaches(connection: AsyncConnection, metadata: MetaData) -> list[str]:
    rows = (await connection.execute(text(
        "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, "
        "EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT attisdropped) "
        "AS has_tenant FROM pg_class c "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname NOT LIKE 'alembic%'"
    ))).all()
    found = []
    for row in rows:
        if row.has_tenant and not (row.relrowsecurity and row.relforcerowsecurity):
            found.append(f"table {row.relname}: row-level security is not enabled and forced")
        known = metadata.tables.get(row.relname)
        if not row.has_tenant and (known is None or known.info.get("access") != "reference"):
            found.append(f"table {row.relname} has no tenant and is not a reference table")
    present = {row.relname for row in rows}
    return found + [f"table {name} is missing" for name in metadata.tables if name not in present]


async def _key_breaches(connection: AsyncConnection) -> list[str]:
    rows = (await connection.execute(text("""
        SELECT con.conname, con.contype, rel.relname, first_column.attname AS first_column
          FROM pg_constraint con
          JOIN pg_class rel ON rel.oid = con.conrelid AND rel.relnamespace = 'public'::regnamespace
          JOIN pg_attribute tenant ON tenant.attrelid = rel.oid AND tenant.attname = 'tenant_id'
          JOIN pg_attribute first_column ON first_column.attrelid = rel.oid AND first_column.attnum = con.conkey[1]
         WHERE con.contype IN ('p', 'u', 'f')
        UNION ALL
        SELECT index_class.relname, 'i', rel.relname, first_column.attname
          FROM pg_index idx
          JOIN pg_class index_class ON index_class.oid = idx.indexrelid
          JOIN pg_class rel ON rel.oid = idx.indrelid AND rel.relnamespace = 'public'::regnamespace
          JOIN pg_attribute tenant ON tenant.attrelid = rel.oid AND tenant.attname = 'tenant_id'
          LEFT JOIN pg_attribute first_column ON first_column.attrelid = rel.oid AND first_column.attnum = idx.indkey[0]
         WHERE idx.indisunique
    """))).all()
    return [
        f"{row.conname} of {row.relname} does not start with the tenant" for row in rows if row.first_column != "tenant_id"
    ]


async def _policy_breaches(connection: AsyncConnection) -> list[str]:
    rows = (await connection.execute(text(
        "SELECT c.relname, p.policyname, p.qual, p.with_check, p.roles::text AS roles, p.cmd FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' "
        "LEFT JOIN pg_policies p ON p.schemaname = 'public' AND p.tablename = c.relname "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
    ))).all()
    found, with_policy = [], set()
    for row in rows:
        if row.policyname == "tenant":
            with_policy.add(row.relname)
            if not (_is_tenant_predicate(row.qual) and _is_tenant_predicate(row.with_check)):
                found.append(f"policy tenant of {row.relname} is not the tenant predicate")
        elif row.policyname is not None and not _is_reader_policy(row.relname, row.policyname, row.roles, row.cmd):
            found.append(f"policy {row.policyname} of {row.relname} is not known")
    missing = sorted({row.relname for row in rows} - with_policy)
    return found + [f"table {name} has no tenant policy" for name in missing]


async def _view_breaches(connection: AsyncConnection) -> list[str]:
    rows = (await connection.execute(text(
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace AND (relkind = 'm' OR "
        "(relkind = 'v' AND NOT coalesce(reloptions::text LIKE '%security_invoker=true%', false)))"
    ))).all()
    return [f"view {row.relname} shows rows with its owner's rights" for row in rows]


def _is_tenant_predicate(expression: str | None) -> bool:
    return expression is not None and "".join(expression.split()).replace("::text", "") == (
        "(tenant_id=(NULLIF(current_setting('gridloom.tenant',true),''))::uuid)"
    )


def _is_reader_policy(table: str, policy: str, roles: str, command: str) -> bool:
    return table in READER_TABLES and policy == "reader" and roles.endswith("_reader}") and command == "SELECT"
