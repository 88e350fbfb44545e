"""Figures as GraphQL types: what happened in a place, what is open there, what units did. Each is one row of figures."""

from collections.abc import Callable
from datetime import date
from typing import Any

import strawberry
from sqlalchemy import Float, and_, cast, func, not_

from gridloom.grid.graphql import Grid
from gridloom.grid.models import GridRow
from gridloom.insight import models
from gridloom.insight.codes import FEWEST, PEOPLE, Part
from gridloom.insight.seeing import hidden, of_unit
from gridloom.people.graphql import Organization
from gridloom.reads import Binds, Cols, expr, many, maps, one, pages, part


@strawberry.type(description="So many of so many; whoever shows a share shows both.")
class Rate:
    """A share by its numerator and denominator."""

    numerator: int = strawberry.field(description="of these it holds")
    denominator: int = strawberry.field(description="of so many in all")


def _part(kind: Part) -> Callable[[Cols, Cols, Binds], Any]:
    """Rows of the same place and stretch, broken down. Where a number of quarrels is so small that it would tell whose
    they are, no class is told: what is left out could be reckoned from the rest."""
    def on(row: Cols, me: Cols, ask: Binds) -> Any:
        same = and_(
            row.span == me.span, row.part == kind.value, row.since == me.since, row.grid_id == me.grid_id,
        )
        if kind not in (Part.CATEGORY, Part.ITEM):
            return same
        return and_(same, not_(ask.exists(models.FigureFlow, lambda few: and_(
            few.span == me.span, few.part == Part.CATEGORY.value, few.since == me.since, few.grid_id == me.grid_id,
            few.key == PEOPLE, few.reported.between(1, FEWEST - 1),
        ))))
    return on


@maps(models.FigureFlow)
class FigurePart:
    """One part of what happened.

    key: the class, urgency, channel or item it is about
    reported: cases that came in
    closed: cases that were closed
    closed_late: of these, cases whose handling limit had run out
    reopened: cases that were opened again
    handled_in_time: handling limits that were kept, of those that ended
    """

    key: str
    reported: int
    closed: int
    closed_late: int
    reopened: int
    handled_in_time: Rate = part(numerator="handle_in_time", denominator="handle_ended")


@maps(models.FigureFlow)
class FigureTime:
    """How many took how long.

    under_hours: less than so many hours as the clock on the wall counts them, and no less than the next smaller; "more": longer
    ended: how many
    """

    under_hours: str = expr(lambda row, ask: row.key)
    ended: int = expr(lambda row, ask: row.accept_ended + row.handle_ended)


@maps(models.FigureFlow)
class Figures:
    """What happened in a place in a stretch of time, protected cases left out.

    since: the first day of the stretch, as the county counts its days
    reported: cases that came in
    self_handled: of these, cases solved on the spot
    accepted: cases that a centre took on
    rejected: cases that a centre declined
    closed: cases that were closed
    closed_late: of these, cases whose handling limit had run out
    reopened: cases that were opened again
    confirmed: handled cases that somebody else found in order
    sent_back: handled cases that somebody else found not in order
    whistles: whistles blown
    returns_asked: tasks that a unit wanted to be relieved of
    returns_upheld: of these, tasks from which it was relieved
    bounced_days: days that were lost with units which were then relieved
    cards: yellow and red cards issued
    accepted_in_time: limits for taking a report on or declining it that were kept, of those that ended
    handled_in_time: handling limits that were kept, of those that ended
    called: people who were reached when they were called back
    rated: people who said how satisfied they were; null below five
    satisfied: of these, 4 or 5 of 5; null where fewer than five rated
    unsatisfied: of these, 1 or 2 of 5; null where fewer than five rated
    by_category: by class of the list, of a county's or township's quarter; empty where it would tell whose quarrels they were
    by_severity: by urgency, of a county's day or quarter and of a township's quarter
    by_channel: by the way they came in, of a county's quarter
    by_item: by item of the list, of a county's or township's quarter; empty like by_category
    accept_time: how long taking on took, of a county's or township's quarter
    handle_time: how long handling took, of a county's or township's quarter
    """

    since: date
    reported: int
    self_handled: int
    accepted: int
    rejected: int
    closed: int
    closed_late: int
    reopened: int
    confirmed: int
    sent_back: int
    whistles: int
    returns_asked: int
    returns_upheld: int
    bounced_days: float = expr(lambda row, ask: cast(row.bounced_minutes, Float) / 1440)
    cards: int
    accepted_in_time: Rate = part(numerator="accept_in_time", denominator="accept_ended")
    handled_in_time: Rate = part(numerator="handle_in_time", denominator="handle_ended")
    called: int
    rated: int | None = expr(lambda row, ask: hidden(row.rated))
    satisfied: int | None = expr(lambda row, ask: hidden(row.satisfied, row.rated))
    unsatisfied: int | None = expr(lambda row, ask: hidden(row.unsatisfied, row.rated))
    by_category: list[FigurePart] = many(on=_part(Part.CATEGORY), order=["key"])
    by_severity: list[FigurePart] = many(on=_part(Part.SEVERITY), order=["key"])
    by_channel: list[FigurePart] = many(on=_part(Part.CHANNEL), order=["key"])
    by_item: list[FigurePart] = many(on=_part(Part.ITEM), order=["-reported", "key"])
    accept_time: list[FigureTime] = many(on=_part(Part.ACCEPT_TIME), order=["key"])
    handle_time: list[FigureTime] = many(on=_part(Part.HANDLE_TIME), order=["key"])


