"""The work list and the service levels: reading the present ones, publishing new versions, where an item goes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from gridloom.catalogue.checks import check_draft, check_limits
from gridloom.catalogue.current import ServiceLevel, catalogue_of, service_level, service_level_of, take_catalogue
from gridloom.catalogue.defaults import ItemDraft, LimitKey, RouteTo, default_limits, shipped_items
from gridloom.catalogue.limits import Limit
from gridloom.catalogue.models import Route, ServiceLevelVersion, ServiceLimit, WorkItemRow, WorkItemVersion
from gridloom.errors import invalid, not_found
from gridloom.ids import uuid7
from gridloom.people.models import Organization
from gridloom.people.service import organization_by_code
from gridloom.work import Work

__all__ = [
    "ItemDraft", "Limit", "RouteTo", "ServiceLevel", "draft_of", "item_by_code", "item_version", "publish_item",
    "publish_service_level", "route_of", "seed_catalogue", "service_level", "service_level_of", "withdraw_item",
]


async def item_by_code(work: Work, code: str) -> WorkItemVersion | None:
    """The item's version of now, None where the list has no such item at present. Kept rows: do not change them."""
    return (await catalogue_of(work)).current(code, work.now)


async def item_version(work: Work, version_id: UUID) -> WorkItemVersion:
    """A version by its id, present or past. Kept rows: do not change them. Raises `Refusal` NOT_FOUND."""
    found = (await catalogue_of(work)).by_id.get(version_id)
    if found is None:
        raise not_found("workItemCode")
    return found


async def draft_of(work: Work, code: str) -> ItemDraft:
    """What an item says now, to be changed (`dataclasses.replace`) and published. Raises `Refusal` NOT_FOUND."""
    item = await item_by_code(work, code)
    if item is None:
        raise not_found("workItemCode")
    lead = await work.session.get(Organization, (work.tenant, item.lead_id)) if item.lead_id else None
    routes = await _routes(work, item.id)
    return ItemDraft(
        code=item.code, name=item.name, name_en=item.name_en, category=item.category, severity=item.severity,
        level_first_handled=item.level_first_handled, deadline_hours=item.deadline_hours, frequency=item.frequency,
        protection=tuple(item.protection), confidential=item.confidential, emergency=item.emergency,
        emergency_contact=item.emergency_contact, clue=item.clue, statutory=tuple(item.statutory), notes=item.notes,
        lead_code=lead.code if lead else None,
        routes=tuple(RouteTo(row.level, row.organization_kind, row.organization_code) for row in routes),
    )


async def publish_item(work: Work, draft: ItemDraft, *, ends_at: datetime | None = None) -> WorkItemVersion:
    """Publish an item's next version (its first where the code is new); cases that began keep the version they have.

    `ends_at` makes it temporary. Raises `Refusal` VALIDATION (path: the field), NOT_FOUND (`leadCode`).
    """
    check_draft(draft)
    if ends_at is not None and ends_at <= work.now:
        raise invalid("item-ends-in-the-past", "endsAt")
    lead = await organization_by_code(work, draft.lead_code) if draft.lead_code is not None else None
    if draft.lead_code is not None and lead is None:
        raise not_found("leadCode")
    await take_catalogue(work)
    item_id, number = await _close_last(work, draft.code)
    row = {**_version(work, draft, item_id, number, work.now, lead.id if lead else None), "valid_to": ends_at}
    await _enter(work, [row], {draft.code: draft})
    work.audit("catalogue.publish", "work_item", item_id, version=number)
    return WorkItemVersion(**row)


async def withdraw_item(work: Work, code: str) -> None:
    """Take an item off the list from now on; open cases keep it. Raises `Refusal` NOT_FOUND."""
    await take_catalogue(work)
    if await item_by_code(work, code) is None:
        raise not_found("workItemCode")
    item_id, number = await _close_last(work, code)
    work.audit("catalogue.withdraw", "work_item", item_id, version=number - 1)


async def route_of(work: Work, version_id: UUID, level: int, path: Sequence[UUID]) -> Organization | None:
    """The open unit an item goes to at a level; `path` are the place's grids from the root down. None: no such unit."""
    route = next((row for row in await _routes(work, version_id) if row.level == level), None)
    if route is None:
        return None
    if route.organization_code is not None:
        return await organization_by_code(work, route.organization_code)
    rows = (await work.session.execute(
        select(Organization).where(
            Organization.tenant_id == work.tenant, Organization.kind == route.organization_kind,
            Organization.grid_id.in_(list(path)), Organization.closed_at.is_(None),
        ).order_by(Organization.code)
    )).scalars().all()
    depth = {grid: place for place, grid in enumerate(path)}
    return max(rows, key=lambda row: depth[row.grid_id] if row.grid_id else -1, default=None)


async def publish_service_level(
    work: Work, changes: Mapping[LimitKey, Limit], *, since: datetime | None = None
) -> ServiceLevel:
    """Publish a new set of service levels: the present one with `changes`. Cases that began keep the set they have.

    Raises `Refusal` VALIDATION for a limit that no step asks for, or one that makes no sense there.
    """
    check_limits(changes)
    await take_catalogue(work)
    present = (await work.session.execute(
        select(ServiceLevelVersion)
        .where(ServiceLevelVersion.tenant_id == work.tenant)
        .order_by(ServiceLevelVersion.version.desc()).limit(1).execution_options(populate_existing=True)
    )).scalar_one_or_none()
    kept = (await service_level_of(work, present.id)).limits if present is not None else default_limits()
    begin = since or work.now
    if present is not None:
        if begin <= present.valid_from:
            raise invalid("service-level-too-early", "since")
        present.valid_to = begin
    row = work.new(
        ServiceLevelVersion, id=uuid7(), version=present.version + 1 if present else 1, valid_from=begin
    )
    await work.session.flush()
    limits = {**kept, **changes}
    await work.session.execute(insert(ServiceLimit), [
        {"tenant_id": work.tenant, "service_level_id": row.id, "subject": subject, "code": code, "step": step,
         "value": limit.value, "unit": limit.unit.value}
        for (subject, code, step), limit in limits.items()
    ])
    work.audit("catalogue.publish", "service_level", row.id, version=row.version)
    return ServiceLevel(row.id, row.version, limits)


