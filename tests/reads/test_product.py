"""The product's own schema: random documents come out equal on both paths, for people of every post."""

import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, get_variable_values, parse, validate

from gridloom.behaviours import service as matters
from gridloom.behaviours.county import set_mode
from gridloom.behaviours.models import MatterRow
from gridloom.clock import ShiftedClock
from gridloom.config import Settings
from gridloom.context import request_context
from gridloom.contract.types import Mode
from gridloom.http.limits import Limits
from gridloom.http.prepare import Documents, prepare
from gridloom.http.run import graphql_schema, run_ordinary
from gridloom.migrate import upgrade
from gridloom.reads import CompiledReads, ComposedSchema
from gridloom.reads.declare import Page
from gridloom.reads.mapping import DeclaredField
from gridloom.reads.selection import NotCompilable, Reader
from gridloom.runtime import build, start
from gridloom.schema import Schemas
from tests.reads.generator import Generator
from tests.reads.test_compiled import pairs
from tests.support.county import County, make_county

DOCUMENTS = int(os.environ.get("GRIDLOOM_DIFFERENTIAL_DOCUMENTS", "40"))
SEED = int(os.environ.get("GRIDLOOM_DIFFERENTIAL_SEED", "1"))
PEOPLE = ("member", "officer_village", "officer_township", "lead_county", "water", "police", "court", "leader", "admin")
ITEMS = ("C-10", "B-12", "A-01", "B-16", "D-04", "A-03", "C-01", "A-09")
CASE = """query($id: ID) { case(id: $id) { id version allowedSteps assignments { id version status } } }"""


