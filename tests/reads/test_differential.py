"""Random documents, answered on both paths, must come out equal, to the order of their keys."""

import json
import logging
import os
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from graphql import parse, validate

from gridloom.reads import CompiledReads, ComposedSchema
from gridloom.reads.declare import Page
from tests.reads import rows
from tests.reads.conftest import Asking, Compiling
from tests.reads.generator import Generator
from tests.reads.test_compiled import pairs

DOCUMENTS = int(os.environ.get("GRIDLOOM_DIFFERENTIAL_DOCUMENTS", "100"))
SEED = int(os.environ.get("GRIDLOOM_DIFFERENTIAL_SEED", "20261123"))

IDS = [str(rows.key(county, f"{name} {n}")) for county in (rows.COUNTY, rows.OTHER)
       for name in ("matter", "station") for n in (0, 1, 5)]
POOLS: dict[str, list[Any]] = {
    "first": [1, 2, 3, 7, 50, 200, 2, 3, 5, 0],
    "number": ["M-005", "M-000", "M-029", "M-008", "M-011", "'; --"],
    "Query.matter.id": [str(rows.key(rows.COUNTY, f"matter {n}")) for n in (5, 0, 8, 8)] + ["no uuid"],
    "Query.person.id": [str(rows.REPORTER), str(rows.HELPER), str(rows.STRANGER)],
    "text": ["” 1", "", "%", " 😀", "\\", '"'],
    "code": ["S1", "S5", "none"],
    "role": ["LEAD", "ASSIST", "lead"],
    "level": [1, 2, 3, -5],
    "after": ["junk"],
    "ID": [*IDS, str(rows.REPORTER), "no uuid"],
    "String": ["x"], "Int": [1], "Boolean": [True, False],
    "DateTime": ["2026-11-01T05:00:00Z", "2026-11-01T21:00:00+08:00", "2026-11-02T00:00:00.000001+00:00"],
}
ASKERS: list[dict[str, Any]] = [
    {}, {"can": (), "scopes": (rows.CENTRE,)}, {"can": ()}, {"can": ("matter.all", "address.read")},
    {"actor": rows.REPORTER}, {"tenant": rows.OTHER}, {"tenant": rows.OTHER, "can": (), "scopes": (rows.CENTRE,)},
]


def harvest(found: Any) -> Iterator[str]:
    """All cursors in an answer."""
    if isinstance(found, dict):
        if isinstance(found.get("endCursor"), str):
            yield found["endCursor"]
        for value in found.values():
            yield from harvest(value)
    elif isinstance(found, list):
        for value in found:
            yield from harvest(value)


def places(schema: ComposedSchema) -> dict[str, str]:
    """Where the cursors of each tag belong."""
    pages = [info for info in schema.registry.fields.values() if isinstance(info.source, Page)]
    return {
        info.tag(flipped): f"{info.owner_name}.{info.name}.after" for info in pages for flipped in (True, False)
    }


async def test_both_paths_agree(
    ask: Asking, compiled: Compiling, schema: ComposedSchema, reads: CompiledReads
) -> None:
    logging.getLogger("strawberry.execution").disabled = True
    random = Random(SEED)
    pools = {name: list(values) for name, values in POOLS.items()}
    belongs = places(schema)
    pools |= {place: ["junk"] for place in belongs.values()}
    generator = Generator(schema._schema, random, pools, frozenset({"Query.rootStation", "Matter.shouted"}))
    outcome: Counter[str] = Counter()
    for _ in range(DOCUMENTS):
        document, variables = generator.document()
        if validate(schema._schema, parse(document)):
            outcome["invalid"] += 1
            continue
        asker = random.choice(ASKERS)
        before = reads.outcomes["arguments"]
        body = await compiled(document, variables, **asker)
        arguments = reads.outcomes["arguments"] > before
        answer = await ask(document, variables, **asker)
        for cursor in harvest(answer.data):
            pools[belongs[json.loads(b64decode(cursor))[0]]].append(cursor)
        said = f"{document}\n{json.dumps(variables, ensure_ascii=False)}\n{asker}"
        if answer.errors:
            outcome["refused"] += 1
            assert body is None, said
        elif arguments:
            # A wrong argument under an object that turned out null: never looked at by the executor.
            outcome["cautious"] += 1
        else:
            outcome["compared"] += 1
            assert body is not None, said
            assert pairs(body) == pairs(json.dumps({"data": answer.data})), said
    print(outcome)
    assert outcome["compared"] > DOCUMENTS * 0.4
    assert outcome["cautious"] < DOCUMENTS * 0.1
    assert reads.outcomes["failed"] == 0
