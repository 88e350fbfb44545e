"""Facts as a plugin hears them: one fact, one plugin, one transaction, through the contract's own `Work`."""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from gridloom.behaviours import pairing, pairs, service
from gridloom.behaviours.county import settings_of
from gridloom.behaviours.matters import local_zone, view_of
from gridloom.behaviours.timers import place_named
from gridloom.contract.types import Fact, Form, MatterView
from gridloom.errors import Refusal
from gridloom.outbox import FactRow
from gridloom.work import CountyView, Work, Works

logger = logging.getLogger(__name__)


class PluginWork:
    """What a plugin may do with a fact: take steps of its own elements, tell facts of its own."""

    def __init__(self, work: Work, plugin: str) -> None:
        self._work = work
        self._plugin = plugin

    @property
    def tenant(self) -> UUID:
        return self._work.tenant

    @property
    def now(self) -> datetime:
        return self._work.now

    @property
    def settings(self) -> Form:
        """The plugin's settings in this county."""
        return settings_of(self._work.county.switched, self._plugin)

    async def take(
        self, element: str, step: str, form: Form, *, matter: UUID | None = None, parent: UUID | None = None,
        organization: str | None = None,
    ) -> UUID:
        """Take a step of an element of the plugin's own, as the service itself; a matter is begun for the mechanism's
        department, or the organisation of that code. Raises `Refusal` like any step."""
        values: dict[str, Any] = form.model_dump()
        if matter is None:
            place = await place_named(self._work, organization or self._work.host.mechanisms[self._plugin].department)
            row = await service.begin(
                self._work, self._plugin, element, step, values, parent_id=parent, organization=place
            )
        else:
            held = await service.open_matter(self._work, matter, "matter")
            if (held.plugin, held.element) != (self._plugin, element):
                raise PermissionError(f"{matter} is no matter of {self._plugin}.{element}")
            row = await service.take(self._work, matter, step, values, version=held.version)
        return row.id

    async def matter(self, matter: UUID) -> MatterView:
        """A matter of the plugin's own, with every form filled so far. Raises `Refusal` NOT_FOUND."""
        held = await service.open_matter(self._work, matter, "matter")
        if held.plugin != self._plugin:
            raise PermissionError(f"{matter} is no matter of {self._plugin}")
        return view_of(held, await service.bound_of(self._work, held))

    def fact(self, type: str, case: UUID | None = None, **data: object) -> UUID:
        """Tell a fact of the plugin's own; its type must begin with the plugin's key."""
        if not type.startswith(f"{self._plugin}."):
            raise PermissionError(f"{self._plugin} may only tell facts named {self._plugin}.…, not {type}")
        return self._work.fact(type, case, scopes=(), **data)


def wants(works: Works, plugin: str, fact_type: str) -> bool:
    """Whether the plugin subscribed to the type, or core acts on it for one of the plugin's elements."""
    return works.host.wants(plugin, fact_type) or (fact_type == pairs.FACT and _pairs(works, plugin))


def _pairs(works: Works, plugin: str) -> bool:
    mechanism = works.host.mechanisms.get(plugin)
    return mechanism is not None and any(one.behaviour is pairing.behaviour for one in mechanism.elements)


def wanting(works: Works, county: CountyView, fact_type: str) -> list[str]:
    """Plugins that are on in the county and subscribed to this type; plugins in shadow hear nothing."""
    return [key for key in sorted(county.plugins) if works.host.wants(key, fact_type)]


async def tell_plugin(works: Works, county: CountyView, plugin: str, row: FactRow) -> None:
    """Hand a committed fact to one plugin, in a transaction of its own. Whatever the plugin raises is the caller's."""
    fact = Fact(row.id, row.type, county.code, row.at, row.case_id, row.data)
    async with works.open(county) as work:
        if row.type == pairs.FACT and _pairs(works, plugin):
            await _succeed(work, plugin, row)
        if works.host.wants(plugin, row.type):
            await works.host.fact_happened(plugin, PluginWork(work, plugin), fact)


async def _succeed(work: Work, plugin: str, fact: FactRow) -> None:
    """Propose what follows each pairing whose grid was redrawn; one that cannot follow is left as it stands."""
    for row, grid in await pairs.to_succeed(work, plugin, fact):
        day = work.now.astimezone(local_zone(work)).date()
        try:
            async with work.session.begin_nested():
                await service.begin(
                    work, plugin, row.element, pairing.propose.key, pairs.successor(row, grid, day.isoformat()),
                    organization=row.origin_id,
                )
        except Refusal:
            logger.exception("no successor could be proposed for the pairing %s", row.id)
