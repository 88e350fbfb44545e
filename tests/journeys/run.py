"""The journeys against a demo that runs: `python -m tests.journeys.run [--access .gridloom/demo-access.json]`."""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.journeys.callers import World
from tests.journeys.journeys import JOURNEYS


async def main(access: dict[str, Any]) -> int:
    """Play all journeys; print a line for each, and how often each document was sent. 1 when one failed."""
    world, failed = World(access), 0
    for journey in JOURNEYS:
        began = time.perf_counter()
        try:
            await journey(world)
        except AssertionError as error:
            failed += 1
            print(f"✗ {journey.__name__}: {error}")
        else:
            print(f"✓ {journey.__name__} ({time.perf_counter() - began:.1f} s)")
    print("documents sent:", ", ".join(f"{name} {count}" for name, count in world.sent().items()))
    await world.close()
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--access", type=Path, default=Path(".gridloom/demo-access.json"))
    sys.exit(asyncio.run(main(json.loads(parser.parse_args().access.read_text(encoding="utf-8")))))
