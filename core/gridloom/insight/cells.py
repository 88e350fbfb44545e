"""Which figures a case adds to: from what was counted of it to cells of the tables."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from gridloom.insight.codes import Part, Span, beginnings
from gridloom.insight.models import FigureDesk, FigureFlow, FigureGrid, FigureUnit

Table = type[FigureGrid] | type[FigureFlow] | type[FigureUnit] | type[FigureDesk]
Cell = tuple[Table, tuple[Any, ...]]
"""A row of figures: its table and its key."""

Cells = Counter[tuple[Cell, str]]
"""How much each counter of each row gets."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Which counters an event adds to: of its place, of its unit; and the part that says how long it took."""

    place: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    time: Part | None = None


_OWN = ("reported", "self_handled", "accepted", "rejected", "closed", "closed_late", "reopened", "confirmed", "sent_back",
        "whistles", "called", "rated", "satisfied", "unsatisfied")
MEASURES: Mapping[str, Measure] = {
    **{name: Measure(place=(name,)) for name in _OWN},
    "accept_in_time": Measure(place=("accept_ended", "accept_in_time"), time=Part.ACCEPT_TIME),
    "accept_late": Measure(place=("accept_ended",), time=Part.ACCEPT_TIME),
    "handle_in_time": Measure(place=("handle_ended", "handle_in_time"), time=Part.HANDLE_TIME),
    "handle_late": Measure(place=("handle_ended",), time=Part.HANDLE_TIME),
    **{name: Measure(place=(name,), unit=(name,)) for name in ("returns_asked", "returns_upheld", "bounced_minutes")},
    "yellow_cards": Measure(place=("cards",), unit=("yellow_cards",)),
    "red_cards": Measure(place=("cards",), unit=("red_cards",)),
    **{name: Measure(unit=(name,)) for name in ("assigned", "excused", "reminders")},
    "sign_in_time": Measure(unit=("sign_ended", "sign_in_time")),
    "sign_late": Measure(unit=("sign_ended",)),
    "report_in_in_time": Measure(unit=("report_in_ended", "report_in_in_time")),
    "report_in_late": Measure(unit=("report_in_ended",)),
    "done_in_time": Measure(unit=("done", "done_in_time")),
    "done_late": Measure(unit=("done",)),
}

# By depth below the county's own grid: which stretches are kept, and by what they are broken down. Smaller places have
# their quarters only, whole: a small number of quarrels in a village would tell whose they are.
_DEPTHS: tuple[tuple[tuple[Span, Part], ...], ...] = (
    (
        (Span.DAY, Part.ALL), (Span.DAY, Part.SEVERITY), (Span.WEEK, Part.ALL), (Span.QUARTER, Part.ALL),
        (Span.QUARTER, Part.CATEGORY), (Span.QUARTER, Part.SEVERITY), (Span.QUARTER, Part.CHANNEL),
        (Span.QUARTER, Part.ITEM),
    ),
    (
        (Span.DAY, Part.ALL), (Span.WEEK, Part.ALL), (Span.QUARTER, Part.ALL), (Span.QUARTER, Part.CATEGORY),
        (Span.QUARTER, Part.SEVERITY), (Span.QUARTER, Part.ITEM),
    ),
)
_SMALLER = ((Span.QUARTER, Part.ALL),)


def cells_of(path: Sequence[UUID], counted: Sequence[Any]) -> Cells:
    """All cells of one case."""
    (category, severity, channel, item), events, state, desks = counted
    keys = {
        Part.ALL: "", Part.CATEGORY: category, Part.SEVERITY: severity, Part.CHANNEL: channel, Part.ITEM: item,
    }
    cells: Cells = Counter()
    for what, day, unit, key, number in events:
        measure = MEASURES[what]
        since = beginnings(date.fromisoformat(day))
        if measure.place:
            for cell in _places(path, since, keys, measure.time, key):
                for name in measure.place:
                    cells[cell, name] += number
        for name in measure.unit:
            cells[(FigureUnit, (UUID(unit), since[Span.QUARTER])), name] += number
    if state is not None:
        for grid in path:
            for name in _open(severity, *state):
                cells[(FigureGrid, (grid,)), name] += 1
    for unit, status, overdue in desks:
        for name in ("open", status.lower(), *(("overdue",) if overdue else ())):
            cells[(FigureDesk, (UUID(unit),)), name] += 1
    return cells


def _places(
    path: Sequence[UUID], since: Mapping[Span, date], keys: Mapping[Part, str], time: Part | None, hours: str
) -> Iterator[Cell]:
    for depth, grid in enumerate(path):
        kept = _DEPTHS[depth] if depth < len(_DEPTHS) else _SMALLER
        for span, part in kept:
            yield FigureFlow, (span.value, part.value, since[span], grid, keys[part])
        if time is not None and depth < len(_DEPTHS):
            yield FigureFlow, (Span.QUARTER.value, time.value, since[Span.QUARTER], grid, hours)


def _open(severity: str, status: str, paused: bool, overdue: bool) -> Iterator[str]:
    yield from ("open", status.lower(), severity.lower())
    if paused:
        yield "paused"
    if overdue:
        yield "overdue"
        if severity in ("CRITICAL", "URGENT"):
            yield f"overdue_{severity.lower()}"
