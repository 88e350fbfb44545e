"""Who sees which figures, which numbers are too small to be shown, and the county's own days, as SQL."""

from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, Date, and_, any_, case, cast, false, func, literal_column, or_, select

from gridloom.grid.models import GridRow
from gridloom.insight.codes import FEWEST, Span
from gridloom.people.models import Organization, StaffPost
from gridloom.people.roles import CENTRE_ROLES
from gridloom.reads import Binds, Cols
from gridloom.tenancy.models import County

LEADING = ("leader", *CENTRE_ROLES)


def answers_for(grid: Cols, ask: Binds) -> Any:
    """A leader or a centre sees the figures of their own territory and of everything in it."""
    if "overview" not in ask.can:
        return false()
    return ask.exists(StaffPost, lambda post: and_(
        post.staff_id == ask.actor, post.role.in_(LEADING), post.since <= ask.now,
        or_(post.until.is_(None), post.until > ask.now),
        or_(post.grid_id == any_(grid.path), ask.exists(Organization, lambda unit: and_(
            unit.id == post.organization_id, unit.grid_id == any_(grid.path),
        ))),
    ))


def of_grid(row: Cols, ask: Binds) -> Any:
    """A row about a grid is seen by whoever answers for the grid."""
    if "overview" not in ask.can:
        return false()
    return ask.exists(GridRow, lambda grid: and_(grid.id == row.grid_id, answers_for(grid, ask)))


def of_unit(row: Cols, ask: Binds) -> Any:
    """A unit sees its own figures, whoever has an overview sees those of all units."""
    return None if "overview" in ask.can else row.organization_id == any_(ask.scopes)


def today(ask: Binds) -> ColumnElement[Any]:
    """Now, as the county's clocks on the wall have it."""
    county = County.__table__.alias()
    zone = select(county.c.time_zone).where(county.c.id == ask.tenant).scalar_subquery()
    return func.timezone(zone, ask.now)


def began(span: Span, ask: Binds, *, ago: Literal["0 days", "3 months", "31 days"] = "0 days") -> ColumnElement[date]:
    """The first day of the county's present day, week or quarter, or of the one some time ago."""
    then = today(ask) - literal_column(f"interval '{ago}'")
    return cast(func.date_trunc(literal_column(f"'{span.value.lower()}'"), then), Date)


def hidden(number: ColumnElement[Any], of: ColumnElement[Any] | None = None) -> ColumnElement[Any]:
    """The number, unless there are fewer than five people in it, or in what it is a part of."""
    return case(((number if of is None else of) >= FEWEST, number), else_=None)
