"""The justice bureau's refusals: pure functions of what they are asked."""

from datetime import timedelta

from gridloom.plugin import Ask, Refusal, handover, mediation, registry, request_and_decide
from gridloom_justice.forms import (
    ApplyAid,
    ApplyPeople,
    ApplyReconsideration,
    AskAidCorrection,
    AssignAdministrative,
    AssignTrade,
    FollowAgreement,
    FollowedUp,
    ObjectMediator,
    OfferDispute,
    OfferJudicial,
    RegisterBody,
    RegisterMediator,
    Settled,
    TakeOver,
    TakeUp,
    TradeMinutes,
)
from gridloom_justice.settings import JusticeSettings


def offered_lawfully(ask: Ask[OfferDispute]) -> Refusal | None:
    """With consent, never with a sign of violence; status and title are not confirmed."""
    if ask.form.sign_of_violence or _violent(ask):
        return Refusal("MEDIATION_BLOCKED", "justice-violence", ("sign_of_violence",))
    if not ask.form.parties_consent:
        return Refusal("VALIDATION", "justice-consent", ("parties_consent",))
    if ask.form.for_confirmation and ask.form.subject != "ORDINARY":
        return Refusal("PLUGIN_REFUSED", "justice-not-confirmable", ("subject",))
    return None


def _violent(ask: Ask[OfferDispute] | Ask[TakeOver]) -> bool:
    return ask.case is not None and "VIOLENCE" in ask.case.protection


def taken_over(ask: Ask[TakeOver]) -> Refusal | None:
    """A handler is named who has no tie; both parties want it."""
    if _violent(ask):
        return Refusal("MEDIATION_BLOCKED", "justice-violence", ())
    if not ask.form.handler:
        return Refusal("VALIDATION", "justice-handler", ("handler",))
    if ask.form.handler_is_related:
        return Refusal("PLUGIN_REFUSED", "justice-related", ("handler_is_related",))
    if not ask.form.parties_consent:
        return Refusal("VALIDATION", "justice-consent", ("parties_consent",))
    return None


def suggests_owner(ask: Ask[handover.Refuse]) -> Refusal | None:
    """Who sends something back says whose it is."""
    return None if ask.form.suggested_id else Refusal("VALIDATION", "justice-suggest", ("suggested_id",))


def settled_before(ask: Ask[Settled]) -> Refusal | None:
    return Refusal("VALIDATION", "justice-date-ahead", ("ended_on",)) if ask.form.ended_on > ask.today else None


def judge_asked(ask: Ask[OfferJudicial]) -> Refusal | None:
    """Minutes travel with both parties' consent only; a wish of one is none."""
    if not ask.form.both_wish:
        return Refusal("VALIDATION", "justice-consent", ("both_wish",))
    if ask.form.minutes_shared and not ask.form.minutes_consent:
        return Refusal("VALIDATION", "justice-minutes", ("minutes_consent",))
    return None


def free_and_safe(ask: Ask[ApplyPeople]) -> Refusal | None:
    if ask.form.fee_asked:
        return Refusal("PLUGIN_REFUSED", "justice-no-fee", ("fee_asked",))
    if ask.form.sign_of_violence:
        return Refusal("MEDIATION_BLOCKED", "justice-violence", ("sign_of_violence",))
    return None


def within_power(ask: Ask[AssignAdministrative]) -> Refusal | None:
    """A department does not mediate its own quarrel; an act in dispute goes to reconsideration."""
    if ask.form.department_is_party:
        return Refusal("PLUGIN_REFUSED", "justice-own-quarrel", ("department_is_party",))
    if ask.form.act_itself:
        return Refusal("PLUGIN_REFUSED", "justice-to-reconsideration", ("act_itself",))
    return None


def trade_fits(ask: Ask[AssignTrade]) -> Refusal | None:
    if not ask.form.body_registered:
        return Refusal("PLUGIN_REFUSED", "justice-trade-body", ("body_registered",))
    if ask.form.emergency:
        return Refusal("NOT_ALLOWED_NOW", "justice-rescue-first", ("emergency",))
    return None


def expert_untied(ask: Ask[TradeMinutes]) -> Refusal | None:
    if ask.form.expert_tied:
        return Refusal("PLUGIN_REFUSED", "justice-expert", ("expert_tied",))
    return None


