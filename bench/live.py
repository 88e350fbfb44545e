"""P6: two thousand phones subscribed to one web process, fifty facts a second.

Phones of 2,000 different people, each with an account and a session of its own (entered by SQL, removed again), subscribe
over real sockets with the web app's document. Facts about open cases go the whole way: outbox, worker, position, Redis, the
web process, the phone. What every phone should hear is computed from its rights and compared with what it heard.
"""

import asyncio
import hashlib
import json
import secrets
import statistics
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import select

from bench import cpu
from bench.phones import Heard, Phones
from bench.result import Bar, Options, Result, Table, Void
from bench.servers import gridloom, worker
from bench.world import World, say
from gridloom import runtime
from gridloom.cases.file import scopes_of
from gridloom.cases.models import CaseRow
from gridloom.people.service import staff_actor
from gridloom.runtime import Service
from gridloom.work import CountyView

NAME = "P6"
PHONES, WARM = 2_000, 50
RATE = 50
SECONDS, QUICK_SECONDS = 30, 8
PATIENCE, SETTLE = 60.0, 8.0
MUST_P95, MUST_KB = 1.0, 60.0
DOCUMENT = "subscription { caseChanged { cursor type at case { id number status version } } }"
FACT = "case.progressed"

PEOPLE = """
SELECT staff.id FROM staff WHERE tenant_id = $1 AND left_at IS NULL
AND EXISTS (SELECT FROM post WHERE post.tenant_id = $1 AND post.staff_id = staff.id AND post.until IS NULL)
ORDER BY md5(staff.id::text) LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class Heads:
    """People with a phone: their sessions' cookies and scopes, in one order."""

    cookies: list[str]
    scopes: list[frozenset[UUID]]


async def run(world: World, options: Options) -> Result:
    """Warm up with a few phones, then all of them."""
    seconds = QUICK_SECONDS if options.quick else SECONDS
    service = runtime.build(world.settings)
    try:
        await runtime.start(service)
        county = await service.county(await world.tenant())
        async with _people(world, service, county) as heads, gridloom(world, []) as server, worker(world):
            few = Heads(heads.cookies[:WARM], heads.scopes[:WARM])
            await _listen(service, county, server.port, few, 2, server.pid)
            await asyncio.sleep(1)
            before = cpu.memory(server.pid)
            spent = cpu.seconds([server.pid])
            heard, sent, busy = await _listen(service, county, server.port, heads, seconds, server.pid)
            say(f"processor: {cpu.seconds([server.pid]) - spent:.1f} s with opening the streams")
    finally:
        await service.close()
    return _result(heard, sent, heads, (busy["memory"] - before) / PHONES / 1000, busy, seconds)


