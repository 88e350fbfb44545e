"""Cutting the pages of docs/ into what a reader would type, and typing it."""

import asyncio
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def blocks(page: str, language: str) -> str:
    """All fenced blocks of a language, in the order in which they stand."""
    found = re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    assert found, f"{page} holds no {language}"
    return "\n".join(found)


async def typed(program: list[str], access: Path, folder: Path) -> str:
    """Run a program as a reader would; what it printed. It must end well."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "ACCESS": str(access), "TMPDIR": str(folder),
        "NO_PROXY": "*", "PYTHONUTF8": "1",
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *program, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(120):
        printed, _ = await process.communicate()
    text = printed.decode()
    assert process.returncode == 0, text[-6000:]
    return text


async def bash(page: str, access: Path, folder: Path) -> str:
    """The page's shell commands as one session that ends at the first failure."""
    return await typed(["bash", "-euo", "pipefail", "-c", blocks(page, "bash")], access, folder)


async def python(page: str, access: Path, folder: Path) -> str:
    """The page's Python as one program."""
    return await typed([sys.executable, "-c", blocks(page, "python")], access, folder)
