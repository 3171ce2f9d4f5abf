"""The doors of the queues: each message is one flow; what fails comes again, and ends in the dead-letter queue."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from chalicelib.bootstrap import application
from chalicelib.domain.copy import OF_COPY
from chalicelib.flows.ask_code import MESSAGE
from chalicelib.flows.ask_proof import OF_PROOF
from chalicelib.flows.record_copy import record_copy
from chalicelib.flows.record_delivery import record_delivery
from chalicelib.flows.record_proof import record_proof
from chalicelib.flows.send_code import send_code
from chalicelib.flows.send_email import send_email
from chalicelib.flows.send_proof import send_proof
from chalicelib.flows.settle_payment import settle_news

log = logging.getLogger(__name__)

type Record = dict[str, Any]
type Failures = dict[str, list[dict[str, str]]]


def payments(records: Iterable[Record]) -> Failures:
    """Settle the sessions and payments that webhooks spoke of."""
    app = application()

    def settle(news_id: str) -> None:
        settle_news(news_id, store=app.store, gateway=app.gateway, emails=app.emails, now=app.now())

    return _each(records, settle, worker="payments")


def emails(records: Iterable[Record]) -> Failures:
    """Send emails of the outbox, codes to log in with, and proofs of issues."""
    app = application()

    def send(message: str) -> None:
        if message.startswith(MESSAGE):
            send_code(
                message.removeprefix(MESSAGE),
                first=app.settings.first_beheerder,
                logins=app.logins,
                store=app.store,
                composer=app.code_composer,
                sender=app.sender,
                identity=app.identity,
                now=app.now(),
            )
            return
        if message.startswith(f"{OF_PROOF}-"):
            send_proof(
                message,
                store=app.store,
                composer=app.issue_composer,
                sender=app.sender,
                links=app.links,
                identity=app.identity,
                now=app.now(),
            )
            return
        send_email(
            message,
            store=app.store,
            composer=app.composer,
            sender=app.sender,
            identity=app.identity,
            topics=app.topics,
            pause=app.settings.limits.mail_pause,
            now=app.now(),
        )

    return _each(records, send, worker="emails")


def deliveries(records: Iterable[Record]) -> Failures:
    """Record what SES tells of emails, and of copies and proofs of an issue."""
    app = application()

    def record(body: str) -> None:
        news = app.read_mail_event(body)
        if news is None:
            return
        kind = news.email_id.partition("-")[0]
        write = {OF_COPY: record_copy, OF_PROOF: record_proof}.get(kind, record_delivery)
        write(news, store=app.store, identity=app.identity, now=app.now())

    return _each(records, record, worker="deliveries")


def _each(records: Iterable[Record], work: Callable[[str], None], *, worker: str) -> Failures:
    """Every record is tried, whatever became of the one before; the answer names those that are to come again."""
    failed = []
    for record in records:
        try:
            work(record["body"])
        except Exception as error:  # a worker's door: one poisoned message must not take its batch along
            log.exception("message_failed worker=%s message_id=%s", worker, record["messageId"], exc_info=error)
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
