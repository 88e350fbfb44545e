"""A trial: an empty installation with the plugins under test, and counties made in it for one test."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gridloom import migrate, runtime
from gridloom.behaviours import service as matters
from gridloom.behaviours.county import set_mode
from gridloom.behaviours.models import MatterRow, MatterStepRow
from gridloom.cases.codes import ScopeKind
from gridloom.cases.file import open_file, share
from gridloom.cases.models import CaseRow, InboxItemRow
from gridloom.cases.service import Report, report_case
from gridloom.clock import ShiftedClock
from gridloom.clocks.models import ClockRow
from gridloom.config import Settings
from gridloom.context import request_context
from gridloom.contract.host import PluginHost
from gridloom.contract.types import Mode
from gridloom.errors import Denied, Refusal
from gridloom.grid.models import GridRow
from gridloom.http.limits import Limits
from gridloom.http.prepare import Documents, Rejected, prepare
from gridloom.http.run import graphql_schema, run_ordinary
from gridloom.ids import uuid7
from gridloom.outbox import FactRow
from gridloom.people.models import Organization, Staff, StaffPost
from gridloom.people.service import actor_with, staff_actor
from gridloom.provision import create_county
from gridloom.schema import Schemas
from gridloom.work import Actor, CountyView, Post

SECRET = bytes(range(32))
START = "2026-11-23T09:00:00+08:00"  # a Monday, in working hours
GRID = "101201001"
_codes = count(320000)


@dataclass(frozen=True, slots=True)
class Member:
    """A person of staff at work in a county."""

    actor: Actor
    organization: UUID


@dataclass(frozen=True, slots=True)
class Turned:
    """How a step turned out: the matter it was taken on, or why nothing changed (code and path)."""

    matter: UUID | None = None
    state: str | None = None
    version: int | None = None
    problem: str | None = None
    path: tuple[str, ...] = ()
    message: str | None = None


@dataclass
class TrialCounty:
    """One county of a trial: a township, a village, a grid, their centres, and every department of the shipped list.

    Organisations are named by their codes without the county's own: ZX000000 is the county's centre, FY the court.
    """

    trial: "Trial"
    id: UUID
    code: str
    organizations: dict[str, UUID] = field(default_factory=dict)
    keys: Any = field(default_factory=lambda: count(1))

    async def view(self) -> CountyView:
        """The county as requests see it now."""
        self.trial.service.directory.forget(self.id)
        return await self.trial.service.county(self.id)

    async def has_organization(self, code: str, name: str, kind: str, line: str | None = None, level: int = 2) -> UUID:
        """Add an organisation; `line` is what declarations call it after the @."""
        async with self.trial.service.open(await self.view()) as work:
            row = work.new(
                Organization, id=uuid7(), code=code, name=name, kind=kind, line=line, level=level, parent_id=None,
                grid_id=None, closed_at=None,
            )
        self.organizations[code] = row.id
        return row.id

    async def as_member(self, role: str, code: str, name: str = "杨静") -> Member:
        """A person holding this role at the organisation of that code."""
        organization = self.organizations[code]
        async with self.trial.service.open(await self.view()) as work:
            staff = work.new(Staff, id=uuid7(), name=name, organization_id=organization, left_at=None)
            await work.session.flush()
            work.new(
                StaffPost, id=uuid7(), staff_id=staff.id, role=role, organization_id=organization, grid_id=None,
                since=work.now, until=None,
            )
        async with self.trial.service.reading(await self.view()) as session:
            actor = await staff_actor(session, self.id, staff.id, self.trial.clock.now(), "zh-CN")
        if actor is None:
            raise AssertionError(f"{name} has no post")
        return Member(actor, organization)

    async def has_case(self, item: str = "A-01", description: str = "两户因排水沟改道发生争执") -> UUID:
        """A case reported in the county's grid by its grid member; `item` is a code of the work list."""
        async with self.trial.service.open(await self.view()) as work:
            grid = (await work.session.execute(
                select(GridRow).where(GridRow.tenant_id == work.tenant, GridRow.code == f"{self.code}{GRID}")
            )).scalar_one()
            staff = work.new(Staff, id=uuid7(), name="周强", organization_id=None, left_at=None)
        reporter = actor_with(self.id, staff.id, "周强", (Post("grid_member", None, None, None, grid.id),))
        async with self.trial.service.open(await self.view(), reporter) as work:
            made = await report_case(work, Report(description, item, grid_code=grid.code))
        return UUID(made["case"])

    async def shares_case(self, case: UUID, code: str) -> None:
        """Let an organisation see a case, as routing it there would."""
        async with self.trial.service.open(await self.view()) as work:
            await share(work, await open_file(work, case), ScopeKind.ORGANIZATION, self.organizations[code])

    async def names_handler(self, case: UUID, member: Member) -> None:
        """Name somebody a handler of a protected case."""
        async with self.trial.service.open(await self.view()) as work:
            await share(work, await open_file(work, case), ScopeKind.ACTOR, member.actor.id)

    async def case(self, case: UUID) -> CaseRow:
        """The case as it stands."""
        async with self.trial.service.reading(await self.view()) as session:
            return await session.get_one(CaseRow, (self.id, case))

    async def inbox(self, code: str) -> list[str]:
        """Titles of matters in the inbox of an organisation."""
        async with self.trial.service.reading(await self.view()) as session:
            rows = await session.execute(
                select(InboxItemRow.title).where(
                    InboxItemRow.tenant_id == self.id, InboxItemRow.scope_id == self.organizations[code],
                    InboxItemRow.subject_kind == "matter",
                ).order_by(InboxItemRow.sort_at)
            )
            return list(rows.scalars())

    async def ask(self, member: Member, document: str, locale: str = "zh-CN", **variables: Any) -> dict[str, Any]:
        """Run a GraphQL document as that person, in the schema of the county's plugins: `data`, codes of `errors`."""
        view = await self.view()
        schema = self.trial.schemas.of(view.plugins)
        core, limits = graphql_schema(schema), Limits()
        try:
            parsed = Documents(limits).get(core, document, developer=True)
            prepared = prepare(core, parsed, None, variables, limits, developer=True)
        except Rejected as rejected:
            return {"data": None, "errors": [rejected.code]}
        async with request_context(self.trial.service, view, member.actor, locale) as context:
            result = await run_ordinary(schema, prepared, context)
        codes = [str((one.extensions or {}).get("code") or getattr(one.original_error, "code", "FAULT"))
                 for one in result.errors or ()]  # fmt: skip
        return {"data": result.data, **({"errors": codes} if codes else {})}

    async def step(self, member: Member, name: str, selection: str, /, **values: Any) -> dict[str, Any]:
        """Send one mutation with a fresh key (or the given one); its payload."""
        values.setdefault("key", f"k{next(self.keys)}")
        kind = name[:1].upper() + name[1:] + "Input"
        document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {selection} problems {{ code path }} }} }}"
        answer = await self.ask(member, document, input=values)
        if "errors" in answer:
            return answer
        payload: dict[str, Any] = answer["data"][name]
        return payload

    async def switch(self, plugin: str, mode: Mode, settings: Mapping[str, Any] | None = None) -> None:
        """Switch a plugin off, to shadow, or on."""
        async with self.trial.service.open(await self.view()) as work:
            await set_mode(work, plugin, mode, settings)
        await self.view()

    async def begin(
        self, member: Member, plugin: str, element: str, step: str, values: Mapping[str, Any],
        *, parent: UUID | None = None,
    ) -> Turned:
        """Begin a matter (or one under a parent) as that person."""
        try:
            async with self.trial.service.open(await self.view(), member.actor) as work:
                row = await matters.begin(work, plugin, element, step, values, parent_id=parent)
                turned = Turned(row.id, row.state, row.version)
        except (Refusal, Denied) as refused:
            return _refused(refused)
        return turned

    async def take(self, member: Member, matter: Turned, step: str, values: Mapping[str, Any], **more: Any) -> Turned:
        """Take a step of a matter as that person, at the version it had in `matter`."""
        if matter.matter is None or matter.version is None:
            raise AssertionError(f"there is no matter to take {step} of: {matter}")
        try:
            async with self.trial.service.open(await self.view(), member.actor) as work:
                version = more.pop("version", matter.version)
                row = await matters.take(work, matter.matter, step, values, version=version, **more)
                turned = Turned(row.id, row.state, row.version)
        except (Refusal, Denied) as refused:
            return _refused(refused)
        return turned

    async def matter(self, matter: Turned) -> MatterRow:
        """The matter as it stands."""
        async with self.trial.service.reading(await self.view()) as session:
            return await session.get_one(MatterRow, (self.id, matter.matter))

    async def clocks(self, matter: Turned) -> list[ClockRow]:
        """The matter's clocks, oldest first."""
        async with self.trial.service.reading(await self.view()) as session:
            rows = await session.execute(
                select(ClockRow).where(ClockRow.tenant_id == self.id, ClockRow.assignment_id == matter.matter)
                .order_by(ClockRow.id)
            )
            return list(rows.scalars())

    async def history(self, matter: Turned) -> list[MatterStepRow]:
        """The matter's steps, oldest first."""
        async with self.trial.service.reading(await self.view()) as session:
            rows = await session.execute(
                select(MatterStepRow)
                .where(MatterStepRow.tenant_id == self.id, MatterStepRow.matter_id == matter.matter)
                .order_by(MatterStepRow.at, MatterStepRow.id)
            )
            return list(rows.scalars())

    async def facts(self, prefix: str = "") -> list[FactRow]:
        """The county's facts whose type begins so, oldest first."""
        async with self.trial.service.reading(await self.view()) as session:
            rows = await session.execute(
                select(FactRow).where(FactRow.tenant_id == self.id, FactRow.type.startswith(prefix))
                .order_by(FactRow.id)
            )
            return list(rows.scalars())


