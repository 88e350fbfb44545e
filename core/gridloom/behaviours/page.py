"""Pages of elements and matters, made of the contract's typed nodes from the declaration and the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from gridloom.behaviours.county import Bound
from gridloom.behaviours.fields import action_form
from gridloom.behaviours.figures import Counts, value_of
from gridloom.behaviours.filling import restored
from gridloom.behaviours.models import MatterRow, MatterStepRow
from gridloom.behaviours.seats import Seat
from gridloom.behaviours.service import open_steps
from gridloom.behaviours.wording import Wording
from gridloom.clocks.models import ClockRow
from gridloom.contract import ui
from gridloom.contract.declare import Part, State
from gridloom.contract.forms import Field, Kind, fields_of
from gridloom.contract.types import Form


@dataclass(frozen=True)
class Names:
    """Names of what rows point at, by id."""

    organizations: Mapping[UUID, str]
    staff: Mapping[UUID, str]
    cases: Mapping[UUID, str]

    def organization(self, key: UUID | None) -> str:
        return self.organizations.get(key, "") if key is not None else ""


@dataclass(frozen=True)
class Reader:
    """For whom a page is made."""

    words: Wording
    seats: Sequence[Seat]
    names: Names
    now: datetime


def element_page(
    bound: Bound, reader: Reader, rows: Sequence[MatterRow], due: Mapping[UUID, datetime], counts: Counts
) -> ui.Page:
    """The page of an element: figures, its matters, and what the reader may begin."""
    words = reader.words
    sections = [
        ui.Section(words.say("mechanism-figures"), (*_stats(bound, words, counts), *_notices(bound, words))),
        ui.Section(words.say("mechanism-matters"), (matters_table(bound, reader, rows, due),)),
    ]
    begin = [
        action_form(bound, words, step)
        for step in bound.behaviour.steps
        if bound.speaks and not step.source and bound.behaviour.part(step.part).of is None
        and any(seat.fits(bound.posts_of(step)) for seat in reader.seats)
    ]
    if begin:
        sections.append(ui.Section(words.say("mechanism-begin"), (ui.Actions(tuple(begin)),)))
    return ui.Page(_element_title(bound, words), _mechanism_title(bound, words), tuple(sections))


def matter_page(
    bound: Bound, reader: Reader, row: MatterRow, steps: Sequence[MatterStepRow], clocks: Sequence[ClockRow],
    children: Sequence[MatterRow], due: Mapping[UUID, datetime],
) -> ui.Page:
    """The page of one matter: its path, its facts, what was filled in, what can be done, what happened."""
    words = reader.words
    state = bound.behaviour.state(row.state)
    part = bound.behaviour.part(row.part)
    head: list[ui.Node] = [ui.Badge(words.state(state), _tone(state)), _path(words, part, row, steps)]
    sections = [
        ui.Section(words.say("mechanism-path"), (*head, _facts(reader, row))),
        *_contents(bound, reader, row, steps),
    ]
    if clocks:
        sections.append(ui.Section(words.say("mechanism-clocks"), (_clocks_table(reader, clocks),)))
    actions = [action_form(bound, words, step) for step in open_steps(bound, row, reader.seats)]
    if actions:
        sections.insert(1, ui.Section(words.say("mechanism-steps"), (ui.Actions(tuple(actions)),)))
    if any(one.of == row.part for one in bound.behaviour.parts):
        table = matters_table(bound, reader, children, due)
        sections.append(ui.Section(words.say("mechanism-children"), (table,)))
    sections.append(ui.Section(words.say("mechanism-history"), (_timeline(bound, reader, steps),)))
    return ui.Page(row.title, _element_title(bound, words), tuple(sections), row.id, row.version)


def _element_title(bound: Bound, words: Wording) -> str:
    own = bound.row.title if bound.row is not None else None
    if bound.mechanism is None or bound.element is None:
        return own or bound.key
    return words.element(bound.mechanism, bound.element, own)


def _mechanism_title(bound: Bound, words: Wording) -> str:
    return words.mechanism(bound.mechanism) if bound.mechanism is not None else bound.plugin


def _stats(bound: Bound, words: Wording, counts: Counts) -> list[ui.Node]:
    if bound.mechanism is None or bound.element is None:
        return []
    return [
        ui.Stat(
            words.figure(bound.mechanism, bound.element, number, figure),
            value_of(figure, bound.behaviour, counts, words.locale),
        )
        for number, figure in enumerate((bound.element.figure, *bound.element.figures))
    ]


def _notices(bound: Bound, words: Wording) -> list[ui.Node]:
    if bound.row is None or bound.row.confirmed_at is not None:
        return []
    return [ui.Notice(words.say("mechanism-not-confirmed"), ui.Tone.WARN)]


def matters_table(
    bound: Bound, reader: Reader, rows: Sequence[MatterRow], due: Mapping[UUID, datetime]
) -> ui.Table:
    """Matters as rows: title, state, owner, due, changed."""
    words = reader.words
    columns = (
        ui.Column(words.say("mechanism-column-title")),
        ui.Column(words.say("mechanism-column-state")),
        ui.Column(words.say("mechanism-column-owner")),
        ui.Column(words.say("mechanism-column-due"), ui.FactKind.DATE_TIME),
        ui.Column(words.say("mechanism-column-at"), ui.FactKind.DATE_TIME),
    )
    made = []
    for row in rows:
        ends = due.get(row.id)
        late = ends is not None and ends < reader.now
        made.append(ui.Row(
            (
                row.title, words.state(bound.behaviour.state(row.state)), reader.names.organization(row.owner_id),
                ends.isoformat() if ends is not None else "", row.at.isoformat(),
            ),
            row.id, ui.Tone.DANGER if late else ui.Tone.NEUTRAL,
        ))
    return ui.Table(columns, tuple(made), words.say("mechanism-none"))


def _tone(state: State) -> ui.Tone:
    return ui.Tone.GOOD if state.ends else ui.Tone.NEUTRAL


def _path(words: Wording, part: Part, row: MatterRow, steps: Sequence[MatterStepRow]) -> ui.Steps:
    """States passed, the present one, and the main way ahead: the part's states up to its first end."""
    passed: list[ui.PathStep] = []
    seen: set[str] = set()
    for step in steps:
        if step.state not in seen and step.state != row.state:
            passed.append(ui.PathStep(_title(words, part, step.state), ui.Progress.DONE, step.at))
        seen.add(step.state)
    present = next(state for state in part.states if state.key == row.state)
    main = [state.key for state in part.states]
    main = main[: next((n for n, state in enumerate(part.states) if state.ends), len(main)) + 1]
    off_path = present.ends and row.state != main[-1]
    done = ui.Progress.DONE if present.ends else ui.Progress.CURRENT
    here = ui.PathStep(words.state(present), ui.Progress.ENDED if off_path else done, row.at)
    ahead = [] if present.ends else [key for key in main if key not in seen and key != row.state]
    return ui.Steps((*passed, here, *(ui.PathStep(_title(words, part, key), ui.Progress.AHEAD) for key in ahead)))


