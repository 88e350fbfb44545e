"""Hostile queries: each is refused with a code before it runs, quickly, and the next honest request is answered."""

import time
from typing import Any

import pytest

from gridloom.http.budget import Budget

HONEST = "{ nodes(first: 200) { nodes { id name child { name } leaves { name } } } }"

CHAIN = "{ ...f0 } " + "".join(f"fragment f{i} on Query {{ hello ...f{i + 1} ...f{i + 1} }} " for i in range(40))

HOSTILE = {
    "deep": ("{ node " + "{ child " * 20 + "{ id }" + " }" * 21, "超过 15 层"),
    "aliases": ("{ " + " ".join(f"a{i}: hello" for i in range(60)) + " }", "别名"),
    "wide": ("{ node { " + "id " * 1200 + "} }", "字段"),
    "same names": ("{ " + "node { id } " * 300 + "}", "同名"),
    "doubling fragments": (CHAIN + "fragment f40 on Query { hello }", "字段"),
    "many fragments": ("{ hello } " + "".join(f"fragment g{i} on Query {{ hello }} " for i in range(60)), "片段"),
    "directives": ("{ hello " + "@include(if: true) " * 60 + "}", "指令"),
    "fan-out": ("{ nodes(first: 200) { nodes { nodes(first: 200) { nodes(first: 200) { id } } } } }", "代价"),
    "fan-out by default": ("{ nodes { nodes { nodes { nodes { nodes { id } } } } } }", "代价"),
    "page": ("{ nodes(first: 201) { nodes { id } } }", "每页条数"),
    "negative page": ("{ nodes(first: -1) { nodes { id } } }", "每页条数"),
    "huge int": ("{ filtered(paging: {weight: 2000000000}) }", "整数"),
    "int default": ("query($w: Int! = 2000000000) { filtered(paging: {weight: $w}) }", "整数"),
    "tokens": ("{ hello(name: \"" + "x" * 10 + "\") " + "hello " * 5000 + "}", "词元"),
    "comments": ("#\n" * 5000 + "{ hello }", "词元"),
    "text": ("{ hello } #" + "x" * 200_000, "字符"),
    "nesting": ("{ ids(ids: " + "[" * 1500 + "]" * 1500 + ") }", "词元"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_document_is_refused_quickly(serve: Any, name: str) -> None:
    served = await serve()
    query, words = HOSTILE[name]
    started = time.process_time()
    answer = await served.ask(query)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED"}
    assert words in error["message"]
    assert "data" not in answer.json()
    assert time.process_time() - started < 1  # of this process, which serves too: other load does not count
    assert (await served.ask("{ hello }")).json() == {"data": {"hello": "你好，世界"}}


async def test_page_and_ints_in_variables(serve: Any) -> None:
    served = await serve()
    page = "query($n: Int!) { nodes(first: $n) { nodes { id } } }"
    assert (await served.ask(page, {"n": 2})).json() == {"data": {"nodes": {"nodes": [{"id": "0"}, {"id": "1"}]}}}
    for query, variables in (
        (page, {"n": 10_000}),
        ("query($p: Paging!) { filtered(paging: $p) }", {"p": {"weight": -20_000_000}}),
        ("query($p: Paging!) { filtered(paging: $p) }", {"p": {"first": 500}}),
        ("query($i: [ID!]!) { ids(ids: $i) }", {"i": ["1"] * 1001}),
        ("query($i: [ID!]!) { ids(ids: $i) }", {"i": [["1"] * 900] * 60}),
    ):
        answer = await served.ask(query, variables)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "LIMIT_EXCEEDED")


async def test_variables_of_depth_are_refused(serve: Any) -> None:
    served = await serve()
    nested: object = 1
    for _ in range(100):
        nested = {"a": nested}
    answer = await served.ask("{ hello }", nested)
    assert answer.json()["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}
    body = '{"query": "{ hello }", "variables": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}"
    answer = await served.client.post(
        "/graphql", content=body, headers={**served.headers, "content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_cost_counts_rows_of_pages_and_lists(serve: Any) -> None:
    served = await serve()
    # nodes 1 + page of 200: nodes 1, then id name child leaves (4) + child.name (1) + leaves.name (5) a row
    answer = await served.ask(HONEST)
    assert answer.headers["gridloom-cost"] == str(1 + 1 + 200 * (4 + 1 + 5))
    assert len(answer.json()["data"]["nodes"]["nodes"]) == 200
    fragments = "query { nodes(first: 3) { ...P } } fragment P on NodeConnection { nodes { ... on Node { id } } }"
    assert (await served.ask(fragments)).headers["gridloom-cost"] == str(1 + 1 + 3)


async def test_fragment_cycle_is_refused(serve: Any) -> None:
    served = await serve()
    answer = await served.ask("{ node { ...A } } fragment A on Node { child { ...B } } fragment B on Node { ...A }")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize("chunked", [False, True])
async def test_body_of_20_megabytes_is_refused_and_others_served(serve: Any, chunked: bool) -> None:
    served = await serve()
    body = b'{"query": "{ hello(name: \\"' + b"x" * 20_000_000 + b'\\") }"}'

    async def pieces():
        for at in range(0, len(body), 65536):
            yield body[at : at + 65536]

    content = pieces() if chunked else body
    answer = await served.client.post(
        "/graphql", content=content, headers={**served.headers, "content-type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.json()["errors"] == [
        {"message": "请求内容超过上限（1,000 KB）。", "extensions": {"code": "LIMIT_EXCEEDED"}}
    ]
    assert (await served.ask("{ hello }")).status_code == 200


async def test_slow_request_is_cancelled(serve: Any, state: object) -> None:
    served = await serve(seconds=0.3)
    answer = await served.ask("{ slow }", None, **{"accept-language": "en"})
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"] == {"code": "TIMEOUT"}
    assert state.cancelled == 1


async def test_long_answer_is_refused(serve: Any) -> None:
    served = await serve(response_bytes=3000)
    assert (await served.ask("{ long(size: 900) }")).json() == {"data": {"long": "长" * 900}}
    answer = await served.ask("{ long(size: 1000) }")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]) == (400, {"code": "LIMIT_EXCEEDED"})


async def test_unseen_documents_are_paid_for(serve: Any) -> None:
    served = await serve(developer=False, prepare_burst=0.05, prepare_per_second=0.001)
    assert (await served.ask("{ hello }")).status_code == 200
    expensive = "{ " + "node { id } " * 50 + "}"
    statuses = [(await served.ask(expensive + f"#{number}")).status_code for number in range(30)]
    assert (statuses[0], statuses[-1]) == (200, 429)
    refused = await served.ask(expensive)
    assert refused.json()["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}
    assert int(refused.headers["retry-after"]) > 0
    # What is known already costs nothing.
    assert (await served.ask("{ hello }")).json() == {"data": {"hello": "你好，世界"}}


def test_budget_is_refilled() -> None:
    now = 0.0
    budget = Budget(2.0, 0.5, lambda: now)
    assert budget.wait("a") == 0
    budget.spend("a", 3.0)
    assert (budget.wait("a"), budget.wait("b")) == (3, 0)
    now = 2.5
    assert budget.wait("a") == 0
    now = 1000.0
    budget.spend("a", 2.5)
    assert budget.wait("a") == 2
