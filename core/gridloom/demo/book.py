"""One synthetic case told into rows: the same effects as the services' steps, computed in memory.

A test carries the same plans out through the services and compares what both leave behind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from gridloom.audit.models import AuditRow
from gridloom.cases.codes import SEALED_PROTECTIONS, CaseStatus, ScopeKind
from gridloom.cases.file import NEUTRAL
from gridloom.cases.models import (
    CallBackRow,
    CaseParty,
    CaseRow,
    ExternalReferenceRow,
    TimelineEntryRow,
)
from gridloom.cases.parties import mask_name
from gridloom.cases.service import ACCEPT_CLOCK
from gridloom.cases.tracking import tracking_code, tracking_hash
from gridloom.catalogue.current import ServiceLevel
from gridloom.catalogue.models import WorkItemVersion
from gridloom.crypto import CountyCipher, Place
from gridloom.demo.clockwork import Clockwork, Happening
from gridloom.demo.ledger import Ledger
from gridloom.demo.plans import CasePlan, StepPlan
from gridloom.dispatch.codes import OPEN_ASSIGNMENTS
from gridloom.work import SYSTEM_ACTOR_ID, CountyView

WORKER = SYSTEM_ACTOR_ID
Slot = tuple[UUID, UUID, str]
"""One place in an inbox: of a case or an assignment, at a scope, for a kind of work."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a life needs to know of an organisation."""

    id: UUID
    code: str
    kind: str
    name: str
    level: int | None
    parent_id: UUID | None
    grid_id: UUID | None
    leads: tuple[UUID, ...]
    desk: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class World:
    """The county a book is written in; read once."""

    county: CountyView
    cipher: CountyCipher
    level: ServiceLevel
    items: Mapping[str, WorkItemVersion]
    paths: Mapping[str, tuple[UUID, ...]]
    units: Mapping[str, Unit]
    by_id: Mapping[UUID, Unit]
    centres: Mapping[UUID, Unit]
    staff: Mapping[str, UUID]
    clockwork: Callable[[], Clockwork]
    calendar_version: int
    now: datetime


