"""How commands speak and end: plain sentences for people, exit codes for scripts."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import typer
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
    try:
        return asyncio.run(_ending_on_sigterm(work))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except asyncio.CancelledError:
        raise typer.Exit(143) from None
    except (Refusal, Denied) as refused:
        text = refused.text if isinstance(refused, Refusal) else None
        fail(text or translate(LOCALE, refused.message_id, **refused.params))
    except (EmbeddedError, GateClosed) as stopped:
        fail(str(stopped))


def fail(sentence: str) -> NoReturn:
    """Say why, and end with exit code 1."""
    err.print(f"[bold red]✗[/] {sentence}", soft_wrap=True)
    raise typer.Exit(1)


async def _ending_on_sigterm(work: Coroutine[Any, Any, Result]) -> Result:
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task
