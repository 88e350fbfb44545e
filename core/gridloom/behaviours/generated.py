"""A mechanism's own part of the schema, generated from its declaration: types, one query, mutations."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import GenericAlias
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import select, tuple_

from gridloom.behaviours import service
from gridloom.behaviours.matters import seen_by
from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.shapes import shapes, values_of
from gridloom.behaviours.types import Matter, MatterPayload, MatterStep, MechanismRecord, due_at, seen, steps_open
from gridloom.cases.graphql import Case, Work
from gridloom.cases.text import identifier
from gridloom.clocks.graphql import Clock
from gridloom.context import Info
from gridloom.contract.declare import Element, Mechanism, Part, Step, camel, mutation_name, pascal, plural, type_name
from gridloom.contract.forms import fields_of
from gridloom.contract.types import Form
from gridloom.mutations import run
from gridloom.people.graphql import Organization
from gridloom.problems import Problem, given, problems_of
from gridloom.reads import PageInfo, Query, Read, column, expr, extends, failure, load, many, maps, one, prime
from gridloom.work import Work as UnitOfWork

LONGEST_PAGE = 200


@dataclass(frozen=True)
class Generated:
    """What one mechanism adds to a schema."""

    queries: type
    mutations: type
    types: tuple[type, ...]


class Generator:
    """Generates each mechanism once; every schema of the process shares what it made."""

    def __init__(self) -> None:
        self._made: dict[str, Generated] = {}

    def of(self, mechanism: Mechanism) -> Generated:
        if mechanism.key not in self._made:
            self._made[mechanism.key] = self._generate(mechanism)
        return self._made[mechanism.key]

    def _generate(self, mechanism: Mechanism) -> Generated:
        lists: dict[str, Any] = {}
        steps: dict[str, Any] = {}
        every: list[type] = []
        for element in mechanism.elements:
            kinds: dict[str, Any] = {}
            for part in reversed(element.behaviour.parts):  # children first: a point lists its visits
                kinds[part.key] = self._matter(mechanism, element, part, kinds)
                if part.of is None:
                    lists[element.key] = _list_field(mechanism, element, part, kinds[part.key])
                    if element.docks_with:
                        received = self._matter(mechanism, element, part, {}, received=True)
                        lists[f"{element.key}_received"] = _list_field(mechanism, element, part, received, received=True)
            for step in element.behaviour.steps:
                if element.has_own_mutation(step):
                    name = mutation_name(mechanism, element, step)
                    steps[name] = self._mutation(mechanism, element, step, name, kinds[step.part])
            every.extend(kinds.values())
        return Generated(_query(mechanism, lists), _mutations(mechanism, steps), tuple(every))

    def _matter(
        self, mechanism: Mechanism, element: Element, part: Part, made: dict[str, Any], *, received: bool = False
    ) -> Any:
        """The type of an element's matters; with `received`, of those that others' elements offered to it."""
        name = type_name(mechanism, element) + (pascal(part.key) if part.of is not None else "")
        name += "Received" if received else ""
        annotations: dict[str, Any] = {
            **(RECEIVED if received else {}),
            "part": str, "version": int, "began_at": datetime, "due_at": datetime | None, "owner": Organization,
            "origin": Organization, "counterpart": Organization | None, "case": Case | None, "clocks": list[Clock],
            "steps": list[MatterStep],
        }
        values: dict[str, Any] = {
            "mechanism": column("plugin"), "due_at": expr(due_at), "owner": one("owner_id"),
            "origin": one("origin_id"), "counterpart": one("counterpart_id"), "case": one("case_id"),
            "clocks": many("assignment_id", order=["started_at"], through=True),
            "steps": many("matter_id", order=["at"]), "allowed_steps": _allowed_steps_field(),
            "forms": self._forms_field(name, mechanism, element, part, received=received),
            "__doc__": f"{element.title}（{part.title}）",
        }
        for child in element.behaviour.parts:
            if child.of == part.key:
                annotations[plural(child.key)] = GenericAlias(list, (made[child.key],))
                values[plural(child.key)] = many("parent_id", order=["-began_at"])
        bases = (Read,) if received else (MechanismRecord, Work, Read)
        cls = type(name, bases, {"__annotations__": annotations, "__module__": __name__, **values})
        side = "receiver_" if received else ""
        of = "receiver_element" if received else "base"
        where = {f"{side}plugin": mechanism.key, of: element.key, "part": part.key}
        return maps(MatterRow, visible=seen, when=where, kind=name)(cls)

    def _forms_field(
        self, name: str, mechanism: Mechanism, element: Element, part: Part, *, received: bool = False
    ) -> Any:
        """Every filled form of a matter, typed; null for a step that was not taken."""
        steps = [
            step for step in element.behaviour.steps if step.part == part.key and fields_of(element.form_of(step))
        ]
        plugin = mechanism.key
        annotations = {step.key: shapes.output_of(plugin, element.form_of(step)) | None for step in steps}
        values = {step.key: strawberry.field(description=step.title, default=None) for step in steps}
        cls = type(f"{name}Forms", (), {"__annotations__": annotations, "__module__": __name__, **values})
        forms = strawberry.type(cls, description="Forms as they were filled, by step.")

        def resolve(self: Any) -> Any:
            filled = {}
            for step in steps:
                kept = self.row["forms"].get(step.key)
                if kept is not None and received:
                    kept = _known(element.form_of(step), kept)
                form = service.restored(element.form_of(step), kept) if kept is not None else None
                filled[step.key] = shapes.shown(plugin, form) if form is not None else None
            return forms(**filled)

        resolve.__annotations__ = {"self": Any, "return": forms}
        return strawberry.field(resolve, description="Forms as they were filled, by step.")

    def _mutation(self, mechanism: Mechanism, element: Element, step: Step[Any], name: str, kind: Any) -> Any:
        form = element.form_of(step)
        child = element.behaviour.part(step.part).of
        shape = shapes.input_of(f"{name[:1].upper()}{name[1:]}Input", mechanism.key, form, leading(step, child))

        def act(input: Any, values: dict[str, Any]) -> Callable[[UnitOfWork], Any]:
            async def step_of(work: UnitOfWork) -> dict[str, str]:
                if step.source:
                    matter = identifier(input.matter_id, "matterId")
                    row = await service.take(
                        work, matter, step.key, values, version=input.version, mutation=name
                    )
                else:
                    parent = identifier(input.parent_id, "parentId") if child is not None else None
                    chosen = given(getattr(input, "element", None)) or await service.element_of(work, parent)
                    row = await service.begin(
                        work, mechanism.key, chosen or element.key, step.key, values, parent_id=parent, like=element.key
                    )
                return {"matter": str(row.id)}

            return step_of

        text = f"{element.title}：{step.title}"
        if element.docks_with and step.source:  # also of matters that are another mechanism's records
            return step_field(name, shape, MatterPayload, Matter, form, act, text, "matter")
        return step_field(name, shape, payload_of(kind), kind, form, act, text)


RECEIVED: dict[str, Any] = {
    "id": strawberry.ID, "mechanism": str, "element": str, "title": str, "state": str, "at": datetime,
}
"""What a record has of the interface that received matters do not implement: a case lists them once, as the sender's."""


