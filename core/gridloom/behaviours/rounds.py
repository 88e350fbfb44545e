"""A round over places: planned, opened, submitted (also with nothing found, by one tap), reviewed by another, or lapsed.

A round looks at places and things, never at persons. Finding nothing is a result like any other; no number of finds is asked
for. Who carried it out does not review it.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from gridloom.behaviours.checks import in_order, not_past
from gridloom.contract.forms import GridId, LongText, OrganizationId, StaffId
from gridloom.contract.machine import Behaviour, Clock, Part, Side, State, Step
from gridloom.contract.types import Form


class Plan(Form):
    """A round is planned: what is looked at, between which days."""

    title: str = Field(title="名称", min_length=2, max_length=120)
    opens_on: date = Field(title="开始日期")
    closes_on: date = Field(title="截止日期")
    grid_id: GridId | None = Field(None, title="区域")
    organization_id: OrganizationId | None = Field(None, title="参与单位")
    handler_id: StaffId | None = Field(None, title="负责人")


class Open(Form):
    """The round begins."""

    note: LongText | None = Field(None, title="说明", max_length=2000)


class AddPlace(Form):
    """A place is on the list of the round."""

    place: str = Field(title="地点", min_length=2, max_length=200)
    grid_id: GridId | None = Field(None, title="网格")
    looked_for: list[str] = Field(default_factory=list, title="检查项目", max_length=50)


class FindNothing(Form):
    """Nothing was found here."""


class Find(Form):
    """Something was found here."""

    found: LongText = Field(title="发现情况", min_length=2, max_length=2000)


class Skip(Form):
    """The place could not be looked at."""

    reason: LongText = Field("排查已结束", title="原因", min_length=2, max_length=2000)


class Submit(Form):
    """The round is done; what was found stands with its places."""

    summary: LongText = Field(title="小结", min_length=2, max_length=4000)


class SubmitZero(Form):
    """The round is done and nothing was found anywhere: one tap."""


class Review(Form):
    """Another person has read it."""

    note: LongText | None = Field(None, title="审阅意见", max_length=2000)


class SendBack(Form):
    """Something is to be looked at once more."""

    reason: LongText = Field(title="退回原因", min_length=2, max_length=2000)


class Lapse(Form):
    """Its time is over without a report."""


plan = Step("plan", "计划", "Plan", Plan, target="PLANNED", part="round", side=Side.ORIGIN, owner=Side.ORIGIN,
            addresses="organization_id", assigns="handler_id", impersonal=True, titled=lambda form: form.title,
            checks=(in_order("opens_on", "closes_on"), not_past("closes_on")))  # fmt: skip
open = Step("open", "开始", "Open", Open, source=("PLANNED",), target="OPEN", part="round", assigned=True,
            mutation="roundOpen")  # fmt: skip
submit = Step("submit", "提交", "Submit", Submit, source=("OPEN",), target="SUBMITTED", part="round", assigned=True,
              after_children=True, mutation="roundSubmit")  # fmt: skip
submit_zero = Step("submit_zero", "零报告", "Nothing found", SubmitZero, source=("OPEN",), target="SUBMITTED",
                   part="round", assigned=True, closes_children="find_nothing",
                   mutation="roundSubmitZero")  # fmt: skip
review = Step("review", "审阅", "Review", Review, source=("SUBMITTED",), target="REVIEWED", part="round",
              side=Side.ORIGIN, other_than=("submit", "submit_zero"), mutation="roundReview")  # fmt: skip
send_back = Step("send_back", "退回补充", "Send back", SendBack, source=("SUBMITTED",), target="OPEN", part="round",
                 side=Side.ORIGIN, other_than=("submit", "submit_zero"), mutation="roundSendBack")  # fmt: skip
lapse = Step("lapse", "逾期未报", "Lapse", Lapse, source=("PLANNED", "OPEN"), target="LAPSED", part="round",
             side=Side.SYSTEM, closes_children="skip", mutation="roundLapse")  # fmt: skip
add_place = Step("add_place", "列入地点", "Add a place", AddPlace, target="TO_VISIT", part="place",
                 parent=("PLANNED", "OPEN"), titled=lambda form: form.place)  # fmt: skip
find_nothing = Step("find_nothing", "未发现", "Nothing here", FindNothing, source=("TO_VISIT",), target="CLEAN",
                    part="place", assigned=True, mutation="placeFindNothing")  # fmt: skip
find = Step("find", "发现问题", "Something here", Find, source=("TO_VISIT",), target="FOUND", part="place",
            assigned=True, mutation="placeFind")  # fmt: skip
skip = Step("skip", "未查", "Skip", Skip, source=("TO_VISIT",), target="SKIPPED", part="place", assigned=True,
            mutation="placeSkip")  # fmt: skip

behaviour = Behaviour(
    "rounds",
    "排查巡查",
    parts=(
        Part("round", "排查", "Round", (
            State("PLANNED", "已计划", "Planned", waits_for=Side.OWNER),
            State("OPEN", "进行中", "Open", waits_for=Side.OWNER),
            State("SUBMITTED", "已提交", "Submitted", waits_for=Side.ORIGIN),
            State("REVIEWED", "已审阅", "Reviewed", ends=True),
            State("LAPSED", "逾期未报", "Lapsed", ends=True),
        )),
        Part("place", "地点", "Place", (
            State("TO_VISIT", "待查", "To visit", waits_for=Side.OWNER),
            State("CLEAN", "未发现", "Nothing found", ends=True),
            State("FOUND", "有发现", "Found", ends=True),
            State("SKIPPED", "未查", "Skipped", ends=True),
        ), of="round"),
    ),
    steps=(plan, open, submit, submit_zero, review, send_back, lapse, add_place, find_nothing, find, skip),
    roles=("department_officer", "department_lead", "centre_officer", "centre_lead", "mediator", "grid_member",
    "grid_chief"),
    clocks=(
        Clock("sl:round_opens", plan, label="开始日期", until="opens_on", from_day=True,
              stops=open, expires=open),
        Clock("sl:round_closes", plan, label="截止日期", until="closes_on", stops=(submit, submit_zero), expires=lapse),
    ),
)  # fmt: skip
