"""Mail services behind the socket of the sender, and a look into what they were given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from botocore.config import Config
from flask import Flask

from chalicelib.adapters.ses_sender import Sender, SesSender, ses_client
from chalicelib.domain.email import Letter, Stream
from chalicelib.domain.error import MailPostponed, MailRejected, MailUnknown
from chalicelib.ports import MailSender
from devstack.serve import HOST, serve
from devstack.ses import PostOffice, mailbox_app
from devstack.ses.api import as_json
from devstack.ses.faults import Fault, FaultKind
from tests.fakes.clock import Clock
from tests.fakes.sender import FakeSender

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client
    from werkzeug.serving import BaseWSGIServer

SENDER = Sender(
    name="LPB",
    address="aanmelden@notify.lpb.example.nl",
    reply_to="info@lpb.example.nl",
    configuration_set="loket-test-transactional",
)
BULK = replace(SENDER, address="nieuwsbrief@nieuws.lpb.example.nl", configuration_set="loket-test-bulk")
SENDERS = {Stream.TRANSACTIONAL: SENDER, Stream.BULK: BULK}
LETTER = Letter(
    to="zoe@sudwestfryslan.example.nl",
    subject="Uw lidmaatschap L26-7KQM — café, naïef & 100 €",
    text="Beste Zoë,\n\nDank voor uw betaling van € 500,00.\n",
    html="<!doctype html><html lang='nl'><title>Lid</title><p>Beste Zoë,</p><p>Dank voor € 500,00.</p></html>",
)
EMAIL_ID = "confirmation-q7mmnf2nqzv4k3bqxgq5dn4s6y5m2t7a"


class MailDesk(Protocol):
    """One mail service with nothing in it yet."""

    @property
    def sender(self) -> MailSender: ...

    def sent(self) -> list[tuple[str, str, str]]:
        """Email id, address and subject of each mail that was accepted, oldest first."""

    def refuse(self) -> None:
        """Refuse the next mail for good."""

    def postpone(self) -> None:
        """Refuse the next mail for now."""

    def lose_answer(self) -> None:
        """Accept the next mail without saying so."""


@dataclass(frozen=True)
class FakeMailDesk:
    """The fake."""

    sender: FakeSender = field(default_factory=lambda: FakeSender(clock=Clock()))

    def sent(self) -> list[tuple[str, str, str]]:
        return [(email_id, letter.to, letter.subject) for email_id, letter in self.sender.sent]

    def refuse(self) -> None:
        self.sender.failures.append(MailRejected("refused"))

    def postpone(self) -> None:
        self.sender.failures.append(MailPostponed("throttled"))

    def lose_answer(self) -> None:
        self.sender.failures_after.append(MailUnknown("silence"))


@dataclass(frozen=True, kw_only=True)
class SesMailDesk:
    """The real adapter, over HTTP to the SES stand-in."""

    url: str
    post_office: PostOffice
    events: list[str]
    sender: SesSender

    def sent(self) -> list[tuple[str, str, str]]:
        return [(mail["tags"]["email"], mail["to"][0], mail["subject"]) for mail in self.mails()]

    def mails(self) -> list[dict[str, Any]]:
        """All mails, oldest first."""
        return [as_json(message) for message in reversed(self.post_office.messages())]

    def plan(self, kind: str, **details: Any) -> None:
        """Let something go wrong with the next mail."""
        self.post_office.faults.add(Fault(kind=FaultKind(kind), **details))

    def refuse(self) -> None:
        self.plan("refuse", error="BadRequestException")

    def postpone(self) -> None:
        self.plan("throttle")

    def lose_answer(self) -> None:
        self.plan("timeout_after")


def hasty_client() -> SESV2Client:
    """The product's own client, but for its patience."""
    return boto3.client("sesv2", config=ses_client().meta.config.merge(Config(read_timeout=0.5)))


@contextmanager
def running_mail_desks() -> Iterator[BaseWSGIServer]:
    """One server for many tests, each with a post office of its own behind it."""
    server = serve(Flask("not yet"), port=0)
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def post_office_at(server: BaseWSGIServer) -> Iterator[tuple[str, PostOffice, list[str]]]:
    """A post office without a past: its address, itself, and the events that come out of it."""
    events: list[str] = []
    post_office = PostOffice(
        verified=frozenset({SENDER.address, BULK.address}),
        clock=lambda: datetime(2026, 11, 25, 12, 0, tzinfo=UTC),
        publish=events.append,
        delivery_seconds=0,
    )
    server.app = mailbox_app(post_office=post_office)
    yield f"http://{HOST}:{server.server_port}", post_office, events
    post_office.close()
