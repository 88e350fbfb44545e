"""The conformance kit: each mistake an author makes is found and named in a plain sentence."""

from types import ModuleType
from typing import Literal
from uuid import UUID

import pytest
from pydantic import Field

import gridloom_court
from gridloom.contract.check import check
from gridloom.contract.declare import Declaration
from gridloom.contract.host import BrokenPlugin, PluginHost
from gridloom.contract.types import CaseView, Fact, Proposal, Refusal, StepView, Work
from gridloom.plugin import Ask, Clock, Figure, Form, Mechanism, handover, hookimpl, outreach_point
from tests.plugins.samples import element, plugin

STATE = 0


def findings(module, mechanism=None):
    mechanism = mechanism or module.declare_mechanism()
    return [(one.level, one.sentence) for one in check(module, mechanism) if not one.sentence.startswith("no English")]


def test_the_court_has_nothing_to_change():
    assert check(gridloom_court, gridloom_court.declare_mechanism()) == []


def test_missing_english_is_a_warning_for_each_text():
    warned = check(plugin("aa"), plugin("aa").declare_mechanism())
    assert [(one.level, one.sentence) for one in warned] == [
        ("warning", "no English text aa for “机制 aa” in locale/en."),
        ("warning", "no English text aa-offer-it for “试验移送” in locale/en."),
        ("warning", "no English text aa-offer-it-figure-0 for “在办” in locale/en."),
    ]


def object_to_step(step: StepView) -> list[Refusal]:
    global STATE
    STATE += 1
    try:  # noqa: SIM105  the fault under test
        open("/etc/hostname")  # noqa: SIM115  the fault under test
    except:  # noqa: E722  the fault under test
        pass
    return []


def propose_dispatch(case: CaseView) -> list[str]:
    return []


async def required_evidence(step: StepView) -> list[str]:
    return []


def fact_happened(work: Work, fact: Fact) -> None:
    return None


def unannotated(case):
    return [Proposal("FY", "")]


unannotated.__name__ = "propose_dispatch"


@pytest.mark.parametrize(
    ("hook", "sentences"),
    [
        (object_to_step, {
            "object_to_step keeps state in STATE: answer from the argument.",
            "object_to_step catches everything: name the exception it expects.",
            "object_to_step uses open: a question answers from what it is given.",
        }),
        (propose_dispatch, {"propose_dispatch must be annotated (case: 'CaseView') -> 'list[Proposal]'."}),
        (unannotated, {"propose_dispatch must be annotated (case: 'CaseView') -> 'list[Proposal]'."}),
        (required_evidence, {
            "required_evidence is asked synchronously: write def, not async def.",
            "required_evidence must be annotated (step: 'StepView') -> 'list[Evidence]'.",
        }),
        (fact_happened, {"fact_happened must be an async function."}),
    ],
)  # fmt: skip
def test_a_wrong_hook_is_named(hook, sentences):
    assert {sentence for _level, sentence in findings(plugin("aa", hook))} == sentences


def test_a_hook_that_does_not_exist_is_named():
    module = plugin("aa")
    module.objct_to_step = hookimpl(lambda step: [])
    assert [sentence for _level, sentence in findings(module)] == [
        "objct_to_step is not a hook; the hooks are declare_mechanism, propose_dispatch, object_to_step, "
        "required_evidence, message_arrived, fact_happened."
    ]


class Wide(handover.Offer):
    number: int | str = Field(title="数")


class Naked(handover.Offer):
    organization: UUID = Field(title="单位")


class Odd(handover.Offer):
    level: Literal["1", "2"] = Field(title="级")
    nothing: dict[str, int] = Field(title="无")


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (Wide, "Wide.number may be of several types: GraphQL inputs cannot say that. Use one type, or None."),
        (Naked, "Naked.organization is a bare UUID: use OrganizationId, CaseId, GridId, StaffId or MatterId."),
        (Odd, "Odd.level: the values of a Literal must be words, since they become GraphQL enum values."),
    ],
)
def test_a_form_that_graphql_cannot_carry_is_named(form, sentence):
    module = plugin("aa", elements=(element(forms={handover.offer: form}),))
    assert findings(module) == [("error", sentence)]
    with pytest.raises(BrokenPlugin, match="sample_aa"):
        PluginHost([module])