@pytest.fixture(scope="module")
async def county(
    postgres_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[County]:
    """A county in which a dozen cases have come some way, and the court's plugin is on."""
    settings = Settings(postgres_url, redis_url, b"\x07" * 32, Path(tmp_path_factory.mktemp("data")))
    await upgrade(settings)
    service = build(settings, clock=ShiftedClock())
    await start(service)
    county = await make_county(service, Schemas(service.host))
    async with county.open() as work:
        await set_mode(work, "court", Mode.ON)
    service.directory.forget(county.view.id)
    await live(county, Random(SEED))
    yield county
    await service.close()


async def live(county: County, dice: Random) -> None:
    """Report cases and take steps at random; refused ones do not matter here."""
    for number in range(12):
        made = await county.step(
            "member", "reportCase", "case { id }", description=f"第{number}号事项“😀”", workItemCode=ITEMS[number % 8],
            parties=[{"name": "张三", "role": "applicant"}], location={"longitude": 100.1, "latitude": 25.2},
            externalReference={"system": "12345", "id": f"{number}"},
        )
        if made["case"] is None:
            continue
        for _ in range(dice.randint(0, 6)):
            await one_step(county, made["case"]["id"], dice)
        if number % 3 == 0:
            await begin_matter(county, made["case"]["id"])


async def one_step(county: County, case_id: str, dice: Random) -> None:
    who = dice.choice(["officer_village", "lead_county", "officer_township", "water", "police"])
    case = (await county.ask(who, CASE, id=case_id))["data"]["case"]
    if case is None:
        return
    by_case = {"caseId": case_id, "version": case["version"]}
    units = [str(county.units[each]) for each in ("SW", "GA", "ZJ")]
    steps: dict[str, dict[str, Any]] = {
        "acceptCase": by_case,
        "routeCase": by_case | {"organizationId": dice.choice(units), "instruction": "请办"},
        "blowWhistle": by_case | {"grade": "KEY", "leadId": units[1], "assistIds": units[:1], "reason": "联合"},
        "superviseCase": by_case | {"card": "YELLOW", "reason": "催", "dueAt": "2099-01-01T00:00:00Z"},
        "addProgress": {"caseId": case_id, "note": "在办"},
    }
    for each in case["assignments"]:
        steps["signAssignment"] = {"assignmentId": each["id"], "version": each["version"]}
    open_now = [step for step in steps if step in case["allowedSteps"]]
    if open_now:
        step = dice.choice(open_now)
        await county.step(who, step, "replayed", **steps[step])


async def begin_matter(county: County, case_id: str) -> None:
    """An element of the court's about this case (tied to it here: the way there is another test's)."""
    async with county.open(await county.actor("court")) as work:
        row = await matters.begin(work, "court", "jin_township", "draft", {
            "name": "巡回审判点", "place": "司法所", "host_id": str(county.units["SF"]),
        })
        await work.session.flush()
        found = await work.session.get_one(MatterRow, (work.tenant, row.id))
        found.case_id = UUID(case_id)


def python_fields(schema: ComposedSchema) -> frozenset[str]:
    """Fields that Python resolves: documents with them are not compiled, so they would compare nothing."""
    found = set()
    for name, concrete in schema.schema_converter.type_map.items():
        fields = getattr(concrete.definition, "fields", None)
        if fields is None or not hasattr(concrete.implementation, "fields"):
            continue
        for field in schema.get_fields(concrete.definition):  # type: ignore[arg-type]
            if not isinstance(field, DeclaredField) and not field.is_basic_field:
                found.add(f"{name}.{schema.config.name_converter.from_field(field)}")
    return frozenset(found)


async def pools_of(county: County, schema: ComposedSchema) -> dict[str, list[Any]]:
    """Values that documents about this county may name."""
    answer = await county.ask("lead_county", "{ cases { nodes { id number } } organizations { nodes { id code } } }")
    cases, units = answer["data"]["cases"]["nodes"], answer["data"]["organizations"]["nodes"]
    ids = [each["id"] for each in cases[:4]] + [each["id"] for each in units[:3]] + ["no uuid"]
    return {
        "first": [1, 2, 5, 50, 200, 3], "ID": [*ids, *(str(grid) for grid in list(county.grids.values())[:4])],
        "under": [str(grid) for grid in county.grids.values()], "organizationId": [str(county.units["SW"])],
        "number": [each["number"] for each in cases[:5]], "Query.case.id": [each["id"] for each in cases],
        "text": ["事项", "村", "A-", "%", "“"], "code": [each["code"] for each in units[:4]], "kind": ["DEPARTMENT"],
        "workItemCode": list(ITEMS), "level": [2, 5, 4], "String": ["x", "court"], "Int": [2], "Boolean": [True, False],
        "Float": [100.1], "DateTime": ["2026-01-01T00:00:00Z", "2030-01-01T08:00:00+08:00"], "JSON": [{}],
        "Date": ["2026-01-01"],
        **{f"{info.owner_name}.{info.name}.after": ["junk"]
           for info in schema.registry.fields.values() if isinstance(info.source, Page)},
    }


async def test_both_paths_agree_on_the_product(county: County) -> None:
    county.view = await county.service.county(county.view.id)
    schema = county.schemas.of(county.view.plugins)
    random = Random(SEED)
    pools = await pools_of(county, schema)
    pools |= {place: [None] for place in pools if place.endswith(".after")}
    generator = Generator(schema._schema, random, pools, python_fields(schema))
    reads, documents, outcome = CompiledReads(patience=0), Documents(Limits()), Counter[str]()
    core = graphql_schema(schema)
    for _ in range(DOCUMENTS):
        text, variables = generator.document()
        if validate(core, parse(text)):
            outcome["invalid"] += 1
            continue
        prepared = prepare(
            core, documents.get(core, text, developer=True), None, variables, Limits(cost=10**9), developer=True
        )
        actor = await county.actor(random.choice(PEOPLE))
        async with request_context(county.service, county.view, actor, "zh-CN") as context:
            before = Counter(reads.outcomes)
            body = await reads.answer(
                schema, text, prepared.operation, prepared.document.fragments, prepared.variables, context
            )
            reason = next(iter(reads.outcomes - before))
            result = await run_ordinary(schema, prepared, context)
        said = f"{text}\n{json.dumps(variables, ensure_ascii=False)}\n{actor.name}: {reason}"
        outcome[reason] += 1
        assert reason in ("answered", "missing", "arguments"), said
        if result.errors:
            assert body is None, said
        elif body is not None:
            assert pairs(body) == pairs(json.dumps({"data": result.data})), said
        else:
            assert reason == "arguments", said
    print(outcome)
    assert outcome["answered"] > DOCUMENTS * 0.5


async def test_lists_that_the_desk_lives_on_are_compiled(county: County) -> None:
    """The documents of lists hold no Python field: a field moved to Python would silently cost a hundredfold."""
    county.view = await county.service.county(county.view.id)
    schema = county.schemas.of(county.view.plugins)
    document = parse((Path(__file__).parents[1] / "contract" / "main-job.graphql").read_text(encoding="utf-8"))
    found = {}
    for operation in document.definitions:
        if not isinstance(operation, OperationDefinitionNode) or operation.operation.value != "query":
            continue
        given = {"first": 5, "longitude": 100.0, "latitude": 25.0}
        named = {each.variable.name.value for each in operation.variable_definitions or ()}
        values = {name: value for name, value in given.items() if name in named}
        variables = get_variable_values(schema._schema, operation.variable_definitions or (), values)
        assert not isinstance(variables, list)
        fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        try:
            Reader(schema._schema, schema.registry, operation, fragments, variables).read()
            found[operation.name.value if operation.name else ""] = True
        except NotCompilable:
            found[operation.name.value if operation.name else ""] = False
    assert {name for name, compiled in found.items() if compiled} >= {
        "Grids", "WorkItems", "Organizations", "Inbox", "CaseList", "Precedents",
    }
