"""Handing facts to plugins, in order per case and plugin.

A plugin that fails is asked again with growing delays; meanwhile later facts of the same case wait behind the one it is
stuck on, and every other case goes on. What stays stuck is shown to the county's administrator. Facts are not delivered
in shadow, and a plugin that is switched on anew begins with what happens from then on.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gridloom.behaviours.facts import tell_plugin, wants
from gridloom.behaviours.hearing import HEARD, hear
from gridloom.behaviours.models import CountyPlugin
from gridloom.behaviours.timers import run_schedules
from gridloom.contract.types import Mode
from gridloom.feed.models import PluginDelivery, PluginStuck
from gridloom.feed.service import newest_position
from gridloom.outbox import FactPosition, FactRow
from gridloom.work import CountyView, Work, Works

logger = logging.getLogger(__name__)
BATCH = 100
STRETCH = 20_000
FIRST_DELAY = timedelta(seconds=2)
LONGEST_DELAY = timedelta(hours=1)
ERROR_LENGTH = 500
EVER = datetime.min.replace(tzinfo=UTC)
CORE = "core."  # no plugin's key has a dot


async def feed_plugins(works: Works, tenant: UUID) -> int:
    """Give each plugin that is on, and core itself, the facts that are for it and that it has not had; begin what the
    calendar begins. Returns how many facts were given and matters begun."""
    county = await works.county(tenant)
    given = await _feed(works, county, CORE) + await run_schedules(works, county)
    for one in county.switched:
        if one.mode is Mode.ON:
            given += await _feed(works, county, one.key)
    return given


async def _feed(works: Works, county: CountyView, plugin: str) -> int:
    """One round for one plugin: first what is stuck and due again, then what is new.

    The cursor's lock is held meanwhile and moves only afterwards: a worker that dies gives some facts twice, never none.
    """
    async with works.open(county) as work:
        cursor = await _cursor(work, plugin)
        if cursor is None:
            return 0
        stuck = await _stuck(work, plugin)
        blocked = {row.case_id for row in stuck if row.case_id is not None}
        given = await _again(work, county, plugin, stuck)
        fresh, read_to = await _ahead(work, plugin, cursor.position)
        since = await _on_since(work, plugin)
        for position, fact in fresh:
            if fact.at < since or not _for(works, plugin, fact.type):
                continue
            error = "waits behind an earlier fact of its case" if fact.case_id in blocked else None
            error = error or await _hand(works, county, plugin, fact)
            if error is None:
                given += 1
                continue
            if fact.case_id is not None:
                blocked.add(fact.case_id)
            await _note(work, plugin, position, fact, error)
        cursor.position = read_to
    return given


async def _ahead(work: Work, plugin: str, position: int) -> tuple[list[tuple[int, FactRow]], int]:
    """The next facts for a plugin and how far they reach; for core only those that it hears, of a bounded stretch."""
    if plugin != CORE:
        fresh = await _behind(work, position)
        return fresh, fresh[-1][0] if fresh else position
    reach = min(position + STRETCH, await newest_position(work.session, work.tenant))
    if reach <= position:
        return [], position
    rows = await work.session.execute(
        select(FactPosition.position, FactRow)
        .join(FactRow, (FactRow.tenant_id == work.tenant) & (FactRow.id == FactPosition.fact_id))
        .where(
            FactPosition.tenant_id == work.tenant, FactPosition.position > position, FactPosition.position <= reach,
            FactRow.type.in_(sorted(HEARD)),
        )
        .order_by(FactPosition.position).limit(BATCH)
    )
    fresh = [(row[0], row[1]) for row in rows]
    return fresh, fresh[-1][0] if len(fresh) == BATCH else reach


async def _again(work: Work, county: CountyView, plugin: str, stuck: Sequence[PluginStuck]) -> int:
    """What is stuck and due again, in order; of a case nothing behind a fact that fails again."""
    given, failed = 0, set[UUID]()
    for row in stuck:
        fact = await _fact(work, row.position)
        if row.next_at > work.now or row.case_id in failed or fact is None:
            if row.case_id is not None:
                failed.add(row.case_id)
            continue
        error = await _hand(work.works, county, plugin, fact)
        if error is None:
            given += 1
            await work.session.delete(row)
        else:
            await _note(work, plugin, row.position, fact, error)
            if row.case_id is not None:
                failed.add(row.case_id)
    return given


async def _hand(works: Works, county: CountyView, plugin: str, fact: FactRow) -> str | None:
    """Hand one fact over in a transaction of its own; what went wrong, or None."""
    try:
        if plugin == CORE:
            await hear(works, county, fact)
        else:
            await tell_plugin(works, county, plugin, fact)
    except Exception as error:
        logger.exception("plugin %s could not take fact %s", plugin, fact.id)
        return f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
    return None


async def _cursor(work: Work, plugin: str) -> PluginDelivery | None:
    """The plugin's cursor, locked; None while another worker holds it or where it has just been made."""
    statement = select(PluginDelivery).where(
        PluginDelivery.tenant_id == work.tenant, PluginDelivery.plugin == plugin
    ).with_for_update(skip_locked=True)
    found = (await work.session.execute(statement)).scalar_one_or_none()
    if found is None:
        # Core has heard from the beginning; a plugin begins with what happens from now on.
        newest = await newest_position(work.session, work.tenant) if plugin != CORE else 0
        await work.session.execute(
            pg_insert(PluginDelivery).values(tenant_id=work.tenant, plugin=plugin, position=newest)
            .on_conflict_do_nothing()
        )
    return found


def _for(works: Works, plugin: str, fact_type: str) -> bool:
    return fact_type in HEARD if plugin == CORE else wants(works, plugin, fact_type)


async def _on_since(work: Work, plugin: str) -> datetime:
    """When the county last switched the plugin; what happened before is not told to it."""
    if plugin == CORE:
        return EVER
    return (await work.session.execute(
        select(CountyPlugin.since).where(CountyPlugin.tenant_id == work.tenant, CountyPlugin.key == plugin)
    )).scalar_one()


async def _stuck(work: Work, plugin: str) -> list[PluginStuck]:
    rows = await work.session.execute(
        select(PluginStuck)
        .where(PluginStuck.tenant_id == work.tenant, PluginStuck.plugin == plugin)
        .order_by(PluginStuck.position).limit(BATCH)
    )
    return list(rows.scalars())


async def _behind(work: Work, position: int, limit: int = BATCH) -> list[tuple[int, FactRow]]:
    rows = await work.session.execute(
        select(FactPosition.position, FactRow)
        .join(FactRow, (FactRow.tenant_id == work.tenant) & (FactRow.id == FactPosition.fact_id))
        .where(FactPosition.tenant_id == work.tenant, FactPosition.position > position)
        .order_by(FactPosition.position).limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


async def _fact(work: Work, position: int) -> FactRow | None:
    found = await _behind(work, position - 1, 1)
    return found[0][1] if found and found[0][0] == position else None


async def _note(work: Work, plugin: str, position: int, fact: FactRow, error: str) -> None:
    row = await work.session.get(PluginStuck, (work.tenant, plugin, position))
    if row is None:
        work.new(
            PluginStuck, plugin=plugin, position=position, fact_id=fact.id, case_id=fact.case_id, attempts=1,
            next_at=work.now + FIRST_DELAY, error=error,
        )
        return
    row.attempts += 1
    row.next_at = work.now + min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(row.attempts, 12))
    row.error = error
