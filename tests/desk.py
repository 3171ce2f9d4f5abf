"""A desk for tests: the real flows, doors and storage on an in-memory DynamoDB, with working fakes around it."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalice.test import Client, TestHTTPClient

from chalicelib import bootstrap
from chalicelib.adapters.dynamodb.clicks import TableClicks
from chalicelib.adapters.dynamodb.lists import TableLists
from chalicelib.adapters.dynamodb.logins import TableLogins
from chalicelib.adapters.dynamodb.readership import TableReadership
from chalicelib.adapters.dynamodb.store import TableStore
from chalicelib.adapters.dynamodb.tallies import TableTallies
from chalicelib.adapters.seed_files import seed_files
from chalicelib.bootstrap import Application
from chalicelib.domain.answers import Answers
from chalicelib.domain.association import Association
from chalicelib.domain.calendar import local_date
from chalicelib.domain.language import Language
from chalicelib.domain.membership import Membership
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Order
from chalicelib.domain.reconciliation import Round, Window
from chalicelib.entrypoints import schedules, workers
from chalicelib.flows.decide import Submission
from chalicelib.flows.find_offer import find_offer
from chalicelib.flows.open_checkout import Checkout, open_checkout
from chalicelib.flows.register import Registered, register
from chalicelib.flows.send_email import send_email
from chalicelib.ports import MailSender
from chalicelib.rendering.renderer import Renderer
from chalicelib.settings import read_settings
from devstack.environment import create_table, desk_variables
from infra.resources import QUEUES
from tests import permissions
from tests.engines.memory import MemoryDynamoDB
from tests.fakes.books import FakeBooks
from tests.fakes.clock import Clock
from tests.fakes.dead_letters import FakeDeadLetters
from tests.fakes.exports import FakeExports
from tests.fakes.gateway import FakeGateway
from tests.fakes.mail_account import FakeMailAccount
from tests.fakes.queue import FakeQueue
from tests.fakes.sender import FakeSender

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

TABLE = "loket-test"
BASE_URL = "https://aanmelden.example.nl"
WEBSITE = "https://www.lpb.example.nl"
FORM_KEY = "a-form-key-of-a-visitor"
CONSENT_TEXT = "Ja, stuur mij de digitale nieuwsbrief van LPB."
# What the settings are when nobody sets them, and a test may meet.
STRICT = {
    "LOKET_LIMIT_ADDRESS": "60/10",
    "LOKET_LIMIT_RECIPIENT": "12/60",
    "LOKET_LIMIT_FORM": "600/10",
    "LOKET_LIMIT_LOOKUP": "240/10",
    "LOKET_HOLDS_ADDRESS": "30",
    "LOKET_HOLDS_RECIPIENT": "4",
    "LOKET_MAIL_PAUSE": "10",
}
ANSWERS = Answers(organisation="Gemeente Voorbeeldstad", name="Ada de Vries", email="ada@voorbeeldstad.nl")
FORM = ANSWERS.fields() | {"key": FORM_KEY, "do": "pay"}


@functools.cache
def renderer(association: Association) -> Renderer:
    """One for all desks: compiling the templates takes longer than all the rest of a journey."""
    return Renderer(association)


@functools.cache
def seeds() -> tuple[Offer, ...]:
    """Read once, for the same reason."""
    return seed_files()


class Desk:
    """One desk with everything around it; `application` is the real one, with fakes in its outer sockets.

    `given` are settings as a developer's environment gives them; one that is `beside` another is a second process on
    the same table.
    """

    def __init__(self, *, given: Mapping[str, str] | None = None, beside: Desk | None = None) -> None:
        self.clock = Clock()
        self.dynamo: MemoryDynamoDB = beside.dynamo if beside else self.new_engine()
        self.client = self.dynamo.client()
        permissions.watch(self.client, table=TABLE)
        if beside is None:
            create_table(self.client, name=TABLE)
        self.gateway = FakeGateway(clock=self.clock)
        self.books = FakeBooks(gateway=self.gateway)
        self.emails, self.payments, self.sender = FakeQueue(), FakeQueue(), FakeSender(clock=self.clock)
        tokens = itertools.count(10**6 if beside else 0)
        variables = desk_variables(
            base_url=BASE_URL,
            website=WEBSITE,
            stripe="https://stripe.example.nl",
            queues={name: f"{BASE_URL}/{name}" for name in QUEUES},
            given=given or {},
        )
        self.application = Application(
            read_settings(variables),
            now=self.clock,
            new_token=lambda: f"token-{next(tokens):06}",
            sleep=lambda _seconds: None,
        )
        self.application.seeds = seeds  # type: ignore[method-assign]  # the same offers
        self.application.renderer = renderer(self.application.settings.association)
        self.store = TableStore(self.client, table=TABLE, new_token=self.application.new_token)
        self.application.store = self.store
        self.application.tallies = TableTallies(self.client, table=TABLE)
        self.application.logins = TableLogins(self.client, table=TABLE)
        self.application.clicks = TableClicks(self.client, table=TABLE)
        self.application.lists = TableLists(self.client, table=TABLE)
        self.application.readership = TableReadership(self.client, table=TABLE)
        self.application.account = FakeMailAccount()
        self.application.gateway, self.application.books = self.gateway, self.books
        self.application.emails, self.application.payments = self.emails, self.payments
        self.application.sender = self.sender
        self.dead_letters = FakeDeadLetters(clock=self.clock)
        self.application.dead_letters = self.dead_letters
        self.exports = FakeExports()
        self.application.exports = self.exports

    def new_engine(self) -> MemoryDynamoDB:
        return MemoryDynamoDB(clock=self.clock)

    # The verbs, with this desk's wires in them.

    def offer(self, offer_id: str = "lidmaatschap") -> Offer:
        offer = find_offer(offer_id, store=self.store, seeds=self.application.seeds)
        assert offer is not None
        return offer

    def put_offer(self, offer: Offer) -> Offer:
        """Put an offer in the table, in the place of the one that was there, as the secretariat would."""
        unit = self.store.unit_of_work()
        current = unit.offers.get(offer.id)
        if current is None:
            unit.offers.add(offer)
        else:
            offer = unit.offers.update(replace(offer, version=current.version))
        unit.commit()
        return offer

    def member(
        self,
        *domains: str,
        organisation: str = ANSWERS.organisation,
        starts_on: date | None = None,
        ends_on: date | None = None,
    ) -> Membership:
        """Add a membership of whoever writes from these domains; it is running unless other days are given."""
        today = local_date(self.clock())
        membership = Membership(
            id=f"member-{len(self.items('membership')) + 1}",
            organisation=organisation,
            registration_number="",
            domains=domains,
            contact_name=ANSWERS.name,
            contact_email=ANSWERS.email,
            starts_on=starts_on or today - timedelta(days=60),
            ends_on=ends_on or today + timedelta(days=300),
            version=1,
        )
        unit = self.store.unit_of_work()
        unit.memberships.add(membership)
        unit.commit()
        return membership

    def submission(
        self, answers: Answers = ANSWERS, *, key: str = FORM_KEY, offer_id: str = "lidmaatschap", **sent: Any
    ) -> Submission:
        """What a form of this offer sends; `sent` is what goes along, such as `agreed_cents`."""
        submission = Submission(
            form_key=key,
            offer=self.offer(offer_id),
            answers=answers,
            language=Language.NL,
            source=f"{BASE_URL}/nl/{offer_id}",
            consent_text=CONSENT_TEXT,
        )
        return replace(submission, **sent)

    def register(
        self, answers: Answers = ANSWERS, *, key: str = FORM_KEY, offer_id: str = "lidmaatschap", **sent: Any
    ) -> Registered:
        submission = self.submission(answers, key=key, offer_id=offer_id, **sent)
        return register(
            submission,
            store=self.store,
            identity=self.application.identity,
            emails=self.emails,
            now=self.clock(),
        )

    def seats(self, offer_id: str) -> dict[str, tuple[int, int]]:
        """How many seats are held and sold, by counter."""
        return {name: (count.held, count.sold) for name, count in self.store.seats(offer_id).items()}

    def open_checkout(self, order: Order) -> Checkout:
        return open_checkout(
            order,
            store=self.store,
            gateway=self.gateway,
            emails=self.emails,
            links=self.application.links,
            now=self.clock(),
        )

    def order(self, order_id: str) -> Order:
        order = self.store.unit_of_work().orders.get(order_id)
        assert order is not None
        return order

    def buyer(self, order_id: str) -> Buyer:
        buyer = self.store.unit_of_work().buyers.get(order_id)
        assert buyer is not None
        return buyer

    def send(self, email_id: str, *, sender: MailSender | None = None) -> None:
        send_email(
            email_id,
            store=self.store,
            composer=self.application.composer,
            sender=sender or self.sender,
            identity=self.application.identity,
            topics=self.application.topics,
            pause=self.application.settings.limits.mail_pause,
            now=self.clock(),
        )

    def work(self) -> None:
        """Let the workers take what is in the queues, until nothing is left."""
        with self.running():
            while self.payments.messages or self.emails.messages:
                workers.payments(_records(self.payments.take()))
                workers.emails(_records(self.emails.take()))

    def sweep(self) -> None:
        with self.running():
            schedules.sweep()

    def reconcile(self, window: Window = Window.ALL) -> Round:
        """A whole round, from its beginning."""
        current = self.application.reconciliation().reconcile(window, goes_on=lambda _: True, anew=True)
        assert current is not None
        return current

    # The doors, through Chalice's own way of a request.

    def get(self, path: str, **headers: str) -> HTTPResponse:
        with self.running() as http:
            return http.get(path, headers=_named(headers))

    def post(self, path: str, fields: dict[str, str] | str | bytes, **headers: str) -> HTTPResponse:
        body = urlencode(fields) if isinstance(fields, dict) else fields
        sent = {"content_type": "application/x-www-form-urlencoded"} | headers
        with self.running() as http:
            return http.post(path, headers=_named(sent), body=body if isinstance(body, bytes) else body.encode())

    @contextmanager
    def running(self) -> Iterator[TestHTTPClient]:
        """This desk in the process's place, and Chalice's own client to reach it by."""
        import app

        bootstrap.use(self.application)
        with Client(app.app) as client:
            yield client.http

    # What lies in the table.

    def items(self, record: str = "") -> list[dict[str, Any]]:
        items = self.dynamo.items(TABLE)
        return [item for item in items if not record or item["record"]["S"] == record]


def strict_desk() -> Desk:
    """A desk with the limits that a real one has when nothing is set."""
    return Desk(given=STRICT)


def _records(messages: list[str]) -> list[dict[str, Any]]:
    return [{"messageId": f"m{index}", "body": body} for index, body in enumerate(messages)]


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-").title(): value for name, value in headers.items()}
