"""What a unit of work leaves behind, sent together: rows of several tables inserted, changed and deleted by one statement.

    WITH w0 AS (UPDATE … WHERE tenant_id = $3 AND id = $4), w1 AS (INSERT INTO … VALUES …) INSERT INTO … VALUES …

Its parts see the tables as they were before it, in no order among themselves. So what changes a table goes ahead, in a
statement of its own, where rows are inserted into the same table. Foreign keys are checked when a statement is complete.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Column, Table, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached

from gridloom.db import Base, TenantRow
from gridloom.driver import DIALECT

ROWS_A_PART, ROWS_A_STATEMENT = 50, 200

Statement = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a part's text depends on. `verb`: insert, update, delete; `renew`: columns that an insert renews on conflict."""

    verb: str
    table: Table
    columns: tuple[str, ...]
    rows: int = 1
    renew: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    shape: _Shape
    values: list[Any]


@dataclass(frozen=True, slots=True)
class _Kept:
    """Rows that may stand already; the last one of a key counts."""

    renew: tuple[str, ...]
    rows: dict[tuple[Any, ...], Mapping[str, Any]]


class Writes:
    """Pending rows of one unit of work."""

    def __init__(self, tenant: UUID) -> None:
        self._tenant = tenant
        self._inserted: dict[Table, list[Mapping[str, Any]]] = {}
        self._put: dict[Table, _Kept] = {}
        self._dropped: list[_Part] = []
        self._adopted: list[_Part] = []

    def insert(self, model: type[TenantRow], rows: Sequence[Mapping[str, Any]]) -> None:
        """New rows, by column name; the tenant is added."""
        self._inserted.setdefault(_table(model), []).extend({"tenant_id": self._tenant, **row} for row in rows)

    def put(self, model: type[TenantRow], rows: Sequence[Mapping[str, Any]], *, renew: tuple[str, ...] = ()) -> None:
        """Rows that may stand already under their primary key: those get these columns anew, or stay as they are."""
        table = _table(model)
        kept = self._put.setdefault(table, _Kept(renew, {}))
        keys = [column.name for column in table.primary_key]
        for row in rows:
            whole = {"tenant_id": self._tenant, **row}
            kept.rows[tuple(whole[name] for name in keys)] = whole

    def drop(self, model: type[TenantRow], column: str, values: Sequence[Any], **same: Any) -> None:
        """Delete the rows in whose `column` one of the values stands (and in the columns of `same` theirs)."""
        table, wanted = _table(model), set(values)
        if not wanted:
            return
        kept = self._put.get(table)
        if kept is not None:
            for key, row in list(kept.rows.items()):
                if row[column] in wanted and all(row[name] == value for name, value in same.items()):
                    del kept.rows[key]
        shape = _Shape("delete", table, ("tenant_id", *same, column))
        self._dropped.append(_Part(shape, [self._tenant, *same.values(), list(wanted)]))

    def holds(self, model: type[TenantRow]) -> bool:
        """Whether rows of this table wait here."""
        table = _table(model)
        return table in self._inserted or table in self._put or any(part.shape.table is table for part in self._dropped)

    def adopt(self, session: AsyncSession) -> list[Base]:
        """Take over the session's pending instances as rows; `keep` gives them back to it when they stand."""
        made: list[Base] = list(session.new)
        self._adopted += _instances(made)
        for instance in made:
            session.expunge(instance)
        return made

    def take(self, session: AsyncSession) -> Iterator[Statement]:
        """The statements that write what is pending here and in the session, whose instances are let go."""
        changes = [*(_change(instance) for instance in session.dirty), *self._dropped]
        self.adopt(session)
        inserts = [*self._adopted, *self._rows()]
        if session.dirty:
            session.expunge_all()
        self._inserted, self._put, self._dropped, self._adopted = {}, {}, [], []
        parts = [part for part in changes if part.shape.columns]
        changed = {part.shape.table for part in parts}
        if any(part.shape.table in changed for part in inserts):
            yield from _statements(parts)
            yield from _statements(inserts)
        else:
            yield from _statements([*parts, *inserts])

    def _rows(self) -> Iterator[_Part]:
        for table, rows in self._inserted.items():
            yield from _insert(table, rows, None)
        for table, kept in self._put.items():
            yield from _insert(table, list(kept.rows.values()), kept.renew)


def keep(session: AsyncSession, made: Sequence[Base]) -> None:
    """Instances that were adopted and are written: from here on the session watches for changes of them."""
    for instance in made:
        make_transient_to_detached(instance)
        session.add(instance)


def _table(model: type[TenantRow]) -> Table:
    return cast(Table, model.__table__)


def _instances(made: Sequence[Base]) -> Iterator[_Part]:
    """Pending instances as rows, by table. Defaults are entered into the instances, too."""
    rows: dict[Table, list[Mapping[str, Any]]] = {}
    for instance in made:
        table, values = cast(Table, instance.__table__), instance.__dict__
        for name, value in _defaults(table, values):
            setattr(instance, name, value)
        for name in table.c.keys() - values.keys():
            setattr(instance, name, None)
        rows.setdefault(table, []).append(values)
    for table, found in rows.items():
        yield from _insert(table, found, None)


