"""Small plugins made for the tests of the contract: each is a module object with its hooks."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from gridloom.plugin import Element, Figure, Mechanism, handover, hookimpl


def element(key: str = "offer_it", **values: Any) -> Element:
    return Element(
        key=key, group="试", title="试验移送", behaviour=handover.behaviour, figure=Figure("在办"), **values
    )


def plugin(key: str, *hooks: Callable[..., Any], **values: Any) -> ModuleType:
    """A plugin with one mechanism and these hook functions."""
    values.setdefault("elements", (element(),))
    mechanism = Mechanism(key=key, title=f"机制 {key}", department="FY", **values)
    module = ModuleType(f"sample_{key}")

    def declare_mechanism() -> Mechanism:
        return mechanism

    for function in (declare_mechanism, *hooks):
        setattr(module, function.__name__, hookimpl(function))
    return module
