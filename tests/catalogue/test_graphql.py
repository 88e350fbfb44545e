"""The work list through GraphQL."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from gridloom.catalogue.service import draft_of, publish_item, withdraw_item
from gridloom.reads import ComposedSchema
from gridloom.work import Works
from tests.catalogue.conftest import Furnished
from tests.grid.asking import ask, lower_schema
from tests.grid.installation import Installation

ITEMS = """query WorkItems($category: WorkCategory, $text: String) {
  workItems(category: $category, text: $text, first: 200) {
    nodes { code name category severity deadlineHours protection emergency clue lead { code name } }
    totalCount { value exact }
  }
}"""


@pytest.fixture(scope="session")
def schema() -> ComposedSchema:
    return lower_schema()


async def test_a_hundred_items_in_four_categories(county: Furnished, works: Works, schema: ComposedSchema) -> None:
    answer = await ask(works, schema, county.view, ITEMS)
    assert answer.errors == []
    nodes = answer.data["workItems"]["nodes"]
    assert [node["code"] for node in nodes] == sorted(node["code"] for node in nodes)
    assert Counter(node["category"] for node in nodes) == {
        "DISPUTE": 30, "SAFETY": 32, "SERVICE": 24, "CENTRAL_WORK": 14,
    }
    assert answer.data["workItems"]["totalCount"] == {"value": 100, "exact": True}
    by_code = {node["code"]: node for node in nodes}
    assert by_code["A-08"] == {
        "code": "A-08", "name": "疑似或正在发生的家庭暴力", "category": "DISPUTE", "severity": "CRITICAL",
        "deadlineHours": 1, "protection": ["VIOLENCE", "VICTIM"], "emergency": True, "clue": False,
        "lead": {"code": "GA", "name": "县公安局"},
    }
    assert by_code["A-01"]["lead"] is None
    assert len(answer.sent) <= 4


async def test_filters(county: Furnished, works: Works, schema: ComposedSchema) -> None:
    async def codes(**variables: object) -> list[str]:
        answer = await ask(works, schema, county.view, ITEMS, **variables)
        assert answer.errors == []
        return [node["code"] for node in answer.data["workItems"]["nodes"]]

    assert await codes(category="CENTRAL_WORK") == [f"D-{number:02d}" for number in range(1, 15)]
    assert await codes(text="电动自行车") == ["B-08"]
    assert await codes(text="domestic VIOLENCE") == ["A-08"]
    assert await codes(text="a-0", category="SAFETY") == []
    assert await codes(text="a-0") == [f"A-0{number}" for number in range(1, 10)]
    assert await codes(text="%") == []


async def test_the_list_shows_present_versions_only(
    county: Furnished, works: Works, place: Installation, schema: ComposedSchema
) -> None:
    place.clock.offset += timedelta(days=1)
    async with works.open(county.view) as work:
        draft = await draft_of(work, "C-11")
        await publish_item(work, replace(draft, name="停电"))
        await publish_item(work, replace(draft, code="C-25", name="临时"), ends_at=work.now + timedelta(hours=1))
        await withdraw_item(work, "C-12")

    async def services() -> dict[str, str]:
        answer = await ask(works, schema, county.view, ITEMS, category="SERVICE")
        return {node["code"]: node["name"] for node in answer.data["workItems"]["nodes"]}

    seen = await services()
    assert (seen["C-11"], seen["C-25"], "C-12" in seen, len(seen)) == ("停电", "临时", False, 24)
    place.clock.offset += timedelta(hours=2)
    assert "C-25" not in await services()


async def test_another_county_reads_its_own_list(
    county: Furnished, works: Works, place: Installation, schema: ComposedSchema
) -> None:
    other = await place.county()
    answer = await ask(works, schema, other, ITEMS)
    assert answer.data["workItems"] == {"nodes": [], "totalCount": {"value": 0, "exact": True}}
