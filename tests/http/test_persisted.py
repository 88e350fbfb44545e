"""Persisted documents over HTTP: known by their digest, and an allow-list where an installation wants one."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from gridloom.http.persisted import BrokenManifest, PersistedDocuments, document_id
from tests.http.conftest import Serve, Served

HELLO = "query Hello($name: String!) { hello(name: $name) }"
TICKS = "subscription Ticks { ticks(count: 2) { number } }"
KNOWN = PersistedDocuments({document_id(text): text for text in (HELLO, TICKS, "{ nothing }")})


async def send(served: Served, accept: str = "application/graphql-response+json", **body: Any) -> httpx.Response:
    return await served.client.post("/graphql", json=body, headers={**served.headers, "accept": accept})


async def test_the_digest_stands_for_the_document(serve: Serve) -> None:
    served = await serve(documents=KNOWN)
    answer = await send(served, documentId=document_id(HELLO), variables={"name": "网格"})
    assert (answer.status_code, answer.json()) == (200, {"data": {"hello": "你好，网格"}})
    named = await send(served, documentId=document_id(HELLO), operationName="Hello", variables={"name": "a"})
    assert named.json() == {"data": {"hello": "你好，a"}}
    whole = await send(served, query=HELLO, variables={"name": "b"})
    assert whole.json() == {"data": {"hello": "你好，b"}}
    stream = await send(served, "text/event-stream", documentId=document_id(TICKS))
    assert stream.text.count("event: next") == 2


@pytest.mark.parametrize(("accept", "status"), [("application/graphql-response+json", 400), ("application/json", 200)])
async def test_an_unknown_digest_is_one_error(serve: Serve, accept: str, status: int) -> None:
    served = await serve(documents=KNOWN)
    for unknown in (document_id("{ hello }"), "sha256:", "../../etc/passwd", "", "x" * 100_000):
        answer = await send(served, accept, documentId=unknown)
        assert answer.status_code == status
        assert [each["extensions"]["code"] for each in answer.json()["errors"]] == ["PERSISTED_DOCUMENT_NOT_FOUND"]
        assert "data" not in answer.json()


@pytest.mark.parametrize("body", [
    {"documentId": document_id(HELLO), "query": HELLO}, {"documentId": 7}, {"documentId": ["x"]}, {"documentId": None}, {},
])
async def test_either_a_text_or_a_digest(serve: Serve, body: dict[str, Any]) -> None:
    answer = await send(await serve(documents=KNOWN), **body)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_a_document_that_the_schema_does_not_allow_is_refused_as_any(serve: Serve) -> None:
    answer = await send(await serve(documents=KNOWN), documentId=document_id("{ nothing }"))
    assert answer.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_persisted_documents_cost_the_caller_no_budget(serve: Serve) -> None:
    served = await serve(documents=KNOWN, developer=False, prepare_burst=0.0)
    assert (await send(served, query=HELLO, variables={"name": "x"})).status_code == 429
    assert (await send(served, documentId=document_id(HELLO), variables={"name": "x"})).status_code == 200


async def test_the_allow_list_binds_people_and_not_departments_systems(serve: Serve) -> None:
    people = await serve(documents=KNOWN, only_persisted=True)
    refused = await send(people, query=HELLO, variables={"name": "x"})
    assert refused.json()["errors"][0]["extensions"]["code"] == "PERSISTED_DOCUMENT_ONLY"
    stream = await send(people, "text/event-stream", query=TICKS)
    assert "PERSISTED_DOCUMENT_ONLY" in stream.text
    assert (await send(people, documentId=document_id(HELLO), variables={"name": "x"})).status_code == 200
    systems = await serve(documents=KNOWN, only_persisted=True, kind="client")
    assert (await send(systems, query=HELLO, variables={"name": "x"})).json() == {"data": {"hello": "你好，x"}}


def test_a_manifest_is_read_whole_or_refused(tmp_path: Path) -> None:
    assert len(PersistedDocuments.beside(None)) == len(PersistedDocuments.beside(tmp_path)) == 0
    manifest = tmp_path / "documents.json"
    manifest.write_text(json.dumps({document_id(HELLO): HELLO}), encoding="utf-8")
    assert PersistedDocuments.beside(tmp_path).text(document_id(HELLO)) == HELLO
    too_many, wrong = {str(number): "" for number in range(2001)}, {document_id("{ a }"): HELLO}
    for broken in ("{", "[]", '{"a": 1}', json.dumps(wrong), json.dumps(too_many)):
        manifest.write_text(broken, encoding="utf-8")
        with pytest.raises(BrokenManifest):
            PersistedDocuments.beside(tmp_path)
