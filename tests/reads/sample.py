"""The declarations of the small world: every kind of source at least once."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import strawberry
from sqlalchemy import and_, any_, not_
from strawberry.scalars import JSON

from gridloom.reads import (
    Binds,
    Cols,
    Filter,
    Filters,
    Query,
    Read,
    choose,
    column,
    connection,
    expr,
    extends,
    listing,
    load,
    many,
    maps,
    masked,
    one,
    page,
    pages,
    part,
    prime,
    single,
)
from tests.reads import models


@strawberry.enum
class State(StrEnum):
    OPEN = "OPEN"
    DONE = "DONE"


@strawberry.enum
class Mark(StrEnum):
    MINOR = "MINOR"
    PRIVATE = "PRIVATE"


def is_overdue(m: Cols, ask: Binds) -> Any:
    return and_(m.due_at.is_not(None), m.due_at < ask.now)


def seen(m: Cols, ask: Binds) -> Any:
    if "matter.all" in ask.can:
        return None
    return ask.exists(models.MatterScope, lambda s: and_(s.matter_id == m.id, s.scope_id == any_(ask.scopes)))


def may_read_address(m: Cols, ask: Binds) -> Any:
    return True if "address.read" in ask.can else m.reporter_id == ask.actor


@strawberry.interface(description="What can wait.")
class Work:
    id: strawberry.ID
    title: str


@strawberry.interface(description="What a mechanism notes.")
class Note:
    id: strawberry.ID
    title: str
    at: datetime


@strawberry.type
class Point:
    longitude: float
    latitude: float


@maps(models.StationRow)
class Station:
    """A place."""

    id: strawberry.ID
    code: str
    level: int
    parent: "Station | None" = one("parent_id")
    path: "list[Station]" = many(
        on=lambda station, me, ask: ask.exists(
            models.StationAbove, lambda a: and_(a.station_id == me.id, a.above_id == station.id)
        ),
        order=["level"],
    )


@maps(models.PersonRow)
class Person:
    name: str


@maps(models.StepRow)
class Step:
    at: datetime
    step: str
    person: Person | None = one("person_id")


@pages(Step, total="bounded")
class StepConnection:
    """Steps of a matter."""


@maps(models.MatterRow, visible=seen, kind="matter")
class Matter(Work, Read):
    """What was reported.

    number: the county's number for it
    """

    number: str
    state: State
    marks: list[Mark]
    score: float
    urgent: bool
    day: date | None
    reported_at: datetime
    due_at: datetime | None
    overdue: bool = expr(is_overdue)
    address: str | None = masked("address", mask="address_mask", shown=may_read_address)
    location: Point | None = part(longitude="longitude", latitude="latitude")
    extra: JSON = column("data")
    station: Station = one("station_id")
    reporter: Person | None = one("reporter_id")
    tasks: "list[Task]" = many("matter_id", order=["-role", "id"])
    leads: "list[Task]" = many("matter_id", order=["id"], where=lambda t, ask: t.role == "LEAD", limit=2)
    last_step: Step | None = one(back="matter_id", order=["-at"])
    steps: StepConnection = page("matter_id", order=["-at"], newest="order")
    notes: list[Note] = many("matter_id", order=["at"])

    @strawberry.field
    async def shouted(self, info: strawberry.Info) -> str:
        again = await load(info, Matter, self.row["id"])
        return f"{again.row['title']}!" if again else ""


@maps(models.TaskRow, kind="task")
class Task(Work):
    role: str
    return_: str = column("title", name="return")
    matter: Matter = one("matter_id", through=True)
    seen_matter: Matter | None = one("matter_id")


@pages(Matter, total="asked")
class MatterConnection:
    """Matters."""


@pages(Station)
class StationConnection:
    """Stations."""


@maps(models.WaitingRow)
class Waiting:
    id: strawberry.ID
    subject: Work | None = choose("kind", "subject_id")


@pages(Waiting)
class WaitingConnection:
    """What waits."""


@strawberry.input
class MatterFilter:
    state: list[State] | None = strawberry.UNSET
    overdue: bool | None = strawberry.UNSET
    station_id: strawberry.ID | None = strawberry.UNSET
    mark: Mark | None = strawberry.UNSET
    text: str | None = strawberry.UNSET
    since: datetime | None = strawberry.UNSET


FILTERS: Filters = {
    "state": lambda m, value, ask: m.state == any_(value),
    "overdue": lambda m, value, ask: is_overdue(m, ask) if value else not_(is_overdue(m, ask)),
    "station_id": lambda m, value, ask: m.station_id == value,
    "mark": lambda m, value, ask: value == any_(m.marks),
    "text": Filter(make=lambda m, value, ask: m.title.contains(value), prepare=str.strip),
    "since": lambda m, value, ask: m.reported_at >= value,
}


@extends(Query)
class Queries:
    matter: Matter | None = single(by={"id": strawberry.ID, "number": str})
    person: Person | None = single(by={"id": strawberry.ID})
    matters: MatterConnection = connection(input=MatterFilter, filters=FILTERS, order=["-reported_at"])
    stations: StationConnection = connection(
        args={"level": int, "code": str}, order=["code"],
        filters={"level": lambda s, value, ask: s.level == value, "code": lambda s, value, ask: s.code == value},
    )
    waiting: WaitingConnection = connection(order=["sort_at"])
    tasks: list[Task] = listing(
        args={"role": str}, filters={"role": lambda t, value, ask: t.role == value}, order=["-asked_at"]
    )

    @strawberry.field
    async def root_station(self, info: strawberry.Info) -> Station | None:
        async with info.context.reading() as session:
            found = await session.get(models.StationRow, (info.context.ask.tenant, info.context.root))
        return prime(info, Station, found) if found else None


@extends(Station)
class StationMatters:
    """Added by a later slice.

    open_count: how many are open
    """

    open_count: int = expr(
        lambda s, ask: ask.count(models.MatterRow, lambda m: and_(m.station_id == s.id, m.state == "OPEN"))
    )
    newest_title: str | None = expr(
        lambda s, ask: ask.value(
            models.MatterRow, lambda m: m.title, lambda m: m.station_id == s.id, order=["-reported_at"]
        )
    )


@maps(models.NoteRow, when={"plugin": "court", "element": "mediation"})
class CourtMediation(Note, Read):
    parties: int = expr(lambda n, ask: n.form["parties"].as_integer())


@maps(models.NoteRow, when={"plugin": "women", "element": "help"}, visible=lambda n, ask: n.title != "hidden")
class WomenHelp(Note):
    form: JSON
