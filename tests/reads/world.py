"""Two counties of the product for comparing both ways of reading: one told as the demo is, one lived through by steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Integer, Text, Uuid, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gridloom.behaviours.county import set_mode
from gridloom.behaviours.models import MatterRow, MatterStepRow
from gridloom.cases.models import AttachmentRow, CaseRow
from gridloom.config import Settings
from gridloom.contract.types import Mode
from gridloom.db import TenantRow
from gridloom.demo.access import Signing
from gridloom.demo.build import DemoCounty, build_county
from gridloom.demo.frame import GridPlan, county_grids
from gridloom.demo.people import population
from gridloom.demo.territory import midu_outline
from gridloom.ids import uuid7
from gridloom.migrate import upgrade
from gridloom.people.models import Organization, Staff, StaffPost
from gridloom.people.service import client_actor, staff_actor
from gridloom.runtime import Service, build, start
from gridloom.schema import Schemas
from gridloom.work import Actor, CountyView, Work
from tests.support.county import County, make_county

TOLD = "532931"
TOWNSHIPS, VILLAGES, LEAVES = 2, 3, 3
ITEMS = ("C-10", "B-12", "A-01", "B-16", "D-04", "A-03", "C-01", "A-09", "A-06", "A-18")
SEALED_ITEM = "A-08"
CASE = """query($id: ID) { case(id: $id) { id version allowedSteps assignments { id version status } } }"""
LIVED = ("member", "officer_village", "officer_township", "lead_village", "lead_county", "water", "police",
         "police_lead", "court", "leader", "admin")


class Still:
    """A clock that stands: both ways of answering see one moment, to the microsecond."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class Told:
    """A county with the people who ask there."""

    view: CountyView
    actors: tuple[Actor, ...]


@dataclass(frozen=True)
class World:
    """A service, its counties, and who asks in each."""

    service: Service
    schemas: Schemas
    counties: tuple[Told, ...]

    def plugin_sets(self) -> list[frozenset[str]]:
        """Core alone, and core with everything that is installed."""
        installed = frozenset(self.service.host.mechanisms)
        return [installed, frozenset()] if installed else [installed]


