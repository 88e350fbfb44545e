"""The words of a declaration: where each field of a type comes from. No GraphQL here, and no SQL text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy.types import TypeEngine

from gridloom.reads.ask import Binds, Cols

MOST_ROWS = 200
USUAL_ROWS = 50

Expression = Callable[[Cols, Binds], Any]
Joining = Callable[[Cols, Cols, Binds], Any]
FilterFunction = Callable[[Cols, Any, Binds], Any]
Totals = Literal["none", "bounded", "asked"]


class DeclarationError(Exception):
    """A declaration that cannot be served; the process refuses to start."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Source:
    """Where a field comes from. `name`: GraphQL name, `doc`: description."""

    name: str | None = None
    doc: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Column(Source):
    column: str | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Expr(Source):
    """A value computed by the database from the row; masked fields are this too. `weight`: its cost beside a column."""

    make: Expression
    weight: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Masked(Source):
    column: str
    mask: str
    shown: Expression


@dataclass(frozen=True, eq=False, kw_only=True)
class Part(Source):
    columns: Mapping[str, str]


@dataclass(frozen=True, eq=False, kw_only=True)
class Related(Source):
    """Rows of another type by one of `column` (mine → its id), `back` (its column → my id), `on`; none at the root."""

    column: str | None = None
    back: str | None = None
    on: Joining | None = None
    where: Expression | None = None
    order: tuple[str, ...] = ()
    through: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class One(Related):
    pass


@dataclass(frozen=True, eq=False, kw_only=True)
class Many(Related):
    limit: int = MOST_ROWS


@dataclass(frozen=True, eq=False, kw_only=True)
class Choose(Source):
    kind: str
    id: str
    through: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Filter:
    """A filter whose bound value `prepare` makes (never None). `kind`: its SQL type, if not the argument's. `lead`: how it
    leads to the first rows of a root list."""

    make: FilterFunction
    prepare: Callable[[Any], Any] | None = None
    kind: TypeEngine[Any] | None = None
    lead: "Lead | None" = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Lead:
    """A filter that can lead to the first rows: rows of `model` hold, by `scope`, the value and, by `key`, the row's id.

    They stand under an index in the order of what they repeat of the row (see `ByScope`). `besides` says which other
    rows satisfy the filter, without such a row: few ones.
    """

    model: Any
    key: str
    scope: str
    live: Callable[[Cols], Any]
    repeats: Mapping[str, str]
    besides: FilterFunction


Filters = Mapping[str, FilterFunction | Filter]


@dataclass(frozen=True, eq=False, kw_only=True)
class Asked(Related):
    """Rows chosen by arguments. `input`: an argument `filter` of that input type; `args`: an argument for each name."""

    input: type | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    usual: int = USUAL_ROWS


@dataclass(frozen=True, eq=False, kw_only=True)
class Page(Asked):
    newest: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Listing(Asked):
    pass


@dataclass(frozen=True, eq=False, kw_only=True)
class Single(Related):
    by: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class Nodes(Source):
    """The rows of a page."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PageEnd(Source):
    """Whether a page has a next one, and the cursor of its last row."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Total(Source):
    """How many rows all pages hold. `asked`: with the argument that asks for an exact number."""

    asked: bool


def column(column: str | None = None, *, name: str | None = None, doc: str | None = None) -> Any:
    """The column of that name (default: the field's own)."""
    return Column(column=column, name=name, doc=doc)


def expr(make: Expression, *, name: str | None = None, doc: str | None = None, weight: int | None = None) -> Any:
    """`make(row, ask)`, an SQL expression. `weight`: what it costs beside a plain column, where that must be said."""
    return Expr(make=make, name=name, doc=doc, weight=weight)


def masked(column: str, *, mask: str, shown: Expression, name: str | None = None, doc: str | None = None) -> Any:
    """`column` where `shown(row, ask)`, else the column `mask`."""
    return Masked(column=column, mask=mask, shown=shown, name=name, doc=doc)


