"""The court's refusals: pure functions of what they are asked."""

from datetime import timedelta

from gridloom.plugin import Ask, Refusal, handover, outreach_point
from gridloom_court.forms import AssignMediation, CircuitRecord, ExtendMediation, MediationResult, PlanCircuit
from gridloom_court.settings import CourtSettings


def both_consent(ask: Ask[AssignMediation]) -> Refusal | None:
    """Pre-filing mediation is voluntary: it needs both parties."""
    for field, given in (
        ("plaintiff_consents", ask.form.plaintiff_consents),
        ("defendant_consents", ask.form.defendant_consents),
    ):
        if not given:
            return Refusal("VALIDATION", "court-consent-missing", (field,))
    return None


def no_violence(ask: Ask[AssignMediation]) -> Refusal | None:
    """A sign of violence, seen now or marked on the case, closes the way to mediation."""
    marked = ask.case is not None and "VIOLENCE" in ask.case.protection
    if ask.form.sign_of_violence or marked:
        return Refusal("MEDIATION_BLOCKED", "court-violence", ("sign_of_violence",))
    return None


def received_before(ask: Ask[AssignMediation]) -> Refusal | None:
    if ask.form.received_on > ask.today:
        return Refusal("VALIDATION", "court-date-ahead", ("received_on",))
    return None


def unrelated_mediator(ask: Ask[handover.Accept]) -> Refusal | None:
    """A mediator who is related to a party does not take the matter."""
    if ask.form.handler_is_related:
        return Refusal("PLUGIN_REFUSED", "court-mediator-related", ("handler_is_related",))
    return None


def both_agree(ask: Ask[ExtendMediation]) -> Refusal | None:
    """The thirty days are extended by both parties or not at all, and within the county's measure."""
    for field, given in (
        ("plaintiff_agrees", ask.form.plaintiff_agrees),
        ("defendant_agrees", ask.form.defendant_agrees),
    ):
        if not given:
            return Refusal("VALIDATION", "court-extension-needs-both", (field,))
    if ask.form.days > ask.settings_as(CourtSettings).longest_extension:
        return Refusal("VALIDATION", "court-extension-too-long", ("days",))
    return None


def ended_before(ask: Ask[MediationResult]) -> Refusal | None:
    if ask.form.ended_on > ask.today:
        return Refusal("VALIDATION", "court-date-ahead", ("ended_on",))
    if ask.form.asks_for_judge and ask.form.outcome == "AGREED":
        return Refusal("VALIDATION", "court-nothing-left-to-mediate", ("asks_for_judge",))
    return None


def host_agrees(ask: Ask[outreach_point.Open]) -> Refusal | None:
    """No point opens, and so no day is held, without the host."""
    if not ask.form.host_consents:
        return Refusal("VALIDATION", "court-host-consent", ("host_consents",))
    return None


def announced(ask: Ask[PlanCircuit]) -> Refusal | None:
    """A day is announced in time, and what concerns minors or families is not announced in words."""
    first = ask.today + timedelta(days=ask.settings_as(CourtSettings).notice_days)
    if ask.form.day < first:
        return Refusal("VALIDATION", "court-notice-too-short", ("day",))
    if ask.form.protected and ask.form.notice:
        return Refusal("VALIDATION", "court-notice-names-protected", ("notice",))
    return None


def held_by_now(ask: Ask[outreach_point.Hold]) -> Refusal | None:
    if ask.form.held_on > ask.today:
        return Refusal("VALIDATION", "court-date-ahead", ("held_on",))
    return None


def counts_fit(ask: Ask[CircuitRecord]) -> Refusal | None:
    """No more matters end by mediation than were heard."""
    if ask.form.mediated > ask.form.heard:
        return Refusal("VALIDATION", "court-counts", ("mediated",))
    return None
