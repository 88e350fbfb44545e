"""Faults planted in the compiled path alone: comparing the two paths over random documents must see each of them."""

from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLObjectType, Undefined
from graphql.execution.values import VariableValues
from sqlalchemy import Select, func, or_, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from gridloom.reads import arguments, compile, plans, relation, rendering, selection, serve
from gridloom.reads.ask import Binds
from gridloom.reads.declare import One, Part
from gridloom.reads.registry import FieldInfo
from gridloom.reads.selection import Given, Member, Reader
from gridloom.reads.visibility import ByScope
from tests.reads.asking import Compiling
from tests.reads.oracle import Difference
from tests.reads.small_world import Example, Plant, compare


def visibility_dropped(patch: pytest.MonkeyPatch) -> None:
    belongs = relation.belongs
    patch.setattr(relation, "belongs", lambda targets, row, ask, **_: belongs(targets, row, ask, through=True))


def visibility_dropped_in_counts(patch: pytest.MonkeyPatch) -> None:
    counting, belongs = relation.counting, relation.belongs

    def count(*given: Any, **named: Any) -> Any:
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(relation, "belongs", lambda targets, row, ask, **_: belongs(targets, row, ask, through=True))
            return counting(*given, **named)

    patch.setattr(compile, "counting", count)


def scopes_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ByScope, "opened", lambda self, row_id, ask: true())


def county_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Binds, "alias", lambda self, table: (alias := table.alias(), alias.c.tenant_id.is_not(None)))


def one_row_too_few(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compile, "paged", lambda info, me, ask, wanted: relation.listed(
        info, me, ask, wanted, limit=wanted.first
    ))


def one_row_too_many(patch: pytest.MonkeyPatch) -> None:
    of_rows = compile.Compiler._of_rows
    patch.setattr(compile.Compiler, "_of_rows", lambda self, member, row, wanted, cursor: of_rows(
        self, member, row, replace(wanted, first=wanted.first + 1) if compile._is_nodes(member) else wanted, cursor
    ))


def order_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compile, "_order", lambda rows, found: [rows.c[f"key{len(found.keys) - 1}"].asc()])


def order_of_pages_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compile, "aggregate_order_by", lambda item, *order: aggregate_order_by(item, *(
        each.desc() if getattr(each, "name", "") == "number" else each for each in order
    )))


def moments_to_the_millisecond(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rendering, "MOMENT_FORMAT", 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')


def moments_on_a_clock_of_twelve_hours(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rendering, "MOMENT_FORMAT", 'YYYY-MM-DD"T"HH12:MI:SS.US"Z"')


def direction_ignored(patch: pytest.MonkeyPatch) -> None:
    bound = plans._bound
    patch.setattr(plans, "_bound", lambda info, wanted, number: replace(bound(info, wanted, number), flipped=False))


def descending_flipped(patch: pytest.MonkeyPatch) -> None:
    listed = relation.listed

    def turned(info: Any, me: Any, ask: Any, wanted: Any, *, limit: Any) -> Any:
        return listed(info, me, ask, replace(wanted, flipped=not wanted.flipped), limit=limit)

    patch.setattr(compile, "listed", turned)


def filters_ignored(patch: pytest.MonkeyPatch) -> None:
    given = selection.given_at
    patch.setattr(selection, "given_at", lambda site, variables, schema: _without_filters(given(site, variables, schema)))


def _without_filters(given: Given) -> Given:
    return replace(given, wanted=replace(given.wanted, filters=()))


def filters_ignored_in_counts(patch: pytest.MonkeyPatch) -> None:
    counting = relation.counting
    patch.setattr(compile, "counting", lambda info, me, ask, wanted, *, exact: counting(
        info, me, ask, replace(wanted, filters=()), exact=exact
    ))


def null_taken_for_a_value(patch: pytest.MonkeyPatch) -> None:
    """`filter: {overdue: null}` filters by no instead of not at all."""
    def chosen(info: FieldInfo, given: Any) -> Any:
        nulls = tuple(
            (name, False) for name, argument in info.arguments.items()
            if argument.kind is None and name in given and given[name] is None
        )
        return (*real(info, given), *nulls)

    real = arguments._chosen
    patch.setattr(arguments, "_chosen", chosen)


def false_taken_for_absent(patch: pytest.MonkeyPatch) -> None:
    real = arguments._chosen
    patch.setattr(arguments, "_chosen", lambda info, given: tuple(
        (name, value) for name, value in real(info, given) if value is not False
    ))


def defaults_of_variables_ignored(patch: pytest.MonkeyPatch) -> None:
    given = selection.given_at

    def without(site: Any, variables: VariableValues, schema: Any) -> Given:
        sent = {name: value for name, value in variables.coerced.items() if variables.sources[name].value is not Undefined}
        return given(site, VariableValues(variables.sources, sent), schema)

    patch.setattr(selection, "given_at", without)


def merging_lost(patch: pytest.MonkeyPatch) -> None:
    below = Reader._below
    patch.setattr(Reader, "_below", lambda self, parent, details: below(self, parent, details[:1]))


def switches_inverted(patch: pytest.MonkeyPatch) -> None:
    member = Reader._selection

    def inverted(self: Reader, parent: GraphQLObjectType, grouped: Any) -> Any:
        kept = {key: details for key, details in grouped.items() if not details[0].node.directives}
        return member(self, parent, kept)

    patch.setattr(Reader, "_selection", inverted)


def switches_forgotten_between_plans(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(serve, "_switches", lambda operation, fragments: ())


def types_confused(patch: pytest.MonkeyPatch) -> None:
    arm = compile.Compiler._arm
    patch.setattr(compile.Compiler, "_arm", lambda self, arms, row: arm(self, arms[:1], row))


def interface_arm_without_its_rows(patch: pytest.MonkeyPatch) -> None:
    arms = Reader._arms
    patch.setattr(Reader, "_arms", lambda self, targets, details: arms(self, targets[:1] or targets, details))


def cap_of_counts_moved(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compile, "MOST_COUNTED", 4)


def exact_ignored(patch: pytest.MonkeyPatch) -> None:
    counting = relation.counting
    patch.setattr(compile, "counting", lambda info, me, ask, wanted, *, exact: counting(
        info, me, ask, wanted, exact=False
    ))


def cursor_includes_its_row(patch: pytest.MonkeyPatch) -> None:
    beyond = relation._beyond

    def from_here(keys: Any, after: Any) -> Any:
        same = [key == relation.operand(value, key.type) for (key, _), value in zip(keys, after, strict=True)]
        return or_(beyond(keys, after), compile._all(same))

    patch.setattr(relation, "_beyond", from_here)


def cursor_ignored(patch: pytest.MonkeyPatch) -> None:
    bound = plans._bound
    patch.setattr(plans, "_bound", lambda info, wanted, number: replace(bound(info, wanted, number), after=None))


def cursor_of_the_first_row(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compile, "func", _Func({"least": lambda *_: 1}))


class _Func:
    """SQLAlchemy's `func` with some functions changed."""

    def __init__(self, changed: dict[str, Any]) -> None:
        self._changed = changed

    def __getattr__(self, name: str) -> Any:
        return self._changed.get(name) or getattr(func, name)


def mask_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compile, "derived_value", lambda info, row, ask: (
        row.address if info.name == "address" else relation.derived_value(info, row, ask)
    ))


def part_of_nulls(patch: pytest.MonkeyPatch) -> None:
    """An object of nulls where there is none."""
    patch.setattr(compile, "or_", lambda *_: true())


def part_of_its_neighbours_columns(patch: pytest.MonkeyPatch) -> None:
    part = compile.Compiler._part

    def crossed(self: Any, member: Member, info: FieldInfo, source: Part, row: Any) -> Any:
        columns = dict(zip(source.columns, [*source.columns.values()][::-1], strict=True))
        return part(self, member, info, replace(source, columns=columns), row)

    patch.setattr(compile.Compiler, "_part", crossed)


def argument_of_the_sibling(patch: pytest.MonkeyPatch) -> None:
    made = plans.values

    def shifted(given: Any, ask: Any) -> dict[str, Any]:
        found = made(given, ask)
        firsts = [each.wanted.first for each in given if each.wanted.first]
        return {**found, **{name: firsts[0] for name in found if name.endswith("_first") and firsts}}

    patch.setattr(serve, "values", shifted)


def values_kept_in_plans(patch: pytest.MonkeyPatch) -> None:
    parameters = plans.Plan.parameters
    kept: dict[int, Any] = {}
    patch.setattr(plans.Plan, "parameters", lambda self, given: kept.setdefault(id(self), parameters(self, given)))


def rows_not_correlated(patch: pytest.MonkeyPatch) -> None:
    """A list reads the rows of every parent."""
    join = relation._join
    patch.setattr(relation, "_join", lambda source, row, me, ask: (
        [] if source.back is not None and not isinstance(source, One) else join(source, row, me, ask)
    ))


def having_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Select, "having", lambda self, *_: self)


