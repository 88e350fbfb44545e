"""Which plugins a county has, in which mode, and its elements: data that the county owns and versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.behaviours.models import CountyPlugin, MechanismElementRow, MechanismElementVersion, PluginAnswer
from gridloom.behaviours.register import BEHAVIOURS
from gridloom.contract.declare import Behaviour, Clock, Element, Mechanism, Privacy, Side, Step, mutation_name
from gridloom.contract.host import Failure, PluginHost, Switched, Verdict
from gridloom.contract.types import Form, Mode
from gridloom.errors import Denied, invalid, not_found
from gridloom.work import Work

ADMINISTER = "administer"
TITLE = 60
NOTE = 2000


@dataclass(frozen=True)
class Receiving:
    """The element of the receiving side of a handover, where its plugin is on: it types the receiver's steps that the
    sender's element leaves to core."""

    mechanism: Mechanism
    element: Element

    def types(self, step: Step[Any]) -> bool:
        return step.side is Side.COUNTERPART and step in self.element.forms


@dataclass(frozen=True)
class Bound:
    """An element of a county, bound to the code that is installed. `element` is None when its package is not."""

    plugin: str
    key: str
    behaviour: Behaviour
    mode: Mode
    row: MechanismElementRow | None
    mechanism: Mechanism | None
    element: Element | None
    receiving: Receiving | None = None

    @property
    def title(self) -> str:
        """The county's title of the element, in Chinese."""
        return self.row.title if self.row is not None else self.key

    @property
    def speaks(self) -> bool:
        """Whether the plugin's own forms, posts and rules hold here; else core's do."""
        return self.mode is Mode.ON and self.element is not None

    def _types(self, step: Step[Any]) -> bool:
        return self.speaks and self.element is not None and step in self.element.forms

    def form_of(self, step: Step[Any]) -> type[Form]:
        if self.receiving is not None and self.receiving.types(step) and not self._types(step):
            return self.receiving.element.form_of(step)
        return self.element.form_of(step) if self.speaks and self.element else step.form

    def posts_of(self, step: Step[Any]) -> Sequence[str]:
        named = self.element.who.get(step) if self.speaks and self.element else None
        if not named and self.receiving is not None and step.side is Side.COUNTERPART:
            named = self.receiving.element.who.get(step)
        return named or self.behaviour.roles

    def has(self, step: Step[Any]) -> bool:
        """Whether people take the step here: not core's own steps, not those the element leaves out."""
        return self.element.has(step) if self.element is not None else not step.by_core

    def others_for(self, step: Step[Any]) -> tuple[str, ...]:
        """Keys of the steps whose doers must not take this one."""
        own = self.element.other_than.get(step, ()) if self.element is not None else ()
        return (*step.other_than, *(one.key for one in own))

    def consents_of(self, step: Step[Any]) -> tuple[str, ...]:
        """Yes/no fields of the step's form that must be yes."""
        own = self.element.consents.get(step, ()) if self.speaks and self.element is not None else ()
        return (*step.consents, *own)

    def blocks(self, step: Step[Any]) -> bool:
        """Whether a sign of violence closes this step."""
        return step.mediates or (self.element is not None and step in self.element.mediates)

    @property
    def privacy(self) -> Privacy:
        return self.element.privacy if self.element is not None else Privacy.OPEN

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """The element's clocks with its behaviour's; the behaviour's alone where no code is installed. The receiving
        side's own follow, but for those that the sender counts already."""
        own = self.element.every_clock if self.element is not None else self.behaviour.clocks
        codes = {clock.code for clock in own}
        theirs = self.receiving.element.clocks if self.receiving is not None else ()
        return (*own, *(clock for clock in theirs if clock.code not in codes))

    def mutation_of(self, step: Step[Any]) -> str:
        if self.receiving is not None and self.receiving.types(step) and not self._types(step):
            return mutation_name(self.receiving.mechanism, self.receiving.element, step)
        if self.speaks and self.element and self.mechanism:
            return mutation_name(self.mechanism, self.element, step)
        return step.mutation


async def switched(session: AsyncSession, tenant: UUID, host: PluginHost) -> tuple[Switched, ...]:
    """The county's plugins as the host asks for them, settings included; those switched off are left out."""
    rows = (await session.execute(
        select(CountyPlugin).where(CountyPlugin.tenant_id == tenant, CountyPlugin.mode != Mode.OFF.value)
        .order_by(CountyPlugin.key)
    )).scalars()
    return host.switched({row.key: (Mode(row.mode), row.settings) for row in rows})


def settings_of(county: Sequence[Switched], plugin: str) -> Form:
    """The plugin's settings in this county, or an empty form."""
    return next((one.settings for one in county if one.key == plugin), Form())


