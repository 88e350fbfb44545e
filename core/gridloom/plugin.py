"""The public face for plugin authors: everything a mechanism is written with, and nothing else of core."""

from gridloom.behaviours import handover, outreach_point
from gridloom.contract.declare import Clock, Declaration, Element, Figure, Mechanism, Step
from gridloom.contract.forms import CaseId, GridId, Labels, LongText, OrganizationId, Unmappable
from gridloom.contract.hooks import hookimpl
from gridloom.contract.types import (
    ActorView,
    Ask,
    CaseView,
    Evidence,
    Fact,
    Form,
    Intake,
    MatterView,
    Message,
    Mode,
    Proposal,
    Refusal,
    StepView,
    Work,
)

__all__ = [
    "ActorView", "Ask", "CaseId", "CaseView", "Clock", "Declaration", "Element", "Evidence", "Fact", "Figure", "Form",
    "GridId", "Intake", "Labels", "LongText", "MatterView", "Mechanism", "Message", "Mode", "OrganizationId",
    "Proposal", "Refusal", "Step", "StepView", "Unmappable", "Work", "handover", "hookimpl", "outreach_point",
]  # fmt: skip
