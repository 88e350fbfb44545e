"""The public face for plugin authors: everything a mechanism is written with, and nothing else of core."""

from gridloom.behaviours import (
    advise_and_track,
    aggregate_trend,
    alarm_intake,
    dated_task,
    handover,
    joint_session,
    mediation,
    outreach_point,
    pairing,
    rectify_loop,
    registry,
    request_and_decide,
    rounds,
    sealed_envelope,
    serve_and_visit,
    service_window,
    timed_stage,
)
from gridloom.contract.declare import (
    Clock,
    Declaration,
    Element,
    Figure,
    Mechanism,
    Opening,
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
    "ActorView", "Ask", "CaseId", "CaseView", "Clock", "Declaration", "Element", "Evidence", "Fact", "Figure", "Form",
    "GridId", "Intake", "Labels", "LongText", "MatterId", "MatterView", "Mechanism", "Message", "Mode", "Opening",
    "OrganizationId", "Privacy", "Proposal", "Refusal", "Schedule", "Sealed", "StaffId", "Step", "StepView",
    "Unmappable", "Window", "Work", "advise_and_track", "aggregate_trend", "alarm_intake", "dated_task", "handover",
    "hookimpl", "joint_session", "mediation", "outreach_point", "pairing", "rectify_loop", "registry",
    "request_and_decide", "rounds", "sealed_envelope", "serve_and_visit", "service_window", "timed_stage",
]  # fmt: skip
