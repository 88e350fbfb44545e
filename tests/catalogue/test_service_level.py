"""Service levels: the defaults of the design, new versions, the old ones kept."""

from datetime import timedelta

import pytest

from gridloom.catalogue.defaults import default_limits
from gridloom.catalogue.limits import Limit, Unit
from gridloom.catalogue.service import publish_service_level, service_level, service_level_of
from gridloom.errors import ProblemCode, Refusal
from gridloom.work import Works
from tests.catalogue.conftest import Furnished
from tests.grid.installation import Installation

MINUTE, HOUR, WORKING_HOUR, WORKING_DAY = Unit.MINUTE, Unit.HOUR, Unit.WORKING_HOUR, Unit.WORKING_DAY
WHISTLES = {
    "EMERGENCY": {"sign": (10, MINUTE), "report_in": (30, MINUTE), "close": (24, HOUR)},
    "KEY": {"sign": (1, HOUR), "report_in": (4, HOUR), "plan": (24, HOUR), "close": (3, WORKING_DAY)},
    "ROUTINE": {"sign": (4, WORKING_HOUR), "report_in": (1, WORKING_DAY), "plan": (2, WORKING_DAY),
                "close": (5, WORKING_DAY)},
    "HARD": {"sign": (1, WORKING_DAY), "report_in": (3, WORKING_DAY), "plan": (5, WORKING_DAY),
             "close": (10, WORKING_DAY), "extension": (10, WORKING_DAY)},
}
SEVERITIES = {
    "CRITICAL": {"accept": (15, MINUTE), "handle": (24, HOUR)},
    "URGENT": {"accept": (2, WORKING_HOUR), "route": (4, WORKING_HOUR), "handle": (72, HOUR)},
    "NORMAL": {"accept": (2, WORKING_HOUR), "route": (4, WORKING_HOUR), "handle": (168, HOUR)},
    "LOW": {"accept": (2, WORKING_HOUR), "route": (4, WORKING_HOUR), "handle": (360, HOUR)},
}


async def test_the_defaults_are_the_designs(county: Furnished, works: Works) -> None:
    async with works.open(county.view) as work:
        level = await service_level(work)
    assert level.version == 1
    assert dict(level.limits) == default_limits()
    for subject, table in (("GRADE", WHISTLES), ("SEVERITY", SEVERITIES)):
        for code, steps in table.items():
            for step, (value, unit) in steps.items():
                assert level.limit(subject, code, step) == Limit(value, unit)
    assert level.limit("PROCEDURE", "route", "sign") == Limit(4, WORKING_HOUR)
    with pytest.raises(KeyError):
        level.limit("GRADE", "EMERGENCY", "plan")


async def test_a_new_set_leaves_the_old_to_its_cases(county: Furnished, works: Works, place: Installation) -> None:
    async with works.open(county.view) as work:
        old = await service_level(work)
    place.clock.offset += timedelta(days=1)
    key = ("GRADE", "ROUTINE", "sign")
    async with works.open(county.view) as work:
        published = await publish_service_level(work, {key: Limit(2, WORKING_HOUR)})
    async with works.open(county.view) as work:
        present, kept = await service_level(work), await service_level_of(work, old.id)
    assert (present.id, present.version) == (published.id, 2)
    assert dict(present.limits) == {**default_limits(), key: Limit(2, WORKING_HOUR)}
    assert dict(kept.limits) == default_limits()


@pytest.mark.parametrize(
    ("key", "limit", "message", "path"),
    [
        (("GRADE", "LOUD", "sign"), Limit(1, HOUR), "service-level-unknown", ("limits",)),
        (("GRADE", "KEY", "sign"), Limit(0, HOUR), "service-level-of-nothing", ("limits",)),
    ],
)
async def test_a_bad_limit_changes_nothing(
    county: Furnished, works: Works, place: Installation, key: tuple[str, str, str], limit: Limit, message: str,
    path: tuple[str, ...],
) -> None:
    place.clock.offset += timedelta(days=1)
    with pytest.raises(Refusal) as refused:
        async with works.open(county.view) as work:
            await publish_service_level(work, {key: limit})
    assert (refused.value.code, refused.value.message_id, refused.value.path) == (
        ProblemCode.VALIDATION, message, path,
    )
    async with works.open(county.view) as work:
        assert (await service_level(work)).version == 1


async def test_another_countys_set_is_unknown(county: Furnished, works: Works, place: Installation) -> None:
    other = await place.county()
    async with works.open(county.view) as work:
        mine = await service_level(work)
    async with works.open(other) as work:
        with pytest.raises(Refusal) as foreign:
            await service_level_of(work, mine.id)
        with pytest.raises(Refusal) as none:
            await service_level(work)
    assert [foreign.value.code, none.value.code] == [ProblemCode.NOT_FOUND, ProblemCode.NOT_FOUND]
