"""法院“四联七进”: two of its elements, each a behaviour of core's with the court's forms, rules, clocks and figures."""

from pathlib import Path

from gridloom.plugin import Clock, Element, Figure, Mechanism, handover, hookimpl
from gridloom.plugin import outreach_point as point
from gridloom_court import rules
from gridloom_court.forms import AssignMediation, CircuitRecord, ExtendMediation, MediationResult, PlanCircuit
from gridloom_court.settings import CourtSettings

COURT = ("department_officer@FY", "department_lead@FY")
MEDIATORS = ("mediator", "centre_officer", "centre_lead", "department_officer", "department_lead")

lian_tiao = Element(
    key="lian_tiao",
    group="联",
    title="联调（诉前委派调解）",
    behaviour=handover.behaviour,
    forms={
        handover.offer: AssignMediation,
        handover.extend: ExtendMediation,
        handover.answer: MediationResult,
    },
    verbs={
        handover.offer: "AssignMediation",
        handover.extend: "ExtendMediation",
        handover.answer: "AnswerMediation",
    },
    who={
        **dict.fromkeys((handover.offer, handover.receipt, handover.withdraw), COURT),
        **dict.fromkeys((handover.accept, handover.refuse, handover.extend, handover.answer), MEDIATORS),
    },
    clocks=(
        Clock("sl:handover_accept", handover.offer, (handover.accept, handover.refuse, handover.withdraw),
              label="接收期限", working_days=1),
        Clock("FY-02", handover.accept, handover.answer, extended_by=handover.extend),
        Clock("sl:handover_receipt", handover.answer, handover.receipt, label="签收回复期限", working_days=2),
    ),
    figure=Figure("在调", states=("OFFERED", "ACCEPTED")),
    figures=(
        Figure("期限内回复", within="FY-02"),
        Figure("已回复法院", states=("ANSWERED", "RECEIPTED")),
    ),
)  # fmt: skip
lian_tiao.rule(handover.offer)(rules.both_consent)
lian_tiao.rule(handover.offer)(rules.no_violence)
lian_tiao.rule(handover.offer)(rules.received_before)
lian_tiao.rule(handover.accept)(rules.unrelated_mediator)
lian_tiao.rule(handover.extend)(rules.both_agree)
lian_tiao.rule(handover.answer)(rules.ended_before)

jin_township = Element(
    key="jin_township",
    group="进",
    title="进乡镇（巡回审判点）",
    status="CONFIRMED",
    behaviour=point.behaviour,
    forms={point.plan: PlanCircuit, point.record: CircuitRecord},
    verbs={
        point.draft: "DraftCircuitPoint",
        point.plan: "PlanCircuitVisit",
        point.record: "RecordCircuitVisit",
    },
    who=dict.fromkeys(point.behaviour.steps, COURT),
    clocks=(Clock("sl:visit_record", point.hold, point.record, label="登记期限", working_days=2),),
    figure=Figure("启用审判点", states=("OPEN",), hide_below=0),
    figures=(
        Figure("已开展巡回", states=("HELD", "RECORDED"), hide_below=0),
        Figure("计划兑现率", states=("HELD", "RECORDED"), share_of=("HELD", "RECORDED", "CANCELLED")),
    ),
)
jin_township.rule(point.open)(rules.host_agrees)
jin_township.rule(point.plan)(rules.announced)
jin_township.rule(point.hold)(rules.held_by_now)
jin_township.rule(point.record)(rules.counts_fit)


@hookimpl
def declare_mechanism() -> Mechanism:
    return Mechanism(
        key="court",
        title="法院“四联七进”",
        department="FY",
        elements=(lian_tiao, jin_township),
        settings=CourtSettings,
        locale=Path(__file__).parent / "locale",
    )
