"""The oracle: random documents over the whole product, answered on both paths, must come out equal."""

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from graphql import ExecutionResult, execute, parse

from gridloom.context import RequestContext, request_context
from gridloom.errors import Denied
from gridloom.http.limits import Limits
from gridloom.http.prepare import Documents, Prepared, Rejected, prepare
from gridloom.http.run import graphql_schema, run_ordinary
from gridloom.reads import CompiledReads, ComposedSchema
from gridloom.reads.declare import Page, Single
from gridloom.reads.mapping import DeclaredField
from gridloom.work import Actor, CountyView
from tests.reads.generator import Generator
from tests.reads.world import Told, World

WIDE = Limits(
    cost=10**12, aliases=10**6, directives=10**6, fields=10**6, document_fields=10**6, fragments=10**4, merges=10**7,
    tokens=10**6, depth=60,
)
AGAIN = 0.5
KEPT = 60
"""Values of a pool: those seen last are kept."""
POOLS: Mapping[str, list[Any]] = {
    "first": [1, 2, 3, 5, 2, 3, 1, 7, 50, 4, 200],
    "text": ["事项", "村", "A-", "%", "“", "\\", "😀"],
    "workItemCode": ["A-01", "C-10", "A-08", "none"], "kind": ["DEPARTMENT", "CENTRE", "none"], "level": [2, 5, 4, -1],
    "state": ["open", "none"],
    "String": ["x", "court", "'; --"], "Int": [2, 4], "Boolean": [True, False], "Float": [100.1, 25],
    "DateTime": ["2026-01-01T00:00:00Z", "2030-01-01T08:00:00+08:00", "2026-10-01T12:00:00.000001+00:00"],
    "JSON": [{}], "Date": ["2026-01-01"],
}


class Difference(AssertionError):
    """Both paths were asked the same and did not say the same."""


def same_notation(body: bytes | str) -> str:
    """JSON text in which the order of keys, doubled keys and the kinds of values count, and white space does not."""
    def number(text: str) -> tuple[str, Decimal]:
        return ("number", Decimal(text).normalize())

    return repr(json.loads(body, object_pairs_hook=lambda found: found, parse_int=number, parse_float=number))


def python_fields(schema: ComposedSchema) -> frozenset[str]:
    """Fields that Python resolves: documents with them are not compiled, so they would compare nothing."""
    found = set()
    for name, concrete in schema.schema_converter.type_map.items():
        fields = getattr(concrete.definition, "fields", None)
        if fields is None or not hasattr(concrete.implementation, "fields"):
            continue
        for each in schema.get_fields(concrete.definition):  # type: ignore[arg-type]
            if not isinstance(each, DeclaredField) and not each.is_basic_field:
                found.add(f"{name}.{schema.config.name_converter.from_field(each)}")
    return frozenset(found)


