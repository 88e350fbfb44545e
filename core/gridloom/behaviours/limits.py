"""Times of an element as core counts them: windows in which a step may be taken, a clock's limit as the county set it."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from gridloom.behaviours.county import Bound
from gridloom.behaviours.filling import restored
from gridloom.behaviours.matters import local_zone
from gridloom.behaviours.models import MatterRow, MatterStepRow
from gridloom.behaviours.taking import Taking
from gridloom.clocks.service import Limit, RollRule, Unit, due_after, statutory_clock
from gridloom.contract.declare import Clock, Step, Window, camel
from gridloom.contract.types import Form
from gridloom.errors import ProblemCode, Refusal, invalid
from gridloom.work import Work

MOST_MINUTES = 5_270_400
_UNITS: Mapping[str, Unit] = {
    "minutes": Unit.MINUTE, "hours": Unit.HOUR, "working_hours": Unit.WORKING_HOUR, "days": Unit.DAY,
    "working_days": Unit.WORKING_DAY, "months": Unit.MONTH,
}


def declared_limit(given: Clock | Window) -> Limit:
    """The limit that the declaration says."""
    for name, unit in _UNITS.items():
        value = getattr(given, name)
        if value is not None:
            return Limit(value, unit)
    raise ValueError(f"{given} has no limit")


def limit_of(bound: Bound, clock: Clock) -> Limit:
    """A service level as the county set it for this element, else as declared."""
    own = (bound.row.service_levels if bound.row is not None else {}).get(clock.code)
    return Limit(int(own["value"]), Unit(own["unit"])) if own else declared_limit(clock)


def moment(work: Work, value: date | datetime | None) -> datetime | None:
    """A date of the form as the county's midnight; a time as it is, by the county's clock where it has no zone."""
    if value is None:
        return None
    zone = local_zone(work)
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=zone)
    return datetime.combine(value, time.min, zone)


def days_until(work: Work, end: date, began: datetime, *path: str) -> Limit:
    """Calendar days up to and with that day. Raises `Refusal` VALIDATION for a day that is not ahead, or ten years off."""
    days = (end - began.astimezone(local_zone(work)).date()).days
    if days < 0:
        raise invalid("matter-date-past", *path)
    try:
        return Limit(days, Unit.DAY)
    except ValueError:
        raise invalid("matter-date-far", *path) from None


def minutes_until(work: Work, day: date) -> Limit:
    """Minutes up to the first moment of that day; none where it has begun, at most ten years."""
    ahead = datetime.combine(day, time.min, local_zone(work)) - work.now
    return Limit(min(max(0, -(-ahead // timedelta(minutes=1))), MOST_MINUTES), Unit.MINUTE)


async def check_windows(work: Work, taking: Taking) -> None:
    """Raises `Refusal` WINDOW_CLOSED where the time for this step is over."""
    element = taking.bound.element
    for window in element.windows if element is not None and taking.bound.speaks else ():
        if window.step is taking.step and not (window.excused and getattr(taking.form, window.excused)):
            began = await _since(work, taking, window)
            limit, roll = await _window_limit(work, window)
            if began is not None and limit is not None and work.now >= await due_after(work, began, limit, roll):
                where = (camel(window.starting),) if window.since is None else ()
                raise Refusal(ProblemCode.WINDOW_CLOSED, "matter-window-closed", path=where)


async def _window_limit(work: Work, window: Window) -> tuple[Limit | None, RollRule]:
    if not window.code:
        return declared_limit(window), RollRule.NONE_STATED
    law = await statutory_clock(work, window.code, work.now.astimezone(local_zone(work)).date())
    if law is None or law.limit_value is None:
        return None, RollRule.NONE_STATED
    return Limit.of(law.limit_value, law.unit), RollRule(law.roll_rule)


async def _since(work: Work, taking: Taking, window: Window) -> datetime | None:
    if window.since is None:
        return moment(work, getattr(taking.form, window.starting))
    row = taking.row or taking.parent
    if row is None:
        return None
    if window.starting:
        filled = _filled(taking.bound, row, window.since)
        return moment(work, getattr(filled, window.starting, None))
    return await taken_at(work, row, window.since)


def _filled(bound: Bound, row: MatterRow, step: Step[Any]) -> Form | None:
    kept = row.forms.get(step.key)
    return restored(bound.form_of(step), kept) if kept is not None else None


async def taken_at(work: Work, row: MatterRow, step: Step[Any]) -> datetime | None:
    """When a step of the matter was taken last."""
    return (await work.session.execute(
        select(MatterStepRow.at)
        .where(
            MatterStepRow.tenant_id == work.tenant, MatterStepRow.matter_id == row.id, MatterStepRow.step == step.key
        )
        .order_by(MatterStepRow.at.desc()).limit(1)
    )).scalar_one_or_none()
