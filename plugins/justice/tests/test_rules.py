"""The justice bureau's rules, each asked as core asks them."""

from datetime import date

import pytest

import gridloom_justice
from gridloom.plugin import handover, mediation, registry, request_and_decide
from gridloom.testing import PluginHost, ask, check, outcome

HOST = PluginHost([gridloom_justice])
JUSTICE = HOST.mechanisms["justice"]
SOMEWHERE = "0192f7a0-0000-7000-8000-000000000001"
TODAY = date(2026, 11, 23)
OFFERED = {"organization_id": SOMEWHERE, "reason": "申请司法确认", "parties_consent": True}
AID = {"subject": "离婚诉讼", "victim": False, "hardship_stated": True}
MEDIATOR = {
    "number": "TJY-001", "name": "李明", "person_id": SOMEWHERE, "term_from": "2026-01-01", "term_to": "2028-12-31",
    "languages": ["HAN"], "relations_declared": True,
}  # fmt: skip
BODY = {"number": "TWH-001", "name": "东山村调委会", "paper": "弥司字1号", "hours": "工作日", "members": 5, "declared": 5}
ACT = {"subject": "罚款决定", "act": "处以罚款二百元", "act_known_on": "2026-11-01"}
CASES = [
    ("dock_court", handover.offer, OFFERED, {"parties_consent": False}, "VALIDATION"),
    ("dock_court", handover.offer, OFFERED, {"sign_of_violence": True}, "MEDIATION_BLOCKED"),
    ("dock_court", handover.offer, OFFERED, {"for_confirmation": True, "subject": "TITLE"}, "PLUGIN_REFUSED"),
    ("dock_police", handover.accept, {"handler": "李明", "parties_consent": True}, {"handler": None}, "VALIDATION"),
    ("dock_police", handover.accept, {"handler": "李明", "parties_consent": True}, {"handler_is_related": True},
     "PLUGIN_REFUSED"),
    ("dock_petitions", handover.refuse, {"reason": "DUPLICATE", "ground": "已受理", "suggested_id": SOMEWHERE},
     {"suggested_id": None}, "VALIDATION"),
    ("link_judicial", handover.offer, {"organization_id": SOMEWHERE, "reason": "调解不成", "both_wish": True},
     {"both_wish": False}, "VALIDATION"),
    ("link_judicial", handover.offer, {"organization_id": SOMEWHERE, "reason": "调解不成", "both_wish": True},
     {"minutes_shared": True}, "VALIDATION"),
    ("link_people", mediation.apply, {"dispute": "排水纠纷"}, {"fee_asked": True}, "PLUGIN_REFUSED"),
    ("link_people", mediation.apply, {"dispute": "排水纠纷"}, {"sign_of_violence": True}, "MEDIATION_BLOCKED"),
    ("link_administrative", mediation.apply, {"dispute": "拖欠工资", "power": "劳动法第七十九条"},
     {"department_is_party": True}, "PLUGIN_REFUSED"),
    ("link_trade", mediation.apply, {"dispute": "医疗纠纷", "trade": "MEDICAL", "body_registered": True},
     {"body_registered": False}, "PLUGIN_REFUSED"),
    ("body_committee", registry.register, BODY, {"declared": 4}, "VALIDATION"),
    ("body_women_team", registry.register, BODY, {"banned": 1}, "PLUGIN_REFUSED"),
    ("mediator_roster", registry.register, MEDIATOR, {"term_to": "2026-11-22"}, "VALIDATION"),
    ("mediator_roster", registry.register, MEDIATOR, {"relations_declared": False}, "VALIDATION"),
    ("conflict_check", request_and_decide.apply,
     {"subject": "申请回避", "mediator_id": SOMEWHERE, "ground": "RELATIVE"}, {"ground": "SAME_SURNAME"}, "VALIDATION"),
    ("legal_aid", request_and_decide.apply, AID, {"hardship_stated": False}, "VALIDATION"),
    ("admin_reconsideration", request_and_decide.apply, ACT, {"scope": "CIVIL"}, "PLUGIN_REFUSED"),
    ("admin_reconsideration", request_and_decide.accept, {"simple": True}, {"took_part": True}, "SAME_PERSON"),
]


def test_the_plugin_conforms_and_has_every_element():
    assert check(gridloom_justice, JUSTICE) == []
    assert len(JUSTICE.elements) == 18


@pytest.mark.parametrize(("key", "step", "values", "changed", "code"), CASES)
def test_what_is_refused_and_what_is_not(key, step, values, changed, code):
    element = JUSTICE.element(key)
    assert outcome(HOST, JUSTICE, element, step, ask(element, step, values, today=TODAY)) == []
    refused = outcome(HOST, JUSTICE, element, step, ask(element, step, {**values, **changed}, today=TODAY))
    assert [one.code for one in refused] == [code]
