"""Something wrong is put right: registered, ordered with a date, rectified, checked again by another, cleared.

Whoever rectified it never clears it. It is closed by a re-check and by nothing else; what cannot be put right here is
referred with its record.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gridloom.behaviours.checks import not_ahead, not_past
from gridloom.contract.forms import CaseId, Labels, LongText, OrganizationId
from gridloom.contract.machine import Behaviour, Clock, Part, Side, State, Step
from gridloom.contract.types import Form

Grade = Annotated[Literal["GENERAL", "MAJOR"], Labels(GENERAL="一般", MAJOR="重大")]


class Register(Form):
    """What is wrong, where, since when, with what is done meanwhile."""

    what: str = Field(title="问题", min_length=2, max_length=200)
    place: str = Field(title="地点", min_length=2, max_length=200)
    found_on: date = Field(title="发现日期")
    interim: LongText | None = Field(None, title="临时措施", max_length=2000)
    case_id: CaseId | None = Field(None, title="关联事件")


class Grading(Form):
    """How grave it is, with the basis; another person than the one who registered it says so."""

    grade: Grade = Field(title="等级")
    basis: LongText = Field(title="判定依据", min_length=2, max_length=2000)


class Order(Form):
    """Who puts it right, how, by when."""

    organization_id: OrganizationId | None = Field(None, title="整改单位", description="本单位整改时不填。")
    measure: LongText = Field(title="整改要求", min_length=2, max_length=2000)
    due_on: date = Field(title="整改期限")


class Plan(Form):
    """How it will be put right: measure, money, people, date."""

    measures: LongText = Field(title="措施", min_length=2, max_length=2000)
    money: int | None = Field(None, title="经费（元）", ge=0, le=1_000_000_000)
    responsible: str = Field(title="责任人", min_length=2, max_length=50)
    done_by: date = Field(title="计划完成日期")


class Rectified(Form):
    """It is put right, as the proof shows."""

    done: LongText = Field(title="整改情况", min_length=2, max_length=4000)
    done_on: date = Field(title="完成日期")


class Clear(Form):
    """Another person looked and it is right."""

    seen: LongText = Field(title="复查情况", min_length=2, max_length=2000)
    checked_on: date = Field(title="复查日期")


class Rework(Form):
    """Another person looked and it is not right yet."""

    lacks: LongText = Field(title="未到位之处", min_length=2, max_length=2000)
    due_on: date = Field(title="返工期限")


class Refer(Form):
    """It goes to who can compel it, or whose it is."""

    organization_id: OrganizationId = Field(title="移交单位")
    reason: LongText = Field(title="移交理由", min_length=2, max_length=2000)


register = Step("register", "登记", "Register", Register, target="REGISTERED", part="defect", side=Side.ORIGIN,
                owner=Side.ORIGIN,
                checks=(not_ahead("found_on"),), titled=lambda form: form.what)  # fmt: skip
grade = Step("grade", "定级", "Grade", Grading, source=("REGISTERED", "RECTIFYING"), target="", part="defect",
             side=Side.ORIGIN,
             other_than=("register",), mutation="defectGrade")  # fmt: skip
order = Step("order", "责令整改", "Order", Order, source=("REGISTERED",), target="RECTIFYING", part="defect",
             side=Side.ORIGIN,
             owner=Side.COUNTERPART, addresses="organization_id", checks=(not_past("due_on"),),
             mutation="defectOrder")  # fmt: skip
plan = Step("plan", "整改方案", "Plan", Plan, source=("RECTIFYING", "REWORK"), target="", part="defect",
            mutation="defectPlan")
rectified = Step("rectified", "报告整改完成", "Report as put right", Rectified, source=("RECTIFYING", "REWORK"),
                 target="RECHECK", part="defect", owner=Side.ORIGIN, checks=(not_ahead("done_on"),),
                 mutation="defectRectified")  # fmt: skip
clear = Step("clear", "复查销号", "Clear", Clear, source=("RECHECK",), target="CLEARED", part="defect", side=Side.ORIGIN,
             other_than=("rectified",), checks=(not_ahead("checked_on"),), mutation="defectClear")  # fmt: skip
rework = Step("rework", "复查不合格", "Not right yet", Rework, source=("RECHECK",), target="REWORK", part="defect",
              side=Side.ORIGIN,
              owner=Side.COUNTERPART, other_than=("rectified",), checks=(not_past("due_on"),),
              mutation="defectRework")  # fmt: skip
refer = Step("refer", "移交", "Refer", Refer, source=("REGISTERED", "RECTIFYING", "RECHECK", "REWORK"),
             target="REFERRED", part="defect", side=Side.ORIGIN, mutation="defectRefer")  # fmt: skip

behaviour = Behaviour(
    "rectify_loop",
    "整改闭环",
    parts=(
        Part("defect", "问题", "Defect", (
            State("REGISTERED", "已登记", "Registered", waits_for=Side.ORIGIN),
            State("RECTIFYING", "整改中", "Rectifying", waits_for=Side.OWNER),
            State("RECHECK", "待复查", "To be checked", waits_for=Side.ORIGIN),
            State("REWORK", "返工中", "Rework", waits_for=Side.OWNER),
            State("CLEARED", "已销号", "Cleared", ends=True),
            State("REFERRED", "已移交", "Referred", ends=True),
        )),
    ),
    steps=(register, grade, order, plan, rectified, clear, rework, refer),
    clocks=(Clock("sl:ordered_date", (order, rework), rectified, label="责令期限", until="due_on"),),
)  # fmt: skip
