"""AWS, Stripe and SES as the desk's process finds them: real servers, emptied for each case."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

from devstack.environment import (
    MAIL_FROM,
    STRIPE_KEY,
    TABLE,
    aws_variables,
    create_queues,
    create_table,
    desk_variables,
)
from devstack.serve import HOST, QuietHandler
from devstack.ses import PostOffice, mailbox_app
from devstack.stripe.api import api
from devstack.stripe.stand_in import StandIn
from devstack.stripe.transport import quiet_stand_in
from tests.desk import BASE_URL, WEBSITE
from tests.engines.ministack import ministack

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient
    from werkzeug.serving import BaseWSGIServer

ROOT = Path(__file__).parent.parent.parent


class Process:
    """The desk's own process, which forks for each invocation."""

    def __init__(self, settings: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.killed.process", json.dumps(settings)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def invoke(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the desk's process is gone"
        report: dict[str, Any] = json.loads(line)
        return report

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


class Servers:
    """Everything around the desk; `fresh` empties it for a case."""

    def __init__(self, *, emulator: str, stripe: BaseWSGIServer, mailbox: BaseWSGIServer) -> None:
        self._emulator, self._stripe, self._mailbox = emulator, stripe, mailbox
        self.dynamodb: DynamoDBClient = boto3.client("dynamodb")
        self.sqs: SQSClient = boto3.client("sqs")
        # the addresses of the queues are those of every case, since these are emptied and made anew
        self.process = Process(_settings(create_queues(), stripe=_url(stripe)))

    def fresh(self, *, clock: Callable[[], datetime], tell_of_mail: Callable[[str], None]) -> Fresh:
        """A table, queues, a Stripe and a mailbox in which nothing is."""
        requests.post(f"{self._emulator}/_ministack/reset", timeout=10).raise_for_status()
        create_table(self.dynamodb, name=TABLE)
        return Fresh(
            servers=self,
            queues=create_queues(),
            stripe=_put_stripe(self._stripe, clock=clock),
            mailbox=_put_mailbox(self._mailbox, clock=clock, publish=tell_of_mail),
        )


class Fresh:
    """What one case finds, and the settings that lead the desk to it."""

    def __init__(self, *, servers: Servers, queues: dict[str, str], stripe: StandIn, mailbox: PostOffice) -> None:
        self.servers, self.queues, self.stripe, self.mailbox = servers, queues, stripe, mailbox
        self.environment = _settings(queues, stripe=stripe.public_url)


def _settings(queues: dict[str, str], *, stripe: str) -> dict[str, str]:
    return desk_variables(base_url=BASE_URL, website=WEBSITE, stripe=stripe, queues=queues, given={})


def _put_stripe(server: BaseWSGIServer, *, clock: Callable[[], datetime]) -> StandIn:
    stand_in = quiet_stand_in(clock=clock, api_key=STRIPE_KEY, public_url=_url(server))
    app = Flask("stripe")
    app.before_request(stand_in.lapse)
    app.register_blueprint(api(stand_in))
    server.app = app
    return stand_in


def _put_mailbox(
    server: BaseWSGIServer, *, clock: Callable[[], datetime], publish: Callable[[str], None]
) -> PostOffice:
    post_office = PostOffice(verified=frozenset({MAIL_FROM}), clock=clock, publish=publish, delivery_seconds=0)
    server.app = mailbox_app(post_office=post_office)
    return post_office


def _url(server: BaseWSGIServer) -> str:
    return f"http://{HOST}:{server.server_port}"


@contextmanager
def running() -> Iterator[Servers]:
    """The servers, stopped afterwards."""
    with ExitStack() as closing:
        emulator = closing.enter_context(ministack())
        stripe, mailbox = (closing.enter_context(_served()) for _ in range(2))
        patch = closing.enter_context(pytest.MonkeyPatch.context())
        for name, value in aws_variables(emulator=emulator, mailbox=_url(mailbox)).items():
            patch.setenv(name, value)
        # the SDK's common session remembers the environment in which it was first used
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        servers = Servers(emulator=emulator, stripe=stripe, mailbox=mailbox)
        closing.callback(servers.process.stop)
        yield servers


@contextmanager
def _served() -> Iterator[BaseWSGIServer]:
    server = make_server(HOST, 0, Flask("nothing yet"), threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
