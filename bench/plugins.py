"""Five plugins for one server process: the court's, and four made by `gridloom plugin new` that guard reportCase.

They are laid into a folder of the data folder as an installer would leave them; only who has that folder on its path sees them.
"""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import rmtree
from uuid import UUID

import asyncpg

from bench.world import World
from gridloom import plugin_template, runtime
from gridloom.behaviours.county import set_mode
from gridloom.contract.host import PluginHost
from gridloom.contract.types import Mode
from gridloom.demo.build import MIDU

KEYS = ("bench_one", "bench_two", "bench_three", "bench_four")
FIVE = ("court", *KEYS)
DEPARTMENTS = ("SF", "GA", "MZ", "RS")
GUARD = '''

@hookimpl
def object_to_step(step: StepView) -> list[Refusal]:
    """Asked before every report: nothing stands against one that is of a kind we know."""
    if step.case is not None and step.case.category == "NONE":
        return [Refusal("PLUGIN_REFUSED", "$key-consent-missing")]
    return []
'''


def lay_out(folder: Path) -> Path:
    """Make the four plugins below `folder`, as if installed; what to put on the path."""
    rmtree(folder, ignore_errors=True)
    site = folder / "site"
    for key, department in zip(KEYS, DEPARTMENTS, strict=True):
        made = plugin_template.create(folder, key, department=department)
        package = f"gridloom_{key}"
        module = made / package / "__init__.py"
        text = module.read_text(encoding="utf-8")
        text = text.replace("handover, hookimpl", "Refusal, StepView, handover, hookimpl")
        named = f'department="{department}",'
        text = text.replace(named, f'{named}\n        guards=frozenset({{"reportCase"}}),')
        text = text.replace('key="transfer"', 'key="passing"')
        module.write_text(text + GUARD.replace("$key", key.replace("_", "-")), encoding="utf-8")
        english = made / package / "locale" / "en" / f"{key}.ftl"
        english.write_text(english.read_text(encoding="utf-8").replace("-transfer", "-passing"), encoding="utf-8")
        (site / f"{package}-0.1.dist-info").mkdir(parents=True)
        (made / package).rename(site / package)
        about = site / f"{package}-0.1.dist-info"
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 0.1\n", encoding="utf-8")
        (about / "entry_points.txt").write_text(f"[gridloom.plugins]\n{key} = {package}\n", encoding="utf-8")
    return site


@asynccontextmanager
async def installed(world: World, county: str = MIDU) -> AsyncIterator[Path]:
    """These five plugins on in a county, and no other, for the length of the block. What to put on the path."""
    site = lay_out(world.folder / "plugins")
    sys.path.insert(0, str(site))
    try:
        host = PluginHost.load()
    finally:
        sys.path.remove(str(site))
    before = await _modes(world, county)
    await _set(world, host, county, {key: Mode.ON if key in FIVE else Mode.OFF for key in {*before, *FIVE}})
    try:
        yield site
    finally:
        await _set(world, host, county, {key: before.get(key, Mode.OFF) for key in {*before, *FIVE}})


async def _modes(world: World, county: str) -> dict[str, Mode]:
    """How the county has its plugins now."""
    connection = await world.admin()
    try:
        rows = await connection.fetch(
            "SELECT key, mode FROM county_plugin WHERE tenant_id = (SELECT id FROM county WHERE code = $1)", county
        )
    finally:
        await connection.close()
    return {row["key"]: Mode(row["mode"]) for row in rows}


async def _set(world: World, host: PluginHost, county: str, modes: Mapping[str, Mode]) -> None:
    """Switch plugins as the county's administrator does."""
    service = runtime.build(world.settings, host=host, pool_size=1)
    try:
        await runtime.start(service)
        view = await service.directory.by_code(service, county)
        assert view is not None
        for key, mode in modes.items():
            async with service.open(view.id) as work:
                await set_mode(work, key, mode)
    finally:
        await service.close()


async def switch(connection: asyncpg.Connection, tenant: UUID, mode: Mode) -> None:
    """The five on or off in a county; servers see it within two seconds."""
    await connection.execute(
        "UPDATE county_plugin SET mode = $2 WHERE tenant_id = $1 AND key = ANY ($3)", tenant, mode.value, list(FIVE)
    )
