"""A letter that asks an organ to put something right: drafted, issued, acknowledged, replied to, checked again, closed.

The one addressed learns of it when it is issued, may object with reasons, and replies within its limit. Who drafted it does
not close it. Silence is not consent: what stays unanswered is escalated by a person.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from gridloom.behaviours.checks import not_ahead
from gridloom.contract.forms import CaseId, LongText, OrganizationId
from gridloom.contract.machine import Behaviour, Part, Side, State, Step
from gridloom.contract.types import Form


class Draft(Form):
    """To whom, on which facts, by which article, with which measure."""

    organization_id: OrganizationId = Field(title="发往单位")
    subject: str = Field(title="标题", min_length=2, max_length=120)
    facts: LongText = Field(title="事实", min_length=2, max_length=4000)
    basis: str = Field(title="法律依据", min_length=2, max_length=500)
    measure: LongText = Field(title="建议措施", min_length=2, max_length=4000)
    case_id: CaseId | None = Field(None, title="关联事件")


class Issue(Form):
    """It is signed and goes out."""

    number: str = Field(title="文号", min_length=1, max_length=60)


class Acknowledge(Form):
    """It has arrived; somebody answers for it."""

    handler: str = Field(title="承办人", min_length=2, max_length=50)


class Object(Form):
    """The one addressed holds that it is mistaken, or not theirs."""

    ground: LongText = Field(title="异议理由", min_length=2, max_length=4000)


class Maintain(Form):
    """The objection was weighed and the letter stands."""

    reasons: LongText = Field(title="维持理由", min_length=2, max_length=4000)


class Reply(Form):
    """What will be done, by when."""

    reply: LongText = Field(title="回复内容", min_length=2, max_length=4000)
    done_by: date | None = Field(None, title="整改完成期限")


class Rectified(Form):
    """It is done, as the proof shows."""

    done: LongText = Field(title="整改情况", min_length=2, max_length=4000)
    done_on: date = Field(title="完成日期")


class Close(Form):
    """Another person than the drafter looked and it is right."""

    seen: LongText = Field(title="复查情况", min_length=2, max_length=2000)


class NotEnough(Form):
    """Another person than the drafter looked and it is not right yet."""

    lacks: LongText = Field(title="未到位之处", min_length=2, max_length=2000)


class Escalate(Form):
    """It goes to who stands above, or to court."""

    organization_id: OrganizationId | None = Field(None, title="报送单位")
    reason: LongText = Field(title="升级理由", min_length=2, max_length=2000)


class Withdraw(Form):
    """It is taken back."""

    reason: LongText = Field(title="撤回理由", min_length=2, max_length=2000)


_OUT = ("ISSUED", "ACKNOWLEDGED", "OBJECTED", "RECTIFYING", "RECHECK")

draft = Step("draft", "起草", "Draft", Draft, target="DRAFTED", part="letter", side=Side.ORIGIN, owner=Side.ORIGIN,
             titled=lambda form: form.subject)  # fmt: skip
issue = Step("issue", "签发", "Issue", Issue, source=("DRAFTED",), target="ISSUED", part="letter", side=Side.ORIGIN,
             addresses="draft.organization_id", owner=Side.COUNTERPART, mutation="letterIssue")  # fmt: skip
acknowledge = Step("acknowledge", "签收", "Acknowledge", Acknowledge, source=("ISSUED",), target="ACKNOWLEDGED",
                   part="letter",
                   side=Side.COUNTERPART, mutation="letterAcknowledge")  # fmt: skip
object = Step("object", "提出异议", "Object", Object, source=("ISSUED", "ACKNOWLEDGED"), target="OBJECTED", part="letter",
              side=Side.COUNTERPART, owner=Side.ORIGIN, unless=("maintain",), mutation="letterObject")  # fmt: skip
maintain = Step("maintain", "维持", "Maintain", Maintain, source=("OBJECTED",), target="ACKNOWLEDGED", part="letter",
                side=Side.ORIGIN,
                owner=Side.COUNTERPART, mutation="letterMaintain")  # fmt: skip
reply = Step("reply", "回复", "Reply", Reply, source=("ACKNOWLEDGED",), target="RECTIFYING", part="letter",
             side=Side.COUNTERPART,
             mutation="letterReply")  # fmt: skip
rectified = Step("rectified", "报告整改完成", "Report as done", Rectified, source=("RECTIFYING",), target="RECHECK",
                 part="letter",
                 side=Side.COUNTERPART, owner=Side.ORIGIN, checks=(not_ahead("done_on"),),
                 mutation="letterRectified")  # fmt: skip
close = Step("close", "复查办结", "Close", Close, source=("RECHECK",), target="CLOSED", part="letter", side=Side.ORIGIN,
             other_than=("draft",), mutation="letterClose")  # fmt: skip
not_enough = Step("not_enough", "复查不到位", "Not enough", NotEnough, source=("RECHECK",), target="RECTIFYING",
                  part="letter",
                  side=Side.ORIGIN, owner=Side.COUNTERPART, other_than=("draft",),
                  mutation="letterNotEnough")  # fmt: skip
escalate = Step("escalate", "升级", "Escalate", Escalate, source=_OUT, target="ESCALATED", part="letter", side=Side.ORIGIN,
                owner=Side.ORIGIN, mutation="letterEscalate")  # fmt: skip
withdraw = Step("withdraw", "撤回", "Withdraw", Withdraw, source=("DRAFTED", *_OUT), target="WITHDRAWN", part="letter",
                side=Side.ORIGIN, owner=Side.ORIGIN, mutation="letterWithdraw")  # fmt: skip

behaviour = Behaviour(
    "advise_and_track",
    "建议与跟踪",
    parts=(
        Part("letter", "建议", "Letter", (
            State("DRAFTED", "已起草", "Drafted", waits_for=Side.ORIGIN),
            State("ISSUED", "已签发", "Issued", waits_for=Side.COUNTERPART),
            State("ACKNOWLEDGED", "已签收", "Acknowledged", waits_for=Side.COUNTERPART),
            State("OBJECTED", "有异议", "Objected", waits_for=Side.ORIGIN),
            State("RECTIFYING", "整改中", "Rectifying", waits_for=Side.COUNTERPART),
            State("RECHECK", "待复查", "To be checked", waits_for=Side.ORIGIN),
            State("CLOSED", "已办结", "Closed", ends=True),
            State("ESCALATED", "已升级", "Escalated", ends=True),
            State("WITHDRAWN", "已撤回", "Withdrawn", ends=True),
        )),
    ),
    steps=(draft, issue, acknowledge, object, maintain, reply, rectified, close, not_enough, escalate, withdraw),
)  # fmt: skip
