"""Tables of a small world, apart from the product's: stations, people, matters, their steps, notes of mechanisms."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from gridloom.ids import uuid7


class Base(DeclarativeBase):
    """Metadata of its own: the product's tables and these never meet."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True), UUID: Uuid(), str: Text(), dict[str, Any]: JSONB(), list[str]: ARRAY(Text()),
    }


class Row(Base):
    __abstract__ = True
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-20)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-19)


class StationRow(Row):
    __tablename__ = "t_station"
    code: Mapped[str]
    parent_id: Mapped[UUID | None]
    level: Mapped[int]


class StationAbove(Base):
    __tablename__ = "t_station_above"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    station_id: Mapped[UUID] = mapped_column(primary_key=True)
    above_id: Mapped[UUID] = mapped_column(primary_key=True)


class PersonRow(Row):
    __tablename__ = "t_person"
    name: Mapped[str]


class MatterRow(Row):
    __tablename__ = "t_matter"
    number: Mapped[str]
    title: Mapped[str]
    state: Mapped[str]
    marks: Mapped[list[str]]
    score: Mapped[float]
    urgent: Mapped[bool]
    day: Mapped[date | None]
    reported_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    station_id: Mapped[UUID]
    reporter_id: Mapped[UUID | None]
    address: Mapped[str | None]
    address_mask: Mapped[str | None]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    data: Mapped[dict[str, Any]]


class MatterScope(Base):
    __tablename__ = "t_matter_scope"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(primary_key=True)
    scope_id: Mapped[UUID] = mapped_column(primary_key=True)


class StepRow(Row):
    __tablename__ = "t_step"
    matter_id: Mapped[UUID]
    at: Mapped[datetime]
    step: Mapped[str]
    person_id: Mapped[UUID | None]


class TaskRow(Row):
    __tablename__ = "t_task"
    matter_id: Mapped[UUID]
    role: Mapped[str]
    title: Mapped[str]
    asked_at: Mapped[datetime]


class NoteRow(Row):
    __tablename__ = "t_note"
    matter_id: Mapped[UUID]
    plugin: Mapped[str]
    element: Mapped[str]
    title: Mapped[str]
    at: Mapped[datetime]
    form: Mapped[dict[str, Any]]


class WaitingRow(Row):
    __tablename__ = "t_waiting"
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    sort_at: Mapped[datetime]


class LongRow(Row):
    __tablename__ = "t_long"
    size: Mapped[int] = mapped_column(BigInteger)
