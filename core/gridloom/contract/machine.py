"""What core's behaviours are made of: tables of steps with the clocks and refusals that follow from the table alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Literal

from gridloom.contract.types import Ask, F, G, MatterView, Refusal

Rule = Callable[[Ask[G]], Refusal | None]
UNITS = ("minutes", "hours", "working_hours", "days", "working_days", "months")


class Declaration(ValueError):
    """A declaration that does not fit; the message names the plugin or element and says what to change."""


class Side(StrEnum):
    """Which organisation of a matter takes a step: the one that began it, the one it is addressed to, the one that owns
    it now, the centre above it; EITHER is any of these; SYSTEM steps are core's own (a clock ran out, a consequence)."""

    ORIGIN = "ORIGIN"
    COUNTERPART = "COUNTERPART"
    OWNER = "OWNER"
    SUPERVISOR = "SUPERVISOR"
    EITHER = "EITHER"
    SYSTEM = "SYSTEM"


class Keyed:
    """Written by its key alone: declarations hold one another, and their full text runs to pages."""

    key: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key})"


@dataclass(frozen=True, eq=False, repr=False)
class Step(Keyed, Generic[F]):
    """One row of a behaviour's table. Without `source` it begins a matter; without `target` the state stays; `owner` is
    who owns it afterwards (None: as before); `mutation` is core's name, empty where the element's own name is used;
    `parent` the states the parent must be in; `titled` makes the title.

    Names of the form's fields: `addresses` the counterpart from here on (None there: as before; `step.field` of a form
    filled before), `hands_to` the owner, `assigns` the person who handles it, `names` persons who may see a matter that only
    named persons see, `consents` yes/no fields that must be yes, `reference` a text that no other open matter of the element
    has, `follows` the earlier matter that this one replaces.

    `other_than`: steps whose doers must not take this one; `requires` and `unless`: steps that must, or must not, have been
    taken; `assigned`: the handler alone, where there is one; `mediates`: blocked by a sign of violence; `calls_centre`: the
    centre above joins; `after_children`: not while a child is open; `on_earlier`: the step that core takes on the matter
    that this one follows, `closes_children` the one it takes on every open child; `imported`: many at once, with a dry run;
    `checks`: core's own rules of the step, pure, asked before the element's; `impersonal`: an element's form may add neither
    text nor references to it, so that nothing of a person can be counted by.
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
    hands_to: str = ""
    assigns: str = ""
    names: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    reference: str = ""
    follows: str = ""
    other_than: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    assigned: bool = False
    mediates: bool = False
    calls_centre: bool = False
    after_children: bool = False
    on_earlier: str = ""
    imported: bool = False
    checks: tuple[Rule[Any], ...] = ()
    impersonal: bool = False
    closes_children: str = ""

    def leads_to(self, state: str) -> str:
        """The state after this step, taken in that one."""
        return self.target or state

    @property
    def by_core(self) -> bool:
        """Whether core alone takes it."""
        return self.side is Side.SYSTEM


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


@dataclass(frozen=True)
class Clock:
    """A limit on a matter. A code without `sl:` is a statutory clock of core's list and brings its own limit; a service
    level says exactly one of `minutes` … `months`, which the county may edit, or `until`.

    `starts` and `stops` are steps (started again while it runs, it begins anew; without `stops` it ends with the matter).
    Of the starting step's form, `starting` names the date or time it is counted from (else now), `until` the date on which
    it ends (with `from_day`: with whose first moment). `extended_by` adds its form's `days`, together at most
    `extend_at_most`. It stands from `paused_by` to `resumed_by`; a statutory clock only with `pause_ground`, the article
    that says so. When it runs out core takes `expires`. `when` decides, from the matter, whether it is started at all.
    """

    code: str
    starts: Step[Any] | tuple[Step[Any], ...]
    stops: tuple[Step[Any], ...] | Step[Any] = ()
    label: str = ""
    days: int | None = None
    working_days: int | None = None
    hours: int | None = None
    working_hours: int | None = None
    extended_by: Step[Any] | None = None
    when: Callable[[MatterView], bool] | None = None
    minutes: int | None = None
    months: int | None = None
    starting: str = ""
    until: str = ""
    from_day: bool = False
    paused_by: tuple[Step[Any], ...] = ()
    resumed_by: tuple[Step[Any], ...] = ()
    pause_ground: str = ""
    extend_at_most: int | None = None
    expires: Step[Any] | None = None

    def __post_init__(self) -> None:
        for name in ("starts", "stops"):
            if isinstance(getattr(self, name), Step):
                object.__setattr__(self, name, (getattr(self, name),))
        given = [getattr(self, unit) for unit in UNITS if getattr(self, unit) is not None]
        if self.statutory and (given or self.until):
            raise Declaration(f"clock {self.code}: a statutory clock has its limit from the law, not from a plugin")
        if not self.statutory and (len(given) + bool(self.until) != 1 or any(value <= 0 for value in given)):
            raise Declaration(f"clock {self.code}: give exactly one positive limit, or `until`")
        if self.statutory and self.paused_by and not self.pause_ground:
            raise Declaration(f"clock {self.code}: a legal time stands only where the law says so: name pause_ground")
        if bool(self.paused_by) != bool(self.resumed_by):
            raise Declaration(f"clock {self.code}: paused_by and resumed_by go together")

    @property
    def statutory(self) -> bool:
        return not self.code.startswith("sl:")

    @property
    def begins(self) -> tuple[Step[Any], ...]:
        return self.starts if isinstance(self.starts, tuple) else (self.starts,)

    @property
    def ends(self) -> tuple[Step[Any], ...]:
        return self.stops if isinstance(self.stops, tuple) else (self.stops,)

    @property
    def steps(self) -> tuple[Step[Any], ...]:
        """Every step that it names."""
        single = [one for one in (self.extended_by, self.expires) if one is not None]
        return (*self.begins, *self.ends, *self.paused_by, *self.resumed_by, *single)


@dataclass(frozen=True)
class Window:
    """A step may be taken only within a time of another: afterwards WINDOW_CLOSED.

    Counted from when `since` was taken, or from the date in the field `starting` of the form of `since` (of the step's own
    form without `since`). `code` is a statutory clock; else exactly one of the units. `excused` names a yes/no field of the
    step's form that opens the window again (the law's own exception, with its reason in the form).
    """

    step: Step[Any]
    since: Step[Any] | None = None
    starting: str = ""
    code: str = ""
    excused: str = ""
    minutes: int | None = None
    hours: int | None = None
    working_hours: int | None = None
    days: int | None = None
    working_days: int | None = None
    months: int | None = None

    def __post_init__(self) -> None:
        given = [getattr(self, unit) for unit in UNITS if getattr(self, unit) is not None]
        if len(given) + bool(self.code) != 1:
            raise Declaration(f"window of {self.step.key}: give a statutory code or exactly one limit")
        if self.since is None and not self.starting:
            raise Declaration(f"window of {self.step.key}: say since which step, or starting with which field")


@dataclass(frozen=True, eq=False, repr=False)
class Behaviour(Keyed):
    """A closed state machine of core's, as a table of steps. `clocks` run for every element that binds to it. Its facts
    are named `tells` and the state (the key, unless said); with `named` its matters are always those of named persons."""

    key: str
    title: str
    parts: tuple[Part, ...]
    steps: tuple[Step[Any], ...]
    roles: tuple[str, ...] = ("department_officer", "department_lead", "centre_officer", "centre_lead", "mediator")
    clocks: tuple[Clock, ...] = ()
    tells: str = ""
    named: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "tells", self.tells or self.key)
        every = [state.key for part in self.parts for state in part.states]
        if len(every) != len(set(every)):
            raise Declaration(f"behaviour {self.key}: two parts share the name of a state")
        keys = {step.key for step in self.steps}
        for step in self.steps:
            known = {state.key for state in self.part(step.part).states}
            unknown = {*filter(None, (step.target,)), *step.source} - known
            if not (step.target or step.source):
                raise Declaration(f"behaviour {self.key}: step {step.key} begins something in no state")
            if unknown:
                raise Declaration(f"behaviour {self.key}: step {step.key} uses unknown states {sorted(unknown)}")
            named_steps = (*step.other_than, *step.requires, *step.unless, step.on_earlier, step.closes_children)
            unknown = {*filter(None, named_steps)} - keys
            if unknown:
                raise Declaration(f"behaviour {self.key}: step {step.key} names unknown steps {sorted(unknown)}")
            named = (step.addresses, step.hands_to, step.assigns, *step.names, *step.consents, step.reference, step.follows)
            fields = {name for name in named if name and "." not in name} - set(step.form.model_fields)
            if fields:
                raise Declaration(f"behaviour {self.key}: the form of {step.key} lacks {sorted(fields)}")
        for clock in self.clocks:
            if set(clock.steps) - set(self.steps):
                raise Declaration(f"behaviour {self.key}: the clock {clock.code} names steps it does not have")

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


Every = Literal["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]
