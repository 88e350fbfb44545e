"""A task for a person with that person's consent, an owner, a purpose and an end date.

Nothing of it goes on without consent or past its date: both end it at once. To be declined is a valid end. Only a person
renews it, with new consent; the calendar ends it and nothing else.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gridloom.behaviours.checks import not_past
from gridloom.contract.forms import CaseId, Labels, LongText, OrganizationId, StaffId
from gridloom.contract.machine import Behaviour, Clock, Part, Side, State, Step
from gridloom.contract.types import Form

Channel = Annotated[
    Literal["IN_PERSON", "PHONE", "WRITING"], Labels(IN_PERSON="当面", PHONE="电话", WRITING="书面")
]


class Propose(Form):
    """A task is proposed: its purpose, who would own it, until when."""

    purpose: LongText = Field(title="目的", min_length=2, max_length=1000)
    ends_on: date = Field(title="结束日期")
    organization_id: OrganizationId | None = Field(None, title="承办单位")
    handler_id: StaffId | None = Field(None, title="承办人")
    case_id: CaseId | None = Field(None, title="关联事件")


class Consent(Form):
    """The person agrees, having heard the purpose and the end."""

    agrees: bool = Field(title="本人同意")
    told_purpose: bool = Field(title="已告知目的和期限")
    channel: Channel = Field(title="同意方式")


class Activate(Form):
    """The task begins: its owner stands and its end is fixed."""

    handler_id: StaffId = Field(title="承办人")
    ends_on: date = Field(title="结束日期")


class Contact(Form):
    """What is kept of a contact: that it was offered, whether it was taken up, when the next is. No more."""

    offered_on: date = Field(title="联系日期")
    accepted: bool = Field(title="本人接受")
    next_on: date | None = Field(None, title="下次日期")


class Renew(Form):
    """A person agrees anew, to a new end."""

    agrees: bool = Field(title="本人再次同意")
    ends_on: date = Field(title="新的结束日期")
    ground: LongText = Field(title="续期理由", min_length=2, max_length=1000)


class Finish(Form):
    """The task is done."""

    result: Annotated[
        Literal["DONE", "PARTLY", "KEPT"], Labels(DONE="已完成", PARTLY="部分完成", KEPT="已按约进行")
    ] = Field(title="结果")


class WithdrawConsent(Form):
    """The person does not want it any more; no reason is asked."""

    channel: Channel = Field(title="表达方式")


class Decline(Form):
    """The person does not want it."""

    channel: Channel = Field(title="表达方式")


class EndByDate(Form):
    """Its date has come."""


propose = Step("propose", "提出", "Propose", Propose, target="PROPOSED", part="task", side=Side.ORIGIN,
               owner=Side.COUNTERPART,
               addresses="organization_id", assigns="handler_id", checks=(not_past("ends_on"),),
               titled=lambda form: form.purpose[:60])  # fmt: skip
consent = Step("consent", "本人同意", "Consent", Consent, source=("PROPOSED",), target="CONSENTED", part="task",
               consents=("agrees", "told_purpose"), mutation="taskConsent")  # fmt: skip
decline = Step("decline", "本人不同意", "Decline", Decline, source=("PROPOSED", "CONSENTED"), target="DECLINED", part="task",
               mutation="taskDecline")  # fmt: skip
activate = Step("activate", "开始", "Begin", Activate, source=("CONSENTED",), target="ACTIVE", part="task",
                assigns="handler_id",
                checks=(not_past("ends_on"),), mutation="taskActivate")  # fmt: skip
contact = Step("contact", "登记联系", "Note a contact", Contact, source=("ACTIVE",), target="", part="task", assigned=True,
               mutation="taskContact")  # fmt: skip
renew = Step("renew", "续期", "Renew", Renew, source=("ACTIVE",), target="", part="task", consents=("agrees",),
             checks=(not_past("ends_on"),), mutation="taskRenew")  # fmt: skip
finish = Step("finish", "完成", "Finish", Finish, source=("ACTIVE",), target="DONE", part="task", assigned=True,
              mutation="taskFinish")  # fmt: skip
withdraw_consent = Step("withdraw_consent", "撤回同意", "Withdraw consent", WithdrawConsent,
                        source=("CONSENTED", "ACTIVE"), target="CONSENT_WITHDRAWN", part="task",
                        mutation="taskWithdrawConsent")  # fmt: skip
end_by_date = Step("end_by_date", "到期结束", "Ended by its date", EndByDate,
                   source=("PROPOSED", "CONSENTED", "ACTIVE"), target="ENDED_BY_DATE", part="task", side=Side.SYSTEM,
                   mutation="taskEndByDate")  # fmt: skip

behaviour = Behaviour(
    "dated_task",
    "限期任务",
    parts=(
        Part("task", "任务", "Task", (
            State("PROPOSED", "已提出", "Proposed", waits_for=Side.OWNER),
            State("CONSENTED", "本人同意", "Consented", waits_for=Side.OWNER),
            State("ACTIVE", "进行中", "Active", waits_for=Side.OWNER),
            State("DONE", "已完成", "Done", ends=True),
            State("ENDED_BY_DATE", "到期结束", "Ended by date", ends=True),
            State("CONSENT_WITHDRAWN", "同意已撤回", "Consent withdrawn", ends=True),
            State("DECLINED", "本人不同意", "Declined", ends=True),
        )),
    ),
    steps=(propose, consent, decline, activate, contact, renew, finish, withdraw_consent, end_by_date),
    roles=("department_officer", "department_lead", "centre_officer", "centre_lead", "mediator", "leader"),
    clocks=(Clock("sl:task_end", (propose, activate, renew), label="任务结束日期", until="ends_on",
                  expires=end_by_date),),
)  # fmt: skip
