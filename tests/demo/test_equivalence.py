"""A history told in bulk leaves behind, row by row, what the services leave when they take the same steps."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from gridloom import runtime
from gridloom.cases.models import CaseRow
from gridloom.cases.service import report_case
from gridloom.clocks.service import fire_due
from gridloom.config import Settings
from gridloom.demo.history import read_world, tell_plan
from gridloom.demo.ledger import Ledger, write
from gridloom.demo.life import Seed, quarter
from gridloom.demo.plans import ActorPlan, CasePlan, Input, StepPlan
from gridloom.demo.replay import Replay, report_of
from gridloom.dispatch.steps import STEP_NAMES
from gridloom.feed.service import deliver
from gridloom.outbox import Due
from gridloom.work import CountyView
from tests.demo.left_behind import Row, left_behind, positions
from tests.support.demo import small_county

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
PLANS, MOST = 2_400, 72
OPEN_END, COURSE = "stands open", "a course and its end"
WEIGHTS = {OPEN_END: 3, COURSE: 30}
PATHS = {"SELF_HANDLED", "REJECTED", "ROUTED", "EMERGENCY", "VIOLENCE", "ROUTINE", "KEY", "HARD"}


class SetClock:
    """Stands at a moment until it is told another."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@dataclass
class Twice:
    """Every plan with the case told of it and the case made of it by the services."""

    service: runtime.Service
    county: CountyView
    plans: list[CasePlan]
    told: list[UUID]
    made: list[UUID]


@pytest.fixture(scope="module")
async def twice(database: Settings) -> AsyncIterator[Twice]:
    clock = SetClock(NOW)
    service = runtime.build(database, clock=clock)
    await runtime.start(service)
    try:
        county, place = await small_county(service)
        view = await service.county(place.tenant)
        leaf = county.grids[-1].code
        rare = [Seed(NOW - timedelta(days=day), item, leaf) for item in ("A-08", "B-01") for day in range(3, 33, 3)]
        life = quarter(county.grids, place.shapes, county.people, NOW, cases=PLANS, extra=rare)
        plans = chosen(list(life))
        still = next(
            one for one in plans if one.path == "ROUTED" and {"routeCase", "signAssignment"} <= {s.name for s in one.steps}
        )
        plans.append(standing_still(still))
        async with service.open(view) as work:
            world = await read_world(work, place.people)
        ledger = Ledger(view.id, 1)
        told = [tell_plan(world, ledger, plan).id for plan in plans]
        async with service.open(view) as work:
            await write(work, ledger.take())
            await ledger.finish(work)
        replay = Patient(service, view.id, place.people, clock=clock)
        made = [await replay.run_all(plan) for plan in plans]
        while await _deliver(service, view):
            pass
        yield Twice(service, view, plans, told, made)
    finally:
        await service.close()


@dataclass
class Patient(Replay):
    """Lets the worker look at every moment at which something is due before it takes a step."""

    clock: SetClock | None = None

    async def before(self, moment: datetime) -> None:
        assert self.clock is not None
        while True:
            async with self.works.reading(self.tenant) as session:
                due = (await session.execute(
                    select(func.min(Due.due_at)).where(Due.tenant_id == self.tenant, Due.kind == "clock")
                )).scalar_one()
            if due is None or due > moment:
                break
            self.clock.moment = due
            await fire_due(self.works, self.tenant)
        self.clock.moment = NOW

    async def run_all(self, plan: CasePlan) -> UUID:
        case_id = await self.run(plan)
        await self.before(NOW)
        return case_id


async def _deliver(service: runtime.Service, county: CountyView) -> int:
    async with service.open(county) as work:
        return await deliver(work)


def features(plan: CasePlan) -> Iterator[tuple[Any, ...]]:
    """What a plan shows that another may not."""
    names = [step.name for step in plan.steps]
    if names[-1] not in ("closeCase", "rejectCase"):
        yield OPEN_END, plan.path, *names[-2:]
    yield COURSE, plan.path, names[-1]
    if any(step.inputs.get("passed") is False for step in plan.steps):
        yield COURSE, "sent back", "reportIn" in names
    answers = ("upheld", "passed", "approved", "reached", "grade", "card", "selfHandled")
    for before, step in zip((None, *plan.steps), plan.steps, strict=False):
        given = tuple((name, step.inputs[name]) for name in answers if name in step.inputs)
        yield step.name, given, step.actor.role, "reportIn" in names
        yield before and before.name, step.name
        yield step.name, tuple(sorted(step.inputs))
        yield plan.path, step.name


