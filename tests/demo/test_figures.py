"""The figures of the model county, row by row of seed_numbers.csv, as the built demo county holds them."""

from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from shapely.geometry import Point, shape
from sqlalchemy import Select, and_, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.cases.codes import Channel
from gridloom.cases.models import CaseRow, InboxItemRow
from gridloom.catalogue.models import WorkItemVersion
from gridloom.demo.build import MIDU
from gridloom.demo.frame import table
from gridloom.demo.territory import midu_outline
from gridloom.dispatch.models import AssignmentRow
from gridloom.grid.models import GridBoundary, GridMemberRow, GridRow, VillagerGroup
from gridloom.outbox import Delivery, FactPosition, FactRow
from gridloom.people.models import Organization, StaffPost
from gridloom.provision import shipped
from tests.support.demo import CASES, Demo

LATER = {
    13: "coordination mechanisms come with the mechanisms' own capability",
    17: "meetings come with the meetings' capability",
    18: "meetings come with the meetings' capability",
    19: "devices and their sites come with the devices' capability",
    20: "devices and their sites come with the devices' capability",
    21: "devices and their sites come with the devices' capability",
    22: "devices and their sites come with the devices' capability",
    23: "devices and their sites come with the devices' capability",
    24: "devices and their sites come with the devices' capability",
    25: "devices and their sites come with the devices' capability",
    26: "devices and their sites come with the devices' capability",
    27: "committees of work safety come with the safety capability",
    28: "plans for emergencies come with the safety capability",
    29: "lists of responsibility come with the safety capability",
    30: "points of service come with the justice mechanisms",
    31: "points of service come with the justice mechanisms",
    32: "points of service come with the justice mechanisms",
    33: "rounds of screening come with the screening capability",
    34: "rounds of screening come with the screening capability",
    35: "rounds of screening come with the screening capability",
    36: "rounds of screening come with the screening capability",
    37: "kinds of mediation come with the mediation capability",
    39: "text to show on a page, nothing that the county holds",
}
ASSERTED = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 38}
NUMBERS = {int(row["n"]): row["number"] for row in shipped("seed_numbers.csv")}
DESKS = ("CENTRE", "DEPARTMENT", "TOWNSHIP", "VILLAGE", "MEDIATION_JOINT_CENTRE", "MEDIATION_COMMITTEE")


@pytest.fixture
async def midu(demo: Demo) -> AsyncIterator[AsyncSession]:
    async with demo.service.reading(demo.midu) as session:
        yield session


def of_midu(demo: Demo, model: Any, *conditions: Any) -> Select[Any]:
    return select(func.count()).select_from(model).where(model.tenant_id == demo.midu, *conditions)


async def organizations(demo: Demo, session: AsyncSession) -> Counter[tuple[str, int | None]]:
    rows = await session.execute(
        select(Organization.kind, Organization.level, func.count())
        .where(Organization.tenant_id == demo.midu, Organization.closed_at.is_(None))
        .group_by(Organization.kind, Organization.level)
    )
    return Counter({(kind, level): count for kind, level, count in rows})


def number(row: int) -> int:
    return int(NUMBERS[row])


def test_every_figure_is_asserted_or_comes_later() -> None:
    assert set(NUMBERS) == set(range(1, 40))
    assert ASSERTED | set(LATER) == set(NUMBERS)
    assert not ASSERTED & set(LATER)


async def test_grids(demo: Demo, midu: AsyncSession) -> None:
    rows = await midu.execute(
        select(GridRow.level, func.count())
        .where(GridRow.tenant_id == demo.midu, GridRow.ended_at.is_(None))
        .group_by(GridRow.level)
    )
    levels = {level: count for level, count in rows}
    assert levels == {2: 1, 3: number(3), 4: number(4), 5: 940}
    assert sum(levels.values()) == number(1) == 1038
    frame = {row["code12"]: row["name_zh"] for row in table("midu_frame.csv")}
    named = dict((await midu.execute(
        select(GridRow.code, GridRow.name).where(GridRow.tenant_id == demo.midu, GridRow.level < 5)
    )).all())
    assert named == frame


async def test_boundaries_of_all_grids_lie_inside_the_outline(demo: Demo, midu: AsyncSession) -> None:
    rows = (await midu.execute(
        select(GridRow.code, GridBoundary.boundary, GridBoundary.longitude, GridBoundary.latitude)
        .join(GridBoundary, and_(GridBoundary.tenant_id == demo.midu, GridBoundary.grid_id == GridRow.id))
        .where(GridRow.tenant_id == demo.midu)
    )).all()
    assert len(rows) == 1038
    outline = midu_outline().buffer(1e-5)
    shapes = {code: shape(boundary) for code, boundary, _x, _y in rows}
    assert all(outline.covers(one) for one in shapes.values())
    assert all(shapes[code].contains(Point(x, y)) for code, _boundary, x, y in rows)
    whole = shapes[f"{MIDU}000000"].area
    assert sum(one.area for code, one in shapes.items() if len(code) == 15) == pytest.approx(whole, rel=1e-9)


async def test_members(demo: Demo, midu: AsyncSession) -> None:
    active = GridMemberRow.until.is_(None)
    statement = select(func.count(GridMemberRow.staff_id.distinct()), func.count()).where(
        GridMemberRow.tenant_id == demo.midu, active
    )
    assert tuple((await midu.execute(statement)).one()) == (number(2), number(2)) == (1903, 1903)
    posts = select(func.count(StaffPost.staff_id.distinct())).where(
        StaffPost.tenant_id == demo.midu, StaffPost.role.in_(("grid_member", "grid_chief")), StaffPost.until.is_(None)
    )
    assert (await midu.execute(posts)).scalar_one() == 1903


