"""Which rows a field reads: whose, seen by whom, in what order, from which cursor. The only FROM, of both paths."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.sql.selectable import NamedFromClause
from sqlalchemy.types import TypeEngine

from gridloom.reads.ask import Binds
from gridloom.reads.declare import Asked, Expr, Lead, Many, Masked, One, Page, Related, Single
from gridloom.reads.notation import sql_cursor
from gridloom.reads.registry import FieldInfo, TypeInfo
from gridloom.reads.visibility import ByScope, FirstRows, WithParent

MOST_COUNTED = 1000
Names = Sequence[tuple[str, bool]]


@dataclass(frozen=True)
class Wanted:
    """Arguments of a field. Values are Python's, or binds that are filled later. `after`: order keys of a cursor."""

    first: Any = 0
    after: tuple[Any, ...] | None = None
    flipped: bool = False
    filters: tuple[tuple[str, Any], ...] = field(default=())


@dataclass(frozen=True)
class Found:
    """Rows of one alias; the statement has no columns yet. `keys`: order keys, with True for descending."""

    alias: NamedFromClause
    statement: Select[Any]
    keys: tuple[tuple[ColumnElement[Any], bool], ...]

    def ordering(self) -> list[ColumnElement[Any]]:
        """ORDER BY of these rows."""
        return [key.desc() if descending else key.asc() for key, descending in self.keys]

    def cursor(self, tag: str) -> ColumnElement[str]:
        """The cursor of a row."""
        return sql_cursor(tag, [key for key, _ in self.keys])


def order_names(source: Related) -> tuple[str, ...]:
    """The declared order, closed by the id in the direction of the first key."""
    if any(key.lstrip("-") == "id" for key in source.order):
        return source.order
    return (*source.order, "-id" if source.order and source.order[0].startswith("-") else "id")


def key_kinds(info: FieldInfo) -> list[TypeEngine[Any]]:
    """SQL types of the order keys, as a cursor holds them."""
    source = info.source
    if not isinstance(source, Related) or not info.targets:
        return []
    columns = info.targets[0].table.c
    return [columns[key.lstrip("-")].type for key in order_names(source)]


def belongs(
    targets: Sequence[TypeInfo], row: Any, ask: Binds, *, through: bool, under: Any = None
) -> ColumnElement[bool]:
    """That the row is of one of these types, and visible as such (unless it is seen by way of its parent).

    `under`: the table and column by which the row was found; of rows that are seen with that parent, the rest is asked.
    """
    arms = []
    for target in targets:
        arm: list[ColumnElement[bool]] = [row[column] == literal(value) for column, value in target.when.items()]
        seen = None if through else _seen(target, row, ask, under)
        if seen is not None:
            arm.append(seen)
        arms.append(and_(true(), *arm))
    return or_(false(), *arms)


def _seen(target: TypeInfo, row: Any, ask: Binds, under: Any) -> Any:
    visible = target.visible
    if isinstance(visible, WithParent) and under == (visible.of.__table__, visible.column):
        return visible.rest(row, ask)
    return None if visible is None else visible(row, ask)


def listed(info: FieldInfo, me: Any, ask: Binds, wanted: Wanted, *, limit: Any) -> Found:
    """The rows of a relation, or of a root field (`me` None), without cursor; at most `limit` (None: all)."""
    source = _related(info)
    names = [(key.lstrip("-"), key.startswith("-") != wanted.flipped) for key in order_names(source)]
    first = None if limit is None else _first(info, ask, wanted, names, limit)
    if first is not None:
        alias, bound = ask.alias(info.targets[0].table)
        conditions = [bound, alias.c.id == any_(first)]
    else:
        alias, conditions = _conditions(info, me, ask, wanted)
        if wanted.after is not None:
            conditions.append(_beyond([(alias.c[name], descending) for name, descending in names], wanted.after))
    keys = tuple((alias.c[name], descending) for name, descending in names)
    found = Found(alias, select().select_from(alias).where(*conditions).correlate_except(alias), keys)
    if limit is None:
        return found
    return Found(alias, found.statement.order_by(*found.ordering()).limit(limit), keys)


