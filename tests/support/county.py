"""A small real county for tests: one township, two villages, five level-5 grids, every kind of desk, and its people."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gridloom.context import request_context
from gridloom.grid.boundaries import set_boundaries
from gridloom.grid.models import GridRow
from gridloom.http.limits import Limits
from gridloom.http.prepare import Documents, prepare
from gridloom.http.run import graphql_schema, run_ordinary
from gridloom.ids import uuid7
from gridloom.people.models import Organization, Staff, StaffPost
from gridloom.people.service import client_actor, staff_actor
from gridloom.provision import create_county
from gridloom.runtime import Service
from gridloom.schema import Schemas
from gridloom.work import Actor, CountyView, Work

_codes = count(110000)
BOX = (100.0, 25.0, 101.0, 26.0)


def divisions(code: str) -> list[Mapping[str, str]]:
    """Division rows of an invented county."""
    def row(tail: str, name: str, level: str, parent: str | None) -> dict[str, str]:
        return {
            "code12": f"{code}{tail}", "name_zh": name, "level": level,
            "parent_code12": f"{code}{parent}" if parent else "",
        }
    return [
        row("000000", "试验县", "county", None),
        row("101000", "城关镇", "township", "000000"),
        row("101201", "东山村委会", "village", "101000"),
        row("101202", "西山村委会", "village", "101000"),
    ]


def frame(code: str) -> list[Mapping[str, str]]:
    """How its villages are cut into grids."""
    return [
        {"code12": f"{code}101201", "level": "village", "l5_grids": "3", "village_groups": "4"},
        {"code12": f"{code}101202", "level": "village", "l5_grids": "2", "village_groups": "2"},
    ]


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A rectangle as GeoJSON."""
    return {"type": "Polygon", "coordinates": [[
        [west, south], [east, south], [east, north], [west, north], [west, south],
    ]]}


@dataclass
class County:
    """A county under test. People are named by role and place, such as `officer_village`."""

    service: Service
    schemas: Schemas
    view: CountyView
    code: str
    grids: dict[str, UUID]
    units: dict[str, UUID]
    people: dict[str, UUID] = field(default_factory=dict)
    _keys: Any = field(default_factory=lambda: count(1))

    @asynccontextmanager
    async def open(self, actor: Actor | None = None) -> AsyncIterator[Work]:
        """A unit of work, of the service itself unless an actor is given."""
        async with self.service.open(self.view, actor) as work:
            yield work

    async def actor(self, name: str) -> Actor:
        """Who somebody is at present."""
        async with self.service.reading(self.view) as session:
            found = await staff_actor(session, self.view.id, self.people[name], self.service.clock.now(), "zh-CN")
        assert found is not None
        return found

    async def client(self, unit: str) -> Actor:
        """A department's own system."""
        async with self.service.reading(self.view) as session:
            organization = await session.get_one(Organization, (self.view.id, self.units[unit]))
        return client_actor(self.view.id, uuid7(), f"{unit} system", organization, ())

    async def ask(self, who: str | Actor, document: str, **variables: Any) -> dict[str, Any]:
        """Run a document as somebody; the whole GraphQL answer."""
        actor = who if isinstance(who, Actor) else await self.actor(who)
        self.view = await self.service.county(self.view.id)
        schema = self.schemas.of(self.view.plugins)
        core = graphql_schema(schema)
        limits = Limits()
        parsed = Documents(limits).get(core, document, developer=True)
        prepared = prepare(core, parsed, None, variables, limits, developer=True)
        async with request_context(self.service, self.view, actor, actor.locale) as context:
            result = await run_ordinary(schema, prepared, context)
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = result.errors
        return answer

    async def step(self, who: str | Actor, name: str, selection: str, **values: Any) -> dict[str, Any]:
        """Take one step with a fresh key (or the given one); the payload."""
        values.setdefault("key", f"k{next(self._keys)}")
        kind = name[0].upper() + name[1:] + "Input"
        answer = await self.ask(
            who, f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {selection} problems {{ code path message }} }} }}",
            input=values,
        )
        assert "errors" not in answer, answer["errors"]
        payload: dict[str, Any] = answer["data"][name]
        return payload

    async def add_person(self, key: str, role: str, unit: str | None = None, grid: str | None = None) -> UUID:
        """Somebody with one post."""
        async with self.open() as work:
            staff = work.new(Staff, id=uuid7(), name=f"{key}", organization_id=self.units[unit] if unit else None)
            await work.session.flush()
            work.new(
                StaffPost, id=uuid7(), staff_id=staff.id, role=role, organization_id=self.units[unit] if unit else None,
                grid_id=self.grids[grid] if grid else None, since=work.now,
            )
        self.people[key] = staff.id
        return staff.id


async def make_county(service: Service, schemas: Schemas) -> County:
    """Provision a fresh county with boundaries and one person for each role and level."""
    code = str(next(_codes))
    tenant = await create_county(service, code, divisions(code), frame(code))
    view = await service.county(tenant)
    async with service.reading(view) as session:
        units = dict((await session.execute(
            select(Organization.code, Organization.id).where(Organization.tenant_id == tenant)
        )).tuples().all())
    async with service.open(view) as work:
        grids = await _grids(work)
        await set_boundaries(work, {grids[tail]: shape for tail, shape in _shapes(code).items() if tail in grids})
    short = {name.replace(code, ""): unit for name, unit in units.items()}
    county = County(service, schemas, view, code, grids, {**units, **short})
    for name, post in PEOPLE.items():
        role, unit, grid = post
        await county.add_person(name, role, unit, f"{code}{grid}" if grid else None)
    return county


PEOPLE: dict[str, tuple[str, str | None, str | None]] = {
    "member": ("grid_member", None, "101201001"),
    "member_west": ("grid_member", None, "101202001"),
    "officer_village": ("centre_officer", "ZX101201", None),
    "lead_village": ("centre_lead", "ZX101201", None),
    "officer_west": ("centre_officer", "ZX101202", None),
    "officer_township": ("centre_officer", "ZX101000", None),
    "lead_township": ("centre_lead", "ZX101000", None),
    "officer_county": ("centre_officer", "ZX000000", None),
    "lead_county": ("centre_lead", "ZX000000", None),
    "water": ("department_officer", "SW", None),
    "housing": ("department_officer", "ZJ", None),
    "police": ("department_officer", "GA", None),
    "police_lead": ("department_lead", "GA", None),
    "court": ("department_officer", "FY", None),
    "leader": ("leader", None, "000000"),
    "admin": ("county_admin", None, None),
}


def _shapes(code: str) -> dict[str, dict[str, Any]]:
    """Two villages side by side, their grids as stripes from south to north."""
    west, south, east, north = BOX
    middle = (west + east) / 2
    shapes = {f"{code}000000": box(*BOX), f"{code}101000": box(*BOX)}
    for village, left, right, stripes in (("101201", west, middle, 3), ("101202", middle, east, 2)):
        shapes[f"{code}{village}"] = box(left, south, right, north)
        for stripe in range(stripes):
            step = (north - south) / stripes
            shapes[f"{code}{village}{stripe + 1:03d}"] = box(
                left, south + stripe * step, right, south + (stripe + 1) * step
            )
    return shapes


async def _grids(work: Work) -> dict[str, UUID]:
    from_table = (await work.session.execute(
        select(GridRow.code, GridRow.id).where(GridRow.tenant_id == work.tenant)
    )).tuples()
    return dict(from_table.all())
