"""What a plugin declares and what core's behaviours are made of: frozen values, refused when they do not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, Literal

from gridloom.contract.types import Ask, F, Form, G, MatterView, Refusal

KEY = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")
VERB = re.compile(r"^[A-Z][A-Za-z0-9]*$")
ROLE = re.compile(r"^[a-z_]+(@[A-Za-z_]+)?$")
Rule = Callable[[Ask[G]], Refusal | None]
Confirmation = Literal["CONFIRMED", "PROPOSED"]


class Declaration(ValueError):
    """A declaration that does not fit; the message names the plugin or element and says what to change."""


class Side(StrEnum):
    """Which organisation of a matter: the one that began it, the one it is addressed to, the one that owns it now; EITHER
    is any of these."""

    ORIGIN = "ORIGIN"
    COUNTERPART = "COUNTERPART"
    OWNER = "OWNER"
    EITHER = "EITHER"


class Keyed:
    """Written by its key alone: declarations hold one another, and their full text runs to pages."""

    key: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key})"


@dataclass(frozen=True, eq=False, repr=False)
class Step(Keyed, Generic[F]):
    """One row of a behaviour's table. Without `source` it begins a matter; `owner` is who owns it afterwards (None: as
    before); `mutation` is core's name, empty where the element's own name is used; `parent` the states the parent
    must be in. Of the form, `addresses` names the field that holds the counterpart, `titled` makes the matter's title.
    `checks` are core's own rules of the step: pure, asked before the element's.
    """

    key: str
    title: str
    title_en: str
    form: type[F]
    target: str
    source: tuple[str, ...] = ()
    side: Side = Side.OWNER
    owner: Side | None = None
    mutation: str = ""
    part: str = "matter"
    parent: tuple[str, ...] = ()
    addresses: str = ""
    titled: Callable[[Any], str] | None = None
    checks: tuple[Rule[Any], ...] = ()


@dataclass(frozen=True)
class State:
    """`waits_for` is the side in whose inbox a matter in this state stands."""

    key: str
    title: str
    title_en: str
    ends: bool = False
    waits_for: Side | None = None


@dataclass(frozen=True)
class Part:
    """One state machine of a behaviour, such as a point and its visits. `of` names the part of its parent."""

    key: str
    title: str
    title_en: str
    states: tuple[State, ...]
    of: str | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Behaviour(Keyed):
    """A closed state machine of core's, as a table of steps."""

    key: str
    title: str
    parts: tuple[Part, ...]
    steps: tuple[Step[Any], ...]
    roles: tuple[str, ...] = ("department_officer", "department_lead", "centre_officer", "centre_lead", "mediator")

    def __post_init__(self) -> None:
        for step in self.steps:
            known = {state.key for state in self.part(step.part).states}
            unknown = {step.target, *step.source} - known
            if unknown:
                raise Declaration(f"behaviour {self.key}: step {step.key} uses unknown states {sorted(unknown)}")

    def part(self, key: str) -> Part:
        for part in self.parts:
            if part.key == key:
                return part
        raise Declaration(f"behaviour {self.key} has no part {key}")

    def state(self, key: str) -> State:
        for part in self.parts:
            for state in part.states:
                if state.key == key:
                    return state
        raise Declaration(f"behaviour {self.key} has no state {key}")

    def step(self, key: str) -> Step[Any]:
        for step in self.steps:
            if step.key == key:
                return step
        raise Declaration(f"behaviour {self.key} has no step {key}")

    def after(self, state: str) -> tuple[Step[Any], ...]:
        """The steps that may follow a state."""
        return tuple(step for step in self.steps if state in step.source)


