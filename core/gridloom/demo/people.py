"""Who lives and works in the demo county: organisations, staff, grid members, villager groups. All invented; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from gridloom.demo.chance import chance
from gridloom.demo.frame import GridPlan, table
from gridloom.demo.names import full_name, phone

STUDIOS = 101
# Units that act for the territory, not from a desk of their own: each township and village has one of them.
TERRITORIAL = {"XZ": 3, "CW": 4}
SPECIAL_GROUPS = (
    "矛盾纠纷排查化解",
    "社会治安防控",
    "公共安全监管",
    "网格化服务管理",
    "法治宣传与依法治理",
    "基层党建引领",
    "智慧治理支撑",
    "考核督导与宣传",
)
STUDIO_THEMES = ("老支书", "驻村法官", "乡贤", "金牌", "火塘", "花灯", "庭院", "茶馆", "老兵", "和谐")
VILLAGE_FIRST = "上下大小新老东西中前后里外高长白红黑黄双石水龙马"
VILLAGE_LAST = [
    "村",
    "营",
    "庄",
    "寨",
    "坪",
    "箐",
    "河边",
    "地坪",
    "田心",
    "坝",
    "山",
    "井",
    "塘",
    "桥头",
    "瓦房",
    "树脚",
    "湾",
    "坡头",
    "厂",
    "石岩",
    "梨园",
    "核桃树",
    "松坪",
    "李家",
    "张家",
    "罗家",
    "字家",
    "周家",
    "杨家",
    "海子边",
]


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person of staff. `key` is stable and unique in the county; `phone` is of the demo's own block."""

    key: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class OrganizationPlan:
    """An organisation. `code` is unique in the county, `parent` another's code, `division` a 12-digit grid code."""

    code: str
    kind: str
    name: str
    level: int
    parent: str | None
    division: str


@dataclass(frozen=True, slots=True)
class PostPlan:
    """A person's post: a role of the contract at an organisation and/or a grid (its subtree)."""

    person: Person
    role: str
    organization: str | None
    grid: str | None = None


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """A villager group (村民小组). Not a grid: it lies in one to three grids of its village, a grid holds several."""

    code: str
    name: str
    village: str
    grids: tuple[str, ...]
    head: Person


@dataclass(frozen=True, slots=True)
class Population:
    """Everything of one county. `posts` holds the grid members too (roles grid_chief and grid_member)."""

    organizations: tuple[OrganizationPlan, ...]
    groups: tuple[GroupPlan, ...]
    posts: tuple[PostPlan, ...]

    @property
    def grid_members(self) -> tuple[PostPlan, ...]:
        return tuple(post for post in self.posts if post.role in ("grid_chief", "grid_member"))


def centre(division: str) -> str:
    """The code of the centre (综治中心) of a division by its 12-digit code."""
    return f"ZX{division}"


def territorial(unit: str, division: str) -> str:
    """The code of the township government (`XZ`) or village committee (`CW`) of a division."""
    return f"{unit}{division}"


class _Registry:
    """Hands out persons: names by the key, telephone serials in order of asking."""

    def __init__(self, county: str) -> None:
        self.county = county
        self.serials = count(1)

    def person(self, *key: object, woman: bool | None = None, old: bool | None = None) -> Person:
        words = "-".join(str(part) for part in key)
        name = full_name(chance("person", self.county, words), woman=woman, old=old)
        return Person(words, name, phone(next(self.serials)))


def population(grids: Sequence[GridPlan], *, studios: int = STUDIOS) -> Population:
    """The county of `grids` peopled: 98 centres, 35 desks, mediation, groups and 1,903 members where that is Midu."""
    registry = _Registry(grids[0].code[:6])
    organizations = [*_centres(grids), *_departments(grids), *_mediation(grids, studios), *_working_groups(grids)]
    groups = tuple(_groups(grids, registry))
    organizations += [
        OrganizationPlan(
            f"TJXZ{group.code}", "MEDIATION_GROUP", f"{group.name}调解小组", 5, f"TJW{group.village}", group.village
        )
        for group in groups
    ]
    posts = [*_member_posts(grids, registry), *_staff(organizations, registry), *_head_posts(groups)]
    return Population(tuple(organizations), groups, tuple(posts))


def _short(name: str) -> str:
    return name.removesuffix("村委会").removesuffix("社区居民委员会").removesuffix("社区").removesuffix("村民委员会")


def _full(grid: GridPlan) -> str:
    return _short(grid.name) + ("社区" if "社区" in grid.name else "村")


def _centres(grids: Sequence[GridPlan]) -> Iterator[OrganizationPlan]:
    for grid in grids:
        if grid.level == 5:
            continue
        name = _full(grid) if grid.level == 4 else grid.name
        parent = centre(grid.parent) if grid.parent else None
        yield OrganizationPlan(centre(grid.code), "CENTRE", f"{name}综治中心", grid.level, parent, grid.code)


def _departments(grids: Sequence[GridPlan]) -> Iterator[OrganizationPlan]:
    county = grids[0].code
    names = {row["code"]: row["name_zh"] for row in table("departments.csv")}
    for code, name in names.items():
        if code not in TERRITORIAL:
            yield OrganizationPlan(code, "DEPARTMENT", name, 2, centre(county), county)
    for grid in grids:
        if grid.level == 3:
            yield OrganizationPlan(territorial("XZ", grid.code), "TOWNSHIP", f"{grid.name}人民政府", 3, None, grid.code)
        if grid.level == 4:
            body = f"{_short(grid.name)}{'社区居民' if '社区' in grid.name else '村民'}委员会"
            parent = territorial("XZ", grid.township)
            yield OrganizationPlan(territorial("CW", grid.code), "VILLAGE", body, 4, parent, grid.code)


