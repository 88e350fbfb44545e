"""Steps of matters. One table of steps per behaviour drives what is allowed, what is refused and what is shown.

Refusals come in this order: NOT_FOUND, VALIDATION, CONFLICT, NOT_YOURS, NOT_ALLOWED_NOW, the element's rules, others'
objections. Nothing is written before all of them are past.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from gridloom.behaviours import acts
from gridloom.behaviours.county import (
    Bound,
    bind,
    keep_answers,
    keep_failures,
    set_mode,
    settings_of,
    switched,
)
from gridloom.behaviours.filling import fill, restored, stored
from gridloom.behaviours.keeping import keep_clocks, keep_inbox
from gridloom.behaviours.matters import case_view, find_matter, local_zone, open_matter, view_of
from gridloom.behaviours.models import MatterRow, MatterStepRow
from gridloom.behaviours.seats import Seat, actor_view, places_of, seats_of
from gridloom.behaviours.taking import Taking
from gridloom.cases.codes import ScopeKind
from gridloom.cases.file import open_file, share
from gridloom.cases.text import identifier
from gridloom.contract.declare import Side, Step, camel
from gridloom.contract.forms import Kind, fields_of
from gridloom.contract.types import Ask, Form, Mode, StepView
from gridloom.contract.types import Refusal as Answer
from gridloom.errors import Denied, ProblemCode, Refusal, invalid, not_found
from gridloom.ids import uuid7
from gridloom.people.service import organizations_by_id
from gridloom.work import Work

__all__ = [
    "allowed_steps", "begin", "bind", "bound_of", "find_matter", "mode_in", "open_matter", "open_steps", "restored",
    "set_mode", "switched", "take",
]  # fmt: skip

PERMISSION = "takeMatterStep"
PLUGIN_TEXT = "problem-plugin-refused"


class Standing(Protocol):
    """What of a matter decides its steps."""

    @property
    def state(self) -> str: ...

    @property
    def part(self) -> str: ...

    @property
    def owner_id(self) -> UUID: ...

    @property
    def origin_id(self) -> UUID: ...

    @property
    def counterpart_id(self) -> UUID | None: ...


async def begin(
    work: Work, plugin: str, element: str, step: str, values: Mapping[str, Any], *, parent_id: UUID | None = None
) -> MatterRow:
    """Begin a matter with a first step (or one under a parent, such as a visit at a point).

    Raises `Denied` FORBIDDEN, `Refusal` as the module says.
    """
    bound = await bind(work.session, work.tenant, work.host, plugin, element, mode_in(work, plugin))
    if bound is None or bound.row is None or not bound.row.enabled or not bound.speaks:
        raise not_found("element")
    parent = await open_matter(work, parent_id, "parentId") if parent_id is not None else None
    if parent is not None and (parent.plugin, parent.element) != (plugin, element):
        raise not_found("parentId")
    wanted = next((one for one in bound.behaviour.steps if one.key == step and not one.source), None)
    if wanted is None:
        raise not_found("action")
    if (bound.behaviour.part(wanted.part).of is None) != (parent is None):
        raise not_found("parentId")
    return await _take(work, bound, wanted, values, None, parent, None)


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


def mode_in(work: Work, plugin: str) -> Mode:
    """How the county of this work has a plugin switched."""
    return next((one.mode for one in work.county.switched if one.key == plugin), Mode.OFF)


async def bound_of(work: Work, row: MatterRow) -> Bound:
    """The element of a matter with its code, or with core's behaviour alone where the plugin is off or gone."""
    found = await bind(work.session, work.tenant, work.host, row.plugin, row.element, mode_in(work, row.plugin))
    if found is None:
        raise not_found("matterId")
    return found


def open_steps(bound: Bound, row: Standing, seats: Sequence[Seat]) -> list[Step[Any]]:
    """The steps that these seats may take on the matter now, first steps of its children too, in the table's order."""
    steps = [step for step in bound.behaviour.after(row.state) if step.part == row.part]
    children = [
        step for step in bound.behaviour.steps
        if not step.source and row.state in step.parent and bound.behaviour.part(step.part).of == row.part
    ]
    wanted = (*steps, *children) if bound.speaks else steps
    return [step for step in wanted if _seat(bound, step, seats, row) is not None]


