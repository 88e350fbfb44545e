"""What a plugin declares and what core's behaviours are made of: frozen values, refused when they do not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from gridloom.contract.forms import Kind, fields_of
from gridloom.contract.machine import (
    Behaviour,
    Clock,
    Declaration,
    Every,
    Keyed,
    Part,
    Rule,
    Side,
    State,
    Step,
    Window,
)
from gridloom.contract.types import Ask, Form, G

__all__ = [
    "Behaviour", "Clock", "Declaration", "Element", "Figure", "Mechanism", "Opening", "Part", "Privacy", "Schedule", "Side",
    "State", "Step", "Window", "camel", "mutation_name", "pascal", "type_name",
]  # fmt: skip

KEY = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")
VERB = re.compile(r"^[A-Z][A-Za-z0-9]*$")
ROLE = re.compile(r"^[a-z_]+(@[A-Za-z_]+)?$")
Confirmation = Literal["CONFIRMED", "PROPOSED"]


class Privacy(StrEnum):
    """Who sees a matter. OPEN: the organisations in it; nothing of a protected case. CASE: of a protected case only persons
    named in it. NAMED: always only persons named in it; it is in no list, search or figure below the limit of others."""

    OPEN = "OPEN"
    CASE = "CASE"
    NAMED = "NAMED"


@dataclass(frozen=True)
class Schedule:
    """A first step that core takes by the calendar, on the first day of each period (county time), once: `form` makes what
    is filled in from that day. It is begun for the mechanism's department, or the organisation of the code `at`."""

    step: Step[Any]
    every: Every
    form: Callable[[date], Form]
    at: str = ""


@dataclass(frozen=True)
class Opening:
    """A matter of another element of the same mechanism that core begins in the same transaction, for the organisation that
    takes the step: `form` makes what is filled in, or None where nothing is to be begun. Its own rules hold."""

    element: str
    step: Step[Any]
    form: Callable[[Ask[Any]], Form | None]


