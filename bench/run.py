"""`make bench`: every benchmark of this folder, or those that are named; `bench/RESULTS.md` and `bench/results.json`.

    python -m bench.run                 everything
    python -m bench.run P1 P2           these
    python -m bench.run --list          which there are
"""

import argparse
import asyncio
import importlib
import os
import pkgutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.report import machine, write
from bench.result import Options, Result, Void
from bench.world import World, arguments, open_world, say, wanted_of

HERE = Path(__file__).parent
MARK = '\nNAME = "P'
Run = Callable[[World, Options], Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class Bench:
    """A benchmark: its name (`P1`), the module it stands in, and how it is run."""

    name: str
    module: str
    run: Run


def gather(only: Sequence[str] = ()) -> list[Bench]:
    """The modules of this folder that expose `NAME` and `run`, by number; those named in `only`, where any is."""
    found = []
    for entry in pkgutil.iter_modules([str(HERE)]):
        if MARK not in (HERE / f"{entry.name}.py").read_text(encoding="utf-8"):
            continue
        module = importlib.import_module(f"bench.{entry.name}")
        if not only or module.NAME in only:
            found.append(Bench(module.NAME, entry.name, module.run))
    missing = set(only) - {one.name for one in found}
    if missing:
        raise SystemExit(f"no benchmark is called {', '.join(sorted(missing))}")
    return sorted(found, key=lambda one: int(one.name[1:]))


async def run_all(benches: Sequence[Bench], given: argparse.Namespace) -> int:
    """Run them one after the other; what is void is said and does not stop the others. The number of void ones."""
    options = Options(given.rounds, given.seconds, given.connections, given.quick)
    results: list[Result] = []
    void: dict[str, str] = {}
    wanted = None if given.as_it_stands else wanted_of(given)
    async with open_world(wanted, given.folder, keep=given.keep) as world:
        for bench in benches:
            say(f"{bench.name} ({bench.module})")
            try:
                results.append(await bench.run(world, options))
            except Void as reason:
                void[bench.name] = str(reason)
                say(f"{bench.name} is void: {reason}")
        about = await machine(world)
    write(results, void, options, about, given.out)
    for result in results:
        print(f"{result.name}: {result.ours} {result.unit}; beside {dict(result.beside)}; ratio {dict(result.ratio)}")
        for bar in result.bars:
            print(f"   {bar.level}: {bar.text}: {'reached' if bar.met else 'not measured' if bar.met is None else 'MISSED'}")
    return len(void)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = Options()
    parser.add_argument("only", nargs="*", help="names of benchmarks, such as P1")
    parser.add_argument("--list", action="store_true", help="say which there are")
    parser.add_argument("--rounds", type=int, default=usual.rounds)
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="of one round of one side")
    parser.add_argument("--connections", type=int, default=usual.connections)
    parser.add_argument("--quick", action="store_true", help="marks the figures as a look only")
    parser.add_argument("--as-it-stands", action="store_true", help="the world that stands, whatever its size")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of RESULTS.md and results.json")
    arguments(parser)
    given = parser.parse_args()
    benches = gather([one.upper() for one in given.only])
    if given.list:
        print("\n".join(f"{one.name}  bench/{one.module}.py" for one in benches))
        return 0
    for name in ("GRIDLOOM_DATABASE_URL", "GRIDLOOM_REDIS_URL", "GRIDLOOM_SECRET_KEY"):
        os.environ.pop(name, None)
    return asyncio.run(run_all(benches, given))


if __name__ == "__main__":
    sys.exit(main())
