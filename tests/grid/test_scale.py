"""A hundred thousand grids: what a page, a subtree, a path cost is counted in rows touched, not in seconds."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from gridloom.db import create_engine
from gridloom.ids import uuid7_at
from gridloom.reads import ComposedSchema
from gridloom.work import CountyView, Works
from tests.grid.asking import Answer, ask, lower_schema
from tests.grid.conftest import LEVELS, Small
from tests.grid.installation import START, Installation

TOWNS, VILLAGES, LEAVES = 40, 25, 99  # of each above: 1 + 40 + 1,000 + 99,000 grids
PAGE = """query($level: Int, $under: ID, $first: Int!) { grids(level: $level, under: $under, first: $first) {
  nodes { code path { code } memberCount } totalCount { value exact } } }"""


@pytest.fixture(scope="module")
async def large(place: Installation) -> Small:
    """A county of 100,041 grids, copied in."""
    view = await place.county()
    return Small(view, await _copy_grids(place, view))


async def _copy_grids(place: Installation, view: CountyView) -> dict[str, UUID]:
    serial = iter(range(1, 10**6))
    grids: list[tuple[str, int, list[UUID]]] = []

    def add(code: str, level: int, above: list[UUID]) -> list[UUID]:
        path = [*above, uuid7_at(next(serial), hash((view.code, code)))]
        grids.append((code, level, path))
        return path

    root = add("1", 2, [])
    for town in range(TOWNS):
        below = add(f"1{town:02d}", 3, root)
        for village in range(VILLAGES):
            deeper = add(f"1{town:02d}{village:02d}", 4, below)
            for leaf in range(LEAVES):
                add(f"1{town:02d}{village:02d}{leaf:03d}", 5, deeper)
    tenant = view.id
    engine = create_engine(place.owner.url)
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.copy_records_to_table("grid_level", records=[(tenant, n, name) for n, name in LEVELS.items()],
                                        columns=["tenant_id", "number", "name"])
        await raw.copy_records_to_table(
            "grid",
            records=[(tenant, p[-1], c, f"格{c}", n, p[-2] if len(p) > 1 else None, p, START, 1) for c, n, p in grids],
            columns=["tenant_id", "id", "code", "name", "level", "parent_id", "path", "valid_from", "version"],
        )
        await raw.copy_records_to_table(
            "grid_ancestor",
            records=[(tenant, above, p[-1], len(p) - 1 - n) for _, _, p in grids for n, above in enumerate(p)],
            columns=["tenant_id", "ancestor_id", "grid_id", "depth"],
        )
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("ANALYZE"))
    await engine.dispose()
    return {code: path[-1] for code, _, path in grids}


@pytest.fixture(scope="module")
def schema() -> ComposedSchema:
    return lower_schema()


async def touched(works: Works, view: CountyView, answer: Answer) -> int:
    """Rows that the scans of an answer's statements read, the filtered ones included, as the app role."""
    rows = 0
    async with works.reading(view) as session:
        connection = await session.connection()
        for statement, parameters in answer.sent:
            explained = await connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", tuple(parameters)
            )
            rows += _scanned(explained.scalar_one()[0]["Plan"])
    return rows


def _scanned(plan: dict[str, Any]) -> int:
    own = 0
    if "Relation Name" in plan or plan["Node Type"] == "Bitmap Index Scan":
        removed = sum(plan.get(key, 0) for key in ("Rows Removed by Filter", "Rows Removed by Index Recheck"))
        own = round((plan["Actual Rows"] + removed) * plan["Actual Loops"])
    return own + sum(_scanned(below) for below in plan.get("Plans", ()))


async def test_a_villages_subtree_touches_its_hundred_grids(large: Small, works: Works, schema: ComposedSchema) -> None:
    answer = await ask(works, schema, large.view, PAGE, under=str(large.ids["10203"]), first=200)
    nodes = answer.data["grids"]["nodes"]
    assert [node["code"] for node in nodes] == ["10203", *(f"10203{leaf:03d}" for leaf in range(LEAVES))]
    assert [one["code"] for one in nodes[7]["path"]] == ["1", "102", "10203", "10203006"]
    assert answer.data["grids"]["totalCount"] == {"value": 100, "exact": True}
    assert await touched(works, large.view, answer) < 3_000


async def test_a_page_of_the_whole_county_costs_the_page(large: Small, works: Works, schema: ComposedSchema) -> None:
    for under in (None, str(large.ids["1"])):
        answer = await ask(works, schema, large.view, PAGE, under=under, level=5, first=50)
        assert [node["code"] for node in answer.data["grids"]["nodes"]] == [f"10000{leaf:03d}" for leaf in range(50)]
        assert answer.data["grids"]["totalCount"] == {"value": 1000, "exact": False}
        assert await touched(works, large.view, answer) < 12_000


async def test_a_towns_villages_are_found_among_its_2501_grids(
    large: Small, works: Works, schema: ComposedSchema
) -> None:
    answer = await ask(works, schema, large.view, PAGE, under=str(large.ids["139"]), level=4, first=50)
    codes = [node["code"] for node in answer.data["grids"]["nodes"]]
    assert codes == [f"139{number:02d}" for number in range(VILLAGES)]
    assert await touched(works, large.view, answer) < 12_000
