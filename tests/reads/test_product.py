"""The product's own schema, core alone and with every plugin: random documents come out equal on both paths, for people of
every post in two counties. `python -m tests.reads.long_run` compares many more."""

import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, get_variable_values, parse

from gridloom.config import Settings
from gridloom.reads.selection import NotCompilable, Reader
from tests.reads import test_faults as faults
from tests.reads.oracle import Difference, Oracle
from tests.reads.small_world import Plant
from tests.reads.world import World, make_world

DOCUMENTS = int(os.environ.get("GRIDLOOM_DIFFERENTIAL_DOCUMENTS", "300"))
SEED = int(os.environ.get("GRIDLOOM_DIFFERENTIAL_SEED", "1"))
# Not among them: a county that is not named in the statement. Row-level security stands beneath; nothing shows.
FAULTS: tuple[Plant, ...] = (
    faults.visibility_dropped, faults.scopes_ignored, faults.one_row_too_many, faults.filters_ignored, faults.merging_lost,
)


@pytest.fixture(scope="module")
async def world(
    postgres_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """Two counties with everything on."""
    logging.getLogger("strawberry.execution").disabled = True
    settings = Settings(postgres_url, redis_url, bytes(range(32)), Path(tmp_path_factory.mktemp("data")))
    made = await make_world(settings, cases=100, seed=SEED)
    yield made
    await made.service.close()


async def test_both_paths_agree_on_the_product(world: World) -> None:
    oracle = Oracle(world, Random(SEED))
    await oracle.many(DOCUMENTS)
    assert oracle.outcomes["compared"] > DOCUMENTS * 0.75
    assert oracle.outcomes["invalid"] + oracle.outcomes["cautious"] < DOCUMENTS * 0.05
    assert all(subject.counts["compared"] for subject in oracle.subjects)


@pytest.mark.parametrize("plant", FAULTS)
async def test_a_planted_fault_is_seen_in_the_product(world: World, plant: Plant) -> None:
    oracle = Oracle(world, Random(SEED), plant=plant)
    with pytest.raises(Difference):
        await oracle.many(DOCUMENTS)


async def test_lists_that_the_desk_lives_on_are_compiled(world: World) -> None:
    """The documents of lists hold no Python field: a field moved to Python would silently cost a hundredfold."""
    schema = world.schemas.of(world.plugin_sets()[0])
    document = parse((Path(__file__).parents[1] / "contract" / "main-job.graphql").read_text(encoding="utf-8"))
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    found = set()
    for operation in document.definitions:
        if not isinstance(operation, OperationDefinitionNode) or operation.operation.value != "query":
            continue
        given = {"first": 5, "longitude": 100.0, "latitude": 25.0}
        named = {each.variable.name.value for each in operation.variable_definitions or ()}
        values = {name: value for name, value in given.items() if name in named}
        variables = get_variable_values(schema._schema, operation.variable_definitions or (), values)
        assert not isinstance(variables, list)
        try:
            Reader(schema._schema, schema.registry, operation, fragments, variables).read()
        except NotCompilable:
            continue
        found.add(operation.name.value if operation.name else "")
    assert found >= {"Grids", "WorkItems", "Organizations", "Inbox", "CaseList", "Precedents"}
