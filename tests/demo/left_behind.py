"""Everything a case left in the database, with its ids replaced by names, so that two cases can be compared."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gridloom.audit.models import AuditRow
from gridloom.cases.models import (
    AttachmentRow,
    CallBackRow,
    CaseGrid,
    CaseParty,
    CaseRow,
    CaseScope,
    ExternalReferenceRow,
    InboxItemRow,
    TimelineEntryRow,
)
from gridloom.cases.tracking import tracking_code, tracking_hash
from gridloom.clocks.models import ClockExtension, ClockPause, ClockRow
from gridloom.crypto import Place
from gridloom.db import TenantRow
from gridloom.dispatch.models import AssignmentReturnRow, AssignmentRow, CardRow, PrecedentRow, WhistleRow
from gridloom.outbox import Due, FactPosition, FactRow
from gridloom.work import Work

Row = dict[str, Any]
# Tables with an id of their own, in the order in which their rows are named.
NAMED: Mapping[type[TenantRow], tuple[str, ...]] = {
    TimelineEntryRow: ("at", "id"), WhistleRow: ("proposed_at", "id"), AssignmentRow: ("created_at", "id"),
    AssignmentReturnRow: ("asked_at", "id"), PrecedentRow: ("at", "id"), CardRow: ("issued_at", "id"),
    CallBackRow: ("at", "id"), CaseParty: ("id",), ExternalReferenceRow: ("system",), AttachmentRow: ("id",),
    ClockRow: ("started_at", "id"), FactRow: ("at", "id"),
}  # fmt: skip
OF_CLOCKS: Mapping[type[TenantRow], tuple[str, ...]] = {
    ClockPause: ("started_at", "clock_id"), ClockExtension: ("clock_id", "position"),
}  # fmt: skip
UNNAMED: Mapping[type[TenantRow], tuple[str, ...]] = {
    CaseScope: ("scope_id",), CaseGrid: ("grid_id",), InboxItemRow: ("kind", "scope_id", "subject_id"),
}  # fmt: skip
SEALED: Mapping[type[TenantRow], tuple[str, ...]] = {
    CaseRow: ("description", "address"), TimelineEntryRow: ("note",), AssignmentRow: ("result",),
}  # fmt: skip
PERSONAL = ("name", "phone", "id_number", "address")


async def left_behind(work: Work, case_id: UUID) -> dict[str, list[Row]]:
    """Rows by table name. Sealed texts are opened (what stood there sealed must open where it stands)."""
    case = await _rows(work, CaseRow, CaseRow.id == case_id)
    found: dict[str, list[Row]] = {"case": [_case(work, case[0])]}
    names = {str(case_id): "the case", case[0]["number"]: serial_apart(case[0]["number"])}
    for model, order in NAMED.items():
        rows = _sorted(await _rows(work, model, model.__table__.c.case_id == case_id), order)
        if model is FactRow:
            rows.sort(key=lambda row: (row["at"], *_among_equals(row["type"], names.get(row["data"].get("clock_id")))))
        names |= {str(row["id"]): f"{model.__tablename__} {place}" for place, row in enumerate(rows)}
        found[model.__tablename__] = [_opened(work, model, row) for row in rows]
    clocks = [row["id"] for row in found["clock"]]
    for model, order in OF_CLOCKS.items():
        rows = await _rows(work, model, model.__table__.c.clock_id.in_(clocks))
        found[model.__tablename__] = [_without(row, "id") for row in _sorted(_renamed(rows, names), order)]
    for model, order in UNNAMED.items():
        rows = await _rows(work, model, model.__table__.c.case_id == case_id)
        found[model.__tablename__] = [_without(row, "id") for row in _sorted(_renamed(rows, names), order)]
    found["due"] = _sorted(_renamed(await _rows(work, Due, Due.id.in_(clocks)), names), ("id",))
    found["audit"] = [
        _without(row, "id") for row in _sorted(await _rows(work, AuditRow, AuditRow.subject_id == case_id), ("at",))
    ]
    return {table: list(_renamed(rows, names)) for table, rows in found.items()}


async def positions(work: Work, case_ids: Iterable[UUID]) -> dict[UUID, list[tuple[Any, str]]]:
    """For each case the moments and types of its facts in the order in which they are delivered."""
    rows = await work.session.execute(
        select(FactRow.case_id, FactRow.at, FactRow.type)
        .join(FactPosition, (FactPosition.tenant_id == work.tenant) & (FactPosition.fact_id == FactRow.id))
        .where(FactRow.tenant_id == work.tenant, FactRow.case_id.in_(list(case_ids)))
        .order_by(FactPosition.position)
    )
    found: dict[UUID, list[tuple[Any, str]]] = {}
    for case_id, at, kind in rows:
        if case_id is not None:
            found.setdefault(case_id, []).append((at, kind))
    for told in found.values():
        told.sort(key=lambda one: (one[0], _among_equals(one[1], None)))
    return found


def _among_equals(kind: str, clock: str | None) -> tuple[str, str]:
    """Clocks that come due at one moment are looked at in no particular order, before anything else is done."""
    return (kind, clock or "") if kind in ("clock.warned", "clock.expired") else ("later", "")


async def _rows(work: Work, model: type[TenantRow], condition: Any) -> list[Row]:
    table = model.__table__
    rows = await work.session.execute(select(table).where(table.c.tenant_id == work.tenant, condition))
    return [dict(row) for row in rows.mappings()]


def _case(work: Work, row: Row) -> Row:
    """A tracking code follows from the id."""
    code = tracking_hash(work.cipher, tracking_code(work.county, work.cipher, row["id"]))
    assert row["tracking_hash"] in (None, code)
    return _opened(work, CaseRow, row) | {"tracking_hash": row["tracking_hash"] and "its code's"}


def serial_apart(number: str) -> str:
    """A number without its serial, or what chance made of it where the case is sealed."""
    return re.sub(r"-(\d{5}|(X)[0-9A-F]{8})$", r"-\2", number)


def _opened(work: Work, model: type[TenantRow], row: Row) -> Row:
    sealed = SEALED.get(model, ()) if row.get("sealed") else PERSONAL if model is CaseParty else ()
    opened = {
        column: work.cipher.open(row[column], Place(work.tenant, model.__tablename__, column, row["id"]))
        for column in sealed if row[column] is not None
    }
    assert all(opened[column] != row[column] for column in opened)
    return row | opened


def _renamed(rows: Iterable[Row], names: Mapping[str, str]) -> list[Row]:
    return [{column: _name(value, names) for column, value in row.items()} for row in rows]


def _name(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, UUID):
        return names.get(str(value), str(value))
    if isinstance(value, Mapping):
        return {key: _name(one, names) for key, one in value.items()}
    if isinstance(value, list):
        # The order of scopes and paths: only a path's says something, and that is one grid's in both cases.
        return sorted((_name(one, names) for one in value), key=json.dumps)
    return names.get(value, value) if isinstance(value, str) else value


def _sorted(rows: Iterable[Row], order: tuple[str, ...]) -> list[Row]:
    return sorted(rows, key=lambda row: tuple(row[column] for column in order))


def _without(row: Row, *columns: str) -> Row:
    return {column: value for column, value in row.items() if column not in columns}
