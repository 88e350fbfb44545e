"""`gridloom figures …`: whether a county's kept figures are what its rows say, and making them anew."""

import time
from collections.abc import Callable

import typer

from gridloom.commands.console import err, fail, out, run
from gridloom.commands.installation import county_of, service
from gridloom.insight.service import Verdict, check, rebuild

group = typer.Typer(no_args_is_help=True, help="The kept figures of a county.")
County = typer.Option("532925", help="Administrative code of the county.")
SHOWN = 20


@group.callback()
def about() -> None:
    """The kept figures of a county."""


@group.command("check")
def check_figures(county: str = County) -> None:
    """Compare the kept figures with a full recount of the rows; exit code 1 where they differ."""
    with err.status(f"recounting {county}") as status:
        verdict = run(_check(county, lambda done: status.update(f"recounting {county}: {done:,} cases")))
    if verdict is None:
        fail(f"The figures of {county} are being counted by a worker, or were never counted; try again in a moment.")
    for line in (*verdict.cases, *verdict.figures)[:SHOWN]:
        err.print(line, soft_wrap=True, markup=False)
    if not verdict.right:
        fail(
            f"The figures of {county} are wrong: {len(verdict.cases)} cases, {len(verdict.figures)} counters. "
            f"`gridloom figures rebuild --county {county}` makes them anew."
        )
    waiting = f"; {verdict.waiting} cases wait to be counted" if verdict.waiting else ""
    out.print(f"✓ the figures of {county} equal a recount of {verdict.checked:,} cases{waiting}", soft_wrap=True)


@group.command("rebuild")
def rebuild_figures(county: str = County) -> None:
    """Count every case of a county anew. Facts are delivered meanwhile, and counted afterwards."""
    began = time.monotonic()
    with err.status(f"counting {county}") as status:
        counted = run(_rebuild(county, lambda done: status.update(f"counting {county}: {done:,} cases")))
    out.print(f"✓ {counted:,} cases of {county} are counted, {time.monotonic() - began:.1f} s")


async def _check(code: str, progress: Callable[[int], None]) -> Verdict | None:
    async with service() as opened:
        county = await county_of(opened, code)
        async with opened.open(county) as work:
            return await check(work, progress)


async def _rebuild(code: str, progress: Callable[[int], None]) -> int:
    async with service() as opened:
        county = await county_of(opened, code)
        async with opened.open(county) as work:
            return await rebuild(work, progress)
