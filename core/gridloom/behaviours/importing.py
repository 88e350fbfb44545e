"""Many entries of a register at once: tried first without effect, then all of them in one transaction or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from gridloom.behaviours import service
from gridloom.behaviours.county import Bound
from gridloom.behaviours.fields import values_given
from gridloom.behaviours.filling import fill
from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.references import check, references
from gridloom.behaviours.seats import Seat, seats_of
from gridloom.behaviours.standing import check_consents, seat_for
from gridloom.behaviours.taking import Taking
from gridloom.behaviours.writing import write_imported
from gridloom.contract.declare import Privacy, Step, camel
from gridloom.contract.types import Form
from gridloom.errors import Denied, ProblemCode, Refusal, invalid, not_found
from gridloom.work import Work

MOST = 2000


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one row; rows count from 0."""

    row: int
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that were looked at: a filled form for each that is in order, what is wrong with the others."""

    bound: Bound
    step: Step[Any]
    seat: Seat
    fitting: tuple[tuple[int, Taking], ...]
    problems: tuple[RowProblem, ...]


async def look_at(work: Work, plugin: str, element: str, rows: Sequence[Any]) -> Batch:
    """Fill and check every row as if it were registered alone; nothing is written.

    Raises `Denied` FORBIDDEN, `Refusal` NOT_FOUND (element), NOT_ALLOWED_NOW (its behaviour imports nothing), VALIDATION
    (no rows, or more than 2,000).
    """
    bound = await service.bind(work.session, work.tenant, work.host, plugin, element, service.mode_in(work, plugin))
    if bound is None or bound.row is None or not bound.row.enabled or not bound.speaks:
        raise not_found("element")
    step = next((one for one in bound.behaviour.steps if one.imported and bound.has(one)), None)
    if step is None or bound.privacy is not Privacy.OPEN:
        raise Refusal(ProblemCode.NOT_ALLOWED_NOW, "import-not-here", path=("element",))
    seats = await seats_of(work.session, work.actor)
    seat = seat_for(bound, step, seats, None)
    if seat is None or service.PERMISSION not in work.actor.can:
        raise Denied("FORBIDDEN", "denied-forbidden", step=bound.mutation_of(step))
    if not 0 < len(rows) <= MOST:
        raise invalid("import-rows", "rows", limit=MOST)
    taken = await _taken(work, bound, step, rows)
    fitting: list[tuple[int, Taking]] = []
    problems: list[RowProblem] = []
    for number, sent in enumerate(rows):
        taking = Taking(bound, step, Form(), work.county.switched, seats, None, None, seat=seat)
        try:
            await _look(work, taking, sent, taken)
            fitting.append((number, taking))
        except Refusal as refusal:
            problems.append(RowProblem(number, refusal))
    return Batch(bound, step, seat, tuple(fitting), tuple(problems))


async def bring_in(work: Work, plugin: str, element: str, rows: Sequence[Any]) -> int:
    """Register every row, in one transaction; how many. Raises as `look_at`, and the first row's `Refusal` with its path."""
    batch = await look_at(work, plugin, element, rows)
    if batch.problems:
        first = batch.problems[0]
        first.refusal.path = ("rows", str(first.row), *first.refusal.path)
        raise first.refusal
    await write_imported(work, [taking for _number, taking in batch.fitting])
    return len(batch.fitting)


async def _look(work: Work, taking: Taking, sent: Any, taken: set[str]) -> None:
    if not isinstance(sent, Mapping):
        raise invalid("form-wrong")
    form = taking.bound.form_of(taking.step)
    values = values_given(form, sent)
    named = list(references(form, values))
    if any(kind in ("case", "matter") for _path, kind, _value in named):
        raise invalid("import-no-case", *named[0][0])
    await check(work, named)
    taking.form = fill(form, values)
    check_consents(taking)
    service.ask_rules_of(work, taking)
    reference = getattr(taking.form, taking.step.reference) if taking.step.reference else None
    if reference is not None:
        if reference in taken:
            raise invalid("matter-reference-taken", camel(taking.step.reference))
        taken.add(reference)


async def _taken(work: Work, bound: Bound, step: Step[Any], rows: Sequence[Any]) -> set[str]:
    """References of the rows that open matters of the element have already."""
    if not step.reference:
        return set()
    name = camel(step.reference)
    wanted = [str(row[name]).strip() for row in rows if isinstance(row, Mapping) and row.get(name)]
    found = await work.session.execute(
        select(MatterRow.reference).where(
            MatterRow.tenant_id == work.tenant, MatterRow.plugin == bound.plugin, MatterRow.element == bound.key,
            MatterRow.open.is_(True), MatterRow.reference == any_(literal(wanted, ARRAY(Text()))),
        )
    )
    return {one for one in found.scalars() if one is not None}
