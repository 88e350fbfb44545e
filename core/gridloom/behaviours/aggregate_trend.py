"""A trend: counts that core computes from cases or matters, reviewed by a person, then noted or turned into tasks.

Dimensions come from a closed list that knows no person. A count below five is hidden, and with it the next smallest one
where the hidden one could be had by subtraction.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gridloom.behaviours.checks import not_ahead, not_past
from gridloom.contract.forms import Computed, Labels, LongText, OrganizationId
from gridloom.contract.machine import Behaviour, Clock, Part, Side, State, Step
from gridloom.contract.types import Ask, Form, Refusal

Dimension = Annotated[
    Literal["CATEGORY", "ITEM", "TOWNSHIP", "CHANNEL", "SEVERITY", "STATE", "ELEMENT", "ANSWER"],
    Labels(
        CATEGORY="类别", ITEM="事项", TOWNSHIP="乡镇", CHANNEL="来源", SEVERITY="紧急程度", STATE="状态", ELEMENT="要素",
        ANSWER="选项",
    ),
]
OF_MATTERS = frozenset({"STATE", "ELEMENT", "ANSWER"})
OF_CASES = frozenset({"CATEGORY", "ITEM", "TOWNSHIP", "CHANNEL", "SEVERITY"})


class Cell(Form):
    """One figure: what it counts, in the period and in the same period a year before; null where it is hidden."""

    first: str = Field(title="维度一")
    second: str | None = Field(None, title="维度二")
    count: int | None = Field(None, title="本期")
    before: int | None = Field(None, title="上年同期")


class Compute(Form):
    """What is counted: the period that holds a day, of cases or of this mechanism's matters, by one or two dimensions."""

    period: Annotated[
        Literal["MONTH", "QUARTER", "YEAR"], Labels(MONTH="月", QUARTER="季度", YEAR="年")
    ] = Field("MONTH", title="周期")
    day: date = Field(title="周期内任一日")
    source: Annotated[Literal["CASES", "MATTERS"], Labels(CASES="事件", MATTERS="本机制事项")] = Field(
        "CASES", title="来源"
    )
    dimensions: list[Dimension] = Field(title="统计维度", min_length=1, max_length=2)
    answer: str | None = Field(
        None, title="按选项统计", pattern=r"^[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+$", max_length=120,
        description="要素.步骤.字段；只能是单选或是否项。",
    )
    cells: Annotated[list[Cell], Computed()] = Field(default_factory=list, title="统计结果", max_length=2000)
    hidden: Annotated[int, Computed()] = Field(0, title="已隐去的小数格数")


class Review(Form):
    """A person has read it."""

    finding: LongText = Field(title="研判意见", min_length=2, max_length=4000)


class Note(Form):
    """It needs nothing done."""

    reason: LongText = Field(title="存档理由", min_length=2, max_length=2000)


class Give(Form):
    """Something is to be done about it, by an organisation, by a day."""

    task: LongText = Field(title="任务", min_length=2, max_length=2000)
    organization_id: OrganizationId = Field(title="责任单位")
    due: date = Field(title="完成期限")


class Finish(Form):
    """The task is done."""

    result: LongText = Field(title="完成情况", min_length=2, max_length=4000)


class Task(Form):
    """All that is to be done about it has been given out."""

    note: LongText | None = Field(None, title="备注", max_length=2000)


def _fits_source(ask: Ask[Compute]) -> Refusal | None:
    allowed = OF_CASES if ask.form.source == "CASES" else OF_MATTERS
    wrong = [one for one in ask.form.dimensions if one not in allowed]
    if wrong or len(set(ask.form.dimensions)) != len(ask.form.dimensions):
        return Refusal("VALIDATION", "trend-dimensions", ("dimensions",))
    return None


compute = Step("compute", "统计", "Compute", Compute, target="COMPUTED", side=Side.ORIGIN, owner=Side.ORIGIN,
               impersonal=True, checks=(not_ahead("day"), _fits_source))  # fmt: skip
review = Step("review", "研判", "Review", Review, source=("COMPUTED",), target="REVIEWED", mutation="trendReview")
note = Step("note", "存档", "Note", Note, source=("REVIEWED",), target="NOTED", mutation="trendNote")
give = Step("give", "交办", "Give a task", Give, target="GIVEN", part="task", parent=("REVIEWED",), side=Side.OWNER,
            addresses="organization_id", owner=Side.COUNTERPART, titled=lambda form: form.task[:60],
            checks=(not_past("due"),))  # fmt: skip
finish = Step("finish", "完成", "Finish", Finish, source=("GIVEN",), target="FINISHED", part="task",
              mutation="trendTaskFinish")  # fmt: skip
task = Step("task", "转为任务", "Turned into tasks", Task, source=("REVIEWED",), target="TASKED", mutation="trendTask")

behaviour = Behaviour(
    "aggregate_trend",
    "趋势研判",
    parts=(
        Part("matter", "研判", "Trend", (
            State("COMPUTED", "已统计", "Computed", waits_for=Side.OWNER),
            State("REVIEWED", "已研判", "Reviewed", waits_for=Side.OWNER),
            State("NOTED", "已存档", "Noted", ends=True),
            State("TASKED", "已转任务", "Turned into tasks", ends=True),
        )),
        Part("task", "任务", "Task", (
            State("GIVEN", "待完成", "Given", waits_for=Side.OWNER),
            State("FINISHED", "已完成", "Finished", ends=True),
        ), of="matter"),
    ),
    steps=(compute, review, note, give, finish, task),
    roles=("department_officer", "department_lead", "centre_officer", "centre_lead", "leader"),
    clocks=(Clock("sl:trend_task_due", starts=give, stops=finish, label="任务期限", until="due"),),
)  # fmt: skip
