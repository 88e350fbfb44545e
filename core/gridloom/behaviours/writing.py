"""A step that is past all refusals is written: the matter, its history, its clocks, who must act next, the fact."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gridloom.behaviours import acts
from gridloom.behaviours.filling import stored
from gridloom.behaviours.keeping import keep_clocks, keep_inbox
from gridloom.behaviours.models import MatterRow, MatterStepRow
from gridloom.behaviours.standing import addressed_by
from gridloom.behaviours.taking import Taking
from gridloom.cases.codes import ScopeKind
from gridloom.cases.file import share
from gridloom.contract.declare import Privacy, Side, Step
from gridloom.contract.types import Form
from gridloom.errors import not_found
from gridloom.ids import uuid7
from gridloom.people.models import Organization
from gridloom.people.service import holders
from gridloom.work import SYSTEM_ACTOR_ID, Work

LEADS = ("department_lead", "centre_lead")


async def write(work: Work, taking: Taking) -> MatterRow:
    """Write the step and everything that follows from it at once."""
    step, bound = taking.step, taking.bound
    row = taking.row if taking.row is not None else _new(work, taking)
    if taking.row is not None:
        row.version += 1
    before = row.counterpart_id
    row.state, row.at = step.leads_to(row.state), work.now
    row.open = not bound.behaviour.state(row.state).ends
    await _address(work, taking, row)
    row.owner_id = owner_after(row, step, taking.form)
    await acts.settle(work, taking, row)
    await _name(work, taking, row, before)
    row.forms = {**row.forms, step.key: stored(taking.form)}
    row.takers = {**row.takers, step.key: str(SYSTEM_ACTOR_ID if taking.by_core else work.actor.id)}
    await work.session.flush()
    _record(work, taking, row)
    await _show_case(work, taking, row)
    due_at = await keep_clocks(work, bound, step, row, taking.form)
    await keep_inbox(work, bound, row, due_at)
    _tell(work, taking, row)
    for further, form in (*_at_once(taking), *await acts.after(work, taking, row)):
        await write(work, Taking(
            bound, further, form, taking.county, (), row, taking.parent, file=taking.file, case=taking.case, by_core=True
        ))
    return row


async def write_imported(work: Work, takings: Sequence[Taking]) -> None:
    """Write many first steps of one element: a few statements, one fact, and nothing in anybody's inbox."""
    rows = []
    for taking in takings:
        row = _new(work, taking)
        row.forms = {taking.step.key: stored(taking.form)}
        row.takers = {taking.step.key: str(work.actor.id)}
        rows.append((taking, row))
    await work.session.flush()
    for taking, row in rows:
        _record(work, taking, row)
    for taking, row in rows:
        if any(taking.step in clock.begins for clock in taking.bound.clocks):
            await keep_clocks(work, taking.bound, taking.step, row, taking.form)
    bound = takings[0].bound
    work.audit("matters.imported", "mechanism_element", bound.row.id if bound.row else None, count=len(rows))
    work.fact(
        f"{bound.behaviour.tells}.imported", None, scopes=(rows[0][1].origin_id,), mechanism=bound.plugin,
        element=bound.key, count=len(rows),
    )


def _record(work: Work, taking: Taking, row: MatterRow) -> None:
    by_core = taking.by_core
    person = work.actor.id if work.actor.kind == "user" and not by_core else None
    work.new(
        MatterStepRow, id=uuid7(), matter_id=row.id, at=work.now, step=taking.step.key, state=row.state,
        owner_id=row.owner_id, organization_id=taking.seat.organization_id if taking.seat and not by_core else None,
        staff_id=person, actor_id=SYSTEM_ACTOR_ID if by_core else work.actor.id,
        actor_kind="system" if by_core else work.actor.kind, form=stored(taking.form),
        form_version=taking.form.FORM_VERSION,
    )


def _new(work: Work, taking: Taking) -> MatterRow:
    parent, step, seat = taking.parent, taking.step, taking.seat
    element = taking.bound.row
    origin = parent.origin_id if parent else seat.organization_id if seat else taking.organization_id
    if element is None or origin is None:
        raise not_found("element")
    return work.new(
        MatterRow, id=uuid7(), plugin=taking.bound.plugin, element=taking.bound.key, base=element.like,
        behaviour=taking.bound.behaviour.key, part=step.part,
        title=step.titled(taking.form) if step.titled is not None else element.title, state=step.target, open=True,
        case_id=taking.file.id if taking.file else parent.case_id if parent else None,
        parent_id=parent.id if parent else None, owner_id=parent.owner_id if parent else origin, origin_id=origin,
        counterpart_id=parent.counterpart_id if parent else None,
        supervisor_id=taking.file.case.centre_id if taking.file and not parent else None,
        previous_id=taking.earlier.id if taking.earlier else None, assignee_id=parent.assignee_id if parent else None,
        finder_id=work.actor.id if seat is not None and seat.of_grid and work.actor.kind == "user" else None,
        named_ids=list(parent.named_ids) if parent and parent.named_ids is not None else None,
        reference=getattr(taking.form, step.reference) if step.reference else None, forms={}, takers={},
        element_version=element.version, version=1, began_at=work.now, at=work.now,
    )


