"""The closed set of behaviours that core knows, by key; a new one is added here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

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
from gridloom.contract.declare import Behaviour

BEHAVIOURS: Mapping[str, Behaviour] = MappingProxyType({
    one.key: one for one in (
        aggregate_trend.behaviour, alarm_intake.behaviour, handover.incoming, handover.outgoing, joint_session.behaviour,
        mediation.behaviour, outreach_point.behaviour, pairing.behaviour, sealed_envelope.behaviour,
        serve_and_visit.behaviour,
    )
})  # fmt: skip
