"""Write the next migration from the difference between the newest migration and the tables in the code.

    .venv/bin/python scripts/migration.py 0002 "what it does"
"""

import asyncio
import sys
import tempfile
from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from gridloom import embedded
from gridloom.config import Settings
from gridloom.migrate import owner_engine, run_migrations


def _write(connection: Connection, revision: str, message: str) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(resources.files("gridloom") / "migrations"))
    run_migrations(connection)
    command.revision(config, message, autogenerate=True, rev_id=revision)


async def main(revision: str, message: str) -> None:
    """Migrate an empty throw-away database as far as it goes, then write what is missing."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # noqa: ASYNC240 - nothing else runs here
        async with embedded.servers(Path(folder), embedded.Wanted(durable=False)) as urls:
            engine = owner_engine(Settings(urls.postgres, urls.redis, bytes(32), Path(folder)))
            async with engine.begin() as connection:
                await connection.run_sync(_write, revision, message)
            await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
