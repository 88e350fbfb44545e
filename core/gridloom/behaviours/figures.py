"""Figures of elements, counted by the database; what is too small to be shown is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.behaviours.models import MatterRow
from gridloom.clocks.models import ClockRow, ClockState
from gridloom.contract.declare import Behaviour, Figure, Mechanism
from gridloom.i18n import translate

NOTHING = "—"


@dataclass
class Counts:
    """An element's matters by state, of each clock how many runs ended and how many of them in time, and what was answered
    at (step, field) how often."""

    states: dict[str, int] = field(default_factory=dict)
    clocks: dict[str, tuple[int, int]] = field(default_factory=dict)
    answers: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)

    def of(self, states: Sequence[str]) -> int:
        return sum(self.states.get(state, 0) for state in states)


async def counts_of(
    session: AsyncSession, tenant: UUID, mechanisms: Sequence[Mechanism]
) -> Mapping[tuple[str, str], Counts]:
    """(plugin, element) → counts, with two statements whatever the number of elements, and one for each figure that counts
    answers."""
    plugins = [one.key for one in mechanisms]
    found: dict[tuple[str, str], Counts] = {}
    by_state = await session.execute(
        select(MatterRow.plugin, MatterRow.element, MatterRow.state, func.count())
        .where(MatterRow.tenant_id == tenant, MatterRow.plugin.in_(plugins))
        .group_by(MatterRow.plugin, MatterRow.element, MatterRow.state)
    )
    for plugin, element, state, number in by_state:
        found.setdefault((plugin, element), Counts()).states[state] = number
    in_time = cast(ClockRow.stopped_at <= ClockRow.due_at, Integer)
    by_clock = await session.execute(
        select(MatterRow.plugin, MatterRow.element, ClockRow.code, func.count(), func.sum(in_time))
        .join(ClockRow, (ClockRow.tenant_id == tenant) & (ClockRow.assignment_id == MatterRow.id))
        .where(MatterRow.tenant_id == tenant, MatterRow.plugin.in_(plugins), ClockRow.state == ClockState.STOPPED)
        .group_by(MatterRow.plugin, MatterRow.element, ClockRow.code)
    )
    for plugin, element, code, ended, met in by_clock:
        found.setdefault((plugin, element), Counts()).clocks[code] = (ended, met)
    asked = {
        (mechanism.key, element.key, figure.answers[0].key, figure.answers[1])
        for mechanism in mechanisms for element in mechanism.elements
        for figure in (element.figure, *element.figures) if figure.answers is not None
    }
    for plugin, base, step, name in sorted(asked):
        answer = MatterRow.forms[step]["values"][name].astext
        rows = await session.execute(
            select(MatterRow.element, answer, func.count())
            .where(MatterRow.tenant_id == tenant, MatterRow.plugin == plugin, MatterRow.base == base, answer.is_not(None))
            .group_by(MatterRow.element, answer)
        )
        for element, value, number in rows:
            found.setdefault((plugin, element), Counts()).answers.setdefault((step, name), {})[value] = number
    return found


def value_of(figure: Figure, behaviour: Behaviour, counts: Counts, locale: str) -> str:
    """The figure's text: a count, a percentage, or that there is nothing or too little to show."""
    if figure.within is not None:
        ended, met = counts.clocks.get(figure.within, (0, 0))
        return _share(met, ended, figure.hide_below, locale)
    if figure.answers is not None:
        step, name, values = figure.answers
        said = counts.answers.get((step.key, name), {})
        part = sum(said.get(value, 0) for value in values)
        if figure.share:
            return _share(part, sum(said.values()), figure.hide_below, locale)
        return _number(part, figure.hide_below, locale)
    still = [state.key for part in behaviour.parts if part.of is None for state in part.states if not state.ends]
    number = counts.of(figure.states or still)
    if figure.share_of:
        return _share(number, counts.of(figure.share_of), figure.hide_below, locale)
    return _number(number, figure.hide_below, locale)


def _number(number: int, hide_below: int, locale: str) -> str:
    if 0 < number < hide_below:
        return translate(locale, "mechanism-hidden", limit=hide_below)
    return str(number)


def _share(part: int, whole: int, hide_below: int, locale: str) -> str:
    if whole == 0:
        return NOTHING
    if whole < hide_below:
        return translate(locale, "mechanism-hidden", limit=hide_below)
    return f"{round(100 * part / whole)}%"
