"""One walk over a Pydantic form: the fields that become GraphQL inputs and outputs, widgets and documentation."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Union
from uuid import UUID

from pydantic.fields import FieldInfo

from gridloom.contract.types import Form


class Unmappable(TypeError):
    """A field that neither GraphQL nor the page can show; the message says what to use instead."""


class Kind(StrEnum):
    TEXT = "TEXT"
    LONG_TEXT = "LONG_TEXT"
    INTEGER = "INTEGER"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    DATE_TIME = "DATE_TIME"
    CHOICE = "CHOICE"
    REFERENCE = "REFERENCE"
    GROUP = "GROUP"


@dataclass(frozen=True)
class Reference:
    """Marks a UUID as the id of something of core's, chosen with a picker."""

    to: Literal["organization", "case", "grid", "staff", "matter"]


class Labels:
    """Titles of a Literal's values: `Annotated[Literal["loan", "lease"], Labels(loan="借贷", lease="租赁")]`."""

    def __init__(self, **titles: str) -> None:
        self.titles: Mapping[str, str] = types.MappingProxyType(dict(titles))


class Paragraph:
    """Marks a text of several lines."""


class Computed:
    """Marks a field that core fills in: it is in no input, and what a caller sends for it is refused."""


class Sealed:
    """Marks a text that is kept encrypted apart from the matter: only `openEnvelope` shows it, to who may, and writes so
    down. Everywhere else, rules included, it reads `SEALED_TEXT`."""


SEALED_TEXT = "（已密封）"

OrganizationId = Annotated[UUID, Reference("organization")]
CaseId = Annotated[UUID, Reference("case")]
StaffId = Annotated[UUID, Reference("staff")]
MatterId = Annotated[UUID, Reference("matter")]
GridId = Annotated[UUID, Reference("grid")]
LongText = Annotated[str, Paragraph()]
_KINDS: Mapping[Any, Kind] = {
    str: Kind.TEXT, int: Kind.INTEGER, float: Kind.NUMBER, bool: Kind.BOOLEAN, date: Kind.DATE,
    datetime: Kind.DATE_TIME,
}  # fmt: skip
_LIMITS = ("min_length", "max_length", "ge", "gt", "le", "lt", "pattern")


@dataclass(frozen=True)
class Field:
    """One field. `required`: must be given; `nullable`: may be null; `limits` by Pydantic's names; `inner` the form of
    a GROUP; `choices` (value, title) of a CHOICE; `reference` what a REFERENCE points at; `computed` by core; `sealed` kept
    apart, encrypted."""

    name: str
    title: str
    kind: Kind
    required: bool
    nullable: bool
    many: bool = False
    help: str = ""
    default: object = None
    limits: Mapping[str, object] = field(default_factory=dict)
    choices: tuple[tuple[str, str], ...] = ()
    reference: str | None = None
    inner: type[Form] | None = None
    computed: bool = False
    sealed: bool = False


def fields_of(form: type[Form]) -> tuple[Field, ...]:
    """The form's fields in order of declaration. Raises Unmappable with a sentence for the author."""
    return tuple(_field(form, name, info) for name, info in form.model_fields.items())


def _field(form: type[Form], name: str, info: FieldInfo) -> Field:
    where = f"{form.__name__}.{name}"
    marks = list(info.metadata)
    bare, nullable = _optional(_stripped(info.annotation, marks), where)
    bare = _stripped(bare, marks)
    many = typing.get_origin(bare) in (list, tuple)
    if many:
        bare = _stripped(_member(bare, where), marks)
    labels = next((mark.titles for mark in marks if isinstance(mark, Labels)), {})
    kind, reference, inner, values = _kind(bare, marks, where)
    default = None if info.is_required() else info.get_default(call_default_factory=True)
    return Field(
        name=name, title=info.title or name, kind=kind, required=info.is_required(), nullable=nullable, many=many,
        help=info.description or "", default=default, limits=types.MappingProxyType(dict(_limits(marks))),
        choices=tuple((value, labels.get(value, value)) for value in values), reference=reference, inner=inner,
        computed=any(isinstance(mark, Computed) for mark in marks), sealed=_sealed(marks, kind, many, where),
    )  # fmt: skip


def _sealed(marks: list[Any], kind: Kind, many: bool, where: str) -> bool:
    sealed = any(isinstance(mark, Sealed) for mark in marks)
    if sealed and (many or kind not in (Kind.TEXT, Kind.LONG_TEXT)):
        raise Unmappable(f"{where}: only a text can be sealed.")
    return sealed


def _stripped(annotation: Any, marks: list[Any]) -> Any:
    while typing.get_origin(annotation) is Annotated:
        annotation, *more = typing.get_args(annotation)
        marks.extend(more)
    return annotation


def _optional(annotation: Any, where: str) -> tuple[Any, bool]:
    if typing.get_origin(annotation) not in (Union, types.UnionType):
        return annotation, False
    others = [arm for arm in typing.get_args(annotation) if arm is not type(None)]
    if len(others) != 1 or len(others) == len(typing.get_args(annotation)):
        raise Unmappable(f"{where} may be of several types: GraphQL inputs cannot say that. Use one type, or None.")
    return others[0], True


def _member(annotation: Any, where: str) -> Any:
    arms = [arm for arm in typing.get_args(annotation) if arm is not Ellipsis]
    if len(arms) != 1 or typing.get_origin(arms[0]) in (list, tuple):
        raise Unmappable(f"{where} must be a list of one type: write list[str] or list[AForm].")
    return arms[0]


def _kind(bare: Any, marks: list[Any], where: str) -> tuple[Kind, str | None, type[Form] | None, tuple[str, ...]]:
    if typing.get_origin(bare) is Literal:
        values = typing.get_args(bare)
        if not all(isinstance(value, str) and value.isidentifier() for value in values):
            raise Unmappable(f"{where}: the values of a Literal must be words, since they become GraphQL enum values.")
        return Kind.CHOICE, None, None, values
    if bare is UUID:
        reference = next((mark.to for mark in marks if isinstance(mark, Reference)), None)
        if reference is None:
            raise Unmappable(f"{where} is a bare UUID: use OrganizationId, CaseId, GridId, StaffId or MatterId.")
        return Kind.REFERENCE, reference, None, ()
    if isinstance(bare, type) and issubclass(bare, Form):
        return Kind.GROUP, None, bare, ()
    if bare is str and any(isinstance(mark, Paragraph) for mark in marks):
        return Kind.LONG_TEXT, None, None, ()
    if bare not in _KINDS:
        raise Unmappable(
            f"{where} is of type {bare!r}, which GraphQL cannot carry. Use text, whole or decimal numbers, "
            "yes/no, a date, a time, a Literal of words, an id type, another Form, or a list of these."
        )
    return _KINDS[bare], None, None, ()


def _limits(marks: list[Any]) -> Iterator[tuple[str, object]]:
    for mark in marks:
        for name in _LIMITS:
            value = getattr(mark, name, None)
            if value is not None and not isinstance(mark, (Labels, Reference, Paragraph)):
                yield name, value


def limits_text(one: Field) -> str:
    """The limits in words for a description: `min_length 1, max_length 200`."""
    return ", ".join(f"{name} {value}" for name, value in one.limits.items())
