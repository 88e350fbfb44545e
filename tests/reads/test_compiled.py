"""The compiled path gives, in one statement, what the ordinary path gives; or says that it cannot."""

import json
from typing import Any

import pytest

from gridloom.reads import CompiledReads
from tests.reads import rows
from tests.reads.conftest import Asking, Compiling
from tests.reads.test_lists import LIST, PAGE

EVERYTHING = """
fragment Core on Matter { id number title state marks score urgent day reportedAt dueAt overdue address extra
  location { longitude __typename } }
query($first: Int!, $after: String, $filter: MatterFilter, $no: Boolean = false) {
  __typename
  matters(first: $first, after: $after, filter: $filter) {
    __typename
    nodes { ...Core station { code path { code level } parent { code parent { code } } openCount newestTitle }
      reporter { name } tasks { __typename role return title seenMatter { number } matter { id } } leads { title }
      lastStep { at step person { name } }
      recent: steps(first: 3) { nodes { step at } pageInfo { endCursor hasNextPage } totalCount { exact value } }
      steps(first: 2, order: OLDEST_FIRST) { nodes { step } pageInfo { __typename } }
      notes { __typename id title at ... on CourtMediation { parties } ... on WomenHelp { form } ...on Note { at } }
      skipped: title @include(if: $no)
    }
    pageInfo { hasNextPage endCursor }
    totalCount(exact: true) { value exact }
  }
  waiting(first: 20) { nodes { id subject { __typename id title ... on Task { role } ... on Matter { ...Core } } } }
  tasks(role: "LEAD", first: 3) { title }
  one: matter(number: "M-004") { ...Core notes { title } }
  person(id: "00000000-0000-0000-0000-000000000052") { name }
  stations(level: 2) { nodes { code } totalCount { value } }
}"""


def pairs(body: bytes | str) -> Any:
    """Parsed JSON in which order and doubled keys count."""
    return json.loads(body, object_pairs_hook=lambda found: found)


async def assert_equal(ask: Asking, compiled: Compiling, document: str, given: Any = None, **asker: Any) -> None:
    body = await compiled(document, given, **asker)
    answer = await ask(document, given, **asker)
    assert answer.errors == []
    assert body is not None
    assert pairs(body) == pairs(json.dumps({"data": answer.data}))


@pytest.mark.parametrize("asker", [{}, {"can": (), "scopes": (rows.CENTRE,)}, {"can": ()}, {"actor": rows.REPORTER}])
@pytest.mark.parametrize("given", [{"first": 50}, {"first": 7, "filter": {"overdue": False}}, {"first": 2, "no": True}])
async def test_everything_at_once(ask: Asking, compiled: Compiling, given: Any, asker: Any) -> None:
    document = EVERYTHING if "can" not in asker else EVERYTHING.replace('one: matter(number: "M-004")', 'matter(id: $no)')
    if "can" in asker:
        document = EVERYTHING.replace('one: matter(number: "M-004") { ...Core notes { title } }', "")
    await assert_equal(ask, compiled, document, given, **asker)
