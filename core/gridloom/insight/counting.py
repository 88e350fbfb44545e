"""Counting what facts told of, exactly once: by one worker a county, in batches, in one transaction each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table as SqlTable
from sqlalchemy import any_, delete, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.types import Uuid

from gridloom.ids import uuid7
from gridloom.insight.accounts import Account, accounts_of
from gridloom.insight.cells import TABLES, Cells, Table, count_into
from gridloom.insight.models import FigureCase, FigureDesk, FigureFlow, FigureGrid, FigureHead, FigureUnit
from gridloom.outbox import Due, FactPosition, FactRow
from gridloom.work import Work

BATCH = 500
DUE_KIND = "figure"
KEYS: Mapping[Table, tuple[str, ...]] = {
    FigureFlow: ("span", "part", "since", "grid_id", "key"), FigureUnit: ("organization_id", "since"),
    FigureGrid: ("id",), FigureDesk: ("id",),
}
READ: Mapping[str, Callable[[str], Any]] = {
    "since": date.fromisoformat, "grid_id": UUID, "organization_id": UUID, "id": UUID,
}
"""How a column of a key is read from a cell's text."""


async def locked_head(work: Work) -> FigureHead | None:
    """The county's head, locked; None while another worker counts, or where nothing was ever counted."""
    return (await work.session.execute(
        select(FigureHead).where(FigureHead.tenant_id == work.tenant).with_for_update(skip_locked=True)
    )).scalar_one_or_none()


async def count_batch(work: Work, head: FigureHead) -> int:
    """Count the cases that the next facts told of, and those that time has made overdue; how many facts and looks."""
    facts = (await work.session.execute(
        select(FactPosition.position, FactRow.case_id)
        .join(FactRow, (FactRow.tenant_id == work.tenant) & (FactRow.id == FactPosition.fact_id))
        .where(FactPosition.tenant_id == work.tenant, FactPosition.position > head.position)
        .order_by(FactPosition.position).limit(BATCH)
    )).all()
    late = (await work.session.execute(
        select(FigureCase.id)
        .where(FigureCase.tenant_id == work.tenant, FigureCase.look_at < work.now)
        .order_by(FigureCase.look_at).limit(BATCH)
    )).scalars().all()
    ids = sorted({fact.case_id for fact in facts if fact.case_id is not None} | set(late))
    if ids:
        await _count(work, ids)
    if facts:
        head.position = facts[-1].position
    return len(facts) + len(late)


async def _count(work: Work, ids: Sequence[UUID]) -> None:
    before = {row.id: row for row in (await work.session.execute(
        select(FigureCase.id, FigureCase.path, FigureCase.counted, FigureCase.look_at, FigureCase.red_since, FigureCase.why)
        .where(FigureCase.tenant_id == work.tenant, FigureCase.id == any_(literal(ids, ARRAY(Uuid()))))
    )).all()}
    after = await accounts_of(work.session, work.tenant, work.county.time_zone, work.now, ids)
    cells = Cells()
    kept: dict[UUID, Account] = {}
    for case_id in ids:
        old, new = before.get(case_id), after.get(case_id)
        if old is not None and new is not None and _same(old, new):
            continue
        if old is not None:
            count_into(cells, old.path, old.counted, -1)
        if new is not None:
            count_into(cells, new.path, new.counted)
            kept[case_id] = new
    gone = [case_id for case_id in before if case_id not in after]
    if gone:
        await work.session.execute(delete(FigureCase).where(
            FigureCase.tenant_id == work.tenant, FigureCase.id == any_(literal(gone, ARRAY(Uuid()))),
        ))
    await keep(work, kept)
    await add(work, cells)
    if kept or gone:
        await look_again(work)


def _same(old: Any, new: Account) -> bool:
    return bool(
        old.counted == new.counted and old.look_at == new.look_at and old.red_since == new.red_since
        and tuple(old.why) == new.why and old.path == new.path
    )


async def keep(work: Work, accounts: Mapping[UUID, Account]) -> None:
    """Note what was counted of these cases."""
    if accounts:
        await work.session.execute(_KEEPING, [
            {
                "tenant_id": work.tenant, "id": case_id, "counted": one.counted, "path": one.path, "look_at": one.look_at,
                "red_since": one.red_since, "why": list(one.why),
            }
            for case_id, one in accounts.items()
        ])


async def add(work: Work, cells: Cells) -> None:
    """Add to the figures; every row is written once, however many cases add to it."""
    rows: dict[Table, list[dict[str, Any]]] = {}
    for (name, *key), counters in cells.items():
        if any(counters.values()):
            table = TABLES[name]
            row = {"tenant_id": work.tenant, "id": uuid7()}
            row |= {column: READ.get(column, str)(value) for column, value in zip(KEYS[table], key, strict=True)}
            rows.setdefault(table, []).append(row | {one: counters.get(one, 0) for one in _ADDING[table][0]})
    for table, given in rows.items():
        await work.session.execute(_ADDING[table][1], given)


async def look_again(work: Work) -> None:
    """Let a worker come back when the next case becomes overdue by itself."""
    moment = (await work.session.execute(
        select(func.min(FigureCase.look_at)).where(
            FigureCase.tenant_id == work.tenant, FigureCase.look_at.is_not(None)
        )
    )).scalar_one()
    if moment is None:
        await work.session.execute(delete(Due).where(
            Due.tenant_id == work.tenant, Due.kind == DUE_KIND, Due.id == work.tenant,
        ))
        return
    statement = insert(Due).values(tenant_id=work.tenant, kind=DUE_KIND, id=work.tenant, due_at=moment)
    await work.session.execute(statement.on_conflict_do_update(
        index_elements=["tenant_id", "kind", "id"], set_={"due_at": statement.excluded.due_at},
        where=Due.due_at != statement.excluded.due_at,
    ))


def counters_of(table: Table) -> tuple[str, ...]:
    """The names of a table's counters."""
    given = {"tenant_id", "id", *KEYS[table]}
    return tuple(column.name for column in cast(SqlTable, table.__table__).c if column.name not in given)


def _adding(table: Table) -> tuple[tuple[str, ...], Insert]:
    names = counters_of(table)
    own = cast(SqlTable, table.__table__)
    statement = insert(own)
    return names, statement.on_conflict_do_update(
        index_elements=["tenant_id", *KEYS[table]],
        set_={name: own.c[name] + statement.excluded[name] for name in names},
    )


def _keeping() -> Insert:
    statement = insert(cast(SqlTable, FigureCase.__table__))
    names = ("counted", "path", "look_at", "red_since", "why")
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "id"], set_={name: statement.excluded[name] for name in names}
    )


_ADDING: Mapping[Table, tuple[tuple[str, ...], Insert]] = {table: _adding(table) for table in KEYS}
_KEEPING = _keeping()


def stored_cells(table: Table, rows: Iterable[Any]) -> Cells:
    """The cells that rows of a table of figures hold."""
    found = Cells()
    for row in rows:
        cell = (table.__tablename__, *(str(getattr(row, name)) for name in KEYS[table]))
        found[cell] = {name: getattr(row, name) for name in counters_of(table)}
    return found
