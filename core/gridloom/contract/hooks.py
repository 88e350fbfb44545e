"""The six hooks. A plugin implements any of them under exactly these names, arguments and annotations."""

from __future__ import annotations

from collections.abc import Awaitable

import pluggy

from gridloom.contract.declare import Mechanism
from gridloom.contract.types import CaseView, Evidence, Fact, Intake, Message, Proposal, Refusal, StepView, Work

PROJECT = "gridloom"
ENTRY_POINTS = "gridloom.plugins"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

QUESTIONS = ("propose_dispatch", "object_to_step", "required_evidence", "message_arrived")
FACT_TYPES = ("case.", "assignment.", "whistle.", "handover.", "clock.warned", "clock.expired", "day.began",
              "grid.redrawn", "violence.signalled")  # fmt: skip


@hookspec(firstresult=True)
def declare_mechanism() -> Mechanism:  # type: ignore[empty-body]
    """Declaration, once at start: elements, forms, rules, figures, settings. A mistake stops the process."""


@hookspec
def propose_dispatch(case: CaseView) -> list[Proposal]:  # type: ignore[empty-body]
    """Question: which units should have this case? Core shows the proposals; a person decides."""


@hookspec
def object_to_step(step: StepView) -> list[Refusal]:  # type: ignore[empty-body]
    """Question, asked only for the mutations named in `Mechanism.guards`: may this step be taken?"""


@hookspec
def required_evidence(step: StepView) -> list[Evidence]:  # type: ignore[empty-body]
    """Question: which papers does this step need?"""


@hookspec
def message_arrived(message: Message) -> list[Intake]:  # type: ignore[empty-body]
    """Question, asked by the intake worker: which cases does this message open? Core writes them."""


@hookspec
def fact_happened(work: Work, fact: Fact) -> Awaitable[None]:  # type: ignore[empty-body]
    """Fact, after commit, in order per case, repeatable: types named in `Mechanism.subscribes` only."""