def _now(counter: str) -> Any:
    """A counter of what is open in a grid's subtree; 0 where nothing ever was."""
    return expr(lambda grid, ask: func.coalesce(ask.value(
        models.FigureGrid, lambda row: row[counter], lambda row: row.id == grid.id
    ), 0))


@maps(GridRow)
class OpenFigures:
    """What is open now in a place and everything in it, protected cases left out.

    grid: the place
    open: cases not ended
    reported: of these, cases no centre has taken on
    accepted: of these, cases that wait to be routed
    routed: of these, cases with units
    handled: of these, cases that wait for somebody else's look
    verified: of these, cases that wait to be closed
    critical: of the open ones, by urgency
    urgent: of the open ones, by urgency
    normal: of the open ones, by urgency
    low: of the open ones, by urgency
    paused: of the open ones, cases whose clocks stand
    overdue: of the open ones, cases past their time
    overdue_critical: of the overdue ones, by urgency
    overdue_urgent: of the overdue ones, by urgency
    """

    grid: Grid = one("id")
    open: int = _now("open")
    reported: int = _now("reported")
    accepted: int = _now("accepted")
    routed: int = _now("routed")
    handled: int = _now("handled")
    verified: int = _now("verified")
    critical: int = _now("critical")
    urgent: int = _now("urgent")
    normal: int = _now("normal")
    low: int = _now("low")
    paused: int = _now("paused")
    overdue: int = _now("overdue")
    overdue_critical: int = _now("overdue_critical")
    overdue_urgent: int = _now("overdue_urgent")


@maps(models.FigureUnit, visible=of_unit)
class UnitFigures:
    """What a unit did with its tasks in a quarter, protected cases left out.

    organization: the unit
    since: the first day of the quarter
    assigned: tasks it was given
    signed_in_time: tasks signed within the limit, of those signed
    reported_in_in_time: whistles answered by reporting in within the limit, of those answered
    done_in_time: tasks done within the limit, of those done
    excused: tasks of which the centre relieved it
    returns_asked: tasks it wanted to be relieved of
    returns_upheld: of these, tasks from which it was relieved
    bounced_days: days that were lost until it was relieved
    reminders: reminders it got
    yellow_cards: yellow cards it got
    red_cards: red cards it got
    """

    organization: Organization = one("organization_id")
    since: date
    assigned: int
    signed_in_time: Rate = part(numerator="sign_in_time", denominator="sign_ended")
    reported_in_in_time: Rate = part(numerator="report_in_in_time", denominator="report_in_ended")
    done_in_time: Rate = part(numerator="done_in_time", denominator="done")
    excused: int
    returns_asked: int
    returns_upheld: int
    bounced_days: float = expr(lambda row, ask: cast(row.bounced_minutes, Float) / 1440)
    reminders: int
    yellow_cards: int
    red_cards: int


@pages(UnitFigures)
class UnitFiguresConnection:
    """A page of units' quarters, the latest first."""


