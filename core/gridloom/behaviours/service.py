"""Steps of matters. One table of steps per behaviour drives what is allowed, what is refused and what is shown.

Refusals come in this order: NOT_FOUND, FORBIDDEN, VALIDATION, CONFLICT, SAME_PERSON, MEDIATION_BLOCKED, NOT_YOURS,
NOT_ALLOWED_NOW, WINDOW_CLOSED, core's own rules, the element's, others' objections. Nothing is written before all of them
are past.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gridloom.behaviours import acts
from gridloom.behaviours.county import (
    Bound,
    bind,
    keep_answers,
    keep_failures,
    set_mode,
    settings_of,
    switched,
    with_receiver,
)
from gridloom.behaviours.filling import fill, restored
from gridloom.behaviours.limits import check_windows
from gridloom.behaviours.matters import find_matter, local_zone, open_matter, view_of
from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.references import check_rows, resolve
from gridloom.behaviours.seats import Seat, actor_view, seats_of
from gridloom.behaviours.standing import Standing, check_consents, check_standing, did_before, seat_for, steps_at
from gridloom.behaviours.taking import Taking
from gridloom.behaviours.writing import write
from gridloom.contract.declare import Side, Step, camel
from gridloom.contract.types import Ask, Form, Mode, StepView
from gridloom.contract.types import Refusal as Answer
from gridloom.errors import Denied, ProblemCode, Refusal, not_found
from gridloom.work import Actor, Work, system_actor

__all__ = [
    "allowed_steps", "begin", "bind", "bound_of", "find_matter", "mode_in", "open_matter", "open_steps", "restored",
    "set_mode", "switched", "take", "take_by_core",
]  # fmt: skip

PERMISSION = "takeMatterStep"
PLUGIN_TEXT = "problem-plugin-refused"


async def begin(
    work: Work, plugin: str, element: str, step: str, values: Mapping[str, Any], *, parent_id: UUID | None = None,
    organization: UUID | None = None, like: str | None = None,
) -> MatterRow:
    """Begin a matter with a first step (or one under a parent, such as a visit at a point).

    `organization` is for whom core itself begins it (by the calendar, on a fact); people begin it from their seat. `like` is
    the element of the code whose mutation it came under; another element must be like it.

    Raises `Denied` FORBIDDEN, `Refusal` as the module says.
    """
    bound = await bind(work.session, work.tenant, work.host, plugin, element, mode_in(work, plugin))
    if bound is None or bound.row is None or not bound.row.enabled or not bound.speaks:
        raise not_found("element")
    if like is not None and bound.row.like != like:
        raise not_found("element")
    parent = await open_matter(work, parent_id, "parentId") if parent_id is not None else None
    if parent is not None and (parent.plugin, parent.element) != (plugin, element):
        raise not_found("parentId")
    wanted = next((one for one in bound.behaviour.steps if one.key == step and not one.source), None)
    by_core = wanted is not None and wanted.by_core and work.actor.kind == "system"
    if wanted is None or not (bound.has(wanted) or by_core):
        raise not_found("action")
    if (bound.behaviour.part(wanted.part).of is None) != (parent is None):
        raise not_found("parentId")
    return await _take(work, bound, wanted, values, None, parent, None, organization)


async def take(
    work: Work, matter_id: UUID, step: str, values: Mapping[str, Any], *, version: int, mutation: str | None = None
) -> MatterRow:
    """Take a step of a matter. `mutation` is the name it came under: core's is refused where the element has its own.

    Raises `Denied` FORBIDDEN, `Refusal` as the module says; CONFLICT when `version` is not the present one.
    """
    row = await open_matter(work, matter_id, "matterId")
    bound = await bound_of(work, row)
    found = next((one for one in bound.behaviour.steps if one.key == step), None)
    if found is None or not found.source or found.part != row.part:
        raise not_found("matterId")
    if mutation is not None and mutation != bound.mutation_of(found):
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "matter-own-mutation", mutation=bound.mutation_of(found))
    return await _take(work, bound, found, values, row, None, version)


async def element_of(work: Work, matter_id: UUID | None) -> str | None:
    """The element of a matter, whoever asks; None where there is no such matter."""
    if matter_id is None:
        return None
    return (await work.session.execute(
        select(MatterRow.element).where(MatterRow.tenant_id == work.tenant, MatterRow.id == matter_id)
    )).scalar_one_or_none()


def mode_in(work: Work, plugin: str) -> Mode:
    """How the county of this work has a plugin switched."""
    return next((one.mode for one in work.county.switched if one.key == plugin), Mode.OFF)


async def bound_of(work: Work, row: MatterRow) -> Bound:
    """The element of a matter with its code, or with core's behaviour alone where the plugin is off or gone."""
    found = await bind(work.session, work.tenant, work.host, row.plugin, row.element, mode_in(work, row.plugin))
    if found is None:
        raise not_found("matterId")
    mode = mode_in(work, row.receiver_plugin) if row.receiver_plugin is not None else Mode.OFF
    return with_receiver(found, work.host, row.receiver_plugin, row.receiver_element, mode)


