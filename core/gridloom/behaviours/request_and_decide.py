"""A request and its decision: received, completed, accepted, weighed, granted or refused, each notice with its remedy.

Who asks keeps the right to withdraw. Who decides owns the request until then. What a grant obliges the organ to (naming a
lawyer, serving an order) hangs on it as duties with limits of their own.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from gridloom.behaviours.checks import not_past
from gridloom.contract.forms import CaseId, LongText, OrganizationId, StaffId
from gridloom.contract.machine import Behaviour, Part, Side, State, Step
from gridloom.contract.types import Form


class Apply(Form):
    """Somebody asks for a decision; whoever takes it in passes it to the organ that decides."""

    organization_id: OrganizationId | None = Field(None, title="决定机关", description="由接收单位自行决定时不填。")
    subject: str = Field(title="申请事项", min_length=2, max_length=200)
    case_id: CaseId | None = Field(None, title="关联事件")


class AskCorrection(Form):
    """Something is missing: what, by when; said once, in full."""

    missing: list[str] = Field(title="需补正的材料", min_length=1, max_length=20)
    by: date = Field(title="补正期限")


class Correct(Form):
    """What was missing is there."""

    note: LongText | None = Field(None, title="补正说明", max_length=2000)


class Accept(Form):
    """The request is complete and is taken up."""

    handler_id: StaffId | None = Field(None, title="承办人")
    note: LongText | None = Field(None, title="备注", max_length=2000)


class Deliberate(Form):
    """The decision is under way: reviewed, heard, sampled."""

    note: LongText | None = Field(None, title="审查安排", max_length=2000)


class Extend(Form):
    """The limit is moved by calendar days, with a ground."""

    days: int = Field(title="延长天数", ge=1, le=180)
    ground: LongText = Field(title="延长理由", min_length=2, max_length=2000)


class Decision(Form):
    """A decision says its reasons and what can be done against it."""

    reasons: LongText = Field(title="理由", min_length=2, max_length=4000)
    remedy: LongText = Field(title="救济途径和期限", min_length=2, max_length=1000)


class Grant(Decision):
    """What was asked for is granted."""


class Refuse(Decision):
    """What was asked for is not granted."""


class Withdraw(Form):
    """Who asked does not ask any more, of free will."""

    reason: LongText = Field(title="撤回原因", min_length=2, max_length=2000)
    freely: bool = Field(title="本人自愿撤回")


class Owe(Form):
    """What the grant obliges the organ to."""

    what: str = Field(title="应办事项", min_length=2, max_length=200)
    handler_id: StaffId | None = Field(None, title="承办人")


class Keep(Form):
    """It is done."""

    result: LongText = Field(title="办理情况", min_length=2, max_length=2000)


class Drop(Form):
    """There is nothing left to do."""

    reason: LongText = Field(title="终止原因", min_length=2, max_length=2000)


_OPEN = ("RECEIVED", "CORRECTION", "ACCEPTED", "DECIDING")

apply = Step("apply", "申请", "Apply", Apply, target="RECEIVED", side=Side.ORIGIN, owner=Side.COUNTERPART,
             addresses="organization_id", part="request", titled=lambda form: form.subject)  # fmt: skip
ask_correction = Step("ask_correction", "通知补正", "Ask for correction", AskCorrection, source=("RECEIVED",),
                      target="CORRECTION", part="request", checks=(not_past("by"),),
                      mutation="requestAskCorrection")  # fmt: skip
correct = Step("correct", "补正", "Correct", Correct, source=("CORRECTION",), target="RECEIVED", side=Side.EITHER,
               part="request", mutation="requestCorrect")  # fmt: skip
accept = Step("accept", "受理", "Accept", Accept, source=("RECEIVED",), target="ACCEPTED", part="request",
              assigns="handler_id", mutation="requestAccept")  # fmt: skip
deliberate = Step("deliberate", "审查", "Weigh", Deliberate, source=("RECEIVED", "ACCEPTED"), target="DECIDING",
                  part="request", mutation="requestDeliberate")  # fmt: skip
extend = Step("extend", "延长期限", "Extend", Extend, source=("ACCEPTED", "DECIDING"), target="", part="request",
              mutation="requestExtend")  # fmt: skip
grant = Step("grant", "准予", "Grant", Grant, source=("DECIDING",), target="GRANTED", part="request",
             mutation="requestGrant")  # fmt: skip
refuse = Step("refuse", "不予", "Refuse", Refuse, source=("RECEIVED", "ACCEPTED", "DECIDING"), target="REFUSED",
              part="request", mutation="requestRefuse")  # fmt: skip
withdraw = Step("withdraw", "撤回", "Withdraw", Withdraw, source=_OPEN, target="WITHDRAWN", side=Side.ORIGIN,
                part="request", consents=("freely",), mutation="requestWithdraw")  # fmt: skip
owe = Step("owe", "列入应办", "Owe", Owe, target="OWED", part="duty", parent=("GRANTED",), assigns="handler_id",
           titled=lambda form: form.what)  # fmt: skip
keep = Step("keep", "已办", "Done", Keep, source=("OWED",), target="KEPT", part="duty", assigned=True,
            mutation="dutyKeep")  # fmt: skip
drop = Step("drop", "不再需要", "Drop", Drop, source=("OWED",), target="DROPPED", part="duty", mutation="dutyDrop")

behaviour = Behaviour(
    "request_and_decide",
    "申请与决定",
    parts=(
        Part("request", "申请", "Request", (
            State("RECEIVED", "已收到", "Received", waits_for=Side.OWNER),
            State("CORRECTION", "待补正", "To be corrected", waits_for=Side.ORIGIN),
            State("ACCEPTED", "已受理", "Accepted", waits_for=Side.OWNER),
            State("DECIDING", "审查中", "Deciding", waits_for=Side.OWNER),
            State("GRANTED", "准予", "Granted", ends=True),
            State("REFUSED", "不予", "Refused", ends=True),
            State("WITHDRAWN", "已撤回", "Withdrawn", ends=True),
        )),
        Part("duty", "应办事项", "Duty", (
            State("OWED", "待办", "Owed", waits_for=Side.OWNER),
            State("KEPT", "已办", "Kept", ends=True),
            State("DROPPED", "不再需要", "Dropped", ends=True),
        ), of="request"),
    ),
    steps=(
        apply, ask_correction, correct, accept, deliberate, extend, grant, refuse, withdraw, owe, keep, drop,
    ),
)  # fmt: skip
