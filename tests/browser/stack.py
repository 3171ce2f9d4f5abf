"""The stack that `make run` starts, as a process of its own: addresses, mailbox, books and table from outside."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import requests
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config

from chalicelib.adapters.dynamodb.store import TableStore
from devstack.emulator import HOST
from devstack.environment import REGION, TABLE

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

type Json = dict[str, Any]

ROOT = Path(__file__).parents[2]
PLACES = 5
# Both are far beyond what is promised (10 s, at once): a machine may be busy with something else.
READY_SECONDS = 90
STOP_SECONDS = 30
READY = re.compile(r"Loket is ready \((?P<seconds>[\d.]+) s\)")


class Stack:
    """A stack that was told to start; `wait_until_ready` before use, `stop` afterwards.

    Without the demo's association: each test brings its own.
    """

    def __init__(
        self, *, port: int, log: Path, options: Sequence[str] = ("--empty",), module: str = "devstack"
    ) -> None:
        self.ports = range(port, port + PLACES)
        self.desk, self.website, self.stripe, self.mailbox = (f"http://localhost:{each}" for each in self.ports[:4])
        self.form = f"{self.desk}/nl/lidmaatschap"
        self.log = log
        self.http = plain_session()
        self.began = time.monotonic()
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, "--port", str(port), *options],
                cwd=ROOT,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # a group of its own, so that a test can press Ctrl-C there and can see who stays behind
                start_new_session=True,
            )

    # How it lives and ends

    def wait_until_ready(self) -> float:
        """How long it took, seen from outside."""

        def ready() -> bool:
            assert self.process.poll() is None, f"the stack ended with {self.process.returncode}:\n{self.said()}"
            return READY.search(self.said()) is not None

        wait_until(ready, seconds=READY_SECONDS, what=lambda: f"the stack is ready; it said:\n{self.said()}")
        return time.monotonic() - self.began

    def said(self) -> str:
        """Everything it printed and logged so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to the stack alone, and wait for its exit code."""
        self.process.send_signal(number)
        return self.wait_for_end()

    def press_ctrl_c(self) -> int:
        """What a terminal does: the signal goes to everybody in the group, children included."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.wait_for_end()

    def press_again_and_again(self) -> int:
        """What make and an impatient hand do: several signals at once."""
        for number in [signal.SIGINT, signal.SIGTERM] * 20:
            self.process.send_signal(number)
        return self.wait_for_end()

    def wait_for_end(self) -> int:
        try:
            return self.process.wait(timeout=STOP_SECONDS)
        finally:
            # nothing of ours may outlive the test, whatever went wrong; it is our own group
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def must_be_gone(self) -> None:
        """Fails when a process of its group lives or a port is taken; ends what is left all the same."""
        try:
            wait_until(self._is_gone, seconds=STOP_SECONDS, what=lambda: "every process and port is gone")
        except AssertionError:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            raise

    def _is_gone(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return all(is_free(port) for port in self.ports)
        return False

    # What a test looks at

    def mails_about(self, words: str) -> list[Json]:
        """The mails with these words in their subject or address, to whomever, oldest first."""
        messages: list[Json] = self.http.get(f"{self.mailbox}/api/messages", params={"about": words}, timeout=10).json()
        return messages[::-1]

    def mails(self, to: str) -> list[Json]:
        """The mails to one address, oldest first."""
        return [message for message in self.mails_about(to) if message["to"] == [to]]

    def wait_for_mails(self, to: str, *, count: int = 2, seconds: float = 15) -> list[Json]:
        """The mails to one address, as soon as there are this many."""
        wait_until(
            lambda: len(self.mails(to)) >= count,
            seconds=seconds,
            what=lambda: f"{count} mails to {to}; there are {[mail['subject'] for mail in self.mails(to)]}",
        )
        return self.mails(to)

    def attachment(self, mail: Json, *, number: int = 1) -> bytes:
        """What came with a mail."""
        answer = self.http.get(f"{self.mailbox}/messages/{mail['id']}/attachments/{number}", timeout=10)
        answer.raise_for_status()
        return answer.content

    def books(self) -> Json:
        """Everything the Stripe stand-in remembers."""
        books: Json = self.http.get(f"{self.stripe}/_stand-in/books", timeout=10).json()
        return books

    def sessions(self, email: str) -> list[Json]:
        """The checkout sessions for one buyer, oldest first."""
        return [session for session in self.books()["sessions"] if session["customer_email"] == email]

    def items(self, record: str = "", **fields: str) -> list[Json]:
        """What lies in the table, as plain values: all of it, one kind, or those of a kind in which a field says so."""
        asked = {"record": record} if record else {}
        question = _filter(asked | {name.replace("__", "."): value for name, value in fields.items()})
        pages = self.dynamodb().get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True, **question)
        return [
            {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
            for page in pages
            for item in page["Items"]
        ]

    def orders(self, email: str) -> list[Json]:
        """The orders of one buyer, oldest first."""
        buyers = self.items("buyer", answers__email=email)
        orders = [order for buyer in buyers for order in self.items("order", id=buyer["order_id"])]
        return sorted(orders, key=lambda order: str(order["created_at"]))

    def counts(self, email: str) -> tuple[int, int]:
        """How many orders of one buyer are in the table, and how many sessions at Stripe."""
        return len(self.orders(email)), len(self.sessions(email))

    def store(self) -> TableStore:
        """The table as the product writes it, for what a secretariat changes while visitors are busy."""
        return TableStore(self.dynamodb(), table=TABLE, new_token=lambda: uuid4().hex)

    def dynamodb(self) -> DynamoDBClient:
        return boto3.client(
            "dynamodb",
            endpoint_url=f"http://{HOST}:{self.ports[4]}",
            region_name=REGION,
            aws_access_key_id="developer",
            aws_secret_access_key="developer",
            config=Config(proxies={}),
        )

    # What a test stirs

    def act(self, action: str, session_id: str, *, webhook: str = "normal") -> None:
        """Let something happen at Stripe, as the buttons of its overview do."""
        url = f"{self.stripe}/_stand-in/sessions/{session_id}/{action}"
        self.http.post(url, data={"webhook": webhook}, timeout=15).raise_for_status()

    @contextmanager
    def stripe_fault(self, operation: str, kind: str, **more: Any) -> Iterator[None]:
        """Let Stripe fail; what is not used up is forgotten afterwards."""
        with self._fault(self.stripe, {"operation": operation, "kind": kind, **more}):
            yield

    @contextmanager
    def mail_fault(self, kind: str, **more: Any) -> Iterator[None]:
        """Let the mail service fail; what is not used up is forgotten afterwards."""
        with self._fault(self.mailbox, {"kind": kind, **more}):
            yield

    @contextmanager
    def _fault(self, place: str, fault: Json) -> Iterator[None]:
        self.http.post(f"{place}/_stand-in/faults", json=fault, timeout=10).raise_for_status()
        try:
            yield
        finally:
            self.http.delete(f"{place}/_stand-in/faults", timeout=10).raise_for_status()


@contextmanager
def running_stack(*, log: Path, sweep_seconds: float = 2, module: str = "devstack") -> Iterator[Stack]:
    """A stack that is ready, stopped afterwards; it must end clean."""
    stack = Stack(port=free_block(), log=log, options=("--empty", "--sweep-seconds", str(sweep_seconds)), module=module)
    try:
        stack.wait_until_ready()
        yield stack
    finally:
        code = stack.stop()
    assert code == 0, f"the stack ended with {code}:\n{stack.said()}"
    stack.must_be_gone()


def plain_session() -> requests.Session:
    """A client that follows no redirect by itself and uses no proxy for this machine."""
    session = requests.Session()
    session.trust_env = False
    return session


def wait_until(done: Callable[[], bool], *, seconds: float, what: Callable[[], str]) -> None:
    """Look again and again until it is done, the less often the longer it takes; fails when time is up."""
    deadline, pause = time.monotonic() + seconds, 0.02
    while not done():
        assert time.monotonic() < deadline, f"{seconds} s went by without: {what()}"
        time.sleep(pause)
        pause = min(0.5, pause * 1.1)


def free_block() -> int:
    """The first of five free ports in a row, below those that outgoing connections take."""
    for first in random.sample(range(20_000, 32_000, PLACES), 500):
        if all(is_free(port) for port in range(first, first + PLACES)):
            return first
    raise AssertionError("no five free ports in a row")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _filter(fields: dict[str, str]) -> Any:
    """How the table is asked for what has these values in these fields; a point leads into a map."""
    if not fields:
        return {}
    paths = {name: ".".join(f"#{step}" for step in name.split(".")) for name in fields}
    return {
        "FilterExpression": " AND ".join(f"{path} = :{number}" for number, path in enumerate(paths.values())),
        "ExpressionAttributeNames": {f"#{step}": step for name in fields for step in name.split(".")},
        "ExpressionAttributeValues": {f":{number}": {"S": value} for number, value in enumerate(fields.values())},
    }


def _environment() -> dict[str, str]:
    """Ours, without a developer's own keys and settings: with those the tests would pay at the real Stripe."""
    taken = ("STRIPE_", "LOKET_", "AWS_", "PORT", "EMPTY")
    return {name: value for name, value in os.environ.items() if not name.startswith(taken)} | {
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
