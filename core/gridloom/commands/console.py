"""How commands speak and end: plain sentences for people, exit codes for scripts."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import typer
import uvloop
from rich.console import Console

from gridloom.embedded import EmbeddedError
from gridloom.errors import Denied, Refusal
from gridloom.i18n import translate
from gridloom.security import GateClosed

Result = TypeVar("Result")
LOCALE = "en"

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command to its end. SIGTERM ends it as cleanly as Ctrl+C; a refusal is one sentence and exit code 1."""
    ended_by: list[int] = []
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_ending_on_signals(work, ended_by))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(128 + (ended_by or [signal.SIGINT])[0]) from None
    except (Refusal, Denied) as refused:
        text = refused.text if isinstance(refused, Refusal) else None
        fail(text or translate(LOCALE, refused.message_id, **refused.params))
    except (EmbeddedError, GateClosed) as stopped:
        fail(str(stopped))


def fail(sentence: str) -> NoReturn:
    """Say why, and end with exit code 1."""
    err.print(f"[bold red]✗[/] {sentence}", soft_wrap=True)
    raise typer.Exit(1)


async def _ending_on_signals(work: Coroutine[Any, Any, Result], ended_by: list[int]) -> Result:
    """The first signal cancels, so that everything is put away; further ones do not disturb that.

    Handled here and not left to `asyncio.run`, which does nothing where a shell started us with SIGINT ignored.
    """
    task = asyncio.ensure_future(work)

    def end(number: int) -> None:
        if not ended_by:
            ended_by.append(number)
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end, number)
    return await task
