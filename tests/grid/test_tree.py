"""The tree through time: what changes, what stays with the past, what is refused."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from gridloom.errors import ProblemCode, Refusal
from gridloom.grid.models import GridRow, GridVersion
from gridloom.grid.service import (
    NewGrid,
    ancestors,
    create_grids,
    create_root,
    end_grid,
    grid_by_code,
    grid_by_id,
    is_under,
    move_grid,
    name_levels,
    rename_grid,
)
from gridloom.outbox import FactRow
from gridloom.work import Work, Works
from tests.grid.conftest import SMALL, Small, closure, closure_by_parents
from tests.grid.installation import Installation

DAY = timedelta(days=1)


async def paths(small: Small, works: Works) -> dict[str, list[str]]:
    """Codes of the path of every living grid, by its code."""
    async with works.reading(small.view) as session:
        rows = (await session.execute(
            select(GridRow).where(GridRow.tenant_id == small.view.id, GridRow.ended_at.is_(None))
        )).scalars().all()
    codes = {row.id: row.code for row in rows}
    return {row.code: [codes[above] for above in row.path] for row in rows}


async def snapshot(small: Small, works: Works) -> tuple[object, ...]:
    """All rows of the territory and its facts, to compare before and after."""
    async with works.reading(small.view) as session:
        found = []
        for model in (GridRow, GridVersion, FactRow):
            columns = model.__table__.c
            mine = columns.tenant_id == small.view.id
            rows = await session.execute(select(*columns).where(mine).order_by(columns.id))
            found.append([tuple(map(str, row)) for row in rows])
        return (*found, await closure(session, small.view.id))


async def test_a_move_takes_the_subtree_and_leaves_the_past(small: Small, works: Works, place: Installation) -> None:
    before = works.clock.now()
    place.clock.offset += DAY
    async with works.open(small.view) as work:
        await move_grid(work, small.ids["111"], small.ids["12"], code="121")
    assert await paths(small, works) == {
        "1": ["1"], "11": ["1", "11"], "12": ["1", "12"], "112": ["1", "11", "112"], "1121": ["1", "11", "112", "1121"],
        "121": ["1", "12", "121"], "1111": ["1", "12", "121", "1111"],
    }
    ids = small.ids
    async with works.open(small.view) as work:
        for at, expected in ((before, ["1", "11", "111", "1111"]), (None, ["1", "12", "111", "1111"])):
            assert await ancestors(work, ids["1111"], at=at) == [ids[code] for code in expected]
        assert (await grid_by_code(work, "111")) is None
        old, new = await grid_by_code(work, "111", at=before), await grid_by_code(work, "121")
        assert [grid.id if grid else None for grid in (old, new)] == [ids["111"], ids["111"]]
        assert [await is_under(work, ids["1111"], ids[above]) for above in ("12", "11")] == [True, False]
        with pytest.raises(Refusal) as refused:
            await ancestors(work, ids["1111"], at=before - 365 * DAY)
        assert refused.value.code is ProblemCode.NOT_FOUND
        assert await closure(work.session, work.tenant) == await closure_by_parents(work.session, work.tenant)


async def test_versions_follow_each_other_without_gap(small: Small, works: Works, place: Installation) -> None:
    moments = []
    for name in ("东村社区", "东社区"):
        place.clock.offset += DAY
        async with works.open(small.view) as work:
            moments.append(work.now)
            await rename_grid(work, small.ids["111"], name=name)
    async with works.reading(small.view) as session:
        rows = (await session.execute(
            select(GridVersion).where(
                GridVersion.tenant_id == small.view.id, GridVersion.grid_id == small.ids["111"]
            ).order_by(GridVersion.number)
        )).scalars().all()
        grid = await session.get_one(GridRow, (small.view.id, small.ids["111"]))
        facts = (await session.execute(
            select(FactRow).where(FactRow.tenant_id == small.view.id).order_by(FactRow.at)
        )).scalars().all()
    begin = rows[0].valid_from
    assert [(row.number, row.name, row.valid_from, row.valid_to) for row in rows] == [
        (1, "东村", begin, moments[0]), (2, "东村社区", moments[0], moments[1]), (3, "东社区", moments[1], None),
    ]
    assert (grid.name, grid.version, grid.valid_from) == ("东社区", 3, moments[1])
    assert [fact.data for fact in facts] == [
        {"change": "created", "count": 7},
        {"grid": str(grid.id), "code": "111", "change": "renamed", "version": 2},
        {"grid": str(grid.id), "code": "111", "change": "renamed", "version": 3},
    ]


async def test_an_ended_grid_keeps_its_history_and_frees_its_code(
    small: Small, works: Works, place: Installation
) -> None:
    alive = works.clock.now()
    place.clock.offset += DAY
    async with works.open(small.view) as work:
        await end_grid(work, small.ids["1111"])
    place.clock.offset += DAY
    async with works.open(small.view) as work:
        assert await grid_by_id(work, small.ids["1111"]) is None
        assert await ancestors(work, small.ids["1111"], at=alive) == [small.ids[c] for c in ("1", "11", "111", "1111")]
        again = await create_grids(work, [NewGrid("1111", "新一格", 5, "112")])
        assert again["1111"] != small.ids["1111"]
        assert await closure(work.session, work.tenant) == await closure_by_parents(work.session, work.tenant)


async def test_random_moves_keep_closure_paths_and_history(works: Works, place: Installation) -> None:
    """Sixty moves, renames and ends: the closure is what the parents say, each moment's path what it was then."""
    chance = Random(20261123)
    view = await place.county()
    small = Small(view, {})
    async with works.open(view) as work:
        await _levels(work)
        grids = [NewGrid("0", "县", 2)]
        grids += [NewGrid(f"T{n}", f"乡{n}", 3, "0") for n in range(4)]
        grids += [NewGrid(f"V{n}", f"村{n}", 4, f"T{n % 4}") for n in range(12)]
        grids += [NewGrid(f"L{n}", f"格{n}", 5, f"V{n % 12}") for n in range(30)]
        small.ids.update(await create_grids(work, grids))
    names = {id_: code for code, id_ in small.ids.items()}
    known: list[tuple[object, dict[str, list[str]]]] = []
    for _ in range(60):
        known.append((works.clock.now(), await paths(small, works)))
        place.clock.offset += timedelta(hours=1)
        async with works.open(view) as work:
            await _change(work, small, chance)
        async with works.reading(view) as session:
            assert await closure(session, view.id) == await closure_by_parents(session, view.id)
    async with works.open(view) as work:
        for at, then in known[::7]:
            for code, path in then.items():
                found = await ancestors(work, small.ids[code], at=at)  # type: ignore[arg-type]
                assert [names[above] for above in found] == path


