"""The public face for plugin authors: everything a mechanism is written with, and nothing else of core."""

from gridloom.behaviours import handover, outreach_point
from gridloom.contract.declare import (
    Clock,
    Declaration,
    Element,
    Figure,
    Mechanism,
    Privacy,
    Schedule,
    Step,
    Window,
)
from gridloom.contract.forms import CaseId, GridId, Labels, LongText, MatterId, OrganizationId, StaffId, Unmappable
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
    "GridId", "Intake", "Labels", "LongText", "MatterId", "MatterView", "Mechanism", "Message", "Mode", "OrganizationId",
    "Privacy", "Proposal", "Refusal", "Schedule", "StaffId", "Step", "StepView", "Unmappable", "Window", "Work",
    "handover", "hookimpl", "outreach_point",
]  # fmt: skip
