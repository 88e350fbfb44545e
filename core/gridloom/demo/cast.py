"""Who can act: the population of the county, indexed by place and role, and which unit takes which matter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from gridloom.demo.frame import GridPlan, table
from gridloom.demo.people import TERRITORIAL, Population, centre, territorial
from gridloom.demo.plans import ActorPlan

SEVERITIES = {"1": "CRITICAL", "2": "URGENT", "3": "NORMAL", "4": "LOW"}
FIRST_LEVEL = {"group": 4, "village": 4, "township": 3, "county": 2}
# Units that are often called beside the lead, by the class of the item.
ASSISTS: Mapping[str, Sequence[str]] = {
    "A": ("SF", "GA", "XF", "FL", "ZR", "XZ", "CW"),
    "B": ("YJ", "GA", "XFD", "ZR", "JT", "XZ", "CW"),
    "C": ("MZ", "WJ", "ZJ", "RS", "XZ", "CW"),
    "D": ("NY", "ST", "LC", "WMB", "XZ", "CW"),
}
# What a unit that leads no item of the list is asked to help with.
GUESTS: Mapping[str, str] = {
    "FY": "A-13", "JCY": "B-22", "BB": "A-26", "TW": "C-17", "FL": "A-09", "JR": "A-28", "ZFW": "A-28",
    "YB": "C-06", "DS": "D-10", "SGB": "D-14", "WMB": "D-11",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the work list as far as life needs it. `lead` is a unit's code (`XZ`, `CW`: that of the place)."""

    code: str
    name: str
    lead: str
    level: int
    severity: str
    hours: int
    frequency: str
    rank: str
    protected: bool
    violence: bool
    emergency: bool
    clue: bool

    @property
    def spot_work(self) -> bool:
        """Whether it may be handled on the spot and reported as done."""
        return self.severity in ("NORMAL", "LOW") and not (self.protected or self.emergency or self.clue)


def work_items() -> dict[str, Item]:
    """The hundred items by code (worklist.csv)."""
    units = {row["name_zh"]: row["code"] for row in table("departments.csv")}
    return {
        row["code"]: Item(
            code=row["code"],
            name=row["name_zh"],
            lead=units[row["default_lead"]],
            level=FIRST_LEVEL[row["level_first_handled"]],
            severity=SEVERITIES[row["severity"]],
            hours=int(row["deadline_hours"]),
            frequency=row["frequency"],
            rank=row["severity"],
            protected=row["protection"] != "-",
            violence="VIOLENCE" in row["protection"],
            emergency=row["emergency"] == "yes",
            clue=row["clue"] == "yes",
        )
        for row in table("worklist.csv")
    }


class Cast:
    """The population, asked by role and place."""

    def __init__(self, grids: Sequence[GridPlan], people: Population) -> None:
        self.grids = {grid.code: grid for grid in grids}
        self.county = grids[0].code
        self.departments = sorted(unit.code for unit in people.organizations if unit.kind == "DEPARTMENT")
        self.organizations = {unit.code: unit for unit in people.organizations}
        self.by_unit: dict[str, list[ActorPlan]] = {}
        self.by_grid: dict[str, list[ActorPlan]] = {}
        for post in people.posts:
            actor = ActorPlan(post.person.key, post.person.name, post.role, post.organization, post.grid)
            if post.organization is not None and post.role != "group_head":
                self.by_unit.setdefault(post.organization, []).append(actor)
            elif post.grid is not None:
                self.by_grid.setdefault(post.grid, []).append(actor)
        self.groups: dict[str, list[str]] = {}
        for group in people.groups:
            for grid in group.grids:
                self.groups.setdefault(grid, []).append(group.name)

    def field(self, grid: str, rng: Random) -> ActorPlan:
        """A grid member, or now and then a group's head, of a level-5 grid."""
        actors = self.by_grid[grid]
        members = [actor for actor in actors if actor.role == "grid_member"]
        return rng.choice(members if rng.random() < 0.9 else actors)

    def centre(self, level: int, grid: GridPlan, rng: Random, *, lead: bool = False) -> ActorPlan:
        """Someone of the centre of a level (2 county, 3 township, 4 village) above a grid."""
        role = "centre_lead" if lead else "centre_officer"
        return rng.choice([actor for actor in self.by_unit[centre(self.division(level, grid))] if actor.role == role])

    def unit(self, code: str, rng: Random) -> ActorPlan:
        """Someone who acts for a unit; its lead one time in seven."""
        actors = self.by_unit[code]
        officers = [actor for actor in actors if actor.role != "department_lead"] or actors
        return rng.choice(officers if rng.random() < 0.86 else actors)

    def leader(self, rng: Random) -> ActorPlan:
        """A leader of the county's leading group."""
        return rng.choice(self.by_unit[f"LDXZ{self.county}"])

    def division(self, level: int, grid: GridPlan) -> str:
        """The 12-digit code of the division of a level that holds a grid."""
        return {2: self.county, 3: grid.township, 4: grid.village}[level]

    def placed(self, unit: str, grid: GridPlan) -> str:
        """A unit's organisation: for `XZ` and `CW` that of the place, else the department itself."""
        return territorial(unit, self.division(TERRITORIAL[unit], grid)) if unit in TERRITORIAL else unit

    def lead_for(self, item: Item, level: int, grid: GridPlan, rng: Random) -> str:
        """The organisation that a centre of a level would give a matter to."""
        near = rng.random()
        if item.code[0] == "A" and level == 4 and near < 0.6:
            return f"TJW{grid.village}"
        if item.code[0] == "A" and level == 3 and near < 0.45:
            return f"TCZX{grid.township}"
        if item.code[0] in "CD" and level == 4 and near < 0.45:
            return self.placed("CW", grid)
        if level <= 3 and near < 0.2:
            return self.placed("XZ", grid)
        return self.placed(item.lead, grid)

    def others(self, item: Item, grid: GridPlan, taken: Sequence[str], count: int, rng: Random) -> list[str]:
        """Up to `count` further organisations that fit the item and are not taken yet."""
        fitting = [self.placed(unit, grid) for unit in (*ASSISTS[item.code[0]], item.lead)]
        free = sorted(set(fitting) - set(taken))
        return rng.sample(free, min(count, len(free)))
