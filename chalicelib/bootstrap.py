"""The fuse box: which wire is in which socket; one application, made when it is first needed."""

from __future__ import annotations

import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.adapters.dynamodb.clicks import TableClicks
from chalicelib.adapters.dynamodb.lists import TableLists
from chalicelib.adapters.dynamodb.logins import TableLogins
from chalicelib.adapters.dynamodb.readership import TableReadership
from chalicelib.adapters.dynamodb.store import TableStore, dynamodb_client
from chalicelib.adapters.dynamodb.tallies import TableTallies
from chalicelib.adapters.emf_metrics import EmfMetrics
from chalicelib.adapters.pace import Pace
from chalicelib.adapters.seed_files import seed_files, topics_file
from chalicelib.adapters.sqs_queue import SqsQueue
from chalicelib.adapters.stripe_dashboard import payment_page
from chalicelib.domain.dead_letter import WorkerQueue
from chalicelib.domain.email import MailNews, Stream
from chalicelib.domain.identity import Identity
from chalicelib.domain.link import Links
from chalicelib.domain.offer import Offer
from chalicelib.domain.topic import Topic
from chalicelib.ports import (
    Clicks,
    CodeComposer,
    DeadLetters,
    Exports,
    IssueComposer,
    Lists,
    Logins,
    MailAccount,
    MailComposer,
    MailSender,
    Metrics,
    PaymentBooks,
    PaymentGateway,
    Queue,
    Readership,
    Store,
    Tallies,
)
from chalicelib.rendering.letters import LetterComposer
from chalicelib.rendering.renderer import Renderer
from chalicelib.rendering.script import Script, embed_script
from chalicelib.settings import PARAMETERS, Settings, read_settings

if TYPE_CHECKING:
    from stripe import StripeClient
    from types_boto3_dynamodb import DynamoDBClient

    from chalicelib.adapters.stripe_gateway import Desk
    from chalicelib.adapters.stripe_webhook import StripeWebhook
    from chalicelib.flows.reconcile import Reconciliation
    from chalicelib.flows.send_issue import IssueSending

APP = "loket"


