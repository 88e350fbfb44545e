"""One synthetic case told into rows: the same effects as the services' steps, computed in memory.

A test carries the same plans out through the services and compares what both leave behind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from gridloom.cases.codes import OPEN_STATUSES, SEALED_PROTECTIONS, CaseStatus, ScopeKind
from gridloom.cases.inbox import NEVER, REASONS
from gridloom.cases.models import (
    CallBackRow,
    CaseGrid,
    CaseParty,
    CaseRow,
    CaseScope,
    ExternalReferenceRow,
    InboxItemRow,
    TimelineEntryRow,
)
from gridloom.cases.parties import mask_name
from gridloom.cases.service import ACCEPT_CLOCK
from gridloom.cases.tracking import tracking_code, tracking_hash
from gridloom.catalogue.current import ServiceLevel
from gridloom.catalogue.models import WorkItemVersion
from gridloom.clocks.models import ClockExtension, ClockPause, ClockRow
from gridloom.crypto import CountyCipher, Place
from gridloom.demo.clockwork import Clockwork, clock_row
from gridloom.demo.ledger import Ledger
from gridloom.demo.plans import CasePlan, StepPlan
from gridloom.dispatch.codes import OPEN_ASSIGNMENTS, AssignmentStatus
from gridloom.dispatch.desk import INBOX_KIND
from gridloom.outbox import Due
from gridloom.people.roles import lead_scope
from gridloom.work import CountyView


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
        self.called_back = 0
        self.case: dict[str, Any] = {}
        self.at = first.at
        self.actor = first.actor

    # ---- telling -------------------------------------------------------------------------------------------------

    def begin(self, step: StepPlan) -> None:
        """From here on, this actor at this moment."""
        self.at, self.actor = step.at, step.actor

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
        if new:
            case = self.case
            self.ledger.fact(
                "case.shared", self.at, self.id, self.actor_id, new,
                {"status": str(case["status"]), "number": case["number"], "severity": case["severity"],
                 "version": case["version"]},
            )

    def share_with_units(self, *units: Unit) -> None:
        for unit in units:
            if self.sealed:
                self.share(ScopeKind.ACTOR, *unit.leads)
            else:
                self.share(ScopeKind.ORGANIZATION, unit.id)

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

    # ---- the end of the telling ----------------------------------------------------------------------------------

    def close_book(self) -> None:
        """Write what follows from the final state: visibility, clocks, what is due, inbox rows, counts."""
        case, ledger = self.case, self.ledger
        for scope, (kind, since) in self.scopes.items():
            ledger.add(CaseScope, case_id=self.id, scope_id=scope, kind=kind, since=since, until=None,
                       reported_at=case["reported_at"])
        if case["status"] in OPEN_STATUSES and not self.sealed:
            for grid in self.path:
                ledger.add(CaseGrid, grid_id=grid, case_id=self.id)
        self._write_clocks()
        self._write_inbox()

    def _write_clocks(self) -> None:
        world, ledger = self.world, self.ledger
        for clock in self.clocks.clocks:
            when = clock.time(self.clocks.calendar, world.now)
            row = ledger.add(
                ClockRow, **clock_row(clock, self.id, when, world.calendar_version, world.now)
            )
            for start, end, note in clock.pauses:
                ledger.add(ClockPause, id=ledger.id_at(start), clock_id=clock.id, started_at=start, ended_at=end, note=note)
            for position, (limit, at, by, reason) in enumerate(clock.extensions):
                ledger.add(
                    ClockExtension, id=ledger.id_at(at), clock_id=clock.id, position=position, value=limit.value,
                    unit=limit.unit, reason=reason, granted_at=at, granted_by=by,
                )
            if row["state"] == "RUNNING":
                moment = row["due_at"] if row["warned_at"] else row["warn_at"]
                ledger.add(Due, kind="clock", id=clock.id, due_at=moment)
            self._tell_clock(row)

    def _tell_clock(self, row: dict[str, Any]) -> None:
        for type, moment in (("clock.warned", row["warned_at"]), ("clock.expired", row["expired_at"])):
            if moment is not None:
                seen = sorted(scope for scope, (_kind, since) in self.scopes.items() if since <= moment)
                self.ledger.fact(type, moment, self.id, UUID(int=0), seen, {
                    "clock_id": str(row["id"]), "kind": str(row["kind"]), "code": row["code"], "label": row["label"],
                    "assignment_id": str(row["assignment_id"]) if row["assignment_id"] else None,
                    "due_at": row["due_at"].isoformat(),
                })

    def _write_inbox(self) -> None:
        case = self.case
        if any(one["state"] == "PROPOSED" for one in self.whistles):
            self._wait(lead_scope(self.centre.id), "RULE_WHISTLE", "case", self.id, None)
        else:
            self._wait_for_centre(case)
        for one in self.open_assignments():
            kind, due = "HANDLE", one["due_at"]
            if one["status"] == AssignmentStatus.PENDING:
                kind, due = "SIGN", one["sign_due_at"]
            elif one["status"] == AssignmentStatus.SIGNED and one["whistle_id"] is not None:
                kind, due = "REPORT_IN", one["report_in_due_at"]
            elif one["status"] == AssignmentStatus.RETURN_ASKED:
                self._wait(self.centre.id, "RULE_RETURN", "assignment", one["id"], None)
            scope = lead_scope(one["organization_id"]) if self.sealed else one["organization_id"]
            self._wait(scope, kind, "assignment", one["id"], due)

    def _wait_for_centre(self, case: dict[str, Any]) -> None:
        kind = INBOX_KIND.get(CaseStatus(case["status"]))
        if kind is None:
            return
        if (kind == "VERIFY" and case["self_handled"]) or (kind == "CALL_BACK" and self.called_back == case["round"]):
            kind = "CLOSE"
        due = self.clocks.due(f"sl:{kind.lower()}", self.world.now)
        for scope in sorted(self.scopes) if self.sealed else [self.centre.id]:
            self._wait(scope, kind, "case", self.id, due)

    def _wait(self, scope: UUID, kind: str, subject_kind: str, subject: UUID, due: datetime | None) -> None:
        self.ledger.add(
            InboxItemRow, id=self.ledger.id_at(self.at), scope_id=scope, kind=kind, subject_kind=subject_kind,
            subject_id=subject, case_id=self.id, title=self.case["title"], reason=REASONS[kind], due_at=due,
            sort_at=due or NEVER, created_at=self.at,
        )

    def add_call_back(self, *, reached: bool, satisfaction: int | None) -> None:
        self.called_back = self.case["round"]
        self.ledger.add(
            CallBackRow, id=self.ledger.id_at(self.at), case_id=self.id, round=self.case["round"], at=self.at,
            by_id=self.actor_id, reached=reached, satisfaction=satisfaction,
        )


def _moment(value: Any) -> datetime | None:
    return value if value is None or isinstance(value, datetime) else datetime.fromisoformat(str(value))