def _first(info: FieldInfo, ask: Binds, wanted: Wanted, names: Names, limit: Any) -> ColumnElement[Any] | None:
    """An array of ids that holds the first rows, where an index leads to them: by scope, or by a filter."""
    beyond = None if wanted.after is None else partial(_beyond, after=wanted.after)
    scoped = by_scope(info, wanted)
    if scoped is not None:
        return scoped.first(FirstRows(names, limit, ask, beyond), ask)
    led = led_by(info, ask, wanted, FirstRows(names, limit, ask, beyond))
    return None if led is None else func.array_cat(*(func.array(arm.scalar_subquery()) for arm in led))


def led_by(info: FieldInfo, ask: Binds, wanted: Wanted, rows: FirstRows) -> tuple[Select[Any], Select[Any]] | None:
    """Ids of the first rows to which a filter leads, and of the first ones besides; None where no filter does."""
    source, target = info.source, info.targets[0]
    if info.owner is not None or len(info.targets) > 1 or not isinstance(source, Asked) or source.where is not None:
        return None
    for name, value in wanted.filters:
        lead = source.filters[name].lead if name in source.filters else None
        if lead is not None and all(each == "id" or each in lead.repeats for each, _ in rows.keys):
            rest = Wanted(filters=tuple(each for each in wanted.filters if each[0] != name))
            given = operand(value, info.arguments[name].kind or Uuid())
            return _along(info, target, ask, rest, rows, lead, given), _besides(info, ask, rest, rows, lead, given)
    return None


def _along(
    info: FieldInfo, target: TypeInfo, ask: Binds, rest: Wanted, rows: FirstRows, lead: Lead, value: Any
) -> Select[Any]:
    each, bound = ask.alias(lead.model.__table__)
    if rest.filters or not isinstance(target.visible, ByScope):
        row, conditions = _conditions(info, None, ask, rest)
        inner = select(literal(1)).select_from(row).where(*conditions, row.c.id == each.c[lead.key])
        fits: ColumnElement[bool] = inner.correlate_except(row).exists()
    else:
        fits = target.visible.opened(each.c[lead.key], ask)
    found = select(each.c[lead.key].label("id")).select_from(each).where(
        bound, each.c[lead.scope] == value, lead.live(each.c), fits
    )
    keys = [(each.c[lead.key if name == "id" else lead.repeats[name]], descending) for name, descending in rows.keys]
    return rows.of(found, keys).correlate_except(each)


def _besides(info: FieldInfo, ask: Binds, rest: Wanted, rows: FirstRows, lead: Lead, value: Any) -> Select[Any]:
    row, conditions = _conditions(info, None, ask, rest)
    found = select(row.c.id).select_from(row).where(*conditions, lead.besides(row.c, value, ask))
    return rows.of(found, [(row.c[name], descending) for name, descending in rows.keys]).correlate_except(row)


def by_scope(info: FieldInfo, wanted: Wanted) -> ByScope | None:
    """How the rows of a root field are found scope by scope, where nothing else chooses among them."""
    source, target = info.source, info.targets[0]
    if info.owner is not None or len(info.targets) > 1 or not isinstance(source, Asked) or wanted.filters:
        return None
    if source.where is not None or source.through or target.when or not isinstance(target.visible, ByScope):
        return None
    return target.visible if target.visible.covers(order_names(source)) else None


def paged(info: FieldInfo, me: Any, ask: Binds, wanted: Wanted) -> Found:
    """The rows of a page and one more, which says that there is a next page."""
    return listed(info, me, ask, wanted, limit=wanted.first + 1)


def counting(info: FieldInfo, me: Any, ask: Binds, wanted: Wanted, *, exact: bool) -> Select[Any]:
    """A statement without columns over the rows of all pages, to be counted; unless exact, at most one more than is
    told."""
    scoped = by_scope(info, wanted)
    if scoped is not None and not exact:
        number = scoped.counted(FirstRows([], MOST_COUNTED + 1, ask), ask)
        return select().select_from(func.generate_series(1, number).table_valued("each"))
    led = None if exact else led_by(info, ask, wanted, FirstRows([], MOST_COUNTED + 1, ask))
    if led is not None:
        both = union_all(*led).subquery()
        return select().select_from(select(both.c.id).limit(MOST_COUNTED + 1).subquery())
    alias, conditions = _conditions(info, me, ask, Wanted(filters=wanted.filters))
    if exact:
        return select().select_from(alias).where(*conditions).correlate_except(alias)
    some = select(literal(1).label("one")).select_from(alias).where(*conditions).limit(MOST_COUNTED + 1)
    bounded = some.correlate_except(alias).lateral()
    return select().select_from(bounded).correlate_except(bounded)