class Application:
    """Everything that runs in one process; each part is made on first use, so that a page needs no Stripe."""

    def __init__(
        self,
        settings: Settings,
        *,
        now: Callable[[], datetime],
        new_token: Callable[[], str] = lambda: secrets.token_hex(16),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings, self.now, self.new_token, self.sleep = settings, now, new_token, sleep

    @cached_property
    def store(self) -> Store:
        return TableStore(self._dynamodb, table=self.settings.table, new_token=self.new_token)

    @cached_property
    def tallies(self) -> Tallies:
        return TableTallies(self._dynamodb, table=self.settings.table)

    @cached_property
    def clicks(self) -> Clicks:
        return TableClicks(self._dynamodb, table=self.settings.table)

    @cached_property
    def lists(self) -> Lists:
        return TableLists(self._dynamodb, table=self.settings.table)

    @cached_property
    def logins(self) -> Logins:
        return TableLogins(self._dynamodb, table=self.settings.table)

    @cached_property
    def gateway(self) -> PaymentGateway:
        from chalicelib.adapters.stripe_gateway import StripeGateway

        return StripeGateway(self._stripe, desk=self._desk)

    @cached_property
    def books(self) -> PaymentBooks:
        from chalicelib.adapters.stripe_books import StripeBooks

        return StripeBooks(self._stripe, desk=self._desk)

    def paced_gateway(self) -> PaymentGateway:
        """The gateway for one run of a schedule."""
        return self._pace().keep(self.gateway)

    def reconciliation(self) -> Reconciliation:
        """The books to be compared, for one run."""
        from chalicelib.flows.reconcile import Reconciliation

        pace = self._pace()
        return Reconciliation(
            store=self.store,
            gateway=pace.keep(self.gateway),
            books=pace.keep(self.books),
            emails=self.emails,
            links=self.links,
            clock=self.now,
        )

    @cached_property
    def webhook(self) -> StripeWebhook:
        from chalicelib.adapters.stripe_webhook import StripeWebhook

        live = "_live_" in self.settings.stripe_secret_key
        return StripeWebhook(secret=self.settings.stripe_webhook_secret, desk=self._desk, live=live)

    @cached_property
    def emails(self) -> Queue:
        return SqsQueue(self.settings.email_queue_url)

    @cached_property
    def payments(self) -> Queue:
        return SqsQueue(self.settings.payment_queue_url)

    @cached_property
    def dead_letters(self) -> DeadLetters:
        from chalicelib.adapters.sqs_dead_letters import Addresses, SqsDeadLetters

        settings = self.settings
        return SqsDeadLetters(
            {
                WorkerQueue.PAYMENTS: Addresses(
                    work=settings.payment_queue_url, dead=settings.payment_dead_letters_url
                ),
                WorkerQueue.EMAILS: Addresses(work=settings.email_queue_url, dead=settings.email_dead_letters_url),
                WorkerQueue.DELIVERIES: Addresses(
                    work=settings.delivery_queue_url, dead=settings.delivery_dead_letters_url
                ),
            }
        )

    @cached_property
    def exports(self) -> Exports:
        from chalicelib.adapters.s3_exports import S3Exports

        return S3Exports(self.settings.export_bucket, new_token=self.new_token)

    @cached_property
    def sender(self) -> MailSender:
        from chalicelib.adapters.ses_sender import Sender, SesSender

        settings, association = self.settings, self.settings.association
        service = Sender(
            name=association.short_name,
            address=settings.mail_from,
            reply_to=association.email,
            configuration_set=settings.configuration_set,
        )
        bulk = replace(service, address=settings.bulk_mail_from, configuration_set=settings.bulk_configuration_set)
        return SesSender({Stream.TRANSACTIONAL: service, Stream.BULK: bulk})

    @cached_property
    def readership(self) -> Readership:
        return TableReadership(self._dynamodb, table=self.settings.table)

    @cached_property
    def account(self) -> MailAccount:
        from chalicelib.adapters.ses_sender import SesAccount

        return SesAccount()

    @cached_property
    def issue_composer(self) -> IssueComposer:
        from chalicelib.rendering.newsletter import NewsletterComposer

        return NewsletterComposer(self.renderer, links=self.links)

    def issue_sending(self, *, goes_on: Callable[[], bool]) -> IssueSending:
        """One run of whoever sends issues."""
        from chalicelib.adapters.mail_beat import MailBeat
        from chalicelib.flows.send_issue import IssueSending

        return IssueSending(
            run_id=self.new_token(),
            store=self.store,
            readership=self.readership,
            lists=self.lists,
            composer=self.issue_composer,
            sender=self.sender,
            account=self.account,
            beat=lambda rate: MailBeat(rate, clock=time.monotonic, sleep=self.sleep),
            links=self.links,
            identity=self.identity,
            clock=self.now,
            goes_on=goes_on,
            counts_clicks=self.settings.newsletter_clicks,
        )

    @cached_property
    def metrics(self) -> Metrics:
        return EmfMetrics(self.settings.metrics, output=sys.stdout)

    @cached_property
    def renderer(self) -> Renderer:
        return Renderer(self.settings.association)

    @cached_property
    def embed_script(self) -> Script:
        return embed_script(self.settings.base_url, association=self.settings.association)

    @cached_property
    def composer(self) -> MailComposer:
        return self._letters

    @cached_property
    def code_composer(self) -> CodeComposer:
        return self._letters

    @cached_property
    def identity(self) -> Identity:
        return Identity(self.settings.secret_key)

    @cached_property
    def links(self) -> Links:
        return Links(self.settings.base_url, self.identity)

    def payment_page(self, payment_id: str) -> str:
        """Where a person finds a payment in the payment service's own pages."""
        settings = self.settings
        return payment_page(payment_id, secret_key=settings.stripe_secret_key, api_base=settings.stripe_api_base)

    def seeds(self) -> tuple[Offer, ...]:
        return seed_files()

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        return topics_file()

    def read_mail_event(self, body: str) -> MailNews | None:
        from chalicelib.adapters.ses_events import read_mail_event

        return read_mail_event(body)

    @cached_property
    def _letters(self) -> LetterComposer:
        return LetterComposer(self.renderer, association=self.settings.association, links=self.links)

    @cached_property
    def _dynamodb(self) -> DynamoDBClient:
        return dynamodb_client()

    def _pace(self) -> Pace:
        return Pace(clock=time.monotonic, sleep=self.sleep)

    @cached_property
    def _stripe(self) -> StripeClient:
        from chalicelib.adapters.stripe_gateway import stripe_client

        return stripe_client(secret_key=self.settings.stripe_secret_key, api_base=self.settings.stripe_api_base)

    @cached_property
    def _desk(self) -> Desk:
        from chalicelib.adapters.stripe_gateway import Desk

        return Desk(app=APP, stage=self.settings.stage)


_running: list[Application] = []


def application() -> Application:
    """The application of this process. Raises SettingsWrong naming all that is wrong in the environment."""
    if not _running:
        _running.append(start(os.environ))
    return _running[0]


def start(environment: Mapping[str, str]) -> Application:
    """An application from the settings in an environment, and in the parameter store that it names."""
    logging.getLogger("chalicelib").setLevel(logging.INFO)
    settings = read_settings({**_parameters(environment), **environment})
    application = Application(settings, now=lambda: datetime.now(UTC))
    missing = application.settings.association.to_confirm()
    if missing:
        logging.getLogger(__name__).warning("association_to_confirm settings=%s", ",".join(missing))
    return application


def _parameters(environment: Mapping[str, str]) -> Mapping[str, str]:
    path = environment.get(PARAMETERS)
    if not path:
        return {}
    from chalicelib.adapters.ssm_parameters import read_parameters

    return read_parameters(path)


def use(application: Application) -> None:
    """Put another application in this process's place: for the tests and the developer's machine."""
    _running[:] = [application]
