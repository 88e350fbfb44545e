"""The county's mechanisms: what is on, its elements and figures; switching and confirming for its administrator."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import select
from strawberry.scalars import JSON

from gridloom.behaviours.administering import Changes, add_element, edit_element, versions_of
from gridloom.behaviours.county import ADMINISTER, element_rows, set_mode
from gridloom.behaviours.figures import Counts, counts_of, value_of
from gridloom.behaviours.limits import declared_limit
from gridloom.behaviours.models import MechanismElementRow, PluginAnswer
from gridloom.behaviours.wording import Wording
from gridloom.cases.text import identifier
from gridloom.clocks.service import Limit
from gridloom.context import Info
from gridloom.contract.declare import Element as Declared
from gridloom.contract.declare import Figure as DeclaredFigure
from gridloom.contract.declare import Mechanism as DeclaredMechanism
from gridloom.contract.declare import Privacy
from gridloom.contract.types import Mode
from gridloom.mutations import run
from gridloom.problems import Problem, given, problems_of
from gridloom.reads import Query, extends
from gridloom.work import Work

strawberry.enum(Mode, name="PluginMode", description="SHADOW: asked, answers kept, without effect.")


@strawberry.type(description="A number of an element; small ones are hidden.")
class Figure:
    """One figure."""

    label: str = strawberry.field(description="What is counted.")
    value: str = strawberry.field(description="A count, a percentage, “—”, or that there is too little to show.")


@strawberry.type(description="A limit of the county's own for an element; statutory clocks have none.")
class ServiceLevel:
    """One service level."""

    code: str = strawberry.field(description="The clock's code, such as sl:handover_accept.")
    label: str = strawberry.field(description="What is limited.")
    value: int = strawberry.field(description="How many.")
    unit: str = strawberry.field(description="min, h, wh, d, wd or month; h, d and month by calendar.")
    own: bool = strawberry.field(description="Whether the county set it; else as declared.")


@strawberry.type(description="One element of a mechanism, as the county has it.")
class MechanismElement:
    """An element with its figures."""

    id: strawberry.ID = strawberry.field(description="For editElement.")
    key: str = strawberry.field(description="Unique in its mechanism.")
    group: str = strawberry.field(description="The word it is numbered under, such as 联, 进, 下.")
    title: str = strawberry.field(description="The county's own title, as shipped until it is changed.")
    behaviour: str = strawberry.field(description="The state machine of core's that it binds to.")
    confirmed: bool = strawberry.field(description="By the county's own act; false as shipped.")
    status: str = strawberry.field(description="CONFIRMED: a published text names it. PROPOSED: our wording.")
    enabled: bool = strawberry.field(description="Whether anything can be begun on it.")
    source_note: str | None = strawberry.field(description="Where the county took it from.")
    version: int = strawberry.field(description="Send it back with editElement.")
    figure: Figure = strawberry.field(description="Its first figure.")
    figures: list[Figure] = strawberry.field(description="All of its figures.")
    open_matters: str = strawberry.field(description="How many of its matters are open; hidden below five where private.")
    like: str = strawberry.field(description="The element of the code that it borrows forms and rules from.")
    service_levels: list[ServiceLevel] = strawberry.field(description="Its limits that the county may edit.")


@strawberry.type(description="A department's mechanism.")
class Mechanism:
    """A mechanism with its elements."""

    key: str = strawberry.field(description="The plugin's key.")
    title: str = strawberry.field(description="Its name.")
    department: str = strawberry.field(description="Code of its organisation.")
    mode: Mode = strawberry.field(description="How the county has it switched.")
    elements: list[MechanismElement] = strawberry.field(description="In the county's order.")


@strawberry.type(description="What a plugin on trial would have said, or a question that it failed to answer.")
class PluginAnswerKept:
    """One kept answer."""

    plugin: str
    question: str
    outcome: str = strawberry.field(description="SHADOW or FAILED.")
    mutation: str | None
    detail: str


@extends(Query)
class MechanismQueries:
    """The county's mechanisms."""

    @strawberry.field(description="Mechanisms that are on; all that are installed, for the county's administrator.")
    async def mechanisms(self, info: Info) -> list[Mechanism]:
        context = info.context
        administers = ADMINISTER in context.actor.can
        modes = {one.key: one.mode for one in context.county.switched}
        shown = [
            mechanism for key, mechanism in sorted(context.works.host.mechanisms.items())
            if administers or modes.get(key) is Mode.ON
        ]
        async with context.reading() as session:
            counts = await counts_of(session, context.tenant, shown) if shown else {}
            return [
                _mechanism(
                    Wording(context.locale, one.key), one, modes.get(one.key, Mode.OFF),
                    await element_rows(session, context.tenant, one.key), counts, administers,
                )
                for one in shown
            ]

    @strawberry.field(description="The latest 50 answers of plugins in shadow and failed questions, newest first.")
    async def plugin_answers(self, info: Info, plugin: str) -> list[PluginAnswerKept]:
        context = info.context
        if ADMINISTER not in context.actor.can:
            return []
        async with context.reading() as session:
            rows = await session.execute(
                select(PluginAnswer)
                .where(PluginAnswer.tenant_id == context.tenant, PluginAnswer.plugin == plugin)
                .order_by(PluginAnswer.at.desc()).limit(50)
            )
            return [
                _kept(row)
                for row in rows.scalars()
            ]


