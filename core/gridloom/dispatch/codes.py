"""Code lists of dispatch."""

from enum import StrEnum


class AssignmentStatus(StrEnum):
    """Where a unit's task stands."""

    PENDING = "PENDING"
    SIGNED = "SIGNED"
    REPORTED_IN = "REPORTED_IN"
    RETURN_ASKED = "RETURN_ASKED"
    RETURNED = "RETURNED"
    DONE = "DONE"
    EXCUSED = "EXCUSED"
    CANCELLED = "CANCELLED"


OPEN_ASSIGNMENTS = (
    AssignmentStatus.PENDING, AssignmentStatus.SIGNED, AssignmentStatus.REPORTED_IN, AssignmentStatus.RETURN_ASKED,
)


class WhistleState(StrEnum):
    """PROPOSED: waits for a lead's approval, nobody sees it yet; BLOWN: clocks run; REFUSED, ENDED."""

    PROPOSED = "PROPOSED"
    BLOWN = "BLOWN"
    REFUSED = "REFUSED"
    ENDED = "ENDED"


class WhistleGrade(StrEnum):
    """应急哨, 重点哨, 常规哨, 疑难哨."""

    EMERGENCY = "EMERGENCY"
    KEY = "KEY"
    ROUTINE = "ROUTINE"
    HARD = "HARD"


class AssignmentRole(StrEnum):
    """主办, 协办: exactly one lead."""

    LEAD = "LEAD"
    ASSIST = "ASSIST"


class ReturnReason(StrEnum):
    """职责不符, 属地不符, 信息不足, 重复, 依法不受理."""

    NOT_OUR_DUTY = "NOT_OUR_DUTY"
    NOT_OUR_AREA = "NOT_OUR_AREA"
    INFORMATION_MISSING = "INFORMATION_MISSING"
    DUPLICATE = "DUPLICATE"
    NOT_ACCEPTABLE_BY_LAW = "NOT_ACCEPTABLE_BY_LAW"


class Card(StrEnum):
    """催办, 黄牌, 红牌: issued by a person."""

    REMINDER = "REMINDER"
    YELLOW = "YELLOW"
    RED = "RED"
