"""A running SES stand-in with a real client, and mails to hand in."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from threading import Thread
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
from botocore.config import Config
from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from devstack.ses import PostOffice, mailbox_app

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client

NOW = datetime(2026, 11, 25, 18, 47, 5, tzinfo=UTC)
FROM = "Loket <inschrijving@notify.example.nl>"
ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"


@dataclass(frozen=True)
class StandIn:
    """A running stand-in, a real client for it, and the events that came out."""

    url: str
    client: "SESV2Client"
    published: list[dict[str, Any]] = field(default_factory=list)

    def mails(self) -> list[dict[str, Any]]:
        mails: list[dict[str, Any]] = requests.get(f"{self.url}/api/messages", timeout=5).json()
        return mails

    def fault(self, **order: Any) -> None:
        assert requests.post(f"{self.url}/_stand-in/faults", json=order, timeout=5).status_code == 201

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.url}{path}", timeout=5)

    def event_types(self) -> list[str]:
        return [event["eventType"] for event in self.published]


class Desk:
    """One server and one client for many tests; each test gets a post office of its own behind them."""

    def __init__(self, *, server: BaseWSGIServer) -> None:
        self._server = server
        self._url = f"http://127.0.0.1:{server.port}"
        self._client = _client(self._url)

    @contextmanager
    def opened(self) -> Iterator[StandIn]:
        """A post office without a past."""
        events: list[dict[str, Any]] = []
        post_office = PostOffice(
            verified=frozenset({"notify.example.nl", "los@example.org"}),
            clock=lambda: NOW,
            publish=lambda text: events.append(json.loads(text)),
            delivery_seconds=0.03,
        )
        self._server.app = mailbox_app(post_office=post_office)
        yield StandIn(url=self._url, client=self._client, published=events)
        post_office.close()


@contextmanager
def running_desk() -> Iterator[Desk]:
    """A server on a free port of this machine."""
    server = make_server("127.0.0.1", 0, Flask("closed"), threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Desk(server=server)
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()


def _client(url: str) -> "SESV2Client":
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_SESV2", url)
        return boto3.client(
            "sesv2",
            region_name="eu-west-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=1, read_timeout=0.4),
        )


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 3
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def mail(*, to: str = "Zoë van ’t Hof <zoe@example.com>", sender: str = FROM, ics: bytes | None = None) -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = "Uw inschrijving: café, naïef en 100 € — bevestigd"
    message["Reply-To"] = "info@example.nl"
    message["Message-ID"] = "<ours@example.nl>"
    message["Date"] = "Mon, 01 Jan 2001 00:00:00 +0000"
    message.set_content("Beste Zoë,\n\nBetaal: https://loket.example.nl/pay/abc\n")
    message.add_alternative(
        '<html lang="nl"><head><title>x</title></head><body><h1>Beste Zoë</h1><a href="https://a.nl/">Betaal</a></body></html>',
        subtype="html",
    )
    if ics is not None:
        message.add_attachment(
            ics, maintype="text", subtype="calendar", filename="../../congrès 2026.ics", params={"method": "PUBLISH"}
        )
    return message.as_bytes()


def send(
    stand_in: StandIn, raw: bytes | None = None, *, to: tuple[str, ...] = ("zoe@example.com",), **more: Any
) -> str:
    call: dict[str, Any] = {
        "FromEmailAddress": FROM,
        "Destination": {"ToAddresses": list(to)},
        "Content": {"Raw": {"Data": mail() if raw is None else raw}},
        "ConfigurationSetName": "loket-service",
    }
    answer = stand_in.client.send_email(**(call | more))
    return answer["MessageId"]


def header(message: dict[str, Any], name: str) -> list[str]:
    return [one["value"] for one in message["headers"] if one["name"].lower() == name.lower()]


def refused(stand_in: StandIn, name: str, containing: str | None, *args: Any, **more: Any) -> None:
    with pytest.raises(getattr(stand_in.client.exceptions, name), match=containing) as caught:
        send(stand_in, *args, **more)
    assert caught.value.response["Error"]["Code"] == name
    assert stand_in.mails() == []
    assert stand_in.published == []
