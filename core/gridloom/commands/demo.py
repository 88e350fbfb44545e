"""`gridloom demo`: servers, migrations, the demo county once, web and worker, sign-ins. Ctrl+C ends all of it."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import typer

from gridloom import embedded, migrate, runtime
from gridloom.commands.console import fail, out, run
from gridloom.commands.installation import data_folder, settings_for
from gridloom.commands.progress import Steps
from gridloom.commands.serve import Port, built_web, refuse_taken
from gridloom.commands.supervise import Child, KeepsFalling, Supervisor
from gridloom.config import Settings
from gridloom.demo.build import ACCESS_FILE, MIDU, MIDU_CASES, build_demo

READY_SECONDS = 60.0
UNFINISHED = "demo-unfinished"
"""Stands in the data folder while the county is being built; found at the start, it says that the last try was cut."""
Reset = typer.Option(False, "--reset", help="Start anew: all data are deleted.")
Cases = typer.Option(MIDU_CASES, min=0, help="Cases of the demo county's past quarter.")


def demo(port: int = Port, reset: bool = Reset, cases: int = Cases) -> None:
    """Run the demo county on http://localhost:PORT with servers of its own (or those that the environment names)."""
    refuse_taken("127.0.0.1", port)
    folder = data_folder()
    if reset:
        _reset(folder)
    run(_demo(folder, port, cases))


def _reset(folder: Path) -> None:
    if embedded.Wanted.from_environment().database_url:
        fail("RESET=1 deletes embedded data only: empty the database of GRIDLOOM_DATABASE_URL yourself.")
    try:
        embedded.reset(folder)
    except embedded.EmbeddedError as error:
        fail(str(error))
    out.print("✓ all data deleted, starting anew")


async def _demo(folder: Path, port: int, cases: int) -> None:
    began = time.monotonic()
    url = f"http://localhost:{port}"
    wanted = embedded.Wanted.from_environment()
    with Steps(out) as steps:
        async with (
            embedded.servers(folder, wanted, steps.say) as urls,
            Supervisor(_children(folder, port), steps.note) as family,
        ):
            settings = _settings(urls, folder, url)
            await _prepare(settings, steps, cases, own=not wanted.database_url)
            steps.say("starting web and worker")
            family.release({name: value for name, value in os.environ.items() if name.startswith("GRIDLOOM_")})
            watching = asyncio.ensure_future(family.watch())
            try:
                await _wait_until_ready(f"http://127.0.0.1:{port}/readyz", watching)
                steps.end()
                _welcome(folder, url, time.monotonic() - began)
                await _watch(watching)
            finally:
                watching.cancel()
                out.print("stopping …")


def _settings(urls: embedded.Urls, folder: Path, url: str) -> Settings:
    os.environ.setdefault("GRIDLOOM_PUBLIC_URL", url)
    web = built_web()
    if web is not None:
        os.environ.setdefault("GRIDLOOM_WEB", str(web))
    return settings_for(urls, folder)


def _children(folder: Path, port: int) -> list[Child]:
    program = [sys.executable, "-m", "gridloom.cli"]
    return [
        Child("web", [*program, "serve", "--port", str(port)], folder / "web.log"),
        Child("worker", [*program, "worker"], folder / "worker.log"),
    ]


async def _prepare(settings: Settings, steps: Steps, cases: int, *, own: bool) -> None:
    """Migrate, and build the demo county unless it stands. `own`: the database is an embedded one."""
    unfinished, access = settings.data_dir / UNFINISHED, settings.data_dir / ACCESS_FILE
    if unfinished.exists():
        steps.say("clearing what was left half built")
        if not own:
            fail("The demo county is half built in the database of GRIDLOOM_DATABASE_URL: empty that, then try again.")
        await embedded.empty_database(settings.database_url)
    steps.say("migrating the database")
    await migrate.upgrade(settings)
    service = runtime.build(settings)
    try:
        await runtime.start(service)
        county = await service.directory.by_code(service, MIDU)
        if county is None:
            unfinished.touch()
            await build_demo(service, steps.part, cases=cases)
        elif not access.exists():
            fail(f"County {MIDU} stands but {access} with its sign-ins is gone: start anew with `make demo RESET=1`.")
    finally:
        await service.close()
    unfinished.unlink(missing_ok=True)


async def _wait_until_ready(url: str, watching: "asyncio.Future[None]") -> None:
    """Until web answers that it is ready. Ends the command when web or worker cannot be kept up."""
    deadline = time.monotonic() + READY_SECONDS
    async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
        while time.monotonic() < deadline:
            if watching.done():
                await _watch(watching)
            try:
                if (await client.get(url)).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    fail(f"The server was not ready after {READY_SECONDS:.0f} s; its log is {data_folder() / 'web.log'}.")


async def _watch(watching: "asyncio.Future[None]") -> None:
    reason = ""
    try:
        await watching
    except* KeepsFalling as group:
        reason = str(group.exceptions[0])
    fail(reason)


def _welcome(folder: Path, url: str, seconds: float) -> None:
    """Where it runs and who may sign in; the address goes into the file for scripts too."""
    file = folder / ACCESS_FILE
    access = json.loads(file.read_text(encoding="utf-8"))
    if access["url"] != url:
        file.write_text(json.dumps(access | {"url": url}, ensure_ascii=False, indent=2), encoding="utf-8")
    for line in _sign_ins(access["accounts"], access["county"]):
        out.print(line, soft_wrap=True, markup=False)
    out.print(f"\n[bold green]●[/] Gridloom 织网  [bold]{url}[/]  ready in {seconds:.1f} s; Ctrl+C stops it")
    out.print(f"[dim]all sign-ins: {file}\nlogs: {folder}/web.log, worker.log[/]", soft_wrap=True)


def _sign_ins(accounts: Iterable[Mapping[str, Any]], county: str) -> Iterator[str]:
    """Lines with one account of each role of the demo's own county; nothing of them is cut on a narrow terminal."""
    chosen: dict[str, Mapping[str, Any]] = {}
    for account in accounts:
        if account["county"] == county:
            chosen.setdefault(account["role"], account)
    width = max((len(account["account"]) for account in chosen.values()), default=0)
    yield f"Sign-ins 登录账号   county 县 {county}"
    for role, account in chosen.items():
        yield f"  {account['account']:<{width}}  {account['password']}  {role} {account['organization'] or ''}".rstrip()
