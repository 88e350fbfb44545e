"""Who may take a step of a matter, and what core refuses before any plugin is asked: pure, from what was read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from gridloom.behaviours.county import Bound
from gridloom.behaviours.seats import Seat, places_of
from gridloom.behaviours.taking import Taking
from gridloom.contract.declare import Privacy, Step, camel
from gridloom.contract.types import Form
from gridloom.errors import ProblemCode, Refusal, invalid
from gridloom.work import Work

VIOLENCE = "VIOLENCE"


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

    @property
    def supervisor_id(self) -> UUID | None: ...

    @property
    def assignee_id(self) -> UUID | None: ...

    @property
    def takers(self) -> Mapping[str, Any]: ...


def steps_at(bound: Bound, row: Standing) -> Iterator[Step[Any]]:
    """The steps that people may take on the matter as it stands, first steps of its children too, in the table's order."""
    for step in bound.behaviour.steps:
        own = row.state in step.source and step.part == row.part and in_turn(step, row.takers)
        child = (
            bound.speaks and not step.source and row.state in step.parent
            and bound.behaviour.part(step.part).of == row.part
        )
        if (own or child) and bound.has(step):
            yield step


def in_turn(step: Step[Any], taken: Mapping[str, Any]) -> bool:
    """Whether what the step requires was taken before, and nothing that rules it out."""
    return all(one in taken for one in step.requires) and not any(one in taken for one in step.unless)


def seat_for(bound: Bound, step: Step[Any], seats: Sequence[Seat], row: Standing | None) -> Seat | None:
    """The seat from which the step may be taken: of the right post, and of the side that the step belongs to.

    A step of the handler's is that person's alone, wherever the post is, once somebody handles the matter.
    """
    posts = bound.posts_of(step)
    fitting = [seat for seat in seats if seat.fits(posts)]
    if row is None:
        return fitting[0] if fitting else None
    if step.assigned and row.assignee_id is not None:
        return next((seat for seat in fitting if seat.person == row.assignee_id), None)
    places = places_of(step, row.owner_id, row.origin_id, row.counterpart_id, row.supervisor_id)
    return next((seat for seat in fitting if seat.organization_id in places), None)


def did_before(bound: Bound, step: Step[Any], takers: Mapping[str, Any], person: UUID) -> bool:
    """Whether this person took a step whose doer must not take this one."""
    return any(takers.get(key) == str(person) for key in bound.others_for(step))


def check_consents(taking: Taking) -> None:
    """Raises `Refusal` VALIDATION at the first yes/no field that must be yes and is not."""
    for name in taking.bound.consents_of(taking.step):
        if getattr(taking.form, name) is not True:
            raise invalid("matter-consent", camel(name))


def check_standing(work: Work, taking: Taking) -> None:
    """Raises `Refusal` SAME_PERSON, MEDIATION_BLOCKED, NOT_YOURS, then NOT_ALLOWED_NOW."""
    row, step, bound = taking.row, taking.step, taking.bound
    place = row or taking.parent
    name = bound.mutation_of(step)
    if row is not None and did_before(bound, step, row.takers, work.actor.id):
        raise Refusal(ProblemCode.SAME_PERSON, "matter-same-person", step=name)
    _check_case(taking)
    taking.seat = seat_for(bound, step, taking.seats, place)
    if taking.seat is None and work.actor.kind != "system":
        raise Refusal(ProblemCode.NOT_YOURS, "problem-not-yours", step=name)
    if place is not None and not _open_to(taking, place):
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "problem-not-allowed-now", step=name, status=place.state)
    addressed = addressed_by(step, taking.form, row.forms if row is not None else {})
    sender = row.origin_id if row is not None else taking.seat.organization_id if taking.seat else None
    if addressed is not None and addressed == sender:
        raise invalid("matter-to-itself", camel(step.addresses.rpartition(".")[2]))


def addressed_by(step: Step[Any], form: Form, filled: Mapping[str, Any]) -> UUID | None:
    """Whom the step addresses: by its own form, or by one filled before."""
    earlier, _, name = step.addresses.rpartition(".")
    if not name:
        return None
    value = filled.get(earlier, {}).get("values", {}).get(name) if earlier else getattr(form, name)
    return UUID(str(value)) if value is not None else None


def _check_case(taking: Taking) -> None:
    """A protected case leaves only to named persons; a sign of violence closes every way to mediation."""
    case = taking.case
    violent = case is not None and VIOLENCE in case.protection
    if violent and taking.bound.blocks(taking.step):
        raise Refusal(ProblemCode.MEDIATION_BLOCKED, "matter-violence", path=("caseId",) if taking.file else ())
    if taking.file is not None and taking.file.sealed and taking.bound.privacy is Privacy.OPEN:
        code = ProblemCode.MEDIATION_BLOCKED if violent else ProblemCode.NOT_ALLOWED_NOW
        raise Refusal(code, "matter-sealed-case", path=("caseId",))


def _open_to(taking: Taking, place: Standing) -> bool:
    step = taking.step
    if taking.row is None:
        return place.state in step.parent and taking.bound.has(step)
    return place.state in step.source and in_turn(step, place.takers) and taking.bound.has(step)
