"""Tables of the unit of work: facts, their positions, what is due, and the memory of idempotency keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.db import TenantRow, TenantTable, access, code_check

SCHEMA_VERSION = 1
DUE_KINDS = ("fact", "clock", "figure")


class FactRow(TenantTable):
    """Something that happened. Written in the transaction that did it; never changed. `data` holds ids and public fields."""

    __tablename__ = "fact"
    type: Mapped[str]
    at: Mapped[datetime]
    case_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    schema_version: Mapped[int] = mapped_column(SmallInteger, default=SCHEMA_VERSION)
    data: Mapped[dict[str, Any]]
    # Who could see the case when it happened (scope ids); null for facts that every member of staff may read.
    scopes: Mapped[list[UUID] | None]
    __table_args__ = (Index(None, "tenant_id", "case_id"), access("append"))


class FactPosition(TenantRow):
    """The county's delivery order, given after commit: nothing that commits later can stand before it."""

    __tablename__ = "fact_position"
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    fact_id: Mapped[UUID]
    at: Mapped[datetime]
    __table_args__ = (Index(None, "tenant_id", "fact_id", unique=True), access("append"))


class Delivery(TenantRow):
    """One row a county: the last position given. Whoever holds its lock is the county's one deliverer."""

    __tablename__ = "delivery"
    last_position: Mapped[int] = mapped_column(BigInteger, default=0)


class Due(TenantRow):
    """What a worker must look at from `due_at` on: a fact without position, a clock to warn or expire, a county whose
    figures change by the passing of time (`figure`, under the county's own id)."""

    __tablename__ = "due"
    kind: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    __table_args__ = (
        code_check("kind", DUE_KINDS),
        Index("ix_due_tenant_kind_due_at", "tenant_id", "kind", "due_at"),
        Index("ix_due_kind_due_at", "kind", "due_at"),
        access("queue"),
    )


class IdempotencyKey(TenantRow):
    """The answer a key got: digest of the input, what it made, and the problems it met. Kept 90 days."""

    __tablename__ = "idempotency_key"
    actor_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    operation: Mapped[str]
    body_hash: Mapped[str]
    result: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    __table_args__ = (Index(None, "tenant_id", "at"), access("append"))


class NumberBlock(TenantRow):
    """Counters handed out in blocks (case numbers of a day), by short transactions of their own."""

    __tablename__ = "number_block"
    name: Mapped[str] = mapped_column(primary_key=True)
    next_value: Mapped[int] = mapped_column(Integer, default=1)