async def make_world(settings: Settings, *, cases: int, seed: int = 1) -> World:
    """Migrate and fill: `cases` in the told county, a fifth of them in the lived one, matters of every plugin in both."""
    await upgrade(settings)
    service = build(settings, clock=Still())
    await start(service)
    schemas, dice = Schemas(service.host), Random(seed)
    counties = []
    for made in (await _told(service, cases), await _lived(service, schemas, max(12, cases // 5), dice)):
        service.directory.forget(made[0].id)
        view = await service.county(made[0].id)
        async with service.open(view) as work:
            await _matters(work, dice)
            await _attachments(work)
        counties.append(Told(view, made[1]))
    return World(service, schemas, tuple(counties))


async def _told(service: Service, cases: int) -> tuple[CountyView, tuple[Actor, ...]]:
    """Two townships of a county with the demo's history."""
    grids = _some_grids(county_grids(TOLD, leaves=LEAVES))
    plan = DemoCounty(TOLD, grids, population(grids, studios=2), midu_outline(), cases, False)
    await build_county(service, plan, Signing("http://localhost"), lambda _text, _done: None)
    view = await service.directory.by_code(service, TOLD)
    assert view is not None
    async with service.reading(view) as session:
        rows = (await session.execute(
            select(StaffPost.role, Organization.level, StaffPost.staff_id)
            .outerjoin(Organization, (Organization.tenant_id == view.id) & (Organization.id == StaffPost.organization_id))
            .where(StaffPost.tenant_id == view.id)
            .order_by(StaffPost.role, Organization.level, StaffPost.staff_id)
        )).tuples().all()
        chosen = {(role, level): staff for role, level, staff in rows}
        actors = [await staff_actor(session, view.id, staff, service.clock.now(), "zh-CN") for staff in chosen.values()]
        units = (await session.execute(
            select(Organization).where(Organization.tenant_id == view.id, Organization.code.in_(("GA", "SF")))
        )).scalars().all()
    return view, (*(each for each in actors if each is not None), *_clients(view, units))


def _some_grids(every: Sequence[GridPlan]) -> list[GridPlan]:
    chosen = {TOLD + "0" * 6}
    for township in [grid.code for grid in every if grid.level == 3][:TOWNSHIPS]:
        villages = [grid.code for grid in every if grid.parent == township][:VILLAGES]
        chosen |= {township, *villages}
    return [grid for grid in every if grid.code in chosen or (grid.level == 5 and grid.parent in chosen)]


def _clients(view: CountyView, units: Sequence[Organization]) -> list[Actor]:
    return [client_actor(view.id, uuid7(), f"{unit.code} system", unit, ()) for unit in units]


async def _lived(
    service: Service, schemas: Schemas, cases: int, dice: Random
) -> tuple[CountyView, tuple[Actor, ...]]:
    """A county in which people report cases and take steps at random, some of them sealed."""
    county = await make_county(service, schemas)
    async with county.open() as work:
        for plugin in service.host.mechanisms:
            await set_mode(work, plugin, Mode.ON)
    service.directory.forget(county.view.id)
    for number in range(cases):
        await _report(county, number, dice)
    actors = [await county.actor(name) for name in LIVED]
    async with county.service.reading(county.view) as session:
        units = [await session.get_one(Organization, (county.view.id, county.units[code])) for code in ("SW", "GA")]
    return county.view, (*actors, *_clients(county.view, units))


async def _report(county: County, number: int, dice: Random) -> None:
    """Report a case and take some steps; refused ones do not matter here."""
    sealed = number % 5 == 4
    made = await county.step(
        dice.choice(["member", "member", "member_west"]), "reportCase", "case { id }",
        description=f"第{number}号事项“😀”\\ \n\t", workItemCode=SEALED_ITEM if sealed else ITEMS[number % len(ITEMS)],
        parties=[{"name": "张三", "role": "applicant"}], location={"longitude": 100.1, "latitude": 25.2},
        externalReference={"system": "12345", "id": f"{number}"},
    )
    case_id = made["case"]["id"] if made["case"] is not None else None
    if case_id is None:
        found = await county.ask("lead_village", "{ cases(first: 1) { nodes { id protection } } }")
        assert "errors" not in found, found["errors"]
        nodes = found["data"]["cases"]["nodes"]
        case_id = nodes[0]["id"] if nodes and nodes[0]["protection"] else None
    if case_id is None:
        return
    for _ in range(dice.randint(0, 6)):
        who = ["lead_village", "police"] if sealed else ["officer_village", "lead_county", "water", "police"]
        await _one_step(county, case_id, dice.choice(who), dice)


async def _one_step(county: County, case_id: str, who: str, dice: Random) -> None:
    case = (await county.ask(who, CASE, id=case_id))["data"]["case"]
    if case is None:
        return
    by_case = {"caseId": case_id, "version": case["version"]}
    units = [str(county.units[each]) for each in ("SW", "GA", "ZJ")]
    steps: dict[str, dict[str, Any]] = {
        "acceptCase": by_case,
        "routeCase": by_case | {"organizationId": dice.choice(units), "instruction": "请办"},
        "blowWhistle": by_case | {"grade": "KEY", "leadId": units[1], "assistIds": units[:1], "reason": "联合"},
        "superviseCase": by_case | {"card": "YELLOW", "reason": "催", "dueAt": "2099-01-01T00:00:00Z"},
        "addProgress": {"caseId": case_id, "note": "在办"},
    }
    for each in case["assignments"]:
        steps["signAssignment"] = {"assignmentId": each["id"], "version": each["version"]}
    open_now = [step for step in steps if step in case["allowedSteps"]]
    if open_now:
        step = dice.choice(open_now)
        await county.step(who, step, "replayed", **steps[step])


async def _matters(work: Work, dice: Random) -> None:
    """Matters of every element and part of every plugin, some about a case, with two steps each."""
    cases = (await work.session.execute(
        select(CaseRow.id).where(CaseRow.tenant_id == work.tenant).order_by(CaseRow.id).limit(12)
    )).scalars().all()
    units = (await work.session.execute(
        select(Organization.id).where(Organization.tenant_id == work.tenant).order_by(Organization.code)
    )).scalars().all()
    person = (await work.session.execute(select(Staff.id).where(Staff.tenant_id == work.tenant).limit(1))).scalar_one()
    for mechanism in work.host.mechanisms.values():
        for element in mechanism.elements:
            last: UUID | None = None
            for part in element.behaviour.parts:
                for number in range(6):
                    last = await _matter(work, dice, mechanism.key, element.key, part.key, number, cases, units, last)
                    await _steps(work, last, units, person, dice)


async def _matter(
    work: Work, dice: Random, plugin: str, element: str, part: str, number: int, cases: Sequence[UUID],
    units: Sequence[UUID], parent: UUID | None,
) -> UUID:
    row = work.new(
        MatterRow, id=uuid7(), **filled(
            MatterRow, plugin=plugin, element=element, part=part, title=f"{element} “{number}”", state="open",
            behaviour="test", forms={}, case_id=dice.choice(cases) if number % 2 else None, parent_id=parent,
            owner_id=dice.choice(units), origin_id=dice.choice(units), element_version=1,
            counterpart_id=dice.choice(units) if number % 3 else None, supervisor_id=dice.choice(units),
            began_at=work.now - timedelta(days=number), at=work.now - timedelta(hours=number // 2),
        ),
    )
    await work.session.flush()
    return row.id


async def _steps(work: Work, matter: UUID, units: Sequence[UUID], person: UUID, dice: Random) -> None:
    for step in ("first", "second"):
        work.new(MatterStepRow, id=uuid7(), **filled(
            MatterStepRow, matter_id=matter, at=work.now, step=step, state="open", owner_id=dice.choice(units),
            organization_id=dice.choice([*units[:1], None]), staff_id=dice.choice([person, None]), actor_kind="user",
        ))


async def _attachments(work: Work) -> None:
    """Files of the first cases, as rows only: reading a case never opens them."""
    cases = (await work.session.execute(
        select(CaseRow.id).where(CaseRow.tenant_id == work.tenant).order_by(CaseRow.id).limit(8)
    )).scalars().all()
    for number, case_id in enumerate(cases):
        for name in ("现场.jpg", f"{number}.pdf"):
            work.new(AttachmentRow, id=uuid7(), **filled(
                AttachmentRow, case_id=case_id, name=name, at=work.now, stored=uuid7().hex,
            ))


PLAIN: Mapping[type, Any] = {Uuid: UUID(int=7), Text: "x", Integer: 1, ARRAY: [], JSONB: {}}


def filled(model: type[TenantRow], **values: Any) -> dict[str, Any]:
    """The values, and something plain for every other column that must hold something: tables grow, this stays."""
    found = dict(values)
    for column in model.__table__.columns:
        if column.name in found or column.nullable or column.default is not None or column.name in ("tenant_id", "id"):
            continue
        kind = next((each for each in PLAIN if isinstance(column.type, each)), None)
        if kind is None and not isinstance(column.type, DateTime):
            raise TypeError(f"{model.__tablename__}.{column.name}: no plain value for {column.type}")
        found[column.name] = PLAIN[kind] if kind is not None else datetime(2026, 1, 1, tzinfo=UTC)
    return found