def _change(instance: Any) -> _Part:
    """What was changed in a row; a part without columns where nothing was."""
    table = _table(type(instance))
    before, now = inspect(instance).committed_state, instance.__dict__
    names = [name for name in before if now[name] != before[name]]
    keys = [column.name for column in table.primary_key]
    if not names:
        return _Part(_Shape("update", table, ()), [])
    encode = _encoders(table)
    values = [encode[name](now[name]) if name in encode else now[name] for name in names]
    return _Part(_Shape("update", table, tuple(names)), [*values, *(now[name] for name in keys)])


def _insert(
    table: Table, rows: Sequence[Mapping[str, Any]], renew: tuple[str, ...] | None
) -> Iterator[_Part]:
    names, encode = tuple(table.c.keys()), _encoders(table)
    for start in range(0, len(rows), ROWS_A_PART):
        chunk = rows[start : start + ROWS_A_PART]
        values: list[Any] = []
        for row in chunk:
            whole = {**row, **dict(_defaults(table, row))}
            for name in names:
                value = whole.get(name)
                values.append(encode[name](value) if name in encode and value is not None else value)
        yield _Part(_Shape("insert", table, names, len(chunk), renew), values)


@cache
def _encoders(table: Table) -> dict[str, Callable[[Any], Any]]:
    """How values of some columns travel (JSON as text); the others go as they are."""
    found = {column.name: column.type.dialect_impl(DIALECT).bind_processor(DIALECT) for column in table.c}
    return {name: encode for name, encode in found.items() if encode is not None}


@cache
def _made(table: Table) -> tuple[tuple[str, Callable[[], Any]], ...]:
    return tuple((column.name, _maker(column)) for column in table.c if column.default is not None)


def _maker(column: Column[Any]) -> Callable[[], Any]:
    default: Any = column.default
    if default.is_scalar:
        return lambda: default.arg
    return lambda: default.arg(None)


def _defaults(table: Table, row: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The defaults of the columns that a row does not name."""
    return [(name, make()) for name, make in _made(table) if name not in row]


def _statements(parts: Sequence[_Part]) -> Iterator[Statement]:
    """Parts joined into statements, tables that others refer to ahead of those."""
    joined: list[_Part] = []
    for part in sorted(parts, key=lambda one: _place(one.shape.table)):
        if joined and sum(one.shape.rows for one in joined) + part.shape.rows > ROWS_A_STATEMENT:
            yield _statement(joined)
            joined = []
        joined.append(part)
    if joined:
        yield _statement(joined)


def _statement(parts: Sequence[_Part]) -> Statement:
    return _text(tuple(part.shape for part in parts)), [value for part in parts for value in part.values]


@cache
def _place(table: Table) -> int:
    return Base.metadata.sorted_tables.index(table)


@lru_cache(maxsize=1_000)
def _text(shapes: tuple[_Shape, ...]) -> str:
    pieces, at = [], 1
    for shape in shapes:
        text, at = _WRITTEN[shape.verb](shape, at)
        pieces.append(text)
    *before, last = pieces
    heads = ", ".join(f"w{number} AS ({text})" for number, text in enumerate(before))
    return f"WITH {heads} {last}" if before else last


def _insert_text(shape: _Shape, at: int) -> tuple[str, int]:
    width = len(shape.columns)
    rows = ", ".join(
        "(" + ", ".join(f"${at + row * width + place}" for place in range(width)) + ")" for row in range(shape.rows)
    )
    text = f"INSERT INTO {_name(shape.table)} ({', '.join(map(_quoted, shape.columns))}) VALUES {rows}"
    if shape.renew is not None:
        keys = ", ".join(_quoted(column.name) for column in shape.table.primary_key)
        anew = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in shape.renew)
        text += f" ON CONFLICT ({keys}) DO " + (f"UPDATE SET {anew}" if anew else "NOTHING")
    return text, at + shape.rows * width


def _update_text(shape: _Shape, at: int) -> tuple[str, int]:
    keys = [column.name for column in shape.table.primary_key]
    width = len(shape.columns)
    changed = ", ".join(f"{_quoted(name)} = ${at + place}" for place, name in enumerate(shape.columns))
    found = " AND ".join(f"{_quoted(name)} = ${at + width + place}" for place, name in enumerate(keys))
    return f"UPDATE {_name(shape.table)} SET {changed} WHERE {found}", at + width + len(keys)


def _delete_text(shape: _Shape, at: int) -> tuple[str, int]:
    *same, last = (_quoted(name) for name in shape.columns)
    found = [f"{name} = ${at + place}" for place, name in enumerate(same)]
    return f"DELETE FROM {_name(shape.table)} WHERE {' AND '.join([*found, f'{last} = ANY(${at + len(same)})'])}", (
        at + len(shape.columns)
    )


_WRITTEN: dict[str, Callable[[_Shape, int], tuple[str, int]]] = {
    "insert": _insert_text, "update": _update_text, "delete": _delete_text,
}


def _name(table: Table) -> str:
    return _quoted(table.name)


def _quoted(name: str) -> str:
    return f'"{name}"'
