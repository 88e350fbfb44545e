"""Legal time limits as the county's own, versioned catalogue; the shipped list is where it begins."""

import csv
from collections.abc import Mapping
from datetime import date
from importlib import resources
from typing import Any

from sqlalchemy import insert, or_, select

from gridloom.clocks.limits import Limit
from gridloom.clocks.models import StatutoryClock
from gridloom.errors import invalid, not_found
from gridloom.ids import uuid7
from gridloom.work import Work

UNCOUNTED = "event"
"""Unit of a limit for which the law names an event, not a count."""

_REVISABLE = frozenset({
    "process", "step", "limit_value", "unit", "starts_at", "extendable", "note", "source", "confidence", "roll_rule",
    "law_version", "valid_from", "valid_to",
})


def shipped_clocks() -> list[dict[str, Any]]:
    """The list that ships: one row a limit, read from the laws that its `source` names."""
    text = (resources.files("gridloom.data") / "statutory_clocks.csv").read_text(encoding="utf-8")
    return [
        {
            "code": row["code"], "process": row["process_zh"], "step": row["step"],
            "limit_value": int(row["limit_value"]) if row["limit_value"] else None, "unit": row["limit_unit"],
            "starts_at": row["starts_at"], "extendable": row["extendable"], "note": row["extension_or_note"] or None,
            "source": row["source"], "confidence": row["confidence"], "roll_rule": row["roll_rule"],
            "law_version": row["law_version"],
            "valid_from": _date(row["valid_from"]), "valid_to": _date(row["valid_to"]),
        }
        for row in csv.DictReader(text.splitlines())
    ]


def _date(text: str) -> date | None:
    return None if text in {"", "-"} else date.fromisoformat(text)


async def seed_statutory_clocks(work: Work) -> int:
    """Enter the shipped limits whose code the county does not have; returns how many. Repeatable."""
    known = set((await work.session.execute(
        select(StatutoryClock.code).where(StatutoryClock.tenant_id == work.tenant)
    )).scalars())
    rows = [
        {"tenant_id": work.tenant, "id": uuid7(), "version": 1, "recorded_at": work.now, **row}
        for row in shipped_clocks() if row["code"] not in known
    ]
    if rows:
        await work.session.execute(insert(StatutoryClock), rows)
    return len(rows)


async def statutory_clock(work: Work, code: str, on: date) -> StatutoryClock | None:
    """The newest version of a limit that is in force on that day; None for an unknown code or a superseded text."""
    return (await work.session.execute(
        select(StatutoryClock)
        .where(
            StatutoryClock.tenant_id == work.tenant, StatutoryClock.code == code,
            or_(StatutoryClock.valid_from.is_(None), StatutoryClock.valid_from <= on),
            or_(StatutoryClock.valid_to.is_(None), StatutoryClock.valid_to >= on),
        )
        .order_by(StatutoryClock.version.desc())
        .limit(1)
    )).scalar_one_or_none()


async def revise_statutory_clock(work: Work, code: str, changes: Mapping[str, Any]) -> StatutoryClock:
    """Record a new version of a limit, such as a new text from a day on; clocks that run keep what they began under.

    Raises Refusal NOT_FOUND, VALIDATION (unknown field, a count that makes no sense, no source).
    """
    last = (await work.session.execute(
        select(StatutoryClock)
        .where(StatutoryClock.tenant_id == work.tenant, StatutoryClock.code == code)
        .order_by(StatutoryClock.version.desc())
        .limit(1)
    )).scalar_one_or_none()
    if last is None:
        raise not_found("code")
    if not changes.keys() <= _REVISABLE:
        raise invalid("clock-law-invalid", *sorted(changes.keys() - _REVISABLE))
    values = {name: getattr(last, name) for name in _REVISABLE} | dict(changes)
    try:
        if values["unit"] != UNCOUNTED:
            Limit.of(values["limit_value"], values["unit"])
    except (ValueError, TypeError) as error:
        raise invalid("clock-law-invalid", "limitValue") from error
    if not str(values["source"] or "").strip():
        raise invalid("clock-law-invalid", "source")
    row = work.new(
        StatutoryClock, id=uuid7(), code=code, version=last.version + 1, recorded_at=work.now, **values,
    )
    work.audit("statutory_clock.revise", "statutory_clock", row.id, code=code, version=row.version)
    await work.session.flush()
    return row
