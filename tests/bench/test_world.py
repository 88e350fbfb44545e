"""The bench's data hold together: clones and copies are whole, point nowhere else, and are told apart."""

import asyncpg

from bench import clone, multiply
from bench.verify import faults
from gridloom import runtime
from gridloom.cases.models import CaseRow
from tests.bench.conftest import PLACES, WANTED, Grown, counts


def test_every_table_and_column_of_cases_is_told() -> None:
    assert multiply.unknown() == []


def test_there_are_codes_for_a_hundred_counties() -> None:
    assert len(set(clone.CODES)) == len(clone.CODES) == 127
    assert not {"532923", "532925"} & set(clone.CODES)


async def test_nothing_points_elsewhere(grown: Grown, admin: asyncpg.Connection) -> None:
    assert await faults(admin, [grown.tenant, *grown.clones]) == []


async def test_a_fault_is_found(grown: Grown, admin: asyncpg.Connection) -> None:
    """The check itself: one reference, one id inside a fact, one number, each wrong."""
    for broken, sentence in (
        ("UPDATE clock SET case_id = gen_random_uuid() WHERE tenant_id = $1", "clock points at no case"),
        ("UPDATE fact SET data = data || '{\"grid\": \"01a20851-a9b3-7461-8752-c576fc74b88d\"}' WHERE tenant_id = $1",
         "an id inside a fact"),
        ('UPDATE "case" SET number = number || \'x\' WHERE tenant_id = $1', "a fact names another number"),
    ):
        transaction = admin.transaction()
        await transaction.start()
        await admin.execute("SET LOCAL session_replication_role = replica")
        await admin.execute(broken, grown.tenant)
        found = await faults(admin, [grown.tenant])
        await transaction.rollback()
        assert any(one.startswith(sentence) for one in found), (sentence, found)


async def test_a_clone_has_every_row_under_its_own_ids_and_codes(grown: Grown, admin: asyncpg.Connection) -> None:
    for place, tenant in zip(PLACES, grown.clones, strict=True):
        assert await counts(admin, tenant) == grown.before
        code = clone.CODES[place]
        assert await admin.fetchval("SELECT code FROM county WHERE id = $1", tenant) == code
        for table in ("grid", "organization", "villager_group"):
            theirs, own = await admin.fetchrow(
                f"SELECT count(*), count(*) FILTER (WHERE code LIKE '%532932%') FROM {table} WHERE tenant_id = $1", tenant
            )
            assert theirs > 0
            assert own == 0
        shared = await admin.fetchval(
            'SELECT count(*) FROM "case" WHERE tenant_id = $1 AND id IN (SELECT id FROM "case" WHERE tenant_id <> $1)', tenant
        )
        assert shared == 0


async def test_scopes_that_follow_from_units_follow_in_a_clone(grown: Grown, admin: asyncpg.Connection) -> None:
    """Every derived scope of the original's cases has its counterpart, and none of the original's is left."""
    ask = (
        "SELECT count(*) FROM case_scope WHERE tenant_id = $1 AND substr(scope_id::text, 15, 1) = '5'",
        "SELECT count(*) FROM case_scope s WHERE s.tenant_id = $1 AND s.scope_id IN "
        "(SELECT scope_id FROM case_scope WHERE tenant_id = $2)",
    )
    for tenant in grown.clones:
        assert await admin.fetchval(ask[1], tenant, grown.tenant) == 0


async def test_history_grows_and_what_is_open_stays(grown: Grown, admin: asyncpg.Connection) -> None:
    assert grown.cases == WANTED
    rows = await admin.fetchrow(
        'SELECT count(DISTINCT number) AS numbers, count(*) FILTER (WHERE ended_at IS NULL) AS open, '
        "max(reported_at) - min(reported_at) > interval '100 days' AS longer FROM \"case\" WHERE tenant_id = $1", grown.tenant,
    )
    first = await admin.fetchval(
        'SELECT count(*) FROM "case" WHERE tenant_id = $1 AND ended_at IS NULL', grown.clones[0]
    )
    assert (rows["numbers"], rows["open"], rows["longer"]) == (WANTED, first, True)
    for name in ("due", "inbox_item", "case_grid"):
        assert (await counts(admin, grown.tenant))[name] == grown.before[name]


async def test_positions_are_in_the_order_of_time(grown: Grown, admin: asyncpg.Connection) -> None:
    out_of_order = await admin.fetchval(
        "SELECT count(*) FROM (SELECT at, lag(at) OVER (ORDER BY position) AS before FROM fact_position "
        "WHERE tenant_id = $1) each WHERE at < before - interval '100 days'", grown.tenant,
    )
    assert out_of_order == 0
    assert await admin.fetchval(
        "SELECT last_position = (SELECT max(position) FROM fact_position WHERE tenant_id = $1) FROM delivery "
        "WHERE tenant_id = $1", grown.tenant,
    )


async def test_the_service_reads_only_its_county(grown: Grown, service: runtime.Service) -> None:
    """Row-level security holds over what was made past it."""
    async with service.reading(grown.clones[0]) as session:
        row = await session.get(CaseRow, (grown.clones[0], await _case(service, grown.clones[0])))
        foreign = await session.get(CaseRow, (grown.tenant, await _case(service, grown.tenant)))
    assert row is not None
    assert foreign is None


async def _case(service: runtime.Service, tenant: object) -> object:
    async with service.reading(tenant) as session:  # type: ignore[arg-type]
        return (await session.execute(CaseRow.__table__.select().limit(1))).one().id