def _mediation(grids: Sequence[GridPlan], studios: int) -> Iterator[OrganizationPlan]:
    county = grids[0].code
    villages = [grid for grid in grids if grid.level == 4]
    for grid in (grid for grid in grids if grid.level == 3):
        joint = f"{grid.name}社会矛盾纠纷联合调处中心"
        yield OrganizationPlan(f"TCZX{grid.code}", "MEDIATION_JOINT_CENTRE", joint, 3, centre(grid.code), grid.code)
        women = f"{grid.name}女子调解队"
        yield OrganizationPlan(f"NZTJ{grid.code}", "MEDIATION_WOMEN_TEAM", women, 3, f"TCZX{grid.code}", grid.code)
    for grid in villages:
        above, name = f"TCZX{grid.township}", _full(grid)
        yield OrganizationPlan(f"TJW{grid.code}", "MEDIATION_COMMITTEE", f"{name}人民调解委员会", 4, above, grid.code)
        yield OrganizationPlan(
            f"NZTJ{grid.code}", "MEDIATION_WOMEN_TEAM", f"{name}女子调解队", 4, f"TJW{grid.code}", grid.code
        )
    for number in range(1, studios + 1):
        grid = villages[(number - 1) % len(villages)]
        theme = STUDIO_THEMES[chance("studio", county, number).randrange(len(STUDIO_THEMES))]
        name = f"{_full(grid)}“{theme}”调解工作室"
        code = f"TJS{county[:6]}{number:03d}"
        yield OrganizationPlan(code, "MEDIATION_STUDIO", name, 4, f"TJW{grid.code}", grid.code)


def _working_groups(grids: Sequence[GridPlan]) -> Iterator[OrganizationPlan]:
    county = grids[0]
    head = f"LDXZ{county.code}"
    yield OrganizationPlan(head, "LEADING_GROUP", f"{county.name}社会治理试点工作领导小组", 2, None, county.code)
    for number, title in enumerate(SPECIAL_GROUPS, start=1):
        yield OrganizationPlan(
            f"ZXZ{county.code[:6]}{number}", "WORKING_GROUP", f"{title}专项工作组", 2, head, county.code
        )
    for grid in grids:
        if grid.level == 3:
            name = f"{grid.name}试点工作领导小组"
            yield OrganizationPlan(f"LDXZ{grid.code}", "LEADING_GROUP", name, 3, head, grid.code)


def _groups(grids: Sequence[GridPlan], registry: _Registry) -> Iterator[GroupPlan]:
    for village in (grid for grid in grids if grid.level == 4):
        leaves = [grid.code for grid in grids if grid.parent == village.code]
        rng = chance("groups", village.code)
        names: list[str] = []
        while len(names) < village.groups:
            name = rng.choice(VILLAGE_FIRST) + rng.choice(VILLAGE_LAST)
            if name not in names:
                names.append(name)
        for number, name in enumerate(names, start=1):
            at = (number - 1) * len(leaves) // village.groups
            beside = (at + 1) % len(leaves)
            within = (leaves[at],) if rng.random() < 0.72 else (leaves[at], leaves[beside])
            head = registry.person("head", village.code, number, old=rng.random() < 0.5)
            yield GroupPlan(f"{village.code}Z{number:02d}", f"{name}小组", village.code, within, head)


def _member_posts(grids: Sequence[GridPlan], registry: _Registry) -> Iterator[PostPlan]:
    for grid in grids:
        for number in range(1, grid.members + 1):
            person = registry.person("member", grid.code, number)
            role = "grid_chief" if grid.level < 5 else "grid_member"
            yield PostPlan(person, role, None, grid.code)


# How many of which role an organisation of a kind (and level) has.
DESKS: dict[tuple[str, int], tuple[tuple[str, int], ...]] = {
    ("CENTRE", 2): (("centre_lead", 2), ("centre_officer", 6)),
    ("CENTRE", 3): (("centre_lead", 1), ("centre_officer", 3)),
    ("CENTRE", 4): (("centre_lead", 1), ("centre_officer", 2)),
    ("DEPARTMENT", 2): (("department_lead", 1), ("department_officer", 3)),
    ("TOWNSHIP", 3): (("department_lead", 1), ("department_officer", 2)),
    ("VILLAGE", 4): (("department_lead", 1), ("department_officer", 1)),
    ("MEDIATION_JOINT_CENTRE", 3): (("mediator", 2),),
    ("MEDIATION_COMMITTEE", 4): (("mediator", 1),),
    ("MEDIATION_STUDIO", 4): (("mediator", 1),),
    ("MEDIATION_WOMEN_TEAM", 3): (("mediator", 1),),
    ("MEDIATION_WOMEN_TEAM", 4): (("mediator", 1),),
    ("WORKING_GROUP", 2): (("leader", 1),),
    ("LEADING_GROUP", 2): (("leader", 2),),
    ("LEADING_GROUP", 3): (("leader", 1),),
}


def _staff(organizations: Sequence[OrganizationPlan], registry: _Registry) -> Iterator[PostPlan]:
    for organization in organizations:
        woman = True if organization.kind == "MEDIATION_WOMEN_TEAM" else None
        for role, number in DESKS.get((organization.kind, organization.level), ()):
            for index in range(1, number + 1):
                person = registry.person(role, organization.code, index, woman=woman)
                grid = organization.division if organization.kind == "CENTRE" else None
                yield PostPlan(person, role, organization.code, grid)


def _head_posts(groups: Sequence[GroupPlan]) -> Iterator[PostPlan]:
    for group in groups:
        for grid in group.grids[:1]:
            yield PostPlan(group.head, "group_head", f"TJXZ{group.code}", grid)