@strawberry.type(description="How an element was from a moment on.")
class ElementVersion:
    """One version of an element."""

    version: int
    since: datetime = strawberry.field(description="From when on.")
    title: str
    group: str = strawberry.field(description="The word it is numbered under.")
    position: int = strawberry.field(description="Lower stands first.")
    enabled: bool = strawberry.field(description="Whether anything could be begun on it.")
    confirmed: bool = strawberry.field(description="By the county's own act.")
    source_note: str | None = strawberry.field(description="Where the county took it from.")


@extends(Query)
class ElementVersions:
    """What became of elements."""

    @strawberry.field(description="An element's versions, newest first; for the county's administrator.")
    async def element_versions(
        self, info: Info, element_id: Annotated[strawberry.ID, strawberry.argument(description="The element.")]
    ) -> list[ElementVersion]:
        context = info.context
        if ADMINISTER not in context.actor.can:
            return []
        async with context.reading() as session:
            rows = await versions_of(session, context.tenant, identifier(element_id, "elementId"))
        return [
            ElementVersion(version=row.version, since=row.since, **{name: row.data[name] for name in (
                "title", "group", "position", "enabled", "confirmed", "source_note",
            )})
            for row in rows
        ]


def _kept(row: PluginAnswer) -> PluginAnswerKept:
    return PluginAnswerKept(
        plugin=row.plugin, question=row.question, outcome=row.outcome, mutation=row.mutation, detail=row.detail
    )


def _mechanism(
    words: Wording, mechanism: DeclaredMechanism, mode: Mode, rows: list[MechanismElementRow],
    counts: Any, administers: bool,
) -> Mechanism:
    elements = []
    for row in rows:
        declared = mechanism.element(row.like)
        if declared is not None and (row.enabled or administers):
            elements.append(_element(words, mechanism, declared, row, counts.get((row.plugin, row.key), Counts())))
    return Mechanism(
        key=mechanism.key, title=words.mechanism(mechanism), department=mechanism.department, mode=mode,
        elements=elements,
    )


def _element(
    words: Wording, mechanism: DeclaredMechanism, declared: Declared, row: MechanismElementRow, counts: Counts
) -> MechanismElement:
    figures = figures_of(words, mechanism, declared, counts)
    return MechanismElement(
        id=strawberry.ID(str(row.id)), key=row.key, group=row.group, behaviour=row.behaviour,
        title=words.element(mechanism, declared, row.title), confirmed=row.confirmed_at is not None,
        status=row.status, enabled=row.enabled, source_note=row.source_note, version=row.version,
        figure=figures[0], figures=figures, like=row.like, service_levels=_levels(declared, row),
        open_matters=value_of(_OPEN[declared.privacy], declared.behaviour, counts, words.locale),
    )


_OPEN = {
    one: DeclaredFigure("", hide_below=0 if one is Privacy.OPEN else 5) for one in Privacy
}


def _levels(declared: Declared, row: MechanismElementRow) -> list[ServiceLevel]:
    made = []
    for clock in declared.every_clock:
        if clock.statutory or clock.until:
            continue
        own = row.service_levels.get(clock.code)
        limit = Limit.of(own["value"], own["unit"]) if own else declared_limit(clock)
        made.append(ServiceLevel(
            code=clock.code, label=clock.label or clock.code, value=limit.value, unit=limit.unit, own=own is not None
        ))
    return made


def figures_of(words: Wording, mechanism: DeclaredMechanism, declared: Declared, counts: Counts) -> list[Figure]:
    """The element's figures in the reader's language."""
    return [
        Figure(
            label=words.figure(mechanism, declared, number, figure),
            value=value_of(figure, declared.behaviour, counts, words.locale),
        )
        for number, figure in enumerate((declared.figure, *declared.figures))
    ]


@strawberry.input(description="Switch a plugin of the caller's county.")
class SwitchPluginInput:
    """How the county wants a plugin."""

    key: strawberry.ID = strawberry.field(description="Chosen by the client; sent twice it answers once.")
    plugin: str = strawberry.field(description="The plugin's key.")
    mode: Mode = strawberry.field(description="OFF, SHADOW or ON.")
    settings: JSON | None = strawberry.field(default=strawberry.UNSET, description="Replaces the stored settings.")


