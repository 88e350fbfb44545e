"""What leaders and centres see of their territory: what is open and late now, what happened, how well it was answered.

Everything is read from rows of figures, so it costs the same whatever the number of cases. Protected cases count nowhere.
Numbers of people below five are not shown, nothing is ranked, and no count is a score.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal
from typing import cast as cast_to

import strawberry
from sqlalchemy import ColumnElement, FromClause, Integer, Select, Subquery, Table, Text, and_, any_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from gridloom.cases.graphql import Case
from gridloom.cases.models import CaseRow
from gridloom.catalogue.graphql import Severity, WorkItem
from gridloom.dispatch.codes import OPEN_ASSIGNMENTS
from gridloom.dispatch.models import AssignmentRow
from gridloom.grid.graphql import Grid
from gridloom.grid.models import GridAncestor, GridRow
from gridloom.insight import models
from gridloom.insight.codes import Part, Span
from gridloom.insight.seeing import answers_for, began, of_grid
from gridloom.insight.types import Figures, OpenFigures, UnitFigures, UnitFiguresConnection
from gridloom.outbox import Delivery
from gridloom.people.graphql import Organization
from gridloom.people.models import Organization as OrganizationRow
from gridloom.reads import Binds, Cols, Query, connection, expr, extends, many, maps, one, pages, single

DAYS = 31
RED = 50
PLACES = 200
MOST_GRIDS = 5_000
ARRAY_WEIGHT = 500
"""What an array over a county's thousand grids costs beside a plain column: about a millisecond of the database."""


def _desk(counter: str) -> Any:
    return expr(lambda unit, ask: func.coalesce(ask.value(
        models.FigureDesk, lambda row: row[counter], lambda row: row.id == unit.id
    ), 0))


@maps(OrganizationRow)
class DeskFigures:
    """What lies on a unit's desk now, protected cases left out.

    organization: the unit
    open: tasks not ended
    pending: of these, tasks to be signed
    signed: of these, tasks signed
    reported_in: of these, tasks at which its person is there
    return_asked: of these, tasks it wants to be relieved of
    overdue: of the open ones, tasks past their time
    quarter: what it did in this quarter; null while it did nothing
    """

    organization: Organization = one("id")
    open: int = _desk("open")
    pending: int = _desk("pending")
    signed: int = _desk("signed")
    reported_in: int = _desk("reported_in")
    return_asked: int = _desk("return_asked")
    overdue: int = _desk("overdue")
    quarter: UnitFigures | None = one(on=lambda row, me, ask: and_(
        row.organization_id == me.id, row.since == began(Span.QUARTER, ask)
    ))


def _of_case(pick: Callable[[Cols], Any]) -> Callable[[Cols, Binds], Any]:
    return lambda row, ask: ask.value(CaseRow, pick, lambda own: own.id == row.id)


@maps(models.FigureCase)
class RedCase:
    """A case of which something is late, and what.

    number: the county's number for it
    severity: how urgent
    since: when the first of what is late was due
    why: what is late: due (the case's own time), or the limits that ran out, such as sl:accept, sl:sign, sl:report_in, sl:verify
    work_item: the item of the list
    grid: where it was reported
    unit: the unit in charge, null while it is with the centre
    case: the case, null where the caller may not open it
    """

    number: str = expr(_of_case(lambda own: own.number))
    severity: Severity = expr(_of_case(lambda own: own.severity))
    since: datetime = expr(lambda row, ask: row.red_since)
    why: list[str]
    work_item: WorkItem = one(on=lambda item, me, ask: item.id == _of_case(lambda own: own.item_version_id)(me, ask))
    grid: Grid = one(on=lambda grid, me, ask: grid.id == _of_case(lambda own: own.grid_id)(me, ask))
    unit: Organization | None = one(on=lambda unit, me, ask: unit.id == ask.value(
        AssignmentRow, lambda task: task.organization_id, lambda task: and_(
            task.case_id == me.id, task.role == "LEAD", task.visible, task.status.in_([str(one) for one in OPEN_ASSIGNMENTS]),
        )))
    case: Case | None = one("id")



