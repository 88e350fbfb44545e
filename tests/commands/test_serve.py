"""`gridloom serve` as a process: a stop lets what is in flight finish, and ends cleanly."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

BODY = b'{"query": "{ __typename }"}'
HEAD = (
    b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n" % len(BODY)
)


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """The program on a free port, ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gridloom.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=os.environ | environment)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield process, port
    finally:
        process.kill()
        process.wait(10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_in_flight_is_answered_before_the_server_ends(
    environment: dict[str, str], number: signal.Signals
) -> None:
    with serving(environment) as (process, port):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(HEAD)
            time.sleep(0.3)
            process.send_signal(number)
            time.sleep(0.5)
            client.sendall(BODY)
            answer = client.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 401 ")
        assert process.wait(20) == 0


def test_a_taken_port_is_named_and_nothing_starts(environment: dict[str, str]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        command = [sys.executable, "-m", "gridloom.cli", "serve", "--port", str(port)]
        done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"✗ Port {port} cannot be used")
