"""Tills: a payment service behind the socket of the gateway, and what a buyer and a bank do at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import requests
import stripe
from flask import Flask

from chalicelib.adapters.stripe_gateway import Desk, StripeGateway, stripe_client
from chalicelib.domain.checkout import CheckoutLine, CheckoutRequest
from chalicelib.ports import PaymentGateway
from devstack.environment import STRIPE_KEY, WEBHOOK_SECRET
from devstack.serve import HOST, serve
from devstack.stripe import Books, close, stripe_app
from tests.fakes.clock import Clock
from tests.fakes.gateway import FakeGateway

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

DESK = Desk(app="loket", stage="test")
EMAIL = "zoe@sudwestfryslan.example.nl"
LINES = (
    CheckoutLine(
        name="Lidmaatschap (L26-7KQM)", description="Voor uw hele organisatie.", quantity=1, unit_cents=50_000
    ),
    CheckoutLine(name="Diner (L26-7KQM)", description="’s Avonds, 3 gangen — café", quantity=3, unit_cents=4_950),
)
TOTAL_CENTS = 64_850


class Till(Protocol):
    """One payment service with nothing in it yet; the clock is its own too."""

    @property
    def gateway(self) -> PaymentGateway: ...
    @property
    def clock(self) -> Clock: ...

    def pay(self, session_id: str) -> None:
        """The buyer pays, or the money of a delayed payment arrives."""

    def pay_later(self, session_id: str) -> None:
        """The buyer chooses a method whose money comes later, or not."""

    def fail_later(self, session_id: str) -> None:
        """The money of a delayed payment will not come."""


def request(clock: Clock, **changes: Any) -> CheckoutRequest:
    """What the desk asks for an order that has just been placed."""
    asked: dict[str, Any] = {
        "order_id": "order-1",
        "attempt": 1,
        "code": "L26-7KQM",
        "language": "nl",
        "email": EMAIL,
        "currency": "EUR",
        "lines": LINES,
        "expires_at": clock() + timedelta(minutes=35),
        "success_url": "https://aanmelden.example.nl/nl/order/order-1-abc?from=payment",
        "cancel_url": "https://aanmelden.example.nl/nl/order/order-1-abc?from=cancel",
    }
    return CheckoutRequest(**asked | changes)


@dataclass(frozen=True)
class FakeTill:
    """The fake."""

    gateway: FakeGateway
    clock: Clock

    def pay(self, session_id: str) -> None:
        self.gateway.pay(session_id)

    def pay_later(self, session_id: str) -> None:
        self.gateway.pay_later(session_id)

    def fail_later(self, session_id: str) -> None:
        self.gateway.fail_later(session_id)


@dataclass(frozen=True, kw_only=True)
class StripeTill:
    """The real adapter and Stripe's own SDK, over HTTP to the stand-in."""

    url: str
    books: Books
    clock: Clock

    @property
    def gateway(self) -> StripeGateway:
        """With a client of its own, as a process just started has it."""
        return StripeGateway(self.client(), desk=DESK)

    def client(self, *, key: str = STRIPE_KEY) -> stripe.StripeClient:
        return stripe_client(secret_key=key, api_base=self.url)

    def pay(self, session_id: str) -> None:
        is_open = self.books.session(session_id).status == "open"
        self.act("pay" if is_open else "settle", session_id)

    def pay_later(self, session_id: str) -> None:
        self.act("later", session_id)

    def fail_later(self, session_id: str) -> None:
        self.act("settle-failed", session_id)

    def act(self, action: str, session_id: str) -> None:
        """Let something happen without a webhook."""
        address = f"{self.url}/_stand-in/sessions/{session_id}/{action}"
        requests.post(address, params={"webhook": "lost"}, timeout=5).raise_for_status()

    def plan(self, operation: str, kind: str, **details: Any) -> None:
        """Order a fault for the next calls of an operation."""
        fault = {"operation": f"checkout.sessions.{operation}", "kind": kind, **details}
        requests.post(f"{self.url}/_stand-in/faults", json=fault, timeout=5).raise_for_status()

    def asked(self) -> list[dict[str, Any]]:
        """All calls of the API, oldest first."""
        calls: list[dict[str, Any]] = self.books.as_json()["requests"]
        return calls


@contextmanager
def running_tills() -> Iterator[BaseWSGIServer]:
    """One server for many tests, each with a stand-in of its own behind it."""
    server = serve(Flask("not yet"), port=0)
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def stripe_till(server: BaseWSGIServer) -> Iterator[StripeTill]:
    """A stand-in without a past. Its webhooks never leave: what they bring is tested elsewhere."""
    url, books, clock = f"http://{HOST}:{server.server_port}", Books(), Clock()
    server.app = stripe_app(
        books=books,
        webhook_url=f"{url}/nobody",
        webhook_secret=WEBHOOK_SECRET,
        api_key=STRIPE_KEY,
        public_url=url,
        clock=clock,
        webhook_delay=600,
        tick=600,
    )
    yield StripeTill(url=url, books=books, clock=clock)
    close(server.app)


def fake_till() -> FakeTill:
    clock = Clock()
    return FakeTill(FakeGateway(clock=clock), clock)


def long_ago(clock: Clock) -> datetime:
    return clock() - timedelta(days=1)
