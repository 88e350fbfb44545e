"""The shipped list, whole; and what publishing does to it."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from gridloom.audit.models import AuditRow
from gridloom.catalogue import current
from gridloom.catalogue.defaults import shipped_items
from gridloom.catalogue.models import Route, WorkItemVersion
from gridloom.catalogue.service import (
    ItemDraft,
    RouteTo,
    draft_of,
    item_by_code,
    item_version,
    publish_item,
    route_of,
    seed_catalogue,
    withdraw_item,
)
from gridloom.demo.frame import table
from gridloom.errors import ProblemCode, Refusal
from gridloom.work import Work, Works
from tests.catalogue.conftest import Furnished
from tests.grid.installation import Installation, add_organization

DAY = timedelta(days=1)


async def versions(county: Furnished, works: Works) -> list[WorkItemVersion]:
    async with works.reading(county.view) as session:
        rows = await session.execute(
            select(WorkItemVersion).where(WorkItemVersion.tenant_id == county.view.id)
            .order_by(WorkItemVersion.code, WorkItemVersion.version)
        )
        return list(rows.scalars())


async def test_the_shipped_list_is_the_file(county: Furnished, works: Works) -> None:
    stored = {row.code: row for row in await versions(county, works)}
    rows = table("worklist.csv")
    names = {row["name_zh"]: row["code"] for row in table("departments.csv")}
    assert len(stored) == len(rows) == 100
    assert Counter(row.category for row in stored.values()) == {
        "DISPUTE": 30, "SAFETY": 32, "SERVICE": 24, "CENTRAL_WORK": 14,
    }
    severities = {"1": "CRITICAL", "2": "URGENT", "3": "NORMAL", "4": "LOW"}
    levels = {"group": 5, "village": 4, "township": 3, "county": 2}
    for row in rows:
        item, unit = stored[row["code"]], names[row["default_lead"]]
        assert (item.name, item.name_en, item.severity, item.level_first_handled, item.deadline_hours) == (
            row["name_zh"], row["name_en"], severities[row["severity"]], levels[row["level_first_handled"]],
            int(row["deadline_hours"]),
        )
        assert (" ".join(item.protection) or "-", item.emergency, item.clue, item.frequency, item.notes) == (
            row["protection"], row["emergency"] == "yes", row["clue"] == "yes", row["frequency"], row["notes"],
        )
        assert item.confidential == ("CONF" in row["notes"])
        assert (item.emergency_contact is not None) == ("EMERG" in row["notes"])
        assert bool(item.statutory) == ("STAT" in row["notes"])
        assert item.lead_id == (None if unit in ("XZ", "CW") else county.units[unit])
    clocks = {row["code"] for row in table("statutory_clocks.csv")}
    assert {code for row in stored.values() for code in row.statutory} <= clocks
    assert {row.code for row in stored.values() if row.lead_id is None} == {"A-01", "A-24", "A-29", "D-12"}


async def test_violence_and_clues(county: Furnished, works: Works) -> None:
    async with works.open(county.view) as work:
        violence = await item_by_code(work, "A-08")
        clue = await item_by_code(work, "A-07")
        unknown = await item_by_code(work, "Z-99")
    assert violence is not None
    assert clue is not None
    assert (violence.protection, violence.emergency_contact, violence.statutory, violence.severity) == (
        ["VIOLENCE", "VICTIM"], "110", ["JB-01", "JB-02"], "CRITICAL",
    )
    assert (clue.clue, clue.protection, clue.confidential) == (True, ["CLUE"], True)
    assert unknown is None


async def test_seeding_again_adds_nothing_and_completes_leads(place: Installation, works: Works) -> None:
    view = await place.county()
    async with works.open(view) as work:
        assert await seed_catalogue(work) == 100
    county = Furnished(view, {}, {})
    assert {row.lead_id for row in await versions(county, works)} == {None}
    async with works.open(view) as work:
        unit = add_organization(work, "GA", "县公安局", "DEPARTMENT")
        await work.session.flush()
        assert await seed_catalogue(work) == 0
    leads = {row.code: row.lead_id for row in await versions(county, works)}
    assert {code for code, lead in leads.items() if lead == unit.id} == {
        row["code"] for row in table("worklist.csv") if row["default_lead"] == "县公安局"
    }


async def test_a_new_version_leaves_the_old_to_its_cases(
    county: Furnished, works: Works, place: Installation
) -> None:
    async with works.open(county.view) as work:
        old = await item_by_code(work, "B-04")
    assert old is not None
    place.clock.offset += DAY
    async with works.open(county.view) as work:
        draft = await draft_of(work, "B-04")
        assert draft == next(one for one in shipped_items() if one.code == "B-04")
        new = await publish_item(work, replace(draft, name="道路塌陷", deadline_hours=48, lead_code="ZJ"))
        now = work.now
        seen = await item_by_code(work, "B-04")
        assert seen is not None
        assert seen.id == new.id
    async with works.open(county.view) as work:
        seen, kept = await item_by_code(work, "B-04"), await item_version(work, old.id)
        assert seen is not None
        assert (seen.id, seen.name, seen.deadline_hours, seen.version, seen.lead_id, seen.valid_from) == (
            new.id, "道路塌陷", 48, 2, county.units["ZJ"], now,
        )
        assert (kept.name, kept.deadline_hours, kept.version, kept.valid_to) == (old.name, 72, 1, now)
        assert await draft_of(work, "B-04") == replace(draft, name="道路塌陷", deadline_hours=48, lead_code="ZJ")
        audited = (await work.session.execute(
            select(AuditRow.action).where(AuditRow.tenant_id == work.tenant, AuditRow.action == "catalogue.publish")
        )).scalars().all()
    assert len(audited) == 2  # the service levels when the county began, and this


async def test_other_processes_see_a_publication_and_never_a_rolled_back_one(
    county: Furnished, works: Works, place: Installation
) -> None:
    async with works.open(county.view) as work:
        before = await item_by_code(work, "C-10")
    place.clock.offset += DAY

    async def publish(fail: bool) -> None:
        async with works.open(county.view) as work:
            await publish_item(work, replace(await draft_of(work, "C-10"), deadline_hours=1))
            seen = await item_by_code(work, "C-10")
            assert seen is not None
            assert seen.deadline_hours == 1
            if fail:
                raise RuntimeError("on purpose")

    async def present() -> int:
        async with works.open(county.view) as work:
            seen = await item_by_code(work, "C-10")
        assert seen is not None
        return seen.deadline_hours

    with pytest.raises(RuntimeError, match="on purpose"):
        await publish(fail=True)
    assert before is not None
    assert await present() == before.deadline_hours == 24
    stale = dict(current._catalogues)
    await publish(fail=False)
    current._catalogues.update(stale)  # as in a process that has not looked since
    assert await present() == 1


async def test_temporary_and_withdrawn_items_leave_the_list(
    county: Furnished, works: Works, place: Installation
) -> None:
    async with works.open(county.view) as work:
        draft = replace(await draft_of(work, "D-12"), code="D-15", name="火把节秩序保障")
        await publish_item(work, draft, ends_at=work.now + 3 * DAY)
        await withdraw_item(work, "D-06")
    async with works.open(county.view) as work:
        assert [await item_by_code(work, code) is not None for code in ("D-15", "D-06")] == [True, False]
    place.clock.offset += 4 * DAY
    async with works.open(county.view) as work:
        assert await item_by_code(work, "D-15") is None
        with pytest.raises(Refusal) as refused:
            await withdraw_item(work, "D-15")
    assert (refused.value.code, refused.value.path) == (ProblemCode.NOT_FOUND, ("workItemCode",))


async def test_routes_follow_the_level_and_the_place(county: Furnished, works: Works) -> None:
    path = {code: [county.grids[code[:n]] for n in range(1, len(code) + 1)] for code in ("111", "121", "12")}
    async with works.open(county.view) as work:
        found = {}
        for item, level, where in (
            ("B-04", 4, "111"), ("B-04", 4, "121"), ("B-04", 3, "121"), ("B-04", 2, "121"), ("B-04", 5, "111"),
            ("D-12", 2, "121"), ("A-01", 5, "111"), ("A-01", 2, "111"), ("A-07", 3, "111"), ("A-01", 4, "12"),
        ):
            version = await item_by_code(work, item)
            assert version is not None
            unit = await route_of(work, version.id, level, path[where])
            found[item, level, where] = unit.code if unit else None
    assert found == {
        ("B-04", 4, "111"): "CW111", ("B-04", 4, "121"): "CW121", ("B-04", 3, "121"): "XZ12",
        ("B-04", 2, "121"): "JT", ("B-04", 5, "111"): None, ("D-12", 2, "121"): "XZ12", ("A-01", 5, "111"): "CW111",
        ("A-01", 2, "111"): "CW111", ("A-07", 3, "111"): None, ("A-01", 4, "12"): None,
    }


DRAFT = ItemDraft("D-20", "新事项", "New item", "CENTRAL_WORK", "LOW", 4, 24)


@pytest.mark.parametrize(
    ("changes", "code", "message", "path"),
    [
        ({"code": "D20"}, ProblemCode.VALIDATION, "item-code-malformed", ("code",)),
        ({"code": "D-20\n"}, ProblemCode.VALIDATION, "item-code-malformed", ("code",)),
        ({"name": "  "}, ProblemCode.VALIDATION, "item-text-length", ("name",)),
        ({"name_en": "x" * 201}, ProblemCode.VALIDATION, "item-text-length", ("nameEn",)),
        ({"notes": "x" * 2001}, ProblemCode.VALIDATION, "item-text-length", ("notes",)),
        ({"deadline_hours": 0}, ProblemCode.VALIDATION, "item-deadline-range", ("deadlineHours",)),
        ({"level_first_handled": 1}, ProblemCode.VALIDATION, "item-level-range", ("levelFirstHandled",)),
        ({"category": "OTHER"}, ProblemCode.VALIDATION, "item-code-unknown", ("category",)),
        ({"severity": "1"}, ProblemCode.VALIDATION, "item-code-unknown", ("severity",)),
        ({"protection": ("SECRET",)}, ProblemCode.VALIDATION, "item-code-unknown", ("protection",)),
        ({"clue": True}, ProblemCode.VALIDATION, "item-clue-unprotected", ("clue",)),
        ({"protection": ("CLUE",), "confidential": True}, ProblemCode.VALIDATION, "item-clue-unprotected", ("clue",)),
        ({"protection": ("HEALTH",)}, ProblemCode.VALIDATION, "item-protected-not-confidential", ("confidential",)),
        ({"emergency": True}, ProblemCode.VALIDATION, "item-emergency-contact", ("emergencyContact",)),
        ({"routes": (RouteTo(3, "TOWNSHIP"), RouteTo(3, "CENTRE"))}, ProblemCode.VALIDATION, "item-routes",
         ("routes",)),
        ({"lead_code": "NOPE"}, ProblemCode.NOT_FOUND, "problem-not-found", ("leadCode",)),
    ],
)
async def test_a_bad_draft_changes_nothing(
    county: Furnished, works: Works, changes: dict[str, Any], code: ProblemCode, message: str, path: tuple[str, ...]
) -> None:
    with pytest.raises(Refusal) as refused:
        async with works.open(county.view) as work:
            await publish_item(work, replace(DRAFT, **changes))
    assert (refused.value.code, refused.value.message_id, refused.value.path) == (code, message, path)
    assert len(await versions(county, works)) == 100


async def test_another_countys_list_is_its_own(county: Furnished, works: Works, place: Installation) -> None:
    other = await place.county()
    mine = (await versions(county, works))[0]
    acts: list[Callable[[Work], Awaitable[object]]] = [
        lambda work: item_version(work, mine.id), lambda work: draft_of(work, mine.code),
        lambda work: item_version(work, uuid4()),
    ]
    for act in acts:
        with pytest.raises(Refusal) as refused:
            async with works.open(other) as work:
                await act(work)
        assert (refused.value.code, refused.value.path) == (ProblemCode.NOT_FOUND, ("workItemCode",))
    async with works.open(other) as work:
        assert await item_by_code(work, mine.code) is None
        assert await route_of(work, mine.id, 2, []) is None
        with pytest.raises(Refusal):
            await publish_item(work, replace(DRAFT, lead_code="GA"))
    async with works.reading(other) as session:
        seen: list[UUID] = [
            (await session.execute(select(func.count()).select_from(model))).scalar_one()
            for model in (WorkItemVersion, Route)
        ]
    assert seen == [0, 0]
