"""P7: many counties in one process, and a long history: what the one costs the other.

The list of 50 cases is asked in one county, in all of them in turn, in the county with the longest history, and in a quiet
county while another one keeps the process busy.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median

from bench.case_list import LOGIN, PAGE, document
from bench.cpu import memory
from bench.load import Load, Shot
from bench.measure import WARM_SECONDS, send
from bench.result import Bar, Options, Result, Table
from bench.servers import Server, gridloom, sign_in
from bench.world import World, say
from gridloom.demo.build import MIDU

NAME = "P7"
CALLERS = 4
"""At once: fewer than what keeps a core busy, so that the answer's time says what an answer costs, not how long it queued."""
BUSY = 32
QUIET = 2
MOST_GROWTH, MOST_DELAY, MOST_MEGABYTES = 1.3, 1.2, 2.0


async def run(world: World, options: Options) -> Result:
    """Measure one county, all in turn, the long history, and the quiet one beside the busy one, round by round."""
    codes = (MIDU, *world.counties)
    body = json.dumps({"query": document("CaseList"), "variables": {"first": PAGE}})
    async with gridloom(world, []) as server:
        cookies = {code: await sign_in(server.port, world.account(LOGIN, code)) for code in codes}
        asked = {code: {"headers": {"cookie": cookie}, "body": body} for code, cookie in cookies.items()}
        few, long, busy, quiet = codes[1], codes[0], codes[2], codes[3]
        loads = {
            "one county": _load(server, [asked[few]], CALLERS, options),
            "all counties in turn": _load(server, [asked[code] for code in codes], max(CALLERS, len(codes)), options),
            "long history": _load(server, [asked[long]], CALLERS, options),
            "quiet county": _load(server, [asked[quiet]], QUIET, options),
        }
        megabytes = await _memory(server, asked, few, options)
        found: dict[str, list[float]] = {name: [] for name in (*loads, "one county, as many callers", "quiet beside busy")}
        as_many = replace(loads["one county"], connections=loads["all counties in turn"].connections)
        for number in range(options.rounds):
            say(f"round {number + 1} of {options.rounds}")
            for name, load in {**loads, "one county, as many callers": as_many}.items():
                found[name].append(_p95(await send(load)))
            beside, _ = await asyncio.gather(
                send(loads["quiet county"]), send(_load(server, [asked[busy]], BUSY, options))
            )
            found["quiet beside busy"].append(_p95(beside))
    return _result(world, len(codes), found, megabytes)


def _load(server: Server, requests: Sequence[Mapping[str, object]], connections: int, options: Options) -> Load:
    return Load(server.port, server.path, requests, connections, options.seconds, must='"nodes"')


async def _memory(
    server: Server, asked: Mapping[str, Mapping[str, object]], first: str, options: Options
) -> float:
    """Megabytes of the process for each further county, once all were asked as often as the first."""
    warm = replace(options, seconds=WARM_SECONDS)
    await send(_load(server, [asked[first]], BUSY, warm))
    before = memory(server.pid)
    rest = [one for code, one in asked.items() if code != first]
    await send(_load(server, rest, max(BUSY, len(rest)), replace(warm, seconds=3 * WARM_SECONDS)))
    return (memory(server.pid) - before) / len(rest) / 1_000_000


def _p95(shot: Shot) -> float:
    ordered = sorted(shot.took)
    return ordered[int(0.95 * (len(ordered) - 1))]


def _result(world: World, counties: int, found: Mapping[str, Sequence[float]], megabytes: float) -> Result:
    p95 = {name: median(each) for name, each in found.items()}
    together = p95["all counties in turn"] / p95["one county, as many callers"]
    longer = p95["long history"] / p95["one county"]
    delay = p95["quiet beside busy"] / p95["quiet county"]
    sizes = f"{world.wanted.counties_cases:,} → {world.wanted.cases:,}"
    return Result(
        name=NAME, work=f"CaseList in one process, {counties} counties, histories of {sizes} cases: p95 in one county",
        unit="ms", ours=round(p95["one county"], 2),
        beside={name: round(value, 2) for name, value in p95.items() if name != "one county"},
        ratio={
            f"p95, {counties} counties ÷ one": round(together, 3), f"p95, {sizes} cases": round(longer, 3),
            "p95 of a quiet county, beside a busy one ÷ alone": round(delay, 3), "megabytes a county": round(megabytes, 3),
        },
        bars=(
            Bar("must", f"p95 of 100 counties ≤ {MOST_GROWTH} × one: measured with {counties} ({together:.2f} ×)",
                together <= MOST_GROWTH if counties >= 100 else None),
            Bar("must", f"p95 of 3M cases ≤ {MOST_GROWTH} × 300k: measured from {sizes} ({longer:.2f} ×)",
                longer <= MOST_GROWTH if world.wanted.cases >= 3_000_000 else None),
            Bar("must", f"≤ {MOST_MEGABYTES} MB a county ({megabytes:.2f})", megabytes <= MOST_MEGABYTES),
            Bar("must", f"a busy county delays another's p95 by ≤ 20 % ({delay:.2f} ×)", delay <= MOST_DELAY),
        ),
        tables=(Table(
            "p95 of each round, ms", ("", "median", "least", "most"),
            [(name, round(median(each), 1), round(min(each), 1), round(max(each), 1)) for name, each in found.items()],
        ),),
        notes=(
            "One process serves one request's Python at a time: a quiet county beside a busy one waits for those before it in "
            "the turn of counties. What is left of the delay is the time of the requests that are running already.",
            "Bars that speak of 100 counties or of 3M cases count as not measured where the world is smaller; `--counties` and "
            "`--big` make it so.",
        ),
    )
