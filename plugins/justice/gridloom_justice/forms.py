"""What is filled in at the justice bureau's own steps."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gridloom.plugin import Labels, LongText, StaffId, handover, mediation, registry, request_and_decide, timed_stage

Subject = Annotated[
    Literal["ORDINARY", "IDENTITY", "TITLE"],
    Labels(ORDINARY="一般权利义务", IDENTITY="身份关系", TITLE="权属确认"),
]
Trade = Annotated[
    Literal["MEDICAL", "LABOUR", "TRAFFIC", "PROPERTY", "CONSUMER"],
    Labels(MEDICAL="医疗", LABOUR="劳动", TRAFFIC="交通", PROPERTY="物业", CONSUMER="消费"),
]


class OfferDispute(handover.Offer):
    """The bureau offers a dispute, or what came of it, to the other side of a docking."""

    parties_consent: bool = Field(title="双方同意移送")
    sign_of_violence: bool = Field(False, title="有暴力迹象")
    subject: Subject = Field("ORDINARY", title="事项性质")
    for_confirmation: bool = Field(False, title="申请司法确认")


class TakeOver(handover.Accept):
    """Somebody is named who handles it, without ties to the parties."""

    parties_consent: bool = Field(title="双方同意调解")
    scope: LongText | None = Field(None, title="范围说明", max_length=500)


class Settled(handover.Answer):
    """What came of it goes back to the sender: the result, and whether it is performed."""

    outcome: Annotated[
        Literal["AGREED", "FAILED", "WITHDRAWN"], Labels(AGREED="调解成立", FAILED="调解不成", WITHDRAWN="当事人撤回")
    ] = Field(title="结果")
    ended_on: date = Field(title="终结日期")
    performed: bool = Field(False, title="已当场履行")


class OfferJudicial(handover.Offer):
    """A mediation that failed, or that both wish a judge to go on with."""

    both_wish: bool = Field(title="双方请求法官主持调解")
    minutes_shared: bool = Field(False, title="移送调解笔录")
    minutes_consent: bool = Field(False, title="双方同意移送笔录")
    subject: Subject = Field("ORDINARY", title="事项性质")


class ApplyPeople(mediation.Apply):
    """People's mediation costs nothing."""

    fee_asked: bool = Field(False, title="收取费用")
    sign_of_violence: bool = Field(False, title="有暴力迹象")


class AssignAdministrative(mediation.Apply):
    """A department mediates within its power."""

    power: str = Field(title="职权依据", min_length=4, max_length=300)
    department_is_party: bool = Field(False, title="主管部门为当事人")
    act_itself: bool = Field(False, title="争议为行政行为本身")


class AssignTrade(mediation.Apply):
    """A committee of the trade mediates."""

    trade: Trade = Field(title="行业")
    body_registered: bool = Field(title="调解组织具备该行业资质")
    emergency: bool = Field(False, title="伤病者正在急救")


class TradeMinutes(mediation.Minutes):
    """Minutes, with an expert's opinion where one was asked for."""

    expert: str | None = Field(None, title="鉴定专家", max_length=50)
    expert_tied: bool = Field(False, title="专家与当事人有利害关系")
    opinion: LongText | None = Field(None, title="专家意见", max_length=4000)


class RegisterBody(registry.Register):
    """A mediation body: its paper, its posts, what its members declared."""

    paper: str = Field(title="设立文件", min_length=2, max_length=200)
    hours: str = Field(title="接待时间", min_length=2, max_length=100)
    members: int = Field(title="成员人数", ge=3, le=60)
    declared: int = Field(title="已申报利害关系人数", ge=0, le=60)
    banned: int = Field(0, title="处于禁止期人数", ge=0, le=60)


class RegisterMediator(registry.Register):
    """A mediator's appointment: term, skills, languages, training, declared relations."""

    person_id: StaffId = Field(title="调解员")
    term_from: date = Field(title="聘期起")
    term_to: date = Field(title="聘期止")
    skills: list[Trade] = Field(default_factory=list, title="专长", max_length=5)
    languages: list[
        Annotated[Literal["HAN", "YI", "BAI", "HUI"], Labels(HAN="汉语", YI="彝语", BAI="白语", HUI="回族话")]
    ] = Field(title="语言", min_length=1, max_length=4)
    relations_declared: bool = Field(title="已申报利害关系")
    violence_training: bool = Field(False, title="受过反家庭暴力培训")


class ObjectMediator(request_and_decide.Apply):
    """A party objects to a mediator, or the mediator declares a tie."""

    mediator_id: StaffId = Field(title="调解员")
    ground: Annotated[
        Literal["RELATIVE", "INTEREST", "CONDUCT", "SAME_SURNAME"],
        Labels(RELATIVE="近亲属", INTEREST="利害关系", CONDUCT="不公正行为", SAME_SURNAME="同姓"),
    ] = Field(title="理由")


class FollowAgreement(timed_stage.Start):
    """The agreement whose keeping is looked after, and who mediated it."""

    mediator_id: StaffId = Field(title="调解员")
    agreed_on: date = Field(title="协议达成日期")
    performance_due: date | None = Field(None, title="履行期限届满日")


class FollowedUp(timed_stage.Finish):
    """What both sides said, and the remedy that was read out."""

    kept: bool = Field(title="已履行")
    remedy: LongText | None = Field(None, title="告知的救济途径", max_length=1000)
    safe_time: bool = Field(True, title="在安全时段联系")


class ApplyAid(request_and_decide.Apply):
    """An application for legal aid at any centre."""

    victim: bool = Field(title="系家庭暴力等受害人")
    hardship_stated: bool = Field(False, title="已提交经济困难说明")


class AskAidCorrection(request_and_decide.AskCorrection):
    """What is missing; whom the law frees from proving hardship is not asked for it."""

    hardship_proof: bool = Field(False, title="要求经济困难证明")


class AssignLawyer(request_and_decide.Owe):
    """A lawyer is named."""

    lawyer: str = Field(title="承办律师", min_length=2, max_length=50)


class ApplyReconsideration(request_and_decide.Apply):
    """Administrative reconsideration is asked for."""

    act: LongText = Field(title="行政行为", min_length=2, max_length=2000)
    act_known_on: date = Field(title="知道行政行为日期")
    late_with_cause: bool = Field(False, title="有正当理由耽误期限")
    scope: Annotated[
        Literal["IN_SCOPE", "LETTER_OF_COMPLAINT", "CIVIL"],
        Labels(IN_SCOPE="属复议范围", LETTER_OF_COMPLAINT="信访事项", CIVIL="民事争议"),
    ] = Field("IN_SCOPE", title="是否属复议范围")


class TakeUp(request_and_decide.Accept):
    """It is taken up, in the ordinary or the simple procedure, by somebody who had no part in the act."""

    simple: bool = Field(title="适用简易程序")
    took_part: bool = Field(False, title="承办人参与过原行政行为")
