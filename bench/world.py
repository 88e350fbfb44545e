"""The bench database: a county with a long history and counties beside it, in an embedded PostgreSQL.

`python -m bench.world --cases 300000 --counties 19 --counties-cases 20000` builds it below `.gridloom-bench`, unless it stands.
"""

import argparse
import asyncio
import json
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import func, select, text

from bench import clone, multiply
from gridloom import embedded, migrate, runtime
from gridloom.cases.models import CaseRow
from gridloom.commands.installation import settings_for
from gridloom.config import Settings
from gridloom.demo.build import ACCESS_FILE, MIDU, build_demo
from gridloom.insight.models import FigureCase
from gridloom.insight.service import rebuild

FOLDER = Path(__file__).resolve().parents[1] / ".gridloom-bench"
STAMP = "world.json"
BIG_CASES = 3_000_000
COUNTED = 0.9
"""Share of a county's cases that have an account where its figures are complete: protected ones have none."""
BULK = {"maintenance_work_mem": "512MB", "work_mem": "128MB", "synchronous_commit": "off"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How large a world: cases of the main county, how many counties beside it, and the cases of each."""

    cases: int = 300_000
    counties: int = 19
    counties_cases: int = 20_000


@dataclass(frozen=True, slots=True)
class World:
    """The bench database and Redis, running. `access` is the demo's: accounts with passwords; a clone has the same."""

    settings: Settings
    access: dict[str, Any]
    wanted: Wanted
    counties: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """The data folder."""
        return self.settings.data_dir

    @property
    def postgres(self) -> int:
        """Process id of the database's postmaster."""
        return int((self.folder / "postgres" / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])

    def account(self, login: str, county: str = MIDU) -> dict[str, str]:
        """What somebody signs in with."""
        found = next(one for one in self.access["accounts"] if one["account"] == login and one["county"] == MIDU)
        return {"county": county, "account": login, "password": found["password"]}

    def logins(self, role: str) -> list[str]:
        """Who holds a role in the main county (and in every clone)."""
        return [one["account"] for one in self.access["accounts"] if one["role"] == role and one["county"] == MIDU]

    async def admin(self) -> asyncpg.Connection:
        """A superuser's connection; the caller closes it."""
        return await asyncpg.connect(self.settings.database_url, server_settings={"timezone": "UTC", "jit": "off"})

    async def tenant(self, code: str = MIDU) -> UUID:
        """A county's id."""
        connection = await self.admin()
        try:
            found: UUID = await connection.fetchval("SELECT id FROM county WHERE code = $1", code)
        finally:
            await connection.close()
        return found


def say(text: str) -> None:
    """A line of progress."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


@asynccontextmanager
async def open_world(wanted: Wanted | None = None, folder: Path = FOLDER, *, keep: bool = False) -> AsyncIterator[World]:
    """The world, built anew unless it stands as wanted (by default: as it stands, whatever its size).

    `keep`: one that stands under an older migration is brought up to date in place.
    """
    stamp = _stamp(folder)
    fits = stamp is not None and (wanted is None or stamp["wanted"] == asdict(wanted))
    if not fits or (stamp and stamp["head"] != migrate_head() and not keep):
        await build(wanted or Wanted(), folder)
    async with _servers(folder, durable=True) as settings:
        stamp = _stamp(folder) or {}
        if stamp["head"] != migrate_head():
            await _drop_peers(settings)
            await migrate.upgrade(settings)
            stamp["head"] = migrate_head()
            await asyncio.to_thread((folder / STAMP).write_text, json.dumps(stamp), "utf-8")
        access = json.loads((folder / ACCESS_FILE).read_text(encoding="utf-8"))
        yield World(settings, access, Wanted(**stamp["wanted"]), tuple(stamp["counties"]))


async def build(wanted: Wanted, folder: Path = FOLDER) -> None:
    """Build a world from nothing; what stood in the folder is lost, but for the peers' programs."""
    began = time.monotonic()
    say(f"building {wanted}")
    _clear(folder)
    async with _servers(folder, durable=False) as settings:
        await migrate.upgrade(settings)
        service = runtime.build(settings)
        try:
            await runtime.start(service)
            await build_demo(service, _quietly(), cases=min(wanted.cases, wanted.counties_cases))
            counties = await _enlarge(service, settings, wanted)
        finally:
            await service.close()
    content = {"wanted": asdict(wanted), "head": migrate_head(), "counties": counties}
    (folder / STAMP).write_text(json.dumps(content), encoding="utf-8")
    say(f"built in {time.monotonic() - began:.0f} s")


async def _enlarge(service: runtime.Service, settings: Settings, wanted: Wanted) -> list[str]:
    connection = await asyncpg.connect(settings.database_url, server_settings={"timezone": "UTC", "jit": "off"})
    try:
        for name, value in BULK.items():
            await connection.execute(f"SET {name} = '{value}'")
        await connection.execute("ALTER SYSTEM SET autovacuum = off")
        await connection.execute("SELECT pg_reload_conf()")
        main = await connection.fetchval("SELECT id FROM county WHERE code = $1", MIDU)
        indexes = await _drop_indexes(connection)
        codes = list(clone.CODES[: wanted.counties])
        original = await clone.read(connection, main)
        for place, code in enumerate(codes):
            say(f"county {code}, {place + 1} of {len(codes)}")
            await clone.clone(service, connection, original, place)
        await multiply.multiply(connection, main, wanted.cases, say)
        for number, index in enumerate(indexes, start=1):
            if number % 5 == 1:
                say(f"index {number} of {len(indexes)}")
            await connection.execute(index)
        say("vacuum and statistics")
        await connection.execute("VACUUM (ANALYZE, FREEZE)")
        await connection.execute("ALTER SYSTEM RESET autovacuum")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()
    return codes


async def _drop_peers(settings: Settings) -> None:
    """The views of an earlier run would hold on to columns that a migration changes."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        await connection.execute("DROP SCHEMA IF EXISTS peer CASCADE")
    finally:
        await connection.close()


async def count_figures(settings: Settings) -> None:
    """Count the figures of every county whose cases are not all counted; one after the other."""
    service = runtime.build(settings, pool_size=2)
    try:
        await runtime.start(service)
        for tenant in await service.directory.all(service):
            async with service.open(tenant) as work:
                await work.session.execute(text("SET LOCAL statement_timeout = 0"))
                cases = await work.session.scalar(select(func.count()).where(CaseRow.tenant_id == tenant))
                counted = await work.session.scalar(select(func.count()).where(FigureCase.tenant_id == tenant))
                if (counted or 0) < COUNTED * (cases or 0):
                    say(f"county {work.county.code}: {await rebuild(work)} cases counted")
    finally:
        await service.close()


async def _drop_indexes(connection: asyncpg.Connection) -> list[str]:
    """Drop what is no constraint and not unique, of the tables that grow; the statements that bring them back."""
    rows = await connection.fetch(
        "SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made FROM pg_index i "
        "JOIN pg_class t ON t.oid = i.indrelid WHERE NOT i.indisunique AND t.relname = ANY($1)", list(multiply.HISTORY),
    )
    for row in rows:
        await connection.execute(f"DROP INDEX {row['name']}")
    return [row["made"] for row in rows]


@asynccontextmanager
async def _servers(folder: Path, *, durable: bool) -> AsyncIterator[Settings]:
    async with embedded.servers(folder, embedded.Wanted(durable=durable), say) as urls:
        yield settings_for(urls, folder)


def migrate_head() -> str:
    """The revision that the code's migrations end with."""
    folder = Path(migrate.__file__).parent / "migrations" / "versions"
    return max(path.stem.split("_")[0] for path in folder.glob("[0-9]*.py"))


def _stamp(folder: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def _clear(folder: Path) -> None:
    if embedded.is_running(folder):
        raise SystemExit(f"{folder} is in use: end what runs there first.")
    for name in ("postgres", "redis", STAMP, ACCESS_FILE, "servers.json"):
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _quietly() -> Any:
    last = 0.0

    def progress(text: str, done: float) -> None:
        nonlocal last
        if time.monotonic() - last > 10:
            last = time.monotonic()
            say(f"demo county {done:.0%}: {text}")

    return progress


async def _main(wanted: Wanted, folder: Path, keep: bool, figures: bool) -> None:
    async with open_world(wanted, folder, keep=keep) as world:
        if figures:
            await count_figures(world.settings)
        connection = await world.admin()
        rows = await connection.fetch(
            'SELECT code, (SELECT count(*) FROM "case" WHERE tenant_id = county.id) AS cases FROM county ORDER BY code'
        )
        size = await connection.fetchval("SELECT pg_size_pretty(pg_database_size(current_database()))")
        await connection.close()
        print(", ".join(f"{row['code']}: {row['cases']}" for row in rows), f"({size})")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say how large a world is wanted."""
    usual = Wanted()
    parser.add_argument("--cases", type=int, default=usual.cases)
    parser.add_argument("--counties", type=int, default=usual.counties)
    parser.add_argument("--counties-cases", type=int, default=usual.counties_cases)
    parser.add_argument("--big", action="store_true", help="three million cases in the main county")
    parser.add_argument("--keep", action="store_true", help="bring an older database up to date instead of building anew")
    parser.add_argument("--figures", action="store_true", help="count the figures that a county lacks (P3 needs them)")
    parser.add_argument("--folder", type=Path, default=FOLDER)


def wanted_of(given: argparse.Namespace) -> Wanted:
    """The size that the options name."""
    return Wanted(BIG_CASES if given.big else given.cases, given.counties, given.counties_cases)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    arguments(options)
    chosen = options.parse_args()
    os.environ.pop("GRIDLOOM_DATABASE_URL", None)
    asyncio.run(_main(wanted_of(chosen), chosen.folder, chosen.keep, chosen.figures))
