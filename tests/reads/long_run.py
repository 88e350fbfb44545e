"""The long run of the oracle: `python -m tests.reads.long_run --documents 20000`.

Builds two counties on throw-away servers, compares that many documents on both paths, and prints what came of them, what
of the schema they visited, and how long it took. Ends with 1 at the first difference, and where something that can be asked
was never asked. `--add-to FILE` keeps the figures, so that a run can be made in pieces, each with a seed of its own.
"""

import argparse
import asyncio
import json
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
    parser.add_argument("--seconds", type=float, default=float("inf"), help="or for how long")
    parser.add_argument("--add-to", type=Path, help="file of the figures of the pieces before")
    given = parser.parse_args()
    logging.getLogger("strawberry.execution").disabled = True
    with throw_away_servers() as urls, tempfile.TemporaryDirectory() as folder:
        settings = Settings(urls.postgres, urls.redis, bytes(range(32)), Path(folder))
        return asyncio.run(run(settings, given))


async def run(settings: Settings, given: argparse.Namespace) -> int:
    """Compare until that many were compared."""
    world = await make_world(settings, cases=given.cases, seed=given.seed)
    oracle = Oracle(world, Random(given.seed))
    began = time.monotonic()
    try:
        told = 0
        while oracle.outcomes["compared"] < given.documents and time.monotonic() < began + given.seconds:
            await oracle.one()
            if oracle.outcomes["compared"] >= told + TELL_EVERY:
                told = oracle.outcomes["compared"]
                print(f"{told} in {time.monotonic() - began:.0f} s", flush=True)
    except Difference as difference:
        print(f"DIFFERENCE after {oracle.outcomes['compared']} documents\n{difference}")
        return 1
    finally:
        await world.service.close()
    seconds = time.monotonic() - began
    if given.add_to is not None:
        seconds += add(oracle, given.add_to, seconds)
    return report(oracle, seconds)


def add(oracle: Oracle, file: Path, seconds: float) -> float:
    """Add the pieces before to the figures, and keep the sum; the seconds that those took."""
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    oracle.outcomes += Counter(kept.get("outcomes", {}))
    oracle.reads.outcomes += Counter(kept.get("compiled", {}))
    for number, subject in enumerate(oracle.subjects):
        before = kept.get("subjects", {}).get(str(number), {"visited": {}, "counts": {}})
        subject.generator.seen.add(before["visited"])
        subject.counts += Counter(before["counts"])
    subjects = {
        str(number): {"visited": each.generator.seen.kept(), "counts": each.counts}
        for number, each in enumerate(oracle.subjects)
    }
    earlier: float = kept.get("seconds", 0.0)
    file.write_text(json.dumps({
        "seconds": earlier + seconds, "outcomes": oracle.outcomes, "compiled": oracle.reads.outcomes, "subjects": subjects,
    }), encoding="utf-8")
    return earlier


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
