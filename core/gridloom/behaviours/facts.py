"""Facts as a plugin hears them: one fact, one plugin, one transaction, through the contract's own `Work`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from gridloom.behaviours import service
from gridloom.behaviours.county import settings_of
from gridloom.contract.types import Fact, Form
from gridloom.outbox import FactRow
from gridloom.work import CountyView, Work, Works


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

    async def take(self, element: str, step: str, form: Form, *, matter: UUID | None = None) -> UUID:
        """Take a step of an element of the plugin's own, as the service itself. Raises `Refusal` like any step."""
        values: dict[str, Any] = form.model_dump()
        if matter is None:
            row = await service.begin(self._work, self._plugin, element, step, values)
        else:
            held = await service.open_matter(self._work, matter, "matter")
            if (held.plugin, held.element) != (self._plugin, element):
                raise PermissionError(f"{matter} is no matter of {self._plugin}.{element}")
            row = await service.take(self._work, matter, step, values, version=held.version)
        return row.id

    def fact(self, type: str, case: UUID | None = None, **data: object) -> UUID:
        """Tell a fact of the plugin's own; its type must begin with the plugin's key."""
        if not type.startswith(f"{self._plugin}."):
            raise PermissionError(f"{self._plugin} may only tell facts named {self._plugin}.…, not {type}")
        return self._work.fact(type, case, scopes=(), **data)


def wanting(works: Works, county: CountyView, fact_type: str) -> list[str]:
    """Plugins that are on in the county and subscribed to this type; plugins in shadow hear nothing."""
    return [key for key in sorted(county.plugins) if works.host.wants(key, fact_type)]


async def tell_plugin(works: Works, county: CountyView, plugin: str, row: FactRow) -> None:
    """Hand a committed fact to one plugin, in a transaction of its own. Whatever the plugin raises is the caller's."""
    fact = Fact(row.id, row.type, county.code, row.at, row.case_id, row.data)
    async with works.open(county) as work:
        await works.host.fact_happened(plugin, PluginWork(work, plugin), fact)
