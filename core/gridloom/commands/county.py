"""`gridloom county …`: make a county from official division codes, suspend it, let it work again."""

import time
from pathlib import Path

import typer
from rich.table import Table

from gridloom import provision
from gridloom.commands.console import err, fail, out, run
from gridloom.commands.installation import county_of, service
from gridloom.work import CountyView

group = typer.Typer(no_args_is_help=True, help="Counties: create, list, suspend, resume.")
Code = typer.Argument(help="Administrative code of six digits, such as 532925.")
Divisions = typer.Option(
    None, "--divisions", exists=True, dir_okay=False, readable=True,
    help="Official division codes as CSV: code12, name_zh, level, parent_code12. Dali's twelve counties ship with us.",
)  # fmt: skip
SHIPPED = "dali_divisions.csv"


@group.command("create")
def create(code: str = Code, divisions: Path | None = Divisions) -> None:
    """Make a county: territory, standard organisations, work list, service levels, calendar, legal clocks."""
    _check(code)
    rows = provision.read_divisions(divisions) if divisions else provision.shipped(SHIPPED)
    began = time.monotonic()
    with err.status(f"creating county {code}"):
        name = run(_create(code, rows))
    out.print(f"✓ {name} ({code}) stands, {time.monotonic() - began:.1f} s")


@group.command("list")
def list_counties() -> None:
    """The counties of this installation."""
    table = Table(box=None, pad_edge=False)
    for heading in ("code", "name", "state", "plugins"):
        table.add_column(heading)
    for row in run(_list()):
        table.add_row(*row)
    out.print(table)


@group.command("suspend")
def suspend(code: str = Code) -> None:
    """Refuse every step in a county; reading goes on."""
    _check(code)
    run(_set(code, resume=False))
    out.print(f"✓ {code} is suspended")


@group.command("resume")
def resume(code: str = Code) -> None:
    """Let a suspended county work again."""
    _check(code)
    run(_set(code, resume=True))
    out.print(f"✓ {code} works again")


def _check(code: str) -> None:
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        fail(f"{code} is no county's code: six digits, such as 532925.")


async def _create(code: str, rows: list[provision.Row]) -> str:
    async with service() as opened:
        await provision.create_county(opened, code, rows)
        return (await county_of(opened, code)).name


async def _list() -> list[tuple[str, str, str, str]]:
    async with service() as opened:
        counties = [await opened.county(tenant) for tenant in await opened.directory.all(opened)]
    return [(county.code, county.name, county.state, _plugins(county)) for county in counties]


def _plugins(county: CountyView) -> str:
    return ", ".join(f"{one.key} ({one.mode.value.lower()})" for one in county.switched)


async def _set(code: str, *, resume: bool) -> None:
    async with service() as opened:
        await provision.suspend_county(opened, code, resume=resume)
