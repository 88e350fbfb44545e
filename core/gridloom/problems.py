"""Problems as callers see them: coded, in their language, with the path to the input."""

from typing import Any

import strawberry

from gridloom.errors import ProblemCode, Refusal
from gridloom.i18n import translate
from gridloom.mutations import Outcome

strawberry.enum(ProblemCode, description="Why a step changed nothing.")


@strawberry.type(description="Why a step changed nothing.")
class Problem:
    """One problem of a payload."""

    code: ProblemCode = strawberry.field(description="What kind of problem.")
    message: str = strawberry.field(description="A sentence for people, in the language of Accept-Language.")
    path: list[str] | None = strawberry.field(description="The input that caused it, outermost first.")


def problems_of(outcome: Outcome, locale: str) -> list[Problem]:
    """An outcome's problems, translated."""
    return [problem_of(refusal, locale) for refusal in outcome.problems]


def problem_of(refusal: Refusal, locale: str) -> Problem:
    """One refusal, translated; a plugin's or a county's own sentence stays as it was written."""
    message = refusal.text or translate(locale, refusal.message_id, **refusal.params)
    return Problem(code=refusal.code, message=message, path=list(refusal.path) or None)


def given(value: Any) -> Any:
    """An input's value, with absent and null alike as None."""
    return None if value is strawberry.UNSET else value
