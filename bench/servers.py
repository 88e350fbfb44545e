"""Starts what is measured: our server and the peers, each on the same processor core, each with its log in the data folder."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from bench.result import Void
from bench.world import FOLDER, World, say
from gridloom.config import Settings
from gridloom.db import role_url
from gridloom.work import Actor

PEERS = Path(__file__).parent / "peers"
SECRET = "only the bench's tokens are signed with this"
READY_SECONDS = 60.0
SERVER_CORE = 0
INSTALL_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Server:
    """A server under test: its name, where it listens, its process (with children), and the headers of its callers."""

    name: str
    port: int
    pid: int
    path: str
    headers: tuple[Mapping[str, str], ...]


def on_core(core: int, command: Sequence[str]) -> list[str]:
    """The command, held to one core where the system has `taskset` and more than one core."""
    if shutil.which("taskset") and (os.cpu_count() or 1) > core:
        return ["taskset", "-c", str(core), *command]
    return list(command)


@asynccontextmanager
async def gridloom(
    world: World, logins: Sequence[str], *, path: Sequence[Path] = (), profile: Path | None = None
) -> AsyncIterator[Server]:
    """`gridloom serve` as it is run in production, and sessions of these people, signed in through its door.

    `path` are further folders to import from: plugins. `profile`: where to leave samples of what it did.
    """
    port = free_port()
    environment = {
        **os.environ, "GRIDLOOM_DATABASE_URL": world.settings.database_url, "GRIDLOOM_REDIS_URL": world.settings.redis_url,
        "GRIDLOOM_DATA": str(world.folder), "GRIDLOOM_PUBLIC_URL": f"http://127.0.0.1:{port}", "GRIDLOOM_PRODUCTION": "1",
        "PYTHONPATH": os.pathsep.join([*(str(folder) for folder in path), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep),
    }
    program = ["bench.profiled", str(profile)] if profile else ["gridloom.cli"]
    command = on_core(SERVER_CORE, [sys.executable, "-m", *program, "serve", "--port", str(port)])
    async with _running(command, environment, world.folder / "bench-gridloom.log") as process:
        await _answers(f"http://127.0.0.1:{port}/readyz", process)
        cookies = [await sign_in(port, world.account(login)) for login in logins]
        yield Server("Gridloom", port, process.pid, "/graphql", tuple({"cookie": cookie} for cookie in cookies))


@asynccontextmanager
async def worker(world: World) -> AsyncIterator[int]:
    """`gridloom worker`; its process id."""
    environment = {
        **os.environ, "GRIDLOOM_DATABASE_URL": world.settings.database_url, "GRIDLOOM_REDIS_URL": world.settings.redis_url,
        "GRIDLOOM_DATA": str(world.folder),
    }
    command = [sys.executable, "-m", "gridloom.cli", "worker"]
    async with _running(command, environment, world.folder / "bench-worker.log") as process:
        yield process.pid


@asynccontextmanager
async def postgraphile(world: World, callers: Sequence[Mapping[str, Any]]) -> AsyncIterator[Server]:
    """PostGraphile 4 on the same database and role; `callers` are the claims of the tokens that its clients show."""
    node = shutil.which("node")
    if node is None:
        raise Void("Node is not here: PostGraphile cannot be run")
    modules = install_peers()
    await peer_schema(world.settings)
    port = free_port()
    url = role_url(world.settings.database_url, "app", world.settings.secret_key)
    environment = {
        **os.environ, "NODE_PATH": str(modules), "PEER_PORT": str(port), "PEER_SECRET": SECRET,
        "PEER_DATABASE": url.set(drivername="postgresql").render_as_string(hide_password=False),
    }
    command = on_core(SERVER_CORE, [node, str(PEERS / "postgraphile.cjs")])
    async with _running(command, environment, world.folder / "bench-postgraphile.log") as process:
        await _answers(f"http://127.0.0.1:{port}/", process)
        headers = tuple({"authorization": f"Bearer {token(claims)}"} for claims in callers)
        yield Server("PostGraphile 4", port, process.pid, "/graphql", headers)


def install_peers(folder: Path = FOLDER) -> Path:
    """The peers' programs from the package registry, into the data folder; their modules' folder."""
    home = folder / "npm"
    if not (home / "node_modules" / "postgraphile").exists():
        say("installing PostGraphile 4")
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true}', encoding="utf-8")
        command = ["npm", "install", "--no-audit", "--no-fund", "postgraphile@4"]
        subprocess.run(command, cwd=home, check=True, timeout=INSTALL_SECONDS, capture_output=True)
    return home / "node_modules"


def peer_version(package: str = "postgraphile", folder: Path = FOLDER) -> str:
    """The version of a peer that is installed."""
    found = json.loads((folder / "npm" / "node_modules" / package / "package.json").read_text(encoding="utf-8"))
    return str(found["version"])


def token(claims: Mapping[str, Any]) -> str:
    """A JSON Web Token (RFC 7519), HS256, for an hour."""
    def part(value: Any) -> bytes:
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=")

    signed = part({"alg": "HS256", "typ": "JWT"}) + b"." + part({**claims, "exp": int(time.time()) + 3600})
    return (signed + b"." + part(hmac.digest(SECRET.encode(), signed, hashlib.sha256))).decode()


def claims_of(actor: Actor) -> dict[str, str]:
    """What a token says of its holder: the county, who it is, whose cases they see, what they may do."""
    return {
        "sub": str(actor.id), "tenant": str(actor.tenant), "scopes": "{" + ",".join(str(one) for one in actor.scopes) + "}",
        "centre": "1" if "acceptCase" in actor.can else "0", "reports": "1" if "reportCase" in actor.can else "0",
    }


async def sign_in(port: int, account: Mapping[str, str]) -> str:
    """The session cookie of somebody who signs in as people do."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
        answer = await client.post("/auth/sign-in", json=dict(account))
        if answer.status_code != 200:
            raise Void(f"{account['account']} could not sign in: {answer.status_code} {answer.text}")
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def free_port() -> int:
    """A port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def peer_schema(settings: Settings) -> None:
    """The peers' views and functions, made anew, and the rights of the service's own role on them."""
    role = role_url(settings.database_url, "app", settings.secret_key).username
    connection = await asyncpg.connect(settings.database_url)
    try:
        for file in ("schema.sql", "report.sql"):
            await connection.execute((PEERS / file).read_text(encoding="utf-8"))
        await connection.execute(
            f'GRANT USAGE ON SCHEMA peer TO "{role}"; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA peer TO "{role}"; '
            f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA peer TO "{role}"; '
            f'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA peer TO "{role}"'
        )
    finally:
        await connection.close()


@asynccontextmanager
async def _running(command: Sequence[str], environment: Mapping[str, str], log: Path) -> AsyncIterator[Process]:
    """A process for the length of the block; ended by SIGTERM, then by force."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, env=dict(environment), stdout=output, stderr=output, stdin=asyncio.subprocess.DEVNULL
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _answers(url: str, process: Process) -> None:
    deadline = time.monotonic() + READY_SECONDS
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        while time.monotonic() < deadline:
            if process.returncode is not None:
                raise Void("a server ended while starting: see the bench-*.log files beside the data")
            try:
                if (await client.get(url)).status_code < 500:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
    raise Void(f"{url} did not answer within {READY_SECONDS:.0f} s")
