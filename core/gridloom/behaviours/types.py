"""Matters as outside systems see them: core's own view of each, whatever plugin it belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import and_, any_, or_

from gridloom.behaviours import models
from gridloom.behaviours.county import Bound, bind, with_receiver
from gridloom.behaviours.seats import Seat, seats_of
from gridloom.behaviours.service import allowed_steps
from gridloom.cases.graphql import Case, Work
from gridloom.clocks.graphql import Clock
from gridloom.clocks.models import ClockRow
from gridloom.context import Info
from gridloom.contract.types import Mode
from gridloom.people.graphql import Organization, Staff
from gridloom.problems import Problem
from gridloom.reads import Binds, Cols, Query, Read, column, connection, expr, extends, many, maps, one, pages, single


@strawberry.interface(
    description="What a mechanism holds about a case; plugins implement it with their own types."
)
class MechanismRecord:
    """One matter, by the type of its element."""

    id: strawberry.ID
    mechanism: str
    element: str
    title: str
    state: str
    at: datetime


def seen(matter: Cols, ask: Binds) -> Any:
    """A matter is seen by the organisations in it, by the centre that runs its case, by who found and who handles it; one
    of named persons by those persons alone."""
    sides = (
        matter.origin_id, matter.counterpart_id, matter.supervisor_id, matter.owner_id, matter.finder_id,
        matter.assignee_id,
    )
    named = matter.named_ids.op("&&")(ask.scopes)
    return or_(and_(matter.named_ids.is_(None), or_(*(side == any_(ask.scopes) for side in sides))), named)


def due_at(matter: Cols, ask: Binds) -> Any:
    """When the earliest open clock of a matter is due."""
    return ask.value(
        ClockRow, lambda clock: clock.due_at,
        lambda clock: and_(clock.assignment_id == matter.id, clock.stopped_at.is_(None)), order=["due_at"],
    )


@maps(models.MatterStepRow)
class MatterStep:
    """One step of a matter as it was taken.

    at: when
    step: its key in the behaviour's table
    state: the state it led to
    owner: who owned the matter afterwards
    organization: for whom it was taken
    actor: null where a department's system or the service itself acted
    """

    at: datetime
    step: str
    state: str
    owner: Organization = one("owner_id")
    organization: Organization | None = one("organization_id")
    actor: Staff | None = one("staff_id")


@maps(models.MatterRow, visible=seen, kind="matter")
class Matter(Work, Read):
    """A matter of any mechanism. The element's own type, with its forms, is among a case's `records`.

    mechanism: the plugin's key
    element: the element's key
    part: which of the behaviour's machines it is, such as point or visit
    title: what it is about
    state: where it stands in the behaviour
    version: send it back with every step
    began_at: when it began
    at: when it last changed
    due_at: when the earliest of its open clocks is due
    owner: who owns it now; always exactly one
    origin: who began it
    counterpart: whom it is addressed to
    case: the case it is about, where the caller sees it
    parent: such as the point of a visit
    clocks: its limits
    steps: what happened, oldest first
    """

    id: strawberry.ID
    mechanism: str = column("plugin")
    element: str
    part: str
    title: str
    state: str
    version: int
    began_at: datetime
    at: datetime
    due_at: datetime | None = expr(due_at)
    owner: Organization = one("owner_id")
    origin: Organization = one("origin_id")
    counterpart: Organization | None = one("counterpart_id")
    case: Case | None = one("case_id")
    parent: "Matter | None" = one("parent_id")
    clocks: list[Clock] = many("assignment_id", order=["started_at"], through=True)
    steps: list[MatterStep] = many("matter_id", order=["at"])

    @strawberry.field(description="Names of the mutations that the caller may use on this matter now.")
    async def allowed_steps(self, info: Info) -> list[str]:
        return await steps_open(info, self.row)


@pages(Matter, total="bounded")
class MatterConnection:
    """A page of matters, newest change first."""


MATTER_FILTERS = {
    "mechanism": lambda row, value, ask: row.plugin == value,
    "element": lambda row, value, ask: row.element == value,
    "part": lambda row, value, ask: row.part == value,
    "state": lambda row, value, ask: row.state == value,
    "open": lambda row, value, ask: row.open.is_(value),
}


@extends(Query)
class MatterQueries:
    """Matters of every mechanism, also of one that is switched off."""

    matter: Matter | None = single(by={"id": strawberry.ID}, doc="By id; null with error NOT_FOUND when hidden.")
    matters: MatterConnection = connection(
        args={"mechanism": str, "element": str, "part": str, "state": str, "open": bool}, filters=MATTER_FILTERS,
        order=["-at"], doc="Matters that the caller's organisations are in, newest change first.",
    )


@extends(Case)
class CaseRecords:
    """What mechanisms hold about a case.

    records: matters of the plugins that are on, each by its element's type, as far as the caller is in them
    """

    records: list[MechanismRecord] = many("case_id", order=["at"])


@strawberry.type(description="The answer to a step on a matter; problems mean that nothing changed.")
class MatterPayload:
    """The matter as it stands now."""

    matter: Matter | None
    replayed: bool
    problems: list[Problem]


async def seats(info: Info) -> tuple[Seat, ...]:
    """The caller's seats, read once a request."""
    context: Any = info.context
    if getattr(context, "matter_seats", None) is None:
        async with context.reading() as session:
            context.matter_seats = await seats_of(session, context.actor)
    found: tuple[Seat, ...] = context.matter_seats
    return found


async def bound(info: Info, plugin: str, element: str) -> Bound | None:
    """An element of the caller's county with its code, read once a request."""
    context: Any = info.context
    kept: dict[tuple[str, str], Bound | None] = context.__dict__.setdefault("matter_elements", {})
    if (plugin, element) not in kept:
        mode = next((one.mode for one in context.county.switched if one.key == plugin), Mode.OFF)
        async with context.reading() as session:
            kept[(plugin, element)] = await bind(
                session, context.tenant, context.works.host, plugin, element, mode
            )
    return kept[(plugin, element)]


async def steps_open(info: Info, row: Any) -> list[str]:
    """Names of the mutations that the caller may use on the matter of this row now."""
    found = await bound(info, row["plugin"], row["element"])
    if found is None:
        return []
    receiver = row["receiver_plugin"]
    mode = next((one.mode for one in info.context.county.switched if one.key == receiver), Mode.OFF)
    found = with_receiver(found, info.context.works.host, receiver, row["receiver_element"], mode)
    standing = Stood(**{name: row[name] for name in Stood.__slots__})
    return allowed_steps(found, standing, await seats(info))


@dataclass(frozen=True, slots=True)
class Stood:
    """What of a row read as a mapping decides its steps."""

    state: str
    part: str
    owner_id: UUID
    origin_id: UUID
    counterpart_id: UUID | None
    supervisor_id: UUID | None
    assignee_id: UUID | None
    takers: Mapping[str, Any]
