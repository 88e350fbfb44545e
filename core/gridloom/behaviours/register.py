"""The closed set of behaviours that core knows, by key; a new one is added here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

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
from gridloom.contract.declare import Behaviour

BEHAVIOURS: Mapping[str, Behaviour] = MappingProxyType({
    one.key: one for one in (
        advise_and_track.behaviour, aggregate_trend.behaviour, alarm_intake.behaviour, dated_task.behaviour,
        handover.incoming, handover.outgoing, joint_session.behaviour, mediation.behaviour, outreach_point.behaviour,
        pairing.behaviour, rectify_loop.behaviour, registry.behaviour, request_and_decide.behaviour, rounds.behaviour,
        sealed_envelope.behaviour, serve_and_visit.behaviour, service_window.behaviour, timed_stage.behaviour,
    )
})  # fmt: skip