async def test_organizations(demo: Demo, midu: AsyncSession) -> None:
    assert await organizations(demo, midu) == {
        ("CENTRE", 2): 1, ("CENTRE", 3): number(3), ("CENTRE", 4): number(4),
        ("DEPARTMENT", 2): 35, ("TOWNSHIP", 3): number(3), ("VILLAGE", 4): number(4),
        ("MEDIATION_JOINT_CENTRE", 3): number(6), ("MEDIATION_COMMITTEE", 4): number(7),
        ("MEDIATION_GROUP", 4): number(8), ("MEDIATION_STUDIO", 4): number(9),
        ("MEDIATION_WOMEN_TEAM", 3): 8, ("MEDIATION_WOMEN_TEAM", 4): 89,
        ("WORKING_GROUP", 2): number(15), ("LEADING_GROUP", 2): 1, ("LEADING_GROUP", 3): number(16),
    }  # fmt: skip
    tiers = {level for kind, level in await organizations(demo, midu) if kind == "CENTRE"}
    assert len(tiers) == number(5) == 3
    assert 8 + 89 == number(10) == 97
    assert 1 + 8 + 89 == 98
    assert (await midu.execute(of_midu(demo, VillagerGroup))).scalar_one() == number(8) == 1271


async def test_work_list(demo: Demo, midu: AsyncSession) -> None:
    rows = await midu.execute(
        select(WorkItemVersion.category, func.count())
        .where(WorkItemVersion.tenant_id == demo.midu, WorkItemVersion.valid_to.is_(None))
        .group_by(WorkItemVersion.category)
    )
    classes = {category: count for category, count in rows}
    assert classes == {"DISPUTE": 30, "SAFETY": 32, "SERVICE": 24, "CENTRAL_WORK": 14}
    assert sum(classes.values()) == number(11) == 100
    assert len(classes) == number(12) == 4


async def test_mechanisms_of_departments(demo: Demo) -> None:
    """Every mechanism of the five departments that is installed is on in the county."""
    departments = {"court", "procuratorate", "police", "justice", "petitions"}
    assert number(14) == len(departments)
    view = await demo.service.county(demo.midu)
    assert view.plugins == frozenset(demo.service.host.mechanisms) & departments
    assert {"court", "justice"} <= view.plugins


async def test_channel_of_the_procuratorate(demo: Demo, midu: AsyncSession) -> None:
    assert Channel.PROCURATORATE_12309.value.endswith(NUMBERS[38])
    used = set((await midu.execute(select(CaseRow.channel).where(CaseRow.tenant_id == demo.midu).distinct())).scalars())
    assert "GRID_PHONE" in used
    assert len(used) > 5


async def test_cases(demo: Demo, midu: AsyncSession) -> None:
    assert (await midu.execute(of_midu(demo, CaseRow))).scalar_one() == CASES
    said = list((await midu.execute(
        select(CaseRow.description).where(CaseRow.tenant_id == demo.midu, CaseRow.sealed.is_(False))
    )).scalars())
    assert len(said) - len(set(said)) <= len(said) * 0.01
    statuses = set((await midu.execute(
        select(CaseRow.status).where(CaseRow.tenant_id == demo.midu).distinct()
    )).scalars())
    assert statuses == {"REPORTED", "ACCEPTED", "REJECTED", "ROUTED", "HANDLED", "VERIFIED", "CLOSED"}


async def test_every_fact_has_its_position(demo: Demo, midu: AsyncSession) -> None:
    facts = (await midu.execute(of_midu(demo, FactRow, FactRow.case_id.is_not(None)))).scalar_one()
    last = (await midu.execute(
        select(Delivery.last_position).where(Delivery.tenant_id == demo.midu)
    )).scalar_one()
    assert facts > CASES
    assert (await midu.execute(of_midu(demo, FactPosition))).scalar_one() == last == facts
    backwards = text(
        "SELECT count(*) FROM (SELECT at, lag(at) OVER (ORDER BY position) AS before FROM fact_position"
        " WHERE tenant_id = :tenant) AS line WHERE at < before"
    )
    assert (await midu.execute(backwards, {"tenant": demo.midu})).scalar_one() == 0


async def test_every_desk_has_open_work(demo: Demo, midu: AsyncSession) -> None:
    waiting = select(InboxItemRow.scope_id).where(InboxItemRow.tenant_id == demo.midu)
    idle = (await midu.execute(
        select(Organization.name).where(
            Organization.tenant_id == demo.midu, Organization.kind.in_(DESKS), Organization.id.not_in(waiting)
        )
    )).scalars().all()
    assert not idle
    kinds = set((await midu.execute(
        select(InboxItemRow.kind).where(InboxItemRow.tenant_id == demo.midu).distinct()
    )).scalars())
    assert kinds == {
        "ACCEPT", "ROUTE", "RULE_WHISTLE", "SIGN", "REPORT_IN", "HANDLE", "RULE_RETURN", "VERIFY", "CALL_BACK", "CLOSE",
    }  # fmt: skip


async def test_a_signed_task_stands_whose_return_window_has_passed(demo: Demo, midu: AsyncSession) -> None:
    late = of_midu(
        demo, AssignmentRow, AssignmentRow.status == "SIGNED", AssignmentRow.visible,
        AssignmentRow.window_until < demo.service.clock.now(),
    )
    assert (await midu.execute(late)).scalar_one() > 0


def test_progress_goes_forward_and_is_never_silent_for_long(demo: Demo) -> None:
    shares = [done for _text, done, _at in demo.told]
    assert shares == sorted(shares)
    assert demo.told[-1][:2] == ("demo county ready", 1.0)
    silences = [later[2] - earlier[2] for earlier, later in pairwise(demo.told)]
    assert max(silences) < 2.0, "seconds of the processor, whatever else the machine does"