def _flow(span: Span, ago: Literal["0 days", "3 months"] = "0 days") -> Callable[[Cols, Cols, Binds], Any]:
    """The place's row of the present day, week or quarter, or of the one before."""
    def on(row: Cols, me: Cols, ask: Binds) -> Any:
        return and_(
            row.span == span.value, row.part == Part.ALL.value, row.since == began(span, ask, ago=ago),
            row.grid_id == me.id,
        )
    return on


def _lately(row: Cols, me: Cols, ask: Binds) -> Any:
    return and_(
        row.span == Span.DAY.value, row.part == Part.ALL.value, row.since > began(Span.DAY, ask, ago="31 days"),
        row.grid_id == me.id,
    )


def _behind(grid: Cols, ask: Binds) -> Any:
    given = ask.value(Delivery, lambda row: row.last_position, lambda row: row.tenant_id == ask.tenant)
    counted = ask.value(models.FigureHead, lambda row: row.position, lambda row: row.tenant_id == ask.tenant)
    return cast(func.coalesce(given, 0) - func.coalesce(counted, 0), Integer)


@maps(GridRow, visible=answers_for)
class Overview:
    """What a leader sees of a territory. Figures are at most two seconds behind; protected cases count nowhere.

    grid: the territory
    behind: how many of the county's facts are not counted yet
    now: what is open in it
    places: what is open in each of the grids right below it, by code
    today: what happened today; null while nothing did
    this_week: what happened since Monday; null while nothing did
    quarter: what happened in this quarter; null while nothing did
    quarter_before: what happened in the quarter before; null where nothing did
    days: what happened in the last 31 days, the latest first; a day without anything is left out
    red: cases of which something is late, the longest late first, at most 50
    units: what lies on the desks of the departments, by code; of the whole county, so of its overview only
    """

    grid: Grid = one("id")
    behind: int = expr(_behind)
    now: OpenFigures = one("id")
    places: list[OpenFigures] = many("parent_id", where=lambda grid, ask: grid.ended_at.is_(None), order=["code"])
    today: Figures | None = one(on=_flow(Span.DAY))
    this_week: Figures | None = one(on=_flow(Span.WEEK))
    quarter: Figures | None = one(on=_flow(Span.QUARTER))
    quarter_before: Figures | None = one(on=_flow(Span.QUARTER, "3 months"))
    days: list[Figures] = many(on=_lately, order=["-since"], limit=DAYS)
    red: list[RedCase] = many(
        on=lambda row, me, ask: and_(row.red_since.is_not(None), me.id == any_(row.path)), order=["red_since"], limit=RED,
    )
    units: list[DeskFigures] = many(
        on=lambda unit, me, ask: and_(unit.kind == "DEPARTMENT", unit.closed_at.is_(None), me.parent_id.is_(None)),
        order=["code"], limit=PLACES,
    )


def _below(me: Cols, ask: Binds) -> tuple[Select[Any], FromClause]:
    """The living grids of a subtree, at most 5,000 in the order of their ids. By the path and not by the closure: it is a
    county's thousand rows read once, not a thousand look-ups."""
    grid, living = ask.alias(cast_to(Table, GridRow.__table__))
    found = select().select_from(grid).where(living, me.id == any_(grid.c.path), grid.c.ended_at.is_(None))
    return found.order_by(grid.c.id).limit(MOST_GRIDS).correlate_except(grid), grid


def _listed(rows: Subquery, kind: Any) -> Any:
    listed = func.array_agg(aggregate_order_by(rows.c.value, rows.c.id))
    return select(func.coalesce(listed, cast(literal("{}"), ARRAY(kind)))).select_from(rows).scalar_subquery()


def _each(pick: Callable[[Cols], ColumnElement[Any]], kind: Any) -> Any:
    """One value of each grid, as one array; all arrays of a map have the same order."""
    def make(me: Cols, ask: Binds) -> Any:
        found, grid = _below(me, ask)
        return _listed(found.add_columns(pick(grid.c).label("value"), grid.c.id.label("id")).subquery(), kind)
    return expr(make, weight=ARRAY_WEIGHT)


