"""Rules asked without a database: build what core would show, and read what the rule says."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from gridloom.contract.declare import Element, Mechanism, Step
from gridloom.contract.host import PluginHost, Verdict
from gridloom.contract.types import ActorView, Ask, CaseView, Form, MatterView, Refusal

TODAY = date(2026, 11, 23)
SOMEBODY = ActorView(UUID(int=1), "user", "杨静", frozenset({"department_officer@court"}))
SOMEWHERE = UUID(int=2)


def ask(
    element: Element, step: Step[Any], values: Mapping[str, object], *, today: date = TODAY,
    actor: ActorView = SOMEBODY, state: str | None = None, forms: Mapping[str, Form] | None = None,
    protection: frozenset[str] | None = None, settings: Form | None = None,
) -> Ask[Any]:
    """The question core would put to the rules of a step filled in with these values.

    `state` and `forms` describe the matter so far, `protection` its case (none without it).
    """
    matter = None
    if state is not None:
        matter = MatterView(
            id=UUID(int=3), plugin="", element=element.key, part=step.part, state=state, version=1,
            began=datetime.combine(today, datetime.min.time(), UTC), owner=SOMEWHERE, origin=SOMEWHERE,
            forms=forms or {},
        )
    case = None
    if protection is not None:
        case = CaseView(
            id=UUID(int=4), number="532925-20261122-00017", work_item="A-01", category="DISPUTE", severity="NORMAL",
            status="ACCEPTED", township="532925101000", protection=protection,
        )
    form = element.form_of(step).model_validate(dict(values))
    return Ask(form=form, actor=actor, today=today, matter=matter, case=case, settings=settings or Form())


def outcome(
    host: PluginHost, mechanism: Mechanism, element: Element, step: Step[Any], asked: Ask[Any]
) -> list[Refusal]:
    """Every refusal of the element's rules, asked as core asks them: under the timer, one by one.

    A rule that fails appears as PLUGIN_REFUSED, exactly as people would see it.
    """
    verdict: Verdict = host.ask_rules(mechanism.key, element, step, asked)
    return [refusal for _plugin, refusal in verdict.refusals]
