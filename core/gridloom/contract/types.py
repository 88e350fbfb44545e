"""What core shows a plugin and what a plugin answers: frozen values, no behaviour of their own beyond look-ups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Generic, Literal, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

F = TypeVar("F", bound="Form")
G = TypeVar("G", bound="Form")
RefusalCode = Literal[
    "VALIDATION",
    "NOT_FOUND",
    "NOT_ALLOWED_NOW",
    "NOT_YOURS",
    "SAME_PERSON",
    "LIMIT_EXCEEDED",
    "WINDOW_CLOSED",
    "ALREADY_RETURNED",
    "APPROVAL_NEEDED",
    "MEDIATION_BLOCKED",
    "PLUGIN_REFUSED",
]


class Form(BaseModel):
    """What a person fills in for one step; also the base of a plugin's settings. Frozen; unknown fields refused.

    `FORM_VERSION` is kept with what was filled in; raise it when a field changes its meaning."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    FORM_VERSION: ClassVar[int] = 1


class Mode(StrEnum):
    """How a county has a plugin switched. SHADOW: asked, answers kept, without effect and without fields."""

    OFF = "OFF"
    SHADOW = "SHADOW"
    ON = "ON"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal as a value. `message` is a Fluent id of the plugin's locale or a plain sentence; `path` names the
    form's field, outermost first."""

    code: RefusalCode
    message: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A paper that a step needs before it may be taken, such as ("minutes", "调解笔录")."""

    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A unit proposed for a case. `organization` is a code of the county's organisations, `due_days` calendar days."""

    organization: str
    reason: str
    due_days: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """Something that arrived at a channel the plugin reads. `data` is read-only."""

    channel: str
    id: str
    data: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", MappingProxyType(dict(self.data)))


@dataclass(frozen=True, slots=True)
class Intake:
    """What core should begin because of a message: a case through the ordinary report (`work_item`, `description`,
    `grid_code`), or a matter of one of the plugin's own elements (`element`, its first `step`, the `form`)."""

    work_item: str = ""
    description: str = ""
    grid_code: str | None = None
    element: str = ""
    step: str = ""
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A committed fact. `data` holds ids and public fields only."""

    id: UUID
    type: str
    county: str
    at: datetime
    case: UUID | None = None
    data: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", MappingProxyType(dict(self.data)))


@dataclass(frozen=True, slots=True)
class ActorView:
    """Who acts: roles as `role@organization-kind-or-code`, never a personal field beyond the staff name."""

    id: UUID
    kind: Literal["user", "client", "citizen", "system"]
    name: str
    roles: frozenset[str] = frozenset()
    duties: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CaseView:
    """What a question may know of a case: no parties, no free text."""

    id: UUID
    number: str
    work_item: str
    category: str
    severity: str
    status: str
    township: str
    protection: frozenset[str] = frozenset()
    emergency: bool = False
    settings: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class StepView:
    """A step about to be taken somewhere in core. `mutation` is its GraphQL name, `subject` the id it is taken on."""

    mutation: str
    severity: str
    actor: ActorView
    subject: UUID | None
    emergency: bool = False
    case: CaseView | None = None
    settings: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class MatterView:
    """A matter as its rules see it: state, the organisations in it, every form filled so far by the step's key."""

    id: UUID
    plugin: str
    element: str
    part: str
    state: str
    version: int
    began: datetime
    owner: UUID
    origin: UUID
    counterpart: UUID | None = None
    case: UUID | None = None
    forms: Mapping[str, Form] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "forms", MappingProxyType(dict(self.forms)))

    def form(self, step: str, kind: type[G]) -> G | None:
        """The form filled at a step, or None when that step was not taken (or with another form)."""
        filled = self.forms.get(step)
        return filled if isinstance(filled, kind) else None


@dataclass(frozen=True, slots=True)
class Ask(Generic[F]):
    """The one argument of an element's rule; it may grow without breaking rules written today."""

    form: F
    actor: ActorView
    today: date
    matter: MatterView | None = None
    parent: MatterView | None = None
    case: CaseView | None = None
    settings: Form = field(default_factory=Form)

    def settings_as(self, kind: type[G]) -> G:
        """The plugin's own settings, typed; the defaults where the county has stored none."""
        return self.settings if isinstance(self.settings, kind) else kind()


class Work(Protocol):
    """The unit of work handed to a fact hook: one transaction of one county."""

    @property
    def tenant(self) -> UUID: ...

    @property
    def now(self) -> datetime: ...

    @property
    def settings(self) -> Form: ...

    async def take(
        self, element: str, step: str, form: Form, *, matter: UUID | None = None, parent: UUID | None = None,
        organization: str | None = None,
    ) -> UUID:
        """Take a step of one of the plugin's own elements; returns the matter's id. Raises when core refuses it.

        Without `matter` one is begun, for the mechanism's department or the organisation of the code `organization`,
        under `parent` where the step belongs to a part of another.
        """
        ...

    async def matter(self, matter: UUID) -> MatterView:
        """A matter of the plugin's own, with every form filled so far. Raises where there is none."""
        ...

    def fact(self, type: str, case: UUID | None = None, **data: object) -> UUID:
        """Append a fact of the plugin's own (`<plugin>.<word>`) to the same transaction."""
        ...
