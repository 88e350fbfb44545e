"""The host: only caller of hooks, contains every failure, fails closed only where a plugin guards."""

import time
from datetime import UTC, date, datetime
from types import ModuleType
from uuid import UUID

import pytest

from gridloom.contract import hooks
from gridloom.contract.host import BrokenPlugin, Failure, PluginHost, Switched
from gridloom.contract.types import (
    ActorView,
    Ask,
    CaseView,
    Fact,
    Form,
    Mode,
    Proposal,
    Refusal,
    StepView,
    Work,
)
from gridloom.plugin import handover
from tests.plugins.samples import element, plugin

ACTOR = ActorView(UUID(int=7), "user", "杨静")
CASE = CaseView(UUID(int=1), "532925-20261122-00017", "A-01", "DISPUTE", "NORMAL", "ACCEPTED", "532925101")
CLOSED = Refusal("PLUGIN_REFUSED", "problem-plugin-failed")


def step(severity="NORMAL", *, emergency=False):
    return StepView("closeCase", severity, ACTOR, CASE.id, emergency, CASE)


def objecting(*refusals):
    def object_to_step(step: StepView) -> list[Refusal]:
        return list(refusals)

    return object_to_step


def broken_guard(step: StepView) -> list[Refusal]:
    raise RuntimeError("the plugin is broken")


def guard_without_answer(step: StepView) -> list[Refusal]:
    return None


def guard_with_a_wrong_answer(step: StepView) -> list[Refusal]:
    return ["no"]


def guard_that_never_ends(step: StepView) -> list[Refusal]:
    while True:
        pass


def guard_that_exits(step: StepView) -> list[Refusal]:
    raise SystemExit(1)


def named(function):
    function.__name__ = "object_to_step"
    return function


def test_core_runs_with_no_plugin_at_all():
    host = PluginHost()
    assert dict(host.mechanisms) == {}
    assert host.propose_dispatch(CASE, ()).values == ()
    assert host.object_to_step(step(), ()).refusals == ()
    assert host.switched({"gone": (Mode.ON, {})}) == ()


def test_an_objection_is_kept_with_the_plugin_that_makes_it():
    no = Refusal("PLUGIN_REFUSED", "not yet", ("note",))
    host = PluginHost([plugin("aa", objecting(no), guards=frozenset({"closeCase"})), plugin("bb", objecting())])
    verdict = host.object_to_step(step(), (Switched("aa"), Switched("bb")))
    assert (verdict.refusals, verdict.shadow, verdict.failures) == ((("aa", no),), (), ())


@pytest.mark.parametrize(
    ("guard", "reason"),
    [
        (broken_guard, "raised"), (guard_without_answer, "no_answer"), (guard_with_a_wrong_answer, "wrong_answer"),
        (guard_that_never_ends, "late"), (guard_that_exits, "raised"),
    ],
)  # fmt: skip
def test_a_failing_guard_refuses_the_step_it_guards_and_no_other(guard, reason):
    host = PluginHost([plugin("aa", named(guard), guards=frozenset({"closeCase"}))])
    verdict = host.object_to_step(step(), (Switched("aa"),))
    assert verdict.refusals == (("aa", CLOSED),)
    assert [(one.plugin, one.question, one.reason) for one in verdict.failures] == [("aa", "object_to_step", reason)]
    other = StepView("acceptCase", "NORMAL", ACTOR, CASE.id)
    assert host.object_to_step(other, (Switched("aa"),)).refusals == ()


@pytest.mark.parametrize("urgent", [step("CRITICAL"), step("NORMAL", emergency=True)])
def test_a_failing_guard_never_stops_an_emergency(urgent):
    host = PluginHost([plugin("aa", named(broken_guard), guards=frozenset({"closeCase"}))])
    verdict = host.object_to_step(urgent, (Switched("aa"),))
    assert verdict.refusals == ()
    assert verdict.failures == (Failure("aa", "object_to_step", "raised", "RuntimeError: the plugin is broken"),)


def test_shadow_is_asked_but_changes_nothing():
    no = Refusal("PLUGIN_REFUSED", "not yet")
    host = PluginHost([
        plugin("aa", objecting(no), guards=frozenset({"closeCase"})),
        plugin("bb", named(broken_guard), guards=frozenset({"closeCase"})),
        plugin("cc", objecting(no), guards=frozenset({"closeCase"})),
    ])  # fmt: skip
    county = (Switched("aa", Mode.SHADOW), Switched("bb", Mode.SHADOW), Switched("cc", Mode.OFF))
    verdict = host.object_to_step(step(), county)
    assert verdict.refusals == ()
    assert verdict.shadow == (("aa", no),)
    assert [one.plugin for one in verdict.failures] == ["bb"]


def test_only_the_plugins_of_the_county_are_asked():
    asked = []

    def make(key):
        def propose_dispatch(case: CaseView) -> list[Proposal]:
            asked.append(key)
            return [Proposal(key, "因此")]

        return plugin(key, propose_dispatch)

    host = PluginHost([make("aa"), make("bb")])
    assert host.propose_dispatch(CASE, (Switched("bb"),)).values == (Proposal("bb", "因此"),)
    assert asked == ["bb"]


