"""A department's mechanism on the behaviours that keep, time, decide and put right, as an outside author would write it."""

from datetime import date
from types import ModuleType
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from gridloom.plugin import (
    Ask,
    CaseView,
    Clock,
    Element,
    Evidence,
    Fact,
    Figure,
    Form,
    Intake,
    Labels,
    Mechanism,
    Message,
    Opening,
    Privacy,
    Proposal,
    Refusal,
    Schedule,
    StepView,
    Window,
    Work,
    advise_and_track,
    dated_task,
    hookimpl,
    rectify_loop,
    registry,
    request_and_decide,
    rounds,
    service_window,
    timed_stage,
)


class CameraEntry(registry.Register):
    """A camera, with the law that lets it stand there."""

    sign_posted: bool = Field(False, title="已设标识")


class Ask30(request_and_decide.Apply):
    """Both parties ask the court to confirm what they agreed."""

    effective_on: date = Field(title="协议生效日期")
    late_for_cause: bool = Field(False, title="有正当理由逾期")


class HoldsBack(rounds.Find):
    """What was found, and how grave it seems."""

    danger: Annotated[Literal["GENERAL", "MAJOR"], Labels(GENERAL="一般", MAJOR="重大")] = Field(title="程度")


class Signal(Form):
    """What a device may say: nothing that shows a person."""

    device: str = Field(title="设备", pattern=r"^[A-Z0-9-]{1,20}$")
    text: str = Field(title="内容", max_length=200)
    grid: str | None = Field(None, title="网格编码", max_length=20)


device = Element(
    key="device", group="设", title="摄像头", behaviour=registry.behaviour, forms={registry.register: CameraEntry},
    figure=Figure("在册", states=("IN_FORCE",), hide_below=0), verbs={registry.register: "RegisterDevice"},
    other_than={registry.enact: (registry.register,)},
    clocks=(Clock("sl:device_check", (registry.enact, registry.check), label="核对期限", months=6),),
)


@device.rule(registry.enact)
def lawful(ask: Ask[registry.Enact]) -> Refusal | None:
    drawn = ask.matter.form("register", CameraEntry) if ask.matter else None
    if drawn is not None and not (drawn.basis and drawn.sign_posted):
        return Refusal("VALIDATION", "没有法律依据或标识的设备不能启用。", ("from_day",))
    return None


petition = Element(
    key="petition", group="时", title="信访办结", behaviour=timed_stage.behaviour, figure=Figure("在办"),
    verbs={timed_stage.start: "StartPetition"},
    clocks=(Clock("XF-04", timed_stage.start, starting="since", extended_by=timed_stage.extend, extend_at_most=30),),
    figures=(Figure("按期办结率", states=("MET",), share_of=("MET", "LATE")),),
)
review = Element(
    key="review", group="时", title="复核", behaviour=timed_stage.behaviour, figure=Figure("在办"),
    verbs={timed_stage.start: "StartReview"}, without=(timed_stage.extend,),
    other_than={timed_stage.finish: (timed_stage.start,)},
    clocks=(Clock("XF-08", timed_stage.start, paused_by=(timed_stage.pause,), resumed_by=(timed_stage.resume,),
                  pause_ground="信访工作条例第三十六条：听证时间不计算在内"),),
)
confirm = Element(
    key="confirm", group="决", title="司法确认", behaviour=request_and_decide.behaviour, figure=Figure("待决"),
    forms={request_and_decide.apply: Ask30}, verbs={request_and_decide.apply: "ApplyConfirmation"},
    windows=(Window(request_and_decide.apply, starting="effective_on", code="TJ-02", excused="late_for_cause"),),
    clocks=(
        Clock("TJ-03", request_and_decide.apply, (request_and_decide.accept, request_and_decide.refuse)),
        Clock("TJ-04", request_and_decide.accept, extended_by=request_and_decide.extend, extend_at_most=10),
    ),
)
window = Element(
    key="window", group="窗", title="窗口", behaviour=service_window.behaviour,
    figure=Figure("开放窗口", states=("OPEN",), hide_below=0), verbs={service_window.set_up: "SetUpWindow"},
    figures=(
        Figure("满意率", answers=(service_window.serve, "satisfied", ("YES", "PARTLY")), share=True, hide_below=3),
    ),
    clocks=(
        Clock("sl:appointment_confirm", service_window.book, (service_window.confirm, service_window.serve),
              label="预约确认", working_days=1),
        Clock("sl:point_fault", service_window.find, service_window.repair, label="故障修复", hours=24),
    ),
)  # fmt: skip
task = Element(
    key="task", group="任", title="限期联系", behaviour=dated_task.behaviour, figure=Figure("进行中", states=("ACTIVE",)),
    verbs={dated_task.propose: "ProposeTask"}, privacy=Privacy.NAMED,
    who={dated_task.contact: ("department_officer", "grid_member"), dated_task.finish: ("department_officer", "grid_member")},
)


