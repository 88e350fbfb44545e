"""One document with every kind of field of the small world, and variables that turn each of its arguments."""

from typing import Any

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

VARIABLES: list[dict[str, Any]] = [
    {"first": 4, "filter": {"overdue": False, "state": None}},
    {"first": 30, "filter": {"overdue": None}},
    {"first": 30, "filter": {"overdue": True, "state": ["OPEN", "DONE"]}},
    {"first": 2, "filter": None, "no": True},
]
