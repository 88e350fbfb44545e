"""四对接: what the court, the procuratorate, the police and the petitions office offer, and what goes back to them."""

from gridloom.plugin import Clock, Element, Figure, handover
from gridloom_justice import rules
from gridloom_justice.forms import OfferDispute, OfferJudicial, Settled, TakeOver

JUSTICE = ("department_officer@SF", "department_lead@SF")
MEDIATORS = ("mediator", *JUSTICE)
BODIES = ("SF", "MEDIATION_CENTRE", "MEDIATION_BODY", "MEDIATION_COMMITTEE")
ENDED = (handover.accept, handover.refuse, handover.rule, handover.withdraw)


def _dock(key: str, title: str, english: str, sender: str, verb: str, limit: str) -> Element:
    """One docking, alike in either direction and for every partner but for who it is and which limit the law sets."""
    made = Element(
        key=key, group="对接", title=title, title_en=english, behaviour=handover.incoming, docks_with=(sender,),
        docks_at=BODIES,
        forms={handover.offer: OfferDispute, handover.accept: TakeOver, handover.answer: Settled},
        verbs={
            handover.offer: f"Offer{verb}Dispute", handover.accept: f"Accept{verb}Dispute",
            handover.answer: f"Answer{verb}Dispute",
        },
        who={handover.offer: MEDIATORS},
        clocks=(
            Clock("sl:handover_accept", handover.offer, ENDED, label="接收期限", working_days=1),
            Clock(limit, handover.accept, handover.answer, extended_by=handover.extend),
            Clock("sl:handover_receipt", handover.answer, handover.receipt, label="签收回复期限", working_days=2),
        ),
        figure=Figure("在办对接", states=("OFFERED", "ACCEPTED"), label_en="Under way"),
        figures=(
            Figure("一个工作日内接收", within="sl:handover_accept", label_en="Taken over within a working day"),
            Figure("期限内回复", within=limit, label_en="Answered in time"),
        ),
    )  # fmt: skip
    made.rule(handover.offer)(rules.offered_lawfully)
    made.rule(handover.accept)(rules.taken_over)
    made.rule(handover.refuse)(rules.suggests_owner)
    made.rule(handover.answer)(rules.settled_before)
    return made


dock_court = _dock("dock_court", "诉调对接", "Docking with the court", "FY", "Court", "FY-02")
dock_procuratorate = _dock(
    "dock_procuratorate", "检调对接", "Docking with the procuratorate", "JCY", "Procuratorate", "TJ-01"
)
dock_police = _dock("dock_police", "公调（警调）对接", "Docking with the police", "GA", "Police", "TJ-01")
dock_petitions = _dock("dock_petitions", "访调对接", "Docking with the petitions office", "XF", "Petitions", "TJ-01")

link_judicial = Element(
    key="link_judicial", group="联动", title="司法调解", title_en="Judicial mediation", behaviour=handover.outgoing,
    forms={handover.offer: OfferJudicial},
    verbs={handover.offer: "OfferJudicial"},
    who={handover.offer: MEDIATORS, handover.receipt: MEDIATORS},
    clocks=(
        Clock("sl:handover_accept", handover.offer, ENDED, label="接收期限", working_days=1),
        Clock("FY-01", handover.accept, handover.answer),
        Clock("sl:handover_receipt", handover.answer, handover.receipt, label="签收回复期限", working_days=2),
    ),
    figure=Figure("已提请法院", states=("OFFERED", "ACCEPTED"), label_en="With the court"),
    figures=(Figure("期限内接收", within="sl:handover_accept", label_en="Taken over in time"),),
)  # fmt: skip
link_judicial.rule(handover.offer)(rules.judge_asked)

ELEMENTS = (dock_court, dock_procuratorate, dock_police, dock_petitions, link_judicial)