async def set_mode(work: Work, plugin: str, mode: Mode, settings: Mapping[str, Any] | None = None) -> None:
    """Switch a plugin off, to shadow, or on; `settings` replace the stored ones when given.

    Raises `Denied` FORBIDDEN, `Refusal` NOT_FOUND for a plugin that is not installed (it can still be switched off),
    VALIDATION for settings that do not fit.
    """
    if ADMINISTER not in work.actor.can and work.actor.kind != "system":
        raise Denied("FORBIDDEN", "denied-forbidden", step="switchPlugin")
    row = (await work.session.execute(
        select(CountyPlugin).where(CountyPlugin.tenant_id == work.tenant, CountyPlugin.key == plugin)
        .with_for_update()
    )).scalar_one_or_none()
    mechanism = work.host.mechanisms.get(plugin)
    if mechanism is None and (row is None or mode is not Mode.OFF):
        raise not_found("plugin")
    if settings is not None and mechanism is not None:
        try:
            settings = mechanism.settings.model_validate(dict(settings)).model_dump(mode="json")
        except ValidationError:
            raise invalid("plugin-settings", "settings") from None
    if row is None:
        work.new(CountyPlugin, key=plugin, mode=mode.value, settings=dict(settings or {}), version=1, since=work.now)
    else:
        row.mode, row.since, row.version = mode.value, work.now, row.version + 1
        row.settings = dict(settings) if settings is not None else row.settings
    if mechanism is not None and mode is not Mode.OFF:
        await _enter_elements(work, mechanism)
    work.audit("plugin.switched", "county_plugin", None, plugin=plugin, mode=mode.value)
    work.fact("plugin.switched", None, scopes=(), plugin=plugin, mode=mode.value)


async def _enter_elements(work: Work, mechanism: Mechanism) -> None:
    """Enter the elements that the county does not have yet; those it has stay as the county made them."""
    known = {row.key: row for row in await element_rows(work.session, work.tenant, mechanism.key)}
    for position, element in enumerate(mechanism.elements):
        if element.key in known:
            continue
        row = work.new(
            MechanismElementRow, plugin=mechanism.key, key=element.key, like=element.key, title=element.title,
            behaviour=element.behaviour.key, group=element.group, position=position, enabled=True,
            status=element.status, source_note=None, confirmed_at=None, confirmed_by=None, service_levels={}, version=1,
        )
        await work.session.flush()
        keep_version(work, row)


def keep_version(work: Work, row: MechanismElementRow) -> None:
    """Write down how the element is from now on."""
    data = {
        "title": row.title, "group": row.group, "position": row.position, "enabled": row.enabled, "like": row.like,
        "source_note": row.source_note, "confirmed": row.confirmed_at is not None,
        "service_levels": row.service_levels,
    }
    work.new(
        MechanismElementVersion, element_id=row.id, version=row.version, since=work.now, by_id=work.actor.id, data=data
    )


async def element_rows(session: AsyncSession, tenant: UUID, plugin: str) -> list[MechanismElementRow]:
    """The county's elements of a plugin, in its order."""
    rows = await session.execute(
        select(MechanismElementRow)
        .where(MechanismElementRow.tenant_id == tenant, MechanismElementRow.plugin == plugin)
        .order_by(MechanismElementRow.position, MechanismElementRow.key)
    )
    return list(rows.scalars())


async def bind(
    session: AsyncSession, tenant: UUID, host: PluginHost, plugin: str, key: str, mode: Mode
) -> Bound | None:
    """An element of the county with its code; None when the county has no such element."""
    row = (await session.execute(
        select(MechanismElementRow).where(
            MechanismElementRow.tenant_id == tenant, MechanismElementRow.plugin == plugin,
            MechanismElementRow.key == key,
        )
    )).scalar_one_or_none()
    if row is None:
        return None
    mechanism = host.mechanisms.get(plugin)
    element = mechanism.element(row.like) if mechanism else None
    behaviour = element.behaviour if element else BEHAVIOURS[row.behaviour]
    return Bound(plugin, key, behaviour, mode, row, mechanism, element)


def with_receiver(
    bound: Bound, host: PluginHost, plugin: str | None, key: str | None, mode: Mode
) -> Bound:
    """The same with the element of the receiving side, where that is installed and its plugin is on."""
    mechanism = host.mechanisms.get(plugin) if plugin is not None and mode is Mode.ON else None
    element = mechanism.element(key) if mechanism is not None and key is not None else None
    if mechanism is None or element is None:
        return bound
    return replace(bound, receiving=Receiving(mechanism, element))


def keep_answers(work: Work, verdict: Verdict, mutation: str | None, subject: UUID | None) -> None:
    """Write down what plugins in shadow would have refused, and every question that failed."""
    for plugin, refusal in verdict.shadow:
        work.new(
            PluginAnswer, plugin=plugin, question="object_to_step", outcome="SHADOW", mutation=mutation,
            subject_id=subject, detail=f"{refusal.code}: {refusal.message}", at=work.now,
        )
    keep_failures(work, verdict.failures, mutation, subject)


def keep_failures(work: Work, failures: Sequence[Failure], mutation: str | None, subject: UUID | None) -> None:
    """Write down questions that failed. A refused step rolls this back; the log keeps it."""
    for failure in failures:
        work.new(
            PluginAnswer, plugin=failure.plugin, question=failure.question, outcome="FAILED", mutation=mutation,
            subject_id=subject, detail=f"{failure.reason}: {failure.detail}"[:2000], at=work.now,
        )


