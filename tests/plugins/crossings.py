"""A department's mechanism on the behaviours that cross departments, as an outside author would write it."""

from types import ModuleType
from typing import Annotated, Literal

from pydantic import Field

from gridloom.plugin import (
    Ask,
    Clock,
    Element,
    Figure,
    Labels,
    Mechanism,
    Refusal,
    aggregate_trend,
    alarm_intake,
    handover,
    hookimpl,
    joint_session,
    mediation,
    pairing,
    sealed_envelope,
    serve_and_visit,
)


class AskHelp(handover.Offer):
    """A quarrel is handed over to be settled."""

    kind: Annotated[Literal["WAGES", "LAND"], Labels(WAGES="欠薪", LAND="土地")] = Field(title="类别")


class HelpGiven(handover.Answer):
    """What came of it."""

    agreed: bool = Field(title="是否达成")


settle = Element(
    key="settle", group="调", title="调解", behaviour=mediation.behaviour, figure=Figure("在调"),
    verbs={mediation.apply: "ApplyMediation"},
    clocks=(Clock("sl:followup", mediation.agree, mediation.follow_up, label="回访", days=30),),
)
meet = Element(
    key="meet", group="会", title="联席会议", behaviour=joint_session.behaviour, figure=Figure("待跟踪"),
    without=(joint_session.consent,),
    verbs={joint_session.call: "CallMeeting", joint_session.invite: "Invite", joint_session.decide: "Decide"},
)
talk = Element(
    key="talk", group="会", title="共调", behaviour=joint_session.behaviour, figure=Figure("待跟踪"),
    mediates=(joint_session.consent, joint_session.hold),
)
pair = Element(
    key="pair", group="结", title="结对", behaviour=pairing.behaviour, figure=Figure("结对中", states=("ACTIVE",)),
    verbs={pairing.propose: "Pair", pairing.ask: "AskQuestion"},
)
trend = Element(
    key="trend", group="防", title="趋势", behaviour=aggregate_trend.behaviour, figure=Figure("待研判"),
    verbs={aggregate_trend.compute: "Compute", aggregate_trend.give: "GiveTask"},
)
warning = Element(
    key="warning", group="护", title="告诫", behaviour=serve_and_visit.behaviour, figure=Figure("在管"),
    verbs={serve_and_visit.decide: "IssueWarning"},
    clocks=(Clock("sl:fv_first_visit", serve_and_visit.serve, serve_and_visit.visit, label="首次查访", days=7),
            Clock("sl:warning_ends", serve_and_visit.decide, serve_and_visit.end, label="有效期", months=6,
                  expires=serve_and_visit.lapse)),
)  # fmt: skip
alarm = Element(
    key="alarm", group="警", title="告警", behaviour=alarm_intake.behaviour, figure=Figure("待确认"),
    verbs={alarm_intake.receive: "ReceiveAlarm"},
)
envelope = Element(
    key="envelope", group="密", title="线索", behaviour=sealed_envelope.behaviour, figure=Figure("在办"),
    verbs={sealed_envelope.seal: "Seal"},
)
send = Element(
    key="send", group="转", title="移送", behaviour=handover.outgoing, figure=Figure("在办"),
    forms={handover.offer: AskHelp}, verbs={handover.offer: "Send"},
    clocks=(Clock("sl:handover_accept", handover.offer, (handover.accept, handover.refuse, handover.rule),
                  label="接收", working_days=1),),
)  # fmt: skip
dock = Element(
    key="dock", group="接", title="对接", behaviour=handover.incoming, figure=Figure("在办"), docks_with=("FY",),
    forms={handover.answer: HelpGiven},
)


@dock.rule(handover.accept)
def named_handler(ask: Ask[handover.Accept]) -> Refusal | None:
    return None if ask.form.handler else Refusal("VALIDATION", "请写明承办人。", ("handler",))


def plugin(key: str, department: str, *elements: Element) -> ModuleType:
    """A plugin whose mechanism holds these elements."""
    mechanism = Mechanism(key=key, title=f"机制 {key}", department=department, elements=elements)
    module = ModuleType(f"crossing_{key}")

    def declare_mechanism() -> Mechanism:
        return mechanism

    module.__dict__["declare_mechanism"] = hookimpl(declare_mechanism)
    return module


def both() -> list[ModuleType]:
    """The sending department and the receiving one."""
    return [
        plugin("alfa", "FY", settle, meet, talk, pair, trend, warning, alarm, envelope, send),
        plugin("beta", "SF", dock),
    ]
