"""What declared fields cost beside a plain column, for whoever measures a document before it runs.

One is a column of a row that is read anyway: some two microseconds of the database. The others were measured against it.
"""

from collections.abc import Iterable
from typing import Any

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import Select
from strawberry.schema.schema_converter import GraphQLCoreConverter

from gridloom.reads.ask import Binds
from gridloom.reads.declare import Expr, Many, Total
from gridloom.reads.mapping import DeclaredField
from gridloom.reads.registry import FieldInfo, Registry

WEIGHT, EXACT_WEIGHT, ROWS = "gridloom-weight", "gridloom-exact-weight", "gridloom-rows"
LOOKED_UP = 5
"""An expression that asks another table."""
COUNTED = 50
"""A count that stops at a thousand rows."""
COUNTED_EXACTLY = 2_000
"""A count of all, however many."""


def weigh(schema: GraphQLSchema, registry: Registry) -> None:
    """Note on every declared field of the schema what it costs, in its extensions."""
    for field in _fields(schema):
        declared = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if isinstance(declared, DeclaredField) and id(declared) in registry.fields:
            field.extensions |= _said(registry.fields[id(declared)])


def _said(info: FieldInfo) -> dict[str, Any]:
    source = info.source
    if isinstance(source, Total):
        return {WEIGHT: COUNTED, EXACT_WEIGHT: COUNTED_EXACTLY} if source.asked else {WEIGHT: COUNTED}
    if isinstance(source, Many):
        return {ROWS: source.limit}
    if isinstance(source, Expr) and source.weight is not None:
        return {WEIGHT: source.weight}
    if isinstance(source, Expr) and info.owner is not None and _looks_up(source, info):
        return {WEIGHT: LOOKED_UP}
    return {}


def _looks_up(source: Expr, info: FieldInfo) -> bool:
    if info.owner is None:
        return False
    made = source.make(info.owner.table.alias().c, Binds(frozenset()))
    return any(isinstance(each, Select) for each in visitors.iterate(made)) if hasattr(made, "get_children") else False


def _fields(schema: GraphQLSchema) -> Iterable[GraphQLField]:
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            yield from kind.fields.values()