def kept_before(ask: Ask[mediation.Agree]) -> Refusal | None:
    """Oral terms that are performed later are written down."""
    if ask.form.kind == "ORAL" and ask.form.perform_by is not None and ask.form.perform_by > ask.today:
        return Refusal("VALIDATION", "justice-write-down", ("kind",))
    return None


def body_complete(ask: Ask[RegisterBody]) -> Refusal | None:
    """Every member has declared ties; nobody is under a ban."""
    if ask.form.banned:
        return Refusal("PLUGIN_REFUSED", "justice-banned", ("banned",))
    if ask.form.declared < ask.form.members:
        return Refusal("VALIDATION", "justice-undeclared", ("declared",))
    return None


def term_fits(ask: Ask[RegisterMediator]) -> Refusal | None:
    """A term that is not over and not too short, ties declared."""
    shortest = timedelta(days=ask.settings_as(JusticeSettings).shortest_term)
    if ask.form.term_to < ask.today:
        return Refusal("VALIDATION", "justice-term-over", ("term_to",))
    if ask.form.term_to - ask.form.term_from < shortest - timedelta(days=1):
        return Refusal("VALIDATION", "justice-term-short", ("term_to",))
    if not ask.form.relations_declared:
        return Refusal("VALIDATION", "justice-undeclared", ("relations_declared",))
    return None


def in_term(ask: Ask[registry.Enact]) -> Refusal | None:
    filled = ask.matter.form("register", RegisterMediator) if ask.matter is not None else None
    if filled is not None and filled.term_to < ask.today:
        return Refusal("NOT_ALLOWED_NOW", "justice-term-over", ())
    return None


def more_than_a_name(ask: Ask[ObjectMediator]) -> Refusal | None:
    if ask.form.ground == "SAME_SURNAME":
        return Refusal("VALIDATION", "justice-surname", ("ground",))
    return None


def not_on_oneself(ask: Ask[request_and_decide.Decision]) -> Refusal | None:
    """Whoever is objected to does not rule on it."""
    filled = ask.matter.form("apply", ObjectMediator) if ask.matter is not None else None
    if filled is not None and filled.mediator_id == ask.actor.id:
        return Refusal("SAME_PERSON", "justice-own-objection", ())
    return None


def another_calls(ask: Ask[FollowedUp]) -> Refusal | None:
    """The mediator does not call back; a call comes at a safe time; a broken promise has a remedy."""
    started = ask.matter.form("start", FollowAgreement) if ask.matter is not None else None
    if started is not None and started.mediator_id == ask.actor.id:
        return Refusal("SAME_PERSON", "justice-own-mediation", ())
    if not ask.form.safe_time:
        return Refusal("VALIDATION", "justice-safe-time", ("safe_time",))
    if not ask.form.kept and not ask.form.remedy:
        return Refusal("VALIDATION", "justice-remedy", ("remedy",))
    return None


def hardship_or_victim(ask: Ask[ApplyAid]) -> Refusal | None:
    """Victims need not prove hardship (Legal Aid Law art. 32)."""
    if not ask.form.victim and not ask.form.hardship_stated:
        return Refusal("VALIDATION", "justice-hardship", ("hardship_stated",))
    return None


def victims_not_asked(ask: Ask[AskAidCorrection]) -> Refusal | None:
    applied = ask.matter.form("apply", ApplyAid) if ask.matter is not None else None
    if applied is not None and applied.victim and ask.form.hardship_proof:
        return Refusal("PLUGIN_REFUSED", "justice-no-hardship-proof", ("hardship_proof",))
    return None


def in_scope(ask: Ask[ApplyReconsideration]) -> Refusal | None:
    """What is outside the scope is refused with the remedy that is right."""
    outside = {"LETTER_OF_COMPLAINT": "justice-use-petition", "CIVIL": "justice-use-court"}.get(ask.form.scope)
    return Refusal("PLUGIN_REFUSED", outside, ("scope",)) if outside else None


def impartial(ask: Ask[TakeUp]) -> Refusal | None:
    return Refusal("SAME_PERSON", "justice-took-part", ("took_part",)) if ask.form.took_part else None
