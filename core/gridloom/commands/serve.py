"""`gridloom serve` and `gridloom worker`: the two kinds of process an installation runs."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
import uvicorn

from gridloom import runtime
from gridloom.app import create_app
from gridloom.commands.console import fail, run
from gridloom.commands.installation import installation
from gridloom.commands.supervise import end_with_parent
from gridloom.worker import Worker

GRACE_SECONDS = 5
# Longer than clients and proxies keep an idle connection (60 s): were we the first to end it, a request could meet a closed door.
KEEP_ALIVE_SECONDS = 75
Port = typer.Option(8000, min=1, max=65535, help="Port to listen on.")


def serve(port: int = Port, host: str = typer.Option("127.0.0.1", help="Address to listen on.")) -> None:
    """Serve the web application and the interface for machines."""
    end_with_parent()
    refuse_taken(host, port)
    run(_serve(host, port))


def work() -> None:
    """Deliver facts, fire clocks, seal the audit chain."""
    end_with_parent()
    run(_work())


def refuse_taken(host: str, port: int) -> None:
    """Say so at once when the port is taken, and what to do."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(f"Port {port} cannot be used ({error.strerror}): stop what uses it, or choose another with PORT=8001.")


def built_web(folder: Path | None = None) -> Path | None:
    """The built web application of a checkout, when there is one."""
    candidate = folder or Path(__file__).resolve().parents[3] / "web" / "dist"
    return candidate if (candidate / "index.html").exists() else None


class Server(uvicorn.Server):
    """Told to stop, it ends open streams at once and lets requests in flight finish; then the command ends as usual."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """In the place of uvicorn's handlers, which end the process by the signal before our servers are put away."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._told_to_stop, number)
        yield

    def _told_to_stop(self, number: int) -> None:
        self.config.app.state.stopping.set()  # type: ignore[union-attr]
        self.handle_exit(number, None)


async def _serve(host: str, port: int) -> None:
    async with installation() as settings:
        config = uvicorn.Config(
            create_app(settings), host=host, port=port, log_level="warning",
            timeout_graceful_shutdown=GRACE_SECONDS, timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        await Server(config).serve()


async def _work() -> None:
    async with installation() as settings:
        service = runtime.build(settings)
        try:
            await runtime.start(service)
            await Worker(service).run()
        finally:
            await service.close()
