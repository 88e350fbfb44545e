"""Writing the demo's quarter of life: thousands of plans told into rows and written in batches."""

import asyncio
from collections.abc import Callable, Mapping
from uuid import UUID

from shapely import Polygon
from sqlalchemy import select

from gridloom.catalogue.current import catalogue_of
from gridloom.catalogue.service import service_level
from gridloom.clocks.calendars import current_calendar
from gridloom.clocks.models import StatutoryClock
from gridloom.demo.book import Book, Unit, World
from gridloom.demo.clockwork import Clockwork
from gridloom.demo.closing import close_book, settle
from gridloom.demo.frame import GridPlan
from gridloom.demo.ledger import Gathered, Ledger, write
from gridloom.demo.life import quarter
from gridloom.demo.people import Population
from gridloom.demo.plans import CasePlan
from gridloom.demo.residents import Written
from gridloom.demo.telling import tell_step
from gridloom.grid.models import GridRow
from gridloom.insight.service import rebuild
from gridloom.people.models import Organization, StaffPost
from gridloom.runtime import Service
from gridloom.work import Work

Progress = Callable[[str, float], None]
WRITE_EVERY = 500
TELL_EVERY = 25


async def write_history(
    service: Service, tenant: UUID, grids: list[GridPlan], people: Population, shapes: Mapping[str, Polygon],
    written: Written, cases: int, progress: Progress,
) -> None:
    """Tell and write `cases` plans of the 90 days before now; the database writes some while the next are told."""
    async with service.open(tenant) as work:
        world = await read_world(work, written)
    ledger = Ledger(tenant, int(world.county.code))
    plans = quarter(grids, shapes, people, world.now, cases=cases)
    async with asyncio.TaskGroup() as group:
        writing: asyncio.Task[None] | None = None
        for done, plan in enumerate(plans, start=1):
            tell_plan(world, ledger, plan)
            await asyncio.sleep(0)
            if done % TELL_EVERY == 0:
                progress(f"{world.county.code}: cases {done:,}", 0.95 * done / cases)
            if ledger.waiting >= WRITE_EVERY:
                if writing is not None:
                    await writing
                writing = group.create_task(_write(service, tenant, ledger.take()))
    progress(f"{world.county.code}: facts", 0.95)
    await _write(service, tenant, ledger.take())
    async with service.open(tenant) as work:
        await ledger.finish(work, lambda done: progress(f"{world.county.code}: facts", 0.95 + 0.02 * done))
    async with service.open(tenant) as work:
        await rebuild(work, lambda done: progress(f"{world.county.code}: figures", 0.97 + 0.03 * min(done / cases, 1.0)))


async def _write(service: Service, tenant: UUID, rows: Gathered) -> None:
    async with service.open(tenant) as work:
        await write(work, rows)


def tell_plan(world: World, ledger: Ledger, plan: CasePlan) -> Book:
    """Tell one plan from its report to where it stands."""
    book = Book(world, ledger, plan)
    book.report()
    settle(book)
    for step in plan.steps[1:]:
        tell_step(book, step)
        settle(book)
    close_book(book)
    return book


async def read_world(work: Work, written: Written) -> World:
    """What the books need to know of the county."""
    calendar = await current_calendar(work.session, work.tenant)
    laws: dict[str, list[StatutoryClock]] = {}
    for law in (await work.session.execute(
        select(StatutoryClock).where(StatutoryClock.tenant_id == work.tenant).order_by(StatutoryClock.version.desc())
    )).scalars():
        laws.setdefault(law.code, []).append(law)
    catalogue = await catalogue_of(work)
    units = await _units(work)
    rows = await work.session.execute(select(GridRow.code, GridRow.path).where(GridRow.tenant_id == work.tenant))
    return World(
        county=work.county, cipher=work.cipher, level=await service_level(work),
        items={item.code: item for item in catalogue.by_id.values()},
        paths={row.code: tuple(row.path) for row in rows}, units=units,
        by_id={unit.id: unit for unit in units.values()},
        centres={
            unit.grid_id: unit for unit in units.values() if unit.kind == "CENTRE" and unit.grid_id is not None
        },
        staff=written.staff, clockwork=lambda: Clockwork(calendar.calendar, laws), calendar_version=calendar.version,
        now=work.now,
    )


async def _units(work: Work) -> dict[str, Unit]:
    holders: dict[tuple[UUID, str], list[UUID]] = {}
    rows = await work.session.execute(
        select(StaffPost.organization_id, StaffPost.role, StaffPost.staff_id)
        .where(StaffPost.tenant_id == work.tenant, StaffPost.organization_id.is_not(None))
        .order_by(StaffPost.since, StaffPost.id)
    )
    for row in rows:
        holders.setdefault((row.organization_id, row.role), []).append(row.staff_id)

    def of(unit: Organization, *roles: str) -> tuple[UUID, ...]:
        return tuple(one for role in roles for one in holders.get((unit.id, role), ()))

    organizations = (await work.session.execute(
        select(Organization).where(Organization.tenant_id == work.tenant)
    )).scalars()
    return {
        one.code: Unit(
            one.id, one.code, one.kind, one.name, one.level, one.parent_id, one.grid_id,
            of(one, "department_lead", "centre_lead"), of(one, "department_officer", "department_lead"),
        )
        for one in organizations
    }
