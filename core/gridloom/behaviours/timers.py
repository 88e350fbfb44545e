"""What core does by the clock: steps of clocks that ran out, first steps of the calendar. Each exactly once.

The feed hands on the clocks that ran out; a step that somebody took meanwhile has stopped the clock, and then nothing
follows.
"""

import logging
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gridloom.behaviours import service
from gridloom.behaviours.county import element_rows
from gridloom.behaviours.matters import local_zone
from gridloom.behaviours.models import ElementRun, MatterRow, MechanismElementRow
from gridloom.clocks.models import ClockRow, ClockState
from gridloom.contract.declare import Mechanism, Schedule
from gridloom.contract.machine import Every
from gridloom.contract.types import Mode
from gridloom.errors import Denied, Refusal
from gridloom.people.models import Organization
from gridloom.work import CountyView, Work, Works

logger = logging.getLogger(__name__)


async def run_out(works: Works, county: CountyView, clock_id: UUID, matter_id: UUID) -> bool:
    """Take the step that follows when this clock of this matter has run out; whether it was taken.

    The matter's lock comes before its clock's, as in every step. A clock that was stopped or extended meanwhile leads to
    nothing, and so does a second call: after the step the matter's state is another.
    """
    async with works.open(county) as work:
        row = await service.find_matter(work.session, work.actor, matter_id, lock=True)
        if row is None:
            return False
        clock = (await work.session.execute(
            select(ClockRow).where(ClockRow.tenant_id == work.tenant, ClockRow.id == clock_id).with_for_update()
        )).scalar_one()
        bound = await service.bound_of(work, row)
        step = next((one.expires for one in bound.clocks if one.code == clock.code), None)
        if step is None or clock.state != ClockState.EXPIRED:
            return False
        return await service.take_by_core(work, row, step)


async def run_schedules(works: Works, county: CountyView | UUID) -> int:
    """Begin what elements begin by the calendar, for the present period; returns how many were begun."""
    view = await works.county(county)
    begun = 0
    for one in view.switched:
        mechanism = works.host.mechanisms.get(one.key)
        if one.mode is Mode.ON and mechanism is not None and any(element.schedule for element in mechanism.elements):
            begun += await _run_mechanism(works, view, mechanism)
    return begun


async def _run_mechanism(works: Works, view: CountyView, mechanism: Mechanism) -> int:
    begun = 0
    async with works.reading(view) as session:
        rows = [row for row in await element_rows(session, view.id, mechanism.key) if row.enabled]
    for row in rows:
        element = mechanism.element(row.like)
        if element is not None and element.schedule is not None:
            begun += await _run_element(works, view, mechanism, row, element.schedule)
    return begun


async def _run_element(
    works: Works, view: CountyView, mechanism: Mechanism, row: MechanismElementRow, schedule: Schedule
) -> bool:
    """Claim the period, then begin; a refusal is kept with the period and not tried again."""
    async with works.open(view) as work:
        period = period_of(work.now.astimezone(local_zone(work)).date(), schedule.every)
        claimed = await work.session.execute(
            pg_insert(ElementRun).values(
                tenant_id=work.tenant, plugin=mechanism.key, element=row.key, period=period, at=work.now
            ).on_conflict_do_nothing().returning(ElementRun.period)
        )
        if claimed.scalar_one_or_none() is None:
            return False
        run = await work.session.get_one(ElementRun, (work.tenant, mechanism.key, row.key, period))
        place = await place_named(work, schedule.at or mechanism.department)
        if place is None:
            run.problem = f"there is no organisation {schedule.at or mechanism.department}"
            return False
        values = schedule.form(period).model_dump()
        try:
            async with work.session.begin_nested():
                matter: MatterRow = await service.begin(
                    work, mechanism.key, row.key, schedule.step.key, values, organization=place
                )
                run.matter_id = matter.id
        except (Refusal, Denied) as refused:
            logger.exception("%s.%s could not be begun for %s", mechanism.key, row.key, period)
            run.problem, run.matter_id = str(refused), None
            return False
    return True


async def place_named(work: Work, code: str) -> UUID | None:
    """The open organisation that a declaration calls so: by its code, with or without the county's own before it."""
    return (await work.session.execute(
        select(Organization.id).where(
            Organization.tenant_id == work.tenant, Organization.code.in_((code, f"{work.county.code}{code}")),
            Organization.closed_at.is_(None),
        ).order_by(Organization.code).limit(1)
    )).scalar_one_or_none()


def period_of(day: date, every: Every) -> date:
    """The first day of the period that a day lies in; weeks begin on Monday."""
    if every == "WEEK":
        return day - timedelta(days=day.weekday())
    month = {"YEAR": 1, "QUARTER": (day.month - 1) // 3 * 3 + 1}.get(every, day.month)
    return day if every == "DAY" else date(day.year, month, 1)
