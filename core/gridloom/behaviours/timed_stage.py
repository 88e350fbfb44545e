"""A stage with a limit: it is met in time, or late with a reason, or falls away.

Core does the arithmetic and shows why a date is what it is; the element names the clock, its lawful pauses, who extends.
Whether a stage is met or late is core's to say: with a clock that ran out only `finish_late` is open, else only `finish`.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from gridloom.behaviours.checks import not_ahead
from gridloom.contract.forms import CaseId, LongText, OrganizationId, StaffId
from gridloom.contract.machine import Behaviour, Part, Side, State, Step
from gridloom.contract.types import Form


class Start(Form):
    """The stage begins: what for, counted from when, handled by whom."""

    subject: str = Field(title="事项", min_length=2, max_length=200)
    since: date | None = Field(None, title="起算日期")
    case_id: CaseId | None = Field(None, title="关联事件")
    organization_id: OrganizationId | None = Field(None, title="相关单位")
    handler_id: StaffId | None = Field(None, title="承办人")


class Mark(Form):
    """Something on the way is done, such as the first contact or the next level told."""

    what: str = Field(title="已办事项", min_length=2, max_length=200)
    note: LongText | None = Field(None, title="备注", max_length=2000)


class Pause(Form):
    """Time stands, for a reason that the law knows."""

    ground: LongText = Field(title="中止依据", min_length=2, max_length=2000)


class Resume(Form):
    """Time runs on, later by what it stood."""

    note: LongText | None = Field(None, title="备注", max_length=2000)


class Extend(Form):
    """The limit is moved by calendar days, with a ground."""

    days: int = Field(title="延长天数", ge=1, le=366)
    ground: LongText = Field(title="延长理由", min_length=2, max_length=2000)


class Finish(Form):
    """The stage is done."""

    result: LongText = Field(title="办理情况", min_length=2, max_length=4000)


class FinishLate(Finish):
    """The stage is done after its limit, with the reason."""

    why_late: LongText = Field(title="逾期原因", min_length=2, max_length=2000)


class Void(Form):
    """The stage falls away; there is nothing left to do."""

    reason: LongText = Field(title="终止原因", min_length=2, max_length=2000)


start = Step("start", "开始计时", "Start", Start, target="RUNNING", part="stage", side=Side.ORIGIN, owner=Side.ORIGIN,
             addresses="organization_id", assigns="handler_id", checks=(not_ahead("since"),),
             titled=lambda form: form.subject)  # fmt: skip
mark = Step("mark", "登记进展", "Mark", Mark, source=("RUNNING", "EXTENDED"), target="", part="stage",
            assigned=True, mutation="stageMark")  # fmt: skip
pause = Step("pause", "中止", "Pause", Pause, source=("RUNNING", "EXTENDED"), target="PAUSED", part="stage",
             mutation="stagePause")
resume = Step("resume", "恢复计时", "Resume", Resume, source=("PAUSED",), target="RUNNING", part="stage",
              mutation="stageResume")
extend = Step("extend", "延长", "Extend", Extend, source=("RUNNING", "EXTENDED"), target="EXTENDED",
              part="stage", mutation="stageExtend")  # fmt: skip
finish = Step("finish", "按期办结", "Finish in time", Finish, source=("RUNNING", "PAUSED", "EXTENDED"), target="MET",
              part="stage",
              assigned=True, mutation="stageFinish")  # fmt: skip
finish_late = Step("finish_late", "逾期办结", "Finish late", FinishLate,
                   source=("RUNNING", "PAUSED", "EXTENDED"), target="LATE", part="stage", assigned=True,
                   mutation="stageFinishLate")  # fmt: skip
void = Step("void", "终止", "Void", Void, source=("RUNNING", "PAUSED", "EXTENDED"), target="VOID", part="stage",
            mutation="stageVoid")

behaviour = Behaviour(
    "timed_stage",
    "限时环节",
    parts=(
        Part("stage", "环节", "Stage", (
            State("RUNNING", "计时中", "Running", waits_for=Side.OWNER),
            State("PAUSED", "中止", "Paused", waits_for=Side.OWNER),
            State("EXTENDED", "已延长", "Extended", waits_for=Side.OWNER),
            State("MET", "按期办结", "Met", ends=True),
            State("LATE", "逾期办结", "Late", ends=True),
            State("VOID", "已终止", "Void", ends=True),
        )),
    ),
    steps=(start, mark, pause, resume, extend, finish, finish_late, void),
    roles=("department_officer", "department_lead", "centre_officer", "centre_lead", "mediator", "grid_member"),
)  # fmt: skip