def allowed_steps(bound: Bound, row: Standing, seats: Sequence[Seat]) -> list[str]:
    """Names of the mutations that these seats may use on the matter now."""
    return [bound.mutation_of(step) for step in open_steps(bound, row, seats)]


def _seat(bound: Bound, step: Step[Any], seats: Sequence[Seat], row: Standing | None) -> Seat | None:
    """The seat from which the step may be taken: of the right post, and of the side that the step belongs to."""
    posts = bound.posts_of(step)
    places = places_of(step, row.owner_id, row.origin_id, row.counterpart_id) if row is not None else frozenset()
    for seat in seats:
        if seat.fits(posts) and (row is None or seat.organization_id in places):
            return seat
    return None


async def _take(
    work: Work, bound: Bound, step: Step[Any], values: Mapping[str, Any], row: MatterRow | None,
    parent: MatterRow | None, version: int | None,
) -> MatterRow:
    seats = await seats_of(work.session, work.actor)
    taking = Taking(bound, step, Form(), work.county.switched, seats, row, parent)
    await _references(work, taking, values)
    _permit(work, bound, step, seats)
    taking.form = fill(bound.form_of(step), values)
    if row is not None and row.version != version:
        raise Refusal(ProblemCode.CONFLICT, "problem-conflict", path=("version",))
    _standing(work, taking)
    _ask_core(work, taking)
    await acts.prepare(work, taking)
    _ask_plugins(work, taking)
    return await _write(work, taking)


def _permit(work: Work, bound: Bound, step: Step[Any], seats: Sequence[Seat]) -> None:
    if work.actor.kind == "system":
        return
    if PERMISSION not in work.actor.can or not any(seat.fits(bound.posts_of(step)) for seat in seats):
        raise Denied("FORBIDDEN", "denied-forbidden", step=bound.mutation_of(step))


async def _references(work: Work, taking: Taking, values: Mapping[str, Any]) -> None:
    """Every id given exists and may be known of; the matter's case is locked and seen as rules may see it."""
    wanted = {
        field.name: identifier(values[field.name], camel(field.name))
        for field in fields_of(taking.bound.form_of(taking.step))
        if field.kind is Kind.REFERENCE and not field.many and values.get(field.name) is not None
    }
    case_id = wanted.pop("case_id", None)
    found = await organizations_by_id(work, wanted.values())
    for name, value in wanted.items():
        if value not in found:
            raise not_found(camel(name))
    if case_id is not None:
        taking.file = await open_file(work, case_id, "caseId")
        taking.case = await case_view(work.session, taking.file.case)


def _standing(work: Work, taking: Taking) -> None:
    """Raises `Refusal` MEDIATION_BLOCKED, NOT_YOURS, then NOT_ALLOWED_NOW."""
    place = taking.row or taking.parent
    name = taking.bound.mutation_of(taking.step)
    if taking.file is not None and taking.file.sealed:  # only named handlers may know of it; no organisation is one
        violent = "VIOLENCE" in taking.file.case.protection
        code = ProblemCode.MEDIATION_BLOCKED if violent else ProblemCode.NOT_ALLOWED_NOW
        raise Refusal(code, "matter-sealed-case", path=("caseId",))
    taking.seat = _seat(taking.bound, taking.step, taking.seats, place)
    if taking.seat is None and work.actor.kind != "system":
        raise Refusal(ProblemCode.NOT_YOURS, "problem-not-yours", step=name)
    refused = taking.row is not None and taking.row.state not in taking.step.source
    refused = refused or (taking.parent is not None and taking.parent.state not in taking.step.parent)
    if refused and place is not None:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "problem-not-allowed-now", step=name, status=place.state)
    addressed = getattr(taking.form, taking.step.addresses) if taking.step.addresses else None
    if addressed is not None and taking.seat is not None and addressed == taking.seat.organization_id:
        raise invalid("matter-to-itself", camel(taking.step.addresses))