def _monthly(day: date) -> rounds.Plan:
    return rounds.Plan(title=f"{day:%Y-%m} 排查", opens_on=day, closes_on=date(day.year, day.month, 28))


def _defect(ask: Ask[HoldsBack]) -> rectify_loop.Register | None:
    place = ask.matter.form("add_place", rounds.AddPlace) if ask.matter else None
    if ask.form.danger == "GENERAL" or place is None:
        return None
    return rectify_loop.Register(what=ask.form.found[:200], place=place.place, found_on=ask.today)


patrol = Element(
    key="patrol", group="排", title="联合排查", behaviour=rounds.behaviour, figure=Figure("进行中", states=("OPEN",)),
    forms={rounds.find: HoldsBack}, verbs={rounds.plan: "PlanRound", rounds.find: "FindThing"},
    schedule=Schedule(rounds.plan, "MONTH", _monthly), opens={rounds.find: Opening("defect", rectify_loop.register, _defect)},
)
defect = Element(
    key="defect", group="整", title="隐患整改", behaviour=rectify_loop.behaviour, figure=Figure("未销号", hide_below=0),
    verbs={rectify_loop.register: "RegisterDefect"},
    clocks=(Clock("sl:recheck", rectify_loop.rectified, (rectify_loop.clear, rectify_loop.rework), label="复查",
                  working_days=3),),
)  # fmt: skip
letter = Element(
    key="letter", group="建", title="司法建议", behaviour=advise_and_track.behaviour, figure=Figure("在办"),
    verbs={advise_and_track.draft: "DraftLetter"},
    clocks=(
        Clock("sl:suggestion_ack", advise_and_track.issue, advise_and_track.acknowledge, label="签收", working_days=5),
        Clock("sl:reply", advise_and_track.issue, advise_and_track.reply, label="回复", months=2),
    ),
    who={advise_and_track.issue: ("department_lead",)},
)


@hookimpl
def propose_dispatch(case: CaseView) -> list[Proposal]:
    return [Proposal("SF", "宜先调解", due_days=7)] if case.category == "DISPUTE" else []


@hookimpl
def required_evidence(step: StepView) -> list[Evidence]:
    return [Evidence("minutes", "调解笔录")] if step.mutation == "completeAssignment" else []


@hookimpl
def message_arrived(message: Message) -> list[Intake]:
    if message.channel != "devices":
        return []
    if message.data["text"] == "smoke":
        return [Intake("A-01", f"设备 {message.data['device']} 报警", grid_code=str(message.data["grid"]))]
    form = rectify_loop.Register(what="设备离线", place=str(message.data["device"]), found_on=date(2026, 11, 23))
    return [Intake(element="defect", step="register", form=form)]


@hookimpl
async def fact_happened(work: Work, fact: Fact) -> None:
    held = await work.matter(UUID(str(fact.data["matterId"])))
    refused = held.form("refuse", request_and_decide.Refuse)
    await work.take("petition", "start", timed_stage.Start(subject=f"不予确认：{refused.reasons[:20] if refused else ''}"))


ELEMENTS = (device, petition, review, confirm, window, task, patrol, defect, letter)


def keepers() -> ModuleType:
    """The plugin's module."""
    module = ModuleType("sample_keep")

    @hookimpl
    def declare_mechanism() -> Mechanism:
        return Mechanism(
            key="keep", title="机制", department="FY", elements=ELEMENTS, channels={"devices": Signal},
            subscribes=frozenset({"request_and_decide.refused"}),
        )

    for function in (declare_mechanism, propose_dispatch, required_evidence, message_arrived, fact_happened):
        setattr(module, function.__name__, function)
    return module
