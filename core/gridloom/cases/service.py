"""Reporting a case: what comes in, from whom, where, and what it starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from gridloom.cases.attachments import own_files, tie_files
from gridloom.cases.codes import SEALED_PROTECTIONS, CaseStatus, Channel, ScopeKind
from gridloom.cases.file import CaseFile, count_in_grids, grant, permit, record, tell
from gridloom.cases.inbox import Waiting, put
from gridloom.cases.models import CaseRow, ExternalReferenceRow
from gridloom.cases.parties import Person, add_party, check_person
from gridloom.cases.site import Centre, Site, site_by_code, site_of
from gridloom.cases.text import DESCRIPTION, NAME, NOTE, TITLE, optional, required
from gridloom.cases.tracking import next_number, tracking_code, tracking_hash
from gridloom.catalogue.models import Severity, WorkItemVersion
from gridloom.catalogue.service import ServiceLevel, item_by_code, service_level
from gridloom.clocks.service import start_clock
from gridloom.crypto import Place
from gridloom.errors import ProblemCode, Refusal, invalid, not_found
from gridloom.grid.location import require_location
from gridloom.ids import uuid7
from gridloom.people.models import Organization
from gridloom.people.roles import CENTRE_ROLES, FIELD_ROLES
from gridloom.people.service import holders, organization_by_code
from gridloom.work import Work

POLICE_CODE = "GA"
ACCEPT_CLOCK = "sl:accept"
SELF_HANDLED_SEVERITIES = (Severity.NORMAL, Severity.LOW)
CLOCK_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it came in; nothing of it is checked yet. Longitude and latitude are CGCS2000 degrees."""

    description: str
    work_item_code: str
    title: str | None = None
    grid_code: str | None = None
    point: tuple[float, float] | None = None
    address: str | None = None
    severity: str | None = None
    occurred_at: datetime | None = None
    recorded_at: datetime | None = None
    channel: str | None = None
    external_reference: tuple[str, str] | None = None
    on_behalf_of: Person | None = None
    parties: Sequence[Person] = ()
    attachment_ids: Sequence[str] = ()
    self_handled: bool = False
    handled_note: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A report whose every part was found and is in order."""

    report: Report
    description: str
    title: str
    address: str | None
    item: WorkItemVersion
    site: Site
    centre: Centre
    level: ServiceLevel
    severity: str
    channel: str
    handled_note: str | None
    parties: tuple[Person, ...]
    on_behalf_of: Person | None
    attachment_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Reported:
    """A report that was taken in: its case, and the item it falls under."""

    file: CaseFile
    item: WorkItemVersion


async def report_case(work: Work, report: Report) -> dict[str, str]:
    """As `take_report`; returns the ids `case`."""
    return {"case": str((await take_report(work, report)).file.id)}


async def take_report(work: Work, report: Report) -> Reported:
    """Take a report in and start what it starts.

    Raises `Refusal`: NOT_FOUND (grid, item, attachments), VALIDATION, OUTSIDE_COUNTY, USE_CLUE; `Denied` FORBIDDEN.
    """
    checked = await check_report(work, report)
    case_id = uuid7()
    file = CaseFile(await _write_case(work, checked, case_id))
    await grant(work, file, await _first_scopes(work, checked))
    await _write_parts(work, file, checked)
    if report.self_handled:
        entry = record(work, file, "reportCase", note=checked.handled_note, self_handled=True)
        put(work, file, Waiting(checked.centre.id, "CLOSE", "case", case_id, file.case.title))
    else:
        entry = record(work, file, "reportCase")
        await _start_acceptance(work, file, checked)
    await tie_files(work, file, entry, checked.attachment_ids)
    await count_in_grids(work, file)
    tell(work, file, "case.reported", item=checked.item.code, severity=checked.severity, channel=checked.channel,
         self_handled=report.self_handled, grid=str(checked.site.grid_id))
    if report.self_handled:
        tell(work, file, "case.handled", self_handled=True)
    return Reported(file, checked.item)


async def check_report(work: Work, report: Report) -> Checked:
    """Find and check every part of a report; raises like `report_case` and writes nothing."""
    item = await item_by_code(work, report.work_item_code.strip())
    if item is None:
        raise not_found("workItemCode")
    site = await _site_of(work, report)
    attachments = await own_files(work, report.attachment_ids)
    permit(work, "reportCase")
    if item.clue:
        raise Refusal(ProblemCode.USE_CLUE, "problem-use-clue", path=("workItemCode",))
    description = required(report.description, DESCRIPTION, "description")
    severity = report.severity or item.severity
    checked_note = _self_handled_note(report, item, severity)
    _check_times(work, report)
    if site.centre is None:
        raise invalid("problem-no-centre", "gridCode")
    return Checked(
        report=report, description=description, title=_title(report, item, description),
        address=optional(report.address, 200, "address"), item=item, site=site, centre=site.centre,
        level=await service_level(work), severity=severity, channel=report.channel or _channel(work),
        handled_note=checked_note,
        parties=tuple(
            check_person(party, "parties", str(place)) for place, party in enumerate(report.parties)
        ),
        on_behalf_of=check_person(report.on_behalf_of, "onBehalfOf") if report.on_behalf_of else None,
        attachment_ids=attachments,
    )


async def _site_of(work: Work, report: Report) -> Site:
    located = None
    if report.point is not None:
        located = await require_location(work, *report.point, "location")
    if report.grid_code:
        site = await site_by_code(work, report.grid_code.strip())
        if site is None:
            raise not_found("gridCode")
        return site
    own = next((post.grid_id for post in work.actor.posts if post.role in FIELD_ROLES and post.grid_id), None)
    wanted = located or own
    site = await site_of(work, wanted) if wanted is not None else None
    if site is None:
        raise invalid("problem-where", "gridCode")
    return site


def _self_handled_note(report: Report, item: WorkItemVersion, severity: str) -> str | None:
    if not report.self_handled:
        return None
    if severity not in SELF_HANDLED_SEVERITIES or item.protection or item.emergency:
        raise invalid("problem-not-self-handled", "selfHandled")
    return required(report.handled_note, NOTE, "handledNote")


def _check_times(work: Work, report: Report) -> None:
    for moment, name in ((report.occurred_at, "occurredAt"), (report.recorded_at, "recordedAt")):
        if moment is not None and (moment.tzinfo is None or moment > work.now + CLOCK_AHEAD):
            raise invalid("problem-future", name)


def _title(report: Report, item: WorkItemVersion, description: str) -> str:
    if SEALED_PROTECTIONS & set(item.protection):
        return f"{item.code} 受保护事项"
    return optional(report.title, TITLE, "title") or f"{item.name}:{description.splitlines()[0]}"[:TITLE]


def _channel(work: Work) -> str:
    roles = {post.role for post in work.actor.posts}
    if work.actor.kind == "client":
        return Channel.DEPARTMENT_SYSTEM
    if work.actor.kind == "citizen":
        return Channel.PUBLIC
    if roles & set(CENTRE_ROLES):
        return Channel.CENTRE_WINDOW
    return Channel.LEADER if "leader" in roles else Channel.GRID_PHONE


async def _write_case(work: Work, checked: Checked, case_id: UUID) -> CaseRow:
    sealed = bool(SEALED_PROTECTIONS & set(checked.item.protection))
    report, description, address = checked.report, checked.description, checked.address
    if sealed:
        description = work.cipher.seal(description, Place(work.tenant, "case", "description", case_id))
        address = address and work.cipher.seal(address, Place(work.tenant, "case", "address", case_id))
    tracked = not report.self_handled or checked.on_behalf_of is not None
    code = tracking_code(work.county, work.cipher, case_id)
    return work.new(
        CaseRow, id=case_id, number=await next_number(work, random=sealed), title=checked.title,
        description=description, sealed=sealed, severity=checked.severity, protection=list(checked.item.protection),
        status=CaseStatus.HANDLED if report.self_handled else CaseStatus.REPORTED, channel=checked.channel,
        self_handled=report.self_handled, emergency=checked.item.emergency, item_version_id=checked.item.id,
        service_level_id=checked.level.id, grid_id=checked.site.grid_id, path=list(checked.site.path),
        centre_id=checked.centre.id, reporter_id=work.actor.id if work.actor.kind == "user" else None,
        reporter_kind=work.actor.kind, reporter_actor_id=work.actor.id, recorded_at=report.recorded_at,
        occurred_at=report.occurred_at, reported_at=work.now,
        handled_at=work.now if report.self_handled else None,
        longitude=report.point[0] if report.point else None, latitude=report.point[1] if report.point else None,
        address=address, tracking_hash=tracking_hash(work.cipher, code) if tracked else None, version=1, round=1,
        paused=False, escalations=0,
    )


async def _first_scopes(work: Work, checked: Checked) -> list[tuple[ScopeKind, UUID]]:
    """Who sees a new case: the grids above it and its reporter; of a sealed one the centre's leads and the police desk."""
    if SEALED_PROTECTIONS & set(checked.item.protection):
        handlers = await _nearest_leads(work, checked.centre)
        police = await organization_by_code(work, POLICE_CODE)
        if police is not None:
            handlers += await holders(work, police.id, ("department_officer", "department_lead"))
        return [(ScopeKind.ACTOR, handler) for handler in dict.fromkeys(handlers)]
    scopes = [(ScopeKind.GRID, grid) for grid in checked.site.path]
    scopes.append((ScopeKind.ORGANIZATION, checked.centre.id))
    if work.actor.kind != "citizen":
        scopes.append((ScopeKind.ACTOR, work.actor.id))
    if work.actor.kind == "client":
        scopes += [(ScopeKind.ORGANIZATION, one) for one in work.actor.organizations()]
    return list(dict.fromkeys(scopes))