async def _address(work: Work, taking: Taking, row: MatterRow) -> None:
    """Whom the form addresses, who handles the matter from here on, whether the centre above joins; a field left empty
    changes nothing."""
    step, form = taking.step, taking.form
    handler = getattr(form, step.assigns) if step.assigns else None
    row.counterpart_id = addressed_by(step, form, row.forms) or row.counterpart_id
    row.assignee_id = handler or row.assignee_id
    if step.calls_centre and row.supervisor_id is None:
        row.supervisor_id = await county_centre(work)


def owner_after(row: MatterRow, step: Step[Any], form: Form | None = None) -> UUID:
    """The one owner of the matter after the step."""
    named = getattr(form, step.hands_to, None) if step.hands_to else None
    if named is not None:
        return UUID(str(named))
    places = {
        Side.COUNTERPART: row.counterpart_id, Side.ORIGIN: row.origin_id, Side.SUPERVISOR: row.supervisor_id,
    }
    return (places.get(step.owner) if step.owner is not None else None) or row.owner_id


async def _name(work: Work, taking: Taking, row: MatterRow, before: UUID | None) -> None:
    """Who may see a matter of named persons: who acts, who handles it, whom the form names; the leads of an organisation
    that is new in it, where the form names nobody."""
    named = row.named_ids is not None or taking.bound.privacy is Privacy.NAMED
    if not named and not (taking.bound.privacy is Privacy.CASE and taking.file is not None and taking.file.sealed):
        return
    people = list(row.named_ids or ())
    if work.actor.kind == "user":
        people.append(work.actor.id)
    people += [one for one in (row.assignee_id,) if one is not None]
    told = [one for name in taking.step.names for one in _several(getattr(taking.form, name))]
    if not taking.step.names and row.counterpart_id is not None and row.counterpart_id != before:
        told += await holders(work, row.counterpart_id, LEADS)
    row.named_ids = list(dict.fromkeys((*people, *told)))


def _several(value: Any) -> Sequence[UUID]:
    if value is None:
        return ()
    return list(value) if isinstance(value, (list, tuple)) else [value]


async def _show_case(work: Work, taking: Taking, row: MatterRow) -> None:
    if taking.file is None or row.counterpart_id is None:
        return
    if row.named_ids is not None:
        await share(work, taking.file, ScopeKind.ACTOR, *row.named_ids)
    elif not taking.file.sealed:
        await share(work, taking.file, ScopeKind.ORGANIZATION, row.counterpart_id)


async def county_centre(work: Work) -> UUID | None:
    """The centre at the top of the county."""
    return (await work.session.execute(
        select(Organization.id).where(
            Organization.tenant_id == work.tenant, Organization.kind == "CENTRE", Organization.closed_at.is_(None)
        ).order_by(Organization.level, Organization.code).limit(1)
    )).scalar_one_or_none()


def _at_once(taking: Taking) -> list[tuple[Step[Any], Form]]:
    """The step that core takes for the other side in the same transaction, where the element says so."""
    bound = taking.bound
    further = bound.element.at_once.get(taking.step) if bound.speaks and bound.element is not None else None
    return [(further, bound.form_of(further)())] if further is not None else []


def _tell(work: Work, taking: Taking, row: MatterRow) -> None:
    sides = (row.origin_id, row.counterpart_id, row.supervisor_id, row.owner_id, row.finder_id, row.assignee_id)
    seeing = row.named_ids if row.named_ids is not None else [one for one in sides if one]
    work.fact(
        f"{taking.bound.behaviour.tells}.{row.state.lower()}", row.case_id, scopes=tuple(dict.fromkeys(seeing)),
        matterId=str(row.id), mechanism=row.plugin, element=row.element, step=taking.step.key, part=row.part,
        state=row.state, ownerId=str(row.owner_id), parentId=str(row.parent_id) if row.parent_id else None,
        version=row.version,
    )
