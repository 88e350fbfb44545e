"""Putting the service together: settings in, `Works` out. Shared by server, worker, commands and tests."""

from datetime import UTC, datetime

from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from gridloom.audit.service import write_entries
from gridloom.behaviours.county import keep_answers, switched
from gridloom.cases.file import scopes_of
from gridloom.clock import Clock, DatabaseClock
from gridloom.clocks.service import show_facts_to
from gridloom.config import Settings
from gridloom.contract.host import PluginHost
from gridloom.db import create_engine, role_url
from gridloom.dispatch.guards import keep_answers_with
from gridloom.i18n import add_messages
from gridloom.lane import ReadLane
from gridloom.live import LiveHub
from gridloom.security import check_gate
from gridloom.tables import metadata
from gridloom.tenancy.service import CountyDirectory
from gridloom.work import Works


class Service(Works):
    """The service's `Works`, with the county directory by its own type."""

    directory: CountyDirectory


def build(
    settings: Settings, *, host: PluginHost | None = None, clock: Clock | None = None, pool_size: int = 10
) -> Service:
    """Open engines and Redis for the app role. Nothing is sent to the database yet; see `start`."""
    plugins = host or PluginHost.load()
    for folder in plugins.locale_folders:
        add_messages(folder)
    show_facts_to(scopes_of)
    keep_answers_with(keep_answers)
    url = role_url(settings.database_url, "app", settings.secret_key)
    redis = Redis.from_url(settings.redis_url)
    directory = CountyDirectory(settings.secret_key, switched)
    service = Service(
        settings=settings, engine=create_engine(url, pool_size=pool_size), redis=redis,
        clock=clock or DatabaseClock(), host=plugins, counties=directory, write_audit=write_entries,
        side_engine=create_engine(url, pool_size=2), lane=ReadLane(url, pool_size), live=LiveHub(redis),
    )
    service.directory = directory
    return service


async def start(service: Service) -> None:
    """Learn the database's time and close the gate on a database that breaks the rules of tenancy.

    Raises `GateClosed`.
    """
    async with service.engine.connect() as connection:
        await check_gate(connection, metadata)
    await learn_time(service.engine, service.clock)


async def learn_time(engine: AsyncEngine, clock: Clock) -> None:
    """Set a `DatabaseClock` by one exchange; other clocks stay as they are."""
    if isinstance(clock, DatabaseClock):
        async with engine.connect() as connection:
            before = datetime.now(UTC)
            database_now = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
            clock.learn(before, database_now, datetime.now(UTC))
