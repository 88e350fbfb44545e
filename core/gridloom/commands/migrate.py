"""`gridloom migrate`: bring the database to the present schema."""

from gridloom import migrate as migration
from gridloom.commands.console import out, run
from gridloom.commands.installation import installation


def migrate() -> None:
    """Bring the database to the present schema: roles, tables, policies, grants. Safe to run again."""
    run(_migrate())
    out.print("✓ the database is up to date")


async def _migrate() -> None:
    async with installation() as settings:
        await migration.upgrade(settings)
