"""`uiPage` and `runUiAction`: a mechanism's page and its steps, for a client that knows no plugin."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.scalars import JSON

from gridloom.behaviours import service
from gridloom.behaviours.county import Bound, with_receiver
from gridloom.behaviours.fields import values_given
from gridloom.behaviours.figures import Counts, counts_of
from gridloom.behaviours.matters import clocks_of, find_matter, seen_by
from gridloom.behaviours.models import MatterRow, MatterStepRow
from gridloom.behaviours.page import Names, Reader, element_page, matter_page
from gridloom.behaviours.types import bound as element_of
from gridloom.behaviours.types import seats
from gridloom.behaviours.uitypes import Page
from gridloom.behaviours.wording import Wording
from gridloom.cases.models import CaseRow, CaseScope
from gridloom.cases.text import identifier
from gridloom.clocks.models import ClockRow
from gridloom.context import Info
from gridloom.contract import ui
from gridloom.contract.types import Mode
from gridloom.errors import Refusal, invalid, not_found
from gridloom.mutations import run
from gridloom.people.models import Organization, Staff
from gridloom.problems import Problem, given, problems_of
from gridloom.reads import Query, extends, failure
from gridloom.work import Work

LISTED = 50


@extends(Query)
class PageQueries:
    """Pages of mechanisms."""

    @strawberry.field(description="The page of an element, or of one of its matters; null with error NOT_FOUND.")
    async def ui_page(
        self, info: Info, plugin: str, element: str, matter_id: strawberry.ID | None = strawberry.UNSET
    ) -> Page | None:
        page = await page_of(info, plugin, element, given(matter_id))
        if page is None:
            raise failure("NOT_FOUND", "there is no such page, or you may not know of it")
        return page


@strawberry.input(description="A form of a page, sent.")
class RunUiActionInput:
    """One action of a page."""

    key: strawberry.ID = strawberry.field(description="Chosen by the client; sent twice it answers once.")
    plugin: str = strawberry.field(description="The mechanism's key.")
    element: str = strawberry.field(description="The element's key.")
    action: str = strawberry.field(description="The form's `action`.")
    matter_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="The page's `matter`.")
    version: int | None = strawberry.field(default=strawberry.UNSET, description="The page's `version`.")
    values: JSON = strawberry.field(description="An object: the field's name → its value.")


@strawberry.type(description="The answer to runUiAction; problems mean that nothing changed.")
class RunUiActionPayload:
    """Where the action led."""

    matter_id: strawberry.ID | None = strawberry.field(description="The matter that the action was taken on or began.")
    page: Page | None = strawberry.field(description="That matter's page as it stands now.")
    replayed: bool
    problems: list[Problem]


@strawberry.type
class PageMutations:
    """Actions of pages."""

    @strawberry.mutation(description="Take the step of a form that uiPage gave.")
    async def run_ui_action(self, info: Info, input: RunUiActionInput) -> RunUiActionPayload:
        outcome = await run(info.context, "runUiAction", str(input.key), input, _acting(input))
        matter = outcome.ids.get("matter") or given(input.matter_id)
        page = await page_of(info, input.plugin, input.element, matter) if matter is not None else None
        return RunUiActionPayload(
            matter_id=matter, page=page, replayed=outcome.replayed,
            problems=problems_of(outcome, info.context.locale),
        )


def _acting(input: RunUiActionInput) -> Any:
    async def step_of(work: Work) -> dict[str, str]:
        sent: Any = input.values
        if not isinstance(sent, Mapping):
            raise invalid("form-wrong", "values")
        matter = given(input.matter_id)
        key = identifier(matter, "matterId") if matter is not None else None
        row = await service.open_matter(work, key, "matterId") if key is not None else None
        mode = service.mode_in(work, input.plugin)
        bound = await service.bind(work.session, work.tenant, work.host, input.plugin, input.element, mode)
        if bound is None or (row is not None and (input.plugin, input.element) not in _sides(row)):
            raise not_found("element")
        if row is not None:
            bound = await service.bound_of(work, row)
        step = next((one for one in bound.behaviour.steps if one.key == input.action), None)
        if step is None:
            raise not_found("action")
        values = values_given(bound.form_of(step), sent)
        try:
            if step.source and row is not None:
                version = given(input.version)
                taken = await service.take(work, row.id, step.key, values, version=version if version else 0)
            else:
                taken = await service.begin(work, input.plugin, input.element, step.key, values, parent_id=key)
        except Refusal as refusal:
            raise _within_values(refusal) from None
        return {"matter": str(taken.id)}

    return step_of


def _within_values(refusal: Refusal) -> Refusal:
    """A path of the form leads through `values`; those of core's own inputs stay."""
    own = ("matterId", "parentId", "version", "element", "action", "key")
    if refusal.path and refusal.path[0] not in own:
        refusal.path = ("values", *refusal.path)
    return refusal