def _count(counter: str) -> Any:
    """A counter of each grid, as one array."""
    def make(me: Cols, ask: Binds) -> Any:
        found, grid = _below(me, ask)
        below = found.add_columns(grid.c.id.label("id")).subquery()
        now, counted = ask.alias(cast_to(Table, models.FigureGrid.__table__))
        rows = select(func.coalesce(now.c[counter], 0).label("value"), below.c.id.label("id")).select_from(
            below.outerjoin(now, and_(counted, now.c.id == below.c.id))
        ).correlate_except(below, now).subquery()
        return _listed(rows, Integer)
    return expr(make, weight=ARRAY_WEIGHT)


@maps(GridRow, visible=answers_for)
class GridMap:
    """What is open now in every grid of a subtree: arrays of equal length and order, for a map of the whole county.
    Names and codes need be asked for only once.

    ids: the grids, at most 5,000, in the order of their ids
    codes: their codes
    names: their names
    levels: their levels: 2 county, 3 township, 4 village, 5 grid
    open: cases not ended in each and below it
    overdue: of these, cases past their time
    critical: of the open ones, by urgency
    urgent: of the open ones, by urgency
    normal: of the open ones, by urgency
    low: of the open ones, by urgency
    paused: of the open ones, cases whose clocks stand
    """

    ids: list[str] = _each(lambda grid: cast(grid.id, Text), Text)
    codes: list[str] = _each(lambda grid: grid.code, Text)
    names: list[str] = _each(lambda grid: grid.name, Text)
    levels: list[int] = _each(lambda grid: cast(grid.level, Integer), Integer)
    open: list[int] = _count("open")
    overdue: list[int] = _count("overdue")
    critical: list[int] = _count("critical")
    urgent: list[int] = _count("urgent")
    normal: list[int] = _count("normal")
    low: list[int] = _count("low")
    paused: list[int] = _count("paused")


@maps(models.FigureFlow, visible=of_grid)
class Appraisal:
    """A place's quarter: shares with their numerators and denominators. Never a score, never a rank.

    grid: the place
    since: the first day of the quarter
    figures: what happened there
    """

    grid: Grid = one("grid_id")
    since: date
    figures: Figures = one("id")


@pages(Appraisal)
class AppraisalConnection:
    """A page of places' quarters, the latest first, places in no order that means anything."""


APPRAISAL_FILTERS = {
    "quarter": lambda row, value, ask: row.since == value,
    "level": lambda row, value, ask: ask.exists(GridRow, lambda grid: and_(grid.id == row.grid_id, grid.level == value)),
    "under": lambda row, value, ask: ask.exists(
        GridAncestor, lambda above: and_(above.ancestor_id == value, above.grid_id == row.grid_id)
    ),
}
UNIT_FILTERS = {
    "quarter": lambda row, value, ask: row.since == value,
    "organization_id": lambda row, value, ask: row.organization_id == value,
}


@extends(Grid)
class GridOpen:
    """What is open in a grid.

    open_case_count: open cases of the subtree, without protected ones; may lag two seconds
    """

    open_case_count: int = expr(lambda grid, ask: func.coalesce(ask.value(
        models.FigureGrid, lambda row: row.open, lambda row: row.id == grid.id
    ), 0))


@extends(Query)
class InsightQueries:
    """Figures of a territory and of units, for those who answer for them."""

    overview: Overview | None = single(
        by={"id": strawberry.ID, "code": str},
        doc="A territory by its grid's id or code; null with error NOT_FOUND where the caller does not answer for it.",
    )
    grid_map: GridMap | None = single(
        by={"id": strawberry.ID, "code": str},
        doc="Every grid below a grid, and itself, with what is open there; null with error NOT_FOUND where the caller does "
            "not answer for it.",
    )
    appraisals: AppraisalConnection = connection(
        args={"quarter": date, "level": int, "under": strawberry.ID}, filters=APPRAISAL_FILTERS,
        where=lambda row, ask: and_(row.span == Span.QUARTER.value, row.part == Part.ALL.value),
        order=["-since", "grid_id"],
        doc="Quarters of the places the caller answers for: of one quarter (its first day), of a level, below a grid.",
    )
    unit_figures: UnitFiguresConnection = connection(
        args={"quarter": date, "organization_id": strawberry.ID}, filters=UNIT_FILTERS,
        order=["-since", "organization_id"],
        doc="Quarters of units: of one quarter (its first day), of one unit. A unit sees its own.",
    )