def open_steps(bound: Bound, row: Standing, seats: Sequence[Seat]) -> list[Step[Any]]:
    """The steps that these seats may take on the matter now, first steps of its children too, in the table's order."""
    person = seats[0].person if seats else None
    return [
        step for step in steps_at(bound, row)
        if seat_for(bound, step, seats, row) is not None
        and not (person is not None and did_before(bound, step, row.takers, person))
    ]


def allowed_steps(bound: Bound, row: Standing, seats: Sequence[Seat]) -> list[str]:
    """Names of the mutations that these seats may use on the matter now."""
    return [bound.mutation_of(step) for step in open_steps(bound, row, seats)]


async def _take(
    work: Work, bound: Bound, step: Step[Any], values: Mapping[str, Any], row: MatterRow | None,
    parent: MatterRow | None, version: int | None, organization: UUID | None = None,
) -> MatterRow:
    seats = await seats_of(work.session, work.actor)
    taking = Taking(
        bound, step, Form(), work.county.switched, seats, row, parent, organization_id=organization
    )
    await resolve(work, taking, values)
    _permit(work, bound, step, seats)
    taking.form = fill(bound.form_of(step), values)
    check_consents(taking)
    if row is not None and row.version != version:
        raise Refusal(ProblemCode.CONFLICT, "problem-conflict", path=("version",))
    check_standing(work, taking)
    await check_rows(work, taking)
    await check_windows(work, taking)
    _ask_core(work, taking)
    same = await acts.prepare(work, taking)
    if same is not None:
        return same
    _ask_plugins(work, taking)
    done = await write(work, taking)
    await _follow(work, taking, done)
    return done


async def _follow(work: Work, taking: Taking, row: MatterRow) -> None:
    """What core does elsewhere in the same transaction: on the matter before, on children, on another element."""
    await _on_earlier(work, taking, row)
    await _close_children(work, taking, row)
    opening = taking.bound.element.opens.get(taking.step) if taking.bound.element and taking.bound.speaks else None
    if opening is not None:
        form, failure = work.host.ask_opening(taking.bound.plugin, opening, _ask(work, taking))
        if failure is not None:
            raise Refusal(ProblemCode.PLUGIN_REFUSED, "problem-plugin-failed")
        if form is not None:
            place = taking.seat.organization_id if taking.seat is not None else row.owner_id
            system = replace(system_actor(work.tenant), locale=work.actor.locale)
            with acting_as(work, system):
                await begin(
                    work, taking.bound.plugin, opening.element, opening.step.key, form.model_dump(), organization=place
                )


async def _close_children(work: Work, taking: Taking, row: MatterRow) -> None:
    if not taking.step.closes_children:
        return
    step = taking.bound.behaviour.step(taking.step.closes_children)
    children = (await work.session.execute(
        select(MatterRow).where(
            MatterRow.tenant_id == work.tenant, MatterRow.parent_id == row.id, MatterRow.open.is_(True),
            MatterRow.state.in_(step.source), MatterRow.part == step.part,
        ).order_by(MatterRow.id).with_for_update()
    )).scalars().all()
    for child in children:
        await write(work, Taking(taking.bound, step, step.form(), taking.county, (), child, row, by_core=True))


async def _on_earlier(work: Work, taking: Taking, row: MatterRow) -> None:
    """The step that core takes on the matter that this one follows, such as a version that is superseded."""
    if not taking.step.on_earlier or row.previous_id is None:
        return
    earlier = await open_matter(work, row.previous_id)
    step = taking.bound.behaviour.step(taking.step.on_earlier)
    if earlier.state in step.source:
        await write(work, Taking(taking.bound, step, step.form(), taking.county, (), earlier, None, by_core=True))


