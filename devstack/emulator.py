"""The emulator of AWS (ministack), in a process and an environment of its own."""

import os
import socket
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.error import URLError
from urllib.request import Request, urlopen

PYTHON = Path(__file__).parent.parent / ".venv-emulator" / "bin" / "python"
HOST = "127.0.0.1"
# What it is signed with; of an address that carries a signature the emulator knows no other key.
ACCESS_KEY = "developer"
START_SECONDS = 30
STOP_SECONDS = 10


class EmulatorError(Exception):
    """The emulator cannot be started; the message says what to do."""


class Emulator:
    """A running emulator: its address, and how to empty and stop it."""

    def __init__(self, *, url: str, process: subprocess.Popen[bytes]) -> None:
        self.url = url
        self._process = process

    def reset(self) -> None:
        """Forget all tables, queues and mails."""
        with urlopen(Request(f"{self.url}/_ministack/reset", method="POST"), timeout=10):
            pass

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def start_emulator(*, port: int, python: Path = PYTHON) -> Emulator:
    if not python.exists():
        raise EmulatorError(f"The emulator is not installed ({python} is missing): run make install first.")
    if taken(port):
        raise EmulatorError(f"Port {port} is taken: stop what listens there, or choose another port.")
    with TemporaryFile() as output:
        process = subprocess.Popen(
            [python, "-m", "hypercorn", "ministack.app:app", "-b", f"{HOST}:{port}"],
            env={**os.environ, **_settings(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        emulator = Emulator(url=f"http://{HOST}:{port}", process=process)
        try:
            _wait_until_healthy(emulator.url, process=process, output=output)
        except BaseException:
            emulator.stop()
            raise
    return emulator


def _settings(port: int) -> dict[str, str]:
    """Without these the emulator opens more ports, takes other keys, and at its end looks for containers to remove."""
    return {
        "GATEWAY_PORT": str(port),
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        "DOCKER_HOST": f"tcp://{HOST}:1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        # how many functions run at once is otherwise a matter of this machine's memory
        "LAMBDA_ACCOUNT_CONCURRENCY": "200",
    }


def taken(port: int) -> bool:
    """Whether something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _wait_until_healthy(url: str, *, process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_healthy(url):
        if process.poll() is not None or time.monotonic() > deadline:
            output.seek(0)
            said = output.read().decode(errors="replace")[-2000:]
            raise EmulatorError(f"The emulator did not start. It said:\n{said}")
        time.sleep(0.05)


def _is_healthy(url: str) -> bool:
    try:
        with urlopen(f"{url}/_ministack/health", timeout=5):
            return True
    except (URLError, ConnectionError, TimeoutError):
        return False
