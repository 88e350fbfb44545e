"""What was measured, written down: `results.json`, tables in `RESULTS.md`, and a picture."""

import asyncio
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.picture import draw
from bench.result import Bar, Options, Result, Table
from bench.world import World

JSON, PAGE, PICTURE = "results.json", "RESULTS.md", "results.svg"
ROOT = Path(__file__).resolve().parents[1]


def write(
    results: Sequence[Result], void: Mapping[str, str], options: Options, machine: str, folder: Path
) -> None:
    """Write the three files. Results of benchmarks that were not run this time stay, with the date they had."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, "commit": commit()}
    known = _known(folder / JSON)
    pages: dict[str, Any] = known.pop("pages", {})
    content = {name: value for name, value in known.items() if name not in about}
    for result in results:
        content[result.name] = result.entry()
        pages[result.name] = page(result, about, options)
    for name, reason in void.items():
        pages[name] = f"## {name}: void\n\n{about['date']}: this run does not count: {reason}\n"
        content.pop(name, None)
    ordered = dict(sorted(content.items(), key=lambda item: int(item[0][1:])))
    (folder / JSON).write_text(json.dumps({**about, **ordered}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _keep(folder, pages)
    (folder / PICTURE).write_text(draw(ordered), encoding="utf-8")
    (folder / PAGE).write_text(whole(about, ordered, pages), encoding="utf-8")


def whole(about: Mapping[str, str], entries: Mapping[str, Mapping[str, Any]], pages: Mapping[str, str]) -> str:
    """The page of all results."""
    parts = [
        "# Results\n",
        "Written by `make bench`; do not edit. How each is measured, and what the peers do not do: "
        "[docs/bench.md](../docs/bench.md).\n",
        f"{about['date']}, commit {about['commit']}, {about['machine']}. A part that was run at another time says so.\n",
        "![how many times as much the others cost](results.svg)\n",
        "| | work | ours | beside | ratio | bar | must |", "|---|---|---|---|---|---|---|",
    ]
    for name, entry in entries.items():
        beside, ratio = (_listed(entry[key]) for key in ("beside", "ratio"))
        met = "reached" if entry["met"] else "**missed**"
        parts.append(f"| {name} | {entry['work']} | {entry['ours']} | {beside} | {ratio} | {entry['bar']} | {met} |")
    parts += [f"| {name} | | | | | | **void** |" for name in sorted(set(pages) - set(entries))]
    return "\n".join(parts) + "\n\n" + "\n".join(text for _, text in sorted(pages.items(), key=lambda one: int(one[0][1:])))


def page(result: Result, about: Mapping[str, str], options: Options) -> str:
    """One benchmark's part of the page."""
    look = " **A look only: short rounds.**" if options.quick else ""
    parts = [
        f"## {result.name}: {result.work}\n",
        f"{about['date']}, commit {about['commit']}, {options.rounds} rounds of {options.seconds:g} s a side.{look}\n",
    ]
    parts += [f"- {bar.level}: {bar.text} — {_said(bar)}" for bar in result.bars]
    for table in result.tables:
        parts += ["", f"**{table.title}**", "", *_rows(table)]
    if result.notes:
        parts += ["", *(f"- {note}" for note in result.notes)]
    return "\n".join(parts) + "\n"


async def machine(world: World) -> str:
    """Cores, processor, memory, systems' versions."""
    connection = await world.admin()
    try:
        postgres = await connection.fetchval("SHOW server_version")
    finally:
        await connection.close()
    node = (await asyncio.to_thread(_printed, "node", "--version")) or "no Node"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {platform.system()} {platform.release()}, "
            f"Python {platform.python_version()}, PostgreSQL {postgres.split()[0]}, Node {node.lstrip('v')}")


def commit() -> str:
    """The checkout's commit, with a mark where files differ from it."""
    changed = _printed("git", "status", "--porcelain", "--untracked-files=no")
    return (_printed("git", "rev-parse", "--short=12", "HEAD") or "unknown") + (" with changes" if changed else "")


def _printed(*command: str) -> str:
    """What a program prints; empty where it is not here."""
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _said(bar: Bar) -> str:
    return "not measured" if bar.met is None else "reached" if bar.met else "**missed**"


def _listed(values: Mapping[str, float]) -> str:
    return "<br>".join(f"{name}: {value}" for name, value in values.items())


def _rows(table: Table) -> list[str]:
    def line(cells: Sequence[Any]) -> str:
        return "| " + " | ".join("" if cell is None else str(cell) for cell in cells) + " |"

    return [line(table.head), line(["---"] * len(table.head)), *(line(row) for row in table.rows)]


def _known(file: Path) -> dict[str, Any]:
    """What an earlier run found, with the parts of its page."""
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    parts = file.with_name("parts")
    found["pages"] = {path.stem: path.read_text(encoding="utf-8") for path in sorted(parts.glob("P*.md"))}
    return found


def _keep(folder: Path, pages: Mapping[str, str]) -> None:
    parts = folder / "parts"
    parts.mkdir(exist_ok=True)
    for name, text in pages.items():
        (parts / f"{name}.md").write_text(text, encoding="utf-8")