@strawberry.input(description="A limit of the county's own; without value and unit the declared one holds again.")
class ServiceLevelInput:
    """One service level to change."""

    code: str = strawberry.field(description="The clock's code.")
    value: int | None = strawberry.field(default=strawberry.UNSET, description="More than none.")
    unit: str | None = strawberry.field(default=strawberry.UNSET, description="min, h, wh, d, wd or month.")


@strawberry.input(description="An element that the county adds; it borrows forms and rules from one of the code.")
class AddElementInput:
    """What the county says of a new element."""

    key: strawberry.ID = strawberry.field(description="Chosen by the client; sent twice it answers once.")
    plugin: str = strawberry.field(description="The mechanism's key.")
    like: str = strawberry.field(description="Key of the element of the code.")
    element_key: str = strawberry.field(description="lower_snake_case, at most 40 characters, unique in the mechanism.")
    title: str = strawberry.field(description="At most 60 characters.")
    group: str = strawberry.field(description="At most 60 characters.")
    source_note: str | None = strawberry.field(default=strawberry.UNSET, description="Where it is taken from.")


@strawberry.input(description="The county's own act on one of its elements; what is absent stays.")
class EditElementInput:
    """What the county says of an element."""

    key: strawberry.ID = strawberry.field(description="Chosen by the client; sent twice it answers once.")
    element_id: strawberry.ID = strawberry.field(description="The element.")
    version: int = strawberry.field(description="The version that the caller read.")
    title: str | None = strawberry.field(default=strawberry.UNSET, description="At most 60 characters.")
    group: str | None = strawberry.field(default=strawberry.UNSET, description="At most 60 characters.")
    position: int | None = strawberry.field(default=strawberry.UNSET, description="Lower stands first.")
    enabled: bool | None = strawberry.field(default=strawberry.UNSET, description="False: nothing can be begun.")
    source_note: str | None = strawberry.field(default=strawberry.UNSET, description="Where it is taken from.")
    confirmed: bool | None = strawberry.field(default=strawberry.UNSET, description="The county's confirmation.")
    service_levels: list[ServiceLevelInput] | None = strawberry.field(
        default=strawberry.UNSET, description="Limits to change; those not named stay."
    )


@strawberry.type(description="The answer to an administrator's step; problems mean that nothing changed.")
class MechanismPayload:
    """The mechanisms as they stand now are read with `mechanisms`."""

    replayed: bool
    problems: list[Problem]


@strawberry.type
class CountyMutations:
    """What a county's administrator does to its mechanisms."""

    @strawberry.mutation(description="Switch a plugin off, to shadow, or on; takes effect within two seconds.")
    async def switch_plugin(self, info: Info, input: SwitchPluginInput) -> MechanismPayload:
        async def step(work: Work) -> dict[str, str]:
            settings: Any = given(input.settings)
            await set_mode(work, input.plugin, input.mode, settings)
            return {"plugin": input.plugin}

        outcome = await run(info.context, "switchPlugin", str(input.key), input, step)
        return MechanismPayload(replayed=outcome.replayed, problems=problems_of(outcome, info.context.locale))

    @strawberry.mutation(description="Rename, regroup, reorder, disable or confirm an element; each is a new version.")
    async def edit_element(self, info: Info, input: EditElementInput) -> MechanismPayload:
        async def step(work: Work) -> dict[str, str]:
            element: UUID = identifier(input.element_id, "elementId")
            levels = given(input.service_levels)
            row = await edit_element(work, element, input.version, Changes(
                title=given(input.title), group=given(input.group), position=given(input.position),
                enabled=given(input.enabled), source_note=given(input.source_note), confirmed=given(input.confirmed),
                levels={one.code: _limit(one) for one in levels} if levels is not None else None,
            ))
            return {"element": str(row.id)}

        outcome = await run(info.context, "editElement", str(input.key), input, step)
        return MechanismPayload(replayed=outcome.replayed, problems=problems_of(outcome, info.context.locale))

    @strawberry.mutation(description="Add an element on a behaviour that the mechanism knows.")
    async def add_element(self, info: Info, input: AddElementInput) -> MechanismPayload:
        async def step(work: Work) -> dict[str, str]:
            row = await add_element(
                work, input.plugin, input.like, input.element_key, input.title, input.group, given(input.source_note)
            )
            return {"element": str(row.id)}

        outcome = await run(info.context, "addElement", str(input.key), input, step)
        return MechanismPayload(replayed=outcome.replayed, problems=problems_of(outcome, info.context.locale))


def _limit(given_level: ServiceLevelInput) -> tuple[int, str] | None:
    value, unit = given(given_level.value), given(given_level.unit)
    return (value, unit) if value is not None and unit is not None else None
