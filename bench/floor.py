"""The floor: the very statement that our server sends, with the same parameters, run by pgbench and nothing around it.

The statement is taken from the database's log, not compiled again: what is measured is what is sent.
"""

import asyncio
import os
import re
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench import cpu
from bench.measure import Round, Side
from bench.result import Cell, Table, Void
from bench.servers import SERVER_CORE, on_core
from bench.world import World
from gridloom.db import role_url
from gridloom.embedded.binaries import find_postgres

LOGGED = re.compile(r"^\S+ \S+ \S+ \[\d+\] LOG:  duration: ([\d.]+) ms  (parse|bind|execute|statement)[^:]*: ")
ENTRY = re.compile(r"^\S+ \S+ \S+ \[\d+\] ", re.MULTILINE)
PARAMETER = re.compile(r"\$(\d+) = ('(?:[^']|'')*'|NULL)")
LITERAL = re.compile(r"'(?:[^']|'')*'")
PROGRESS = re.compile(r"progress: ([\d.]+) s, ([\d.]+) tps, lat ([\d.]+) ms")
WARM = 3
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement as it reached the database, and the milliseconds it took there to plan and to run."""

    text: str
    parameters: Mapping[int, str | None]
    planned: float = 0.0
    ran: float = 0.0


class Listening:
    """What the database logged since the block began."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._from = log.stat().st_size

    def sent(self) -> list[Sent]:
        """Every statement executed since, in order."""
        with self._log.open("rb") as file:
            file.seek(self._from)
            text = file.read().decode(errors="replace")
        places = [entry.start() for entry in ENTRY.finditer(text)] + [len(text)]
        entries = [text[begin:end] for begin, end in pairwise(places)]
        found: list[Sent] = []
        planned = 0.0
        for entry, following in zip(entries, [*entries[1:], ""], strict=True):
            begin = LOGGED.match(entry)
            if begin is None:
                continue
            if begin[2] in ("parse", "bind"):
                planned += float(begin[1])
                continue
            detail = following.partition("DETAIL:  parameters: ")[2]
            given = {int(number): _value(value) for number, value in PARAMETER.findall(detail)}
            found.append(Sent(entry[begin.end():].strip(), given, round(planned, 3), float(begin[1])))
            planned = 0.0
        return found


def listed(statements: Sequence[Sent]) -> Table:
    """The statements of one request, for the report."""
    rows: list[Sequence[Cell]] = [
        (number, " ".join(one.text.split())[:90].replace("|", "¦"), one.planned, one.ran)
        for number, one in enumerate(statements, 1)
    ]
    return Table("Statements that the database sees for one request, warm, alone", ("", "statement", "plan ms", "run ms"), rows)


def _value(logged: str) -> str | None:
    return None if logged == "NULL" else logged[1:-1].replace("''", "'")


@asynccontextmanager
async def listening(world: World) -> AsyncIterator[Listening]:
    """The database logs every statement of the app role's new connections, with parameters, for the length of the block."""
    role = role_url(world.settings.database_url, "app", world.settings.secret_key).username
    connection = await world.admin()
    try:
        await connection.execute(f'ALTER ROLE "{role}" SET log_min_duration_statement = 0')
        await connection.execute(f"ALTER ROLE \"{role}\" SET log_error_verbosity = 'default'")
        yield Listening(world.folder / "postgres.log")
    finally:
        await connection.execute(f'ALTER ROLE "{role}" RESET log_min_duration_statement')
        await connection.execute(f'ALTER ROLE "{role}" RESET log_error_verbosity')
        await connection.close()


def longest(statements: list[Sent]) -> Sent:
    """The statement with the most text. Raises `Void` when there is none."""
    if not statements:
        raise Void("the database logged no statement")
    return max(statements, key=lambda one: len(one.text))


def script(sent: Sent, tenant: str) -> tuple[str, dict[str, str]]:
    """A pgbench script of the statement in a transaction with the tenant setting, and its variables."""
    variables = {f"p{number}": value for number, value in sent.parameters.items() if value}
    literals: dict[str, str] = {}

    def lifted(found: re.Match[str]) -> str:
        """pgbench takes a colon for a variable, also inside a literal."""
        if ":" not in found.group():
            return found.group()
        name = literals.setdefault(found.group(), f"l{len(literals)}")
        variables[name] = found.group()[1:-1].replace("''", "'")
        return f":{name}::text"

    text = LITERAL.sub(lifted, sent.text)
    def given(found: re.Match[str]) -> str:
        """pgbench has no variable that is null or empty."""
        name = f"p{found.group(1)}"
        return f":{name}" if name in variables else "''" if sent.parameters.get(int(found.group(1))) == "" else "NULL"

    text = re.sub(r"\$(\d+)", given, text)
    text = " ".join(text.split())
    return f"BEGIN;\nSET LOCAL \"gridloom.tenant\" = '{tenant}';\n{text};\nCOMMIT;\n", variables


def pgbench(world: World, name: str, text: str, variables: Mapping[str, str], connections: int) -> Side:
    """A side that is pgbench alone with a script, prepared statements, as the app role."""
    url = role_url(world.settings.database_url, "app", world.settings.secret_key)
    file = world.folder / "floor.sql"
    file.write_text(text, encoding="utf-8")
    given = [word for key, value in variables.items() for word in ("-D", f"{key}={value}")]
    environment = {
        **os.environ, "PGPASSWORD": str(url.password), "PGOPTIONS": "-c timezone=UTC -c jit=off", "PGHOST": str(url.host),
        "PGPORT": str(url.port), "PGUSER": str(url.username), "PGDATABASE": str(url.database),
    }

    async def shoot(seconds: float) -> Round:
        whole = max(2, round(seconds)) + WARM + 1
        command = on_core(SERVER_CORE, [
            str(find_postgres().folder / "pgbench"), "-n", "-M", "prepared", "-c", str(connections), "-j", "1", "-P", "1",
            "-T", str(whole), "-f", str(file), *given,
        ])
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(whole + PATIENCE):
                return await _watch(process, world.postgres)
        except TimeoutError:
            process.kill()
            raise Void("pgbench did not end") from None

    return Side(name, shoot)


async def _watch(process: Process, postgres: int) -> Round:
    """The seconds between the warm ones and the last: signing in to the database costs more than many statements."""
    seen: list[tuple[float, float, float, float, float]] = []
    said = []
    assert process.stderr is not None
    async for line in process.stderr:
        text = line.decode()
        said.append(text)
        found = PROGRESS.match(text)
        if found:
            second, tps, latency = (float(each) for each in found.groups())
            seen.append((second, tps, cpu.seconds([process.pid]), cpu.seconds([postgres]), latency))
    await process.wait()
    if process.returncode or "ERROR" in "".join(said) or len(seen) < WARM + 2:
        raise Void(f"pgbench failed: {''.join(said)[-800:]}")
    seen = seen[WARM - 1:-1]
    pairs = list(pairwise(seen))
    answers = sum(after[1] * (after[0] - before[0]) for before, after in pairs)
    each = 1000 / answers
    return Round(
        round(answers), answers / (seen[-1][0] - seen[0][0]), (seen[-1][2] - seen[0][2]) * each,
        (seen[-1][3] - seen[0][3]) * each, 0.0, seen[-1][4], seen[-1][4],
    )
