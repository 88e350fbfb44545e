"""Mediation: applied for or assigned, consented to by both parties, held by a mediator without ties, written down, kept.

A sign of violence blocks it at once, in any state, and hands it to the police; only a trained person who did not mediate
clears it, and then both parties are asked anew. One party's refusal ends it (People's Mediation Law art. 22-23, 26).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gridloom.behaviours.checks import not_ahead
from gridloom.contract.forms import CaseId, Labels, LongText, OrganizationId, StaffId
from gridloom.contract.machine import Behaviour, Part, Side, State, Step
from gridloom.contract.types import Ask, Form, Refusal

Relation = Annotated[
    Literal["NONE", "RELATIVE", "FRIEND", "COLLEAGUE", "INTEREST"],
    Labels(NONE="无利害关系", RELATIVE="近亲属", FRIEND="朋友邻居", COLLEAGUE="同事上下级", INTEREST="利害关系"),
]
ALL_OPEN = ("APPLIED", "CONSENTED", "IN_SESSION", "AGREED", "PERFORMING")


class Apply(Form):
    """A party asks for mediation, in writing or by word of mouth, or a dispute is assigned to a mediation body."""

    dispute: LongText = Field(title="纠纷事由", min_length=2, max_length=2000)
    channel: Annotated[
        Literal["WRITTEN", "ORAL", "ASSIGNED"], Labels(WRITTEN="书面申请", ORAL="口头申请", ASSIGNED="移交指派")
    ] = Field("WRITTEN", title="申请方式")
    body_id: OrganizationId | None = Field(None, title="调解组织")
    case_id: CaseId | None = Field(None, title="关联事件")


class Appoint(Form):
    """A mediator is named and declares ties to the parties; a tie needs both parties' acceptance in writing."""

    mediator_id: StaffId = Field(title="调解员")
    relation: Relation = Field(title="与当事人关系申报")
    relation_note: str | None = Field(None, title="关系说明", max_length=500)
    parties_accept: bool = Field(False, title="双方书面同意该调解员")


class Consent(Form):
    """Both parties agree to be mediated and were told that they may stop at any time."""

    applicant_consents: bool = Field(title="申请人同意")
    respondent_consents: bool = Field(title="被申请人同意")
    told_of_rights: bool = Field(title="已告知权利义务")


class Session(Form):
    """A session is opened."""

    held_on: date = Field(title="调解日期")
    place: str | None = Field(None, title="地点", max_length=200)


class Minutes(Form):
    """What was said at a session."""

    held_on: date = Field(title="调解日期")
    text: LongText = Field(title="调解笔录", min_length=2, max_length=8000)
    next_on: date | None = Field(None, title="下次日期")


class Agree(Form):
    """The parties come to terms, on paper or by word of mouth (which is registered)."""

    kind: Annotated[Literal["WRITTEN", "ORAL"], Labels(WRITTEN="书面协议", ORAL="口头协议登记")] = Field(title="协议形式")
    agreed_on: date = Field(title="达成日期")
    terms: LongText = Field(title="协议内容", min_length=2, max_length=8000)
    perform_by: date | None = Field(None, title="履行期限")


class Perform(Form):
    """What of the agreement is performed."""

    performed: Annotated[
        Literal["NOTHING", "PARTLY", "FULLY"], Labels(NOTHING="未履行", PARTLY="部分履行", FULLY="全部履行")
    ] = Field(title="履行情况")
    note: LongText | None = Field(None, title="备注", max_length=2000)


class FollowUp(Form):
    """Somebody else calls both sides; where it is not kept the remedy is named."""

    called_on: date = Field(title="回访日期")
    outcome: Annotated[
        Literal["KEPT", "PARTLY", "BROKEN"], Labels(KEPT="已履行", PARTLY="部分履行", BROKEN="未履行")
    ] = Field(title="回访结果")
    remedy: LongText | None = Field(None, title="告知的救济途径", max_length=2000)


class Fail(Form):
    """It ends without agreement; the next remedy and its limit are named."""

    reason: Annotated[
        Literal["REFUSED", "NO_AGREEMENT", "ABSENT", "NOT_MEDIABLE"],
        Labels(REFUSED="一方拒绝", NO_AGREEMENT="未达成协议", ABSENT="一方缺席", NOT_MEDIABLE="不宜调解"),
    ] = Field(title="原因")
    remedy: LongText = Field(title="下一步途径及期限", min_length=2, max_length=2000)


class SignalViolence(Form):
    """Whoever sees a sign of violence says so with one tap; nothing needs to be filled in."""

    sign: Annotated[
        Literal["THREAT", "INJURY", "CONTROL", "FEAR", "OTHER"],
        Labels(THREAT="威胁", INJURY="伤痕", CONTROL="控制", FEAR="恐惧", OTHER="其他"),
    ] = Field("OTHER", title="迹象")


