"""Reads: a type says once where its fields come from. See docs/reads.md."""

from gridloom.reads.arguments import TimelineOrder
from gridloom.reads.ask import Ask, Binds, Cols
from gridloom.reads.compose import ComposedSchema, compose
from gridloom.reads.declare import (
    DeclarationError,
    Filter,
    Filters,
    Lead,
    choose,
    column,
    connection,
    expr,
    listing,
    many,
    masked,
    one,
    page,
    part,
    single,
)
from gridloom.reads.instances import load, prime
from gridloom.reads.loading import ReadContext
from gridloom.reads.mapping import Read, extends, maps, pages
from gridloom.reads.notation import failure
from gridloom.reads.serve import CompiledReads
from gridloom.reads.shapes import Count, PageInfo, Query
from gridloom.reads.visibility import ByScope, WithParent

__all__ = [
    "Ask",
    "Binds",
    "ByScope",
    "Cols",
    "CompiledReads",
    "ComposedSchema",
    "Count",
    "DeclarationError",
    "Filter",
    "Filters",
    "Lead",
    "PageInfo",
    "Query",
    "Read",
    "ReadContext",
    "TimelineOrder",
    "WithParent",
    "choose",
    "column",
    "compose",
    "connection",
    "expr",
    "extends",
    "failure",
    "listing",
    "load",
    "many",
    "maps",
    "masked",
    "one",
    "page",
    "pages",
    "part",
    "prime",
    "single",
]