def _ask(work: Work, taking: Taking) -> Ask[Any]:
    bound = taking.bound
    return Ask(
        form=taking.form, actor=actor_view(work.actor, taking.seats), today=work.now.astimezone(local_zone(work)).date(),
        matter=view_of(taking.row, bound) if taking.row is not None else None,
        parent=view_of(taking.parent, bound) if taking.parent is not None else None,
        case=taking.case, settings=settings_of(taking.county, bound.plugin),
    )


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
    severity = taking.case.severity if taking.case else "NORMAL"
    emergency = taking.case.emergency if taking.case else False
    view = StepView(mutation, severity, actor, subject, emergency, taking.case)
    objections = work.host.object_to_step(view, taking.county)
    _refuse(objections.refusals)
    keep_answers(work, objections, mutation, subject)


def _refuse(refusals: Sequence[tuple[str, Answer]]) -> None:
    for plugin, answer in refusals:
        path = tuple(camel(part) for part in answer.path)
        raise Refusal(ProblemCode(answer.code), answer.message, path=path, plugin=plugin)


async def _write(work: Work, taking: Taking) -> MatterRow:
    step, bound = taking.step, taking.bound
    row = taking.row if taking.row is not None else _new(work, taking)
    ends = bound.behaviour.state(step.target).ends
    if taking.row is not None:
        row.version += 1
    row.state, row.open, row.at = step.target, not ends, work.now
    row.owner_id = _owner(row, step)
    await acts.settle(work, taking, row)
    row.forms = {**row.forms, step.key: stored(taking.form)}
    await work.session.flush()
    work.new(
        MatterStepRow, id=uuid7(), matter_id=row.id, at=work.now, step=step.key, state=row.state,
        owner_id=row.owner_id, organization_id=taking.seat.organization_id if taking.seat else None,
        staff_id=work.actor.id if work.actor.kind == "user" else None, actor_id=work.actor.id,
        actor_kind=work.actor.kind, form=stored(taking.form), form_version=taking.form.FORM_VERSION,
    )
    if taking.file is not None and row.counterpart_id is not None:
        await share(work, taking.file, ScopeKind.ORGANIZATION, row.counterpart_id)
    due_at = await keep_clocks(work, bound, step, row, taking.form)
    await keep_inbox(work, bound, row, due_at)
    _tell(work, bound, row)
    for further, form in await acts.after(work, taking, row):
        await _write(work, Taking(bound, further, form, taking.county, (), row, taking.parent, file=taking.file))
    return row


def _new(work: Work, taking: Taking) -> MatterRow:
    parent, step, form = taking.parent, taking.step, taking.form
    element = taking.bound.row
    if element is None or (taking.seat is None and parent is None):
        raise not_found("element")
    title = step.titled(form) if step.titled is not None else element.title
    if parent is not None:
        owner, origin, counterpart, supervisor = parent.owner_id, parent.origin_id, parent.counterpart_id, None
    else:
        origin = owner = taking.seat.organization_id if taking.seat else UUID(int=0)
        counterpart = getattr(form, step.addresses) if step.addresses else None
        supervisor = taking.file.case.centre_id if taking.file else None
    return work.new(
        MatterRow, id=uuid7(), plugin=taking.bound.plugin, element=taking.bound.key,
        base=element.like, behaviour=taking.bound.behaviour.key, part=step.part, title=title, state=step.target, open=True,
        case_id=taking.file.id if taking.file else None, parent_id=parent.id if parent else None, owner_id=owner,
        origin_id=origin, counterpart_id=counterpart, supervisor_id=supervisor, forms={}, takers={},
        element_version=element.version, version=1, began_at=work.now, at=work.now,
    )


def _owner(row: MatterRow, step: Step[Any]) -> UUID:
    if step.owner is Side.COUNTERPART and row.counterpart_id is not None:
        return row.counterpart_id
    return row.origin_id if step.owner is Side.ORIGIN else row.owner_id


def _tell(work: Work, bound: Bound, row: MatterRow) -> None:
    scopes = tuple(dict.fromkeys(one for one in (row.origin_id, row.counterpart_id, row.supervisor_id) if one))
    work.fact(
        f"{bound.behaviour.key}.{row.state.lower()}", row.case_id, scopes=scopes, matterId=str(row.id),
        mechanism=row.plugin, element=row.element, state=row.state, ownerId=str(row.owner_id), version=row.version,
    )