def _known(form: type[Form], kept: Any) -> Any:
    """What was filled in, as far as this form has it: the sender's own fields are the sender's."""
    names = set(form.model_fields)
    return {**kept, "values": {name: value for name, value in kept["values"].items() if name in names}}


def leading(step: Step[Any], child: str | None) -> dict[str, tuple[Any, str]]:
    """The fields of every step's input that are core's."""
    first: dict[str, tuple[Any, str]] = {"key": (strawberry.ID, "Chosen by the client; sent twice it answers once.")}
    if not step.source and child is None:
        first["element"] = (str | None, "An element that the county added like this one; else this one itself.")
    if step.source:
        first["matter_id"] = (strawberry.ID, "The matter.")
        first["version"] = (int, "The version that the caller read.")
    elif child is not None:
        first["parent_id"] = (strawberry.ID, f"The {child} that it belongs to.")
    return first


def payload_of(kind: Any) -> Any:
    """`CourtLianTiaoPayload`; made once for each type of matter."""
    if "__payload__" not in kind.__dict__:
        annotations = {"record": kind | None, "replayed": bool, "problems": list[Problem]}
        cls = type(f"{kind.__name__}Payload", (), {"__annotations__": annotations, "__module__": __name__})
        text = "The matter as it stands now; problems mean that nothing changed."
        kind.__payload__ = strawberry.type(cls, description=text)
    return kind.__payload__


def step_field(
    name: str, shape: Any, payload: Any, kind: Any, form: type[Form],
    act: Callable[[Any, dict[str, Any]], Callable[[UnitOfWork], Any]], text: str, subject: str = "record",
) -> Any:
    """The mutation field of a step: run once by its key, then the matter read anew as the payload's `subject`."""

    async def resolve(self: Any, info: Any, input: Any) -> Any:
        outcome = await run(info.context, name, str(input.key), input, act(input, values_of(form, input)))
        matter = outcome.ids.get("matter") or getattr(input, "matter_id", None)
        found = await load(info, kind, matter) if matter is not None else None
        shown = {subject: found}
        return payload(**shown, replayed=outcome.replayed, problems=problems_of(outcome, info.context.locale))

    resolve.__annotations__ = {"self": Any, "info": Info, "input": shape, "return": payload}
    return strawberry.mutation(resolve, name=name, description=text)


