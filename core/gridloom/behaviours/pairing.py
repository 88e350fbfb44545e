"""Pairing: a person of one organisation linked with a grid of another's, from a day to a day, with questions and answers.

When the grid is redrawn core proposes the successor; the old pairing ends when the new one is agreed to. One whose last
day is past ends by itself.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from gridloom.behaviours.checks import in_order, not_past
from gridloom.contract.forms import GridId, LongText, MatterId, OrganizationId, StaffId
from gridloom.contract.machine import Behaviour, Clock, Part, Side, State, Step
from gridloom.contract.types import Form


class Propose(Form):
    """A pairing is proposed: who, with which grid, from when to when."""

    grid_id: GridId = Field(title="网格")
    partner_id: OrganizationId = Field(title="网格所属单位")
    person_id: StaffId = Field(title="结对人员")
    starts_on: date = Field(title="起始日期")
    until: date | None = Field(None, title="截止日期")
    hours: str | None = Field(None, title="联系时间", max_length=200)
    after_id: MatterId | None = Field(None, title="接续的结对")


class Agree(Form):
    """The other side agrees."""

    contact: str | None = Field(None, title="联系人", max_length=50)


class Decline(Form):
    """The other side does not agree."""

    reason: LongText = Field(title="不同意原因", min_length=2, max_length=2000)


class End(Form):
    """The pairing ends before its day."""

    reason: LongText = Field(title="终止原因", min_length=2, max_length=2000)


class Lapse(Form):
    """Its last day is past."""


class Replace(Form):
    """The pairing that follows it was agreed to."""


class AskQuestion(Form):
    """The grid's side asks."""

    question: LongText = Field(title="问题", min_length=2, max_length=2000)


class Reply(Form):
    """The paired person's side answers."""

    answer: LongText = Field(title="答复", min_length=2, max_length=4000)


propose = Step("propose", "提出结对", "Propose", Propose, target="PROPOSED", side=Side.ORIGIN, owner=Side.ORIGIN,
               addresses="partner_id", assigns="person_id", follows="after_id",
               checks=(in_order("starts_on", "until"), not_past("until")))  # fmt: skip
agree = Step("agree", "同意", "Agree", Agree, source=("PROPOSED",), target="ACTIVE", side=Side.COUNTERPART,
             on_earlier="replace", mutation="pairingAgree")  # fmt: skip
decline = Step("decline", "不同意", "Decline", Decline, source=("PROPOSED",), target="ENDED", side=Side.COUNTERPART,
               mutation="pairingDecline")  # fmt: skip
end = Step("end", "终止", "End", End, source=("PROPOSED", "ACTIVE"), target="ENDED", side=Side.EITHER,
           mutation="pairingEnd")  # fmt: skip
lapse = Step("lapse", "到期", "Lapse", Lapse, source=("PROPOSED", "ACTIVE"), target="ENDED", side=Side.SYSTEM,
             mutation="pairingLapse")  # fmt: skip
replace = Step("replace", "接续", "Replace", Replace, source=("ACTIVE",), target="ENDED", side=Side.SYSTEM,
               mutation="pairingReplace")  # fmt: skip
ask = Step("ask", "提问", "Ask", AskQuestion, target="ASKED", part="question", parent=("ACTIVE",),
           side=Side.COUNTERPART, titled=lambda form: form.question[:60])  # fmt: skip
reply = Step("reply", "答复", "Reply", Reply, source=("ASKED",), target="REPLIED", part="question", side=Side.ORIGIN,
             mutation="questionReply")  # fmt: skip

behaviour = Behaviour(
    "pairing",
    "结对",
    parts=(
        Part("matter", "结对", "Pairing", (
            State("PROPOSED", "待同意", "Proposed", waits_for=Side.COUNTERPART),
            State("ACTIVE", "结对中", "Active"),
            State("ENDED", "已结束", "Ended", ends=True),
        )),
        Part("question", "问答", "Question", (
            State("ASKED", "待答复", "Asked", waits_for=Side.ORIGIN),
            State("REPLIED", "已答复", "Replied", ends=True),
        ), of="matter"),
    ),
    steps=(propose, agree, decline, end, lapse, replace, ask, reply),
    clocks=(Clock("sl:pairing_until", starts=propose, label="结对截止", until="until", expires=lapse),),
)  # fmt: skip
