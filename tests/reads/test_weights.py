"""What a document costs is known from its declarations before anything is asked; hostile documents end there."""

import pytest
from graphql import GraphQLSchema

from gridloom.errors import Denied
from gridloom.http.limits import Limits
from gridloom.http.prepare import Documents, prepare
from gridloom.reads import ComposedSchema
from tests.contract.built import built

LIMITS = Limits()


def cost(core: GraphQLSchema, text: str, **variables: object) -> int:
    document = Documents(LIMITS).get(core, text, developer=False)
    return prepare(core, document, None, variables, LIMITS, developer=False).cost


def test_lists_counts_and_look_ups_have_their_weight(schema: ComposedSchema) -> None:
    core = schema._schema
    assert cost(core, "{ matters(first: 10) { nodes { title overdue } } }") == 1 + 1 + 10 * 2
    # Two leads at most, five tasks are assumed of a list that may have two hundred.
    assert cost(core, "{ matters(first: 10) { nodes { leads { title } tasks { title } } } }") == 2 + 10 * (1 + 2 + 1 + 5)
    assert cost(core, "{ stations(first: 10) { nodes { code openCount newestTitle } } }") == 2 + 10 * (1 + 5 + 5)
    assert cost(core, "{ stations { totalCount { value } } }") == 1 + 50 + 1
    counted = "query($exact: Boolean!) { matters { totalCount(exact: $exact) { value } } }"
    assert (cost(core, counted, exact=False), cost(core, counted, exact=True)) == (1 + 50 + 1, 1 + 2000 + 1)
    assert cost(core, "{ matters(first: 5) { nodes { steps(first: 2) { totalCount { value } } } } }") == 2 + 5 * (1 + 50 + 1)


def many(field: str, times: int) -> str:
    """A document that asks a field again and again."""
    return "{ " + " ".join(f"a{number}: {field}" for number in range(times)) + " }"


HOSTILE = {
    "a page in a page in a page": "{ cases(first: 200) { nodes { timeline(first: 200) { nodes { at step } } } } }",
    "counting everything, again and again": many("cases(first: 1) { totalCount(exact: true) { value } }", 11),
    "counting for each grid": many("grids(first: 200) { nodes { openCaseCount path { openCaseCount memberCount } } }", 4),
    "round and round": "{ cases(first: 200) { nodes { assignments { case { assignments { case { assignments { id } } } } } } } }",
    "up and down the tree": "{ grids(first: 200) { nodes { path { path { path { id } } } } } }",
    "fragments that double": "{ cases(first: 20) { nodes { ...A ...B } } } fragment A on Case { assignments { case { ...C } } } "
    "fragment B on Case { x: assignments { case { ...C } } } fragment C on Case { assignments { case { clocks { id } } } "
    "y: assignments { case { clocks { id } } } z: assignments { case { clocks { id } } } }",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused_before_any_work(name: str) -> None:
    with pytest.raises(Denied) as refused:
        cost(built("all"), HOSTILE[name])
    assert refused.value.code == "LIMIT_EXCEEDED"
