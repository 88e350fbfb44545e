"""The case file (案卷): a case with what a step must know of it, read and locked for the length of the work."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from gridloom.cases.codes import SEALED_PROTECTIONS, CaseStatus, ScopeKind
from gridloom.cases.models import CaseGrid, CaseRow, CaseScope, TimelineEntryRow
from gridloom.cases.text import identifier
from gridloom.crypto import Place
from gridloom.errors import Denied, ProblemCode, Refusal, not_found
from gridloom.ids import uuid7
from gridloom.work import Work

NEUTRAL = "受保护事项,内容见办理过程"


@dataclass(slots=True)
class CaseFile:
    """A locked case and the scopes that see it now."""

    case: CaseRow
    scopes: set[UUID] = field(default_factory=set)

    @property
    def id(self) -> UUID:
        return self.case.id

    @property
    def sealed(self) -> bool:
        """Whether only named handlers may know of it."""
        return bool(SEALED_PROTECTIONS & set(self.case.protection))


async def open_file(work: Work, case_id: object, *path: str, lock: bool = True) -> CaseFile:
    """Read (and, for a step, lock) a case the actor may see.

    Raises `Refusal` NOT_FOUND for unknown, hidden and foreign ids alike.
    """
    wanted = identifier(case_id, *path)
    await work.flush_pending(CaseRow)
    statement = select(CaseRow).where(CaseRow.tenant_id == work.tenant, CaseRow.id == wanted)
    if work.actor.kind != "system":
        statement = statement.where(
            exists().where(
                CaseScope.tenant_id == work.tenant, CaseScope.case_id == CaseRow.id,
                CaseScope.scope_id.in_(work.actor.scopes), CaseScope.until.is_(None),
            )
        )
    if lock:
        statement = statement.with_for_update(of=CaseRow)
    case = (await work.session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if case is None:
        raise not_found(*path)
    rows = await work.session.execute(
        select(CaseScope.scope_id).where(
            CaseScope.tenant_id == work.tenant, CaseScope.case_id == case.id, CaseScope.until.is_(None)
        )
    )
    return CaseFile(case, set(rows.scalars()))


async def scopes_of(work: Work, case_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """Which scopes see these cases now."""
    await work.flush_pending(CaseScope)
    rows = await work.session.execute(
        select(CaseScope.case_id, CaseScope.scope_id).where(
            CaseScope.tenant_id == work.tenant, CaseScope.case_id.in_(list(case_ids)), CaseScope.until.is_(None)
        )
    )
    found: dict[UUID, list[UUID]] = {}
    for case_id, scope_id in rows.tuples():
        found.setdefault(case_id, []).append(scope_id)
    return {case_id: tuple(sorted(scopes)) for case_id, scopes in found.items()}


def permit(work: Work, step: str) -> None:
    """Raises `Denied` FORBIDDEN when none of the actor's posts opens this step."""
    if step not in work.actor.can and work.actor.kind != "system":
        raise Denied("FORBIDDEN", "denied-forbidden", step=step)


def expect_version(present: int, given: int) -> None:
    """Raises `Refusal` CONFLICT when somebody changed the thing since the caller read it."""
    if present != given:
        raise Refusal(ProblemCode.CONFLICT, "problem-conflict", path=("version",))


async def share(work: Work, file: CaseFile, kind: ScopeKind, *scope_ids: UUID) -> None:
    """Let more scopes see the case; whoever is new gets a fact with its present state, so that nothing is missed."""
    new = [scope for scope in dict.fromkeys(scope_ids) if scope not in file.scopes]
    if not new:
        return
    await grant(work, file, [(kind, scope) for scope in new])
    case = file.case
    if case.version > 1 or case.status != CaseStatus.REPORTED:
        work.fact(
            "case.shared", case.id, scopes=tuple(new), status=case.status, number=case.number, severity=case.severity,
            version=case.version,
        )


async def grant(work: Work, file: CaseFile, scopes: list[tuple[ScopeKind, UUID]]) -> None:
    """Write visibility rows (reopening closed ones)."""
    if not scopes:
        return
    work.writes.put(CaseScope, [
        {
            "case_id": file.id, "scope_id": scope, "kind": kind, "since": work.now, "until": None,
            "reported_at": file.case.reported_at,
        }
        for kind, scope in scopes
    ], renew=("until", "since", "kind"))
    file.scopes |= {scope for _kind, scope in scopes}


async def count_in_grids(work: Work, file: CaseFile) -> None:
    """Let an open case count in every grid of its path (sealed ones never do)."""
    if file.sealed:
        return
    work.writes.put(CaseGrid, [{"grid_id": grid, "case_id": file.id} for grid in file.case.path])


async def stop_counting(work: Work, file: CaseFile) -> None:
    """An ended case counts nowhere."""
    work.writes.drop(CaseGrid, "case_id", [file.id])


def record(
    work: Work, file: CaseFile, step: str, *, note: str | None = None, performed_by: str | None = None,
    assignment_id: UUID | None = None, organization_id: UUID | None = None, **data: Any,
) -> UUID:
    """One line of the timeline; free text is encrypted where the case is sealed. Returns the line's id."""
    entry_id = uuid7()
    sealed = file.case.sealed and note is not None
    if sealed and note is not None:
        note = work.cipher.seal(note, Place(work.tenant, "timeline_entry", "note", entry_id))
    work.new(
        TimelineEntryRow, id=entry_id, case_id=file.id, at=work.now, step=step,
        staff_id=work.actor.id if work.actor.kind == "user" else None, actor_id=work.actor.id,
        actor_kind=work.actor.kind, performed_by=performed_by, assignment_id=assignment_id,
        organization_id=organization_id, note=note, sealed=sealed, data=data,
    )
    return entry_id


def shown(file: CaseFile, text: str | None) -> str | None:
    """What a column in clear may hold of a text: of a protected case nothing, its words stand encrypted in the timeline."""
    return NEUTRAL if file.case.sealed and text is not None else text


def tell(work: Work, file: CaseFile, type: str, **data: Any) -> None:
    """Record a fact about the case for everybody who sees it now."""
    work.fact(
        type, file.id, scopes=tuple(sorted(file.scopes)), number=file.case.number, status=file.case.status, **data,
    )


def touch(file: CaseFile) -> None:
    """The case changed: a caller who read it before must read it again."""
    file.case.version += 1