async def page_of(info: Info, plugin: str, element: str, matter_id: Any) -> ui.Page | None:
    """The page, or None where the county or the caller has no such thing."""
    context = info.context
    bound = await element_of(info, plugin, element)
    if bound is None or bound.row is None or bound.mode is Mode.SHADOW:
        return None
    if matter_id is None:
        return await _element_page(info, bound) if bound.speaks else None
    try:
        key = identifier(matter_id)
    except Refusal:
        return None
    async with context.reading() as session:
        row = await find_matter(session, context.actor, key)
    if row is None or (plugin, element) not in _sides(row):
        return None
    sending = bound if (row.plugin, row.element) == (plugin, element) else await element_of(info, row.plugin, row.element)
    if sending is None:
        return None
    mode = next((one.mode for one in context.county.switched if one.key == row.receiver_plugin), Mode.OFF)
    whole = with_receiver(sending, context.works.host, row.receiver_plugin, row.receiver_element, mode)
    return await _matter_page(info, whole, row)


def _sides(row: MatterRow) -> tuple[tuple[str | None, str | None], ...]:
    """The elements on whose pages a matter stands: its own, and that of the side that received it."""
    return (row.plugin, row.element), (row.receiver_plugin, row.receiver_element)


async def _element_page(info: Info, bound: Bound) -> ui.Page:
    context = info.context
    top = [part.key for part in bound.behaviour.parts if part.of is None]
    here = await seats(info)
    async with context.reading() as session:
        rows = (await session.execute(
            select(MatterRow)
            .where(
                MatterRow.tenant_id == context.tenant, or_(
                    and_(MatterRow.plugin == bound.plugin, MatterRow.element == bound.key),
                    and_(MatterRow.receiver_plugin == bound.plugin, MatterRow.receiver_element == bound.key),
                ), MatterRow.part.in_(top), seen_by(context.actor.scopes),
            )
            .order_by(MatterRow.open.desc(), MatterRow.at.desc(), MatterRow.id.desc()).limit(LISTED)
        )).scalars().all()
        counts = await counts_of(session, context.tenant, [bound.mechanism] if bound.mechanism else [])
        reader = await _reader(session, info, bound, here, rows, ())
        due = await _due(session, context.tenant, rows)
    return element_page(bound, reader, rows, due, counts.get((bound.plugin, bound.key), Counts()))


async def _matter_page(info: Info, bound: Bound, row: MatterRow) -> ui.Page:
    context = info.context
    here = await seats(info)
    async with context.reading() as session:
        steps = (await session.execute(
            select(MatterStepRow)
            .where(MatterStepRow.tenant_id == context.tenant, MatterStepRow.matter_id == row.id)
            .order_by(MatterStepRow.at, MatterStepRow.id)
        )).scalars().all()
        children = (await session.execute(
            select(MatterRow)
            .where(MatterRow.tenant_id == context.tenant, MatterRow.parent_id == row.id)
            .order_by(MatterRow.began_at.desc()).limit(LISTED)
        )).scalars().all()
        clocks = await clocks_of(session, context.tenant, row.id)
        reader = await _reader(session, info, bound, here, [row, *children], steps)
        due = await _due(session, context.tenant, children)
    return matter_page(bound, reader, row, steps, clocks, children, due)


async def _reader(
    session: AsyncSession, info: Info, bound: Bound, here: Any, rows: Sequence[MatterRow],
    steps: Sequence[MatterStepRow],
) -> Reader:
    context = info.context
    wanted: set[Any] = set()
    for row in rows:
        wanted |= {row.owner_id, row.origin_id, row.counterpart_id}
        wanted |= {_as_id(value) for kept in row.forms.values() for value in kept["values"].values()}
    wanted |= {step.organization_id for step in steps}
    wanted.discard(None)
    organizations = await _names(session, context.tenant, Organization, Organization.name, wanted)
    staff = await _names(session, context.tenant, Staff, Staff.name, {one.staff_id for one in steps if one.staff_id})
    cases = await _cases(session, context, {row.case_id for row in rows if row.case_id})
    words = Wording(context.locale, bound.plugin)
    return Reader(words, here, Names(organizations, staff, cases), context.works.clock.now())


def _as_id(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        return None


async def _names(session: AsyncSession, tenant: UUID, model: Any, name: Any, ids: set[Any]) -> dict[UUID, str]:
    if not ids:
        return {}
    rows = await session.execute(select(model.id, name).where(model.tenant_id == tenant, model.id.in_(ids)))
    return {key: text for key, text in rows}


async def _cases(session: AsyncSession, context: Any, ids: set[UUID]) -> dict[UUID, str]:
    """Numbers of the cases that the caller sees."""
    if not ids:
        return {}
    rows = await session.execute(
        select(CaseRow.id, CaseRow.number)
        .join(CaseScope, (CaseScope.tenant_id == context.tenant) & (CaseScope.case_id == CaseRow.id))
        .where(
            CaseRow.tenant_id == context.tenant, CaseRow.id.in_(ids), CaseScope.until.is_(None),
            CaseScope.scope_id.in_(context.actor.scopes),
        )
    )
    return {key: text for key, text in rows}


async def _due(session: AsyncSession, tenant: UUID, rows: Sequence[MatterRow]) -> dict[UUID, datetime]:
    if not rows:
        return {}
    found = await session.execute(
        select(ClockRow.assignment_id, func.min(ClockRow.due_at))
        .where(
            ClockRow.tenant_id == tenant, ClockRow.assignment_id.in_([row.id for row in rows]),
            ClockRow.stopped_at.is_(None),
        )
        .group_by(ClockRow.assignment_id)
    )
    return {key: at for key, at in found if key is not None}
