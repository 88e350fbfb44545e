"""What mechanisms add to a county's schema: core's part always, a plugin's part where it is on."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import strawberry

from gridloom.behaviours import service
from gridloom.behaviours.county_graphql import CountyMutations, ElementVersions, MechanismQueries
from gridloom.behaviours.envelope_graphql import (
    EnvelopeMutations,
    EnvelopeReading,
    HandoverPrecedent,
    MatterReadings,
    PrecedentQueries,
)
from gridloom.behaviours.generated import Generated, Generator, leading, step_field
from gridloom.behaviours.importing_graphql import ImportMutations, ImportQueries
from gridloom.behaviours.page_graphql import PageMutations, PageQueries
from gridloom.behaviours.questions_graphql import CaseQuestions
from gridloom.behaviours.register import BEHAVIOURS
from gridloom.behaviours.shapes import shapes
from gridloom.behaviours.types import CaseRecords, Matter, MatterPayload, MatterQueries
from gridloom.cases.text import identifier
from gridloom.contract.declare import Step
from gridloom.contract.host import PluginHost
from gridloom.work import Work


@dataclass(frozen=True)
class Fields:
    """Declarations for `compose`."""

    queries: tuple[type, ...]
    mutations: tuple[type, ...]
    extensions: tuple[type, ...]
    types: tuple[type, ...]


def fields_for(host: PluginHost, enabled: frozenset[str]) -> Fields:
    """What a schema with these plugins on holds of mechanisms; plugins that are not installed add nothing."""
    made: list[Generated] = [
        _generator(host).of(mechanism) for key, mechanism in sorted(host.mechanisms.items()) if key in enabled
    ]
    return Fields(
        queries=(
            MatterQueries, MechanismQueries, ElementVersions, ImportQueries, PageQueries, PrecedentQueries,
            *(one.queries for one in made),
        ),
        mutations=(
            MatterMutations, CountyMutations, ImportMutations, PageMutations, EnvelopeMutations,
            *(one.mutations for one in made),
        ),
        extensions=(CaseRecords, CaseQuestions, MatterReadings),
        types=(Matter, EnvelopeReading, HandoverPrecedent, *(kind for one in made for kind in one.types)),
    )


@cache
def _generator(host: PluginHost) -> Generator:
    return Generator()


def _core_steps() -> dict[str, Any]:
    """One mutation for each step that does not begin anything: it reaches matters of every mechanism."""
    fields: dict[str, Any] = {}
    for behaviour in BEHAVIOURS.values():
        for step in behaviour.steps:
            if step.source and not step.by_core and step.mutation not in fields:
                name = step.mutation
                title = f"{name[:1].upper()}{name[1:]}Input"
                given = shapes.input_of(title, behaviour.key, step.form, leading(step, None))
                text = f"{behaviour.title}：{step.title}"
                fields[name] = step_field(name, given, MatterPayload, Matter, step.form, _take(step), text, "matter")
    return fields


def _take(step: Step[Any]) -> Any:
    def act(input: Any, values: dict[str, Any]) -> Any:
        async def step_of(work: Work) -> dict[str, str]:
            matter = identifier(input.matter_id, "matterId")
            row = await service.take(
                work, matter, step.key, values, version=input.version, mutation=step.mutation
            )
            return {"matter": str(row.id)}

        return step_of

    return act


MatterMutations: type = strawberry.type(
    type("MatterMutations", (), {"__module__": __name__, "__doc__": "Core's own steps of matters.", **_core_steps()})
)
