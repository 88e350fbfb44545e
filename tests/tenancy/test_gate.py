"""The catalogue gate: what the migrations leave passes; every planted breach closes it, by name."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from gridloom.config import Settings
from gridloom.db import role_name
from gridloom.migrate import owner_engine, upgrade
from gridloom.runtime import Service
from gridloom.security import GateClosed, check_gate
from gridloom.tables import metadata


async def test_the_tables_are_what_the_migrations_make(database: Settings) -> None:
    def difference(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found: list[object] = compare_metadata(context, metadata)
        return found

    engine = owner_engine(database)
    async with engine.connect() as connection:
        assert await connection.run_sync(difference) == []
    await engine.dispose()


async def test_upgrading_again_changes_nothing(database: Settings, service: Service) -> None:
    await upgrade(database)
    async with service.engine.connect() as connection:
        await check_gate(connection, metadata)


BREACHES = {
    "ALTER TABLE clock DISABLE ROW LEVEL SECURITY": "table clock: row-level security is not enabled and forced",
    "ALTER TABLE staff NO FORCE ROW LEVEL SECURITY": "table staff: row-level security is not enabled and forced",
    "DROP POLICY tenant ON post": "table post has no tenant policy",
    "ALTER POLICY tenant ON grid USING (true)": "policy tenant of grid is not the tenant predicate",
    "ALTER POLICY tenant ON fact WITH CHECK (true)": "policy tenant of fact is not the tenant predicate",
    "CREATE POLICY wide ON audit USING (true)": "policy wide of audit is not known",
    "CREATE TABLE loose (id uuid PRIMARY KEY)": "table loose has no tenant and is not a reference table",
    "ALTER TABLE plugin_stuck ADD UNIQUE (fact_id)": "plugin_stuck_fact_id_key of plugin_stuck does not start with the tenant",
    "CREATE UNIQUE INDEX bare ON plugin_stuck (fact_id)": "bare of plugin_stuck does not start with the tenant",
    "CREATE VIEW peek AS SELECT * FROM staff": "view peek shows rows with its owner's rights",
    "CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one": "view kept shows rows with its owner's rights",
    "CREATE TABLE planted (tenant_id uuid, id uuid, PRIMARY KEY (tenant_id, id))": "table planted has no tenant policy",
}


@pytest.mark.parametrize(("breach", "said"), BREACHES.items())
async def test_a_planted_breach_closes_the_gate(database: Settings, breach: str, said: str) -> None:
    """Each breach is made, seen by the app role's own look at the catalogue, and rolled back."""
    engine = owner_engine(database)
    async with engine.connect() as connection:
        transaction = await connection.begin()
        name = (await connection.execute(text("SELECT current_database()"))).scalar_one()
        await connection.exec_driver_sql(f'SET LOCAL ROLE "{role_name(name, "owner")}"')
        await connection.exec_driver_sql(breach)
        await connection.exec_driver_sql("RESET ROLE")
        await connection.exec_driver_sql(f'SET LOCAL ROLE "{role_name(name, "app")}"')
        with pytest.raises(GateClosed) as closed:
            await check_gate(connection, metadata)
        await transaction.rollback()
    await engine.dispose()
    assert said in closed.value.breaches


async def test_an_owner_or_superuser_may_not_serve(database: Settings) -> None:
    engine = owner_engine(database)
    async with engine.connect() as connection:
        with pytest.raises(GateClosed) as closed:
            await check_gate(connection, metadata)
    await engine.dispose()
    assert any("can bypass row-level security" in breach for breach in closed.value.breaches)
