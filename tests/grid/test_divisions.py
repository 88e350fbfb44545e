"""The county's territory from official rows: Midu adds up, and bad rows change nothing."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from gridloom.demo.frame import table
from gridloom.errors import ProblemCode, Refusal
from gridloom.grid.divisions import import_divisions
from gridloom.grid.models import GridLevel, GridRow, VillagerGroup, VillagerGroupGrid
from gridloom.work import Works
from tests.grid.conftest import Small, closure, closure_by_parents
from tests.grid.installation import Installation


async def test_midu_has_its_1038_grids(midu: Small, works: Works) -> None:
    async with works.reading(midu.view) as session:
        rows = (await session.execute(select(GridRow).where(GridRow.tenant_id == midu.view.id))).scalars().all()
        levels = (await session.execute(select(GridLevel).where(GridLevel.tenant_id == midu.view.id))).scalars().all()
        assert await closure(session, midu.view.id) == await closure_by_parents(session, midu.view.id)
    assert Counter(row.level for row in rows) == {2: 1, 3: 8, 4: 89, 5: 940}
    assert {row.number: row.name for row in levels} == {
        2: "二级网格(县)", 3: "三级网格(乡镇)", 4: "四级网格(村、社区)", 5: "五级网格",
    }
    by_id = {row.id: row for row in rows}
    for row in rows:
        assert len(row.code) == (15 if row.level == 5 else 12)
        assert [by_id[above].level for above in row.path] == list(range(2, row.level + 1))
        if row.level == 5:
            assert row.parent_id is not None
            assert row.code[:12] == by_id[row.parent_id].code
    one = by_id[midu.ids["532925101101003"]]
    assert [by_id[above].name for above in one.path] == ["弥渡县", "弥城镇", "文笔社区", "第3网格"]


async def test_groups_are_not_grids(midu: Small, works: Works) -> None:
    async with works.reading(midu.view) as session:
        tenant = midu.view.id
        groups = (await session.execute(
            select(func.count()).select_from(VillagerGroup).where(VillagerGroup.tenant_id == tenant)
        )).scalar_one()
        links = (await session.execute(
            select(VillagerGroup.code, GridRow.code)
            .join(VillagerGroupGrid, (VillagerGroupGrid.tenant_id == tenant)
                  & (VillagerGroupGrid.group_id == VillagerGroup.id))
            .join(GridRow, (GridRow.tenant_id == tenant) & (GridRow.id == VillagerGroupGrid.grid_id))
            .where(VillagerGroup.tenant_id == tenant)
        )).all()
    assert groups == 1271
    grids_of, groups_of = Counter(group for group, _ in links), Counter(grid for _, grid in links)
    assert (len(grids_of), len(groups_of)) == (1271, 940)
    assert (max(grids_of.values()), max(groups_of.values())) == (2, 3)
    assert all(group[:12] == grid[:12] for group, grid in links)


async def test_every_county_of_the_prefecture_can_be_made(place: Installation, works: Works) -> None:
    view = await place.county("532923")
    async with works.open(view) as work:
        ids = await import_divisions(work, table("dali_divisions.csv"))
    expected = {row["code12"] for row in table("dali_divisions.csv") if row["code12"].startswith("532923")}
    assert set(ids) == expected
    assert len(ids) == 150


def county(**changes: str) -> dict[str, str]:
    return {"code12": "", "name_zh": "县", "level": "county", "parent_code12": "", **changes}


@pytest.mark.parametrize(
    ("rows", "frame", "message", "path"),
    [
        ([], [], "divisions-without-county", ("divisions",)),
        ([county(), county(code12="{c}100000")], [], "divisions-without-county", ("divisions",)),
        ([county(code12="{c}00000x")], [], "grid-code-malformed", ("divisions",)),
        ([county(), county(code12="{c}101000", level="township", parent_code12="{c}999000")], [],
         "grid-parent-unknown", ("parentCode",)),
        ([county(), county(code12="{c}101000", level="township", parent_code12="{c}000000", name_zh=" ")], [],
         "grid-name-length", ("name",)),
        ([county()], [{"code12": "{c}101001", "l5_grids": "3"}], "frame-village-unknown", ("frame",)),
        ([county()], [{"code12": "{c}101001", "l5_grids": "-3"}], "frame-number-malformed", ("frame",)),
    ],
)
async def test_bad_rows_change_nothing(
    place: Installation, works: Works, rows: list[dict[str, str]], frame: list[dict[str, str]], message: str,
    path: tuple[str, ...],
) -> None:
    view = await place.county()

    def filled(row: dict[str, str]) -> dict[str, str]:
        return {key: value.replace("{c}", view.code) for key, value in row.items()}

    given = [{**filled(row), "code12": filled(row)["code12"] or f"{view.code}000000"} for row in rows]
    with pytest.raises(Refusal) as refused:
        async with works.open(view) as work:
            await import_divisions(work, given, [filled(row) for row in frame])
    assert (refused.value.code, refused.value.message_id, refused.value.path) == (
        ProblemCode.VALIDATION, message, path,
    )
    async with works.reading(view) as session:
        statement = select(func.count()).select_from(GridRow).where(GridRow.tenant_id == view.id)
        assert (await session.execute(statement)).scalar_one() == 0
