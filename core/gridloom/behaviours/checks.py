"""Core's own rules that several behaviours share: pure, asked of a filled form."""

from __future__ import annotations

from gridloom.contract.machine import Rule
from gridloom.contract.types import Ask, Form, Refusal


def not_ahead(name: str) -> Rule[Form]:
    """The date in this field is today or earlier."""

    def check(ask: Ask[Form]) -> Refusal | None:
        day = getattr(ask.form, name)
        return Refusal("VALIDATION", "form-date-ahead", (name,)) if day is not None and day > ask.today else None

    return check


def not_past(name: str) -> Rule[Form]:
    """The date in this field is today or later."""

    def check(ask: Ask[Form]) -> Refusal | None:
        day = getattr(ask.form, name)
        return Refusal("VALIDATION", "form-date-past", (name,)) if day is not None and day < ask.today else None

    return check


def in_order(first: str, last: str) -> Rule[Form]:
    """The second date is not before the first."""

    def check(ask: Ask[Form]) -> Refusal | None:
        begin, end = getattr(ask.form, first), getattr(ask.form, last)
        wrong = begin is not None and end is not None and end < begin
        return Refusal("VALIDATION", "form-dates-order", (last,)) if wrong else None

    return check
