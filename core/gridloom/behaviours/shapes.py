"""Forms as GraphQL: each becomes an input, an output and its enums, made once and shared by every plugin set."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

import strawberry

from gridloom.contract.declare import pascal
from gridloom.contract.forms import Field, Kind, fields_of, limits_text
from gridloom.contract.texts import is_cores, owner_of
from gridloom.contract.types import Form

_LEAVES: Mapping[Kind, Any] = {
    Kind.TEXT: str, Kind.LONG_TEXT: str, Kind.INTEGER: int, Kind.NUMBER: float, Kind.BOOLEAN: bool, Kind.DATE: date,
    Kind.DATE_TIME: datetime, Kind.REFERENCE: strawberry.ID,
}


class Shapes:
    """GraphQL shapes by form. `plugin` prefixes the names of a plugin's own forms."""

    def __init__(self) -> None:
        self._enums: dict[tuple[type, str], Any] = {}
        self._outputs: dict[type[Form], Any] = {}
        self._groups: dict[type[Form], Any] = {}

    def input_of(self, name: str, plugin: str, form: type[Form], first: Mapping[str, tuple[Any, str]]) -> Any:
        """The input type of a mutation: `first` (name → type, description), then the form's fields, limits said."""
        annotations = {key: kind for key, (kind, _text) in first.items()}
        values = {
            key: strawberry.field(description=text) if kind in (strawberry.ID, int)
            else strawberry.field(default=strawberry.UNSET, description=text)
            for key, (kind, text) in first.items()
        }
        optional: dict[str, Any] = {}
        given = [field for field in fields_of(form) if not field.computed]
        for field in given:
            kind = self._input_kind(plugin, form, field)
            if field.required and not field.nullable:
                annotations[field.name] = kind
                values[field.name] = strawberry.field(description=_described(field))
            else:
                optional[field.name] = kind | None
        for field in given:
            if field.name in optional:
                annotations[field.name] = optional[field.name]
                values[field.name] = strawberry.field(default=strawberry.UNSET, description=_described(field))
        cls = type(name, (), {"__annotations__": annotations, "__module__": __name__, **values})
        return strawberry.input(cls, description=_sentence(form))

    def output_of(self, plugin: str, form: type[Form]) -> Any:
        """The type that shows a filled form; every field nullable, since forms change and what was filled in stays."""
        if form not in self._outputs:
            annotations: dict[str, Any] = {}
            values: dict[str, Any] = {}
            for field in fields_of(form):
                kind = self.output_of(plugin, field.inner) if field.inner else self._leaf(plugin, form, field)
                annotations[field.name] = (list[kind] if field.many else kind) | None  # type: ignore[valid-type]
                values[field.name] = strawberry.field(description=field.title, default=None)
            name = form_name(plugin, form)
            cls = type(name, (), {"__annotations__": annotations, "__module__": __name__, **values})
            self._outputs[form] = strawberry.type(cls, description=_sentence(form))
        return self._outputs[form]

    def shown(self, plugin: str, form: Form) -> Any:
        """An instance of the output type for a filled form."""
        kind = type(form)
        values = {}
        for field in fields_of(kind):
            value = getattr(form, field.name)
            if value is not None:
                one = self._shown_value
                parts = [one(plugin, kind, field, part) for part in value] if field.many else None
                values[field.name] = parts if parts is not None else one(plugin, kind, field, value)
        return self.output_of(plugin, kind)(**values)

    def _shown_value(self, plugin: str, form: type[Form], field: Field, value: Any) -> Any:
        if field.kind is Kind.CHOICE:
            return self._enum(plugin, form, field)[value]
        if field.kind is Kind.REFERENCE:
            return strawberry.ID(str(value))
        return self.shown(plugin, value) if field.inner is not None else value

    def _input_kind(self, plugin: str, form: type[Form], field: Field) -> Any:
        kind = self._group(plugin, field.inner) if field.inner else self._leaf(plugin, form, field)
        return list[kind] if field.many else kind  # type: ignore[valid-type]

    def _group(self, plugin: str, form: type[Form]) -> Any:
        if form not in self._groups:
            self._groups[form] = self.input_of(f"{form_name(plugin, form)}Part", plugin, form, {})
        return self._groups[form]

    def _leaf(self, plugin: str, form: type[Form], field: Field) -> Any:
        return self._enum(plugin, form, field) if field.kind is Kind.CHOICE else _LEAVES[field.kind]

    def _enum(self, plugin: str, form: type[Form], field: Field) -> Any:
        owner = owner_of(form, field.name)
        if (owner, field.name) not in self._enums:
            name = form_name(plugin, owner) + pascal(field.name)
            members = {value: strawberry.enum_value(value, description=title) for value, title in field.choices}
            made: Any = Enum(name, members)  # type: ignore[misc]  # the name is that of a plugin
            self._enums[(owner, field.name)] = strawberry.enum(made, description=field.title)
        return self._enums[(owner, field.name)]


shapes = Shapes()
"""Of the whole process: a form's type must be one and the same wherever it appears in a schema."""


def form_name(plugin: str, form: type) -> str:
    """`CourtAssignMediation` for a plugin's form, `HandoverOffer` for one of core's."""
    return pascal(form.__module__.rsplit(".", 1)[-1] if is_cores(form) else plugin) + form.__name__


def values_of(form: type[Form], given: Any) -> dict[str, Any]:
    """What an input gives for a form's fields, as plain values; what is absent stays absent."""
    values = {}
    for field in fields_of(form):
        if field.computed:
            continue
        value = getattr(given, field.name)
        if value is strawberry.UNSET or (value is None and not field.nullable):
            continue
        values[field.name] = [_plain(field, part) for part in value] if field.many and value else _plain(field, value)
    return values


def _plain(field: Field, value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    return values_of(field.inner, value) if field.inner is not None and value is not None else value


def _described(field: Field) -> str:
    parts = [field.title, field.help, limits_text(field)]
    if not field.required and field.default is not None:
        parts.append(f"default {str(field.default).lower() if isinstance(field.default, bool) else field.default}")
    return "; ".join(part for part in parts if part)


def _sentence(form: type[Form]) -> str | None:
    return form.__doc__.strip().split("\n\n")[0] if form.__doc__ else None
