from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
import shapely
from shapely import Polygon

from gridloom.demo.cast import work_items
from gridloom.demo.frame import GridPlan, county_grids, midu_grids
from gridloom.demo.life import CASES, quarter
from gridloom.demo.names import is_demo_phone
from gridloom.demo.people import Population, population
from gridloom.demo.plans import CasePlan
from gridloom.demo.rhythm import ZONE
from gridloom.demo.territory import MIDU_SEATS, midu_outline, neighbour_outline, tessellate
from tests.demo.replay import OPEN, Replay

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def county() -> tuple[list[GridPlan], dict[str, Polygon], Population]:
    grids = midu_grids()
    return grids, tessellate(midu_outline(), grids, MIDU_SEATS), population(grids)


@pytest.fixture(scope="module")
def plans(county: tuple[list[GridPlan], dict[str, Polygon], Population]) -> list[CasePlan]:
    return list(quarter(*county, NOW))


@pytest.fixture(scope="module")
def ends(plans: list[CasePlan]) -> list[Replay]:
    return [Replay(plan).run() for plan in plans]


def test_a_quarter_holds_twenty_thousand_cases(plans: list[CasePlan]) -> None:
    assert len(plans) == CASES >= 20_000
    assert [plan.ordinal for plan in plans] == list(range(1, CASES + 1))
    times = [plan.reported_at for plan in plans]
    assert times == sorted(times)
    assert NOW - timedelta(days=90) <= times[0] < times[-1] < NOW
    assert all(step.at < NOW for plan in plans for step in plan.steps)


def test_every_plan_keeps_to_the_table_of_steps(ends: list[Replay]) -> None:
    assert {end.status for end in ends} == {
        "REPORTED",
        "ACCEPTED",
        "REJECTED",
        "ROUTED",
        "HANDLED",
        "VERIFIED",
        "CLOSED",
    }
    taken = {step.name for end in ends for step in end.plan.steps}
    assert len(taken) == 23, "each mutation of the contract is used"


def test_texts_hardly_ever_repeat(plans: list[CasePlan]) -> None:
    said = Counter(plan.description for plan in plans)
    assert sum(count - 1 for count in said.values()) <= len(plans) * 0.01
    titles = Counter(plan.title for plan in plans if plan.work_item not in ("A-08",))
    assert len(titles) > len(plans) * 0.6
    assert titles.most_common(1)[0][1] < len(plans) * 0.01


def test_items_courses_and_times_are_believable(plans: list[CasePlan]) -> None:
    items = Counter(plan.work_item for plan in plans)
    catalogue = work_items()
    assert set(items) == {code for code, item in catalogue.items() if not item.clue}, "clues are never plain cases"
    assert items["A-01"] > 5 * items["B-18"]
    paths = Counter(plan.path for plan in plans)
    assert 0.30 < paths["SELF_HANDLED"] / len(plans) < 0.40
    assert min(paths[path] for path in ("REJECTED", "ROUTINE", "KEY", "HARD", "EMERGENCY")) > 50
    assert paths["VIOLENCE"] == items["A-08"] > 5
    assert all(catalogue[plan.work_item].spot_work for plan in plans if plan.path == "SELF_HANDLED")
    local = [plan.reported_at.astimezone(ZONE) for plan in plans]
    days = Counter(moment.weekday() for moment in local)
    assert days[0] > 1.5 * days[6]
    night = sum(moment.hour < 6 or moment.hour >= 23 for moment in local)
    assert 0 < night < len(plans) * 0.05
    towns = Counter(plan.grid[:9] for plan in plans)
    assert set(towns) == {f"532925{code}" for code in (101, 102, 103, 104, 105, 106, 203, 204)}
    assert towns.most_common(1)[0][0] == "532925101"


def test_points_lie_in_their_grid_and_callers_are_invented(
    plans: list[CasePlan], county: tuple[list[GridPlan], dict[str, Polygon], Population]
) -> None:
    shapes = county[1]
    for plan in plans:
        inputs = plan.steps[0].inputs
        point = inputs["location"]
        assert isinstance(point, dict)
        assert shapely.contains_xy(shapes[plan.grid], point["longitude"], point["latitude"])
        caller = inputs.get("onBehalfOf")
        assert (caller is None) == (plan.channel == "GRID_PHONE")
        if isinstance(caller, dict):
            assert is_demo_phone(str(caller["phone"]))


