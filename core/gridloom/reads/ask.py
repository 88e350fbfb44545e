"""What a read knows of who asks: plain values for the request, SQL binds for the source functions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, DateTime, Select, Table, Uuid, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import NamedFromClause

Cols = Any
"""One alias's columns, by attribute."""

Predicate = Callable[[Cols], Any]
Pick = Callable[[Cols], Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks, as plain values: the county, the actor, the ids whose rows it may see, its permissions, the moment."""

    tenant: UUID
    actor: UUID
    scopes: tuple[UUID, ...]
    can: frozenset[str]
    now: datetime

    def parameters(self) -> dict[str, Any]:
        """Values of the binds that statements name."""
        return {"tenant": self.tenant, "actor": self.actor, "scopes": list(self.scopes), "now": self.now}

    def binds(self) -> "Binds":
        """What source functions see in the place of these values."""
        return Binds(self.can)


class Binds:
    """`ask` in a source function: binds in the place of values, permissions as they are, the way to other tables."""

    def __init__(self, can: frozenset[str]) -> None:
        self.can = can
        self.tenant: BindParameter[UUID] = bindparam("tenant", type_=Uuid(), required=False)
        self.actor: BindParameter[UUID] = bindparam("actor", type_=Uuid(), required=False)
        self.scopes: BindParameter[Sequence[UUID]] = bindparam("scopes", type_=ARRAY(Uuid()), required=False)
        self.now: BindParameter[datetime] = bindparam("now", type_=DateTime(timezone=True), required=False)

    def alias(self, table: Table) -> tuple[NamedFromClause, ColumnElement[bool]]:
        """A new alias of a tenant table, and the predicate that binds its tenant."""
        alias = table.alias()
        return alias, alias.c.tenant_id == self.tenant

    def rows(self, model: Any, pick: Pick, where: Predicate | None = None) -> Select[Any]:
        """`pick`ed columns of the table's rows that satisfy `where`: for `column.in_(…)`."""
        alias, bound = self.alias(model.__table__)
        picked = pick(alias.c)
        columns = picked if isinstance(picked, tuple) else (picked,)
        found = select(*columns).select_from(alias).where(bound)
        if where is not None:
            found = found.where(where(alias.c))
        return found.correlate_except(alias)

    def exists(self, model: Any, where: Predicate) -> ColumnElement[bool]:
        """Whether the table holds a row that satisfies `where`."""
        return self.rows(model, lambda _: literal(1), where).exists()

    def count(self, model: Any, where: Predicate) -> ColumnElement[int]:
        """How many rows of the table satisfy `where`."""
        return self.rows(model, lambda _: func.count(), where).scalar_subquery()

    def value(self, model: Any, pick: Pick, where: Predicate, order: Sequence[str] = ()) -> ColumnElement[Any]:
        """The picked value of the first row, in `order`, that satisfies `where`; null when there is none."""
        alias, bound = self.alias(model.__table__)
        found = select(pick(alias.c)).select_from(alias).where(bound, where(alias.c))
        return found.order_by(*order_by(alias.c, order)).limit(1).correlate_except(alias).scalar_subquery()


def order_by(columns: Mapping[str, ColumnElement[Any]] | Any, order: Sequence[str]) -> list[ColumnElement[Any]]:
    """ORDER BY of column names, `-` in front for descending."""
    return [columns[key[1:]].desc() if key.startswith("-") else columns[key].asc() for key in order]
