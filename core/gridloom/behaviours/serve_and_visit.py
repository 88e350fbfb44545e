"""A decision served on both sides, told to whoever must assist, and visits until it ends.

The protected person is met only by the safe channel and in the safe hours that the decision states, never by somebody
related to either side (Anti-Domestic-Violence Law art. 16-17, 32).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gridloom.behaviours.checks import not_ahead
from gridloom.contract.forms import CaseId, Labels, LongText, OrganizationId
from gridloom.contract.machine import Behaviour, Part, Side, State, Step
from gridloom.contract.types import Ask, Form, Refusal

HOUR = r"^([01]\d|2[0-3]):[0-5]\d$"
Channel = Annotated[
    Literal["PHONE", "MESSAGE", "IN_PERSON", "THROUGH_OTHER"],
    Labels(PHONE="电话", MESSAGE="短信", IN_PERSON="当面", THROUGH_OTHER="经其信任的人"),
]
Relation = Annotated[
    Literal["NONE", "RELATIVE", "FRIEND", "COLLEAGUE", "INTEREST"],
    Labels(NONE="无利害关系", RELATIVE="近亲属", FRIEND="朋友邻居", COLLEAGUE="同事上下级", INTEREST="利害关系"),
]


class Decide(Form):
    """The decision: what it rests on, and how the protected person may safely be met."""

    basis: LongText = Field(title="事实与法律依据", min_length=2, max_length=4000)
    safe_channel: Channel = Field(title="安全联系方式")
    safe_from: str = Field(title="安全时段起", pattern=HOUR)
    safe_to: str = Field(title="安全时段止", pattern=HOUR)
    case_id: CaseId | None = Field(None, title="关联事件")


class Serve(Form):
    """It was served on both sides."""

    protected_on: date = Field(title="送达受保护人日期")
    other_on: date = Field(title="送达相对人日期")


class Notify(Form):
    """Whoever must assist is told, and told only what it must do."""

    organization_id: OrganizationId = Field(title="协助单位")
    duty: LongText = Field(title="协助事项", min_length=2, max_length=1000)


class Visit(Form):
    """A visit: when, how, by somebody without ties; what was found."""

    day: date = Field(title="日期")
    hour: str = Field(title="时间", pattern=HOUR)
    channel: Channel = Field(title="联系方式")
    relation: Relation = Field(title="与双方关系申报")
    again: bool = Field(title="再次出现危险")
    finding: LongText | None = Field(None, title="情况", max_length=2000)


class End(Form):
    """It has done its work."""

    reason: LongText = Field(title="结束原因", min_length=2, max_length=2000)


class Lapse(Form):
    """Its time is over."""


class Revoke(Form):
    """It is taken back, for a reason the law knows; that the two made up is none."""

    ground: Annotated[
        Literal["WRONG_PERSON", "SET_ASIDE", "REPLACED"],
        Labels(WRONG_PERSON="对象有误", SET_ASIDE="依法撤销", REPLACED="由其他决定替代"),
    ] = Field(title="撤销依据")
    note: LongText = Field(title="说明", min_length=2, max_length=2000)


def _safely(ask: Ask[Visit]) -> Refusal | None:
    """By the stated channel, in the stated hours (which may pass midnight), by nobody with ties."""
    if ask.form.relation != "NONE":
        return Refusal("VALIDATION", "visit-relation", ("relation",))
    decided = ask.matter.form("decide", Decide) if ask.matter is not None else None
    if decided is None:
        return Refusal("NOT_ALLOWED_NOW", "visit-no-safety", ())
    if ask.form.channel != decided.safe_channel:
        return Refusal("VALIDATION", "visit-channel", ("channel",))
    begin, end, hour = decided.safe_from, decided.safe_to, ask.form.hour
    inside = begin <= hour < end if begin < end else hour >= begin or hour < end
    return None if inside else Refusal("VALIDATION", "visit-hour", ("hour",))


decide = Step("decide", "作出决定", "Decide", Decide, target="DECIDED", side=Side.ORIGIN, owner=Side.ORIGIN)
serve = Step("serve", "送达双方", "Serve", Serve, source=("DECIDED",), target="SERVED", side=Side.ORIGIN,
             mutation="orderServe", checks=(not_ahead("protected_on"), not_ahead("other_on")))  # fmt: skip
notify = Step("notify", "告知协助单位", "Notify", Notify, source=("SERVED",), target="NOTIFIED", side=Side.ORIGIN,
              addresses="organization_id", mutation="orderNotify")  # fmt: skip
visit = Step("visit", "查访", "Visit", Visit, source=("NOTIFIED", "VISITING"), target="VISITING", side=Side.EITHER,
             mutation="orderVisit", checks=(not_ahead("day"), _safely))  # fmt: skip
end = Step("end", "结束", "End", End, source=("VISITING",), target="ENDED", side=Side.ORIGIN, mutation="orderEnd")
lapse = Step("lapse", "期满", "Lapse", Lapse, source=("SERVED", "NOTIFIED", "VISITING"), target="ENDED",
             side=Side.SYSTEM, mutation="orderLapse")  # fmt: skip
revoke = Step("revoke", "撤销", "Revoke", Revoke, source=("DECIDED", "SERVED", "NOTIFIED", "VISITING"),
              target="REVOKED", side=Side.ORIGIN, other_than=("decide",), mutation="orderRevoke")  # fmt: skip

behaviour = Behaviour(
    "serve_and_visit",
    "送达与查访",
    parts=(
        Part("matter", "决定", "Decision", (
            State("DECIDED", "已决定", "Decided", waits_for=Side.ORIGIN),
            State("SERVED", "已送达", "Served", waits_for=Side.ORIGIN),
            State("NOTIFIED", "已告知", "Notified", waits_for=Side.ORIGIN),
            State("VISITING", "查访中", "Visiting", waits_for=Side.ORIGIN),
            State("ENDED", "已结束", "Ended", ends=True),
            State("REVOKED", "已撤销", "Revoked", ends=True),
        )),
    ),
    steps=(decide, serve, notify, visit, end, lapse, revoke),
)  # fmt: skip
