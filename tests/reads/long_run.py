"""The long run of the oracle: `python -m tests.reads.long_run --documents 20000`.

Builds two counties on throw-away servers, compares that many documents on both paths, and prints what came of them, what
of the schema they visited, and how long it took. Ends with 1 at the first difference, and where something that can be asked
was never asked.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from gridloom.config import Settings
from tests.reads.coverage import reachable
from tests.reads.oracle import Difference, Oracle
from tests.reads.world import make_world
from tests.support.servers import throw_away_servers

TELL_EVERY = 500


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description="Compares both ways of reading over random documents.")
    parser.add_argument("--documents", type=int, default=20_000, help="how many to compare")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=300, help="cases of the county with history")
    given = parser.parse_args()
    logging.getLogger("strawberry.execution").disabled = True
    with throw_away_servers() as urls, tempfile.TemporaryDirectory() as folder:
        settings = Settings(urls.postgres, urls.redis, bytes(range(32)), Path(folder))
        return asyncio.run(run(settings, given.documents, given.seed, given.cases))


async def run(settings: Settings, documents: int, seed: int, cases: int) -> int:
    """Compare until that many were compared."""
    world = await make_world(settings, cases=cases, seed=seed)
    oracle = Oracle(world, Random(seed))
    began = time.monotonic()
    try:
        told = 0
        while oracle.outcomes["compared"] < documents:
            await oracle.one()
            if oracle.outcomes["compared"] >= told + TELL_EVERY:
                told = oracle.outcomes["compared"]
                print(f"{told} in {time.monotonic() - began:.0f} s", flush=True)
    except Difference as difference:
        print(f"DIFFERENCE after {oracle.outcomes['compared']} documents\n{difference}")
        return 1
    finally:
        await world.service.close()
    return report(oracle, time.monotonic() - began)


def report(oracle: Oracle, seconds: float) -> int:
    """Print the figures; 1 where something was never visited."""
    print(f"{oracle.outcomes['compared']} documents compared, 0 differences, {seconds:.0f} s")
    print(f"outcomes: {_counts(oracle.outcomes)}; compiled path: {_counts(oracle.reads.outcomes)}")
    missed = 0
    for subject in oracle.subjects:
        made = subject.generator
        fields, shapes, enums = reachable(made.schema, made.skipped, made.one_of)
        left = subject.missed()
        missed += len(left)
        print(f"schema of {len(made.schema.type_map)} types, {_counts(subject.counts)}: {len(fields)} fields, "
              f"{len(shapes)} argument shapes, {len(enums)} enum values; never visited: {left or 'none'}")
    return 1 if missed else 0


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counted.items()))


if __name__ == "__main__":
    sys.exit(main())
