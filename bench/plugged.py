"""P8: five plugins on against none, one and the same server: a report, and the list of 50 cases."""

import asyncio
import json

from bench import case_list, plugins, report_case
from bench.measure import Measured, Round, Side, measure, over_http, table
from bench.result import Bar, Options, Result
from bench.servers import Server, gridloom
from bench.world import World
from gridloom.contract.types import Mode

NAME = "P8"
SEEN_AFTER = 2.5
"""Seconds until a server has certainly read the county's switches again."""
WARM = 1.0
MOST = {"reportCase": 1.05, "CaseList": 1.02}


async def run(world: World, options: Options) -> Result:
    """Each round of a side switches the county's plugins, waits, warms, and then measures. Raises `Void`."""
    members = world.logins("grid_member")
    async with (
        plugins.installed(world) as site, report_case.tidied(world),
        gridloom(world, [*members, case_list.LOGIN], path=[site]) as server,
    ):
        reporter = Server(server.name, server.port, server.pid, server.path, server.headers[:-1])
        reader = Server(server.name, server.port, server.pid, server.path, server.headers[-1:])
        body = json.dumps({"query": case_list.document("CaseList"), "variables": {"first": case_list.PAGE}})
        places = await report_case.places_of(world)
        found: dict[str, dict[str, Measured]] = {}
        for work, side in (
            ("CaseList", over_http(world, reader, body, options, must='"nodes"')),
            ("reportCase", report_case.ours_side(world, reporter, places, options)),
        ):
            pair = [_switched(world, side, Mode.ON, "five on"), _switched(world, side, Mode.OFF, "none")]
            found[work] = await measure(pair, options)
    return _result(found)


def _switched(world: World, side: Side, mode: Mode, name: str) -> Side:
    """The side with all plugins in this mode; switching and warming are outside what is measured."""
    async def shoot(seconds: float) -> Round:
        connection = await world.admin()
        try:
            await plugins.switch(connection, await world.tenant(), mode)
        finally:
            await connection.close()
        await asyncio.sleep(SEEN_AFTER)
        await side.shoot(WARM)
        return await side.shoot(seconds)

    return Side(name, shoot)


def _result(found: dict[str, dict[str, Measured]]) -> Result:
    times = {work: sides["five on"].of("cpu") / sides["none"].of("cpu") for work, sides in found.items()}
    report = found["reportCase"]
    return Result(
        name=NAME, work="reportCase with five plugins on, beside the same with none: CPU of server and PostgreSQL",
        unit="ms a request", ours=round(report["five on"].of("cpu"), 3),
        beside={"none": round(report["none"].of("cpu"), 3)},
        ratio={f"{work}, five on / none": round(value, 3) for work, value in times.items()},
        bars=tuple(
            Bar("must", f"{work} ≤ {MOST[work]:.2f} × (measured {value:.3f} ×)", value <= MOST[work])
            for work, value in times.items()
        ),
        tables=tuple(table(work, sides) for work, sides in found.items()),
        notes=(
            "The court's plugin and four made from the template that guard reportCase with a question that always lets pass.",
            "Differences of a few percent are about the machine's own noise: look at least–most beside the medians.",
        ),
    )