def test_units_and_persons_exist(
    plans: list[CasePlan], county: tuple[list[GridPlan], dict[str, Polygon], Population]
) -> None:
    people = county[2]
    posts = {(post.person.key, post.role, post.organization) for post in people.posts}
    codes = {unit.code for unit in people.organizations}
    for plan in plans:
        for step in plan.steps:
            assert (step.actor.person, step.actor.role, step.actor.organization) in posts
            named = [step.inputs.get(name) for name in ("organizationId", "leadId", "suggestedOrganizationId")]
            assert set(named) - {None} <= codes


def test_every_desk_has_work_today(
    ends: list[Replay], county: tuple[list[GridPlan], dict[str, Polygon], Population]
) -> None:
    waiting: Counter[tuple[str, str]] = Counter()
    for end in ends:
        place = {4: end.plan.grid[:12], 3: f"{end.plan.grid[:9]}000", 2: "532925000000"}[end.level]
        waiting[end.status + (" PROPOSED" if end.proposed is not None else ""), place] += 1
        for task in end.tasks:
            if task.state in OPEN and task.visible:
                waiting[task.state, task.organization] += 1
                waiting[task.state, place] += 1
    grids, _, people = county
    kinds = {kind: [unit.code for unit in people.organizations if unit.kind == kind] for kind in
             ("DEPARTMENT", "TOWNSHIP", "VILLAGE", "MEDIATION_COMMITTEE", "MEDIATION_JOINT_CENTRE")}  # fmt: skip
    for unit in kinds["DEPARTMENT"]:
        assert waiting["PENDING", unit], unit
        assert waiting["SIGNED", unit], unit
    for kind in ("TOWNSHIP", "VILLAGE", "MEDIATION_COMMITTEE", "MEDIATION_JOINT_CENTRE"):
        for unit in kinds[kind]:
            assert waiting["PENDING", unit] + waiting["SIGNED", unit] + waiting["REPORTED_IN", unit], unit
    for grid in grids:
        if grid.level == 4:
            assert waiting["REPORTED", grid.code], grid
        if grid.level in (2, 3):
            for state in ("ACCEPTED", "ACCEPTED PROPOSED", "RETURN_ASKED", "HANDLED"):
                assert waiting[state, grid.code], (grid.code, state)


def test_some_wait_too_long(ends: list[Replay]) -> None:
    """A signed assignment whose return window has passed (5 working days at most) is there to be tried."""
    signed = [task for end in ends for task in end.tasks if task.state == "SIGNED" and task.whistle is None]
    assert [task for task in signed if NOW - task.since > timedelta(days=8)]
    assert [end for end in ends if end.paused]
    assert [end for end in ends if end.round == 2]


def test_the_same_on_every_run(county: tuple[list[GridPlan], dict[str, Polygon], Population]) -> None:
    def first(count: int) -> list[CasePlan]:
        return list(islice(quarter(*county, NOW, cases=2_000), count))

    assert first(300) == first(300)


@pytest.mark.parametrize("now", [datetime(2026, 3, 2, 1, tzinfo=UTC), datetime(2026, 10, 8, 16, 30, tzinfo=UTC)])
def test_other_seasons_and_hours(now: datetime, county: tuple[list[GridPlan], dict[str, Polygon], Population]) -> None:
    for plan in quarter(*county, now, cases=1_500):
        Replay(plan).run()
        assert plan.steps[-1].at < now


def test_a_plan_needs_an_aware_now_and_may_be_read_bit_by_bit(
    county: tuple[list[GridPlan], dict[str, Polygon], Population],
) -> None:
    with pytest.raises(ValueError, match="aware"):
        next(quarter(*county, datetime(2026, 11, 23)))
    assert isinstance(quarter(*county, NOW, cases=10), Iterator)


def test_another_county_lives_too() -> None:
    grids = county_grids("532923", leaves=2)
    shapes = tessellate(neighbour_outline(midu_outline()), grids)
    plans = list(quarter(grids, shapes, population(grids, studios=5), NOW, cases=200))
    assert len(plans) == 200
    assert {plan.grid[:6] for plan in plans} == {"532923"}
