"""The typed facade over pluggy: the only place that calls a hook. It starts with any number of plugins, also none.

Each plugin is asked alone, under the timer and behind its breaker; whatever goes wrong is a `Failure` value, never an
exception of the plugin's. A failing guard refuses only steps that its plugin declared it guards, never an emergency.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeVar

import pluggy

from gridloom.contract import hooks
from gridloom.contract.breaker import Breaker
from gridloom.contract.deadline import LIMIT, Overran, limited
from gridloom.contract.declare import Declaration, Element, Mechanism, Opening, Step
from gridloom.contract.forms import Unmappable
from gridloom.contract.texts import texts_of
from gridloom.contract.types import (
    Ask,
    CaseView,
    Evidence,
    Fact,
    Form,
    Intake,
    MatterView,
    Message,
    Mode,
    Proposal,
    Refusal,
    StepView,
    Work,
)

logger = logging.getLogger(__name__)
T = TypeVar("T")
Reason = Literal["raised", "late", "wrong_answer", "no_answer", "paused", "missing"]


@dataclass(frozen=True, slots=True)
class Switched:
    """One plugin of a county: its mode and its settings, validated against the plugin's own model."""

    key: str
    mode: Mode = Mode.ON
    settings: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that got no usable answer. `detail` is for the log and the county's administrator."""

    plugin: str
    question: str
    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    plugin: str
    values: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class Answers(Generic[T]):
    """What the plugins said: `given` counts, `shadow` is only kept, `failures` are shown to the administrator."""

    given: tuple[Answer[T], ...] = ()
    shadow: tuple[Answer[T], ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def values(self) -> tuple[T, ...]:
        return tuple(value for answer in self.given for value in answer.values)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refusals` stop the step, each with the plugin that says so; the rest is recorded."""

    refusals: tuple[tuple[str, Refusal], ...] = ()
    shadow: tuple[tuple[str, Refusal], ...] = ()
    failures: tuple[Failure, ...] = ()


class BrokenPlugin(RuntimeError):
    """A plugin that cannot be loaded; the process must not start with it."""


class PluginHost:
    """All installed plugins of the process. Which of them a county has is said with each question."""

    def __init__(
        self, plugins: Iterable[object] = (), *, limit: float = LIMIT, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._manager = pluggy.PluginManager(hooks.PROJECT)
        self._manager.add_hookspecs(hooks)
        self._limit = limit
        self._monotonic = monotonic
        self._mechanisms: dict[str, Mechanism] = {}
        self._breakers: dict[str, Breaker] = {}
        self._callers: dict[tuple[str, str], pluggy.HookCaller] = {}
        for plugin in plugins:
            self._add(plugin)

    @classmethod
    def load(cls, **options: Any) -> PluginHost:
        """The host with every distribution's entry points of the group `gridloom.plugins`. Raises BrokenPlugin."""
        host = cls(**options)
        for entry in sorted(entry_points(group=hooks.ENTRY_POINTS), key=lambda one: one.name):
            try:
                plugin = entry.load()
            except Exception as error:
                raise BrokenPlugin(f"plugin {entry.name} cannot be imported: {error}") from error
            if host._add(plugin) != entry.name:
                raise BrokenPlugin(f"plugin {entry.name}: its mechanism's key must equal the entry point's name")
        return host

    def _add(self, plugin: object) -> str:
        name = str(getattr(plugin, "__name__", type(plugin).__name__))
        try:
            self._manager.register(plugin, name)
            self._manager.check_pending()
            declared = self._caller("declare_mechanism", name)()
            if not isinstance(declared, Mechanism):
                raise Declaration("declare_mechanism must return a Mechanism")
            list(texts_of(declared))  # every form can be shown
        except (pluggy.PluginValidationError, ValueError, Unmappable) as error:
            raise BrokenPlugin(f"plugin {name}: {error}") from error
        if declared.key in self._mechanisms:
            raise BrokenPlugin(f"plugin {name}: the mechanism {declared.key} is installed twice")
        self._manager.unregister(name=name)
        self._callers.clear()
        self._manager.register(plugin, declared.key)
        self._mechanisms[declared.key] = declared
        self._breakers[declared.key] = Breaker(self._monotonic)
        return declared.key

    @property
    def mechanisms(self) -> Mapping[str, Mechanism]:
        """Every installed mechanism by key."""
        return MappingProxyType(self._mechanisms)

    @property
    def locale_folders(self) -> tuple[Path, ...]:
        """Folders of Fluent files (`<folder>/<locale>/*.ftl`) that the plugins bring."""
        return tuple(one.locale for one in self._mechanisms.values() if one.locale is not None)

    def element(self, plugin: str, key: str) -> Element | None:
        mechanism = self._mechanisms.get(plugin)
        return mechanism.element(key) if mechanism else None

    def switched(self, modes: Mapping[str, tuple[Mode, Mapping[str, object]]]) -> tuple[Switched, ...]:
        """A county's rows as the host wants them. Settings that no longer fit give way to the defaults (logged);
        a plugin that is not installed is left out (logged)."""
        found = []
        for key, (mode, settings) in modes.items():
            mechanism = self._mechanisms.get(key)
            if mechanism is None:
                logger.error("plugin %s is switched %s but not installed", key, mode)
                continue
            try:
                found.append(Switched(key, mode, mechanism.settings.model_validate(dict(settings))))
            except ValueError:
                logger.exception("settings of plugin %s no longer fit; its defaults are used", key)
                found.append(Switched(key, mode, mechanism.settings()))
        return tuple(found)

    # ---- questions ---------------------------------------------------------------------------------------------------

    def propose_dispatch(self, case: CaseView, county: Sequence[Switched]) -> Answers[Proposal]:
        return self._ask(
            "propose_dispatch", county, Proposal, lambda one: {"case": replace(case, settings=one.settings)}
        )

    def required_evidence(self, step: StepView, county: Sequence[Switched]) -> Answers[Evidence]:
        return self._ask("required_evidence", county, Evidence, _with_settings(step))

    def message_arrived(self, message: Message, county: Sequence[Switched]) -> Answers[Intake]:
        return self._ask("message_arrived", county, Intake, lambda _: {"message": message})

    def guarding(self, mutation: str, county: Sequence[Switched]) -> list[Switched]:
        """The county's plugins, on or in shadow, that guard this mutation."""
        return [one for one in county if mutation in self._guards(one.key)]

    def object_to_step(self, step: StepView, county: Sequence[Switched]) -> Verdict:
        """Asks the plugins that guard this mutation. A failure refuses unless the step is an emergency's."""
        guarding = self.guarding(step.mutation, county)
        answers = self._ask("object_to_step", guarding, Refusal, _with_settings(step))
        refusals = [(answer.plugin, refusal) for answer in answers.given for refusal in answer.values]
        if not (step.emergency or step.severity == "CRITICAL"):
            on = {one.key for one in guarding if one.mode is Mode.ON}
            refusals += [(failure.plugin, _closed()) for failure in answers.failures if failure.plugin in on]
        shadow = tuple((answer.plugin, refusal) for answer in answers.shadow for refusal in answer.values)
        return Verdict(tuple(refusals), shadow, answers.failures)

    def ask_rules(self, plugin: str, element: Element, step: Step[Any], ask: Ask[Any]) -> Verdict:
        """The element's own rules for a step. A rule that fails refuses its own step."""
        refusals: list[tuple[str, Refusal]] = []
        failures: list[Failure] = []
        for rule in element.rules.get(step, ()):
            answer, failure = self._guarded(plugin, f"rule {rule.__name__}", partial(rule, ask), _one_refusal)
            if failure is not None:
                failures.append(failure)
                refusals.append((plugin, _closed()))
            elif answer:
                refusals.append((plugin, answer[0]))
        return Verdict(tuple(refusals), (), tuple(failures))

    def starts_clock(self, plugin: str, when: Callable[[MatterView], bool] | None, matter: MatterView) -> bool:
        """A clock's condition; when that fails to answer the clock starts: a limit too many is seen, a lost one not."""
        if when is None:
            return True
        answer, failure = self._guarded(plugin, "clock condition", partial(when, matter), _one_yes_or_no)
        return failure is not None or answer == (True,)

    def ask_opening(self, plugin: str, opening: Opening, ask: Ask[Any]) -> tuple[Form | None, Failure | None]:
        """What is filled in where a step begins a matter of another element; None where nothing is begun."""
        answer, failure = self._guarded(plugin, "opening", partial(opening.form, ask), _one_form)
        return (answer[0] if answer else None), failure

    # ---- facts -------------------------------------------------------------------------------------------------------

    def wants(self, plugin: str, fact_type: str) -> bool:
        mechanism = self._mechanisms.get(plugin)
        return mechanism is not None and fact_type in mechanism.subscribes and self._implements(plugin, "fact_happened")

    async def fact_happened(self, plugin: str, work: Work, fact: Fact) -> None:
        """Deliver one fact to one plugin. Its exceptions are the caller's: the worker retries and then shows them."""
        results = self._caller("fact_happened", plugin)(work=work, fact=fact)
        for waiting in results:
            if not inspect.isawaitable(waiting):
                raise BrokenPlugin(f"plugin {plugin}: fact_happened must be an async function")
            await waiting

    # ---- inside ------------------------------------------------------------------------------------------------------

    def _implements(self, plugin: str, question: str) -> bool:
        return bool(self._caller(question, plugin).get_hookimpls())

    def _caller(self, question: str, plugin: str) -> pluggy.HookCaller:
        cached = self._callers.get((question, plugin))
        if cached is None:
            others = [one for name, one in self._manager.list_name_plugin() if name != plugin]
            cached = self._manager.subset_hook_caller(question, others)
            self._callers[(question, plugin)] = cached
        return cached

    def _ask(
        self, question: str, county: Sequence[Switched], kind: type[T], arguments: Callable[[Switched], dict[str, Any]]
    ) -> Answers[T]:
        given: list[Answer[T]] = []
        shadow: list[Answer[T]] = []
        failures: list[Failure] = []
        for one in county:
            if one.mode is Mode.OFF or not self._implements(one.key, question):
                continue
            call = partial(self._caller(question, one.key), **arguments(one))
            values, failure = self._guarded(one.key, question, call, partial(_list_of, kind))
            if failure is not None:
                failures.append(failure)
            else:
                (given if one.mode is Mode.ON else shadow).append(Answer(one.key, values))
        return Answers(tuple(given), tuple(shadow), tuple(failures))

    def _guarded(
        self, plugin: str, question: str, call: Callable[[], Any], check: Callable[[Any], tuple[T, ...]]
    ) -> tuple[tuple[T, ...], Failure | None]:
        breaker = self._breakers[plugin]
        if not breaker.allows():
            return (), Failure(plugin, question, "paused")
        try:
            values = check(limited(call, self._limit))
        except KeyboardInterrupt:
            raise
        except Overran:
            return (), self._failed(plugin, question, "late", f"more than {self._limit * 1000:.0f} ms")
        except _Unusable as unusable:
            return (), self._failed(plugin, question, unusable.reason, str(unusable))
        except BaseException as error:
            return (), self._failed(plugin, question, "raised", f"{type(error).__name__}: {error}")
        breaker.succeeded()
        return values, None

    def _guards(self, plugin: str) -> frozenset[str]:
        mechanism = self._mechanisms.get(plugin)
        return mechanism.guards if mechanism else frozenset()

    def _failed(self, plugin: str, question: str, reason: Reason, detail: str) -> Failure:
        self._breakers[plugin].broke()
        logger.error("plugin %s failed at %s: %s %s", plugin, question, reason, detail)
        return Failure(plugin, question, reason, detail)


class _Unusable(Exception):
    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Reason = reason


def _list_of(kind: type[T], results: list[object]) -> tuple[T, ...]:
    if len(results) != 1:  # pluggy drops an answer of None: silence is not consent
        raise _Unusable("no_answer", "the hook returned None; return a list")
    values = results[0]
    if not isinstance(values, (list, tuple)) or not all(isinstance(value, kind) for value in values):
        raise _Unusable("wrong_answer", f"expected a list of {kind.__name__}")
    return tuple(values)


def _one_refusal(answer: object) -> tuple[Refusal, ...]:
    if answer is None:
        return ()
    if not isinstance(answer, Refusal):
        raise _Unusable("wrong_answer", f"expected a Refusal or None, not {type(answer).__name__}")
    return (answer,)


def _one_form(answer: object) -> tuple[Form, ...]:
    if answer is None:
        return ()
    if not isinstance(answer, Form):
        raise _Unusable("wrong_answer", f"expected a Form or None, not {type(answer).__name__}")
    return (answer,)


def _one_yes_or_no(answer: object) -> tuple[bool, ...]:
    if not isinstance(answer, bool):
        raise _Unusable("wrong_answer", f"expected True or False, not {type(answer).__name__}")
    return (answer,)


def _with_settings(step: StepView) -> Callable[[Switched], dict[str, Any]]:
    return lambda one: {"step": replace(step, settings=one.settings)}


def _closed() -> Refusal:
    return Refusal("PLUGIN_REFUSED", "problem-plugin-failed")