async def _levels(work: Work) -> None:
    await name_levels(work, {2: "县", 3: "乡镇", 4: "村", 5: "网格"})


async def _change(work: Work, small: Small, chance: Random) -> None:
    kind = chance.choice(("V", "V", "L", "L", "rename"))
    if kind == "rename":
        await rename_grid(work, small.ids[f"T{chance.randrange(4)}"], name=f"乡{chance.random()}")
        return
    above = {"V": ("T", 4), "L": ("V", 12)}[kind]
    grid = small.ids[f"{kind}{chance.randrange(12)}"]
    if kind == "L" and chance.random() < 0.2 and await grid_by_id(work, grid) is not None:
        await end_grid(work, grid)
        return
    if await grid_by_id(work, grid) is not None:
        await move_grid(work, grid, small.ids[f"{above[0]}{chance.randrange(above[1])}"])


Act = Callable[[Work, dict[str, UUID]], Awaitable[object]]
REFUSED: list[tuple[Act, ProblemCode, str, tuple[str, ...]]] = [
    (lambda w, i: create_root(w, "2", "县", 2), ProblemCode.VALIDATION, "grid-second-root", ("parentCode",)),
    (lambda w, i: create_grids(w, [NewGrid("111", "x", 4, "11")]), ProblemCode.VALIDATION, "grid-code-taken",
     ("code",)),
    (lambda w, i: create_grids(w, [NewGrid("a", "x", 4, "11"), NewGrid("a", "x", 4, "12")]), ProblemCode.VALIDATION,
     "grid-code-taken", ("code",)),
    (lambda w, i: create_grids(w, [NewGrid("13 ", "x", 3, "1")]), ProblemCode.VALIDATION, "grid-code-malformed",
     ("code",)),
    (lambda w, i: create_grids(w, [NewGrid("13", "x" * 101, 3, "1")]), ProblemCode.VALIDATION, "grid-name-length",
     ("name",)),
    (lambda w, i: create_grids(w, [NewGrid("13", "x", 6, "1")]), ProblemCode.VALIDATION, "grid-level-unknown",
     ("level",)),
    (lambda w, i: create_grids(w, [NewGrid("13", "x", 3, "99")]), ProblemCode.VALIDATION, "grid-parent-unknown",
     ("parentCode",)),
    (lambda w, i: create_grids(w, [NewGrid("13", "x", 3, "111")]), ProblemCode.VALIDATION, "grid-parent-not-above",
     ("parentCode",)),
    (lambda w, i: create_grids(w, [NewGrid("13", "x", 3, "1")], since=w.now + DAY), ProblemCode.VALIDATION,
     "grid-change-in-the-future", ("at",)),
    (lambda w, i: move_grid(w, i["11"], i["1111"]), ProblemCode.VALIDATION, "grid-move-into-itself", ("parentId",)),
    (lambda w, i: move_grid(w, i["1"], i["11"]), ProblemCode.VALIDATION, "grid-move-into-itself", ("parentId",)),
    (lambda w, i: move_grid(w, i["111"], i["1121"]), ProblemCode.VALIDATION, "grid-parent-not-above", ("parentId",)),
    (lambda w, i: move_grid(w, i["111"], uuid4()), ProblemCode.NOT_FOUND, "problem-not-found", ("parentId",)),
    (lambda w, i: move_grid(w, i["111"], i["12"], code="112"), ProblemCode.VALIDATION, "grid-code-taken", ("code",)),
    (lambda w, i: rename_grid(w, uuid4(), name="x"), ProblemCode.NOT_FOUND, "problem-not-found", ("gridId",)),
    (lambda w, i: rename_grid(w, i["11"], name="x", at=w.now - 400 * DAY), ProblemCode.VALIDATION,
     "grid-change-too-early", ("at",)),
    (lambda w, i: end_grid(w, i["11"]), ProblemCode.VALIDATION, "grid-not-empty", ("gridId",)),
]