def null_list_for_none(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compile, "EMPTY_LIST", rendering.NULL)


def hidden_row_in_the_place_of_null(patch: pytest.MonkeyPatch) -> None:
    by_id = relation.by_id
    patch.setattr(compile, "by_id", lambda targets, ask, *, through, where=None: by_id(
        targets, ask, through=True, where=where
    ))


def typename_of_the_interface(patch: pytest.MonkeyPatch) -> None:
    selected = Reader._member

    def named(self: Reader, parent: Any, key: str, details: Any) -> Member:
        member = selected(self, parent, key, details)
        return replace(member, typename=parent.interfaces[0].name) if member.typename and parent.interfaces else member

    patch.setattr(Reader, "_member", named)


def lists_of_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compile, "limit_of", lambda info: 1)


def enum_in_lower_case(patch: pytest.MonkeyPatch) -> None:
    written = rendering.written
    patch.setattr(compile, "written", lambda leaf, value: (
        func.lower(value) if str(leaf.kind).startswith("<enum") and not leaf.many else written(leaf, value)
    ))


PLANTS: list[Plant] = [
    visibility_dropped, visibility_dropped_in_counts, county_dropped, one_row_too_few, one_row_too_many, order_lost,
    order_of_pages_lost, moments_to_the_millisecond, moments_on_a_clock_of_twelve_hours, direction_ignored,
    descending_flipped, filters_ignored, filters_ignored_in_counts, null_taken_for_a_value, false_taken_for_absent,
    defaults_of_variables_ignored, merging_lost, switches_inverted, switches_forgotten_between_plans, types_confused,
    interface_arm_without_its_rows, cap_of_counts_moved, exact_ignored, cursor_includes_its_row, cursor_ignored,
    cursor_of_the_first_row, mask_ignored, part_of_nulls, part_of_its_neighbours_columns, argument_of_the_sibling,
    values_kept_in_plans, rows_not_correlated, having_dropped, null_list_for_none, hidden_row_in_the_place_of_null,
    typename_of_the_interface, lists_of_one, enum_in_lower_case,
]


@pytest.mark.parametrize("plant", PLANTS)
async def test_a_planted_fault_is_seen(
    compiled: Compiling, random_documents: list[Example], plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Difference) as seen:
        await compare(random_documents, compiled, plant)
    with capsys.disabled():
        print(f" {plant.__name__}: {str(seen.value).partition(':')[0]}", end="")
