"""Alarms of devices: taken in once by the device's own message id, those of one device within a while merged, then a
person opens a case or dismisses.

An alarm is text, time and device. A picture, a plate, a face, a number of a person, a phone or an address of a stream is
refused, and nothing of it is kept.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from gridloom.contract.forms import Labels, LongText
from gridloom.contract.machine import Behaviour, Part, Rule, Side, State, Step
from gridloom.contract.types import Ask, Form, Refusal

_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_PLATE = rf"[{_PROVINCE}][A-HJ-NP-Z][·\s-]?[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳]"
_FORBIDDEN = re.compile(
    "|".join((
        _PLATE,
        r"(?<!\d)\d{17}[\dXx](?!\d)",  # a citizen's number
        r"(?<!\d)1[3-9]\d{9}(?!\d)",  # a mobile phone
        r"(?<!\d)\d{15}(?!\d)",  # an IMEI, IMSI or old citizen's number
        r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}",  # a MAC address
        r"(?:https?|rtsp|rtmp|ws|wss|ftp|data):",
        r"[A-Za-z0-9+/]{120,}={0,2}",  # a file in base64
        "人脸|车牌|号牌|抓拍|轨迹|身份证|人员特征|步态|虹膜|指纹|声纹|face|plate|licen[cs]e",
    )),
    re.IGNORECASE,
)


class Receive(Form):
    """An alarm as a device sent it."""

    message_id: str = Field(title="设备消息编号", min_length=1, max_length=100)
    device: str = Field(title="设备编号", min_length=1, max_length=60)
    at: datetime = Field(title="告警时间")
    kind: str = Field(title="告警种类", min_length=1, max_length=40)
    text: str = Field(title="告警内容", min_length=1, max_length=500)


class Merge(Form):
    """It belongs to an alarm of the same device and kind that is already there."""

    first: str = Field(title="首次告警编号", max_length=100)


class OpenCase(Form):
    """A person on duty opens a case from it."""

    work_item: str = Field(title="事项编码", min_length=1, max_length=20)
    grid: str = Field(title="网格编码", min_length=1, max_length=30)
    note: LongText | None = Field(None, title="补充说明", max_length=1000)


class Dismiss(Form):
    """Nothing is to be done about it."""

    reason: Annotated[
        Literal["FALSE_ALARM", "TEST", "KNOWN", "NOT_OURS"],
        Labels(FALSE_ALARM="误报", TEST="测试", KNOWN="已在处理", NOT_OURS="不属本单位"),
    ] = Field(title="原因")
    note: LongText | None = Field(None, title="说明", max_length=1000)


def _without_persons(*names: str) -> Rule[Form]:
    """Nothing in these texts points at a person, a vehicle, a phone or a picture."""

    def check(ask: Ask[Form]) -> Refusal | None:
        for name in names:
            value = getattr(ask.form, name)
            if value is not None and _FORBIDDEN.search(value):
                return Refusal("VALIDATION", "alarm-person", (name,))
        return None

    return check


receive = Step("receive", "接收告警", "Receive", Receive, target="RECEIVED", side=Side.ORIGIN, owner=Side.ORIGIN,
               titled=lambda form: f"{form.device} {form.kind}"[:60], checks=(_without_persons("text", "kind"),))  # fmt: skip
merge = Step("merge", "合并", "Merge", Merge, source=("RECEIVED",), target="MERGED", side=Side.SYSTEM,
             mutation="alarmMerge")  # fmt: skip
open_case = Step("open_case", "转为事件", "Open a case", OpenCase, source=("RECEIVED",), target="CASE_OPENED",
                 mutation="alarmOpenCase", checks=(_without_persons("note"),))  # fmt: skip
dismiss = Step("dismiss", "不处理", "Dismiss", Dismiss, source=("RECEIVED",), target="DISMISSED",
               mutation="alarmDismiss", checks=(_without_persons("note"),))  # fmt: skip

behaviour = Behaviour(
    "alarm_intake",
    "设备告警",
    parts=(
        Part("matter", "告警", "Alarm", (
            State("RECEIVED", "待确认", "Received", waits_for=Side.OWNER),
            State("MERGED", "已合并", "Merged", ends=True),
            State("CASE_OPENED", "已转事件", "Case opened", ends=True),
            State("DISMISSED", "不处理", "Dismissed", ends=True),
        )),
    ),
    steps=(receive, merge, open_case, dismiss),
)  # fmt: skip
