"""A joint session: called, its members invited one by one, held, written down; what it decides is tasked with a date.

An invitation is answered by the organisation it goes to. A decision has an owner and a day; the session is followed up
only when none of its decisions is open.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gridloom.behaviours.checks import not_ahead, not_past
from gridloom.contract.forms import CaseId, Labels, LongText, OrganizationId
from gridloom.contract.machine import Behaviour, Clock, Part, Side, State, Step
from gridloom.contract.types import Form


class Call(Form):
    """A session is called: what about, when, where."""

    topic: str = Field(title="议题", min_length=2, max_length=120)
    agenda: LongText = Field(title="议程", min_length=2, max_length=4000)
    day: date = Field(title="日期")
    place: str | None = Field(None, title="地点", max_length=200)
    case_id: CaseId | None = Field(None, title="关联事件")


class Invite(Form):
    """An organisation is invited."""

    organization_id: OrganizationId = Field(title="受邀单位")
    role: Annotated[
        Literal["ATTENDS", "LEADS", "ADVISES"], Labels(ATTENDS="参加", LEADS="主持", ADVISES="提供意见")
    ] = Field("ATTENDS", title="参会身份")


class Come(Form):
    """The invited organisation comes."""

    person: str | None = Field(None, title="参会人员", max_length=50)


class Decline(Form):
    """The invited organisation does not come, and says why."""

    reason: LongText = Field(title="不参加原因", min_length=2, max_length=2000)


class Consent(Form):
    """The parties agree to the session."""

    applicant_consents: bool = Field(title="一方同意")
    respondent_consents: bool = Field(title="另一方同意")


class Hold(Form):
    """The session is held."""

    held_on: date = Field(title="召开日期")


class Adjourn(Form):
    """It is not finished and goes on another day."""

    reason: LongText = Field(title="延期原因", min_length=2, max_length=2000)
    next_on: date = Field(title="下次日期")


class Minutes(Form):
    """What was said and decided."""

    text: LongText = Field(title="会议纪要", min_length=2, max_length=8000)


class Decide(Form):
    """A decision: what is to be done, by which organisation, by which day."""

    task: LongText = Field(title="决定事项", min_length=2, max_length=2000)
    organization_id: OrganizationId = Field(title="责任单位")
    due: date = Field(title="完成期限")


class Done(Form):
    """The decision was carried out."""

    result: LongText = Field(title="完成情况", min_length=2, max_length=4000)


class Drop(Form):
    """The decision is given up, with a reason."""

    reason: LongText = Field(title="取消原因", min_length=2, max_length=2000)


class Follow(Form):
    """Every decision was read out: done or dropped."""

    note: LongText | None = Field(None, title="跟踪情况", max_length=4000)


class CallOff(Form):
    """The session does not take place."""

    reason: LongText = Field(title="未召开原因", min_length=2, max_length=2000)


call = Step("call", "召集", "Call", Call, target="CALLED", side=Side.ORIGIN, owner=Side.ORIGIN,
            titled=lambda form: form.topic, checks=(not_past("day"),))  # fmt: skip
invite = Step("invite", "邀请单位", "Invite", Invite, target="INVITED", part="invitation", side=Side.ORIGIN,
              parent=("CALLED", "CONSENTED", "HELD", "ADJOURNED"), addresses="organization_id")  # fmt: skip
come = Step("come", "参加", "Come", Come, source=("INVITED",), target="COMING", part="invitation",
            side=Side.COUNTERPART, mutation="invitationAccept")  # fmt: skip
decline = Step("decline", "不参加", "Decline", Decline, source=("INVITED",), target="DECLINED", part="invitation",
               side=Side.COUNTERPART, mutation="invitationDecline")  # fmt: skip
consent = Step("consent", "当事人同意", "The parties consent", Consent, source=("CALLED", "ADJOURNED"),
               target="CONSENTED", consents=("applicant_consents", "respondent_consents"), mutation="sessionConsent")  # fmt: skip
hold = Step("hold", "召开", "Hold", Hold, source=("CALLED", "CONSENTED", "ADJOURNED"), target="HELD",
            mutation="sessionHold", checks=(not_ahead("held_on"),))  # fmt: skip
adjourn = Step("adjourn", "延期再议", "Adjourn", Adjourn, source=("HELD",), target="ADJOURNED",
               mutation="sessionAdjourn", checks=(not_past("next_on"),))  # fmt: skip
minute = Step("minute", "登记纪要", "Write the minutes", Minutes, source=("HELD",), target="MINUTED",
              mutation="sessionMinute")  # fmt: skip
decide = Step("decide", "形成决定", "Decide", Decide, target="DECIDED", part="decision", side=Side.ORIGIN,
              parent=("HELD", "MINUTED"), addresses="organization_id", owner=Side.COUNTERPART,
              titled=lambda form: form.task[:60], checks=(not_past("due"),))  # fmt: skip
done = Step("done", "完成决定", "Carried out", Done, source=("DECIDED",), target="DONE", part="decision",
            mutation="decisionDone")  # fmt: skip
drop = Step("drop", "取消决定", "Drop", Drop, source=("DECIDED",), target="DROPPED", part="decision", side=Side.ORIGIN,
            mutation="decisionDrop")  # fmt: skip
follow = Step("follow", "跟踪办结", "Followed up", Follow, source=("MINUTED",), target="FOLLOWED",
              mutation="sessionFollow")  # fmt: skip
call_off = Step("call_off", "未召开", "Call off", CallOff, source=("CALLED", "CONSENTED", "ADJOURNED"),
                target="NOT_HELD", mutation="sessionCallOff")  # fmt: skip

behaviour = Behaviour(
    "joint_session",
    "联席会商",
    parts=(
        Part("matter", "会商", "Session", (
            State("CALLED", "已召集", "Called", waits_for=Side.OWNER),
            State("CONSENTED", "已同意", "Consented", waits_for=Side.OWNER),
            State("HELD", "已召开", "Held", waits_for=Side.OWNER),
            State("ADJOURNED", "延期再议", "Adjourned", waits_for=Side.OWNER),
            State("MINUTED", "已形成纪要", "Minuted", waits_for=Side.OWNER),
            State("FOLLOWED", "已跟踪办结", "Followed up", ends=True),
            State("NOT_HELD", "未召开", "Not held", ends=True),
        )),
        Part("invitation", "邀请", "Invitation", (
            State("INVITED", "待回复", "Invited", waits_for=Side.COUNTERPART),
            State("COMING", "参加", "Coming", ends=True),
            State("DECLINED", "不参加", "Declined", ends=True),
        ), of="matter"),
        Part("decision", "决定", "Decision", (
            State("DECIDED", "待完成", "Decided", waits_for=Side.OWNER),
            State("DONE", "已完成", "Done", ends=True),
            State("DROPPED", "已取消", "Dropped", ends=True),
        ), of="matter"),
    ),
    steps=(call, invite, come, decline, consent, hold, adjourn, minute, decide, done, drop, follow, call_off),
    clocks=(Clock("sl:decision_due", starts=decide, stops=(done, drop), label="决定完成期限", until="due"),),
)  # fmt: skip