@dataclass(frozen=True)
class Clock:
    """A limit on a matter. A code without `sl:` is a statutory clock of core's list and brings its own limit; a service
    level says exactly one of `days`, `working_days`, `hours`, `working_hours`. `extended_by` adds its form's `days`."""

    code: str
    starts: Step[Any]
    stops: tuple[Step[Any], ...] | Step[Any]
    label: str = ""
    days: int | None = None
    working_days: int | None = None
    hours: int | None = None
    working_hours: int | None = None
    extended_by: Step[Any] | None = None
    when: Callable[[MatterView], bool] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.stops, Step):
            object.__setattr__(self, "stops", (self.stops,))
        given = [n for n in (self.days, self.working_days, self.hours, self.working_hours) if n is not None]
        if self.statutory and given:
            raise Declaration(f"clock {self.code}: a statutory clock has its limit from the law, not from a plugin")
        if not self.statutory and (len(given) != 1 or given[0] <= 0):
            raise Declaration(f"clock {self.code}: give exactly one positive limit")

    @property
    def statutory(self) -> bool:
        return not self.code.startswith("sl:")

    @property
    def ends(self) -> tuple[Step[Any], ...]:
        return self.stops if isinstance(self.stops, tuple) else (self.stops,)


@dataclass(frozen=True)
class Figure:
    """A number on the page, computed by core: matters in `states` (empty: all that are open); with `share_of`, their
    percentage of those; with `within`, the percentage of that clock's ended runs that met their limit. A count below
    `hide_below`, or a share of fewer, is hidden."""

    label: str
    states: tuple[str, ...] = ()
    share_of: tuple[str, ...] = ()
    within: str | None = None
    hide_below: int = 5
    label_en: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Element(Keyed):
    """One element of a mechanism: a behaviour of core's plus the department's forms, rules, posts, clocks, figure.

    `who` maps a step to posts `role` or `role@organization-code-or-kind`; a step not named there is open to the
    behaviour's roles at the side that the step belongs to. `verbs` names the mutation: plugin + verb."""

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
    rules: Mapping[Step[Any], tuple[Rule[Any], ...]] = field(default_factory=dict, init=False)
    sealed: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        _named(KEY, self.key, f"element {self.key}: the key must be lower_snake_case")
        for name in ("forms", "verbs", "who"):
            given = dict(getattr(self, name))
            self._own_steps(name, given)
            object.__setattr__(self, name, MappingProxyType(given))
        for step, form in self.forms.items():
            if not (isinstance(form, type) and issubclass(form, step.form)):
                raise Declaration(f"element {self.key}: the form of {step.key} must extend {step.form.__name__}")
        for verb in self.verbs.values():
            _named(VERB, verb, f"element {self.key}: the verb {verb} must be PascalCase")
        for posts in self.who.values():
            for post in posts:
                _named(ROLE, post, f"element {self.key}: {post} is not role or role@organization")
        for clock in self.clocks:
            extending = (clock.extended_by,) if clock.extended_by else ()
            self._own_steps(f"clock {clock.code}", (clock.starts, *clock.ends, *extending))
        for figure in (self.figure, *self.figures):
            self._figure_fits(figure)

    def _own_steps(self, name: str, steps: Iterable[Step[Any]]) -> None:
        for step in steps:
            if step not in self.behaviour.steps:
                raise Declaration(f"element {self.key}: {name} names the step {getattr(step, 'key', step)}, "
                                  f"which {self.behaviour.key} does not have")  # fmt: skip

    def _figure_fits(self, figure: Figure) -> None:
        for state in (*figure.states, *figure.share_of):
            self.behaviour.state(state)
        if figure.within and figure.within not in {clock.code for clock in self.clocks}:
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
        return not step.source or step in self.forms


@dataclass(frozen=True, eq=False, repr=False)
class Mechanism(Keyed):
    """A department's mechanism. `department` is the code of its organisation, `guards` the mutations of core's that
    `object_to_step` is asked about, `subscribes` the fact types it wants, `locale` its folder of Fluent files."""

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

    def __post_init__(self) -> None:
        _named(KEY, self.key, f"mechanism {self.key}: the key must be lower_snake_case")
        keys = [element.key for element in self.elements]
        if len(keys) != len(set(keys)):
            raise Declaration(f"mechanism {self.key}: two elements share a key")
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


def pascal(key: str) -> str:
    """`jin_township` → `JinTownship`."""
    return "".join(word[:1].upper() + word[1:] for word in key.split("_"))


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