@dataclass(frozen=True)
class Figure:
    """A number on the page, computed by core: matters in `states` (empty: all that are open); with `share_of`, their
    percentage of those; with `within`, the percentage of that clock's ended runs that met their limit; with `answers`
    (step, field, values), matters whose form says so, as a percentage of all that say anything where `share` is true. A
    count below `hide_below`, or a share of fewer, is hidden."""

    label: str
    states: tuple[str, ...] = ()
    share_of: tuple[str, ...] = ()
    within: str | None = None
    hide_below: int = 5
    label_en: str = ""
    answers: tuple[Step[Any], str, tuple[str, ...]] | None = None
    share: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class Element(Keyed):
    """One element of a mechanism: a behaviour of core's plus the department's forms, rules, posts, clocks, figure.

    `who` maps a step to posts `role` or `role@organization-code-or-kind`; a step not named there is open to the
    behaviour's roles at the side that the step belongs to. `verbs` names the mutation: plugin + verb. `without` are steps
    that this element does not have; `at_once` maps a step to one that core takes for the other side in the same transaction
    (a danger handover is accepted as it is offered); `mediates` are steps that a sign of violence blocks; `other_than` maps
    a step to those whose doers must not take it, `consents` to yes/no fields of its form that must be yes, `opens` to matters
    that core begins with it.

    An element on `handover.incoming` with `docks_with` (code, kind or line of the sender) types the receiver's steps of what
    those senders offer to the mechanism's department, or to the organisations that `docks_at` names in the same way.
    """

    key: str
    group: str
    title: str
    behaviour: Behaviour
    figure: Figure
    title_en: str = ""
    status: Confirmation = "PROPOSED"
    forms: Mapping[Step[Any], type[Form]] = field(default_factory=dict)
    verbs: Mapping[Step[Any], str] = field(default_factory=dict)
    who: Mapping[Step[Any], tuple[str, ...]] = field(default_factory=dict)
    clocks: tuple[Clock, ...] = ()
    figures: tuple[Figure, ...] = ()
    without: tuple[Step[Any], ...] = ()
    at_once: Mapping[Step[Any], Step[Any]] = field(default_factory=dict)
    mediates: tuple[Step[Any], ...] = ()
    other_than: Mapping[Step[Any], tuple[Step[Any], ...]] = field(default_factory=dict)
    consents: Mapping[Step[Any], tuple[str, ...]] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    docks_with: tuple[str, ...] = ()
    docks_at: tuple[str, ...] = ()
    privacy: Privacy = Privacy.OPEN
    schedule: Schedule | None = None
    opens: Mapping[Step[Any], Opening] = field(default_factory=dict)
    rules: Mapping[Step[Any], tuple[Rule[Any], ...]] = field(default_factory=dict, init=False)
    sealed: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        _named(KEY, self.key, f"element {self.key}: the key must be lower_snake_case")
        for name in ("forms", "verbs", "who", "at_once", "other_than", "consents", "opens"):
            given = dict(getattr(self, name))
            self._own_steps(name, given)
            object.__setattr__(self, name, MappingProxyType(given))
        for step, form in self.forms.items():
            if not (isinstance(form, type) and issubclass(form, step.form)):
                raise Declaration(f"element {self.key}: the form of {step.key} must extend {step.form.__name__}")
            if step.impersonal:
                _impersonal(self.key, step, form)
        for verb in self.verbs.values():
            _named(VERB, verb, f"element {self.key}: the verb {verb} must be PascalCase")
        for posts in self.who.values():
            for post in posts:
                _named(ROLE, post, f"element {self.key}: {post} is not role or role@organization")
        if self.behaviour.named:
            object.__setattr__(self, "privacy", Privacy.NAMED)
        self._steps_fit()
        self._fields_fit()
        for figure in (self.figure, *self.figures):
            self._figure_fits(figure)

    def _steps_fit(self) -> None:
        self._own_steps("without", self.without)
        self._own_steps("mediates", self.mediates)
        for steps in (*((one,) for one in self.at_once.values()), *self.other_than.values()):
            self._own_steps("a step", steps)
        for clock in self.clocks:
            self._own_steps(f"clock {clock.code}", clock.steps)
        for window in self.windows:
            self._own_steps("a window", (window.step, *([window.since] if window.since else [])))
        if self.schedule is not None:
            self._own_steps("the schedule", (self.schedule.step,))

    def _fields_fit(self) -> None:
        """Names of form fields that the declaration uses stand in those forms."""
        used = [(step, name) for step, names in self.consents.items() for name in names]
        used += [(step, name) for clock in self.clocks for step in clock.begins for name in (clock.starting, clock.until)]
        used += [(window.since or window.step, window.starting) for window in self.windows]
        used += [(window.step, window.excused) for window in self.windows]
        for step, name in used:
            if name and name not in self.form_of(step).model_fields:
                raise Declaration(f"element {self.key}: the form of {step.key} has no field {name}")

    def _own_steps(self, name: str, steps: Iterable[Step[Any]]) -> None:
        for step in steps:
            if step not in self.behaviour.steps:
                raise Declaration(f"element {self.key}: {name} names the step {getattr(step, 'key', step)}, "
                                  f"which {self.behaviour.key} does not have")  # fmt: skip

    def _figure_fits(self, figure: Figure) -> None:
        for state in (*figure.states, *figure.share_of):
            self.behaviour.state(state)
        if figure.answers is not None:
            step, name, _values = figure.answers
            self._own_steps("the figure", (step,))
            if name not in self.form_of(step).model_fields:
                raise Declaration(f"element {self.key}: the form of {step.key} has no field {name}")
        if figure.within and figure.within not in {clock.code for clock in self.every_clock}:
            raise Declaration(f"element {self.key}: the figure names the clock {figure.within}, which it does not have")

    def rule(self, step: Step[Any]) -> Callable[[Rule[G]], Rule[G]]:
        """Decorator: a pure function asked before the step is taken; it answers None or a Refusal."""
        self._own_steps("rule", (step,))
        if self.sealed:
            raise Declaration(f"element {self.key}: a rule must be declared before the mechanism")

        def keep(function: Rule[G]) -> Rule[G]:
            rules = {**self.rules, step: (*self.rules.get(step, ()), function)}
            object.__setattr__(self, "rules", MappingProxyType(rules))
            return function

        return keep

    def form_of(self, step: Step[Any]) -> type[Form]:
        form: type[Form] = self.forms.get(step, step.form)
        return form

    def has_own_mutation(self, step: Step[Any]) -> bool:
        """True for a step that begins something and for one with a form of the element's own."""
        return self.has(step) and (not step.source or step in self.forms)

    def has(self, step: Step[Any]) -> bool:
        """Whether people take the step on this element: core's own steps and those left out are nobody's."""
        return not step.by_core and step not in self.without

    @property
    def every_clock(self) -> tuple[Clock, ...]:
        """The element's clocks, and those of its behaviour that it does not replace by code."""
        own = {clock.code for clock in self.clocks}
        return (*self.clocks, *(clock for clock in self.behaviour.clocks if clock.code not in own))


