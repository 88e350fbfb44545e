"""P1: the contract's list of 50 cases, beside PostGraphile on the same database and beside the bare statement."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from bench.floor import Listening, Sent, listed, listening, longest, pgbench, script
from bench.measure import WARM_SECONDS, Measured, measure, over_http, table
from bench.people import actors
from bench.profiled import begin_in, read
from bench.result import Bar, Options, Result, Table, Void
from bench.servers import PEERS, Server, claims_of, gridloom, peer_version, postgraphile
from bench.world import World, say

NAME = "P1"
PAGE = 50
LOGIN = "centre-county-officer"
"""Sees every case of the county that is not sealed."""
CONTRACT = Path(__file__).resolve().parents[1] / "tests" / "contract" / "main-job.graphql"
FLOOR_CONNECTIONS = 8
"""Enough to keep the database busy; more only make it switch between them, and the floor lower."""
PEER, FLOOR = "PostGraphile 4", "pgbench floor"


async def run(world: World, options: Options) -> Result:
    """Check that both sides answer the same page, then measure. Raises `Void`."""
    body = json.dumps({"query": document("CaseList"), "variables": {"first": PAGE}})
    peer_body = json.dumps({"query": (PEERS / "case_list.graphql").read_text(encoding="utf-8"), "variables": {"first": PAGE}})
    (actor,) = await actors(world, [LOGIN])
    sent, statements = await _statement(world, body)
    async with gridloom(world, [LOGIN]) as ours, postgraphile(world, [claims_of(actor)]) as theirs:
        compare(await ask(ours, body), await ask(theirs, peer_body))
        say("both answer the same page")
        text, variables = script(sent, str(actor.tenant))
        found = await measure([
            over_http(world, ours, body, options, must='"nodes"'),
            over_http(world, theirs, peer_body, options, must='"nodes"'),
            pgbench(world, FLOOR, text, variables, FLOOR_CONNECTIONS),
        ], options)
    samples = world.folder / "profile-P1.json"
    async with gridloom(world, [LOGIN], profile=samples) as sampled:
        side = over_http(world, sampled, body, options, must='"nodes"')
        await side.shoot(WARM_SECONDS)
        begin_in(sampled.pid)
        await side.shoot(options.seconds)
    return _result(world, found, statements, read(samples))


def document(name: str) -> str:
    """One operation of the contract's documents, with nothing of the others."""
    text = CONTRACT.read_text(encoding="utf-8")
    begin = text.index(f"query {name}(")
    depth = 0
    for place in range(text.index("{", text.index(")", begin)), len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[begin : place + 1]
    raise ValueError(f"{name} does not end")


async def ask(server: Server, body: str) -> Any:
    """One answer's data, as the load generator's first caller gets it. Raises `Void` for anything but a clean one."""
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        answer = await client.post(
            f"http://127.0.0.1:{server.port}{server.path}", content=body,
            headers={"content-type": "application/json", "accept": "application/json", **server.headers[0]},
        )
    payload = answer.json()
    if answer.status_code != 200 or "errors" in payload:
        raise Void(f"{server.name} answered {answer.status_code}: {answer.text[:800]}")
    return payload["data"]


def compare(ours: Any, theirs: Any) -> None:
    """That both say the same. Names, notation of times and the text of cursors may differ; values may not. Raises `Void`."""
    total = theirs["total"]
    left = plain({**ours["cases"], "totalCount": ours["cases"]["totalCount"]})
    right = plain({**theirs["cases"], "totalCount": total})
    if len(left["nodes"]) != PAGE and left["totalCount"]["value"] >= PAGE:
        raise Void(f"a page of {len(left['nodes'])} cases")
    for place, (one, other) in enumerate(zip(left["nodes"], right["nodes"], strict=True)):
        if one != other:
            raise Void(f"case {place} differs:\n{one}\n{other}")
    if left != right:
        raise Void(f"the pages differ: {left['pageInfo']} {left['totalCount']}, {right['pageInfo']} {right['totalCount']}")


def plain(value: Any) -> Any:
    """Values with the contract's names, times as moments, of a cursor only whether there is one."""
    if isinstance(value, Mapping):
        return {
            name: part is not None if name == "endCursor" else plain(part) for name, part in value.items()
        }
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, str) and len(value) >= 20 and value[4:5] == "-" and value[10:11] == "T":
        return datetime.fromisoformat(value)
    return value


async def _statement(world: World, body: str) -> tuple[Sent, list[Sent]]:
    """The compiled statement as the database saw it, and everything that was sent for one request."""
    async with listening(world) as log, gridloom(world, [LOGIN]) as server:
        for _ in range(3):
            await ask(server, body)
        before = len(log.sent())
        await ask(server, body)
        statements = _last(log, before)
    return longest(statements), statements


def _last(log: Listening, before: int) -> list[Sent]:
    return log.sent()[before:]


def _result(world: World, found: Mapping[str, Measured], statements: list[Sent], where: Table) -> Result:
    ours, theirs, floor = found["Gridloom"], found[PEER], found[FLOOR]
    cheaper = theirs.of("cpu") / ours.of("cpu")
    faster = ours.of("per_second") / theirs.of("per_second")
    of_floor = ours.of("per_second") / floor.of("per_second")
    return Result(
        name=NAME,
        work=f"CaseList, {PAGE} of {world.wanted.cases:,} cases, 32 connections: CPU of server and PostgreSQL",
        unit="ms a request", ours=round(ours.of("cpu"), 3),
        beside={PEER: round(theirs.of("cpu"), 3), FLOOR: round(floor.of("cpu"), 3)},
        ratio={
            f"CPU of {PEER} / ours": round(cheaper, 2), f"requests/s, ours / {PEER}": round(faster, 2),
            f"requests/s, ours / {FLOOR}": round(of_floor, 3),
        },
        bars=(
            Bar("must", f"≥ 3 × less CPU than {PEER} (measured {cheaper:.2f} ×)", cheaper >= 3),
            Bar("must", f"≥ 0.5 of the floor's requests/s (measured {of_floor:.2f})", of_floor >= 0.5),
            Bar("goal", f"≥ 5 × the requests/s of {PEER} (measured {faster:.2f} ×)", faster >= 5),
            Bar("goal", f"≥ 0.7 of the floor's requests/s (measured {of_floor:.2f})", of_floor >= 0.7),
        ),
        tables=(table("Medians", found), listed(statements), where),
        notes=(
            f"The database sees {len(statements)} statements for one of our requests.",
            f"PostGraphile {peer_version()}; 5 needs Node 22 and is not run where Node is older.",
            "PostGraphile answers through views with the same visibility and masks and row-level security, as the same role; "
            "its total is bounded at 1,000 by a function of ours, for its own exact count reads every row. It checks a signed "
            "token where we look up a session; it has no cost limit, no audit, no plugins.",
        ),
    )
