"""Giving facts their position, and reading them from a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, any_, delete, exists, func, insert, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Uuid

from gridloom.cases.models import CaseRow, CaseScope
from gridloom.errors import Denied
from gridloom.outbox import Delivery, Due, FactPosition, FactRow
from gridloom.work import Actor, Work

BATCH = 500


@dataclass(frozen=True, slots=True)
class Delivered:
    """A fact at its place in the county's order."""

    position: int
    id: UUID
    type: str
    at: datetime
    schema_version: int
    case_id: UUID | None
    data: dict[str, Any]


async def deliver(work: Work) -> int:
    """Give committed facts their positions, at most 500; 0 when another deliverer is at work or nothing waits."""
    head = await _locked_head(work)
    if head is None:
        return 0
    waiting = list((await work.session.execute(
        select(Due.id).where(Due.tenant_id == work.tenant, Due.kind == "fact").order_by(Due.id).limit(BATCH)
    )).scalars())
    if not waiting:
        return 0
    first = head.last_position + 1
    head.last_position += len(waiting)
    await work.session.execute(insert(FactPosition), [
        {"tenant_id": work.tenant, "position": first + place, "fact_id": fact_id, "at": work.now}
        for place, fact_id in enumerate(waiting)
    ])
    await work.session.execute(
        delete(Due).where(Due.tenant_id == work.tenant, Due.kind == "fact", Due.id.in_(waiting))
    )
    return len(waiting)


async def read_facts(
    session: AsyncSession, tenant: UUID, actor: Actor, *, after: int, types: Sequence[str] | None, limit: int,
    cases_only: bool = False, under: UUID | None = None,
) -> list[Delivered]:
    """Facts the actor may know of, in order, behind a position."""
    statement = (
        select(FactPosition.position, FactRow)
        .join(FactRow, (FactRow.tenant_id == tenant) & (FactRow.id == FactPosition.fact_id))
        .where(FactPosition.tenant_id == tenant, FactPosition.position > after, _visible(tenant, actor))
        .order_by(FactPosition.position)
        .limit(limit)
    )
    if types is not None:
        statement = statement.where(FactRow.type.in_(list(types)))
    if cases_only:
        statement = statement.where(FactRow.case_id.is_not(None))
    if under is not None:
        statement = statement.where(exists().where(
            CaseRow.tenant_id == tenant, CaseRow.id == FactRow.case_id, any_(CaseRow.path) == under,
        ))
    rows = (await session.execute(statement)).tuples()
    return [
        Delivered(position, fact.id, fact.type, fact.at, fact.schema_version, fact.case_id, fact.data)
        for position, fact in rows
    ]


async def check_cursor(session: AsyncSession, tenant: UUID, cursor: str | None) -> int:
    """The position of a cursor, 0 for none. Raises `Denied` VALIDATION, or CURSOR_EXPIRED when facts behind it are gone."""
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise Denied("VALIDATION", "problem-cursor")
    position = int(cursor)
    oldest = (await session.execute(
        select(func.min(FactPosition.position)).where(FactPosition.tenant_id == tenant)
    )).scalar_one()
    if oldest is not None and position < oldest - 1:
        raise Denied("CURSOR_EXPIRED", "problem-cursor-expired")
    return position


async def newest_position(session: AsyncSession, tenant: UUID) -> int:
    """The county's last position given, 0 before the first."""
    found = (await session.execute(
        select(Delivery.last_position).where(Delivery.tenant_id == tenant)
    )).scalar_one_or_none()
    return found or 0


def _visible(tenant: UUID, actor: Actor) -> ColumnElement[bool]:
    """The scope at the fact's time, the protection of now."""
    scopes = literal(list(actor.scopes), ARRAY(Uuid()))
    sees_now = exists().where(
        CaseScope.tenant_id == tenant, CaseScope.case_id == FactRow.case_id, CaseScope.scope_id == any_(scopes),
        CaseScope.until.is_(None),
    )
    sealed = exists().where(CaseRow.tenant_id == tenant, CaseRow.id == FactRow.case_id, CaseRow.sealed)
    then = or_(
        FactRow.scopes.op("&&")(scopes),
        and_(FactRow.scopes.is_(None), or_(FactRow.case_id.is_(None), sees_now)),
    )
    return and_(then, or_(FactRow.case_id.is_(None), not_(sealed), sees_now))


async def _locked_head(work: Work) -> Delivery | None:
    statement = select(Delivery).where(Delivery.tenant_id == work.tenant).with_for_update(skip_locked=True)
    head = (await work.session.execute(statement)).scalar_one_or_none()
    if head is not None:
        return head
    made = await work.session.execute(
        pg_insert(Delivery).values(tenant_id=work.tenant, last_position=0).on_conflict_do_nothing()
        .returning(Delivery.tenant_id)
    )
    if made.scalar_one_or_none() is None:
        return None
    return (await work.session.execute(statement)).scalar_one_or_none()
