"""The demo county behind a browser: a database of its own, the real web process and worker, the built web app."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from gridloom import migrate, runtime
from gridloom.commands.serve import built_web
from gridloom.config import Settings
from gridloom.demo.build import MIDU, build_demo
from tests.support.servers import own_database

CASES = 300
DATABASE = "gridloom_browser"
REDIS_NUMBER = 6
READY_SECONDS = 90.0
WEB = Path(__file__).resolve().parents[2] / "web"


@dataclass(frozen=True)
class Stage:
    """Where the pages are served, and who may sign in (`access` is what demo-access.json says)."""

    url: str
    access: dict[str, Any]

    def person(self, account: str) -> dict[str, str]:
        """What somebody of Midu types to sign in. Raises StopIteration when there is no such account."""
        found = next(one for one in self.access["accounts"] if (one["county"], one["account"]) == (MIDU, account))
        return {name: found[name] for name in ("county", "account", "password")}


@asynccontextmanager
async def staged(settings: Settings) -> AsyncIterator[Stage]:
    """Build the demo with few cases beside what `settings` name, and serve it. `settings.data_dir` must be its own."""
    build_web()
    port = _free_port()
    own = replace(
        settings,
        database_url=await own_database(settings.database_url, DATABASE),
        redis_url=urlunsplit(urlsplit(settings.redis_url)._replace(path=f"/{REDIS_NUMBER}")),
        public_url=f"http://localhost:{port}",
    )
    await migrate.upgrade(own)
    service = runtime.build(own)
    try:
        await runtime.start(service)
        access = await build_demo(service, lambda text, done: None, cases=CASES)
    finally:
        await service.close()
    programs = [_launch(own, "worker"), _launch(own, "serve", "--port", str(port))]
    try:
        await _ready(own, programs[1])
        yield Stage(own.public_url, access)
    finally:
        await asyncio.to_thread(_end, programs)


def build_web() -> None:
    """The web app must be built from the present sources. Builds it where it is missing or older."""
    built = built_web()
    sources = [file for file in (WEB / "src").rglob("*") if file.is_file()]
    newest = max(file.stat().st_mtime for file in (*sources, WEB / "index.html", WEB / "package-lock.json"))
    if built is not None and (built / "index.html").stat().st_mtime >= newest:
        return
    npm = shutil.which("npm")
    assert npm is not None, "the web app is not built, and there is no npm to build it: install Node 20"
    if not (WEB / "node_modules").exists():
        subprocess.run([npm, "ci", "--silent"], cwd=WEB, check=True, timeout=600)
    subprocess.run([npm, "run", "build", "--silent"], cwd=WEB, check=True, timeout=600, stdout=subprocess.DEVNULL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _launch(settings: Settings, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "GRIDLOOM_DATABASE_URL": settings.database_url,
        "GRIDLOOM_REDIS_URL": settings.redis_url,
        "GRIDLOOM_SECRET_KEY": settings.secret_key.hex(),
        "GRIDLOOM_DATA": str(settings.data_dir),
        "GRIDLOOM_PUBLIC_URL": settings.public_url,
        "GRIDLOOM_WEB": str(WEB / "dist"),
    }
    words = [str(Path(sys.executable).with_name("gridloom")), program, *arguments]
    with (settings.data_dir / f"{program}.log").open("ab") as log:
        return subprocess.Popen(words, env=environment, stdout=log, stderr=log)


async def _ready(settings: Settings, server: subprocess.Popen[bytes]) -> None:
    """Wait until /readyz says so. Raises AssertionError with the end of the log when the server fell."""
    log = settings.data_dir / "serve.log"
    until = time.monotonic() + READY_SECONDS
    async with httpx.AsyncClient(base_url=settings.public_url, trust_env=False) as client:
        while time.monotonic() < until:
            assert server.poll() is None, log.read_text(encoding="utf-8", errors="replace")[-4000:]
            try:
                if (await client.get("/readyz", timeout=3)).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.2)
    raise AssertionError(f"not ready in {READY_SECONDS:.0f} s: {log.read_text(encoding='utf-8')[-4000:]}")


def _end(programs: list[subprocess.Popen[bytes]]) -> None:
    for process in programs:
        process.terminate()
    for process in programs:
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
