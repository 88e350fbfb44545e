"""From a tree of declared fields to one statement whose only value is the response's data, as JSON text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.selectable import LateralFromClause
from strawberry.scalars import JSON

from gridloom.reads.ask import Binds
from gridloom.reads.declare import Choose, Column, Listing, Many, Nodes, One, Page, PageEnd, Part, Single, Total
from gridloom.reads.notation import sql_cursor
from gridloom.reads.registry import FieldInfo, TypeInfo
from gridloom.reads.relation import MOST_COUNTED, Found, Wanted, by_id, counting, derived_value, limit_of, listed, paged
from gridloom.reads.rendering import EMPTY_LIST, NULL, json_object, present, quoted, written
from gridloom.reads.selection import Given, Member, Selection

Value = ColumnElement[Any]
Arms = tuple[tuple[TypeInfo, Selection], ...]


@dataclass(frozen=True)
class Compiler:
    """Compiles one reading for one permission shape. `given` holds binds in the place of arguments.

    Where GraphQL would answer with an error (a missing row under a non-null field, a single row that is not there),
    the statement writes `marker`, which no data can hold: the caller then takes the ordinary path.
    """

    ask: Binds
    given: Mapping[int, Given]
    marker: str

    def statement(self, root: Selection) -> Select[Any]:
        """`SELECT data`."""
        pairs = [(member.key, self._root(member)) for member in root.members]
        return select(cast(json_object(pairs), Text).label("data"))

    def _root(self, member: Member) -> Value:
        if member.typename is not None:
            return quoted(member.typename)
        return self._value(member, None)

    def _object(self, selection: Selection, row: Any) -> Value:
        return json_object([(member.key, self._value(member, row)) for member in selection.members])

    def _value(self, member: Member, row: Any) -> Value:
        info = member.info
        if member.typename is not None:
            return quoted(member.typename)
        if info is None:
            raise TypeError(f"{member.key} has no source")
        source = info.source
        if info.leaf is not None:
            return self._leaf(info, row)
        if isinstance(source, Part):
            return self._part(member, info, source, row)
        if isinstance(source, Choose):
            return self._nullable(info, self._chosen(member, source, row))
        if isinstance(source, One | Single):
            return self._first(member, info, row)
        if isinstance(source, Many | Listing):
            return self._list(member, info, row)
        if isinstance(source, Page):
            return self._page(member, info, row)
        raise TypeError(f"{info.owner_name}.{info.name} cannot be compiled")

    def _nullable(self, info: FieldInfo, value: Value) -> Value:
        return value if info.nullable else present(value, self.marker)

    def _leaf(self, info: FieldInfo, row: Any) -> Value:
        if info.leaf is None:
            raise TypeError(f"{info.owner_name}.{info.name} is no leaf")
        if isinstance(info.source, Column):
            value = written(info.leaf, row[info.source.column or info.python_name])
            # A column under a non-null field is NOT NULL; a JSON null inside one is another matter.
            return self._nullable(info, value) if info.leaf.kind is JSON else value
        return self._nullable(info, written(info.leaf, derived_value(info, row, self.ask)))

    def _part(self, member: Member, info: FieldInfo, source: Part, row: Any) -> Value:
        if member.inside is None:
            raise TypeError(f"{member.key} has no selection")
        pairs = []
        for each in member.inside.members:
            leaf = info.parts.get(each.python_name or "")
            if each.typename is not None:
                pairs.append((each.key, quoted(each.typename)))
            elif leaf is not None:
                value = written(leaf, row[source.columns[str(each.python_name)]])
                pairs.append((each.key, value if leaf.nullable else present(value, self.marker)))
        some = or_(*(row[column].is_not(None) for column in source.columns.values()))
        return self._nullable(info, case((some, json_object(pairs)), else_=NULL))

    def _first(self, member: Member, info: FieldInfo, row: Any) -> Value:
        if not info.targets:
            return self._nullable(info, NULL)
        wanted = self.given[member.site].wanted if member.site is not None else Wanted()
        limit = None if isinstance(info.source, One) and info.source.column is not None else limit_of(info)
        found = listed(info, row, self.ask, wanted, limit=limit)
        value = found.statement.add_columns(self._arm(member.arms, found.alias.c)).scalar_subquery()
        # A single row that is not there is an error too, though its field is nullable.
        return present(value, self.marker) if isinstance(info.source, Single) else self._nullable(info, value)

    def _list(self, member: Member, info: FieldInfo, row: Any) -> Value:
        if not info.targets:
            return EMPTY_LIST
        wanted = self.given[member.site].wanted if member.site is not None else Wanted()
        limit = wanted.first if isinstance(info.source, Listing) else limit_of(info)
        found = listed(info, row, self.ask, wanted, limit=limit)
        rows = _kept(found, {"nodes": self._arm(member.arms, found.alias.c)})
        items = func.json_agg(aggregate_order_by(rows.c[_item("nodes")], *_order(rows, found)))
        return select(func.coalesce(items, EMPTY_LIST)).select_from(rows).correlate_except(rows).scalar_subquery()

    def _chosen(self, member: Member, source: Choose, row: Any) -> Value:
        kinds: dict[str, list[tuple[TypeInfo, Selection]]] = {}
        for target, selection in member.arms:
            kinds.setdefault(target.kind, []).append((target, selection))
        whens = []
        for kind, arms in kinds.items():
            found = by_id([target for target, _ in arms], self.ask, through=source.through)
            statement = found.statement.where(found.alias.c.id == row[source.id])
            value = statement.add_columns(self._arm(tuple(arms), found.alias.c)).scalar_subquery()
            whens.append((row[source.kind] == literal(kind, Text), value))
        return case(*whens, else_=NULL) if whens else NULL

    def _arm(self, arms: Arms, row: Any) -> Value:
        """The object of a row, after the first type that holds it."""
        if len(arms) == 1:
            return self._object(arms[0][1], row)
        whens = []
        for target, selection in arms:
            holds = [row[column] == literal(value, Text) for column, value in target.when.items()]
            whens.append((true() if not holds else _all(holds), self._object(selection, row)))
        return case(*whens, else_=NULL)

    def _page(self, member: Member, info: FieldInfo, row: Any) -> Value:
        if member.inside is None or member.site is None:
            raise TypeError(f"{member.key} has no selection")
        wanted = self.given[member.site].wanted
        members = member.inside.members
        if not any(_needs_rows(each) for each in members):
            return json_object([(each.key, self._beside_rows(each, info, wanted, row)) for each in members])
        if not info.targets:
            raise TypeError(f"{info.owner_name}.{info.name} has no rows")
        if not any(_is_end(each) for each in members):
            return self._rows_only(member.inside, info, row, wanted)
        found = paged(info, row, self.ask, wanted)
        rows = _kept(found, {
            each.key: self._arm(each.arms, found.alias.c) for each in members if _is_nodes(each)
        })
        number, whole = func.row_number().over(order_by=_order(rows, found)), func.count().over()
        numbered = select(*rows.c, number.label("number"), whole.label("whole")).select_from(rows).lateral()
        cursor = sql_cursor(info.tag(wanted.flipped), [numbered.c[_key(place)] for place, _ in enumerate(found.keys)])
        pairs = [
            (each.key, self._of_rows(each, numbered.c, wanted, cursor) if _needs_rows(each)
             else self._beside_rows(each, info, wanted, row))
            for each in members
        ]
        # HAVING makes it one row even where no aggregate is selected.
        page = select(json_object(pairs)).select_from(numbered).having(true())
        return page.correlate_except(numbered).scalar_subquery()

    def _rows_only(self, selection: Selection, info: FieldInfo, row: Any, wanted: Wanted) -> Value:
        """A page that is not asked where it ends: a list."""
        found = listed(info, row, self.ask, wanted, limit=wanted.first)
        rows = _kept(found, {
            each.key: self._arm(each.arms, found.alias.c) for each in selection.members if _is_nodes(each)
        })
        pairs: list[tuple[str, Value]] = []
        for each in selection.members:
            if _is_nodes(each):
                items = func.json_agg(aggregate_order_by(rows.c[_item(each.key)], *_order(rows, found)))
                pairs.append((each.key, func.coalesce(items, EMPTY_LIST)))
            else:
                pairs.append((each.key, self._beside_rows(each, info, wanted, row)))
        return select(json_object(pairs)).select_from(rows).correlate_except(rows).scalar_subquery()

    def _of_rows(self, member: Member, row: Any, wanted: Wanted, cursor: Value) -> Value:
        if _is_nodes(member):
            items = func.json_agg(aggregate_order_by(row[_item(member.key)], row.number))
            return func.coalesce(items.filter(row.number <= wanted.first), EMPTY_LIST)
        if member.inside is None:
            raise TypeError(f"{member.key} has no selection")
        ends = {
            "has_next_page": func.count() > wanted.first,
            "end_cursor": func.max(cursor).filter(row.number == func.least(row.whole, wanted.first)),
        }
        return json_object([
            (each.key, quoted(each.typename) if each.typename is not None else ends[str(each.python_name)])
            for each in member.inside.members
        ])

    def _beside_rows(self, member: Member, info: FieldInfo, wanted: Wanted, row: Any) -> Value:
        if member.typename is not None:
            return quoted(member.typename)
        if member.inside is None or member.info is None or not isinstance(member.info.source, Total):
            raise TypeError(f"{member.key} is no total")
        exact = self.given[member.site].exact if member.site is not None else False
        rows = counting(info, row, self.ask, wanted, exact=exact)
        number = func.count()
        values = {
            "value": number if exact else func.least(number, MOST_COUNTED),
            "exact": true() if exact else number <= MOST_COUNTED,
        }
        pairs = [
            (each.key, quoted(each.typename) if each.typename is not None else values[str(each.python_name)])
            for each in member.inside.members
        ]
        return rows.add_columns(json_object(pairs)).having(true()).scalar_subquery()


def _needs_rows(member: Member) -> bool:
    return member.info is not None and isinstance(member.info.source, Nodes | PageEnd)


def _is_end(member: Member) -> bool:
    return member.info is not None and isinstance(member.info.source, PageEnd)


def _is_nodes(member: Member) -> bool:
    return member.info is not None and isinstance(member.info.source, Nodes)


def _kept(found: Found, items: Mapping[str, Value]) -> LateralFromClause:
    """The rows as a FROM: finished items by response key, and the order keys. PostgreSQL makes items of the rows within
    the limit only (it postpones costly columns behind ORDER BY … LIMIT)."""
    keys = [key.label(_key(place)) for place, (key, _) in enumerate(found.keys)]
    made = [item.label(_item(name)) for name, item in items.items()]
    return found.statement.add_columns(*made, *keys).lateral()


def _item(response_key: str) -> str:
    return f"item_{response_key}"


def _key(place: int) -> str:
    return f"key{place}"


def _order(rows: LateralFromClause, found: Found) -> list[Value]:
    keys = [(rows.c[_key(place)], descending) for place, (_, descending) in enumerate(found.keys)]
    return [key.desc() if descending else key.asc() for key, descending in keys]


def _all(conditions: list[Value]) -> Value:
    whole = conditions[0]
    for each in conditions[1:]:
        whole = whole & each
    return whole