def by_id(targets: Sequence[TypeInfo], ask: Binds, *, through: bool, where: Any = None) -> Found:
    """Rows of one table by the bind `keys` (ids)."""
    alias, bound = ask.alias(targets[0].table)
    statement = select().select_from(alias).where(bound, belongs(targets, alias.c, ask, through=through))
    if where is not None:
        statement = statement.where(where(alias.c, ask))
    return Found(alias, statement.correlate_except(alias), ((alias.c.id, False),))


def derived_value(info: FieldInfo, row: Any, ask: Binds) -> ColumnElement[Any]:
    """The SQL expression of an `expr` or `masked` field."""
    source = info.source
    if isinstance(source, Expr):
        made = source.make(row, ask)
        return made if isinstance(made, ColumnElement) else literal(made)
    if not isinstance(source, Masked):
        raise TypeError(f"{info.owner_name}.{info.name} is not computed")
    shown = source.shown(row, ask)
    if isinstance(shown, bool):
        chosen: ColumnElement[Any] = row[source.column if shown else source.mask]
        return chosen
    return case((shown, row[source.column]), else_=row[source.mask])


def operand(value: Any, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """A value as a bind of that type; a bind stays what it is."""
    if isinstance(value, ColumnElement):
        return value
    return bindparam(None, list(value) if isinstance(value, tuple) else value, type_=kind, unique=True)


def _related(info: FieldInfo) -> Related:
    if not isinstance(info.source, Related):
        raise TypeError(f"{info.owner_name}.{info.name} relates to no rows")
    return info.source


def _conditions(
    info: FieldInfo, me: Any, ask: Binds, wanted: Wanted
) -> tuple[NamedFromClause, list[ColumnElement[bool]]]:
    source = _related(info)
    alias, bound = ask.alias(info.targets[0].table)
    row = alias.c
    conditions = [bound, *_join(source, row, me, ask)]
    if source.where is not None:
        conditions.append(source.where(row, ask))
    conditions += _filtered(info, row, ask, wanted)
    under = (info.owner.table, source.back) if info.owner is not None and source.back is not None else None
    conditions.append(belongs(info.targets, row, ask, through=source.through, under=under))
    return alias, [condition for condition in conditions if condition is not None]


def _join(source: Related, row: Any, me: Any, ask: Binds) -> list[ColumnElement[bool]]:
    if source.column is not None:
        return [row.id == me[source.column]]
    if source.back is not None:
        return [row[source.back] == me.id]
    return [source.on(row, me, ask)] if source.on is not None else []


def _filtered(info: FieldInfo, row: Any, ask: Binds, wanted: Wanted) -> list[ColumnElement[bool]]:
    source = info.source
    found = []
    for name, value in wanted.filters:
        kind = info.arguments[name].kind
        if isinstance(source, Single):
            found.append(row[name] == operand(value, row[name].type))
        elif isinstance(source, Asked):
            given = source.filters[name]
            kind = given.kind if given.kind is not None else kind
            found.append(given.make(row, value if kind is None else operand(value, kind), ask))
    return found


def _beyond(keys: Sequence[tuple[ColumnElement[Any], bool]], after: Sequence[Any]) -> ColumnElement[bool]:
    """Rows after the cursor: one row comparison where all keys run one way, else nested."""
    values = [operand(value, key.type) for (key, _), value in zip(keys, after, strict=True)]
    directions = {descending for _, descending in keys}
    if len(directions) == 1:
        here, there = tuple_(*(key for key, _ in keys)), tuple_(*values)
        return here < there if directions == {True} else here > there
    (key, descending), value = keys[0], values[0]
    further = key < value if descending else key > value
    if len(keys) == 1:
        return further
    return or_(further, and_(key == value, _beyond(keys[1:], values[1:])))


def limit_of(info: FieldInfo) -> int:
    """How many rows a relation without arguments may give."""
    if isinstance(info.source, Many):
        return info.source.limit
    return 1 if isinstance(info.source, One | Single) else 0


def is_flipped(source: Page, newest_first: bool) -> bool:
    """Whether the order argument turns the declared (newest first) order round."""
    return source.newest is not None and not newest_first
