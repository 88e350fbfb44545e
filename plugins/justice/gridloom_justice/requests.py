"""Legal aid and administrative reconsideration."""

from typing import Any

from gridloom.plugin import Clock, Element, Figure, MatterView, Step, Window, request_and_decide
from gridloom_justice import rules
from gridloom_justice.docks import JUSTICE
from gridloom_justice.forms import ApplyAid, ApplyReconsideration, AskAidCorrection, AssignLawyer, TakeUp

_ENDED = (request_and_decide.grant, request_and_decide.refuse, request_and_decide.withdraw)
DECIDING: dict[Step[Any], tuple[str, ...]] = dict.fromkeys(
    (request_and_decide.accept, request_and_decide.deliberate, request_and_decide.grant, request_and_decide.refuse),
    JUSTICE,
)

legal_aid = Element(
    key="legal_aid", group="服务", title="法律援助", title_en="Legal aid", status="CONFIRMED",
    behaviour=request_and_decide.behaviour,
    forms={
        request_and_decide.apply: ApplyAid, request_and_decide.ask_correction: AskAidCorrection,
        request_and_decide.owe: AssignLawyer,
    },
    verbs={
        request_and_decide.apply: "ApplyLegalAid", request_and_decide.ask_correction: "AskAidCorrection",
        request_and_decide.owe: "AssignLawyer",
    },
    who=DECIDING,
    clocks=(
        Clock("FA-01", request_and_decide.apply, _ENDED),
        Clock("FA-02", request_and_decide.owe, (request_and_decide.keep, request_and_decide.drop)),
    ),
    figure=Figure("待审查", states=("RECEIVED", "CORRECTION", "ACCEPTED", "DECIDING"), label_en="Under review"),
    figures=(
        Figure("7日内决定", within="FA-01", label_en="Decided within 7 days"),
        Figure("3日内指派", within="FA-02", label_en="Assigned within 3 days"),
    ),
)  # fmt: skip
legal_aid.rule(request_and_decide.apply)(rules.hardship_or_victim)
legal_aid.rule(request_and_decide.ask_correction)(rules.victims_not_asked)


def simple(matter: MatterView) -> bool:
    """Whether the simple procedure was chosen."""
    filled = matter.form("accept", TakeUp)
    return filled is not None and filled.simple


def ordinary(matter: MatterView) -> bool:
    """Whether the ordinary procedure was chosen."""
    return not simple(matter)


admin_reconsideration = Element(
    key="admin_reconsideration", group="服务", title="行政复议", title_en="Administrative reconsideration",
    status="CONFIRMED", behaviour=request_and_decide.behaviour,
    forms={request_and_decide.apply: ApplyReconsideration, request_and_decide.accept: TakeUp},
    verbs={
        request_and_decide.apply: "ApplyReconsideration", request_and_decide.accept: "TakeUpReconsideration",
        request_and_decide.owe: "CarryOutReconsideration",
    },
    who=DECIDING,
    windows=(Window(request_and_decide.apply, starting="act_known_on", code="FZ-01", excused="late_with_cause"),),
    clocks=(
        Clock("FZ-02", request_and_decide.apply, (request_and_decide.accept, request_and_decide.refuse)),
        Clock("FZ-03", request_and_decide.accept, _ENDED, when=ordinary, extended_by=request_and_decide.extend,
              extend_at_most=30),
        Clock("FZ-04", request_and_decide.accept, _ENDED, when=simple),
    ),
    figure=Figure("在审", states=("RECEIVED", "CORRECTION", "ACCEPTED", "DECIDING"), label_en="Under review"),
    figures=(Figure("期限内受理", within="FZ-02", label_en="Taken up in time"),),
)  # fmt: skip
admin_reconsideration.rule(request_and_decide.apply)(rules.in_scope)
admin_reconsideration.rule(request_and_decide.accept)(rules.impartial)

ELEMENTS = (legal_aid, admin_reconsideration)
