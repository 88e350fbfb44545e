"""Roots, pages, filters, totals; and how many statements they cost."""

from typing import Any

import pytest

from tests.reads import rows
from tests.reads.asking import Answer, Asking

PAGE = """query($filter: MatterFilter, $first: Int! = 50, $after: String) {
  matters(filter: $filter, first: $first, after: $after) {
    nodes { number } pageInfo { hasNextPage endCursor } totalCount { value exact }
  }
}"""


def numbers(answer: Answer) -> list[int]:
    assert answer.errors == []
    return [int(node["number"][2:]) for node in answer.data["matters"]["nodes"]]


async def test_newest_first_and_visible_only(ask: Asking) -> None:
    everything = numbers(await ask(PAGE))
    assert sorted(everything) == list(range(30))
    assert [number // 2 for number in everything] == [number // 2 for number in range(29, -1, -1)]
    mine = await ask(PAGE, can=(), scopes=(rows.CENTRE,))
    assert numbers(mine) == [number for number in everything if number % 3 == 0]
    assert mine.data["matters"]["totalCount"] == {"value": 10, "exact": True}
    assert numbers(await ask(PAGE, can=())) == []


async def test_pages_join_without_gap_or_double(ask: Asking) -> None:
    everything, walked, after = numbers(await ask(PAGE)), [], None
    while True:
        answer = await ask(PAGE, {"first": 7, "after": after})
        walked += numbers(answer)
        end = answer.data["matters"]["pageInfo"]
        if not end["hasNextPage"]:
            break
        after = end["endCursor"]
    assert walked == everything


async def test_an_empty_page_has_no_cursor(ask: Asking) -> None:
    answer = await ask(PAGE, {"filter": {"text": "nowhere"}})
    assert answer.data["matters"] == {
        "nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}, "totalCount": {"value": 0, "exact": True},
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"state": ["DONE"]}, {n for n in range(30) if n % 3 == 0}),
        ({"state": ["DONE", "OPEN"]}, set(range(30))),
        ({"state": []}, set()),
        ({"state": None, "overdue": None}, set(range(30))),
        ({"overdue": True}, {n for n in range(1, 23) if n % 6}),
        ({"overdue": False}, {n for n in range(30) if n > 22 or n % 6 == 0}),
        ({"mark": "PRIVATE"}, {n for n in range(30) if n % 3 == 2}),
        ({"text": "  ” 7 "}, {7}),
        ({"stationId": str(rows.key(rows.COUNTY, "station 2"))}, {2, 8, 14, 20, 26}),
        ({"stationId": str(rows.key(rows.OTHER, "station 2"))}, set()),
        ({"stationId": "no such thing"}, set()),
        ({"since": "2026-11-01T21:00:00+08:00", "state": ["DONE"]}, {27}),
    ],
)
async def test_filters(ask: Asking, given: dict[str, Any], expected: set[int]) -> None:
    assert set(numbers(await ask(PAGE, {"filter": given}))) == expected


async def test_a_moment_without_offset_is_refused(ask: Asking) -> None:
    answer = await ask(PAGE, {"filter": {"since": "2026-11-01T21:00:00"}})
    assert answer.data is None
    assert len(answer.errors) == 1


@pytest.mark.parametrize("arguments", ["first: 0", "first: 201", 'after: "x"', 'after: "WyJ4Il0="', 'first: -1'])
async def test_bad_size_or_cursor_is_a_coded_error(ask: Asking, arguments: str) -> None:
    answer = await ask(f"{{ matters({arguments}) {{ __typename }} }}")
    assert answer.errors == [("VALIDATION", ["matters"])]


async def test_a_cursor_pages_its_own_list_only(ask: Asking) -> None:
    end = (await ask(PAGE, {"first": 3})).data["matters"]["pageInfo"]["endCursor"]
    answer = await ask("query($after: String) { stations(after: $after) { nodes { code } } }", {"after": end})
    assert answer.errors == [("VALIDATION", ["stations"])]


