"""The statements of the ordinary path. Each answers a whole batch of parents, and binds the county on every table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Select, Uuid, any_, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import LateralFromClause, NamedFromClause

from gridloom.reads.ask import Binds
from gridloom.reads.loading import Job
from gridloom.reads.registry import FieldInfo, TypeInfo
from gridloom.reads.relation import MOST_COUNTED, Wanted, by_id, counting, derived_value, limit_of, listed, paged

Rows = Iterable[Mapping[str, Any]]
EVERYTHING = Wanted()
COUNT = func.count().label("_count")
KEYS = bindparam("keys", type_=ARRAY(Uuid()))


@dataclass(frozen=True)
class PageRows:
    """A page: its rows, the cursor of the last, whether another follows."""

    rows: list[Mapping[str, Any]]
    end: str | None
    more: bool


@dataclass(frozen=True)
class ById(Job):
    """Rows of one table by id; key: id; answer: row or None."""

    targets: tuple[TypeInfo, ...]
    through: bool
    where: Any = None

    def statement(self, keys: list[Any], ask: Binds) -> Executable:
        found = by_id(self.targets, ask, through=self.through, where=self.where)
        return found.statement.add_columns(*found.alias.c).where(found.alias.c.id == any_(KEYS))

    def answers(self, keys: list[Any], rows: Rows) -> Mapping[Any, Any]:
        return {row["id"]: row for row in rows}


@dataclass(frozen=True)
class Derived(Job):
    """Values that the database computes from rows; key: (id, field); answer: value."""

    owner: TypeInfo

    def statement(self, keys: list[Any], ask: Binds) -> Executable:
        me = self.owner.table.alias()
        values = [derived_value(self.owner.fields[name], me.c, ask).label(name) for name in self._names(keys)]
        return _of_parents(select(me.c.id.label("_key"), *values), me, ask)

    def ids(self, keys: list[Any]) -> list[Any]:
        return list({key for key, _ in keys})

    def answers(self, keys: list[Any], rows: Rows) -> Mapping[Any, Any]:
        names = self._names(keys)
        return {(row["_key"], name): row[name] for row in rows for name in names}

    def _names(self, keys: list[Any]) -> list[str]:
        return sorted({name for _, name in keys})


@dataclass(frozen=True)
class Children(Job):
    """Rows of a relation, in order; key: the parent's id (None at the root); answer: list of rows."""

    info: FieldInfo
    wanted: Wanted = EVERYTHING

    def statement(self, keys: list[Any], ask: Binds) -> Executable:
        limit = self.wanted.first or limit_of(self.info)
        if self.info.owner is None:
            found = listed(self.info, None, ask, self.wanted, limit=limit)
            return found.statement.add_columns(*found.alias.c)
        me = self.info.owner.table.alias()
        found = listed(self.info, me.c, ask, self.wanted, limit=limit)
        inner = found.statement.add_columns(*found.alias.c).lateral()
        return _beside(me, inner, found.keys, ask)

    def answers(self, keys: list[Any], rows: Rows) -> Mapping[Any, Any]:
        return _grouped(keys, rows)


@dataclass(frozen=True)
class PageOf(Job):
    """A page of a relation; key: the parent's id (None at the root); answer: PageRows."""

    info: FieldInfo
    wanted: Wanted

    def statement(self, keys: list[Any], ask: Binds) -> Executable:
        tag = self.info.tag(self.wanted.flipped)
        if self.info.owner is None:
            found = paged(self.info, None, ask, self.wanted)
            return found.statement.add_columns(*found.alias.c, found.cursor(tag).label("_cursor"))
        me = self.info.owner.table.alias()
        found = paged(self.info, me.c, ask, self.wanted)
        inner = found.statement.add_columns(*found.alias.c, found.cursor(tag).label("_cursor")).lateral()
        return _beside(me, inner, found.keys, ask)

    def answers(self, keys: list[Any], rows: Rows) -> Mapping[Any, Any]:
        return {key: self._page(found) for key, found in _grouped(keys, rows).items()}

    def _page(self, rows: list[Mapping[str, Any]]) -> PageRows:
        shown = rows[: self.wanted.first]
        return PageRows(shown, shown[-1]["_cursor"] if shown else None, len(rows) > len(shown))


@dataclass(frozen=True)
class CountOf(Job):
    """How many rows all pages of a relation hold; key: the parent's id (None at the root); answer: (number, exact)."""

    info: FieldInfo
    wanted: Wanted
    exact: bool

    def statement(self, keys: list[Any], ask: Binds) -> Executable:
        if self.info.owner is None:
            return counting(self.info, None, ask, self.wanted, exact=self.exact).add_columns(COUNT)
        me = self.info.owner.table.alias()
        rows = counting(self.info, me.c, ask, self.wanted, exact=self.exact)
        number = rows.add_columns(COUNT).scalar_subquery().label("_count")
        return _of_parents(select(me.c.id.label("_key"), number), me, ask)

    def answers(self, keys: list[Any], rows: Rows) -> Mapping[Any, Any]:
        return {row.get("_key"): self._count(row["_count"]) for row in rows}

    def _count(self, number: int) -> tuple[int, bool]:
        return (number, True) if self.exact else (min(number, MOST_COUNTED), number <= MOST_COUNTED)


def _of_parents(statement: Select[Any], me: NamedFromClause, ask: Binds) -> Select[Any]:
    return statement.select_from(me).where(me.c.tenant_id == ask.tenant, me.c.id == any_(KEYS))


def _beside(me: NamedFromClause, inner: LateralFromClause, keys: Any, ask: Binds) -> Select[Any]:
    order = [inner.c[key.name].desc() if descending else inner.c[key.name].asc() for key, descending in keys]
    statement = select(me.c.id.label("_key"), *inner.c).select_from(me.join(inner, true()))
    return statement.where(me.c.tenant_id == ask.tenant, me.c.id == any_(KEYS)).order_by(me.c.id, *order)


def _grouped(keys: list[UUID | None], rows: Rows) -> dict[UUID | None, list[Mapping[str, Any]]]:
    found: dict[UUID | None, list[Mapping[str, Any]]] = {key: [] for key in keys}
    for row in rows:
        found[row.get("_key")].append(row)
    return found

