"""Reading matters: whole, locked, and as rules and pages see them."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Uuid, and_, cast, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement

from gridloom.behaviours.county import Bound
from gridloom.behaviours.filling import restored
from gridloom.behaviours.models import MatterRow
from gridloom.cases.models import CaseRow
from gridloom.catalogue.models import WorkItemVersion
from gridloom.clocks.models import ClockRow
from gridloom.contract.types import CaseView, MatterView
from gridloom.errors import not_found
from gridloom.grid.models import GridRow
from gridloom.work import Actor, Work

TOWNSHIP = 3


def seen_by(scopes: Sequence[UUID]) -> ColumnElement[bool]:
    """A matter is seen by the organisations in it, by the centre that runs its case, by who found and who handles it; one
    of named persons by those persons alone."""
    sides = (
        MatterRow.origin_id, MatterRow.counterpart_id, MatterRow.supervisor_id, MatterRow.owner_id, MatterRow.finder_id,
        MatterRow.assignee_id,
    )
    named = MatterRow.named_ids.op("&&")(cast(list(scopes), ARRAY(Uuid())))
    return or_(and_(MatterRow.named_ids.is_(None), or_(*(side.in_(scopes) for side in sides))), named)


async def find_matter(session: AsyncSession, actor: Actor, matter_id: UUID, *, lock: bool = False) -> MatterRow | None:
    """A matter that the actor may see, or None."""
    statement = select(MatterRow).where(MatterRow.tenant_id == actor.tenant, MatterRow.id == matter_id)
    if actor.kind != "system":
        statement = statement.where(seen_by(actor.scopes))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def open_matter(work: Work, matter_id: UUID, *path: str) -> MatterRow:
    """A matter that the actor may see, locked. Raises `Refusal` NOT_FOUND for unknown, hidden and foreign ids alike."""
    row = await find_matter(work.session, work.actor, matter_id, lock=True)
    if row is None:
        raise not_found(*path)
    return row


def view_of(row: MatterRow, bound: Bound) -> MatterView:
    """The matter as its rules see it. A form that no longer fits its step is left out."""
    forms = {}
    for step in bound.behaviour.steps:
        kept = row.forms.get(step.key)
        filled = restored(bound.form_of(step), kept) if kept is not None else None
        if filled is not None:
            forms[step.key] = filled
    return MatterView(
        id=row.id, plugin=row.plugin, element=row.element, part=row.part, state=row.state, version=row.version,
        began=row.began_at, owner=row.owner_id, origin=row.origin_id, counterpart=row.counterpart_id,
        case=row.case_id, forms=forms,
    )


async def case_view(session: AsyncSession, case: CaseRow) -> CaseView:
    """What questions may know of a case."""
    item = (await session.execute(
        select(WorkItemVersion.code, WorkItemVersion.category).where(
            WorkItemVersion.tenant_id == case.tenant_id, WorkItemVersion.id == case.item_version_id
        )
    )).one()
    township = (await session.execute(
        select(GridRow.code).where(
            GridRow.tenant_id == case.tenant_id, GridRow.id.in_(case.path), GridRow.level == TOWNSHIP
        )
    )).scalar_one_or_none()
    return CaseView(
        id=case.id, number=case.number, work_item=item.code, category=item.category, severity=case.severity,
        status=case.status, township=township or "", protection=frozenset(case.protection), emergency=case.emergency,
    )


async def clocks_of(session: AsyncSession, tenant: UUID, matter: UUID) -> list[ClockRow]:
    """The clocks of a matter, oldest first. They stand under the matter's own id, apart from those of its case."""
    rows = await session.execute(
        select(ClockRow).where(ClockRow.tenant_id == tenant, ClockRow.assignment_id == matter).order_by(ClockRow.id)
    )
    return list(rows.scalars())


def local_zone(work: Work) -> ZoneInfo:
    return ZoneInfo(work.county.time_zone)
