"""Random documents over the small world, answered once on the ordinary path: what the compiled path must say too."""

import base64
import json
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from graphql import parse, validate

from gridloom.reads import CompiledReads, ComposedSchema, compile, jobs, relation
from gridloom.reads.declare import Page, Single
from tests.reads import rows
from tests.reads.asking import Asking, Compiling
from tests.reads.everything import EVERYTHING, VARIABLES
from tests.reads.generator import Generator
from tests.reads.oracle import Difference, same_notation, walk

PYTHON = frozenset({"Query.rootStation", "Matter.shouted"})
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
    "ID": [*IDS, str(rows.REPORTER), "no uuid"],
    "String": ["x"], "Int": [1], "Boolean": [True, False],
    "DateTime": ["2026-11-01T05:00:00Z", "2026-11-01T21:00:00+08:00", "2026-11-02T00:00:00.000001+00:00"],
}
ASKERS: list[dict[str, Any]] = [
    {}, {"can": (), "scopes": (rows.CENTRE,)}, {"can": ()}, {"can": ("matter.all", "address.read")},
    {"actor": rows.REPORTER}, {"tenant": rows.OTHER}, {"tenant": rows.OTHER, "can": (), "scopes": (rows.CENTRE,)},
]
AGAIN = 0.3
LOW_CAP = 3
Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Example:
    """A document as somebody asked it, and the answer of the ordinary path (None where it has errors)."""

    document: str
    variables: dict[str, Any]
    asker: dict[str, Any]
    answer: str | None

    def __str__(self) -> str:
        return f"{self.document}\n{json.dumps(self.variables, ensure_ascii=False)}\n{self.asker}"


def low_cap(patch: pytest.MonkeyPatch) -> None:
    """Counts stop at three on both paths, so that a small world reaches the cap."""
    for module in (relation, jobs, compile):
        patch.setattr(module, "MOST_COUNTED", LOW_CAP)


async def examples(ask: Asking, schema: ComposedSchema, number: int, seed: int) -> list[Example]:
    """A document with everything, then random ones, with the ordinary path's answers; some are asked again with other
    variables by somebody else."""
    logging.getLogger("strawberry.execution").disabled = True
    dice = Random(seed)
    found: list[Example] = []
    infos = list(schema.registry.fields.values())
    belongs = {
        info.tag(flipped): f"{info.owner_name}.{info.name}.after"
        for info in infos if isinstance(info.source, Page) for flipped in (True, False)
    }
    pools = {**{name: list(values) for name, values in POOLS.items()},
             **{place: [None, None, "junk"] for place in belongs.values()}}
    singles = frozenset(f"{info.owner_name}.{info.name}" for info in infos if isinstance(info.source, Single))
    generator = Generator(schema._schema, dice, pools, PYTHON, one_of=singles)
    single = 'one: matter(number: "M-004") { ...Core notes { title } }'
    made = [(EVERYTHING.replace(single, ""), VARIABLES)]
    while len(found) < number:
        document, given_each = made.pop() if made else _random(generator, dice)
        if validate(schema._schema, parse(document)):
            continue
        for given in given_each:
            asker = dice.choice(ASKERS)
            with pytest.MonkeyPatch.context() as patch:
                low_cap(patch)
                answer = await ask(document, given, **asker)
            for key, value in walk(answer.data):
                if key == "endCursor" and isinstance(value, str):
                    pools[belongs[json.loads(base64.b64decode(value))[0]]].append(value)
            told = None if answer.errors else json.dumps({"data": answer.data}, ensure_ascii=False)
            found.append(Example(document, given, asker, told))
    return found


def _random(generator: Generator, dice: Random) -> tuple[str, list[dict[str, Any]]]:
    document, variables = generator.document()
    return document, [variables, *([generator.again()] if dice.random() < AGAIN else [])]


async def compare(every: list[Example], compiled: Compiling, plant: Plant | None = None) -> Counter[str]:
    """Ask the compiled path, with a fault where one is planted: compared, refused (errors on both), cautious.

    Raises `Difference`.
    """
    reads, outcomes = CompiledReads(documents=50, patience=0), Counter[str]()
    with pytest.MonkeyPatch.context() as patch:
        low_cap(patch)
        if plant is not None:
            plant(patch)
        for number, each in enumerate(every):
            before = reads.outcomes["arguments"]
            body = await compiled(each.document, each.variables, **each.asker, reads=reads)
            cautious = reads.outcomes["arguments"] > before
            outcomes[_judged(number, each, body, cautious=cautious)] += 1
    return outcomes


def _judged(number: int, each: Example, body: bytes | None, *, cautious: bool) -> str:
    if each.answer is None:
        if body is not None:
            raise Difference(f"document {number}: answered in spite of errors\n{each}")
        return "refused"
    if body is None:
        if not cautious:
            raise Difference(f"document {number}: needlessly left to the ordinary path\n{each}")
        return "cautious"
    if same_notation(body) != same_notation(each.answer):
        raise Difference(f"document {number}: {body.decode()}\ninstead of\n{each.answer}\n{each}")
    return "compared"
