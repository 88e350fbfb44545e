"""The embedded servers as a user meets them: kept data, Ctrl+C, hard kills, two launchers, a lost state file."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from gridloom import embedded
from gridloom.embedded.processes import command_line
from tests.support.servers import postgres_folder

LAUNCHER = """
import asyncio, sys
from pathlib import Path
from gridloom import embedded

async def main():
    wanted = embedded.Wanted(postgres_folder=Path(sys.argv[2]))
    async with embedded.servers(Path(sys.argv[1]), wanted) as urls:
        print(urls.postgres, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One data folder for this module, below a folder that other accounts may not enter."""
    closed = tmp_path_factory.mktemp("closed")
    closed.chmod(0o700)
    yield closed / "data"
    embedded.reset(closed / "data")


@pytest.fixture
def wanted() -> embedded.Wanted:
    return embedded.Wanted(postgres_folder=postgres_folder())


async def count_up(urls: embedded.Urls) -> tuple[int, int]:
    """Add one row and one to a Redis counter; the new figures of both."""
    connection = await asyncpg.connect(urls.postgres)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS visit (id int GENERATED ALWAYS AS IDENTITY)")
        await connection.execute("INSERT INTO visit DEFAULT VALUES")
        rows = await connection.fetchval("SELECT count(*) FROM visit")
    finally:
        await connection.close()
    async with Redis.from_url(urls.redis) as client:
        return rows, await client.incr("visit")


def launch(folder: Path) -> tuple["subprocess.Popen[str]", str]:
    """A launcher in a process of its own, ready; and the URL it printed."""
    command = [sys.executable, "-c", LAUNCHER, str(folder), str(postgres_folder())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def server_pids(folder: Path) -> list[int]:
    """Process numbers of both servers, as their files name them; only those that live."""
    files = (folder / "postgres" / "postmaster.pid", folder / "redis" / "server.pid")
    noted = [int(file.read_text().split("\n")[0]) for file in files if file.exists()]
    return [pid for pid in noted if str(folder) in command_line(pid)]


async def test_data_ports_and_passwords_survive_a_restart(folder: Path, wanted: embedded.Wanted) -> None:
    async with embedded.servers(folder, wanted) as first:
        assert await count_up(first) == (1, 1)
        assert len(server_pids(folder)) == 2
    assert server_pids(folder) == []
    began = time.monotonic()
    async with embedded.servers(folder, wanted) as second:
        ready = time.monotonic() - began
        assert second == first
        assert await count_up(second) == (2, 2)
    assert ready < 30  # this only tells a start from a hang
    assert (folder / "servers.json").stat().st_mode & 0o777 == 0o600


async def test_the_servers_answer_on_loopback_only_and_only_with_the_password(
    folder: Path, wanted: embedded.Wanted
) -> None:
    async with embedded.servers(folder, wanted) as urls:
        connection = await asyncpg.connect(urls.postgres)
        addresses = await connection.fetchval("SHOW listen_addresses")
        sockets = await connection.fetchval("SHOW unix_socket_directories")
        await connection.close()
        assert (addresses, sockets) == ("127.0.0.1", "")
        secret = urls.postgres.split(":")[2].split("@")[0]
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(urls.postgres.replace(secret, "wrong"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
async def test_nothing_is_lost_when_the_launcher_ends(
    folder: Path, wanted: embedded.Wanted, number: signal.Signals
) -> None:
    async with embedded.servers(folder, wanted) as urls:
        before = await count_up(urls)
    process, _ = launch(folder)
    process.send_signal(number)
    process.wait(30)
    left = server_pids(folder)
    assert len(left) == (2 if number is signal.SIGKILL else 0)
    async with embedded.servers(folder, wanted) as urls:
        assert await count_up(urls) == (before[0] + 1, before[1] + 1)
        assert not set(left) & set(server_pids(folder))


async def test_a_hard_stop_of_postgres_and_a_pid_of_somebody_else_do_not_stop_the_next_start(
    folder: Path, wanted: embedded.Wanted
) -> None:
    async with embedded.servers(folder, wanted) as urls:
        before = await count_up(urls)
    process, _ = launch(folder)
    for pid in server_pids(folder):
        os.kill(pid, signal.SIGKILL)
    process.kill()
    process.wait(30)
    noted = folder / "postgres" / "postmaster.pid"
    lines = noted.read_text().splitlines()
    noted.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    async with embedded.servers(folder, wanted) as urls:
        rows, _ = await count_up(urls)
        assert rows == before[0] + 1


async def test_a_second_launcher_shares_and_leaves_the_servers_running(folder: Path, wanted: embedded.Wanted) -> None:
    async with embedded.servers(folder, wanted) as urls:
        async with embedded.servers(folder, wanted) as shared:
            assert shared == urls
        assert embedded.is_running(folder)
        with pytest.raises(embedded.EmbeddedError, match="in use"):
            embedded.reset(folder)
        await count_up(urls)
    assert not embedded.is_running(folder)


async def test_a_lost_state_file_gives_a_new_password_and_the_old_data(folder: Path, wanted: embedded.Wanted) -> None:
    async with embedded.servers(folder, wanted) as urls:
        rows, _ = await count_up(urls)
    (folder / "servers.json").unlink()
    async with embedded.servers(folder, wanted) as again:
        assert again.postgres != urls.postgres
        assert (await count_up(again))[0] == rows + 1


async def test_a_taken_port_is_given_up(folder: Path, wanted: embedded.Wanted) -> None:
    async with embedded.servers(folder, wanted) as urls:
        port = int(urls.postgres.rsplit(":", 1)[1].split("/")[0])
    thief = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
    try:
        async with embedded.servers(folder, wanted) as moved:
            assert f":{port}/" not in moved.postgres
            await count_up(moved)
    finally:
        thief.close()


async def test_an_emptied_database_takes_connections_again(folder: Path, wanted: embedded.Wanted) -> None:
    async with embedded.servers(folder, wanted) as urls:
        before, _ = await count_up(urls)
        await embedded.empty_database(urls.postgres)
        assert before > 1
        assert (await count_up(urls))[0] == 1


async def test_configured_servers_are_used_as_they_are(tmp_path: Path) -> None:
    wanted = embedded.Wanted("postgresql://db.example/gridloom", "redis://cache.example/0")
    async with embedded.servers(tmp_path / "data", wanted) as urls:
        assert urls == embedded.Urls("postgresql://db.example/gridloom", "redis://cache.example/0")
    assert not (tmp_path / "data").exists()


async def test_data_of_another_version_name_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.EmbeddedError, match=r"written by PostgreSQL 9.*RESET=1"):
        embedded.start(tmp_path)
    assert not embedded.is_running(tmp_path)
