"""Inputs of the main job's steps. `key` makes a step safe to send again; `version` says what the caller had read."""

from datetime import datetime

import strawberry
from strawberry import ID, UNSET

from gridloom.cases.codes import Channel
from gridloom.cases.graphql import PointInput
from gridloom.catalogue.graphql import Severity
from gridloom.dispatch.enums import Card, ReturnReason, WhistleGrade


@strawberry.input(description="What another system calls the case.")
class ExternalReferenceInput:
    """An external reference."""

    system: str
    id: str


@strawberry.input(description="A person concerned. Everything but the role is encrypted at rest.")
class PartyInput:
    """A party as it was typed."""

    name: str
    role: str
    phone: str | None = UNSET
    id_number: str | None = UNSET
    address: str | None = UNSET


@strawberry.input(description="A report. One of gridCode and location says where; a grid member's own grid is the default.")
class ReportCaseInput:
    """reportCase."""

    key: ID
    description: str
    title: str | None = UNSET
    work_item_code: str
    grid_code: str | None = UNSET
    location: PointInput | None = UNSET
    address: str | None = UNSET
    severity: Severity | None = UNSET
    occurred_at: datetime | None = UNSET
    recorded_at: datetime | None = UNSET
    channel: Channel | None = UNSET
    external_reference: ExternalReferenceInput | None = UNSET
    on_behalf_of: PartyInput | None = UNSET
    parties: list[PartyInput] | None = UNSET
    attachment_ids: list[ID] | None = UNSET
    self_handled: bool | None = UNSET
    handled_note: str | None = UNSET


@strawberry.input(description="Take a report on.")
class AcceptCaseInput:
    """acceptCase."""

    key: ID
    case_id: ID
    version: int
    severity: Severity | None = UNSET
    work_item_code: str | None = UNSET
    note: str | None = UNSET


@strawberry.input(description="Decline a report; reason and remedy are told to the reporter.")
class RejectCaseInput:
    """rejectCase."""

    key: ID
    case_id: ID
    version: int
    reason: str
    remedy: str


@strawberry.input(description="Give the case to one unit.")
class RouteCaseInput:
    """routeCase."""

    key: ID
    case_id: ID
    version: int
    organization_id: ID
    instruction: str | None = UNSET


@strawberry.input(description="Hand the case to the centre above.")
class EscalateCaseInput:
    """escalateCase."""

    key: ID
    case_id: ID
    version: int
    reason: str


@strawberry.input(description="Call a lead and assists.")
class BlowWhistleInput:
    """blowWhistle."""

    key: ID
    case_id: ID
    version: int
    grade: WhistleGrade
    lead_id: ID
    assist_ids: list[ID] | None = UNSET
    reason: str
    instruction: str | None = UNSET


@strawberry.input(description="Approve or refuse a proposed whistle.")
class RuleWhistleInput:
    """ruleWhistle."""

    key: ID
    whistle_id: ID
    approved: bool
    note: str | None = UNSET


@strawberry.input(description="Take note of a task. performedBy is required of a department's system.")
class SignAssignmentInput:
    """signAssignment."""

    key: ID
    assignment_id: ID
    version: int
    performed_by: str | None = UNSET


@strawberry.input(description="A person of the unit is there.")
class ReportInInput:
    """reportIn."""

    key: ID
    assignment_id: ID
    version: int
    person_name: str
    note: str | None = UNSET
    location: PointInput | None = UNSET
    attachment_ids: list[ID] | None = UNSET
    performed_by: str | None = UNSET


@strawberry.input(description="Ask to be relieved, once, inside the window, with a basis.")
class AskReturnInput:
    """askReturn."""

    key: ID
    assignment_id: ID
    version: int
    reason: ReturnReason
    basis: str
    suggested_organization_id: ID | None = UNSET
    attachment_ids: list[ID] | None = UNSET
    performed_by: str | None = UNSET


@strawberry.input(description="Rule on a return; upheld for a lead, organizationId names the new one.")
class RuleReturnInput:
    """ruleReturn."""

    key: ID
    assignment_id: ID
    version: int
    upheld: bool
    organization_id: ID | None = UNSET
    ruling: str


@strawberry.input(description="How far it is.")
class AddProgressInput:
    """addProgress."""

    key: ID
    case_id: ID
    note: str
    attachment_ids: list[ID] | None = UNSET
    performed_by: str | None = UNSET


@strawberry.input(description="The unit is done.")
class CompleteAssignmentInput:
    """completeAssignment."""

    key: ID
    assignment_id: ID
    version: int
    result: str
    attachment_ids: list[ID] | None = UNSET
    performed_by: str | None = UNSET


@strawberry.input(description="Relieve an assist.")
class ExcuseAssignmentInput:
    """excuseAssignment."""

    key: ID
    assignment_id: ID
    version: int
    reason: str


@strawberry.input(description="What somebody who did not handle it found; a failed look needs a note.")
class VerifyCaseInput:
    """verifyCase."""

    key: ID
    case_id: ID
    version: int
    passed: bool
    note: str | None = UNSET


@strawberry.input(description="The call to the one who reported; satisfaction 1–5, only of those reached.")
class CallBackInput:
    """callBack."""

    key: ID
    case_id: ID
    version: int
    reached: bool
    satisfaction: int | None = UNSET
    note: str | None = UNSET


@strawberry.input(description="End the case.")
class CloseCaseInput:
    """closeCase."""

    key: ID
    case_id: ID
    version: int
    note: str | None = UNSET


@strawberry.input(description="Open the case again, within 30 days.")
class ReopenCaseInput:
    """reopenCase."""

    key: ID
    case_id: ID
    version: int
    reason: str


@strawberry.input(description="Let service clocks stand while information is missing.")
class PauseCaseInput:
    """pauseCase."""

    key: ID
    case_id: ID
    version: int
    reason: str
    missing: str


@strawberry.input(description="Let the clocks run on.")
class ResumeCaseInput:
    """resumeCase."""

    key: ID
    case_id: ID
    version: int
    note: str | None = UNSET


@strawberry.input(description="Give 1–10 working days more.")
class ExtendCaseInput:
    """extendCase."""

    key: ID
    case_id: ID
    version: int
    reason: str
    working_days: int


@strawberry.input(description="Issue a card; organizationId null means the lead.")
class SuperviseCaseInput:
    """superviseCase."""

    key: ID
    case_id: ID
    version: int
    organization_id: ID | None = UNSET
    card: Card
    reason: str
    due_at: datetime


@strawberry.input(description="Change who handles a protected case.")
class NameHandlersInput:
    """nameHandlers."""

    key: ID
    case_id: ID
    version: int
    add: list[ID] | None = UNSET
    remove: list[ID] | None = UNSET
    reason: str
