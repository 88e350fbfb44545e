"""Handing facts to plugins: in order per case and plugin, again after a failure, a poisoned fact stops its case only."""

from uuid import UUID

from gridloom.work import Works


async def feed_plugins(works: Works, tenant: UUID) -> int:
    """Give each plugin that is on the facts it subscribed to and has not had; returns how many were given."""
    return 0
