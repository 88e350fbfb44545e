"""Random histories: no step outside the table, one lead at most, versions move on, refusals change nothing, every case ends."""

import random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from gridloom.cases.codes import CaseStatus
from gridloom.cases.models import CaseRow, TimelineEntryRow
from gridloom.clocks.models import ClockRow
from gridloom.dispatch.codes import OPEN_ASSIGNMENTS, AssignmentRole
from gridloom.dispatch.models import AssignmentRow
from gridloom.dispatch.steps import ASSIGNMENT_RULES, CASE_RULES
from gridloom.outbox import FactRow
from tests.support.county import County

PEOPLE = ("member", "officer_village", "lead_village", "officer_township", "officer_county", "lead_county", "water",
          "housing", "police", "court", "leader", "officer_west", "admin")
UNITS = ("SW", "ZJ", "GA", "FY")
ENDED = {CaseStatus.REJECTED, CaseStatus.CLOSED}
READ = """query($id: ID) { case(id: $id) { id status version allowedSteps whistles { id state }
  assignments { id version role status organization { code } } } }"""


def inputs(county: County, step: str, case: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """Inputs a step could have; of assignment steps for a random assignment."""
    def unit() -> str:
        return str(county.units[dice.choice(UNITS)])

    by_case = {"caseId": case["id"], "version": case["version"]}
    if step in ASSIGNMENT_RULES:
        chosen = dice.choice(case["assignments"])
        by_assignment = {"assignmentId": chosen["id"], "version": chosen["version"]}
        extra: dict[str, Any] = {
            "reportIn": {"personName": "李工"}, "askReturn": {"reason": "NOT_OUR_DUTY", "basis": "三定方案"},
            "completeAssignment": {"result": "办好了"}, "excuseAssignment": {"reason": "不需要了"},
        }.get(step, {})
        if step == "ruleReturn":
            upheld = dice.random() < 0.5
            extra = {"upheld": upheld, "ruling": "裁定如此", **({"organizationId": unit()} if upheld else {})}
        return by_assignment | extra
    by_step: dict[str, dict[str, Any]] = {
        "rejectCase": {"reason": "不属范围", "remedy": "另行反映"}, "escalateCase": {"reason": "超出能力"},
        "routeCase": {"organizationId": unit()}, "verifyCase": {"passed": dice.random() < 0.6, "note": "看过"},
        "callBack": {"reached": True, "satisfaction": dice.randint(1, 5)}, "reopenCase": {"reason": "又坏了"},
        "pauseCase": {"reason": "缺资料", "missing": "图纸"}, "extendCase": {"reason": "难", "workingDays": 2},
        "superviseCase": {"card": "REMINDER", "reason": "催一催", "dueAt": "2099-01-01T00:00:00Z"},
        "blowWhistle": {"grade": dice.choice(["EMERGENCY", "KEY", "ROUTINE", "HARD"]), "leadId": unit(),
                        "assistIds": [unit()] if dice.random() < 0.5 else [], "reason": "需要联合处置"},
    }
    if step == "ruleWhistle":
        proposed = [one["id"] for one in case["whistles"]] or [str(UUID(int=1))]
        return {"whistleId": proposed[-1], "approved": dice.random() < 0.7}
    if step == "addProgress":
        return {"caseId": case["id"], "note": "在办"}
    if step == "nameHandlers":
        return by_case | {"add": [], "remove": [], "reason": "换人"}
    return by_case | by_step.get(step, {})


async def trace(county: County, case_id: str) -> tuple[Any, ...]:
    """What a refusal must leave alone."""
    async with county.service.reading(county.view) as session:
        tenant, id = county.view.id, UUID(case_id)
        case = await session.get_one(CaseRow, (tenant, id))
        counts = [
            (await session.execute(select(func.count()).select_from(table).where(table.tenant_id == tenant, column == id)))
            .scalar_one()
            for table, column in (
                (TimelineEntryRow, TimelineEntryRow.case_id), (FactRow, FactRow.case_id), (ClockRow, ClockRow.case_id),
                (AssignmentRow, AssignmentRow.case_id),
            )
        ]
        return (case.status, case.version, case.due_at, case.paused, *counts)


async def one_lead(county: County, case_id: str) -> int:
    async with county.service.reading(county.view) as session:
        return (await session.execute(select(func.count()).where(
            AssignmentRow.tenant_id == county.view.id, AssignmentRow.case_id == UUID(case_id), AssignmentRow.visible,
            AssignmentRow.role == AssignmentRole.LEAD, AssignmentRow.status.in_(OPEN_ASSIGNMENTS),
        ))).scalar_one()


@pytest.mark.parametrize("seed", range(6))
async def test_random_history(county: County, seed: int) -> None:
    dice = random.Random(seed)
    report = await county.step("member", "reportCase", "case { id }", description=f"第{seed}号随机事项",
                               workItemCode=dice.choice(["C-10", "B-12", "B-16", "D-04"]))
    case_id = report["case"]["id"]
    for _turn in range(32):
        who = dice.choice(PEOPLE)
        case = (await county.ask("officer_county", READ, id=case_id))["data"]["case"]
        own = (await county.ask(who, READ, id=case_id))["data"]["case"]
        allowed = set(own["allowedSteps"]) if own else set()
        names = [*CASE_RULES, *ASSIGNMENT_RULES] if case["assignments"] else list(CASE_RULES)
        step = dice.choice(sorted(allowed)) if allowed and dice.random() < 0.75 else dice.choice(names)
        if step == "reopenCase" and dice.random() < 0.5:
            continue
        before = await trace(county, case_id)
        answer = await attempt(county, who, step, inputs(county, step, case, dice))
        after = await trace(county, case_id)
        if answer:
            assert after == before, (step, who, answer)
        else:
            assert step in allowed, (step, who, case["status"])
            rule = CASE_RULES.get(step)
            if rule is not None:
                assert before[0] in rule.frm or (step == "blowWhistle" and before[0] == "REPORTED")
                assert after[0] in rule.to
        assert await one_lead(county, case_id) == (1 if after[0] == "ROUTED" else 0), (step, who)


async def attempt(county: County, who: str, step: str, values: dict[str, Any]) -> list[str]:
    """The problem codes of a step; FORBIDDEN counts as one."""
    kind = step[0].upper() + step[1:] + "Input"
    values["key"] = f"r{next(county._keys)}"
    answer = await county.ask(
        who, f"mutation($input: {kind}!) {{ {step}(input: $input) {{ problems {{ code }} }} }}", input=values
    )
    if "errors" in answer:
        codes = [getattr(error.original_error, "code", "?") for error in answer["errors"]]
        assert codes == ["FORBIDDEN"], answer["errors"]
        return codes
    return [problem["code"] for problem in answer["data"][step]["problems"]]


def test_every_case_can_end() -> None:
    """From every state a case can be in, steps of the table lead to an end."""
    for status in {status for rule in CASE_RULES.values() for status in (*rule.frm, *rule.to)}:
        reached, open_ = {status}, [status]
        while open_:
            here = open_.pop()
            following = {to for rule in CASE_RULES.values() if here in rule.frm for to in rule.to}
            if here == CaseStatus.ROUTED:
                following.add(CaseStatus.HANDLED)  # the lead's completeAssignment
            open_ += following - reached
            reached |= following
        assert reached & ENDED, status
