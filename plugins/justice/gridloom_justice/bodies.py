"""Mediation bodies and mediators on the register, and objections to a mediator."""

from gridloom.plugin import Clock, Element, Figure, registry, request_and_decide
from gridloom_justice import rules
from gridloom_justice.docks import JUSTICE
from gridloom_justice.forms import ObjectMediator, RegisterBody, RegisterMediator

CHECKED = Clock("sl:pairing_review", (registry.enact, registry.check), (registry.suspend,), label="半年核对", months=6)


def _body(key: str, title: str, english: str, verb: str) -> Element:
    made = Element(
        key=key, group="调解组织", title=title, title_en=english, status="CONFIRMED", behaviour=registry.behaviour,
        forms={registry.register: RegisterBody},
        verbs={registry.register: f"Register{verb}", registry.revise: f"Revise{verb}"},
        who=dict.fromkeys((registry.register, registry.revise, registry.enact, registry.retire), JUSTICE),
        clocks=(CHECKED,),
        figure=Figure("在册", states=("IN_FORCE",), hide_below=0, label_en="In force"),
    )  # fmt: skip
    made.rule(registry.register)(rules.body_complete)
    return made


body_joint_centre = _body("body_joint_centre", "社会矛盾纠纷联合调处中心", "Joint dispute centre", "JointCentre")
body_committee = _body("body_committee", "人民调解委员会", "People's mediation committee", "Committee")
body_group = _body("body_group", "村民调解小组", "Villager mediation group", "Group")
body_studio = _body("body_studio", "调解工作室", "Mediation studio", "Studio")
body_women_team = _body("body_women_team", "女子调解队", "Women's mediation team", "WomenTeam")

mediator_roster = Element(
    key="mediator_roster", group="调解组织", title="调解员名册", title_en="Roster of mediators",
    behaviour=registry.behaviour,
    forms={registry.register: RegisterMediator},
    verbs={registry.register: "RegisterMediator", registry.revise: "ReviseMediator"},
    who=dict.fromkeys((registry.register, registry.revise, registry.enact, registry.retire), JUSTICE),
    clocks=(CHECKED,),
    figure=Figure("在聘调解员", states=("IN_FORCE",), hide_below=0, label_en="Mediators in office"),
)  # fmt: skip
mediator_roster.rule(registry.register)(rules.term_fits)
mediator_roster.rule(registry.enact)(rules.in_term)

_DECIDED = (request_and_decide.grant, request_and_decide.refuse, request_and_decide.withdraw)
conflict_check = Element(
    key="conflict_check", group="调解组织", title="利益冲突回避", title_en="Conflict-of-interest check",
    behaviour=request_and_decide.behaviour,
    forms={request_and_decide.apply: ObjectMediator},
    verbs={request_and_decide.apply: "ObjectMediator", request_and_decide.owe: "ReplaceMediator"},
    other_than={
        request_and_decide.grant: (request_and_decide.apply,), request_and_decide.refuse: (request_and_decide.apply,),
    },
    clocks=(Clock("sl:relation_ruling", request_and_decide.apply, _DECIDED, label="回避决定期限", working_days=1),),
    figure=Figure("待决定", label_en="To be ruled"),
    figures=(Figure("一个工作日内决定", within="sl:relation_ruling", label_en="Ruled within a working day"),),
)  # fmt: skip
conflict_check.rule(request_and_decide.apply)(rules.more_than_a_name)
conflict_check.rule(request_and_decide.grant)(rules.not_on_oneself)
conflict_check.rule(request_and_decide.refuse)(rules.not_on_oneself)

ELEMENTS = (
    body_joint_centre, body_committee, body_group, body_studio, body_women_team, mediator_roster, conflict_check,
)