class Book:
    """One case while its life is told. `case` is its row; what else it has stands beside it."""

    def __init__(self, world: World, ledger: Ledger, plan: CasePlan) -> None:
        first = plan.steps[0]
        self.world, self.ledger, self.plan = world, ledger, plan
        self.item = world.items[plan.work_item]
        self.id = ledger.id_at(first.at)
        self.clocks = world.clockwork()
        self.sealed = bool(SEALED_PROTECTIONS & set(self.item.protection))
        self.path = world.paths[plan.grid]
        self.centre = self._nearest_centre()
        self.scopes: dict[UUID, tuple[ScopeKind, datetime]] = {}
        self.assignments: list[dict[str, Any]] = []
        self.whistles: list[dict[str, Any]] = []
        self.returns: list[dict[str, Any]] = []
        self.waiting: dict[Slot, datetime] = {}
        self.called_back = 0
        self.case: dict[str, Any] = {}
        self.at = first.at
        self.actor = first.actor

    # ---- telling -------------------------------------------------------------------------------------------------

    def begin(self, step: StepPlan) -> None:
        """From here on, this actor at this moment; what a worker had to do until then is done."""
        self.pass_time(step.at)
        self.at, self.actor = step.at, step.actor

    def pass_time(self, to: datetime) -> None:
        """What a worker has to do until a moment."""
        for happening in self.clocks.advance(to):
            self.tell_clock(happening, WORKER)

    @property
    def actor_id(self) -> UUID:
        return self.world.staff[self.actor.person]

    def acting_centre(self) -> Unit:
        """The centre the actor works for, where they work for one; else the running one."""
        unit = self.world.units.get(self.actor.organization or "")
        return unit if unit is not None and self.actor.role.startswith("centre_") else self.centre

    def take_over(self, centre: Unit) -> None:
        self.centre = centre
        self.case["centre_id"] = centre.id

    def record(self, step: str, note: str | None = None, **data: Any) -> None:
        """A line of the timeline."""
        entry = self.ledger.id_at(self.at)
        sealed = self.sealed and note is not None
        if sealed and note is not None:
            note = self.seal("timeline_entry", "note", entry, note)
        self.ledger.add(
            TimelineEntryRow, id=entry, case_id=self.id, at=self.at, step=step, staff_id=self.actor_id,
            actor_id=self.actor_id, actor_kind="user", performed_by=None,
            assignment_id=data.pop("assignment_id", None), organization_id=data.pop("organization_id", None),
            note=note, sealed=sealed, data=data,
        )

    def tell(self, type: str, **data: Any) -> None:
        """A fact for everybody who sees the case now."""
        self.ledger.fact(
            type, self.at, self.id, self.actor_id, sorted(self.scopes),
            {"number": self.case["number"], "status": str(self.case["status"]), **data},
        )

    def touch(self) -> None:
        self.case["version"] += 1

    def share(self, kind: ScopeKind, *ids: UUID) -> None:
        """Let more scopes see the case."""
        new = [one for one in dict.fromkeys(ids) if one not in self.scopes]
        for one in new:
            self.scopes[one] = (kind, self.at)
        case = self.case
        if new and (case["version"] > 1 or case["status"] != CaseStatus.REPORTED):
            self.ledger.fact(
                "case.shared", self.at, self.id, self.actor_id, new,
                {"status": str(case["status"]), "number": case["number"], "severity": case["severity"],
                 "version": case["version"]},
            )

    def share_with_units(self, *units: Unit) -> None:
        if not self.sealed:
            self.share(ScopeKind.ORGANIZATION, *(unit.id for unit in units))
            return
        for unit in units:
            self.share(ScopeKind.ACTOR, *unit.leads)

    def shown(self, text: str | None) -> str | None:
        """What a column in clear may hold of a text: nothing of a sealed case."""
        return NEUTRAL if self.sealed and text is not None else text

    def seal(self, table: str, column: str, row: UUID, value: str) -> str:
        return self.world.cipher.seal(value, Place(self.world.county.id, table, column, row))

    def open_assignments(self) -> list[dict[str, Any]]:
        return [one for one in self.assignments if one["visible"] and one["status"] in OPEN_ASSIGNMENTS]

    # ---- the first step ------------------------------------------------------------------------------------------

    def report(self) -> None:
        """reportCase."""
        given = self.plan.steps[0].inputs
        handled = bool(given.get("selfHandled"))
        self._open_case(given, handled)
        for scope, kind in self._first_scopes().items():
            self.scopes[scope] = (kind, self.at)
        self._add_people(given)
        if handled:
            self.record("reportCase", str(given["handledNote"]), self_handled=True)
        else:
            self.record("reportCase")
            self.clocks.start(
                self.ledger.id_at(self.at), ACCEPT_CLOCK, "受理时限",
                self.world.level.limit("SEVERITY", self.case["severity"], "accept"), self.at,
            )
        self.tell(
            "case.reported", item=self.item.code, severity=str(self.case["severity"]), channel=self.case["channel"],
            self_handled=handled, grid=str(self.path[-1]),
        )
        if handled:
            self.tell("case.handled", self_handled=True)

    def _open_case(self, given: Mapping[str, Any], handled: bool) -> None:
        world, county, point = self.world, self.world.county, given.get("location")
        description, address = str(given["description"]), given.get("address")
        if self.sealed:
            description = self.seal("case", "description", self.id, description)
            address = address and self.seal("case", "address", self.id, str(address))
        tracked = not handled or "onBehalfOf" in given
        code = tracking_code(county, world.cipher, self.id)
        self.case = self.ledger.add(
            CaseRow, id=self.id, number=self._number(), description=description, sealed=self.sealed,
            title=f"{self.item.code} 受保护事项" if self.sealed else str(given["title"]),
            severity=given.get("severity") or self.item.severity, protection=list(self.item.protection),
            status=CaseStatus.HANDLED if handled else CaseStatus.REPORTED, channel=given.get("channel", "GRID_PHONE"),
            self_handled=handled, emergency=self.item.emergency, paused=False, version=1, round=1,
            item_version_id=self.item.id, service_level_id=world.level.id, grid_id=self.path[-1],
            path=list(self.path), centre_id=self.centre.id, reporter_id=self.actor_id, reporter_kind="user",
            reporter_actor_id=self.actor_id, recorded_at=_moment(given.get("recordedAt")),
            occurred_at=_moment(given.get("occurredAt")), reported_at=self.at, accepted_at=None,
            handled_at=self.at if handled else None, verified_at=None, closed_at=None, ended_at=None, due_at=None,
            longitude=point["longitude"] if point else None, latitude=point["latitude"] if point else None,
            address=address, tracking_hash=tracking_hash(world.cipher, code) if tracked else None, escalations=0,
        )

    def _number(self) -> str:
        day = self.at.astimezone(ZoneInfo(self.world.county.time_zone)).strftime("%Y%m%d")
        if self.sealed:
            return f"{self.world.county.code}-{day}-X{self.id.hex[-8:].upper()}"
        return f"{self.world.county.code}-{day}-{self.ledger.next_number(day):05d}"

    def _nearest_centre(self) -> Unit:
        centres = self.world.centres
        return next(centres[grid] for grid in reversed(self.path) if grid in centres)

    def _first_scopes(self) -> dict[UUID, ScopeKind]:
        if self.sealed:
            police = self.world.units["GA"]
            return dict.fromkeys((*self.centre.leads, *police.desk), ScopeKind.ACTOR)
        scopes = dict.fromkeys(self.path, ScopeKind.GRID)
        scopes[self.centre.id] = ScopeKind.ORGANIZATION
        scopes[self.actor_id] = ScopeKind.ACTOR
        return scopes

    def _add_people(self, given: Mapping[str, Any]) -> None:
        behalf = given.get("onBehalfOf")
        for person in ([behalf] if behalf else []) + list(given.get("parties", ())):
            row, index = self.ledger.id_at(self.at), self.world.cipher.blind_index
            sealed = {
                column: self.seal("case_party", column, row, person[key]) if person.get(key) else None
                for column, key in (("name", "name"), ("phone", "phone"), ("id_number", "idNumber"), ("address", "address"))
            }
            self.ledger.add(
                CaseParty, id=row, case_id=self.id, role=person["role"], masked=mask_name(person["name"]), **sealed,
                name_index=index(person["name"]), phone_index=index(person["phone"]) if person.get("phone") else None,
                id_number_index=index(person["idNumber"]) if person.get("idNumber") else None,
                is_reporter=person is behalf,
            )
        reference = given.get("externalReference")
        if reference:
            self.ledger.add(
                ExternalReferenceRow, id=self.ledger.id_at(self.at), case_id=self.id, system=reference["system"],
                value=reference["id"],
            )

    # ---- clocks and records --------------------------------------------------------------------------------------

    def tell_clock(self, happening: Happening, actor_id: UUID) -> None:
        """A fact of a clock, for everybody who sees the case now."""
        clock = happening.clock
        data = {
            "clock_id": str(clock.id), "kind": str(clock.kind), "code": clock.code, "label": clock.label,
            "assignment_id": str(clock.assignment_id) if clock.assignment_id else None,
            "due_at": clock.when.due_at.isoformat(),
        }
        if happening.due_before is not None:
            data["due_before"] = happening.due_before.isoformat()
        self.ledger.fact(happening.type, happening.at, self.id, actor_id, sorted(self.scopes), data)

    def audit(self, action: str, **ids: Any) -> None:
        """A row of the audit chain, to be sealed by the worker."""
        self.ledger.add(
            AuditRow, id=self.ledger.id_at(self.at), at=self.at, actor_id=self.actor_id, actor_kind="user",
            action=action, subject="case", subject_id=self.id, purpose=None, ids=ids,
        )

    def add_call_back(self, *, reached: bool, satisfaction: int | None) -> None:
        self.called_back = self.case["round"]
        self.ledger.add(
            CallBackRow, id=self.ledger.id_at(self.at), case_id=self.id, round=self.case["round"], at=self.at,
            by_id=self.actor_id, reached=reached, satisfaction=satisfaction,
        )


def _moment(value: Any) -> datetime | None:
    return value if value is None or isinstance(value, datetime) else datetime.fromisoformat(str(value))

