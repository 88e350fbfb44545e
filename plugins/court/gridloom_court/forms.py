"""What is filled in at the court's own steps."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gridloom.plugin import Labels, LongText, handover, outreach_point

Cause = Annotated[
    Literal["LOAN", "LEASE", "LABOUR", "PROPERTY", "TRAFFIC", "NEIGHBOUR", "FAMILY", "OTHER"],
    Labels(
        LOAN="民间借贷",
        LEASE="租赁合同",
        LABOUR="劳务劳动",
        PROPERTY="物业物权",
        TRAFFIC="交通事故",
        NEIGHBOUR="相邻关系",
        FAMILY="婚姻家庭",
        OTHER="其他",
    ),
]


class AssignMediation(handover.Offer):
    """A complaint that came in is given to a mediation body before filing, when both parties agree."""

    cause: Cause = Field(title="案由")
    received_on: date = Field(title="收到起诉材料日期")
    plaintiff_consents: bool = Field(title="原告同意诉前调解")
    defendant_consents: bool = Field(title="被告同意诉前调解")
    sign_of_violence: bool = Field(False, title="有暴力迹象")


class ExtendMediation(handover.Extend):
    """More time, only when both parties agree."""

    plaintiff_agrees: bool = Field(title="原告同意延长")
    defendant_agrees: bool = Field(title="被告同意延长")


class MediationResult(handover.Answer):
    """How the mediation ended, on the result sheet that goes back to the court."""

    outcome: Annotated[Literal["AGREED", "FAILED"], Labels(AGREED="调解成立", FAILED="调解不成")] = Field(title="结果")
    ended_on: date = Field(title="终结日期")
    asks_for_judge: bool = Field(False, title="双方请求由法官继续调解")


class PlanCircuit(outreach_point.Plan):
    """A day on which the court sits at the point."""

    judge: str = Field(title="承办法官", min_length=2, max_length=50)
    protected: bool = Field(title="涉未成年人或家事")
    notice: LongText | None = Field(None, title="公告内容", max_length=1000)


class CircuitRecord(outreach_point.Record):
    """What came of the day, by kind of ending."""

    heard: int = Field(title="开庭审理件数", ge=0, le=200)
    filed: int = Field(0, title="当场立案件数", ge=0, le=200)
    mediated: int = Field(0, title="调解结案件数", ge=0, le=200)
