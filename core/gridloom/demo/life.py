"""A quarter of believable life in the county, as a pure plan: which cases, when, how each goes and where it stands."""

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

import shapely
from shapely import Polygon

from gridloom.demo.cast import GUESTS, Cast, Item, work_items
from gridloom.demo.chance import chance
from gridloom.demo.courses import Wish, choose_path, tell
from gridloom.demo.frame import GridPlan
from gridloom.demo.names import phone
from gridloom.demo.people import Population
from gridloom.demo.phrasebook import NAMELESS, items
from gridloom.demo.plans import ActorPlan, CasePlan, Input, StepPlan
from gridloom.demo.rhythm import ZONE, item_weight, report_times
from gridloom.demo.story import Story
from gridloom.demo.texts import Place, Voice

DAYS = 90
CASES = 21_000
# Serials of the demo's telephone block that callers get; staff begin at 1 and stay far below.
CALLERS = (50_000, 99_999)
CHANNELS = {
    "GRID_PHONE": 66.0, "CENTRE_WINDOW": 13.0, "HOTLINE_12345": 9.0, "PUBLIC": 6.0, "PETITION": 1.2,
    "POLICE_NON_EMERGENCY": 1.3, "COURT": 0.5, "PROCURATORATE_12309": 0.2, "LEADER": 0.5, "UPPER_LEVEL": 0.3,
}  # fmt: skip
OWN_WORK = frozenset({"patrol", "visit", "screening"})
NEGLECTED_DAYS = timedelta(days=25)
TRIES = 6


@dataclass(frozen=True, slots=True)
class Seed:
    """The beginning of one case: when, what, where, and what it is wanted for."""

    at: datetime
    item: str
    grid: str
    wish: Wish | None = None


