"""Sealed texts: taken out of the form before anything is written, encrypted with the county's key, opened one by one.

A sealed text stands in its own table at its own place of the cipher. Each opening is a row of the ledger and an entry of
the audit chain. When an envelope is returned, expired or reduced its texts are gone.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from gridloom.behaviours import sealed_envelope
from gridloom.behaviours.act import Act, Acts, Further
from gridloom.behaviours.matters import open_matter
from gridloom.behaviours.models import MatterReading, MatterRow, MatterSealed
from gridloom.behaviours.taking import Taking
from gridloom.cases.text import NOTE, required
from gridloom.contract.forms import SEALED_TEXT, fields_of
from gridloom.crypto import Place
from gridloom.errors import Denied, ProblemCode, Refusal, invalid
from gridloom.ids import uuid7
from gridloom.work import Work

KEPT = "sealed"
CLOSED_TO_READING = frozenset({"SEALED", "REDUCED", "RETURNED", "EXPIRED"})


@dataclass(frozen=True, slots=True)
class Opened:
    """One sealed text: the step and field it was filled in at."""

    step: str
    field: str
    text: str


def take_out(taking: Taking) -> None:
    """Leave `SEALED_TEXT` in the form where a sealed text stands; rules, facts and rows see no more."""
    texts = {
        field.name: getattr(taking.form, field.name) for field in fields_of(type(taking.form))
        if field.sealed and getattr(taking.form, field.name) is not None
    }
    if texts:
        taking.kept[KEPT] = texts
        taking.form = taking.form.model_copy(update=dict.fromkeys(texts, SEALED_TEXT))


def put_away(work: Work, taking: Taking, row: MatterRow) -> None:
    """Write what was taken out, encrypted."""
    for name, text in taking.kept.pop(KEPT, {}).items():
        key = uuid7()
        body = work.cipher.seal(text, Place(work.tenant, MatterSealed.__tablename__, "body", key))
        work.new(MatterSealed, id=key, matter_id=row.id, step=taking.step.key, field=name, body=body, at=work.now)


async def open_envelope(work: Work, matter_id: UUID, reason: str, related: bool) -> list[Opened]:
    """The sealed texts of a matter, newest filling of each; written into the ledger with the reason.

    Raises `Refusal` NOT_FOUND for whoever is not named in it, VALIDATION without a reason or with a declared relation,
    NOT_ALLOWED_NOW where nothing may be read any more; `Denied` for others than persons.
    """
    row = await open_matter(work, matter_id, "matterId")
    if work.actor.kind != "user":
        raise Denied("FORBIDDEN", "denied-forbidden", step="openEnvelope")
    stated = required(reason, NOTE, "reason")
    if related:
        raise invalid("envelope-related", "related")
    if row.state in CLOSED_TO_READING:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "problem-not-allowed-now", step="openEnvelope", status=row.state)
    texts = await _texts(work, row)
    work.new(
        MatterReading, id=uuid7(), matter_id=row.id, at=work.now, staff_id=work.actor.id, reason=stated,
        fields=[f"{one.step}.{one.field}" for one in texts],
    )
    work.audit("envelope.opened", "matter", row.id, purpose=stated, fields=len(texts))
    return texts


async def _texts(work: Work, row: MatterRow) -> list[Opened]:
    kept = (await work.session.execute(
        select(MatterSealed)
        .where(MatterSealed.tenant_id == work.tenant, MatterSealed.matter_id == row.id, MatterSealed.body.is_not(None))
        .order_by(MatterSealed.at, MatterSealed.id)
    )).scalars()
    found: dict[tuple[str, str], Opened] = {}
    for one in kept:
        if one.body is not None:
            place = Place(work.tenant, MatterSealed.__tablename__, "body", one.id)
            found[(one.step, one.field)] = Opened(one.step, one.field, work.cipher.open(one.body, place))
    return list(found.values())


async def _delivered(_work: Work, _taking: Taking, _row: MatterRow) -> Further:
    return [(sealed_envelope.deliver, sealed_envelope.Deliver())]


async def _unrelated(_work: Work, taking: Taking) -> None:
    if isinstance(taking.form, sealed_envelope.Accept) and taking.form.related:
        raise invalid("envelope-related", "related")


async def _emptied(work: Work, _taking: Taking, row: MatterRow) -> Further:
    await work.session.execute(
        update(MatterSealed).where(MatterSealed.tenant_id == work.tenant, MatterSealed.matter_id == row.id)
        .values(body=None)
    )
    return ()


async def _seen_by_nobody(_work: Work, _taking: Taking, row: MatterRow) -> None:
    row.named_ids = []


ACTS: Acts = {
    sealed_envelope.seal: Act(after=_delivered),
    sealed_envelope.accept: Act(prepare=_unrelated),
    sealed_envelope.give_back: Act(after=_emptied),
    sealed_envelope.expire: Act(after=_emptied),
    sealed_envelope.reduce: Act(settle=_seen_by_nobody, after=_emptied),
}
