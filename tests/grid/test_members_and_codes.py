"""Members, villager groups, external codes; and two people who change the territory at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from gridloom.errors import ProblemCode, Refusal
from gridloom.grid.codes import set_external_code, subject_of
from gridloom.grid.members import NewGroup, NewMember, add_members, create_groups, end_member
from gridloom.grid.models import CodeSubject, GridMemberRow, GridRow, VillagerGroup
from gridloom.grid.service import NewGrid, create_grids, end_grid, move_grid
from gridloom.ids import uuid7
from gridloom.people.models import Staff
from gridloom.work import Work, Works
from tests.grid.conftest import Small, closure, closure_by_parents
from tests.grid.installation import Installation

DAY = timedelta(days=1)


async def person(works: Works, small: Small, name: str = "杨静") -> UUID:
    async with works.open(small.view) as work:
        return work.new(Staff, id=uuid7(), name=name, organization_id=None, left_at=None).id


async def members(works: Works, small: Small) -> list[tuple[UUID, UUID, str, bool]]:
    async with works.reading(small.view) as session:
        rows = (await session.execute(
            select(GridMemberRow).where(GridMemberRow.tenant_id == small.view.id).order_by(GridMemberRow.id)
        )).scalars()
        return [(row.grid_id, row.staff_id, row.role, row.until is None) for row in rows]


async def test_service_in_a_grid_ends_with_the_grid(small: Small, works: Works, place: Installation) -> None:
    who, grid = await person(works, small), small.ids["1111"]
    async with works.open(small.view) as work:
        await add_members(work, [NewMember(grid, who)])
    place.clock.offset += DAY
    async with works.open(small.view) as work:
        await end_grid(work, grid)
    assert await members(works, small) == [(grid, who, "grid_member", False)]


async def test_bad_members_change_nothing(small: Small, works: Works, place: Installation) -> None:
    who, grid = await person(works, small), small.ids["111"]
    async with works.open(small.view) as work:
        await add_members(work, [NewMember(grid, who)])
    before = await members(works, small)
    acts: list[tuple[Callable[[Work], Awaitable[None]], ProblemCode, tuple[str, ...]]] = [
        (lambda work: add_members(work, [NewMember(grid, who)]), ProblemCode.VALIDATION, ("staffId",)),
        (lambda work: add_members(work, [NewMember(small.ids["11"], who)] * 2), ProblemCode.VALIDATION, ("staffId",)),
        (lambda work: add_members(work, [NewMember(uuid4(), who)]), ProblemCode.NOT_FOUND, ("gridId",)),
        (lambda work: add_members(work, [NewMember(grid, uuid4())]), ProblemCode.NOT_FOUND, ("staffId",)),
        (lambda work: end_member(work, uuid4()), ProblemCode.NOT_FOUND, ("memberId",)),
    ]
    for act, code, path in acts:
        with pytest.raises(Refusal) as refused:
            async with works.open(small.view) as work:
                await act(work)
        assert (refused.value.code, refused.value.path) == (code, path)
    other = await place.county()
    with pytest.raises(Refusal) as foreign:
        async with works.open(other) as work:
            await add_members(work, [NewMember(grid, who)])
    assert (foreign.value.code, foreign.value.path) == (ProblemCode.NOT_FOUND, ("gridId",))
    assert await members(works, small) == before


async def test_bad_groups_change_nothing(small: Small, works: Works) -> None:
    good = NewGroup("111Z01", "上营小组", "111", ("1111",))
    for groups, code in (
        ([good, good], ProblemCode.VALIDATION), ([NewGroup("x", "y", "999", ())], ProblemCode.NOT_FOUND),
        ([good, NewGroup("x", "y", "111", ("9",))], ProblemCode.NOT_FOUND),
    ):
        with pytest.raises(Refusal) as refused:
            async with works.open(small.view) as work:
                await create_groups(work, groups)
        assert refused.value.code is code
    async with works.open(small.view) as work:
        count = select(func.count()).select_from(VillagerGroup).where(VillagerGroup.tenant_id == work.tenant)
        assert (await work.session.execute(count)).scalar_one() == 0
        await create_groups(work, [good])
    with pytest.raises(Refusal):
        async with works.open(small.view) as work:
            await create_groups(work, [good])


async def test_external_codes_hold_from_a_day_to_a_day(small: Small, works: Works, place: Installation) -> None:
    grid, scheme = small.ids["11"], "ga-15"
    moments = []
    for value in ("532925202", "532925106"):
        place.clock.offset += DAY
        async with works.open(small.view) as work:
            moments.append(work.now)
            await set_external_code(work, CodeSubject.GRID, grid, scheme, value)
    async with works.open(small.view) as work:
        async def bearer(value: str, at_moment: int | None) -> UUID | None:
            at = None if at_moment is None else moments[at_moment]
            return await subject_of(work, CodeSubject.GRID, scheme, value, at=at)

        assert [await bearer("532925202", None), await bearer("532925106", None)] == [None, grid]
        assert [await bearer("532925202", 0), await bearer("532925106", 0)] == [grid, None]
        assert await subject_of(work, CodeSubject.ORGANIZATION, scheme, "532925106") is None
    taken, unknown = "external-code-taken", "problem-not-found"
    for subject, value, code in ((small.ids["12"], "532925106", taken), (uuid4(), "1", unknown)):
        with pytest.raises(Refusal) as refused:
            async with works.open(small.view) as work:
                await set_external_code(work, CodeSubject.GRID, subject, scheme, value)
        assert refused.value.message_id == code


async def test_two_who_make_the_same_grid(small: Small, works: Works) -> None:
    async def make() -> str:
        try:
            async with works.open(small.view) as work:
                await create_grids(work, [NewGrid("113", "中村", 4, "11")])
                await asyncio.sleep(0.05)
        except Refusal as refused:
            return refused.message_id
        return "made"

    assert sorted(await asyncio.gather(*(make() for _ in range(4)))) == [*["grid-code-taken"] * 3, "made"]
    async with works.reading(small.view) as session:
        rows = await session.execute(
            select(GridRow.name).where(GridRow.tenant_id == small.view.id, GridRow.code == "113")
        )
        assert rows.scalars().all() == ["中村"]


async def test_two_who_move_into_each_others_subtree(small: Small, works: Works, place: Installation) -> None:
    """Moves wait for each other: the second sees what the first did, and the tree stays a tree."""
    place.clock.offset += DAY

    async def move(grid: str, parent: str) -> None:
        async with works.open(small.view) as work:
            before = await work.session.get_one(GridRow, (work.tenant, small.ids[grid]))  # grows old while others move
            await asyncio.sleep(0.05)
            await move_grid(work, small.ids[grid], small.ids[parent])
            await asyncio.sleep(0.05)
            assert before.parent_id == small.ids[parent]

    await asyncio.gather(move("111", "12"), move("1111", "112"), move("112", "12"), move("1121", "111"))
    async with works.reading(small.view) as session:
        assert await closure(session, small.view.id) == await closure_by_parents(session, small.view.id)
        rows = (await session.execute(select(GridRow).where(GridRow.tenant_id == small.view.id))).scalars().all()
    names = {row.id: row.code for row in rows}
    assert {row.code: [names[above] for above in row.path] for row in rows} == {
        "1": ["1"], "11": ["1", "11"], "12": ["1", "12"], "111": ["1", "12", "111"], "112": ["1", "12", "112"],
        "1111": ["1", "12", "112", "1111"], "1121": ["1", "12", "111", "1121"],
    }
