"""A step's form as the page's inputs: widgets, options and limits from the same walk as the GraphQL input."""

from collections.abc import Mapping
from typing import Any

from gridloom.behaviours.county import Bound
from gridloom.behaviours.wording import Wording
from gridloom.contract import ui
from gridloom.contract.declare import Step, camel
from gridloom.contract.forms import Field, Kind, fields_of
from gridloom.contract.types import Form

_WIDGETS: Mapping[Kind, ui.Widget] = {
    Kind.TEXT: ui.Widget.TEXT, Kind.LONG_TEXT: ui.Widget.TEXT_AREA, Kind.INTEGER: ui.Widget.NUMBER,
    Kind.NUMBER: ui.Widget.NUMBER, Kind.BOOLEAN: ui.Widget.SWITCH, Kind.DATE: ui.Widget.DATE,
    Kind.DATE_TIME: ui.Widget.DATE_TIME, Kind.CHOICE: ui.Widget.CHOICE,
}
_REFERENCES: Mapping[str, ui.Widget] = {
    "organization": ui.Widget.ORGANIZATION, "case": ui.Widget.CASE, "grid": ui.Widget.GRID, "staff": ui.Widget.STAFF,
    "matter": ui.Widget.TEXT,
}
_LOSING = frozenset({"REFUSED", "WITHDRAWN", "CANCELLED", "CLOSED"})


def action_form(bound: Bound, words: Wording, step: Step[Any]) -> ui.Form:
    """The form of a step; `action` is the step's key, for runUiAction."""
    form = bound.form_of(step)
    tone = ui.Tone.WARN if step.target in _LOSING else ui.Tone.NEUTRAL
    return ui.Form(words.step(step), step.key, words.step(step), tuple(fields(words, form)), tone)


def fields(words: Wording, form: type[Form], prefix: str = "") -> list[ui.Field]:
    """The form's inputs; those of a form inside it are named `outer.inner`."""
    made: list[ui.Field] = []
    for field in fields_of(form):
        if field.computed:
            continue
        name = prefix + camel(field.name)
        if field.inner is not None and not field.many:
            made += fields(words, field.inner, f"{name}.")
        else:
            made.append(_field(words, form, field, name))
    return made


def _field(words: Wording, form: type[Form], field: Field, name: str) -> ui.Field:
    limits = field.limits
    return ui.Field(
        name=name, label=words.field(form, field), widget=_widget(field),
        required=field.required and not field.nullable, help=field.help or None, value=_default(field),
        options=tuple(ui.Option(value, words.choice(form, field, value)) for value, _title in field.choices),
        minimum=_number(limits, "ge", "gt", "min_length"), maximum=_number(limits, "le", "lt", "max_length"),
        pattern=str(limits["pattern"]) if "pattern" in limits else None,
    )


def _widget(field: Field) -> ui.Widget:
    if field.kind is Kind.REFERENCE:
        return _REFERENCES[field.reference or "organization"]
    if field.many:
        return ui.Widget.CHOICES if field.kind is Kind.CHOICE else ui.Widget.TEXTS
    return _WIDGETS[field.kind]


def _default(field: Field) -> str | None:
    if field.default is None or field.many:
        return None
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)


def _number(limits: Mapping[str, object], *names: str) -> float | None:
    for name in names:
        value = limits.get(name)
        if isinstance(value, (int, float)):
            return float(value)
    return None


def values_given(form: type[Form], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the inputs' names back to the form's own fields; empty texts count as not given."""
    values: dict[str, Any] = {}
    known: set[str] = set()
    for field in fields_of(form):
        name = camel(field.name)
        if field.inner is not None and not field.many:
            inside = {key[len(name) + 1 :]: value for key, value in sent.items() if key.startswith(f"{name}.")}
            known |= {f"{name}.{key}" for key in inside}
            if inside:
                values[field.name] = values_given(field.inner, inside)
        elif name in sent:
            known.add(name)
            if sent[name] is not None and sent[name] != "":
                values[field.name] = sent[name]
    return {**values, **{name: sent[name] for name in sent.keys() - known}}
