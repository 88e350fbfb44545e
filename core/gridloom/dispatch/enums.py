"""The code lists of dispatch as GraphQL enums; types and inputs take them from here."""

import strawberry

from gridloom.dispatch.codes import AssignmentRole, AssignmentStatus, Card, ReturnReason, WhistleGrade, WhistleState

__all__ = ["AssignmentRole", "AssignmentStatus", "Card", "ReturnReason", "WhistleGrade", "WhistleState"]

strawberry.enum(AssignmentRole, description="主办 or 协办: exactly one lead.")
strawberry.enum(AssignmentStatus, description="Where a unit's task stands.")
strawberry.enum(WhistleGrade, description="应急哨, 重点哨, 常规哨, 疑难哨.")
strawberry.enum(WhistleState, description="PROPOSED waits for approval; BLOWN runs; REFUSED; ENDED.")
strawberry.enum(ReturnReason, description="Why a unit asks to be relieved.")
strawberry.enum(Card, description="催办, 黄牌, 红牌.")
