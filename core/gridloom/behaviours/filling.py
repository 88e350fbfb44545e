"""Forms filled in: from what came over the wire to a validated value, and from what is stored back to one."""

import logging
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gridloom.contract.declare import camel
from gridloom.contract.forms import fields_of
from gridloom.contract.types import Form
from gridloom.errors import Refusal, invalid

logger = logging.getLogger(__name__)
G = TypeVar("G", bound=Form)
LONGEST_LIST = 50

# Pydantic's error type → our sentence, and which of its context values the sentence shows.
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("form-missing", ""),
    "string_too_short": ("form-too-short", "min_length"),
    "string_too_long": ("form-too-long", "max_length"),
    "too_short": ("form-too-few", "min_length"),
    "too_long": ("form-too-many", "max_length"),
    "greater_than_equal": ("form-at-least", "ge"),
    "greater_than": ("form-more-than", "gt"),
    "less_than_equal": ("form-at-most", "le"),
    "less_than": ("form-less-than", "lt"),
    "string_pattern_mismatch": ("form-pattern", ""),
    "literal_error": ("form-choice", ""),
    "extra_forbidden": ("form-unknown", ""),
}


def fill(form: type[G], values: Mapping[str, Any], *path: str) -> G:
    """The form with these values. Raises `Refusal` VALIDATION with the path of the first field that does not fit."""
    _storable(values, path)
    for field in fields_of(form):
        if field.computed and field.name in values:
            raise invalid("form-unknown", *path, camel(field.name))
    try:
        return form.model_validate(dict(values))
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False, include_input=False)[0], path) from None


def _refusal(error: ErrorDetails, path: tuple[str, ...]) -> Refusal:
    where = (*path, *(camel(part) if isinstance(part, str) else str(part) for part in error["loc"]))
    sentence, shown = _SENTENCES.get(error["type"], ("form-wrong", ""))
    limit = error.get("ctx", {}).get(shown)
    return invalid(sentence, *where, **({"limit": int(limit)} if limit is not None else {}))


def _storable(value: Any, path: tuple[str, ...]) -> None:
    if isinstance(value, str) and ("\x00" in value or any("\ud800" <= character <= "\udfff" for character in value)):
        raise invalid("problem-unstorable", *path)
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _storable(inner, (*path, camel(str(name))))
    if isinstance(value, (list, tuple)):
        if len(value) > LONGEST_LIST:
            raise invalid("problem-too-many", *path, limit=LONGEST_LIST)
        for number, inner in enumerate(value):
            _storable(inner, (*path, str(number)))


def stored(form: Form) -> dict[str, Any]:
    """What is kept of a filled form."""
    return {"version": form.FORM_VERSION, "values": form.model_dump(mode="json")}


def restored(form: type[G], kept: Mapping[str, Any]) -> G | None:
    """The form as it was filled; None (logged) when it was filled under a version that no longer fits."""
    try:
        return form.model_validate(kept["values"])
    except (ValidationError, KeyError):
        logger.warning("a stored form no longer fits %s", form.__name__)
        return None
