"""Tables of figures. Each is a sum over what `figure_case` says was counted of every case; protected cases count nowhere."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.db import TenantRow, TenantTable, access, code_check, tenant_fk
from gridloom.insight.codes import Part, Span


def counter() -> Mapped[int]:
    """A number that begins at nothing."""
    return mapped_column(Integer, default=0, server_default=text("0"))


class FigureHead(TenantRow):
    """One row a county: the position of the last fact that was counted. Whoever holds its lock is the one who counts."""

    __tablename__ = "figure_head"
    position: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (access("queue"),)


class FigureCase(TenantTable):
    """What was counted of a case (`id` is the case's), so that counting it again counts only what changed.

    `look_at`: when something of it becomes overdue although nobody does anything; null where nothing will.
    `red_since`: when the first of what is late now was due; null where nothing is late. `why`: what is late, as the
    codes of clocks that ran out (`sl:accept`, `sl:sign` …) and `due` for the case's own time.
    """

    __tablename__ = "figure_case"
    counted: Mapped[list[Any]] = mapped_column(JSONB)
    path: Mapped[list[UUID]]
    look_at: Mapped[datetime | None]
    red_since: Mapped[datetime | None]
    why: Mapped[list[str]]
    __table_args__ = (
        tenant_fk("id", "case"),
        Index("ix_figure_case_tenant_look", "tenant_id", "look_at", postgresql_where=text("look_at IS NOT NULL")),
        Index("ix_figure_case_tenant_red", "tenant_id", "red_since", postgresql_where=text("red_since IS NOT NULL")),
        access("queue"),
    )


class FigureGrid(TenantTable):
    """What is open now in a grid's subtree (`id` is the grid's), by state and by urgency, and what of it is overdue."""

    __tablename__ = "figure_grid"
    open: Mapped[int] = counter()
    reported: Mapped[int] = counter()
    accepted: Mapped[int] = counter()
    routed: Mapped[int] = counter()
    handled: Mapped[int] = counter()
    verified: Mapped[int] = counter()
    critical: Mapped[int] = counter()
    urgent: Mapped[int] = counter()
    normal: Mapped[int] = counter()
    low: Mapped[int] = counter()
    paused: Mapped[int] = counter()
    overdue: Mapped[int] = counter()
    overdue_critical: Mapped[int] = counter()
    overdue_urgent: Mapped[int] = counter()
    __table_args__ = (tenant_fk("id", "grid"), access("queue"))


class FigureFlow(TenantTable):
    """What happened in a grid's subtree in a stretch of time, by the county's own days.

    `ended` and `in_time` of the parts ACCEPT_TIME and HANDLE_TIME are clocks that stopped; `bounced_minutes` is what
    units had of tasks from which they were then relieved.
    """

    __tablename__ = "figure_flow"
    grid_id: Mapped[UUID]
    span: Mapped[str]
    since: Mapped[date]
    part: Mapped[str]
    key: Mapped[str]
    reported: Mapped[int] = counter()
    self_handled: Mapped[int] = counter()
    accepted: Mapped[int] = counter()
    rejected: Mapped[int] = counter()
    closed: Mapped[int] = counter()
    closed_late: Mapped[int] = counter()
    reopened: Mapped[int] = counter()
    confirmed: Mapped[int] = counter()
    sent_back: Mapped[int] = counter()
    whistles: Mapped[int] = counter()
    returns_asked: Mapped[int] = counter()
    returns_upheld: Mapped[int] = counter()
    bounced_minutes: Mapped[int] = counter()
    cards: Mapped[int] = counter()
    accept_ended: Mapped[int] = counter()
    accept_in_time: Mapped[int] = counter()
    handle_ended: Mapped[int] = counter()
    handle_in_time: Mapped[int] = counter()
    called: Mapped[int] = counter()
    rated: Mapped[int] = counter()
    satisfied: Mapped[int] = counter()
    unsatisfied: Mapped[int] = counter()
    __table_args__ = (
        tenant_fk("grid_id", "grid"),
        code_check("span", Span),
        code_check("part", Part),
        # In this order one index serves a place's stretches and a stretch's places.
        UniqueConstraint("tenant_id", "span", "part", "since", "grid_id", "key"),
        access("queue"),
    )


class FigureUnit(TenantTable):
    """What a unit did with its tasks in a quarter (`since` is its first day), each step on the day it was taken."""

    __tablename__ = "figure_unit"
    organization_id: Mapped[UUID]
    since: Mapped[date]
    assigned: Mapped[int] = counter()
    sign_ended: Mapped[int] = counter()
    sign_in_time: Mapped[int] = counter()
    report_in_ended: Mapped[int] = counter()
    report_in_in_time: Mapped[int] = counter()
    done: Mapped[int] = counter()
    done_in_time: Mapped[int] = counter()
    excused: Mapped[int] = counter()
    returns_asked: Mapped[int] = counter()
    returns_upheld: Mapped[int] = counter()
    bounced_minutes: Mapped[int] = counter()
    reminders: Mapped[int] = counter()
    yellow_cards: Mapped[int] = counter()
    red_cards: Mapped[int] = counter()
    __table_args__ = (
        tenant_fk("organization_id", "organization"),
        UniqueConstraint("tenant_id", "organization_id", "since"),
        access("queue"),
    )


class FigureDesk(TenantTable):
    """What lies on a unit's desk now (`id` is the organisation's): open tasks by state, and how many are overdue."""

    __tablename__ = "figure_desk"
    open: Mapped[int] = counter()
    pending: Mapped[int] = counter()
    signed: Mapped[int] = counter()
    reported_in: Mapped[int] = counter()
    return_asked: Mapped[int] = counter()
    overdue: Mapped[int] = counter()
    __table_args__ = (tenant_fk("id", "organization"), access("queue"))