async def seed_catalogue(
    work: Work, items: Iterable[ItemDraft] | None = None, *, since: datetime | None = None
) -> int:
    """Enter the shipped items (or `items`) whose codes the county lacks, and the default service levels; how many.

    They hold from `since` on (now). Leads are units of the county by code; an item whose unit is not there yet gets it
    when this runs again. Repeatable.
    """
    begin = since or work.now
    drafts = {draft.code: draft for draft in (shipped_items() if items is None else items)}
    for draft in drafts.values():
        check_draft(draft)
    await take_catalogue(work)
    units = await _units(work, {draft.lead_code for draft in drafts.values() if draft.lead_code is not None})
    known = set((await work.session.execute(
        select(WorkItemRow.code).where(WorkItemRow.tenant_id == work.tenant)
    )).scalars())
    await _complete_leads(work, [draft for code, draft in drafts.items() if code in known], units)
    fresh = {code: draft for code, draft in drafts.items() if code not in known}
    ids = {code: uuid7() for code in fresh}
    if fresh:
        await work.session.execute(insert(WorkItemRow), [
            {"tenant_id": work.tenant, "id": ids[code], "code": code} for code in fresh
        ])
        await _enter(work, [
            _version(work, draft, ids[code], 1, begin, units.get(draft.lead_code or ""))
            for code, draft in fresh.items()
        ], fresh)
    if not await _has_service_level(work):
        await publish_service_level(work, {}, since=begin)
    return len(fresh)


def _version(
    work: Work, draft: ItemDraft, item_id: UUID, number: int, begin: datetime, lead_id: UUID | None
) -> dict[str, Any]:
    return {
        "tenant_id": work.tenant, "id": uuid7(), "item_id": item_id, "code": draft.code, "version": number,
        "name": draft.name, "name_en": draft.name_en, "category": draft.category, "severity": draft.severity,
        "level_first_handled": draft.level_first_handled, "deadline_hours": draft.deadline_hours,
        "frequency": draft.frequency, "protection": list(draft.protection), "confidential": draft.confidential,
        "emergency": draft.emergency, "emergency_contact": draft.emergency_contact, "clue": draft.clue,
        "statutory": list(draft.statutory), "notes": draft.notes, "lead_id": lead_id, "valid_from": begin,
    }


async def _enter(work: Work, rows: Sequence[dict[str, Any]], drafts: Mapping[str, ItemDraft]) -> None:
    await work.session.execute(insert(WorkItemVersion), rows)
    routes = [
        {"tenant_id": work.tenant, "item_version_id": row["id"], "level": route.level,
         "organization_kind": route.kind, "organization_code": route.code}
        for row in rows
        for route in drafts[row["code"]].routes
    ]
    if routes:
        await work.session.execute(insert(Route), routes)


async def _close_last(work: Work, code: str) -> tuple[UUID, int]:
    """The item's id (made where the code is new) and the number of its next version; the last one ends now."""
    item_id = (await work.session.execute(
        select(WorkItemRow.id).where(WorkItemRow.tenant_id == work.tenant, WorkItemRow.code == code)
    )).scalar_one_or_none()
    if item_id is None:
        item_id = work.new(WorkItemRow, id=uuid7(), code=code).id
        await work.session.flush()
        return item_id, 1
    last = (await work.session.execute(
        select(WorkItemVersion)
        .where(WorkItemVersion.tenant_id == work.tenant, WorkItemVersion.item_id == item_id)
        .order_by(WorkItemVersion.version.desc()).limit(1).execution_options(populate_existing=True)
    )).scalar_one()
    if last.valid_to is None or last.valid_to > work.now:
        last.valid_to = max(work.now, last.valid_from)
        await work.session.flush()
    return item_id, last.version + 1


async def _routes(work: Work, version_id: UUID) -> Sequence[Route]:
    return (await work.session.execute(
        select(Route)
        .where(Route.tenant_id == work.tenant, Route.item_version_id == version_id)
        .order_by(Route.level.desc())
    )).scalars().all()


async def _units(work: Work, codes: set[str]) -> dict[str, UUID]:
    rows = await work.session.execute(
        select(Organization.code, Organization.id).where(
            Organization.tenant_id == work.tenant, Organization.code.in_(sorted(codes)),
            Organization.closed_at.is_(None),
        )
    )
    return {code: id_ for code, id_ in rows}


async def _complete_leads(work: Work, drafts: Iterable[ItemDraft], units: Mapping[str, UUID]) -> None:
    for draft in drafts:
        lead = units.get(draft.lead_code or "")
        if lead is not None:
            await work.session.execute(
                update(WorkItemVersion)
                .where(
                    WorkItemVersion.tenant_id == work.tenant, WorkItemVersion.code == draft.code,
                    WorkItemVersion.version == 1, WorkItemVersion.lead_id.is_(None),
                )
                .values(lead_id=lead)
                .execution_options(synchronize_session=False)
            )


async def _has_service_level(work: Work) -> bool:
    statement = select(ServiceLevelVersion.id).where(ServiceLevelVersion.tenant_id == work.tenant)
    return (await work.session.execute(statement.limit(1))).scalar_one_or_none() is not None