def quarter(
    grids: Sequence[GridPlan],
    shapes: Mapping[str, Polygon],
    people: Population,
    now: datetime,
    *,
    cases: int = CASES,
    days: int = DAYS,
    extra: Sequence[Seed] = (),
) -> Iterator[CasePlan]:
    """`cases` plans of the `days` before `now` (aware), in the order of their reports; no step lies after `now`.

    Among them are the open ones that give every desk something to do today (about 500 for Midu, never more than
    half), and the `extra` ones. The same arguments give the same plans; only one plan is in memory at a time.
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    cast, catalogue = Cast(grids, people), work_items()
    seeds = list(_waiting(cast, now))
    if len(seeds) > cases // 2:
        seeds = chance("few", cast.county).sample(seeds, cases // 2)
    seeds += extra
    seeds += _ordinary(cast, catalogue, now, days, max(0, cases - len(seeds)))
    seen: set[int] = set()
    writer = _Writer(cast, catalogue, shapes, now, seen)
    for ordinal, seed in enumerate(sorted(seeds, key=lambda one: (one.at, one.grid, one.item)), start=1):
        yield writer.plan(ordinal, seed)


def _ordinary(cast: Cast, catalogue: Mapping[str, Item], now: datetime, days: int, count: int) -> Iterator[Seed]:
    rng = chance("life", cast.county, now.date())
    leaves = [grid for grid in cast.grids.values() if grid.level == 5]
    by_grid = list(accumulate(_liveliness(grid) for grid in leaves))
    codes = [code for code, item in catalogue.items() if not item.clue]
    by_month: dict[int, list[float]] = {}
    for at in report_times(now, days, count, rng):
        month = at.astimezone(ZONE).month
        if month not in by_month:
            rows = (catalogue[code] for code in codes)
            by_month[month] = list(accumulate(item_weight(row.code, row.frequency, row.rank, month) for row in rows))
        code = codes[bisect(by_month[month], rng.random() * by_month[month][-1])]
        yield Seed(at, code, leaves[bisect(by_grid, rng.random() * by_grid[-1])].code)


def _liveliness(grid: GridPlan) -> float:
    """People live where the groups are; the county town has more than its share; no two grids are alike."""
    town = 1.7 if grid.township[6:9] == "101" else 1.0
    return (grid.groups + 0.4) * town * chance("lively", grid.code).uniform(0.5, 1.6)


def _waiting(cast: Cast, now: datetime) -> Iterator[Seed]:
    """Cases of the last days that stop where somebody has to act."""
    rng = chance("waiting", cast.county, now.date())
    leaves: dict[str, list[str]] = {}
    for grid in cast.grids.values():
        if grid.level == 5:
            leaves.setdefault(grid.village, []).append(grid.code)
            leaves.setdefault(grid.township, []).append(grid.code)
    everywhere = [code for grid, codes in leaves.items() if grid.endswith("000") for code in codes]

    def seed(hours: tuple[float, float], item: str, place: Sequence[str], wish: Wish) -> Seed:
        return Seed(now - timedelta(hours=rng.uniform(*hours)), item, rng.choice(place), wish)

    for grid in [one for one in cast.grids.values() if one.level == 4]:
        here = leaves[grid.code]
        yield seed((0.2, 5), rng.choice(("C-13", "B-04", "C-10", "A-01")), here, Wish("ROUTED", stop="reportCase"))
        committee, body = Wish("ROUTED", f"TJW{grid.code}", 4, "routeCase"), cast.placed("CW", grid)
        yield seed((120, 190), rng.choice(("A-01", "A-13", "A-23")), here, committee)
        yield seed((150, 230), rng.choice(("C-14", "C-01", "A-24")), here, Wish("ROUTED", body, 4, "signAssignment"))
    for grid in [one for one in cast.grids.values() if one.level == 3]:
        here, body = leaves[grid.code], cast.placed("XZ", grid)
        for item, wish in _township_wishes(grid.code, body):
            yield seed((150, 260), item, here, wish)
    catalogue = work_items()
    for unit in cast.departments:
        led = [one for one in catalogue.values() if one.lead == unit and not (one.protected or one.emergency)]
        fitting = [one.code for one in led if one.rank != "1"] or [GUESTS.get(unit, "A-26")]
        for stop, hours in (("routeCase", (100, 190)), ("signAssignment", (200, 300)), ("reportIn", (150, 260))):
            yield seed(hours, rng.choice(fitting), everywhere, Wish("ROUTED", unit, rng.choice((2, 3)), stop))
        yield seed((120, 200), rng.choice(fitting), everywhere, Wish("ROUTINE", unit, 2, "blowWhistle"))
    county = (("KEY", "blowWhistle"), ("ROUTINE", "askReturn"), ("ROUTED", "completeAssignment"))
    for path, stop in (*county, ("ROUTED", "escalateCase")):
        for item in ("B-04", "A-20", "B-27"):
            yield seed((200, 300), item, everywhere, Wish(path, "ZR", 2, stop))


def _township_wishes(code: str, body: str) -> Iterator[tuple[str, Wish]]:
    yield "A-26", Wish("ROUTED", None, 3, "escalateCase")
    yield "B-21", Wish("KEY", "JT", 3, "blowWhistle")
    yield "B-28", Wish("ROUTINE", "ZR", 3, "askReturn")
    yield "C-16", Wish("ROUTED", body, 3, "routeCase")
    yield "B-12", Wish("ROUTED", body, 3, "signAssignment")
    yield "A-15", Wish("ROUTED", f"TCZX{code}", 3, "signAssignment")
    yield "B-09", Wish("ROUTED", body, 3, "completeAssignment")
    yield "B-20", Wish("ROUTED", body, 3, "verifyCase")
    yield "A-19", Wish("ROUTED", body, 3, "pauseCase")


class _Writer:
    def __init__(
        self, cast: Cast, catalogue: Mapping[str, Item], shapes: Mapping[str, Polygon], now: datetime, seen: set[int]
    ) -> None:
        self.cast, self.catalogue, self.shapes, self.now, self.seen = cast, catalogue, shapes, now, seen

    def plan(self, ordinal: int, seed: Seed) -> CasePlan:
        item, grid = self.catalogue[seed.item], self.cast.grids[seed.grid]
        rng = chance("case", self.cast.county, ordinal, seed.item, seed.grid, seed.at)
        wish = seed.wish or Wish(choose_path(item, rng))
        channel = _channel(item, seed, wish.path, rng)
        voice = self._voice(item, grid, channel, seed.at, rng)
        story = Story(self.cast, item, grid, voice, rng)
        self._report(story, seed.at, channel, wish.path)
        tell(story, wish)
        steps = self._cut(story, wish, seed.at, rng)
        return CasePlan(ordinal, item.code, grid.code, item.severity, channel, wish.path, steps[0].at, steps)

    def _voice(self, item: Item, grid: GridPlan, channel: str, at: datetime, rng: Random) -> Voice:
        """A voice whose description was not heard yet; after a few tries the same words twice are life, too."""
        groups = self.cast.groups[grid.code]
        village = self.cast.grids[grid.village].name
        place = Place(
            township=self.cast.grids[grid.township].name,
            village=village.removesuffix("村委会"),
            group=rng.choice(groups),
            other_group=rng.choice(self.cast.groups[rng.choice(self._neighbours(grid))]),
            town=village.endswith("社区"),
        )
        for _ in range(TRIES):
            voice = Voice(item.code, place, channel, at.astimezone(ZONE), rng)
            mark = hash(voice.case().description)
            if mark not in self.seen:
                self.seen.add(mark)
                break
        return voice

    def _neighbours(self, grid: GridPlan) -> list[str]:
        number = int(grid.code[12:])
        beside = (f"{grid.village}{other:03d}" for other in (number - 1, number + 1))
        return [code for code in beside if code in self.cast.groups] or [grid.code]

    def _report(self, story: Story, at: datetime, channel: str, path: str) -> None:
        rng, text, item = story.rng, story.voice.case(), story.item
        inputs: dict[str, Input | None] = {
            "title": text.title, "description": text.description, "workItemCode": item.code,
            "gridCode": story.grid.code, "location": self._point(story.grid.code, rng), "channel": channel,
        }  # fmt: skip
        if path == "SELF_HANDLED":
            inputs |= {"selfHandled": True, "handledNote": story.voice.result()}
        nameless = items()[item.code].kind in NAMELESS
        if channel != "GRID_PHONE":
            caller: Mapping[str, str | float] = {
                "name": story.voice.persons()[0], "role": "反映人", "phone": phone(rng.randint(*CALLERS))
            }  # fmt: skip
            inputs["onBehalfOf"] = caller
        elif item.code[0] == "A" and not nameless and rng.random() < 0.5 and items()[item.code].kind == "dispute":
            inputs["parties"] = tuple({"name": name, "role": "当事人"} for name in story.voice.persons())
        if channel == "GRID_PHONE" and rng.random() < 0.12:
            inputs["recordedAt"] = (at - timedelta(minutes=rng.randint(3, 240))).isoformat()
        story.take("reportCase", at, self._reporter(story, channel), **inputs)

    def _reporter(self, story: Story, channel: str) -> ActorPlan:
        if channel == "GRID_PHONE":
            return self.cast.field(story.grid.code, story.rng)
        level = story.rng.choice((4, 4, 3)) if channel in ("CENTRE_WINDOW", "PUBLIC") else 2
        return self.cast.centre(level, story.grid, story.rng)

    def _point(self, code: str, rng: Random) -> Mapping[str, str | float]:
        shape = self.shapes[code]
        left, low, right, high = shape.bounds
        shapely.prepare(shape)
        while True:
            x, y = round(rng.uniform(left, right), 6), round(rng.uniform(low, high), 6)
            if shapely.contains_xy(shape, x, y):
                return {"longitude": x, "latitude": y}

    def _cut(self, story: Story, wish: Wish, at: datetime, rng: Random) -> tuple[StepPlan, ...]:
        """What has happened by now; a wish stops at its step, and some cases simply lie on a desk."""
        steps = [step for step in story.steps if step.at < self.now]
        if wish.stop is not None:
            ends = [place for place, step in enumerate(steps) if step.name == wish.stop]
            reached = (ends[-1] if wish.stop == "escalateCase" else ends[0]) if ends else len(steps)
            return tuple(steps[: reached + 1])
        if at > self.now - NEGLECTED_DAYS and len(steps) > 2 and rng.random() < 0.03:
            return tuple(steps[: rng.randint(1, len(steps) - 1)])
        return tuple(steps)


def _channel(item: Item, seed: Seed, path: str, rng: Random) -> str:
    kind = items()[item.code].kind
    if kind in OWN_WORK or path in ("SELF_HANDLED", "VIOLENCE") or seed.wish is not None:
        return "GRID_PHONE"
    channel = rng.choices(list(CHANNELS), list(CHANNELS.values()))[0]
    if channel == "COURT" and item.code[0] != "A":
        return "GRID_PHONE"
    return channel
