"""J0–J8 on the demo county, over HTTP, in the contract's own documents."""

import pytest

from tests.journeys.callers import World
from tests.journeys.journeys import JOURNEYS, Journey


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
async def test_journey(world: World, journey: Journey) -> None:
    await journey(world)