async def test_pages_inside_a_list_in_both_orders(ask: Asking) -> None:
    answer = await ask("""{ matters(first: 2, filter: {state: [OPEN]}) { nodes { number
        recent: steps(first: 2) { nodes { step } pageInfo { hasNextPage } totalCount { value exact } }
        oldest: steps(first: 7, order: OLDEST_FIRST) { nodes { step } pageInfo { hasNextPage } } } } }""")
    assert answer.errors == []
    for node in answer.data["matters"]["nodes"]:
        recent, oldest = node["recent"], node["oldest"]
        assert recent["nodes"][0] == {"step": "step 6"}
        assert (recent["pageInfo"], recent["totalCount"]) == ({"hasNextPage": True}, {"value": 7, "exact": True})
        assert [int(step["step"][5:]) // 2 for step in oldest["nodes"]] == [0, 0, 1, 1, 2, 2, 3]
        assert oldest["pageInfo"] == {"hasNextPage": False}


async def test_a_page_inside_goes_on_from_its_cursor(ask: Asking) -> None:
    document = """query($after: String) { matter(number: "M-005") {
        steps(first: 3, order: OLDEST_FIRST, after: $after) { nodes { step } pageInfo { endCursor hasNextPage } } } }"""
    walked, after, more = [], None, True
    while more:
        page = (await ask(document, {"after": after})).data["matter"]["steps"]
        walked += [int(node["step"][5:]) for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert sorted(walked) == list(range(7))
    assert [number // 2 for number in walked] == [0, 0, 1, 1, 2, 2, 3]


async def test_plain_list_with_filter_and_size(ask: Asking) -> None:
    answer = await ask('{ tasks(role: "ASSIST", first: 2) { title } }')
    assert answer.data == {"tasks": [{"title": "密祉 task 29.1"}, {"title": "密祉 task 26.1"}]}
    assert (await ask("{ tasks(first: 201) { title } }")).errors == [("VALIDATION", ["tasks"])]


@pytest.mark.parametrize(
    "document",
    ['{ matter(number: "none") { id } }', '{ matter(id: "none") { id } }',
     f'{{ matter(id: "{rows.key(rows.OTHER, "matter 1")}") {{ id }} }}'],
)
async def test_absent_and_foreign_are_not_found(ask: Asking, document: str) -> None:
    answer = await ask(document)
    assert (answer.data, answer.errors) == ({"matter": None}, [("NOT_FOUND", ["matter"])])


async def test_hidden_is_not_found_and_nothing_given_is_an_error(ask: Asking) -> None:
    assert (await ask('{ matter(number: "M-005") { id } }', can=())).errors == [("NOT_FOUND", ["matter"])]
    assert (await ask("{ matter { id } }")).errors == [("VALIDATION", ["matter"])]
    both = f'{{ matter(number: "M-005", id: "{rows.key(rows.COUNTY, "matter 6")}") {{ id }} }}'
    assert (await ask(both)).errors == [("NOT_FOUND", ["matter"])]


LIST = """query($first: Int!) { matters(first: $first) { nodes {
  number overdue address station { code openCount path { code } parent { code } } reporter { name }
  tasks { role matter { number } } recent: steps(first: 3) { nodes { step person { name } } totalCount { value } }
  notes { title ... on CourtMediation { parties } } lastStep { step }
} pageInfo { hasNextPage } totalCount { value } } }"""


async def test_statements_do_not_grow_with_rows(ask: Asking) -> None:
    few, many = await ask(LIST, {"first": 6}), await ask(LIST, {"first": 30})
    assert few.errors == many.errors == []
    assert len(many.data["matters"]["nodes"]) == 30
    assert len(many.statements) == len(few.statements) <= 16


async def test_values_computed_in_one_turn_are_one_statement(ask: Asking) -> None:
    answer = await ask("{ matters { nodes { overdue address station { code } } } }")
    assert len(answer.statements) == 3
