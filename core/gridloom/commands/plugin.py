"""`gridloom plugin …`: which plugins are installed, how a county has them, a new one, the conformance check."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import typer
from rich.table import Table

from gridloom import plugin_template
from gridloom.behaviours import county as county_plugins
from gridloom.commands.console import fail, out, run
from gridloom.commands.installation import county_of, service
from gridloom.contract import check as conformance
from gridloom.contract.host import PluginHost
from gridloom.contract.types import Mode

group = typer.Typer(no_args_is_help=True, help="Plugins: installed ones, per county, new, check.")
County = typer.Argument(help="Administrative code of the county, such as 532925.")
Key = typer.Argument(help="Key of the plugin, such as court.")
NewKey = typer.Argument(help="Key of the new plugin, lower_snake_case, such as family_help.")
Title = typer.Option(None, help="Its title, for people.")
Department = typer.Option("MZ", help="Code of the organisation whose mechanism it is.")
Folder = typer.Option(Path(), "--folder", help="Where to make its folder.")


@group.command("list")
def list_plugins(county: str | None = typer.Argument(None, help="Show how this county has them.")) -> None:
    """Installed plugins with their elements; with a county, how it has them."""
    host = PluginHost.load()
    modes = run(_modes(county)) if county else {}
    table = Table(box=None, pad_edge=False)
    for heading in ("plugin", "title", "elements", *(["mode"] if county else [])):
        table.add_column(heading)
    for key, mechanism in host.mechanisms.items():
        elements = ", ".join(element.key for element in mechanism.elements)
        table.add_row(key, mechanism.title, elements, *([modes.get(key, Mode.OFF).value.lower()] if county else []))
    out.print(table)


@group.command("new")
def new(key: str = NewKey, title: str | None = Title, department: str = Department, folder: Path = Folder) -> None:
    """Write a new plugin: it installs, passes the check and its own tests, and is meant to be changed."""
    try:
        made = plugin_template.create(folder, key, title=title, department=department)
    except ValueError as error:
        fail(f"{error}.")
    except FileExistsError:
        fail(f"{folder / key} is there already.")
    out.print(f"✓ {made}\n  next: pip install -e {made} && gridloom plugin check gridloom_{key}", soft_wrap=True)


@group.command("check")
def check(target: str = typer.Argument(help="Import name (gridloom_court) or the plugin's folder.")) -> None:
    """Try a plugin against the contract; exit code 1 when something must change."""
    plugin = _module(target)
    found = conformance.check(plugin, plugin.declare_mechanism())
    for finding in found:
        colour = "red" if finding.level == "error" else "yellow"
        out.print(f"[{colour}]{finding.level}[/] {finding.where}: {finding.sentence}", soft_wrap=True)
    errors = sum(finding.level == "error" for finding in found)
    out.print(f"{plugin.__name__}: {errors} errors, {len(found) - errors} warnings")
    if errors:
        raise typer.Exit(1)


def _module(target: str) -> ModuleType:
    """The plugin's package: an import name, or the one package with a `gridloom_` name in a folder."""
    folder = Path(target)
    name = target
    if folder.is_dir():
        packages = sorted(folder.glob("gridloom_*/__init__.py"))
        if len(packages) != 1:
            fail(f"{folder} holds {len(packages)} packages named gridloom_…; a plugin has one.")
        sys.path.insert(0, str(folder.resolve()))
        name = packages[0].parent.name
    try:
        plugin = importlib.import_module(name)
    except ModuleNotFoundError as error:
        fail(f"{target} cannot be imported: {error}.")
    if not hasattr(plugin, "declare_mechanism"):
        fail(f"{plugin.__name__} is no plugin: it has no declare_mechanism.")
    return plugin


@group.command("off")
def off(county: str = County, plugin: str = Key) -> None:
    """Switch a plugin off in a county: its fields vanish, its data stay."""
    run(_switch(county, plugin, Mode.OFF))


@group.command("shadow")
def shadow(county: str = County, plugin: str = Key) -> None:
    """Ask the plugin's questions in a county and keep the answers, without effect."""
    run(_switch(county, plugin, Mode.SHADOW))


@group.command("on")
def on(county: str = County, plugin: str = Key) -> None:
    """Switch a plugin on in a county."""
    run(_switch(county, plugin, Mode.ON))


async def _switch(code: str, plugin: str, mode: Mode) -> None:
    async with service() as opened:
        county = await county_of(opened, code)
        async with opened.open(county) as work:
            await county_plugins.set_mode(work, plugin, mode)
        out.print(f"✓ {plugin} is {mode.value.lower()} in {county.name} ({county.code})")


async def _modes(code: str) -> dict[str, Mode]:
    async with service() as opened:
        county = await county_of(opened, code)
        return {one.key: one.mode for one in county.switched}