def _allowed_steps_field() -> Any:
    async def allowed_steps(self: Any, info: Info) -> list[str]:
        return await steps_open(info, self.row)

    return strawberry.field(
        allowed_steps, description="Names of the mutations that the caller may use on this matter now."
    )


def _query(mechanism: Mechanism, lists: dict[str, Any]) -> type:
    name = pascal(mechanism.key)
    space: Any = strawberry.type(type(name, (), {"__module__": __name__, **lists}), description=mechanism.title)

    def resolve(self: Any) -> Any:
        return space()

    resolve.__annotations__ = {"self": Any, "return": space}
    field = strawberry.field(resolve, name=camel(mechanism.key), description=mechanism.title)
    cls = type(f"{name}Query", (), {"__annotations__": {}, "__module__": __name__, mechanism.key: field})
    return extends(Query)(cls)


def _mutations(mechanism: Mechanism, steps: dict[str, Any]) -> type:
    name = f"{pascal(mechanism.key)}Mutations"
    made: type = strawberry.type(type(name, (), {"__module__": __name__, **steps}))
    return made


def _list_field(
    mechanism: Mechanism, element: Element, part: Part, kind: Any, *, received: bool = False
) -> Any:
    annotations = {"nodes": list[kind], "page_info": PageInfo}
    cls = type(f"{kind.__name__}Connection", (), {"__annotations__": annotations, "__module__": __name__})
    connection: Any = strawberry.type(cls, description="A page, newest change first.")
    where = (mechanism.key, element.key, part.key)

    async def resolve(
        self: Any, info: Any, state: Any = strawberry.UNSET, open: Any = strawberry.UNSET, first: int = 50,
        after: Any = strawberry.UNSET, element: Any = strawberry.UNSET,
    ) -> Any:
        if not 1 <= first <= LONGEST_PAGE:
            raise failure("VALIDATION", f"first must be 1 to {LONGEST_PAGE}")
        wanted = Wanted(given(state), given(open), given(element), given(after), first + 1)
        found = await _page(info, where, received, wanted)
        rows = found[:first]
        end = _cursor(rows[-1]) if rows else None
        here = PageInfo(has_next_page=len(found) > first, end_cursor=end)
        return connection(nodes=[prime(info, kind, row) for row in rows], page_info=here)

    resolve.__annotations__ = {
        "self": Any, "info": Info, "state": str | None, "open": bool | None, "first": int, "after": str | None,
        "element": str | None, "return": connection,
    }
    name = camel(element.key) + ("Received" if received else "")
    return strawberry.field(resolve, name=name, description=element.title)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What narrows a list of matters; `element` is one that the county added."""

    state: str | None
    open: bool | None
    element: str | None
    after: str | None
    size: int


async def _page(info: Any, where: tuple[str, str, str], received: bool, wanted: Wanted) -> list[MatterRow]:
    context = info.context
    plugin = MatterRow.receiver_plugin if received else MatterRow.plugin
    base = MatterRow.receiver_element if received else MatterRow.base
    statement = (
        select(MatterRow)
        .where(
            MatterRow.tenant_id == context.tenant, plugin == where[0], base == where[1], MatterRow.part == where[2],
            seen_by(context.actor.scopes),
        )
        .order_by(MatterRow.at.desc(), MatterRow.id.desc())
        .limit(wanted.size)
    )
    if wanted.state is not None:
        statement = statement.where(MatterRow.state == wanted.state)
    if wanted.open is not None:
        statement = statement.where(MatterRow.open.is_(wanted.open))
    if wanted.element is not None:
        statement = statement.where(MatterRow.element == wanted.element)
    if wanted.after is not None:
        statement = statement.where(tuple_(MatterRow.at, MatterRow.id) < _read_cursor(wanted.after))
    async with context.reading() as session:
        return list((await session.execute(statement)).scalars())


def _cursor(row: MatterRow) -> str:
    return base64.urlsafe_b64encode(f"{row.at.isoformat()}|{row.id}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, _, key = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        return datetime.fromisoformat(at), UUID(key)
    except (ValueError, binascii.Error):
        raise failure("VALIDATION", "after is no cursor of this list") from None
