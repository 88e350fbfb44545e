"""The transport, by the GraphQL-over-HTTP specification: methods, types, status codes, masking."""

import json
import logging
from typing import Any

import pytest

NEW, OLD = "application/graphql-response+json", "application/json"


async def test_answer_has_the_type_that_was_asked_for(serve: Any) -> None:
    served = await serve()
    for accept, expected in (
        (NEW, NEW), (OLD, OLD), ("*/*", OLD), ("application/*", OLD), (f"{OLD};q=0.5, {NEW}", NEW),
        (f"text/html, {NEW};q=0.9, */*;q=0.1", NEW), ("", OLD),
    ):
        answer = await served.ask("{ hello }", accept=accept)
        assert (answer.status_code, answer.headers["content-type"]) == (200, f"{expected}; charset=utf-8")
        assert answer.json() == {"data": {"hello": "你好，世界"}}
    refused = await served.ask("{ hello }", accept="text/html")
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]) == (406, {"code": "NOT_ACCEPTABLE"})


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "PATCH"])
async def test_only_post(serve: Any, state: Any, method: str) -> None:
    served = await serve()
    asked = {"query": "mutation{touch}"}
    answer = await served.client.request(method, "/graphql", params=asked, headers=served.headers)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert state.touched == 0


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql",
     "application/json; charset=gbk", "application/jsonx"],
)
async def test_only_json(serve: Any, state: Any, content_type: str | None) -> None:
    served = await serve()
    headers = {**served.headers, **({"content-type": content_type} if content_type else {})}
    answer = await served.client.post("/graphql", content=b'{"query":"mutation{touch}"}', headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]) == (415, {"code": "UNSUPPORTED_MEDIA_TYPE"})
    assert state.touched == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'[{"query":"{hello}"}]', b'"x"', b"null", b"\xff\xfe", b"{}", b'{"query":""}', b'{"query":1}',
     b'{"query":["{hello}"]}', b'{"query":"{hello}","operationName":1}', b'{"query":"{hello}","variables":[]}',
     b'{"query":"{hello}","variables":"{}"}', b'{"query":"{hello}","extensions":0}',
     b'{"query":"{hello}","variables":{"a":NaN}}'],
)
async def test_malformed_request(serve: Any, body: bytes) -> None:
    served = await serve()
    for accept in (NEW, OLD):
        headers = {**served.headers, "content-type": "application/json", "accept": accept}
        answer = await served.client.post("/graphql", content=body, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]) == (400, {"code": "BAD_REQUEST"})


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [("{", None, "GRAPHQL_PARSE_FAILED"), ("{ helo }", None, "GRAPHQL_VALIDATION_FAILED"),
     ("query($n: Int!) { nodes(first: $n) { nodes { id } } }", {"n": "three"}, "BAD_USER_INPUT"),
     ("query($n: Int!) { nodes(first: $n) { nodes { id } } }", {}, "BAD_USER_INPUT"),
     ("query A { hello } query B { hello }", None, "OPERATION_NOT_FOUND")],
)
async def test_request_errors_by_media_type(serve: Any, query: str, variables: object, code: str) -> None:
    served = await serve()
    for accept, status in ((NEW, 400), (OLD, 200)):
        answer = await served.ask(query, variables, accept=accept)
        assert answer.status_code == status
        assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {code}
        assert "data" not in answer.json()


async def test_operation_name_chooses(serve: Any) -> None:
    served = await serve()
    body = {"query": 'query A { hello } query B { hello(name: "乙") }', "operationName": "B", "variables": None}
    answer = await served.client.post("/graphql", json=body, headers=served.headers)
    assert answer.json() == {"data": {"hello": "你好，乙"}}
    answer = await served.client.post("/graphql", json={**body, "operationName": "C"}, headers=served.headers)
    assert answer.json()["errors"][0]["extensions"] == {"code": "OPERATION_NOT_FOUND"}


async def test_without_sign_in_nothing_is_read(serve: Any, state: Any) -> None:
    served = await serve()
    answer = await served.client.post("/graphql", json={"query": "mutation { touch }"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json() == {
        "errors": [{"message": "请先登录；登录已过期的请重新登录。", "extensions": {"code": "UNAUTHENTICATED"}}]
    }
    english = await served.client.post("/graphql", json={"query": "{ hello }"}, headers={"accept-language": "en-GB"})
    assert english.json()["errors"][0]["message"] == "Please sign in; where a sign-in has expired, sign in again."
    assert state.touched == 0


async def test_faults_are_masked_and_logged_without_what_people_typed(serve: Any, caplog: Any) -> None:
    served = await serve()
    with caplog.at_level(logging.ERROR, logger="gridloom.http"):
        answer = await served.ask("{ broken hello }")
    body = answer.json()
    trace = answer.headers["x-request-id"]
    assert answer.status_code == 200
    assert body["data"] == {"broken": None, "hello": "你好，世界"}
    (error,) = body["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "trace": trace}
    assert error["path"] == ["broken"]
    assert trace in error["message"]
    assert "13800000000" not in json.dumps(body, ensure_ascii=False)
    (record,) = [one for one in caplog.records if one.name == "gridloom.http"]
    assert trace in record.getMessage()
    assert "builtins.RuntimeError at broken" in record.getMessage()
    assert "13800000000" not in caplog.text
    assert "张三" not in caplog.text


async def test_expected_errors_keep_their_code_and_are_translated(serve: Any) -> None:
    served = await serve()
    answer = (await served.ask("{ denied coded }", None, **{"accept-language": "en"})).json()
    assert answer["data"] == {"denied": None, "coded": None}
    assert [(error["message"], error["extensions"]) for error in answer["errors"]] == [
        ("This needs the developer scope.", {"code": "FORBIDDEN"}), ("no such row", {"code": "NOT_FOUND"}),
    ]


async def test_schema_is_told_to_developers_only(serve: Any) -> None:
    for developer in (True, False):
        served = await serve(developer=developer)
        introspection = await served.ask("{ __schema { queryType { name } } }")
        typo = (await served.ask("{ helo }")).json()["errors"][0]["message"]
        argument = (await served.ask('{ hello(nam: "x") }')).json()["errors"][0]["message"]
        typename = (await served.ask("{ __typename }")).json()
        variable = (await served.ask("query($p: Paging!) { filtered(paging: $p) }", {"p": {"wight": 1}})).text
        assert typename == {"data": {"__typename": "Query"}}
        if developer:
            assert introspection.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
            assert "'hello'" in typo
        else:
            assert introspection.status_code == 400
            assert "introspection" in introspection.json()["errors"][0]["message"]
            assert "Did you mean" not in typo + argument + variable
            assert "hello" not in typo
            assert "weight" not in variable


async def test_each_request_has_its_own_context(serve: Any) -> None:
    served = await serve()
    assert [(await served.ask("{ contexts }")).json()["data"]["contexts"] for _ in range(3)] == [1, 2, 3]
