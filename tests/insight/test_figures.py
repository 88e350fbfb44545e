"""Figures equal a full recount by plain SQL, whatever happened, in whatever order it was told."""

import random
from typing import Any

import pytest

from gridloom.dispatch.steps import ASSIGNMENT_RULES, CASE_RULES
from tests.dispatch.test_histories import PEOPLE, READ, attempt, inputs
from tests.insight.figures import caught_up, kept, recounted, unlike
from tests.support.county import County

ITEMS = ("C-10", "B-12", "B-16", "D-04", "A-01", "C-13")


async def report(county: County, dice: random.Random) -> str:
    """A case of a random item in one of two villages, now and then handled on the spot."""
    on_the_spot = dice.random() < 0.2
    values: dict[str, Any] = {"selfHandled": True, "handledNote": "当场办好"} if on_the_spot else {}
    payload = await county.step(
        dice.choice(["member", "member_west"]), "reportCase", "case { id }", description="随机事项",
        workItemCode="C-13" if on_the_spot else dice.choice(ITEMS), **values,
    )
    return str(payload["case"]["id"])


async def take_step(county: County, case_id: str, dice: random.Random) -> None:
    """One step that somebody may take, with random inputs; a refusal is as good."""
    who = dice.choice(PEOPLE)
    case = (await county.ask("officer_county", READ, id=case_id))["data"]["case"]
    own = (await county.ask(who, READ, id=case_id))["data"]["case"]
    allowed = sorted(set(own["allowedSteps"]) & {*CASE_RULES, *ASSIGNMENT_RULES}) if own else []
    if allowed and (case["assignments"] or not set(allowed) <= set(ASSIGNMENT_RULES)):
        steps = [one for one in allowed if case["assignments"] or one not in ASSIGNMENT_RULES]
        step = dice.choice(steps)
        await attempt(county, who, step, inputs(county, step, case, dice))


@pytest.mark.parametrize("seed", range(3))
async def test_figures_of_random_histories(county: County, seed: int) -> None:
    dice = random.Random(seed)
    cases = [await report(county, dice) for _ in range(3)]
    for turn in range(60):
        await take_step(county, dice.choice(cases), dice)
        if turn % 10 == 9:
            await caught_up(county.service, county.view)
    await caught_up(county.service, county.view)
    assert unlike(await kept(county.service, county.view), await recounted(county.service, county.view)) == []