def chosen(plans: Sequence[CasePlan]) -> list[CasePlan]:
    """Few plans that show everything twice where there are two: each shows something that those before it do not."""
    wanted = Counter({feature: 2 for plan in plans for feature in features(plan)})
    rest = {plan.ordinal: set(features(plan)) for plan in plans}
    picked: list[int] = []

    def gain(ordinal: int) -> tuple[int, int]:
        new = [one for one in rest[ordinal] if wanted[one] > 0]
        return sum(WEIGHTS.get(one[0], 1) for one in new), -ordinal

    while rest and len(picked) < MOST:
        best = max(rest, key=gain)
        wanted.subtract(rest.pop(best))
        picked.append(best)
    return [plan for plan in plans if plan.ordinal in picked]


def standing_still(plan: CasePlan) -> CasePlan:
    """What plans of ordinary life never do: tasks signed and reported in, and more time given, while the case pauses."""
    names = [step.name for step in plan.steps]
    steps = list(plan.steps[: names.index("routeCase") + 1])
    centre, unit = steps[-1].actor, plan.steps[names.index("signAssignment")].actor
    lead = replace(centre, person=centre.person.replace("officer", "lead")[:-1] + "1", role="centre_lead")

    def then(name: str, actor: ActorPlan, **inputs: Input) -> None:
        steps.append(StepPlan(name, steps[-1].at + timedelta(hours=1), actor, inputs))

    then("pauseCase", centre, reason="等材料", missing="身份证明")
    then("signAssignment", unit, assignmentId=0)
    then("extendCase", lead, reason="路远", workingDays=3)
    then("reportIn", unit, assignmentId=0, personName="杨师傅")
    then("resumeCase", centre)
    then("pauseCase", centre, reason="再等", missing="合同")
    return replace(plan, ordinal=plan.ordinal + 100_000, steps=tuple(steps))


def test_the_plans_show_every_course_and_every_step(twice: Twice) -> None:
    assert {plan.path for plan in twice.plans} == PATHS
    steps = {step.name for plan in twice.plans for step in plan.steps}
    assert steps == {"reportCase", *STEP_NAMES}
    assert len(steps) == 23
    assert len(twice.plans) >= 60
    ends = Counter(plan.steps[-1].name for plan in twice.plans)
    assert sum(count for step, count in ends.items() if step not in ("closeCase", "rejectCase")) >= 20


async def test_both_leave_the_same_behind(twice: Twice) -> None:
    differences: list[str] = []
    compared: dict[str, int] = {}
    for plan, told, made in zip(twice.plans, twice.told, twice.made, strict=True):
        async with twice.service.open(twice.county) as work:
            bulk, services = await left_behind(work, told), await left_behind(work, made)
        assert bulk.keys() == services.keys()
        for table, rows in services.items():
            compared[table] = compared.get(table, 0) + len(rows)
            differences += [
                f"plan {plan.ordinal} {plan.path} {[step.name for step in plan.steps]}\n    {table}: {line}"
                for line in unlike(bulk[table], rows)
            ]
    assert not differences, f"{len(differences)} differences\n" + "\n".join(differences[:60])
    assert {table for table, count in compared.items() if not count} == {"attachment", "external_reference"}


def unlike(bulk: list[Row], services: list[Row]) -> Iterator[str]:
    """What differs between the rows, a line for each."""
    if len(bulk) != len(services):
        yield f"{len(bulk)} rows told, {len(services)} made: {bulk} / {services}"
        return
    for place, (left, right) in enumerate(zip(bulk, services, strict=True)):
        for column in sorted(left.keys() | right.keys()):
            one, other = left.get(column, "missing"), right.get(column, "missing")
            if one != other:
                yield f"row {place} {column}: told {one!r}, made {other!r}"


async def test_facts_are_delivered_in_the_same_order(twice: Twice) -> None:
    async with twice.service.open(twice.county) as work:
        told, made = await positions(work, twice.told), await positions(work, twice.made)
    assert [told[one] for one in twice.told] == [made[one] for one in twice.made]


async def test_numbers_go_on_where_the_telling_ended(twice: Twice) -> None:
    async with twice.service.open(twice.county) as work:
        numbers = list((await work.session.execute(
            select(CaseRow.number).where(CaseRow.tenant_id == work.tenant)
        )).scalars())
    assert len(numbers) == len(set(numbers)) == 2 * len(twice.plans)
    plan = next(plan for plan in twice.plans if plan.path == "ROUTED")
    async with twice.service.open(twice.county) as work:
        report = await report_case(work, report_of(plan.steps[0].inputs))
        await work.flush()
        number = (await work.session.get_one(CaseRow, (work.tenant, UUID(report["case"])))).number
    assert number not in numbers
