"""The demo county on stage: its own database, the real web process and worker as programs that can be killed."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from gridloom import migrate, runtime
from gridloom.config import Settings
from gridloom.demo.build import build_demo
from tests.support.servers import own_database

DATABASE = "gridloom_journeys"
REDIS_NUMBER = 7
READY_SECONDS = 90.0


@dataclass
class Stage:
    """Where the journeys play. `access` is what demo-access.json says."""

    settings: Settings
    access: dict[str, Any]
    port: int
    _programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.settings.public_url

    async def start(self) -> None:
        """Web process and worker; returns when requests can be answered."""
        self.launch("worker")
        self.launch("serve", "--port", str(self.port))
        await self.ready()

    def launch(self, program: str, *arguments: str) -> None:
        """Start one of the two, with what it prints kept in the data folder."""
        environment = {
            **os.environ, "GRIDLOOM_DATABASE_URL": self.settings.database_url,
            "GRIDLOOM_REDIS_URL": self.settings.redis_url, "GRIDLOOM_SECRET_KEY": self.settings.secret_key.hex(),
            "GRIDLOOM_DATA": str(self.settings.data_dir), "GRIDLOOM_PUBLIC_URL": self.url,
        }
        log = (self.settings.data_dir / f"{program}.log").open("ab")
        words = [str(Path(sys.executable).with_name("gridloom")), program, *arguments]
        self._programs[program] = subprocess.Popen(words, env=environment, stdout=log, stderr=log)
        log.close()

    async def ready(self) -> None:
        """Wait until /readyz says so. Raises AssertionError with the end of the log when the program fell."""
        until = time.monotonic() + READY_SECONDS
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            while time.monotonic() < until:
                assert self._programs["serve"].poll() is None, self.log("serve")
                try:
                    if (await client.get("/readyz", timeout=3)).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.2)
        raise AssertionError(f"not ready in {READY_SECONDS:.0f} s\n{self.log('serve')}")

    def log(self, program: str) -> str:
        """The end of what a program printed."""
        return (self.settings.data_dir / f"{program}.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def kill(self, program: str) -> None:
        """End a program as a power cut would: it hears nothing of it."""
        process = self._programs.pop(program)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        """End both, politely first."""
        for process in self._programs.values():
            process.terminate()
        for process in self._programs.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._programs.clear()


@asynccontextmanager
async def staged(settings: Settings, *, cases: int) -> AsyncIterator[Stage]:
    """Build the demo in a database of its own beside the given one, and run it. `settings.data_dir` must be its own."""
    port = _free_port()
    own = replace(
        settings, database_url=await own_database(settings.database_url, DATABASE),
        redis_url=urlunsplit(urlsplit(settings.redis_url)._replace(path=f"/{REDIS_NUMBER}")),
        public_url=f"http://127.0.0.1:{port}",
    )
    await migrate.upgrade(own)
    service = runtime.build(own)
    try:
        await runtime.start(service)
        access = await build_demo(service, lambda text, done: None, cases=cases)
    finally:
        await service.close()
    stage = Stage(own, access, port)
    try:
        await stage.start()
        yield stage
    finally:
        stage.end()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
