"""Roles and what each may ask for. A permission is the name of the mutation or query it opens.

Holding a permission is not enough: the table of steps says at whose case, in which state, by which organisation.
"""

from uuid import UUID, uuid5

ROLES = (
    "grid_member", "grid_chief", "group_head", "volunteer", "centre_officer", "centre_lead", "department_officer",
    "department_lead", "mediator", "leader", "county_admin", "security_admin", "auditor", "operator",
)
CENTRE_ROLES = ("centre_officer", "centre_lead")
UNIT_ROLES = ("department_officer", "department_lead", "mediator")
FIELD_ROLES = ("grid_member", "grid_chief", "group_head", "volunteer")

_FIELD = frozenset({"reportCase", "addProgress", "closeCase", "reopenCase", "extendCase", "takeMatterStep"})
_UNIT = frozenset({
    "reportCase", "signAssignment", "reportIn", "askReturn", "addProgress", "completeAssignment", "pauseCase",
    "resumeCase", "extendCase", "verifyCase", "nameHandlers", "revealPerson", "takeMatterStep",
})
_CENTRE = frozenset({
    "reportCase", "acceptCase", "rejectCase", "routeCase", "escalateCase", "blowWhistle", "ruleWhistle", "ruleReturn",
    "addProgress", "excuseAssignment", "verifyCase", "callBack", "closeCase", "reopenCase", "pauseCase", "resumeCase",
    "extendCase", "superviseCase", "nameHandlers", "revealPerson", "takeMatterStep", "overview",
})

PERMISSIONS: dict[str, frozenset[str]] = {
    **{role: _FIELD for role in FIELD_ROLES},
    **{role: _UNIT for role in UNIT_ROLES},
    **{role: _CENTRE for role in CENTRE_ROLES},
    "leader": frozenset({"reportCase", "superviseCase", "overview", "takeMatterStep"}),
    "county_admin": frozenset({"administer"}),
    "security_admin": frozenset({"administerAccess"}),
    "auditor": frozenset({"readAudit"}),
    "operator": frozenset({"operate"}),
}

CLIENT_PERMISSIONS = _UNIT - {"verifyCase", "extendCase", "nameHandlers", "revealPerson"}
"""What a department's own system may ask for: never to verify, to call back or to close."""


def lead_scope(organization_id: UUID) -> UUID:
    """The scope that the leads of an organisation share: work only a lead may decide lands there."""
    return uuid5(organization_id, "lead")


def leader_scope(grid_id: UUID) -> UUID:
    """The scope of the leaders of a territory: what was escalated to them."""
    return uuid5(grid_id, "leader")
