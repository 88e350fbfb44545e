"""Code lists of a case."""

from enum import StrEnum


class CaseStatus(StrEnum):
    """Where a case stands. Pause, extension, rework, call-back are attributes or records, not states."""

    REPORTED = "REPORTED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    ROUTED = "ROUTED"
    HANDLED = "HANDLED"
    VERIFIED = "VERIFIED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"
    MERGED = "MERGED"
    REFERRED = "REFERRED"


OPEN_STATUSES = (
    CaseStatus.REPORTED, CaseStatus.ACCEPTED, CaseStatus.ROUTED, CaseStatus.HANDLED, CaseStatus.VERIFIED,
)


class Channel(StrEnum):
    """Where a case came in."""

    GRID_PHONE = "GRID_PHONE"
    CENTRE_WINDOW = "CENTRE_WINDOW"
    PUBLIC = "PUBLIC"
    HOTLINE_12345 = "HOTLINE_12345"
    POLICE_NON_EMERGENCY = "POLICE_NON_EMERGENCY"
    PROCURATORATE_12309 = "PROCURATORATE_12309"
    COURT = "COURT"
    PETITION = "PETITION"
    DEVICE = "DEVICE"
    LEADER = "LEADER"
    UPPER_LEVEL = "UPPER_LEVEL"
    DEPARTMENT_SYSTEM = "DEPARTMENT_SYSTEM"
    IMPORT = "IMPORT"


class ScopeKind(StrEnum):
    """Whom a visibility row lets see the case."""

    GRID = "GRID"
    ORGANIZATION = "ORGANIZATION"
    ACTOR = "ACTOR"
    LEADER = "LEADER"


SEALED_PROTECTIONS = frozenset({"CLUE", "VIOLENCE"})
"""Protections that leave only named handlers and encrypt the free text."""