async def _listen(
    service: Service, county: CountyView, port: int, heads: Heads, seconds: int, pid: int
) -> tuple[Heard, dict[int, frozenset[UUID]], dict[str, float]]:
    """What the phones heard, the scopes of each fact by its position, and what the server used meanwhile."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.phones", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        limit=1 << 28,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(asdict(Phones(port, heads.cookies, DOCUMENT))).encode() + b"\n")
    first = await process.stdout.readline()
    if first.strip() != b"ready":
        raise Void(first.decode())
    say(f"{len(heads.cookies)} streams are open")
    began = cpu.seconds([pid])
    facts = await _happen(service, county, seconds)
    used = cpu.seconds([pid]) - began
    memory = cpu.memory(pid)
    positions = await _positions(service, county, facts)
    await asyncio.sleep(SETTLE)
    process.stdin.write(b"\n")
    heard = Heard(**json.loads(await process.stdout.readline()))
    await process.wait()
    return heard, positions, {"memory": memory, "processor": used / seconds}


async def _happen(service: Service, county: CountyView, seconds: int) -> dict[UUID, frozenset[UUID]]:
    """Fifty facts a second about open cases, each in a transaction of its own."""
    async with service.open(county) as work:
        cases = list((await work.session.execute(
            select(CaseRow.id).where(
                CaseRow.tenant_id == county.id, CaseRow.ended_at.is_(None), CaseRow.sealed.is_(False)
            ).limit(1000)
        )).scalars())
        scopes = await scopes_of(work, cases)
    cases = [one for one in cases if one in scopes]
    loop = asyncio.get_running_loop()
    began, facts = loop.time(), {}
    for number in range(RATE * seconds):
        await asyncio.sleep(max(0.0, began + number / RATE - loop.time()))
        case = cases[number * 7919 % len(cases)]
        async with service.open(county) as work:
            fact = work.fact(FACT, case, scopes=scopes[case], bench=True)
        facts[fact] = frozenset(scopes[case])
    return facts


async def _positions(
    service: Service, county: CountyView, facts: dict[UUID, frozenset[UUID]]
) -> dict[int, frozenset[UUID]]:
    connection = await asyncpg.connect(service.settings.database_url)
    try:
        async with asyncio.timeout(PATIENCE):
            rows: list[Any] = []
            while len(rows) < len(facts):
                await asyncio.sleep(0.5)
                rows = await connection.fetch(
                    "SELECT position, fact_id FROM fact_position WHERE tenant_id = $1 AND fact_id = ANY($2)",
                    county.id, list(facts),
                )
    except TimeoutError:
        raise Void(f"{len(facts)} facts, {len(rows)} delivered") from None
    finally:
        await connection.close()
    return {row["position"]: facts[row["fact_id"]] for row in rows}


@asynccontextmanager
async def _people(world: World, service: Service, county: CountyView) -> AsyncIterator[Heads]:
    """Accounts and sessions of 2,000 people, removed at the end with what the phones were told of."""
    admin = await world.admin()
    try:
        staff = [row["id"] for row in await admin.fetch(PEOPLE, county.id, PHONES)]
        if len(staff) < PHONES:
            raise Void(f"only {len(staff)} people have posts")
        cookies = await _sign_in(admin, county, staff)
        scopes = []
        async with service.reading(county) as session:
            for one in staff:
                actor = await staff_actor(session, county.id, one, service.clock.now(), "zh-CN")
                scopes.append(frozenset(actor.scopes) if actor else frozenset())
        yield Heads(cookies, scopes)
    finally:
        for statement in (
            "DELETE FROM session s USING account a WHERE s.tenant_id = $1 AND a.tenant_id = $1 AND s.account_id = a.id "
            "AND a.login LIKE 'bench-%'",
            "DELETE FROM account WHERE tenant_id = $1 AND login LIKE 'bench-%'",
            "DELETE FROM fact_position p USING fact f WHERE p.tenant_id = $1 AND f.tenant_id = $1 AND f.id = p.fact_id "
            "AND f.type = 'case.progressed' AND f.data ? 'bench'",
            "DELETE FROM fact WHERE tenant_id = $1 AND type = 'case.progressed' AND data ? 'bench'",
        ):
            await admin.execute(statement, county.id)
        await admin.close()


async def _sign_in(admin: asyncpg.Connection, county: CountyView, staff: Sequence[UUID]) -> list[str]:
    """A cookie for everybody. Two thousand sign-ins with their passwords would take minutes and measure argon2."""
    accounts, sessions, cookies = [], [], []
    for number, one in enumerate(staff):
        account, token = uuid4(), f"{county.code}.{secrets.token_urlsafe(32)}"
        accounts.append((county.id, account, one, f"bench-{number}"))
        sessions.append((county.id, uuid4(), account, hashlib.sha256(token.encode()).hexdigest()))
        cookies.append(f"gridloom={token}")
    await admin.executemany(
        "INSERT INTO account (tenant_id, id, staff_id, login, password_hash, failures, created_at) "
        "VALUES ($1, $2, $3, $4, 'none', 0, now())", accounts,
    )
    await admin.executemany(
        "INSERT INTO session (tenant_id, id, account_id, token_hash, created_at, expires_at) "
        "VALUES ($1, $2, $3, $4, now(), now() + interval '2 hours')", sessions,
    )
    return cookies


def _result(
    heard: Heard, sent: dict[int, frozenset[UUID]], heads: Heads, kilobytes: float, busy: dict[str, Any], seconds: int
) -> Result:
    if heard.ended or heard.odd:
        raise Void(f"{heard.ended} streams ended, {len(heard.odd)} odd events, such as {heard.odd[:2]}")
    took: list[float] = []
    for scopes, changes in zip(heads.scopes, heard.changes, strict=True):
        mine = {cursor for cursor, _took, had in changes if cursor in sent and had}
        should = {position for position, known_to in sent.items() if known_to & scopes}
        if mine != should or len({cursor for cursor, *_ in changes}) != len(changes):
            heard_last = max((cursor for changes in heard.changes for cursor, *_ in changes), default=0)
            raise Void(
                f"a phone heard {len(mine)} facts, {len(mine - should)} of them not its own; {len(should)} were; it missed "
                f"{sorted(should - mine)[:5]} of {min(sent)}…{max(sent)}, all phones together heard up to {heard_last}; "
                f"the processor was used {busy['processor']:.2f}"
            )
        took += [one for cursor, one, _ in changes if cursor in sent]
    cuts = statistics.quantiles(took, n=100)
    p95 = cuts[94] / 1000
    return Result(
        name=NAME, work=f"{PHONES:,} phones on one web process, {RATE} facts a second for {seconds} s: p95 from fact to phone",
        unit="s", ours=round(p95, 3),
        bars=(
            Bar("must", f"p95 ≤ {MUST_P95:.0f} s to the phone", p95 <= MUST_P95),
            Bar("must", f"≤ {MUST_KB:.0f} KB a phone", kilobytes <= MUST_KB),
        ),
        tables=(Table("Live changes", ("figure", "value"), (
            ("p50, ms", round(cuts[49])), ("p95, ms", round(cuts[94])), ("p99, ms", round(cuts[98])),
            ("most, ms", round(max(took))),
            ("changes heard by a phone, all phones together, a second", round(len(took) / seconds)),
            ("memory of the web process a phone, KB", round(kilobytes, 1)),
            ("processor of the web process, cores", round(busy["processor"], 2)),
        )),),
        notes=(
            "Every phone belongs to somebody else with rights of their own; each heard exactly the facts it may know of, once.",
            "The clients, the worker, the database and the source of the facts run on the same machine beside the server.",
            "Sessions are entered by SQL; each request and each stream checks them as always.",
        ),
    )