async def take_by_core(work: Work, row: MatterRow, step: Step[Any], form: Form | None = None) -> bool:
    """Take one of core's own steps of a locked matter, where it may follow; whether it was taken."""
    if not row.open or row.state not in step.source:
        return False
    bound = await bound_of(work, row)
    taking = Taking(bound, step, form or step.form(), work.county.switched, (), row, None, by_core=True)
    await write(work, taking)
    await _follow(work, taking, row)
    return True


@contextmanager
def acting_as(work: Work, actor: Actor) -> Iterator[None]:
    """Let somebody else act for a moment in the same transaction."""
    before, work.actor = work.actor, actor
    try:
        yield
    finally:
        work.actor = before


def _permit(work: Work, bound: Bound, step: Step[Any], seats: Sequence[Seat]) -> None:
    if work.actor.kind == "system":
        return
    fitting = not step.by_core and any(seat.fits(bound.posts_of(step)) for seat in seats)
    if PERMISSION not in work.actor.can or not fitting:
        raise Denied("FORBIDDEN", "denied-forbidden", step=bound.mutation_of(step) or step.key)


def _ask(work: Work, taking: Taking) -> Ask[Any]:
    bound = taking.bound
    return Ask(
        form=taking.form, actor=actor_view(work.actor, taking.seats), today=work.now.astimezone(local_zone(work)).date(),
        matter=view_of(taking.row, bound) if taking.row is not None else None,
        parent=view_of(taking.parent, bound) if taking.parent is not None else None,
        case=taking.case, settings=settings_of(taking.county, bound.plugin),
    )


def ask_rules_of(work: Work, taking: Taking) -> None:
    """Core's own rules of the step, the element's, others' objections. Raises the first refusal."""
    _ask_core(work, taking)
    _ask_plugins(work, taking)


def _ask_core(work: Work, taking: Taking) -> None:
    """Core's own rules of the step. Raises the first refusal."""
    if taking.step.checks:
        ask = _ask(work, taking)
        for check in taking.step.checks:
            answer = check(ask)
            if answer is not None:
                path = tuple(camel(part) for part in answer.path)
                raise Refusal(ProblemCode(answer.code), answer.message, path=path)


def _ask_plugins(work: Work, taking: Taking) -> None:
    """The element's own rules, then the plugins that guard this mutation. Raises the first refusal."""
    bound, mutation = taking.bound, taking.bound.mutation_of(taking.step)
    subject = taking.row.id if taking.row is not None else None
    actor = actor_view(work.actor, taking.seats)
    if bound.speaks and bound.element is not None:
        verdict = work.host.ask_rules(bound.plugin, bound.element, taking.step, _ask(work, taking))
        _refuse(verdict.refusals)
        keep_failures(work, verdict.failures, mutation, subject)
    _ask_receiver(work, taking)
    severity = taking.case.severity if taking.case else "NORMAL"
    emergency = taking.case.emergency if taking.case else False
    view = StepView(mutation, severity, actor, subject, emergency, taking.case)
    objections = work.host.object_to_step(view, taking.county)
    _refuse(objections.refusals)
    keep_answers(work, objections, mutation, subject)


def _ask_receiver(work: Work, taking: Taking) -> None:
    """The rules of the receiving side's element for the receiver's steps, where the form is one that it knows."""
    receiving, step = taking.bound.receiving, taking.step
    if receiving is None or step.side is not Side.COUNTERPART:
        return
    if isinstance(taking.form, receiving.element.form_of(step)):
        ask = replace(_ask(work, taking), settings=settings_of(taking.county, receiving.mechanism.key))
        verdict = work.host.ask_rules(receiving.mechanism.key, receiving.element, step, ask)
        _refuse(verdict.refusals)
        keep_failures(work, verdict.failures, taking.bound.mutation_of(step), taking.row.id if taking.row else None)


def _refuse(refusals: Sequence[tuple[str, Answer]]) -> None:
    for plugin, answer in refusals:
        path = tuple(camel(part) for part in answer.path)
        raise Refusal(ProblemCode(answer.code), answer.message, path=path, plugin=plugin)