@pytest.mark.parametrize(("act", "code", "message", "path"), REFUSED)
async def test_a_refusal_changes_nothing(
    small: Small, works: Works, place: Installation, act: Act, code: ProblemCode, message: str, path: tuple[str, ...]
) -> None:
    place.clock.offset += DAY
    before = await snapshot(small, works)
    with pytest.raises(Refusal) as refused:
        async with works.open(small.view) as work:
            await act(work, small.ids)
    assert (refused.value.code, refused.value.message_id, refused.value.path) == (code, message, path)
    assert await snapshot(small, works) == before


async def test_another_countys_grid_is_like_no_grid(small: Small, works: Works, place: Installation) -> None:
    other = await place.county()
    async with works.open(other) as work:
        await _levels(work)
        await create_grids(work, SMALL)
    before = await snapshot(small, works)
    acts: list[Act] = [
        lambda w, i: move_grid(w, i["111"], i["12"]), lambda w, i: rename_grid(w, i["111"], name="x"),
        lambda w, i: end_grid(w, i["1111"]), lambda w, i: ancestors(w, i["111"]),
        lambda w, i: ancestors(w, i["111"], at=w.now),
    ]
    for act in acts:
        with pytest.raises(Refusal) as refused:
            async with works.open(other) as work:
                await act(work, small.ids)
        assert (refused.value.code, refused.value.path) == (ProblemCode.NOT_FOUND, ("gridId",))
    async with works.open(other) as work:
        assert await grid_by_id(work, small.ids["111"]) is None
        assert not await is_under(work, small.ids["111"], small.ids["1"])
    assert await snapshot(small, works) == before
