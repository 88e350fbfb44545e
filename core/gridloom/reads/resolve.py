"""The ordinary path: what a declared field gives for one instance, through the request's loaders."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from gridloom.errors import Denied
from gridloom.reads.arguments import wanted_of
from gridloom.reads.declare import (
    Choose,
    Expr,
    Listing,
    Many,
    Masked,
    Nodes,
    One,
    Page,
    PageEnd,
    Part,
    Single,
    Total,
)
from gridloom.reads.jobs import ById, Children, CountOf, Derived, PageOf, PageRows
from gridloom.reads.loading import Loaders
from gridloom.reads.notation import read_id
from gridloom.reads.registry import FieldInfo, TypeInfo
from gridloom.reads.relation import Wanted
from gridloom.reads.shapes import Count, PageInfo

Row = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class PageHandle:
    """What a connection instance reads from: the field, the parent's id (None at the root), the arguments."""

    info: FieldInfo
    parent: UUID | None
    wanted: Wanted

    def rows(self, loaders: Loaders) -> Awaitable[PageRows]:
        """The page itself."""
        if not self.info.targets:
            return _at_once(PageRows([], None, False))
        return loaders.ask(PageOf(self.info, self.wanted), self.parent)

    def count(self, loaders: Loaders, *, exact: bool) -> Awaitable[tuple[int, bool]]:
        """How many rows all pages hold."""
        if not self.info.targets:
            return _at_once((0, True))
        return loaders.ask(CountOf(self.info, Wanted(filters=self.wanted.filters), exact), self.parent)


async def _at_once(value: T) -> T:
    return value


def resolve(info: FieldInfo, instance: Any, loaders: Loaders, given: Mapping[str, Any]) -> Any:
    """The value of a field other than a column, or an awaitable of it."""
    source = info.source
    if isinstance(source, Part):
        return _part(info, source, instance.row)
    if isinstance(source, Expr | Masked):
        return _derived(info, instance.row, loaders)
    if isinstance(source, One):
        return _one(info, source, instance.row, loaders)
    if isinstance(source, Choose):
        return _chosen(info, source, instance.row, loaders)
    if isinstance(source, Nodes | PageEnd | Total):
        return _of_page(info, instance, loaders, given)
    parent = None if info.owner is None else instance.row["id"]
    if isinstance(source, Page):
        return _page(info, parent, given)
    if isinstance(source, Many | Listing):
        return _many(info, parent, loaders, wanted_of(info, given))
    if isinstance(source, Single):
        return _single(info, loaders, wanted_of(info, given))
    raise TypeError(f"{info.owner_name}.{info.name} has no source")


def _part(info: FieldInfo, source: Part, row: Row) -> Any:
    if info.part_type is None:
        raise TypeError(f"{info.owner_name}.{info.name} has no type")
    values = {name: row[column] for name, column in source.columns.items()}
    return None if all(value is None for value in values.values()) else info.part_type(**values)


async def _derived(info: FieldInfo, row: Row, loaders: Loaders) -> Any:
    if info.owner is None or info.leaf is None:
        raise TypeError(f"{info.owner_name}.{info.name} is not computed")
    return info.leaf.read(await loaders.ask(Derived(info.owner), (row["id"], info.name)))


async def _one(info: FieldInfo, source: One, row: Row, loaders: Loaders) -> Any:
    if not info.targets:
        return None
    if source.column is None:
        found = await loaders.ask(Children(info), row["id"])
        return instance_of(info.targets, found[0]) if found else None
    key = row[source.column]
    return None if key is None else await by_key(info.targets, key, loaders, source.through, source.where)


async def _chosen(info: FieldInfo, source: Choose, row: Row, loaders: Loaders) -> Any:
    targets = tuple(target for target in info.targets if target.kind == row[source.kind])
    key = row[source.id]
    return await by_key(targets, key, loaders, source.through) if targets and key is not None else None


async def _many(info: FieldInfo, parent: UUID | None, loaders: Loaders, wanted: Wanted) -> list[Any]:
    rows = await loaders.ask(Children(info, wanted), parent) if info.targets else []
    return [instance_of(info.targets, row) for row in rows]


async def _single(info: FieldInfo, loaders: Loaders, wanted: Wanted) -> Any:
    rows = await loaders.ask(Children(info, wanted), None)
    if not rows:
        raise Denied("NOT_FOUND", "problem-not-found")
    return instance_of(info.targets, rows[0])


def _page(info: FieldInfo, parent: UUID | None, given: Mapping[str, Any]) -> Any:
    if info.page is None:
        raise TypeError(f"{info.owner_name}.{info.name} is no connection")
    connection: Any = object.__new__(info.page.cls)
    connection.handle = PageHandle(info, parent, wanted_of(info, given))
    return connection


async def _of_page(info: FieldInfo, instance: Any, loaders: Loaders, given: Mapping[str, Any]) -> Any:
    handle: PageHandle = instance.handle
    if isinstance(info.source, Total):
        number, exact = await handle.count(loaders, exact=bool(given.get("exact", False)))
        return Count(value=number, exact=exact)
    page = await handle.rows(loaders)
    if isinstance(info.source, PageEnd):
        return PageInfo(has_next_page=page.more, end_cursor=page.end)
    return [instance_of(handle.info.targets, row) for row in page.rows]


async def by_key(
    targets: tuple[TypeInfo, ...], key: Any, loaders: Loaders, through: bool, where: Any = None
) -> Any:
    """The instance of an id, or None when there is none or it is hidden."""
    row = await loaders.ask(ById(targets, through, where), read_id(key))
    return None if row is None else instance_of(targets, row)


def instance_of(targets: tuple[TypeInfo, ...], row: Row) -> Any:
    """The instance of a row, of the first of these types that holds it."""
    return next(target for target in targets if target.holds(row)).make(row)
