"""A window that a department keeps: a place with hours and a roster, and everybody who is served at it.

A visit is booked or walks in; it is served, or referred on to whom it belongs to, or released. What is broken at the window
is a fault with a limit of its own. Nobody is kept from a slot for having missed one.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from gridloom.behaviours.checks import in_order
from gridloom.contract.forms import Labels, LongText, OrganizationId, StaffId
from gridloom.contract.machine import Behaviour, Part, Side, State, Step
from gridloom.contract.types import Ask, Form, Refusal


class SetUp(Form):
    """A window is drawn up: where, when, what is done there."""

    name: str = Field(title="窗口名称", min_length=2, max_length=80)
    place: str = Field(title="地点", min_length=2, max_length=200)
    hours: str = Field(title="开放时间", min_length=2, max_length=200)
    items: list[str] = Field(default_factory=list, title="办理事项", max_length=50)
    accessible: bool = Field(True, title="无障碍")


class Open(Form):
    """The window opens."""

    from_day: date | None = Field(None, title="启用日期")


class Roster(Form):
    """Who keeps the window in a stretch of days."""

    from_day: date = Field(title="开始日期")
    to_day: date = Field(title="结束日期")
    staff_ids: list[StaffId] = Field(title="值守人员", min_length=1, max_length=50)


class Suspend(Form):
    """The window rests for a while; people are told where to go meanwhile."""

    reason: LongText = Field(title="暂停原因", min_length=2, max_length=2000)
    instead: str | None = Field(None, title="替代地点", max_length=200)


class Resume(Form):
    """The window is open again."""

    note: LongText | None = Field(None, title="备注", max_length=2000)


class Close(Form):
    """The window is given up."""

    reason: LongText = Field(title="撤销原因", min_length=2, max_length=2000)


class Book(Form):
    """Somebody wants to come at a time, alone or with a helper to whom they agreed."""

    item: str = Field(title="事项", min_length=2, max_length=200)
    at: datetime | None = Field(None, title="预约时间", description="现场取号的不填。")
    helped: bool = Field(False, title="由他人代约")
    agrees: bool = Field(False, title="本人同意代约")
    number: str | None = Field(None, title="凭证号", max_length=60)


class Confirm(Form):
    """The window says that the time is kept free, or names another."""

    at: datetime | None = Field(None, title="确认时间")


class Serve(Form):
    """What was asked and what was said; the next remedy where there is one."""

    question: LongText = Field(title="所问", min_length=2, max_length=2000)
    answer: LongText = Field(title="答复", min_length=2, max_length=4000)
    remedy: str | None = Field(None, title="下一步途径", max_length=500)
    satisfied: Annotated[
        Literal["YES", "PARTLY", "NO", "NOT_SAID"],
        Labels(YES="满意", PARTLY="基本满意", NO="不满意", NOT_SAID="未评价"),
    ] = Field("NOT_SAID", title="满意度")


class Refer(Form):
    """It belongs to somebody else, who is named."""

    organization_id: OrganizationId = Field(title="转往单位")
    reason: LongText = Field(title="转办理由", min_length=2, max_length=2000)


class Release(Form):
    """The time is free again: cancelled, or nobody came."""

    reason: Annotated[
        Literal["CANCELLED", "NOT_COME", "CLOSED"], Labels(CANCELLED="取消", NOT_COME="未到", CLOSED="窗口停办")
    ] = Field("CLOSED", title="原因")


class Find(Form):
    """Something at the window does not work."""

    what: str = Field(title="故障", min_length=2, max_length=200)


class Repair(Form):
    """It works again."""

    done: LongText = Field(title="修复情况", min_length=2, max_length=2000)


def _agreed(ask: Ask[Book]) -> Refusal | None:
    """Nobody is booked in by another without having said so."""
    return Refusal("VALIDATION", "booking-consent", ("agrees",)) if ask.form.helped and not ask.form.agrees else None


set_up = Step("set_up", "设立", "Set up", SetUp, target="DRAFT", side=Side.ORIGIN, owner=Side.ORIGIN, part="point",
              titled=lambda form: form.name)  # fmt: skip
open = Step("open", "启用", "Open", Open, source=("DRAFT",), target="OPEN", part="point", mutation="windowOpen")
roster = Step("roster", "排班", "Roster", Roster, source=("DRAFT", "OPEN", "SUSPENDED"), part="point", target="",
              checks=(in_order("from_day", "to_day"),), mutation="windowRoster")  # fmt: skip
suspend = Step("suspend", "暂停", "Suspend", Suspend, source=("OPEN",), target="SUSPENDED", part="point",
               mutation="windowSuspend")  # fmt: skip
resume = Step("resume", "恢复", "Resume", Resume, source=("SUSPENDED",), target="OPEN", part="point",
              mutation="windowResume")  # fmt: skip
close = Step("close", "撤销", "Close", Close, source=("DRAFT", "OPEN", "SUSPENDED"), target="CLOSED", part="point",
             closes_children="free", mutation="windowClose")  # fmt: skip
book = Step("book", "预约", "Book", Book, target="BOOKED", part="visit", parent=("OPEN",), checks=(_agreed,),
            titled=lambda form: form.item)  # fmt: skip
confirm = Step("confirm", "确认预约", "Confirm", Confirm, source=("BOOKED",), target="", part="visit",
               mutation="bookingConfirm")  # fmt: skip
serve = Step("serve", "接待答复", "Serve", Serve, source=("BOOKED",), target="SERVED", part="visit",
             mutation="bookingServe")  # fmt: skip
refer = Step("refer", "转办", "Refer", Refer, source=("BOOKED",), target="REFERRED", part="visit",
             mutation="bookingRefer")  # fmt: skip
release = Step("release", "释放时段", "Release", Release, source=("BOOKED",), target="RELEASED", part="visit",
               mutation="bookingRelease")  # fmt: skip
free = Step("free", "窗口停办", "Freed", Release, source=("BOOKED",), target="RELEASED", part="visit", side=Side.SYSTEM,
            mutation="bookingFree")  # fmt: skip
find = Step("find", "报修", "Report a fault", Find, target="BROKEN", part="fault", parent=("OPEN", "SUSPENDED"),
            titled=lambda form: form.what)  # fmt: skip
repair = Step("repair", "修复", "Repair", Repair, source=("BROKEN",), target="REPAIRED", part="fault",
              mutation="faultRepair")  # fmt: skip

behaviour = Behaviour(
    "service_window",
    "服务窗口",
    parts=(
        Part("point", "窗口", "Window", (
            State("DRAFT", "拟设", "Draft"),
            State("OPEN", "开放", "Open"),
            State("SUSPENDED", "暂停", "Suspended"),
            State("CLOSED", "已撤销", "Closed", ends=True),
        )),
        Part("visit", "接待", "Visit", (
            State("BOOKED", "已约", "Booked", waits_for=Side.OWNER),
            State("SERVED", "已接待", "Served", ends=True),
            State("REFERRED", "已转办", "Referred", ends=True),
            State("RELEASED", "已释放", "Released", ends=True),
        ), of="point"),
        Part("fault", "故障", "Fault", (
            State("BROKEN", "待修", "Broken", waits_for=Side.OWNER),
            State("REPAIRED", "已修复", "Repaired", ends=True),
        ), of="point"),
    ),
    steps=(
        set_up, open, roster, suspend, resume, close, book, confirm, serve, refer, release, free, find, repair,
    ),
)  # fmt: skip
