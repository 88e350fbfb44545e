"""Reads a statement: which aliases of tenant tables does it name, and which of them carry the tenant as a bind."""

from sqlalchemy import Alias, BinaryExpression, BindParameter, Column, Table
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.selectable import NamedFromClause, Select


def unbound(statement: ClauseElement) -> set[str]:
    """Names of the tenant tables that stand in a FROM whose own WHERE does not say `alias.tenant_id = :tenant`."""
    return {alias.name for each in visitors.iterate(statement) if isinstance(each, Select) for alias in _missing(each)}


def aliases(statement: ClauseElement) -> int:
    """How many aliases of tenant tables the statement reads."""
    return len({alias for each in visitors.iterate(statement) if isinstance(each, Select) for alias in _tables(each)})


def _missing(select: Select[tuple[object]]) -> set[NamedFromClause]:
    bound = {
        clause.left.table
        for whole in select._where_criteria
        for clause in _conjuncts(whole)
        if isinstance(clause, BinaryExpression) and clause.operator is operators.eq and isinstance(clause.left, Column)
        and clause.left.name == "tenant_id" and isinstance(clause.right, BindParameter) and clause.right.key == "tenant"
    }
    return _tables(select) - bound


def _conjuncts(clause: ClauseElement) -> list[ClauseElement]:
    """The parts of an AND, or the clause itself."""
    if getattr(clause, "operator", None) is operators.and_:
        return [part for each in clause.clauses for part in _conjuncts(each)]  # type: ignore[attr-defined]
    return [clause]


def _tables(select: Select[tuple[object]]) -> set[NamedFromClause]:
    own = select.columns_clause_froms if not select._from_obj else [
        each for source in select._from_obj for each in _sides(source)
    ]
    return {each for each in own if isinstance(each, NamedFromClause) and _is_tenant_table(each)}


def _sides(source: object) -> list[object]:
    if hasattr(source, "left") and hasattr(source, "right"):
        return [*_sides(source.left), *_sides(source.right)]
    return [source]


def _is_tenant_table(source: object) -> bool:
    table = source.element if isinstance(source, Alias) else source
    return isinstance(table, Table) and "tenant_id" in table.c