def walk(found: Any) -> Iterator[tuple[str, Any]]:
    """Every key and value of an answer."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield key, value
            yield from walk(value)
    elif isinstance(found, list):
        for value in found:
            yield from walk(value)


@dataclass
class Subject:
    """One schema under comparison: its generator, its values for cursors, what its documents visited."""

    schema: ComposedSchema
    generator: Generator
    belongs: dict[str, str]
    cursors: dict[str, list[Any]]
    documents: Documents = field(default_factory=lambda: Documents(WIDE, 4))
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, schema: ComposedSchema, random: Random, wrong: float = 0.004) -> "Subject":
        """For this schema."""
        infos = list(schema.registry.fields.values())
        pages = [info for info in infos if isinstance(info.source, Page)]
        singles = frozenset(f"{info.owner_name}.{info.name}" for info in infos if isinstance(info.source, Single))
        belongs = {
            info.tag(flipped): f"{info.owner_name}.{info.name}.after" for info in pages for flipped in (True, False)
        }
        cursors: dict[str, list[Any]] = {place: [] for place in belongs.values()}
        generator = Generator(schema._schema, random, {}, python_fields(schema), one_of=singles, wrong=wrong)
        return cls(schema, generator, belongs, cursors)

    def missed(self) -> list[str]:
        """What no document visited."""
        made = self.generator
        return made.seen.missed(made.schema, made.skipped, made.one_of)

    def harvest(self, found: Any) -> None:
        """Keep the cursors of an answer for the fields they belong to."""
        for key, value in walk(found):
            if key == "endCursor" and isinstance(value, str):
                place = self.cursors[self.belongs[json.loads(base64.b64decode(value))[0]]]
                place.append(value)
                del place[:-KEPT]


@dataclass
class Oracle:
    """Compares. `outcomes`: compared, refused (errors on both paths), cautious (an argument is wrong under an object
    that turned out null: the executor never looked at it), rejected (variables), invalid (no document)."""

    world: World
    random: Random
    reads: CompiledReads = field(default_factory=lambda: CompiledReads(documents=50, patience=0))
    outcomes: Counter[str] = field(default_factory=Counter)
    subjects: list[Subject] = field(default_factory=list)
    pools: dict[UUID, dict[str, list[Any]]] = field(default_factory=dict)
    plant: Callable[[pytest.MonkeyPatch], None] | None = None
    """A fault for the compiled path alone."""

    def __post_init__(self) -> None:
        self.subjects = [
            Subject.of(self.world.schemas.of(each), self.random) for each in self.world.plugin_sets()
        ]

    async def one(self) -> None:
        """Make one document, ask as somebody, compare; now and then ask it again with other variables as somebody else.

        Raises `Difference`.
        """
        subject = self.random.choices(self.subjects, [3] + [1] * (len(self.subjects) - 1))[0]
        county = self.random.choice(self.world.counties)
        actor = self.random.choice(county.actors)
        known = await self._known_to(county, actor)
        cursors = {
            place: [*self.random.sample(values, min(len(values), 9)), None, self.random.choice([None, None, "junk"])]
            for place, values in subject.cursors.items()
        }
        subject.generator.pools = {**POOLS, **known, **cursors}
        subject.generator.avoided = frozenset(
            place for place in subject.generator.one_of if not known.get(f"{place}.id") and self.random.random() < 0.95
        )
        text, variables = subject.generator.document()
        await self._counted(subject, county, actor, text, variables)
        if self.random.random() < AGAIN:
            other = self.random.choice(county.actors)
            await self._counted(subject, county, other, text, subject.generator.again())

    async def many(self, documents: int) -> None:
        """Until that many were asked. Raises `Difference`."""
        while self.outcomes.total() < documents:
            await self.one()

    async def _counted(
        self, subject: Subject, county: Told, actor: Actor, text: str, variables: dict[str, Any]
    ) -> None:
        outcome = await self.compare(subject, county.view, actor, text, variables)
        self.outcomes[outcome] += 1
        subject.counts[outcome] += 1

    async def compare(
        self, subject: Subject, county: CountyView, actor: Actor, text: str, variables: dict[str, Any]
    ) -> str:
        """Ask on both paths."""
        core = graphql_schema(subject.schema)
        said = f"{text}\n{json.dumps(variables, ensure_ascii=False)}\n{actor.name} {county.code}"
        try:
            document = subject.documents.get(core, text, developer=True)
            prepared = prepare(core, document, None, variables, WIDE, developer=True)
        except Rejected as rejected:
            if rejected.code != "BAD_USER_INPUT":
                return "invalid"
            return _rejected(execute(core, parse(text), variable_values=variables), rejected, said)
        except Denied:
            return "limited"
        body, why, showed = await self._compiled(subject, county, actor, prepared)
        async with request_context(self.world.service, county, actor, "zh-CN") as context:
            result = await run_ordinary(subject.schema, prepared, context)
        subject.harvest(result.data)
        return _judged(body, why, result, showed == context.read_protected, said)

    async def _compiled(
        self, subject: Subject, county: CountyView, actor: Actor, prepared: Prepared
    ) -> tuple[bytes | None, str, set[UUID]]:
        before = Counter(self.reads.outcomes)
        context: RequestContext
        with pytest.MonkeyPatch.context() as patch:
            if self.plant is not None:
                self.plant(patch)
            async with request_context(self.world.service, county, actor, "zh-CN") as context:
                body = await self.reads.answer(
                    subject.schema, prepared.document.text, prepared.operation, prepared.document.fragments,
                    prepared.variables, context,
                )
        return body, next(iter(self.reads.outcomes - before)), context.read_protected

    def _plugins(self) -> dict[str, list[Any]]:
        mechanisms = self.world.service.host.mechanisms
        elements = [each for one in mechanisms.values() for each in one.elements]
        parts = [part.key for each in elements for part in each.behaviour.parts]
        return {
            "mechanism": [*mechanisms, "none"], "element": [*(each.key for each in elements), "none"],
            "part": [*dict.fromkeys(parts), "none"],
        }

    async def _known_to(self, county: Told, actor: Actor) -> dict[str, list[Any]]:
        """Values that documents of this person may name: ids that they see, and some that they do not."""
        if actor.id not in self.pools:
            everything = self.world.schemas.of(self.world.plugin_sets()[0])
            core = graphql_schema(everything)
            prepared = prepare(core, Documents(WIDE).get(core, KNOWN, developer=True), None, {}, WIDE, developer=True)
            async with request_context(self.world.service, county.view, actor, "zh-CN") as context:
                data = (await run_ordinary(everything, prepared, context)).data
            assert data is not None
            found = {name: [each for each in data[name]["nodes"]] for name in data}
            ids = {name: [each["id"] for each in nodes if "id" in each][:8] for name, nodes in found.items()}
            strange = ["no uuid", str(UUID(int=0)), *(ids["grids"][:1])]
            self.pools[actor.id] = {
                "ID": [*ids["cases"][:4], *ids["organizations"][:3], *ids["grids"][:4], *strange],
                "under": [*ids["grids"], "no uuid"], "organizationId": [*ids["organizations"], *strange],
                "Query.case.id": ids["cases"], "Query.matter.id": ids["matters"],
                "number": [each["number"] for each in found["cases"][:8]],
                "code": [each["code"] for each in found["organizations"][:5]] + ["none"], **self._plugins(),
            }
        return self.pools[actor.id]


KNOWN = """{ cases(first: 30) { nodes { id number } } matters { nodes { id } }
    organizations(first: 30) { nodes { id code } } grids(first: 30) { nodes { id } } }"""


def _rejected(result: Any, rejected: Rejected, said: str) -> str:
    """Variables that GraphQL refuses never reach a path; the executor refuses them in the same words."""
    assert isinstance(result, ExecutionResult)
    if [each.message for each in result.errors or ()] != [each.message for each in rejected.errors]:
        raise Difference(f"{rejected.errors} instead of {result.errors}\n{said}")
    return "rejected"


def _judged(body: bytes | None, why: str, result: ExecutionResult, same_audit: bool, said: str) -> str:
    if why not in ("answered", "missing", "arguments"):
        raise Difference(f"not compiled: {why}\n{said}")
    if result.errors:
        if body is not None:
            raise Difference(f"answered in spite of {result.errors}\n{said}")
        return "refused"
    if body is None:
        if why != "arguments":
            raise Difference(f"needlessly {why}\n{said}")
        return "cautious"
    told = json.dumps({"data": result.data}, ensure_ascii=False)
    if same_notation(body) != same_notation(told):
        raise Difference(f"{body.decode()}\ninstead of\n{told}\n{said}")
    if not same_audit:
        raise Difference(f"other protected cases are noted as read\n{said}")
    return "compared"
