"""A county with the mechanism of `keepers`, its people, and a worker's turn."""

import pytest
from sqlalchemy import func, select

from gridloom.behaviours.models import MatterRow
from gridloom.testing import START
from gridloom.testing.county import Trial
from gridloom.worker import Worker
from tests.plugins.keepers import keepers
from tests.plugins.walking import staff


@pytest.fixture(scope="module")
async def trial(database):
    async with Trial.open(database, [keepers()]) as opened:
        yield opened


@pytest.fixture
async def county(trial):
    trial.set_clock(START)
    return await trial.county("keep")


@pytest.fixture
async def who(county):
    return await staff(county, ("officer", "department_officer", "FY"), ("second", "department_officer", "FY"),
                       ("lead", "department_lead", "FY"), ("other", "department_officer", "SF"),
                       ("other2", "department_officer", "SF"), ("grid", "grid_member", "ZX101201"))  # fmt: skip


async def work_off(county):
    """What a worker does for the county, until nothing is left."""
    worker = Worker(county.trial.service)
    for _ in range(3):
        await worker.serve(county.id)


async def how_many(county, element):
    async with county.trial.service.reading(await county.view()) as session:
        return (await session.execute(
            select(func.count()).where(MatterRow.tenant_id == county.id, MatterRow.element == element)
        )).scalar_one()
