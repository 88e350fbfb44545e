"""Core handover: a matter crosses from one organisation to another, with exactly one owner at every instant.

The sender owns it until ACCEPTED, the receiver until RECEIPTED, then the sender again. Silence moves nothing: the clock
warns. A refusal needs a reason and stops no statutory clock. A second refusal of the same thing is none: the receiver asks
the centre above for a ruling, which gives the matter to one organisation and is kept as a precedent. What is dangerous
(violence, harm that must be reported) is accepted as it is offered and cannot be refused.

A handover is addressed to an organisation. `outgoing` is for the department that begins it, `incoming` for the one that
receives it: there is one record of each crossing whichever side declares it, and both sides' facts are `handover.…`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gridloom.contract.forms import CaseId, Labels, LongText, MatterId, OrganizationId
from gridloom.contract.machine import Behaviour, Part, Side, State, Step
from gridloom.contract.types import Form

RefusalReason = Annotated[
    Literal["NOT_OUR_DUTY", "NOT_OUR_AREA", "INFORMATION_MISSING", "DUPLICATE", "NOT_ACCEPTABLE_BY_LAW"],
    Labels(
        NOT_OUR_DUTY="职责不符", NOT_OUR_AREA="属地不符", INFORMATION_MISSING="信息不足", DUPLICATE="重复",
        NOT_ACCEPTABLE_BY_LAW="依法不受理",
    ),
]  # fmt: skip


class Offer(Form):
    """A matter is offered to an organisation, with the reason."""

    organization_id: OrganizationId = Field(title="接收单位")
    reason: LongText = Field(title="移送事由", min_length=2, max_length=2000)
    case_id: CaseId | None = Field(None, title="关联事件")
    danger: Annotated[
        Literal["VIOLENCE", "MANDATORY_REPORT"], Labels(VIOLENCE="暴力危险", MANDATORY_REPORT="强制报告")
    ] | None = Field(None, title="紧急危险", description="有紧急危险的移送即时接收，不得退回。")
    after_id: MatterId | None = Field(None, title="被退回的移送")


class Accept(Form):
    """The receiver takes the matter over and owns it from now on."""

    handler: str | None = Field(None, title="承办人", max_length=50)
    handler_is_related: bool = Field(False, title="承办人与当事人有利害关系")
    note: LongText | None = Field(None, title="备注", max_length=2000)


class Refuse(Form):
    """The receiver declines, with reason and ground; the sender keeps the matter."""

    reason: RefusalReason = Field(title="理由")
    ground: LongText = Field(title="依据", min_length=2, max_length=2000)
    suggested_id: OrganizationId | None = Field(None, title="建议单位")


class Answer(Form):
    """The receiver says what came of it."""

    answer: LongText = Field(title="办理结果", min_length=2, max_length=4000)


class Extend(Form):
    """The limit is moved by calendar days, with a ground."""

    days: int = Field(title="延长天数", ge=1, le=60)
    ground: LongText = Field(title="延长理由", min_length=2, max_length=2000)


class Receipt(Form):
    """The sender confirms that the answer arrived and owns the matter again."""

    received_on: date | None = Field(None, title="收到日期")
    note: LongText | None = Field(None, title="备注", max_length=2000)


class AskRuling(Form):
    """The receiver of what was refused before holds that it is not its own, and asks the centre above."""

    ground: LongText = Field(title="依据", min_length=2, max_length=2000)
    suggested_id: OrganizationId | None = Field(None, title="建议单位")


class Rule(Form):
    """The centre says whose it is. The organisation owns it from now on; the like of it will be its own too."""

    organization_id: OrganizationId = Field(title="承办单位")
    ruling: LongText = Field(title="裁定理由", min_length=2, max_length=2000)


class Withdraw(Form):
    """The sender takes the offer back before it is accepted."""

    reason: LongText = Field(title="撤回理由", min_length=2, max_length=2000)


offer = Step("offer", "移送", "Offer", Offer, target="OFFERED", side=Side.ORIGIN, owner=Side.ORIGIN,
             addresses="organization_id", follows="after_id", titled=lambda form: form.reason[:60])  # fmt: skip
accept = Step("accept", "接收", "Accept", Accept, source=("OFFERED",), target="ACCEPTED", side=Side.COUNTERPART,
              owner=Side.COUNTERPART, mutation="handoverAccept")  # fmt: skip
refuse = Step("refuse", "退回", "Refuse", Refuse, source=("OFFERED",), target="REFUSED", side=Side.COUNTERPART,
              owner=Side.ORIGIN, unless=("ask_ruling",), mutation="handoverRefuse")  # fmt: skip
ask_ruling = Step("ask_ruling", "申请裁定", "Ask for a ruling", AskRuling, source=("OFFERED",), target="OFFERED",
                  side=Side.COUNTERPART, mutation="handoverAskRuling")  # fmt: skip
rule = Step("rule", "裁定", "Rule", Rule, source=("OFFERED",), target="ACCEPTED", side=Side.SUPERVISOR,
            addresses="organization_id", owner=Side.COUNTERPART, requires=("ask_ruling",),
            mutation="handoverRule")  # fmt: skip
withdraw = Step("withdraw", "撤回", "Withdraw", Withdraw, source=("OFFERED",), target="WITHDRAWN", side=Side.ORIGIN,
                owner=Side.ORIGIN, mutation="handoverWithdraw")  # fmt: skip
extend = Step("extend", "延长期限", "Extend", Extend, source=("ACCEPTED",), target="ACCEPTED", side=Side.COUNTERPART,
              mutation="handoverExtend")  # fmt: skip
answer = Step("answer", "回复", "Answer", Answer, source=("ACCEPTED",), target="ANSWERED", side=Side.COUNTERPART,
              mutation="handoverAnswer")  # fmt: skip
receipt = Step("receipt", "签收回复", "Confirm the answer", Receipt, source=("ANSWERED",), target="RECEIPTED",
               side=Side.ORIGIN, owner=Side.ORIGIN, mutation="handoverReceipt")  # fmt: skip

_PARTS = (
    Part("matter", "移送", "Handover", (
        State("OFFERED", "待接收", "Offered", waits_for=Side.COUNTERPART),
        State("ACCEPTED", "办理中", "Accepted", waits_for=Side.COUNTERPART),
        State("ANSWERED", "已回复", "Answered", waits_for=Side.ORIGIN),
        State("RECEIPTED", "已办结", "Receipted", ends=True),
        State("REFUSED", "已退回", "Refused", ends=True),
        State("WITHDRAWN", "已撤回", "Withdrawn", ends=True),
    )),
)  # fmt: skip
_STEPS = (offer, accept, refuse, ask_ruling, rule, withdraw, extend, answer, receipt)

outgoing = Behaviour("handover_out", "移送", parts=_PARTS, steps=_STEPS, tells="handover")
incoming = Behaviour("handover_in", "承接移送", parts=_PARTS, steps=_STEPS, tells="handover")
behaviour = outgoing
