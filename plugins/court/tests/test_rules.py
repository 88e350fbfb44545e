"""The court's rules, each asked as core asks them."""

from datetime import date

import pytest

import gridloom_court
from gridloom.plugin import Refusal, handover
from gridloom.plugin import outreach_point as point
from gridloom.testing import PluginHost, ask, check, outcome
from gridloom_court import jin_township, lian_tiao
from gridloom_court.settings import CourtSettings

HOST = PluginHost([gridloom_court])
COURT = HOST.mechanisms["court"]
SOMEWHERE = "0192f7a0-0000-7000-8000-000000000001"
ASSIGNED = {
    "organization_id": SOMEWHERE, "reason": "邻里排水纠纷，双方愿意先行调解", "cause": "NEIGHBOUR",
    "received_on": "2026-11-20", "plaintiff_consents": True, "defendant_consents": True,
}  # fmt: skip


def said(element, step, values, **more):
    return outcome(HOST, COURT, element, step, ask(element, step, values, **more))


def test_the_plugin_conforms():
    assert check(gridloom_court, COURT) == []


def test_an_assignment_with_both_consents_is_in_order():
    assert said(lian_tiao, handover.offer, ASSIGNED) == []


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"plaintiff_consents": False}, Refusal("VALIDATION", "court-consent-missing", ("plaintiff_consents",))),
        ({"defendant_consents": False}, Refusal("VALIDATION", "court-consent-missing", ("defendant_consents",))),
        ({"sign_of_violence": True}, Refusal("MEDIATION_BLOCKED", "court-violence", ("sign_of_violence",))),
        ({"received_on": "2026-11-24"}, Refusal("VALIDATION", "court-date-ahead", ("received_on",))),
    ],
)
def test_an_assignment_is_refused(changed, refusal):
    assert said(lian_tiao, handover.offer, {**ASSIGNED, **changed}) == [refusal]


def test_a_case_marked_violent_is_never_mediated():
    refusal = Refusal("MEDIATION_BLOCKED", "court-violence", ("sign_of_violence",))
    assert said(lian_tiao, handover.offer, ASSIGNED, protection=frozenset({"VIOLENCE"})) == [refusal]
    assert said(lian_tiao, handover.offer, ASSIGNED, protection=frozenset({"MINOR"})) == []


def test_a_related_mediator_is_refused():
    refusal = Refusal("PLUGIN_REFUSED", "court-mediator-related", ("handler_is_related",))
    assert said(lian_tiao, handover.accept, {"handler": "李明", "handler_is_related": True}) == [refusal]
    assert said(lian_tiao, handover.accept, {"handler": "王丽"}) == []


EXTENDED = {"days": 15, "ground": "需补充鉴定", "plaintiff_agrees": True, "defendant_agrees": True}


def test_an_extension_needs_both_and_the_countys_measure():
    assert said(lian_tiao, handover.extend, EXTENDED) == []
    one = said(lian_tiao, handover.extend, {**EXTENDED, "defendant_agrees": False})
    assert one == [Refusal("VALIDATION", "court-extension-needs-both", ("defendant_agrees",))]
    long = said(lian_tiao, handover.extend, EXTENDED, settings=CourtSettings(longest_extension=14))
    assert long == [Refusal("VALIDATION", "court-extension-too-long", ("days",))]


def test_only_a_failed_mediation_goes_on_before_a_judge():
    result = {"answer": "双方未达成一致", "outcome": "FAILED", "ended_on": "2026-11-23", "asks_for_judge": True}
    assert said(lian_tiao, handover.answer, result) == []
    agreed = said(lian_tiao, handover.answer, {**result, "outcome": "AGREED"})
    assert agreed == [Refusal("VALIDATION", "court-nothing-left-to-mediate", ("asks_for_judge",))]


def test_a_point_opens_with_its_host_only():
    refusal = Refusal("VALIDATION", "court-host-consent", ("host_consents",))
    assert said(jin_township, point.open, {"host_consents": False}) == [refusal]
    assert said(jin_township, point.open, {"host_consents": True}) == []


DAY = {"day": "2026-11-27", "topic": "相邻关系纠纷开庭", "judge": "赵宁", "protected": False, "notice": "上午九时"}


def test_a_hearing_day_is_announced_in_time_and_without_naming_the_protected():
    assert said(jin_township, point.plan, DAY) == []
    soon = said(jin_township, point.plan, {**DAY, "day": "2026-11-25"})
    assert soon == [Refusal("VALIDATION", "court-notice-too-short", ("day",))]
    named = said(jin_township, point.plan, {**DAY, "protected": True})
    assert named == [Refusal("VALIDATION", "court-notice-names-protected", ("notice",))]
    assert said(jin_township, point.plan, {**DAY, "protected": True, "notice": None}) == []


def test_what_is_recorded_adds_up_and_is_not_of_tomorrow():
    held = said(jin_township, point.hold, {"held_on": date(2026, 11, 24)})
    assert held == [Refusal("VALIDATION", "court-date-ahead", ("held_on",))]
    record = {"outcome": "MEDIATED", "served": 12, "heard": 1, "mediated": 2}
    assert said(jin_township, point.record, record) == [Refusal("VALIDATION", "court-counts", ("mediated",))]
