"""Every kind of field, by its whole value."""

from typing import Any

from tests.reads import rows
from tests.reads.asking import Asking


def key(name: str) -> str:
    return str(rows.key(rows.COUNTY, name))


async def matter(ask: Asking, number: int, selection: str, **asker: Any) -> Any:
    answer = await ask(f'{{ matter(number: "M-{number:03}") {{ {selection} }} }}', **asker)
    assert answer.errors == []
    return answer.data["matter"]


async def test_columns_in_every_notation(ask: Asking) -> None:
    found = await matter(
        ask, 5, "__typename id number title state marks score urgent day reportedAt dueAt extra"
    )
    assert found == {
        "__typename": "Matter", "id": key("matter 5"), "number": "M-005", "title": "密祉“事项” 5 \\ 😀",
        "state": "OPEN", "marks": ["MINOR", "PRIVATE"], "score": 1.25, "urgent": True, "day": "2026-11-06",
        "reportedAt": "2026-11-01T02:00:00.000000Z", "dueAt": "2026-11-06T00:00:00.000000Z",
        "extra": {"n": 5, "list": [1, "二", None]},
    }


async def test_nulls(ask: Asking) -> None:
    found = await matter(ask, 0, "day dueAt overdue address location { longitude } reporter { name } lastStep { step }")
    assert found == {
        "day": None, "dueAt": None, "overdue": False, "address": None, "location": None, "reporter": None,
        "lastStep": None,
    }


async def test_expressions_and_extensions(ask: Asking) -> None:
    assert await matter(ask, 5, "overdue station { code openCount newestTitle }") == {
        "overdue": True, "station": {"code": "S5", "openCount": 5, "newestTitle": "密祉“事项” 29 \\ 😀"},
    }
    assert await matter(ask, 25, "overdue") == {"overdue": False}


async def test_mask_follows_permission_and_row(ask: Asking) -> None:
    assert await matter(ask, 5, "address") == {"address": "***"}
    assert await matter(ask, 5, "address", actor=rows.REPORTER) == {"address": "密祉路5号"}
    assert await matter(ask, 6, "address", actor=rows.REPORTER) == {"address": "***"}
    assert await matter(ask, 6, "address", can=("matter.all", "address.read")) == {"address": "密祉路6号"}


async def test_part_of_the_row(ask: Asking) -> None:
    assert await matter(ask, 5, "location { latitude longitude }") == {
        "location": {"latitude": 25.5, "longitude": 100.625}
    }


async def test_relations(ask: Asking) -> None:
    found = await matter(
        ask, 5,
        "station { code parent { code parent { code parent { code } } } path { code } } reporter { name }"
        " tasks { title role return matter { number } } leads { role } lastStep { step at person { name } }",
    )
    assert found == {
        "station": {
            "code": "S5", "parent": {"code": "S2", "parent": {"code": "S0", "parent": None}},
            "path": [{"code": "S0"}, {"code": "S2"}, {"code": "S5"}],
        },
        "reporter": {"name": "密祉报告人"},
        "tasks": [
            {"title": "密祉 task 5.0", "role": "LEAD", "return": "密祉 task 5.0", "matter": {"number": "M-005"}},
            {"title": "密祉 task 5.1", "role": "ASSIST", "return": "密祉 task 5.1", "matter": {"number": "M-005"}},
        ],
        "leads": [{"role": "LEAD"}],
        "lastStep": {"step": "step 6", "at": "2026-11-01T00:03:00.000000Z", "person": None},
    }


async def test_python_fields_see_the_row_and_load_again(ask: Asking) -> None:
    assert await matter(ask, 5, "shouted") == {"shouted": "密祉“事项” 5 \\ 😀!"}


async def test_a_primed_instance_reads_on(ask: Asking) -> None:
    answer = await ask("{ rootStation { code openCount path { code } } }")
    assert answer.data == {"rootStation": {"code": "S0", "openCount": 0, "path": [{"code": "S0"}]}}


async def test_a_hidden_row_is_null_where_nullable_and_seen_by_way_of_its_parent(ask: Asking) -> None:
    answer = await ask('{ tasks(first: 2) { title seenMatter { number } matter { number } } }', can=(), scopes=())
    assert answer.data == {"tasks": [
        {"title": "密祉 task 29.1", "seenMatter": None, "matter": {"number": "M-029"}},
        {"title": "密祉 task 29.0", "seenMatter": None, "matter": {"number": "M-029"}},
    ]}


async def test_interface_lists_know_their_types(ask: Asking) -> None:
    selection = "notes { __typename id title at ... on CourtMediation { parties } ... on WomenHelp { form } }"
    assert await matter(ask, 8, selection) == {"notes": [
        {"__typename": "CourtMediation", "id": key("note 8 0"), "title": "court 8", "at": "2026-11-01T00:00:00.000000Z",
         "parties": 8},
        {"__typename": "WomenHelp", "id": key("note 8 1"), "title": "women 8", "at": "2026-11-01T01:00:00.000000Z",
         "form": {"parties": 8}},
    ]}
    assert await matter(ask, 4, "notes { __typename }") == {"notes": [{"__typename": "CourtMediation"}]}
    assert await matter(ask, 7, "notes { __typename }") == {"notes": []}


async def test_interface_by_kind_and_id(ask: Asking) -> None:
    document = "{ waiting(first: 6) { nodes { subject { __typename title ... on Task { role } } } } }"
    found = (await ask(document)).data["waiting"]["nodes"]
    subjects = sorted((node["subject"] for node in found if node["subject"]), key=lambda each: str(each["title"]))
    assert len(found) == 6
    assert subjects == [
        {"__typename": "Task", "title": "密祉 task 1.0", "role": "LEAD"},
        {"__typename": "Matter", "title": "密祉“事项” 0 \\ 😀"},
        {"__typename": "Matter", "title": "密祉“事项” 1 \\ 😀"},
    ]
    hidden = (await ask(document, can=())).data["waiting"]["nodes"]
    assert [each["subject"]["__typename"] for each in hidden if each["subject"]] == ["Task"]
