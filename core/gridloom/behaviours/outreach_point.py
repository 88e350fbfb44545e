"""An outreach point and its visits: a place that a department keeps with a host, and the days it is there.

The organisation that draws the point up owns it and its visits; the host consents when it opens. A visit is planned
only at an OPEN point.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gridloom.contract.declare import Behaviour, Part, Side, State, Step
from gridloom.contract.forms import Labels, LongText, OrganizationId
from gridloom.contract.types import Form


class Draft(Form):
    """A point is drawn up: its name, its place and its host."""

    name: str = Field(title="名称", min_length=2, max_length=80)
    place: str = Field(title="地点", min_length=2, max_length=200)
    host_id: OrganizationId = Field(title="协办单位")
    hours: str | None = Field(None, title="服务时间", max_length=200)


class Open(Form):
    """The point opens, with the host's consent."""

    host_consents: bool = Field(title="协办单位同意")
    opens_on: date | None = Field(None, title="启用日期")


class Suspend(Form):
    """The point rests for a while."""

    reason: LongText = Field(title="暂停原因", min_length=2, max_length=2000)


class Resume(Form):
    """The point is open again."""

    note: LongText | None = Field(None, title="备注", max_length=2000)


class Close(Form):
    """The point is given up; what is recorded stays."""

    reason: LongText = Field(title="撤销原因", min_length=2, max_length=2000)


class Plan(Form):
    """A visit to the point is planned for a day."""

    day: date = Field(title="日期")
    topic: str = Field(title="事项", min_length=2, max_length=200)


class Hold(Form):
    """The visit took place."""

    held_on: date = Field(title="实际日期")


class Record(Form):
    """What came of the visit."""

    outcome: Annotated[
        Literal["FILED", "MEDIATED", "ADVISED", "REFERRED", "NOTHING"],
        Labels(FILED="立案", MEDIATED="调解", ADVISED="释法咨询", REFERRED="转办", NOTHING="无事项"),
    ] = Field(title="结果")
    served: int = Field(title="服务人次", ge=0, le=10000)
    note: LongText | None = Field(None, title="记录", max_length=4000)


class Cancel(Form):
    """The visit does not take place."""

    reason: LongText = Field(title="取消原因", min_length=2, max_length=2000)


draft = Step("draft", "拟设", "Draw up", Draft, target="DRAFT", side=Side.ORIGIN, owner=Side.ORIGIN, part="point",
             addresses="host_id", titled=lambda form: form.name)  # fmt: skip
open = Step("open", "启用", "Open", Open, source=("DRAFT",), target="OPEN", part="point", mutation="pointOpen")
suspend = Step("suspend", "暂停", "Suspend", Suspend, source=("OPEN",), target="SUSPENDED", part="point",
               mutation="pointSuspend")  # fmt: skip
resume = Step("resume", "恢复", "Resume", Resume, source=("SUSPENDED",), target="OPEN", part="point",
              mutation="pointResume")  # fmt: skip
close = Step("close", "撤销", "Close", Close, source=("DRAFT", "OPEN", "SUSPENDED"), target="CLOSED", part="point",
             mutation="pointClose")  # fmt: skip
plan = Step("plan", "计划一次", "Plan a visit", Plan, target="PLANNED", part="visit", parent=("OPEN",),
            titled=lambda form: f"{form.day.isoformat()} {form.topic}")  # fmt: skip
hold = Step("hold", "已开展", "Held", Hold, source=("PLANNED",), target="HELD", part="visit", mutation="visitHold")
record = Step("record", "登记结果", "Record", Record, source=("HELD",), target="RECORDED", part="visit",
              mutation="visitRecord")  # fmt: skip
cancel = Step("cancel", "取消", "Cancel", Cancel, source=("PLANNED",), target="CANCELLED", part="visit",
              mutation="visitCancel")  # fmt: skip

behaviour = Behaviour(
    "outreach_point",
    "服务点",
    parts=(
        Part("point", "服务点", "Point", (
            State("DRAFT", "拟设", "Draft"),
            State("OPEN", "启用", "Open"),
            State("SUSPENDED", "暂停", "Suspended"),
            State("CLOSED", "已撤销", "Closed", ends=True),
        )),
        Part("visit", "活动", "Visit", (
            State("PLANNED", "已计划", "Planned", waits_for=Side.OWNER),
            State("HELD", "已开展", "Held", waits_for=Side.OWNER),
            State("RECORDED", "已登记", "Recorded", ends=True),
            State("CANCELLED", "已取消", "Cancelled", ends=True),
        ), of="point"),
    ),
    steps=(draft, open, suspend, resume, close, plan, hold, record, cancel),
)  # fmt: skip