async def _nearest_leads(work: Work, centre: Centre) -> list[UUID]:
    """The leads of a centre; where it has none, those of the next one above that has."""
    at: Centre | Organization | None = centre
    while at is not None:
        leads = await holders(work, at.id, ("centre_lead",))
        if leads:
            return leads
        at = await work.session.get(Organization, (work.tenant, at.parent_id)) if at.parent_id else None
    return []


async def _write_parts(work: Work, file: CaseFile, checked: Checked) -> None:
    if checked.on_behalf_of is not None:
        add_party(work, file, checked.on_behalf_of, is_reporter=True)
    for party in checked.parties:
        add_party(work, file, party)
    if checked.report.external_reference is not None:
        system, value = checked.report.external_reference
        await _add_reference(work, file, required(system, NAME, "externalReference", "system"),
                             required(value, 200, "externalReference", "id"))


async def _add_reference(work: Work, file: CaseFile, system: str, value: str) -> None:
    taken = (await work.session.execute(
        select(ExternalReferenceRow.id).where(
            ExternalReferenceRow.tenant_id == work.tenant, ExternalReferenceRow.system == system,
            ExternalReferenceRow.value == value,
        )
    )).scalar_one_or_none()
    if taken is not None:
        raise invalid("problem-reference-taken", "externalReference")
    work.new(ExternalReferenceRow, case_id=file.id, system=system, value=value)


async def _start_acceptance(work: Work, file: CaseFile, checked: Checked) -> None:
    clock = await start_clock(
        work, case_id=file.id, kind="SERVICE", code=ACCEPT_CLOCK, label="受理时限",
        limit=checked.level.limit("SEVERITY", checked.severity, "accept"),
    )
    for scope in _acceptors(file, checked.centre.id):
        put(work, file, Waiting(scope, "ACCEPT", "case", file.id, file.case.title, clock.due_at))


def _acceptors(file: CaseFile, centre_id: UUID) -> list[UUID]:
    return sorted(file.scopes) if file.sealed else [centre_id]
