"""The divisions and grids of a county as the shipped tables give them, before any geometry."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

LEAVES_PER_VILLAGE = 10


@dataclass(frozen=True, slots=True)
class GridPlan:
    """One grid. `code` has 12 digits on levels 2-4 and 12 + 3 on level 5; `members` counts this grid's own members."""

    code: str
    name: str
    level: int
    parent: str | None
    groups: int
    members: int

    @property
    def township(self) -> str:
        """The 12-digit code of the township this grid lies in (the county's own code for the county)."""
        return self.code[:9] + "000"

    @property
    def village(self) -> str:
        """The 12-digit code of the village this grid lies in (its own code above village level)."""
        return self.code[:12]


def table(name: str) -> list[dict[str, str]]:
    """Rows of a table that ships in `gridloom/data`."""
    text = files("gridloom.data").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def leaf_name(number: int) -> str:
    """The name of a level-5 grid inside its village."""
    return f"第{number}网格"


def leaves_of(village: str, count: int, second_members: int, groups: int) -> list[GridPlan]:
    """Level-5 grids of a village: a first member each, second members for the first `second_members` of them."""
    return [
        GridPlan(
            code=f"{village}{number:03d}",
            name=leaf_name(number),
            level=5,
            parent=village,
            groups=groups // count + (1 if number <= groups % count else 0),
            members=2 if number <= second_members else 1,
        )
        for number in range(1, count + 1)
    ]


def midu_grids() -> list[GridPlan]:
    """All 1,038 grids of Midu, parents before children (source: midu_frame.csv)."""
    rows = table("midu_frame.csv")
    grids: list[GridPlan] = []
    for row in rows:
        groups, members, leaves = (int(row[name] or 0) for name in ("village_groups", "grid_members", "l5_grids"))
        own = members if not leaves else 1
        parent = row["parent_code12"] or None
        grids.append(GridPlan(row["code12"], row["name_zh"], int(row["grid_level"]), parent, groups, own))
    for row in rows:
        leaves = int(row["l5_grids"] or 0)
        if leaves:
            second = int(row["grid_members"]) - 1 - leaves
            grids += leaves_of(row["code12"], leaves, second, int(row["village_groups"]))
    return grids


def county_grids(county: str, leaves: int = LEAVES_PER_VILLAGE) -> list[GridPlan]:
    """Grids of any county of Dali by its 6-digit code, `leaves` level-5 grids in each village (dali_divisions.csv)."""
    levels = {"county": 2, "township": 3, "village": 4}
    rows = [row for row in table("dali_divisions.csv") if row["code12"].startswith(county)]
    if not rows:
        raise ValueError(f"no division of county {county} in dali_divisions.csv")
    grids = [
        GridPlan(
            code=row["code12"],
            name=row["name_zh"],
            level=levels[row["level"]],
            parent=None if row["level"] == "county" else row["parent_code12"],
            groups=leaves if row["level"] == "village" else 0,
            members=1,
        )
        for row in rows
    ]
    for village in [grid for grid in grids if grid.level == 4]:
        grids += leaves_of(village.code, leaves, 0, village.groups)
    return grids


def children_of(grids: Iterable[GridPlan]) -> Mapping[str, list[GridPlan]]:
    """Direct children by the parent's code, in the order given."""
    children: dict[str, list[GridPlan]] = {}
    for grid in grids:
        if grid.parent is not None:
            children.setdefault(grid.parent, []).append(grid)
    return children
