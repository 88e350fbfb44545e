"""The public face for plugin authors: everything a mechanism is written with, and nothing else of core."""

from gridloom.behaviours import (
    aggregate_trend,
    alarm_intake,
    handover,
    joint_session,
    mediation,
    outreach_point,
    pairing,
    sealed_envelope,
    serve_and_visit,
)
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
from gridloom.contract.forms import CaseId, GridId, Labels, LongText, MatterId, OrganizationId, Sealed, StaffId, Unmappable
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
    "ActorView", "Ask", "CaseId", "CaseView", "Clock", "Declaration", "Element", "Evidence", "Fact", "Figure",
    "Form", "GridId", "Intake", "Labels", "LongText", "MatterId", "MatterView", "Mechanism", "Message", "Mode",
    "OrganizationId", "Privacy", "Proposal", "Refusal", "Schedule", "Sealed", "StaffId", "Step", "StepView",
    "Unmappable", "Window", "Work", "aggregate_trend", "alarm_intake", "handover", "hookimpl", "joint_session",
    "mediation", "outreach_point", "pairing", "sealed_envelope", "serve_and_visit",
]  # fmt: skip
