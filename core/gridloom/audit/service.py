"""Writing, sealing and verifying the audit chain."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes
from sqlalchemy import exists, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.audit.models import AuditHead, AuditRow, AuditSeal
from gridloom.ids import uuid7
from gridloom.work import AuditEntry, Work

GENESIS = "0" * 64
SEAL_BATCH = 500
# A transaction may commit after later ones; nothing runs longer than the statement limit times a few statements.
LATE_COMMIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of a verification: how many links hold, and what the first broken one is."""

    sealed: int
    unsealed: int
    head: str
    fault: str | None


def write_entries(work: Work, entries: Sequence[AuditEntry]) -> None:
    """Leave audit rows, unsealed, with the work they belong to."""
    work.writes.insert(AuditRow, [
        {
            "id": uuid7(), "at": work.now, "actor_id": work.actor.id,
            "actor_kind": work.actor.kind, "action": entry.action, "subject": entry.subject,
            "subject_id": entry.subject_id, "purpose": entry.purpose, "ids": _plain(entry.ids),
        }
        for entry in entries
    ])


async def seal(work: Work) -> int:
    """Chain the rows that are not sealed yet, at most 500; 0 when another sealer is at work or nothing waits."""
    head = await _locked_head(work)
    if head is None:
        return 0
    rows = await _unsealed(work.session, work, head.sealed_up_to)
    seals = []
    for row in rows:
        head.sequence += 1
        head.digest = link(head.digest, row)
        seals.append({
            "tenant_id": work.tenant, "sequence": head.sequence, "audit_id": row.id, "digest": head.digest,
        })
        head.sealed_up_to = max(head.sealed_up_to, row.at)
    if seals:
        await work.session.execute(insert(AuditSeal), seals)
    return len(seals)


async def verify(work: Work, *, kept_head: tuple[int, str] | None = None) -> Verdict:
    """Walk the whole chain. `kept_head` (sequence, digest), kept out of the database's reach, detects a cut tail."""
    digest, sequence, fault, found_kept = GENESIS, 0, None, kept_head is None
    pairs = await work.session.stream(
        select(AuditSeal, AuditRow)
        .outerjoin(AuditRow, (AuditRow.tenant_id == AuditSeal.tenant_id) & (AuditRow.id == AuditSeal.audit_id))
        .where(AuditSeal.tenant_id == work.tenant)
        .order_by(AuditSeal.sequence)
    )
    async for seal_row, audit_row in pairs:
        sequence += 1
        fault = _fault(seal_row, audit_row, sequence, digest)
        if fault:
            break
        digest = seal_row.digest
        found_kept = found_kept or kept_head == (sequence, digest)
    await pairs.close()
    head = await work.session.get(AuditHead, work.tenant)
    if fault is None:
        fault = _tail_fault(head, sequence, digest, found_kept)
    unsealed = len(await _unsealed(work.session, work, None))
    return Verdict(sequence, unsealed, digest, fault)


def link(previous: str, row: AuditRow) -> str:
    """The digest of one row on top of the link before it (SM3 over canonical JSON)."""
    body = json.dumps(
        [
            previous, str(row.tenant_id), str(row.id), row.at.isoformat(), str(row.actor_id), row.actor_kind, row.action,
            row.subject, str(row.subject_id), row.purpose, row.ids,
        ],
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )
    digest = hashes.Hash(hashes.SM3())
    digest.update(body.encode())
    return digest.finalize().hex()


def _fault(seal_row: AuditSeal, audit_row: AuditRow | None, sequence: int, previous: str) -> str | None:
    if seal_row.sequence != sequence:
        return f"link {sequence} is missing"
    if audit_row is None:
        return f"the row of link {sequence} is missing"
    if link(previous, audit_row) != seal_row.digest:
        return f"link {sequence} does not match its row"
    return None


def _tail_fault(head: AuditHead | None, sequence: int, digest: str, found_kept: bool) -> str | None:
    if head is not None and (head.sequence, head.digest) != (sequence, digest):
        return f"the chain ends at {sequence}, its head says {head.sequence}"
    if not found_kept:
        return "the kept head is not part of the chain"
    return None


async def _locked_head(work: Work) -> AuditHead | None:
    statement = select(AuditHead).where(AuditHead.tenant_id == work.tenant).with_for_update(skip_locked=True)
    head = (await work.session.execute(statement)).scalar_one_or_none()
    if head is None:
        made = await work.session.execute(
            pg_insert(AuditHead)
            .values(tenant_id=work.tenant, sequence=0, digest=GENESIS, sealed_up_to=work.now - LATE_COMMIT)
            .on_conflict_do_nothing()
            .returning(AuditHead.tenant_id)
        )
        if made.scalar_one_or_none() is not None:
            head = (await work.session.execute(statement)).scalar_one_or_none()
    return head


async def _unsealed(session: AsyncSession, work: Work, since: datetime | None) -> Sequence[AuditRow]:
    sealed = exists().where(AuditSeal.tenant_id == work.tenant, AuditSeal.audit_id == AuditRow.id)
    statement = select(AuditRow).where(AuditRow.tenant_id == work.tenant, ~sealed).order_by(AuditRow.at, AuditRow.id)
    if since is not None:
        statement = statement.where(AuditRow.at >= since - LATE_COMMIT)
    return (await session.execute(statement.limit(SEAL_BATCH))).scalars().all()


def _plain(ids: dict[str, object]) -> dict[str, object]:
    return {key: value if isinstance(value, (int, float, bool, list, type(None))) else str(value)
            for key, value in ids.items()}
