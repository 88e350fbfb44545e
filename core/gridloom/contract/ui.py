"""The closed vocabulary of a mechanism's page: typed nodes that the web renders without knowing the plugin.

A page is a list of sections, a section a list of nodes. Texts are already in the reader's language; times are aware.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Tone(StrEnum):
    """How a node speaks; never the only carrier of its meaning."""

    NEUTRAL = "NEUTRAL"
    GOOD = "GOOD"
    WARN = "WARN"
    DANGER = "DANGER"


class Progress(StrEnum):
    """Where a step of a path stands. ENDED: the path ended here and not at its end."""

    DONE = "DONE"
    CURRENT = "CURRENT"
    AHEAD = "AHEAD"
    ENDED = "ENDED"


class Widget(StrEnum):
    """The input a field is filled in with."""

    TEXT = "TEXT"
    TEXT_AREA = "TEXT_AREA"
    NUMBER = "NUMBER"
    SWITCH = "SWITCH"
    DATE = "DATE"
    DATE_TIME = "DATE_TIME"
    CHOICE = "CHOICE"
    CHOICES = "CHOICES"
    TEXTS = "TEXTS"
    ORGANIZATION = "ORGANIZATION"
    CASE = "CASE"
    GRID = "GRID"
    STAFF = "STAFF"


class FactKind(StrEnum):
    """How a value is written: DATE and DATE_TIME values are ISO 8601 and formatted by the reader's client."""

    TEXT = "TEXT"
    DATE = "DATE"
    DATE_TIME = "DATE_TIME"
    YES_NO = "YES_NO"


@dataclass(frozen=True, slots=True)
class Stat:
    """One figure. `value` is text: it may be `<5` or `—`."""

    label: str
    value: str
    note: str | None = None
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class Badge:
    text: str
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class PathStep:
    title: str
    progress: Progress
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """The path of a matter, in order."""

    steps: tuple[PathStep, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str
    kind: FactKind = FactKind.TEXT


@dataclass(frozen=True, slots=True)
class Facts:
    """Labelled values."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    kind: FactKind = FactKind.TEXT


@dataclass(frozen=True, slots=True)
class Row:
    """`matter` opens that matter's page when the row is chosen."""

    cells: tuple[str, ...]
    matter: UUID | None = None
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    title: str
    actor: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened, newest first."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    text: str
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class Document:
    """A paper to read or print: a title and paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of one series; `text` is what stands beside a bar."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    title: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `name` is its key in the values sent back; `maximum` and `minimum` bound a number or the
    length of a text."""

    name: str
    label: str
    widget: Widget
    required: bool
    help: str | None = None
    value: str | None = None
    options: tuple[Option, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form to send: `runUiAction` with this `action`, the page's matter and version, and the values by field name."""

    title: str
    action: str
    submit: str
    fields: tuple[Field, ...]
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class Actions:
    """What the reader may do now; each is a form, also when it has no field (then it is a question yes or no)."""

    actions: tuple[Form, ...]


Node = Stat | Badge | Steps | Facts | Table | Timeline | Notice | Document | Chart | Form | Actions


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of an element, or of one matter when `matter` is set; `version` is sent back with an action."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    matter: UUID | None = None
    version: int | None = None