class Clear(Form):
    """A person trained for it, who did not mediate, finds that mediation may go on."""

    training: str = Field(title="培训资格证明", min_length=2, max_length=100)
    ground: LongText = Field(title="解除理由", min_length=2, max_length=2000)
    asked_alone: bool = Field(title="已单独询问当事人")


def _untied(ask: Ask[Appoint]) -> Refusal | None:
    if ask.form.relation != "NONE" and not ask.form.parties_accept:
        return Refusal("VALIDATION", "mediation-relation", ("relation",))
    return None


def _remedy(ask: Ask[FollowUp]) -> Refusal | None:
    if ask.form.outcome != "KEPT" and not ask.form.remedy:
        return Refusal("VALIDATION", "mediation-remedy", ("remedy",))
    return None


apply = Step("apply", "申请", "Apply", Apply, target="APPLIED", side=Side.ORIGIN, owner=Side.COUNTERPART,
             addresses="body_id", mediates=True, titled=lambda form: form.dispute[:60])  # fmt: skip
appoint = Step("appoint", "确定调解员", "Name the mediator", Appoint, source=("APPLIED", "CONSENTED", "IN_SESSION"),
               target="APPLIED", assigns="mediator_id", mediates=True, mutation="mediationAppoint",
               checks=(_untied,))  # fmt: skip
consent = Step("consent", "双方同意", "Both consent", Consent, source=("APPLIED",), target="CONSENTED", mediates=True,
               requires=("appoint",), consents=("applicant_consents", "respondent_consents", "told_of_rights"),
               mutation="mediationConsent")  # fmt: skip
open_session = Step("open_session", "开始调解", "Open the session", Session, source=("CONSENTED",), target="IN_SESSION",
                    mediates=True, mutation="mediationOpenSession", checks=(not_ahead("held_on"),))  # fmt: skip
minute = Step("minute", "登记笔录", "Write the minutes", Minutes, source=("IN_SESSION",), target="IN_SESSION",
              mediates=True, mutation="mediationMinute", checks=(not_ahead("held_on"),))  # fmt: skip
agree = Step("agree", "达成协议", "Agree", Agree, source=("IN_SESSION",), target="AGREED", mediates=True,
             requires=("minute",), mutation="mediationAgree", checks=(not_ahead("agreed_on"),))  # fmt: skip
perform = Step("perform", "登记履行", "Performance", Perform, source=("AGREED", "PERFORMING"), target="PERFORMING",
               mutation="mediationPerform")  # fmt: skip
follow_up = Step("follow_up", "回访", "Follow up", FollowUp, source=("AGREED", "PERFORMING"), target="FOLLOWED_UP",
                 other_than=("open_session", "minute", "agree"), mutation="mediationFollowUp",
                 checks=(not_ahead("called_on"), _remedy))  # fmt: skip
fail = Step("fail", "调解终止", "End without agreement", Fail,
            source=("APPLIED", "CONSENTED", "IN_SESSION", "BLOCKED"), target="FAILED", mutation="mediationFail")  # fmt: skip
signal = Step("signal", "有暴力迹象", "Sign of violence", SignalViolence, source=ALL_OPEN, target="BLOCKED",
              side=Side.EITHER, mutation="mediationSignalViolence")  # fmt: skip
clear = Step("clear", "解除暴力阻断", "Clear the block", Clear, source=("BLOCKED",), target="APPLIED", side=Side.EITHER,
             other_than=("appoint", "open_session", "minute", "agree", "signal"), consents=("asked_alone",),
             mutation="mediationClear")  # fmt: skip

behaviour = Behaviour(
    "mediation",
    "调解",
    parts=(
        Part("matter", "调解", "Mediation", (
            State("APPLIED", "已申请", "Applied", waits_for=Side.OWNER),
            State("CONSENTED", "已同意", "Consented", waits_for=Side.OWNER),
            State("IN_SESSION", "调解中", "In session", waits_for=Side.OWNER),
            State("AGREED", "已达成协议", "Agreed", waits_for=Side.OWNER),
            State("PERFORMING", "履行中", "Performing", waits_for=Side.OWNER),
            State("FOLLOWED_UP", "已回访", "Followed up", ends=True),
            State("FAILED", "调解不成", "Failed", ends=True),
            State("BLOCKED", "已阻断", "Blocked", waits_for=Side.OWNER),
        )),
    ),
    steps=(apply, appoint, consent, open_session, minute, agree, perform, follow_up, fail, signal, clear),
)  # fmt: skip
