"""Who may see a row, where that is said by rows of its own: one for each scope that sees it.

Such rows stand under an index (county, scope, order), so that the first rows in that order are found for each scope
of the caller without looking at the others: a list costs its page, however much the county holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, and_, any_, case, column, func, select, true
from sqlalchemy.sql.selectable import LateralFromClause

from gridloom.reads.ask import Binds, Cols, Predicate
from gridloom.reads.declare import Expression


@dataclass(frozen=True, eq=False, kw_only=True)
class ByScope:
    """A row is seen through rows of `model` and in no other way: `key` holds its id, `scope` who sees it.

    `live` says which of them hold now. `repeats`: columns of the row that they repeat, by its own name for them.
    """

    model: Any
    key: str
    scope: str
    live: Predicate
    repeats: Mapping[str, str]

    def __call__(self, row: Cols, ask: Binds) -> ColumnElement[bool]:
        return self.opened(row.id, ask)

    def opened(self, row_id: ColumnElement[Any], ask: Binds) -> ColumnElement[bool]:
        """That the caller sees the row of this id."""
        return ask.exists(
            self.model,
            lambda each: and_(each[self.key] == row_id, each[self.scope] == any_(ask.scopes), self.live(each)),
        )

    def covers(self, keys: Sequence[str]) -> bool:
        """Whether rows can be put in this order (column names, `-` in front for descending) by what is repeated."""
        return all(key.lstrip("-") == "id" or key.lstrip("-") in self.repeats for key in keys)

    def column(self, name: str) -> str:
        """The column that repeats the row's column of that name."""
        return self.key if name == "id" else self.repeats[name]

    def first(self, rows: "FirstRows", ask: Binds) -> ColumnElement[Any]:
        """An array of ids that holds the first rows over all scopes: the first ones of each."""
        inner = self._of_one_scope(rows, ask)
        return func.array(select(inner.c.id).select_from(rows.scopes).join(inner, true()).scalar_subquery())

    def counted(self, rows: "FirstRows", ask: Binds) -> ColumnElement[int]:
        """How many rows the caller sees, up to the limit. Where one scope alone reaches it, the others are not read."""
        alone = self._of_one_scope(rows, ask, beyond=rows.limit - 1)
        reached = select(alone.c.id).select_from(rows.scopes).join(alone, true()).correlate_except(rows.scopes).exists()
        inner = self._of_one_scope(rows, ask)
        each = select(inner.c.id).select_from(rows.scopes).join(inner, true()).distinct().limit(rows.limit).subquery()
        return case((reached, rows.limit), else_=select(func.count()).select_from(each).scalar_subquery())

    def _of_one_scope(self, rows: "FirstRows", ask: Binds, *, beyond: int | None = None) -> LateralFromClause:
        """The first rows of a scope; with `beyond`, the one that follows so many."""
        each, bound = ask.alias(self.model.__table__)
        wanted = select(each.c[self.key].label("id")).select_from(each).where(
            bound, each.c[self.scope] == rows.scope, self.live(each.c)
        )
        keys = [(each.c[self.column(name)], descending) for name, descending in rows.keys]
        found = rows.of(wanted, keys) if beyond is None else wanted.offset(beyond).limit(1)
        return found.correlate_except(each).lateral()


class FirstRows:
    """Which rows of each scope are wanted: in what order (name, True for descending), beyond what, how many."""

    def __init__(self, keys: Sequence[tuple[str, bool]], limit: Any, ask: Binds, beyond: Any = None) -> None:
        self.keys = keys
        self.limit = limit
        self.beyond = beyond
        self.scopes = func.unnest(ask.scopes).table_valued(column("scope", Uuid())).render_derived()
        self.scope: ColumnElement[Any] = self.scopes.c.scope

    def of(self, found: Select[Any], keys: Sequence[tuple[ColumnElement[Any], bool]]) -> Select[Any]:
        """The first of these rows, whose order keys are `keys`."""
        if self.beyond is not None:
            found = found.where(self.beyond(keys))
        return found.order_by(*(key.desc() if descending else key.asc() for key, descending in keys)).limit(self.limit)


@dataclass(frozen=True, eq=False, kw_only=True)
class WithParent:
    """A row is seen with the row that its `column` names, whose visibility is `parent`; `also`: what else must hold."""

    column: str
    parent: ByScope
    of: Any
    also: Expression | None = None

    def __call__(self, row: Cols, ask: Binds) -> ColumnElement[bool]:
        seen = self.parent.opened(row[self.column], ask)
        rest = self.rest(row, ask)
        return seen if rest is None else and_(seen, rest)

    def rest(self, row: Cols, ask: Binds) -> Any:
        """What must hold of a row whose parent is seen."""
        return None if self.also is None else self.also(row, ask)

