"""The territory through GraphQL: the contract's documents on Midu, and nothing of another county."""

from uuid import uuid4

import pytest
import shapely
from sqlalchemy import select

from gridloom.grid.members import NewMember, add_members, count_members, end_member
from gridloom.grid.models import GridMemberRow, GridRole
from gridloom.grid.service import set_boundaries
from gridloom.ids import uuid7
from gridloom.people.models import Staff
from gridloom.reads import ComposedSchema
from gridloom.work import Post, Works
from tests.grid.asking import ask, lower_schema
from tests.grid.conftest import Small

GRIDS = """query Grids($level: Int, $under: ID, $text: String, $first: Int!, $after: String) {
  grids(level: $level, under: $under, text: $text, first: $first, after: $after) {
    nodes { id code name level parent { code } memberCount }
    pageInfo { hasNextPage endCursor } totalCount { value exact }
  }
}"""
GRID_AT = """query GridAt($longitude: Float!, $latitude: Float!) {
  gridAt(longitude: $longitude, latitude: $latitude) {
    id code name level path { code name level } members { name role }
  }
}"""


@pytest.fixture(scope="session")
def schema() -> ComposedSchema:
    return lower_schema()


async def test_all_pages_of_levels_2_to_5_count_1038(midu: Small, works: Works, schema: ComposedSchema) -> None:
    counts, codes = {}, []
    for level in (2, 3, 4, 5):
        after, pages, seen = None, 0, []
        while True:
            answer = await ask(works, schema, midu.view, GRIDS, level=level, first=200, after=after)
            assert answer.errors == []
            page = answer.data["grids"]
            seen += [node["code"] for node in page["nodes"]]
            pages += 1
            assert {node["level"] for node in page["nodes"]} == {level}
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        assert seen == sorted(seen)
        counts[level] = (len(seen), page["totalCount"]["value"], page["totalCount"]["exact"], pages)
        codes += seen
    assert counts == {2: (1, 1, True, 1), 3: (8, 8, True, 1), 4: (89, 89, True, 1), 5: (940, 940, True, 5)}
    assert set(codes) == set(midu.ids)


async def test_subtrees_texts_and_their_cost(midu: Small, works: Works, schema: ComposedSchema) -> None:
    town = midu.ids["532925101000"]
    below = await ask(works, schema, midu.view, GRIDS, under=str(town), first=200)
    expected = sorted(code for code in midu.ids if code.startswith("532925101"))
    assert [node["code"] for node in below.data["grids"]["nodes"]] == expected[:200]
    assert below.data["grids"]["totalCount"] == {"value": len(expected), "exact": True}
    assert len(below.sent) <= 5
    leaves = await ask(works, schema, midu.view, GRIDS, under=str(town), level=4, first=200)
    assert [node["code"] for node in leaves.data["grids"]["nodes"]] == [c for c in expected if len(c) == 12][1:]
    named = await ask(works, schema, midu.view, GRIDS, text="文笔", first=200)
    assert [(node["name"], node["parent"]) for node in named.data["grids"]["nodes"]] == [
        ("文笔社区", {"code": "532925101000"})
    ]
    coded = await ask(works, schema, midu.view, GRIDS, text="532925101101", first=1)
    assert coded.data["grids"]["totalCount"] == {"value": 12, "exact": True}
    for odd in ("%", "_", "\\", "'"):
        assert (await ask(works, schema, midu.view, GRIDS, text=odd, first=5)).data["grids"]["nodes"] == []


async def test_the_grid_at_a_place(small: Small, works: Works, schema: ComposedSchema) -> None:
    shapes = {"1": (100, 25, 102, 27), "11": (100, 25, 101, 27), "111": (100, 25, 101, 26), "1111": (100, 25, 101, 26)}
    async with works.open(small.view) as work:
        await set_boundaries(work, {
            small.ids[code]: shapely.geometry.mapping(shapely.box(*bounds)) for code, bounds in shapes.items()
        })
        people = [work.new(Staff, id=uuid7(), name=name, organization_id=None, left_at=None) for name in "甲乙丙"]
        await work.session.flush()
        await add_members(work, [
            NewMember(small.ids["1111"], people[0].id), NewMember(small.ids["1111"], people[1].id, GridRole.VOLUNTEER),
            NewMember(small.ids["1111"], people[2].id), NewMember(small.ids["111"], people[2].id, GridRole.CHIEF),
        ])
        assert await count_members(work) == 3
    async with works.open(small.view) as work:
        gone = (await work.session.execute(select(GridMemberRow.id).where(
            GridMemberRow.tenant_id == work.tenant, GridMemberRow.staff_id == people[2].id,
            GridMemberRow.role == GridRole.MEMBER,
        ))).scalar_one()
        await end_member(work, gone)
        assert await count_members(work) == 3
    inside = await ask(works, schema, small.view, GRID_AT, longitude=100.5, latitude=25.5)
    assert inside.errors == []
    members = inside.data["gridAt"].pop("members")
    assert sorted((one["name"], one["role"]) for one in members) == [("乙", "volunteer"), ("甲", "grid_member")]
    assert inside.data == {"gridAt": {
        "id": str(small.ids["1111"]), "code": "1111", "name": "东村一格", "level": 5,
        "path": [
            {"code": "1", "name": "县", "level": 2}, {"code": "11", "name": "甲乡", "level": 3},
            {"code": "111", "name": "东村", "level": 4}, {"code": "1111", "name": "东村一格", "level": 5},
        ],
    }}
    outside = await ask(works, schema, small.view, GRID_AT, longitude=99.0, latitude=25.5)
    assert (outside.data, outside.errors) == ({"gridAt": None}, [])
    listed = await ask(works, schema, small.view, GRIDS, first=10)
    assert {node["code"]: node["memberCount"] for node in listed.data["grids"]["nodes"]} == {
        "1": 0, "11": 0, "111": 1, "1111": 2, "112": 0, "1121": 0, "12": 0,
    }


async def test_another_county_sees_none_of_it(
    midu: Small, small: Small, works: Works, schema: ComposedSchema
) -> None:
    for foreign in (midu.ids["532925101000"], uuid4(), "no id"):
        answer = await ask(works, schema, small.view, GRIDS, under=str(foreign), first=5)
        assert (answer.errors, answer.data["grids"]["nodes"], answer.data["grids"]["totalCount"]) == (
            [], [], {"value": 0, "exact": True},
        )
    everything = await ask(works, schema, small.view, GRIDS, first=200)
    assert {node["code"] for node in everything.data["grids"]["nodes"]} == set(small.ids)


async def test_a_post_names_its_grid(midu: Small, works: Works, schema: ComposedSchema) -> None:
    posts = (Post("grid_member", grid_id=midu.ids["532925101101001"]), Post("auditor"))
    answer = await ask(works, schema, midu.view, "{ me { posts { role grid { code parent { name } } } } }", posts)
    assert answer.data["me"]["posts"] == [
        {"role": "grid_member", "grid": {"code": "532925101101001", "parent": {"name": "文笔社区"}}},
        {"role": "auditor", "grid": None},
    ]