def test_each_plugin_sees_its_own_settings_only():
    class Mine(Form):
        word: str = "default"

    def propose_dispatch(case: CaseView) -> list[Proposal]:
        return [Proposal("FY", getattr(case.settings, "word", "none"))]

    host = PluginHost([plugin("aa", propose_dispatch, settings=Mine), plugin("bb", propose_dispatch)])
    county = host.switched({"aa": (Mode.ON, {"word": "mine"}), "bb": (Mode.ON, {})})
    assert [one.reason for one in host.propose_dispatch(CASE, county).values] == ["mine", "none"]
    spoilt = host.switched({"aa": (Mode.ON, {"unknown": 1})})
    assert spoilt == (Switched("aa", Mode.ON, Mine()),)


def test_after_three_failures_the_plugin_rests_and_guarded_steps_stay_closed():
    calls = []

    def object_to_step(step: StepView) -> list[Refusal]:
        calls.append(1)
        raise ValueError("broken")

    now = [0.0]
    host = PluginHost([plugin("aa", object_to_step, guards=frozenset({"closeCase"}))], monotonic=lambda: now[0])
    for _ in range(5):
        assert host.object_to_step(step(), (Switched("aa"),)).refusals == (("aa", CLOSED),)
    assert len(calls) == 3
    assert host.object_to_step(step(), (Switched("aa"),)).failures == (Failure("aa", "object_to_step", "paused"),)
    now[0] = 31.0
    host.object_to_step(step(), (Switched("aa"),))
    assert len(calls) == 4


def test_a_broken_plugin_does_not_silence_the_others():
    def propose_dispatch(case: CaseView) -> list[Proposal]:
        raise KeyError("gone")

    broken = plugin("aa", propose_dispatch)

    def honest(case: CaseView) -> list[Proposal]:
        return [Proposal("SF", "调解")]

    honest.__name__ = "propose_dispatch"
    host = PluginHost([broken, plugin("bb", honest)])
    answers = host.propose_dispatch(CASE, (Switched("aa"), Switched("bb")))
    assert answers.values == (Proposal("SF", "调解"),)
    assert [one.reason for one in answers.failures] == ["raised"]


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: plugin("aa", misspelt), "objct_to_step"),
        (lambda: plugin("aa", wrong_argument), "object_to_step"),
        (lambda: ModuleType("empty"), "declare_mechanism must return"),
    ],
)
def test_a_wrong_plugin_stops_the_start_and_is_named(build, sentence):
    with pytest.raises(BrokenPlugin, match=sentence):
        PluginHost([build()])


def misspelt(step: StepView) -> list[Refusal]:
    return []


misspelt.__name__ = "objct_to_step"


def wrong_argument(state: StepView) -> list[Refusal]:
    return []


wrong_argument.__name__ = "object_to_step"


def test_two_plugins_cannot_claim_one_mechanism():
    with pytest.raises(BrokenPlugin, match="installed twice"):
        PluginHost([plugin("aa"), plugin("aa")])


# ---- rules -----------------------------------------------------------------------------------------------------------

FORM = handover.Withdraw(reason="重复提交")


def ask_of(rule):
    one = element()
    one.rule(handover.withdraw)(rule)
    host = PluginHost([plugin("aa", elements=(one,))])
    return host.ask_rules("aa", one, handover.withdraw, Ask(form=FORM, actor=ACTOR, today=date(2026, 11, 23)))


def test_a_rule_answers_or_refuses():
    no = Refusal("VALIDATION", "say more", ("reason",))
    assert ask_of(lambda ask: None).refusals == ()
    assert ask_of(lambda ask: no if ask.form.reason == "重复提交" else None).refusals == (("aa", no),)


@pytest.mark.parametrize("rule", [lambda ask: 1 // 0, lambda ask: True, lambda ask: time.sleep(3)])
def test_a_rule_that_fails_refuses_its_own_step(rule):
    verdict = ask_of(rule)
    assert verdict.refusals == (("aa", CLOSED),)
    assert len(verdict.failures) == 1


def test_a_rule_cannot_be_added_once_the_mechanism_is_declared():
    one = element()
    plugin("aa", elements=(one,))
    with pytest.raises(ValueError, match="before the mechanism"):
        one.rule(handover.withdraw)(lambda ask: None)


# ---- facts -----------------------------------------------------------------------------------------------------------


async def test_a_fact_goes_to_subscribers_only():
    heard = []

    async def fact_happened(work: Work, fact: Fact) -> None:
        heard.append((work, fact.type))

    host = PluginHost([
        plugin("aa", fact_happened, subscribes=frozenset({"handover.accepted"})), plugin("bb", fact_happened),
        plugin("cc", subscribes=frozenset({"handover.accepted"})),
    ])  # fmt: skip
    wanting = [key for key in host.mechanisms if host.wants(key, "handover.accepted")]
    assert wanting == ["aa"]
    assert not host.wants("aa", "case.closed")
    fact = Fact(UUID(int=2), "handover.accepted", "532925", datetime(2026, 11, 23, tzinfo=UTC), data={"a": 1})
    await host.fact_happened("aa", "work", fact)
    assert heard == [("work", "handover.accepted")]
    with pytest.raises(TypeError):
        fact.data["a"] = 2


def test_the_six_hooks_are_the_contract():
    names = {name for name in vars(hooks) if hasattr(getattr(hooks, name), "gridloom_spec")}
    assert names == {
        "declare_mechanism", "propose_dispatch", "object_to_step", "required_evidence", "message_arrived",
        "fact_happened",
    }  # fmt: skip