@dataclass(frozen=True, eq=False, repr=False)
class Mechanism(Keyed):
    """A department's mechanism. `department` is the code of its organisation, `guards` the mutations of core's that
    `object_to_step` is asked about, `subscribes` the fact types it wants, `locale` its folder of Fluent files, `channels` the
    channels whose messages it reads, each with the form that says what a message may hold."""

    key: str
    title: str
    department: str
    elements: tuple[Element, ...] = ()
    title_en: str = ""
    settings: type[Form] = Form
    guards: frozenset[str] = frozenset()
    subscribes: frozenset[str] = frozenset()
    duties: frozenset[str] = frozenset()
    locale: Path | None = None
    channels: Mapping[str, type[Form]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _named(KEY, self.key, f"mechanism {self.key}: the key must be lower_snake_case")
        object.__setattr__(self, "channels", MappingProxyType(dict(self.channels)))
        keys = [element.key for element in self.elements]
        if len(keys) != len(set(keys)):
            raise Declaration(f"mechanism {self.key}: two elements share a key")
        for element in self.elements:
            for opening in element.opens.values():
                other = self.element(opening.element)
                if other is None or opening.step not in other.behaviour.steps or opening.step.source:
                    raise Declaration(f"element {element.key}: opens names no first step of {opening.element}")
        types = {type_name(self, element) for element in self.elements}
        for form in (form for element in self.elements for form in element.forms.values()):
            if pascal(self.key) + form.__name__ in types:
                raise Declaration(f"mechanism {self.key}: the form {form.__name__} and an element would both be the type "
                                  f"{pascal(self.key)}{form.__name__}: rename the form")  # fmt: skip
        names: set[str] = set()
        for element in self.elements:
            for step in element.behaviour.steps:
                name = mutation_name(self, element, step)
                if element.has_own_mutation(step) and name in names:
                    raise Declaration(f"mechanism {self.key}: two steps are both named {name}")
                if element.has_own_mutation(step):
                    names.add(name)
            object.__setattr__(element, "sealed", True)

    def element(self, key: str) -> Element | None:
        return next((element for element in self.elements if element.key == key), None)


def _named(pattern: re.Pattern[str], name: str, sentence: str) -> None:
    if not pattern.match(name):
        raise Declaration(sentence)


def _impersonal(element: str, step: Step[Any], form: type[Form]) -> None:
    own = set(form.model_fields) - set(step.form.model_fields)
    for one in fields_of(form):
        if one.name in own and one.kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.REFERENCE, Kind.GROUP):
            raise Declaration(f"element {element}: {form.__name__}.{one.name} may name a person; {step.key} counts "
                              "without persons: use a Literal, a number, a date or yes/no")  # fmt: skip


def pascal(key: str) -> str:
    """`jin_township` → `JinTownship`."""
    return "".join(word[:1].upper() + word[1:] for word in key.split("_"))


def plural(key: str) -> str:
    """`visit` → `visits`, `duty` → `duties`: what a parent calls its children."""
    return f"{key[:-1]}ies" if key.endswith("y") else f"{key}s"


def camel(key: str) -> str:
    """`jin_township` → `jinTownship`."""
    name = pascal(key)
    return name[:1].lower() + name[1:]


def mutation_name(mechanism: Mechanism, element: Element, step: Step[Any]) -> str:
    """The GraphQL name of a step: `courtAssignMediation` where the element has its own, else core's."""
    if not element.has_own_mutation(step):
        return step.mutation
    return camel(mechanism.key) + element.verbs.get(step, pascal(element.key) + pascal(step.key))


def type_name(mechanism: Mechanism, element: Element) -> str:
    """The GraphQL type of an element's matters: `CourtLianTiao`."""
    return pascal(mechanism.key) + pascal(element.key)
