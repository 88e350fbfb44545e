"""The closed set of behaviours that core knows, by key; a new one is added here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gridloom.behaviours import handover, outreach_point
from gridloom.contract.declare import Behaviour

BEHAVIOURS: Mapping[str, Behaviour] = MappingProxyType({
    one.key: one for one in (handover.behaviour, outreach_point.behaviour)
})  # fmt: skip
