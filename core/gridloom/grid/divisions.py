"""A county's territory from official division rows, and from a frame that says how its villages are cut into grids."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from gridloom.errors import invalid
from gridloom.grid.members import NewGroup, create_groups
from gridloom.grid.service import NewGrid, create_grids, name_levels
from gridloom.work import Work

LEVEL_OF = {"county": 2, "township": 3, "village": 4}
GRID_LEVEL = 5
LEVEL_NAMES = {2: "二级网格(县)", 3: "三级网格(乡镇)", 4: "四级网格(村、社区)", 5: "五级网格"}
CODE_LENGTH = 12
MOST_GRIDS = 999

Row = Mapping[str, str]


async def import_divisions(
    work: Work, rows: Iterable[Row], frame: Iterable[Row] | None = None, *, since: datetime | None = None
) -> dict[str, UUID]:
    """Make the county's grids of levels 2–4 from division rows, and those of level 5 from a frame; ids by code.

    `rows` have code12, name_zh, level (county, township, village; others are passed over) and parent_code12; rows of
    other counties are passed over too. `frame` rows have code12 and l5_grids: how many level-5 grids a village has,
    which get its code with three digits more. Raises `Refusal` VALIDATION at `divisions` or `frame`.
    """
    await name_levels(work, LEVEL_NAMES)
    grids = divisions_of(rows, work.county.code)
    grids += leaves_of(grids, frame or ())
    return await create_grids(work, grids, since=since)


async def import_groups(work: Work, frame: Sequence[Row]) -> dict[str, UUID]:
    """Make the villager groups that a frame counts (code12, village_groups, l5_grids), after `import_divisions`.

    Groups are not grids: here they share the village's grids evenly, so that one may lie in two grids and two in one.
    """
    groups = [
        NewGroup(f"{row['code12']}Z{number:02d}", f"第{number}村民小组", row["code12"], _shared(row, number))
        for row in frame
        for number in range(1, _count(row, "village_groups") + 1)
    ]
    return await create_groups(work, groups)


def divisions_of(rows: Iterable[Row], county: str) -> list[NewGrid]:
    """The grids of levels 2–4 of a county (six digits). Raises `Refusal` VALIDATION at `divisions`."""
    found = []
    for row in rows:
        code, level = row.get("code12", ""), LEVEL_OF.get(row.get("level", ""))
        if level is None or not code.startswith(county):
            continue
        if len(code) != CODE_LENGTH or not (code.isascii() and code.isdigit()):
            raise invalid("grid-code-malformed", "divisions", subject=code[:40])
        parent = None if level == LEVEL_OF["county"] else row.get("parent_code12") or ""
        found.append(NewGrid(code, row.get("name_zh", ""), level, parent))
    if sum(grid.parent_code is None for grid in found) != 1:
        raise invalid("divisions-without-county", "divisions", county=county)
    return found


def leaves_of(villages: Sequence[NewGrid], frame: Iterable[Row]) -> list[NewGrid]:
    """The grids of level 5 that a frame gives the villages. Raises `Refusal` VALIDATION at `frame`."""
    known = {grid.code for grid in villages if grid.level == LEVEL_OF["village"]}
    found = []
    for row in frame:
        count = _count(row, "l5_grids")
        if count and row["code12"] not in known:
            raise invalid("frame-village-unknown", "frame", subject=row["code12"])
        found += [
            NewGrid(f"{row['code12']}{number:03d}", f"第{number}网格", GRID_LEVEL, row["code12"])
            for number in range(1, count + 1)
        ]
    return found


def _count(row: Row, column: str) -> int:
    text = row.get(column) or "0"
    if not (text.isascii() and text.isdigit()) or int(text) > MOST_GRIDS:
        raise invalid("frame-number-malformed", "frame", subject=row.get("code12", ""), column=column)
    return int(text)


def _shared(row: Row, number: int) -> tuple[str, ...]:
    """The level-5 grids that the village's `number`-th group overlaps when both divide the village evenly."""
    grids, groups = _count(row, "l5_grids"), _count(row, "village_groups")
    first, last = (number - 1) * grids // groups, (number * grids - 1) // groups
    return tuple(f"{row['code12']}{place + 1:03d}" for place in range(first, last + 1))