@dataclass
class Trial:
    """An installation on real servers, with a clock that tests may move."""

    service: runtime.Service
    schemas: Schemas
    clock: ShiftedClock

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, plugins: Sequence[object]) -> AsyncIterator["Trial"]:
        """Bring the database to the present schema and start the plugins in it."""
        await migrate.upgrade(settings)
        clock = ShiftedClock()
        host = PluginHost(plugins)
        service = runtime.build(settings, host=host, clock=clock)
        try:
            await runtime.start(service)
            trial = cls(service, Schemas(host), clock)
            trial.set_clock(START)
            yield trial
        finally:
            await service.close()

    def set_clock(self, moment: str) -> None:
        """Let it be this moment (ISO 8601 with offset) and run on from there."""
        self.clock.move_to(datetime.fromisoformat(moment))

    async def county(self, *plugins: str) -> TrialCounty:
        """A new county with these plugins on."""
        code = str(next(_codes))
        tenant = await create_county(self.service, code, _divisions(code), _frame(code))
        county = TrialCounty(self, tenant, code)
        async with self.service.reading(tenant) as session:
            rows = await session.execute(
                select(Organization.code, Organization.id).where(Organization.tenant_id == tenant)
            )
            county.organizations = {name.replace(code, ""): key for name, key in rows}
        for plugin in plugins:
            await county.switch(plugin, Mode.ON)
        return county


def _divisions(code: str) -> list[dict[str, str]]:
    rows = (
        ("000000", "试验县", "county", ""), ("101000", "城关镇", "township", "000000"),
        ("101201", "东山村委会", "village", "101000"),
    )
    return [
        {"code12": code + tail, "name_zh": name, "level": level, "parent_code12": code + up if up else ""}
        for tail, name, level, up in rows
    ]


def _frame(code: str) -> list[dict[str, str]]:
    return [{"code12": f"{code}101201", "level": "village", "l5_grids": "1", "village_groups": "1"}]


def _refused(refused: Refusal | Denied) -> Turned:
    path = refused.path if isinstance(refused, Refusal) else ()
    return Turned(problem=str(refused.code), path=path, message=refused.message_id)
