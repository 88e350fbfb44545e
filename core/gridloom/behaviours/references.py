"""Ids that a form names: each exists, is open, and may be known of by whoever acts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.sql import ColumnElement

from gridloom.behaviours.county import Bound
from gridloom.behaviours.matters import case_view, open_matter
from gridloom.behaviours.models import MatterRow, MechanismElementRow
from gridloom.behaviours.taking import Taking
from gridloom.cases.file import open_file
from gridloom.cases.models import CaseRow
from gridloom.cases.text import identifier
from gridloom.contract.declare import camel
from gridloom.contract.forms import Kind, fields_of
from gridloom.contract.types import Form
from gridloom.errors import ProblemCode, Refusal, invalid, not_found
from gridloom.grid.models import GridRow
from gridloom.people.models import Organization, Staff
from gridloom.work import Work

Named = tuple[tuple[str, ...], str, UUID]
_ENDS: Mapping[str, tuple[Any, Any]] = {
    "organization": (Organization, Organization.closed_at), "staff": (Staff, Staff.left_at),
    "grid": (GridRow, GridRow.ended_at),
}


async def resolve(work: Work, taking: Taking, values: Mapping[str, Any]) -> None:
    """Check every id given; lock and note the case and the earlier matter that the form names.

    Raises `Refusal` NOT_FOUND with the path of the first id that is unknown, hidden or ended.
    """
    named = list(references(taking.bound.form_of(taking.step), values))
    await check(work, named)
    for path, kind, value in named:
        if kind == "matter":
            await open_matter(work, value, *path)
        elif kind == "case" and path != ("caseId",):
            await open_file(work, value, *path, lock=False)
    case_id = next((value for path, kind, value in named if kind == "case" and path == ("caseId",)), None)
    if case_id is not None:
        taking.file = await open_file(work, case_id, "caseId")
        taking.case = await case_view(work.session, taking.file.case)
    else:
        await _known_case(work, taking)
    follows = values.get(taking.step.follows) if taking.step.follows else None
    if follows is not None:
        taking.earlier = await _earlier(work, taking, identifier(follows, camel(taking.step.follows)))


def references(form: type[Form], values: Mapping[str, Any], *path: str) -> Iterator[Named]:
    """(path, what it points at, id) of every id in the values. Raises `Refusal` NOT_FOUND for what is no id."""
    for field in fields_of(form):
        value = values.get(field.name)
        if value is None or value == "":
            continue
        here = (*path, camel(field.name))
        parts = list(enumerate(value)) if field.many and isinstance(value, (list, tuple)) else [(None, value)]
        for number, part in parts:
            where = here if number is None else (*here, str(number))
            if field.kind is Kind.REFERENCE:
                yield where, field.reference or "", identifier(part, *where)
            elif field.inner is not None and isinstance(part, Mapping):
                yield from references(field.inner, part, *where)


async def check(work: Work, named: list[Named]) -> None:
    """Raises `Refusal` NOT_FOUND at the first organisation, person or grid that is not there (any more)."""
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for _path, kind, value in named:
        wanted[kind].add(value)
    for kind, (model, ended) in _ENDS.items():
        if wanted[kind]:
            found = set((await work.session.execute(
                select(model.id).where(model.tenant_id == work.tenant, model.id.in_(wanted[kind]), ended.is_(None))
            )).scalars())
            for path, of, value in named:
                if of == kind and value not in found:
                    raise not_found(*path)


async def _known_case(work: Work, taking: Taking) -> None:
    """The case of a matter under way, as rules may see it: whoever may see the matter acts on it."""
    place = taking.row or taking.parent
    if place is not None and place.case_id is not None:
        taking.case = await case_view(work.session, await work.session.get_one(CaseRow, (work.tenant, place.case_id)))


async def _earlier(work: Work, taking: Taking, key: UUID) -> MatterRow:
    """The matter that this one follows: of the same element, and not followed by another that is open."""
    earlier = await open_matter(work, key, camel(taking.step.follows))
    if (earlier.plugin, earlier.element) != (taking.bound.plugin, taking.bound.key):
        raise not_found(camel(taking.step.follows))
    other = (await work.session.execute(
        select(MatterRow.id).where(
            MatterRow.tenant_id == work.tenant, MatterRow.previous_id == key, MatterRow.open.is_(True)
        ).limit(1)
    )).scalar_one_or_none()
    if other is not None:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "matter-followed", path=(camel(taking.step.follows),))
    return earlier


async def check_rows(work: Work, taking: Taking) -> None:
    """Raises `Refusal` NOT_ALLOWED_NOW while a child is open that must not be, VALIDATION for a reference that is taken."""
    row, step = taking.row, taking.step
    if step.after_children and row is not None:
        child = await _one(work, MatterRow.parent_id == row.id, MatterRow.open.is_(True))
        if child is not None:
            raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "matter-children-open", step=taking.bound.mutation_of(step))
    reference = getattr(taking.form, step.reference) if step.reference else None
    if reference is not None:
        await check_reference(work, taking.bound, reference, taking.earlier, camel(step.reference))


async def check_reference(work: Work, bound: Bound, reference: str, earlier: MatterRow | None, *path: str) -> None:
    """Raises `Refusal` VALIDATION where another open matter of the element has the reference, but for the one followed."""
    if bound.row is not None:  # two that register at once wait for each other
        await work.session.execute(
            select(MechanismElementRow.id).where(
                MechanismElementRow.tenant_id == work.tenant, MechanismElementRow.id == bound.row.id
            ).with_for_update()
        )
    taken = await _one(
        work, MatterRow.plugin == bound.plugin, MatterRow.element == bound.key, MatterRow.reference == reference,
        MatterRow.open.is_(True), *([MatterRow.id != earlier.id] if earlier is not None else []),
    )
    if taken is not None:
        raise invalid("matter-reference-taken", *path)


async def _one(work: Work, *where: ColumnElement[bool]) -> UUID | None:
    return (await work.session.execute(
        select(MatterRow.id).where(MatterRow.tenant_id == work.tenant, *where).limit(1)
    )).scalar_one_or_none()
