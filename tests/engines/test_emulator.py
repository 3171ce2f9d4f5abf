"""The emulator starts, forgets on request, stops, and says what is wrong when it cannot start."""

import socket
import sys
from pathlib import Path

import pytest

from devstack.emulator import HOST, EmulatorError, start_emulator
from tests.engines.calls import TABLE
from tests.engines.ministack import ministack, ministack_client


def test_it_forgets_on_request_and_frees_its_port_when_it_stops() -> None:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    emulator = start_emulator(port=port)
    try:
        client = ministack_client(emulator.url)
        client.create_table(**TABLE)
        emulator.reset()
        assert client.list_tables()["TableNames"] == []
    finally:
        emulator.stop()
    with socket.socket() as probe:
        assert probe.connect_ex((HOST, port)) != 0


def test_a_taken_port_is_named(ministack_url: str) -> None:
    port = int(ministack_url.rpartition(":")[2])
    with pytest.raises(EmulatorError, match=f"Port {port} is taken"):
        start_emulator(port=port)


def test_a_missing_environment_is_named() -> None:
    with pytest.raises(EmulatorError, match="run make install first"):
        start_emulator(port=1, python=Path("no-such-environment/bin/python"))


def test_what_it_says_when_it_fails_is_passed_on() -> None:
    """The environment of the tests has no emulator."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    with pytest.raises(EmulatorError, match="No module named hypercorn"):
        start_emulator(port=port, python=Path(sys.executable))


def test_two_run_side_by_side(ministack_url: str) -> None:
    with ministack() as another:
        ministack_client(another).create_table(**TABLE)
        assert ministack_client(ministack_url).list_tables()["TableNames"] == []