def part(*, name: str | None = None, doc: str | None = None, **columns: str) -> Any:
    """An object made of the row's own columns (field → column); null when all of them are null."""
    return Part(columns=columns, name=name, doc=doc)


def one(
    column: str | None = None, *, back: str | None = None, on: Joining | None = None, where: Expression | None = None,
    order: Sequence[str] = (), through: bool = False, name: str | None = None, doc: str | None = None,
) -> Any:
    """The row whose id stands in my `column`, or the first (in `order`) whose column `back` holds my id, or `on`."""
    if [column, back, on].count(None) != 2:
        raise DeclarationError("one(…) takes a column, or back=, or on=")
    return One(
        column=column, back=back, on=on, where=where, order=tuple(order), through=through, name=name, doc=doc,
    )


def many(
    back: str | None = None, *, on: Joining | None = None, where: Expression | None = None, order: Sequence[str],
    limit: int = MOST_ROWS, through: bool = False, name: str | None = None, doc: str | None = None,
) -> Any:
    """The rows whose column `back` holds my id (or that satisfy `on`), in order, at most `limit` (≤ 200)."""
    if (back is None) == (on is None) or not 1 <= limit <= MOST_ROWS:
        raise DeclarationError("many(…) takes a column or on=, and a limit of 1 to 200")
    return Many(back=back, on=on, where=where, order=tuple(order), limit=limit, through=through, name=name, doc=doc)


def page(
    back: str | None = None, *, on: Joining | None = None, where: Expression | None = None, order: Sequence[str],
    newest: str | None = None, args: Mapping[str, Any] | None = None,
    filters: Filters | None = None, first: int = USUAL_ROWS, through: bool = False,
    name: str | None = None, doc: str | None = None,
) -> Any:
    """A page of the rows whose column `back` holds my id. `newest`: name of the argument that turns the order round."""
    if (back is None) == (on is None):
        raise DeclarationError("page(…) takes a column or on=")
    return Page(
        back=back, on=on, where=where, order=tuple(order), newest=newest, args=dict(args or {}),
        filters=_filters(filters), usual=first, through=through, name=name, doc=doc,
    )


def choose(kind: str, id: str, *, through: bool = False, name: str | None = None, doc: str | None = None) -> Any:
    """The row of an interface named by two of my columns: its type's kind, and its id."""
    return Choose(kind=kind, id=id, through=through, name=name, doc=doc)


def connection(
    *, order: Sequence[str], input: type | None = None, args: Mapping[str, Any] | None = None,
    filters: Filters | None = None, where: Expression | None = None,
    newest: str | None = None, first: int = USUAL_ROWS, through: bool = False,
    name: str | None = None, doc: str | None = None,
) -> Any:
    """A page of all rows of a type that the caller may see (root fields only)."""
    return Page(
        order=tuple(order), input=input, args=dict(args or {}), filters=_filters(filters), where=where, newest=newest,
        usual=first, through=through, name=name, doc=doc,
    )


def listing(
    *, order: Sequence[str], args: Mapping[str, Any] | None = None, input: type | None = None,
    filters: Filters | None = None, where: Expression | None = None,
    first: int = USUAL_ROWS, through: bool = False, name: str | None = None, doc: str | None = None,
) -> Any:
    """A plain list of the first rows of a type that the caller may see (root fields only)."""
    return Listing(
        order=tuple(order), input=input, args=dict(args or {}), filters=_filters(filters), where=where, usual=first,
        through=through, name=name, doc=doc,
    )


def single(
    *, by: Mapping[str, Any], where: Expression | None = None, through: bool = False,
    name: str | None = None, doc: str | None = None,
) -> Any:
    """One row by any of these columns (name → GraphQL type); absent or hidden: null and the error NOT_FOUND."""
    if not by:
        raise DeclarationError("single(…) needs at least one column in by=")
    return Single(by=dict(by), where=where, through=through, name=name, doc=doc)


def _filters(given: Filters | None) -> dict[str, Filter]:
    return {name: each if isinstance(each, Filter) else Filter(make=each) for name, each in (given or {}).items()}