def _title(words: Wording, part: Part, key: str) -> str:
    return words.state(next(state for state in part.states if state.key == key))


def _facts(reader: Reader, row: MatterRow) -> ui.Facts:
    say, names = reader.words.say, reader.names
    facts = [
        ui.Fact(say("mechanism-owner"), names.organization(row.owner_id)),
        ui.Fact(say("mechanism-origin"), names.organization(row.origin_id)),
    ]
    if row.counterpart_id is not None:
        facts.append(ui.Fact(say("mechanism-counterpart"), names.organization(row.counterpart_id)))
    if row.case_id is not None and row.case_id in names.cases:
        facts.append(ui.Fact(say("mechanism-case"), names.cases[row.case_id]))
    facts.append(ui.Fact(say("mechanism-began"), row.began_at.isoformat(), ui.FactKind.DATE_TIME))
    return ui.Facts(tuple(facts))


def _contents(
    bound: Bound, reader: Reader, row: MatterRow, steps: Sequence[MatterStepRow]
) -> list[ui.Section]:
    order = dict.fromkeys(step.step for step in steps)
    sections = []
    for key in order:
        step = next((one for one in bound.behaviour.steps if one.key == key), None)
        kept = row.forms.get(key)
        form = restored(bound.form_of(step), kept) if step is not None and kept is not None else None
        facts = [] if form is None else filled_facts(reader, form)
        if step is not None and facts:
            sections.append(ui.Section(reader.words.step(step), (ui.Facts(tuple(facts)),)))
    return sections


def filled_facts(reader: Reader, form: Form) -> list[ui.Fact]:
    """A filled form as labelled values; what was left empty is left out."""
    kind = type(form)
    facts = []
    for field in fields_of(kind):
        value = getattr(form, field.name)
        if value is None or value == "" or value == () or value == []:
            continue
        if field.inner is not None:
            groups = value if field.many else [value]
            facts += [fact for group in groups for fact in filled_facts(reader, group)]
            continue
        parts = value if field.many else [value]
        text = "、".join(_text(reader, kind, field, part) for part in parts)
        facts.append(ui.Fact(reader.words.field(kind, field), text, _kind(field)))
    return facts


def _text(reader: Reader, form: type[Form], field: Field, value: Any) -> str:
    if field.kind is Kind.CHOICE:
        return reader.words.choice(form, field, value)
    if field.kind is Kind.BOOLEAN:
        return reader.words.say("mechanism-yes" if value else "mechanism-no")
    if field.kind is Kind.REFERENCE:
        names: Mapping[UUID, str] = (
            reader.names.cases if field.reference == "case" else reader.names.organizations
        )
        return names.get(value, "")
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def _kind(field: Field) -> ui.FactKind:
    kinds = {Kind.DATE: ui.FactKind.DATE, Kind.DATE_TIME: ui.FactKind.DATE_TIME, Kind.BOOLEAN: ui.FactKind.YES_NO}
    return ui.FactKind.TEXT if field.many else kinds.get(field.kind, ui.FactKind.TEXT)


def _clocks_table(reader: Reader, clocks: Sequence[ClockRow]) -> ui.Table:
    say = reader.words.say
    columns = (
        ui.Column(say("mechanism-clocks")),
        ui.Column(say("mechanism-column-due"), ui.FactKind.DATE_TIME),
        ui.Column(say("mechanism-column-state")),
    )
    rows = []
    for clock in clocks:
        ended = clock.stopped_at
        late = (ended or reader.now) > clock.due_at
        state = say("mechanism-clock-late" if late else ("mechanism-clock-met" if ended else "mechanism-clock-running"))
        tone = ui.Tone.DANGER if late else (ui.Tone.GOOD if ended else ui.Tone.NEUTRAL)
        rows.append(ui.Row((clock.label, clock.due_at.isoformat(), state), None, tone))
    return ui.Table(columns, tuple(rows))


def _timeline(bound: Bound, reader: Reader, steps: Sequence[MatterStepRow]) -> ui.Timeline:
    entries = []
    for taken in reversed(steps):
        step = next((one for one in bound.behaviour.steps if one.key == taken.step), None)
        title = reader.words.step(step) if step is not None else taken.step
        actor = reader.names.staff.get(taken.staff_id) if taken.staff_id is not None else None
        entries.append(ui.Entry(taken.at, title, actor, reader.names.organization(taken.organization_id) or None))
    return ui.Timeline(tuple(entries))
