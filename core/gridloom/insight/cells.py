"""Which figures a case adds to: from what was counted of it to cells of the tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gridloom.insight.codes import Part, Span, beginnings
from gridloom.insight.models import FigureDesk, FigureFlow, FigureGrid, FigureUnit

Table = type[FigureGrid] | type[FigureFlow] | type[FigureUnit] | type[FigureDesk]
Cell = tuple[str, ...]
"""A row of figures: its table and its key, ids and dates as text (their hashes are computed once)."""

Counters = dict[str, int]
TABLES: Mapping[str, Table] = {
    table.__tablename__: table for table in (FigureFlow, FigureUnit, FigureGrid, FigureDesk)
}
_FLOW, _UNIT, _GRID, _DESK = TABLES


class Cells(dict[Cell, Counters]):
    """How much each counter of each row gets."""

    def put(self, cell: Cell, counters: Mapping[str, int], sign: int = 1) -> None:
        """Add these counters to a row, or take them away."""
        row = self.get(cell)
        if row is None:
            row = self[cell] = {}
        for name, number in counters.items():
            row[name] = row.get(name, 0) + sign * number


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
# their quarters only, whole: a small number of quarrels in a village would tell whose they are. Plain text, not members of
# the code lists: an enum's hash is computed in Python, and this runs for every case.
_DAY, _WEEK, _QUARTER = (span.value for span in Span)
_ALL, _CATEGORY, _SEVERITY, _CHANNEL, _ITEM = (
    part.value for part in (Part.ALL, Part.CATEGORY, Part.SEVERITY, Part.CHANNEL, Part.ITEM)
)
_DEPTHS: tuple[tuple[tuple[str, str], ...], ...] = (
    (
        (_DAY, _ALL), (_DAY, _SEVERITY), (_WEEK, _ALL), (_QUARTER, _ALL), (_QUARTER, _CATEGORY), (_QUARTER, _SEVERITY),
        (_QUARTER, _CHANNEL), (_QUARTER, _ITEM),
    ),
    (
        (_DAY, _ALL), (_WEEK, _ALL), (_QUARTER, _ALL), (_QUARTER, _CATEGORY), (_QUARTER, _SEVERITY), (_QUARTER, _ITEM),
    ),
)
_SMALLER = ((_QUARTER, _ALL),)


def count_into(cells: Cells, path: Sequence[UUID], counted: Sequence[Any], sign: int = 1) -> None:
    """Add everything that a case counts for, or take it away."""
    (category, severity, channel, item), events, state, desks = counted
    grids = [str(grid) for grid in path]
    keys = {_ALL: "", _CATEGORY: category, _SEVERITY: severity, _CHANNEL: channel, _ITEM: item}
    for day, counters in _by_day(cells, grids, events, sign).items():
        since = beginnings(day)
        for depth, grid in enumerate(grids):
            for span, part in _DEPTHS[depth] if depth < len(_DEPTHS) else _SMALLER:
                cells.put((_FLOW, span, part, since[span], grid, keys[part]), counters, sign)
    if state is not None:
        present = dict.fromkeys(_open(severity, *state), 1)
        for grid in grids:
            cells.put((_GRID, grid), present, sign)
    for unit, status, overdue in desks:
        cells.put((_DESK, unit), dict.fromkeys(("open", status.lower(), *(("overdue",) if overdue else ())), 1), sign)


def _by_day(cells: Cells, grids: Sequence[str], events: Sequence[Any], sign: int) -> dict[str, Counters]:
    """What events add to their place, by day; what they add to units, and how long they took, is added at once."""
    days: dict[str, Counters] = {}
    for what, day, unit, hours, number in events:
        measure = MEASURES[what]
        quarter = beginnings(day)[_QUARTER]
        if measure.place:
            of_day = days.setdefault(day, {})
            for name in measure.place:
                of_day[name] = of_day.get(name, 0) + number
        if measure.time is not None:
            for grid in grids[: len(_DEPTHS)]:
                cells.put(
                    (_FLOW, _QUARTER, measure.time.value, quarter, grid, hours), dict.fromkeys(measure.place, number), sign
                )
        if measure.unit:
            cells.put((_UNIT, unit, quarter), dict.fromkeys(measure.unit, number), sign)
    return days


def _open(severity: str, status: str, paused: bool, overdue: bool) -> Iterator[str]:
    yield from ("open", status.lower(), severity.lower())
    if paused:
        yield "paused"
    if overdue:
        yield "overdue"
        if severity in ("CRITICAL", "URGENT"):
            yield f"overdue_{severity.lower()}"
