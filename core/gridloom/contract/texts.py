"""Ids of a mechanism's texts: Chinese stands in the declaration, other languages in the plugin's Fluent files."""

from __future__ import annotations

from collections.abc import Iterator

from gridloom.contract.declare import Element, Mechanism
from gridloom.contract.forms import fields_of
from gridloom.contract.types import Form


def mechanism_text(mechanism: Mechanism) -> str:
    """`court`."""
    return mechanism.key.replace("_", "-")


def element_text(mechanism: Mechanism, element: Element) -> str:
    """`court-lian-tiao`."""
    return f"{mechanism.key}-{element.key}".replace("_", "-")


def figure_text(mechanism: Mechanism, element: Element, number: int) -> str:
    """`court-lian-tiao-figure-0`: the element's figure is 0, further ones follow."""
    return f"{element_text(mechanism, element)}-figure-{number}"


def field_text(mechanism: str, form: type[Form], name: str) -> str:
    """`court-AssignMediation-plaintiff-consents`; a field of core's form is `handover-Offer-reason`."""
    owner = owner_of(form, name)
    prefix = owner.__module__.rsplit(".", 1)[-1] if is_cores(owner) else mechanism
    return f"{prefix}-{owner.__name__}-{name}".replace("_", "-")


def choice_text(mechanism: str, form: type[Form], name: str, value: str) -> str:
    """`court-AssignMediation-cause-LOAN`."""
    return f"{field_text(mechanism, form, name)}-{value}".replace("_", "-")


def owner_of(form: type[Form], name: str) -> type:
    """The class that declared a form's field."""
    return next(base for base in reversed(form.__mro__) if name in getattr(base, "model_fields", {}))


def is_cores(owner: type) -> bool:
    """Whether a form is one of core's own."""
    return owner.__module__.startswith("gridloom.behaviours.")


def texts_of(mechanism: Mechanism) -> Iterator[tuple[str, str]]:
    """(id, Chinese) of every text of the plugin's own, each once; forms of core's are translated by core."""
    if not mechanism.title_en:
        yield mechanism_text(mechanism), mechanism.title
    seen: set[str] = set()
    forms: list[type[Form]] = [mechanism.settings]
    for element in mechanism.elements:
        if not element.title_en:
            yield element_text(mechanism, element), element.title
        for number, figure in enumerate((element.figure, *element.figures)):
            if not figure.label_en:
                yield figure_text(mechanism, element, number), figure.label
        forms.extend(element.forms.values())
    for form in forms:
        for identifier, chinese in form_texts(mechanism.key, form):
            if identifier not in seen:
                seen.add(identifier)
                yield identifier, chinese


def form_texts(mechanism: str, form: type[Form], *, cores: bool = False) -> Iterator[tuple[str, str]]:
    """(id, Chinese) of a form's fields and choices: the plugin's own, or those of core's."""
    for field in fields_of(form):
        if is_cores(owner_of(form, field.name)) != cores:
            continue
        yield field_text(mechanism, form, field.name), field.title
        for value, title in field.choices:
            yield choice_text(mechanism, form, field.name, value), title
        if field.inner is not None:
            yield from form_texts(mechanism, field.inner, cores=cores)