def test_a_rule_must_fit_its_step():
    def wrong_form(ask: Ask[handover.Accept]) -> Refusal | None:
        return None

    def wider_form(ask: Ask[Form]) -> Refusal | None:
        return None

    def silent(ask):
        return None

    one = element()
    for rule in (wrong_form, wider_form, silent):
        one.rule(handover.withdraw)(rule)
    assert [sentence for _level, sentence in findings(plugin("aa", elements=(one,)))] == [
        "wrong_form must take ask: Ask[Withdraw], the form of offer_it's withdraw.",
        "silent must take ask: Ask[Withdraw], the form of offer_it's withdraw.",
        "silent must say -> Refusal | None.",
    ]


def test_unknown_facts_are_named():
    module = plugin("aa", subscribes=frozenset({"case.closed", "handover.offered", "aa.own", "weather.changed"}))
    assert findings(module) == [("error", "weather.changed is not a type of fact that core tells plugins.")]


def test_a_plugin_imports_the_public_face_only(tmp_path, monkeypatch):
    (tmp_path / "nosy_plugin.py").write_text(
        "from gridloom.plugin import Mechanism, hookimpl\nfrom gridloom.work import Work\nimport gridloom.db\n\n"
        "@hookimpl\ndef declare_mechanism() -> Mechanism:\n"
        "    return Mechanism(key='nosy', title='n', department='FY')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    module = __import__("nosy_plugin")
    assert isinstance(module, ModuleType)
    assert [sentence for _level, sentence in findings(module)] == [
        "nosy_plugin.py imports gridloom.work: a plugin imports gridloom.plugin and nothing else of core.",
        "nosy_plugin.py imports gridloom.db: a plugin imports gridloom.plugin and nothing else of core.",
    ]


# ---- what fails on import already ------------------------------------------------------------------------------------


class Unrelated(Form):
    words: str


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: element(forms={handover.offer: Unrelated}), "the form of offer must extend Offer"),
        (lambda: element(forms={outreach_point.draft: outreach_point.Draft}), "which handover_out does not have"),
        (lambda: element(verbs={handover.offer: "assign it"}), "must be PascalCase"),
        (lambda: element(who={handover.offer: ("Officer!",)}), "is not role or role@organization"),
        (lambda: element(figures=(Figure("x", states=("GONE",)),)), "has no state GONE"),
        (lambda: element(figures=(Figure("x", within="FY-02"),)), "names the clock FY-02"),
        (lambda: Clock("FY-02", handover.accept, handover.answer, days=3), "from the law"),
        (lambda: Clock("sl:x", handover.accept, handover.answer), "exactly one positive limit"),
        (lambda: Mechanism(key="Aa", title="x", department="FY"), "lower_snake_case"),
        (lambda: Mechanism(key="aa", title="x", department="FY", elements=(element(), element())), "share a key"),
        (
            lambda: Mechanism(key="aa", title="x", department="FY", elements=(
                element("one", verbs={handover.offer: "Go"}), element("two", verbs={handover.offer: "Go"}),
            )),
            "both named aaGo",
        ),
    ],
)  # fmt: skip
def test_a_wrong_declaration_fails_where_it_is_written(build, sentence):
    with pytest.raises(Declaration, match=sentence):
        build()


def test_nothing_declared_can_be_changed_afterwards():
    one = element(verbs={handover.offer: "Go"})
    with pytest.raises(TypeError):
        one.verbs[handover.offer] = "Other"
    with pytest.raises(AttributeError):
        one.key = "other"
