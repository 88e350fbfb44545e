"""联动: people's, administrative and trade mediation, and the follow-up of what was agreed."""

from gridloom.plugin import Ask, Clock, Element, Figure, MatterView, Opening, mediation, timed_stage
from gridloom_justice import rules
from gridloom_justice.docks import JUSTICE, MEDIATORS
from gridloom_justice.forms import (
    ApplyPeople,
    AssignAdministrative,
    AssignTrade,
    FollowAgreement,
    FollowedUp,
    TradeMinutes,
)

ENDED = (mediation.agree, mediation.fail, mediation.signal)
FOLLOW_UP = Clock("sl:followup", mediation.agree, mediation.follow_up, label="第30日回访", days=30)
CONFIRM = Clock("TJ-02", mediation.agree, mediation.follow_up)
USUAL = Clock("TJ-01", mediation.consent, ENDED)
FIGURES = (
    Figure("已达成协议", states=("AGREED", "PERFORMING", "FOLLOWED_UP"), label_en="Agreed"),
    Figure("30日内回访", within="sl:followup", label_en="Followed up within 30 days"),
)


def follow(ask: Ask[mediation.Agree]) -> FollowAgreement | None:
    """What the follow-up begins with: the mediation, who led it, what is due."""
    matter = ask.matter
    named = matter.form("appoint", mediation.Appoint) if matter is not None else None
    applied = matter.form("apply", mediation.Apply) if matter is not None else None
    if named is None or applied is None:
        return None
    return FollowAgreement(
        subject=f"回访：{applied.dispute[:60]}", since=ask.form.agreed_on, agreed_on=ask.form.agreed_on,
        mediator_id=named.mediator_id, performance_due=ask.form.perform_by,
    )


link_people = Element(
    key="link_people", group="联动", title="人民调解", title_en="People's mediation", behaviour=mediation.behaviour,
    forms={mediation.apply: ApplyPeople},
    verbs={mediation.apply: "ApplyMediation"},
    who={mediation.apply: (*MEDIATORS, "centre_officer", "centre_lead"), mediation.appoint: MEDIATORS},
    clocks=(USUAL, CONFIRM, FOLLOW_UP),
    opens={mediation.agree: Opening("mediation_followup", timed_stage.start, follow)},
    figure=Figure("在调", label_en="Under way"), figures=FIGURES,
)  # fmt: skip
link_people.rule(mediation.apply)(rules.free_and_safe)
link_people.rule(mediation.agree)(rules.kept_before)

link_administrative = Element(
    key="link_administrative", group="联动", title="行政调解", title_en="Administrative mediation",
    behaviour=mediation.behaviour,
    forms={mediation.apply: AssignAdministrative},
    verbs={mediation.apply: "AssignAdministrative"},
    who={mediation.apply: JUSTICE},
    clocks=(USUAL, FOLLOW_UP),
    figure=Figure("在调", label_en="Under way"), figures=FIGURES,
)  # fmt: skip
link_administrative.rule(mediation.apply)(rules.within_power)


def labour(matter: MatterView) -> bool:
    """Whether the fifteen days of labour mediation run."""
    filled = matter.form("apply", AssignTrade)
    return filled is not None and filled.trade == "LABOUR"


link_trade = Element(
    key="link_trade", group="联动", title="行业性专业性调解", title_en="Trade and professional mediation",
    behaviour=mediation.behaviour,
    forms={mediation.apply: AssignTrade, mediation.minute: TradeMinutes},
    verbs={mediation.apply: "AssignTrade", mediation.minute: "TradeMinutes"},
    who={mediation.apply: JUSTICE},
    clocks=(Clock("LD-01", mediation.apply, ENDED, when=labour), FOLLOW_UP),
    figure=Figure("在调", label_en="Under way"), figures=FIGURES,
)  # fmt: skip
link_trade.rule(mediation.apply)(rules.trade_fits)
link_trade.rule(mediation.minute)(rules.expert_untied)


def has_due_day(matter: MatterView) -> bool:
    """Whether the time for asking the court to enforce runs."""
    filled = matter.form("start", FollowAgreement)
    return filled is not None and filled.performance_due is not None


mediation_followup = Element(
    key="mediation_followup", group="联动", title="协议履行与第30日回访", title_en="Performance and day-30 follow-up",
    behaviour=timed_stage.behaviour,
    forms={timed_stage.start: FollowAgreement, timed_stage.finish: FollowedUp},
    verbs={timed_stage.start: "FollowAgreement", timed_stage.finish: "FollowedUp"},
    who={timed_stage.start: MEDIATORS, timed_stage.finish: (*MEDIATORS, "grid_member")},
    clocks=(
        Clock("sl:followup", timed_stage.start, (timed_stage.finish, timed_stage.finish_late), label="第30日回访", days=30,
              starting="agreed_on"),
        Clock("TJ-02", timed_stage.start, (timed_stage.finish, timed_stage.finish_late), starting="agreed_on"),
        Clock("FY-07", timed_stage.start, (timed_stage.finish, timed_stage.finish_late), starting="performance_due",
              when=has_due_day),
    ),
    figure=Figure("待回访", label_en="Due"),
    figures=(Figure("按期回访", within="sl:followup", label_en="Called in time"),),
)  # fmt: skip
mediation_followup.rule(timed_stage.finish)(rules.another_calls)

ELEMENTS = (link_people, link_administrative, link_trade, mediation_followup)
