"""Rounds of several sides, one after the other and again, so that a noisy machine disturbs all of them alike."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from bench import cpu
from bench.load import PATIENCE, Load, Shot
from bench.result import Options, Table, Void
from bench.servers import Server
from bench.world import World, say

WARM_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one side. Processor times are milliseconds an answer; `server` and `postgres` with all below them."""

    answers: int
    per_second: float
    server: float
    postgres: float
    generator: float
    p50: float
    p95: float

    @property
    def cpu(self) -> float:
        """Server and database together, milliseconds an answer."""
        return self.server + self.postgres


@dataclass(frozen=True, slots=True)
class Side:
    """Something to measure: its name, and how to run it for some seconds."""

    name: str
    shoot: Callable[[float], Awaitable[Round]]


@dataclass(frozen=True, slots=True)
class Measured:
    """The rounds of one side."""

    name: str
    rounds: tuple[Round, ...]

    def of(self, figure: str) -> float:
        """The median of a figure (`cpu`, `per_second`, `server`, `postgres`, `generator`, `p50`, `p95`)."""
        return float(median(getattr(one, figure) for one in self.rounds))

    def spread(self, figure: str) -> tuple[float, float]:
        """Least and most."""
        found = [getattr(one, figure) for one in self.rounds]
        return min(found), max(found)


async def measure(sides: Sequence[Side], options: Options) -> dict[str, Measured]:
    """Warm every side, then the rounds; each round begins with another side. Raises `Void`."""
    for side in sides:
        await side.shoot(min(WARM_SECONDS, options.seconds))
    found: dict[str, list[Round]] = {side.name: [] for side in sides}
    for number in range(options.rounds):
        turn = number % len(sides)
        for side in (*sides[turn:], *sides[:turn]):
            one = await side.shoot(options.seconds)
            found[side.name].append(one)
            say(f"round {number + 1}, {side.name}: {one.cpu:.2f} ms CPU ({one.server:.2f} server, {one.postgres:.2f} "
                f"PostgreSQL), {one.per_second:.0f}/s, p95 {one.p95:.0f} ms")
    return {name: Measured(name, tuple(rounds)) for name, rounds in found.items()}


def over_http(world: World, server: Server, body: str, options: Options, *, must: str = "", name: str | None = None) -> Side:
    """A side that answers this body over HTTP; its callers take turns."""
    requests = [{"headers": dict(headers), "body": body} for headers in server.headers]
    return requesting(world, server, requests, options, must=must, name=name)


def requesting(
    world: World, server: Server, requests: Sequence[Mapping[str, Any]], options: Options, *, must: str = "",
    name: str | None = None, also: Sequence[int] = (),
) -> Side:
    """A side that answers these requests over HTTP. `also`: further processes that work for it."""
    async def shoot(seconds: float) -> Round:
        load = Load(server.port, server.path, requests, options.connections, seconds, must)
        watched = [server.pid, *also]
        before = cpu.seconds(watched), cpu.seconds([world.postgres])
        shot = await send(load)
        after = cpu.seconds(watched), cpu.seconds([world.postgres])
        return as_round(shot, after[0] - before[0], after[1] - before[1])

    return Side(name or server.name, shoot)


async def send(load: Load) -> Shot:
    """Run a load in a process of its own. Raises `Void` with what it met."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(load.seconds + 2 * PATIENCE):
            output, _ = await process.communicate(json.dumps(asdict(load)).encode())
    except TimeoutError:
        process.kill()
        raise Void("the load generator did not end") from None
    found = json.loads(output or b'{"void": "the load generator fell"}')
    if "void" in found:
        raise Void(found["void"])
    return Shot(**found)


def as_round(shot: Shot, server: float, postgres: float) -> Round:
    """A round from a shot and the processor seconds it cost."""
    if not shot.answers:
        raise Void("no answer at all")
    each = 1000 / shot.answers
    took = sorted(shot.took)
    return Round(
        shot.answers, shot.answers / shot.seconds, server * each, postgres * each, shot.generator * each,
        took[len(took) // 2], took[min(len(took) - 1, int(len(took) * 0.95))],
    )


def table(title: str, found: Mapping[str, Measured]) -> Table:
    """The medians of every side, and the least and most of its processor time."""
    head = ("", "CPU ms", "least–most", "of it server", "of it PostgreSQL", "requests/s", "p50 ms", "p95 ms", "generator ms")
    rows = []
    for one in found.values():
        least, most = one.spread("cpu")
        rows.append((
            one.name, round(one.of("cpu"), 2), f"{least:.2f}–{most:.2f}", round(one.of("server"), 2),
            round(one.of("postgres"), 2), round(one.of("per_second"), 1), round(one.of("p50"), 1), round(one.of("p95"), 1),
            round(one.of("generator"), 3),
        ))
    return Table(title, head, rows)
