"""Tills: a payment service behind the sockets of the gateway and the books, and what buyers and banks do at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import stripe
from flask import Flask

from chalicelib.adapters.stripe_books import StripeBooks
from chalicelib.adapters.stripe_gateway import Desk, StripeGateway, stripe_client
from chalicelib.domain.checkout import CheckoutLine, CheckoutRequest, CheckoutSession
from chalicelib.domain.refund import RefundRequest
from chalicelib.ports import PaymentBooks, PaymentGateway
from devstack.environment import STRIPE_KEY, WEBHOOK_SECRET
from devstack.serve import HOST, serve
from devstack.stripe import Books, close, stripe_app
from devstack.stripe.faults import Fault
from devstack.stripe.stand_in import Action, StandIn
from devstack.stripe.transport import client_of, quiet_stand_in
from tests.fakes.books import FakeBooks
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
    def books(self) -> PaymentBooks: ...
    @property
    def clock(self) -> Clock: ...

    def pay(
        self, session_id: str, *, method: str = "ideal", amount_cents: int | None = None, currency: str = ""
    ) -> object:
        """The buyer pays, or the money of a delayed payment arrives."""

    def pay_anyway(self, session_id: str) -> object:
        """An expired session is paid, which should be impossible."""

    def pay_later(self, session_id: str) -> object:
        """The buyer chooses a method whose money comes later, or not."""

    def fail_later(self, session_id: str) -> object:
        """The money of a delayed payment will not come."""

    def refund_elsewhere(self, session_id: str, cents: int) -> str:
        """Somebody refunds in the service's own pages; the refund's id."""

    def settle_refund(self, refund_id: str) -> object:
        """The money is with the buyer."""

    def fail_refund(self, refund_id: str) -> object:
        """The buyer's bank sends the money back."""

    def dispute(self, session_id: str, cents: int | None = None, *, inquiry: bool = False) -> str:
        """The buyer asks his bank for the money; the dispute's id."""

    def close_dispute(self, dispute_id: str, *, won: bool) -> object:
        """The bank decides."""

    def pay_out(self) -> str:
        """The service sends what it holds to the bank; the payout's id."""


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


def give_back(session: CheckoutSession, **changes: Any) -> RefundRequest:
    """What the desk asks to give the money of a session back."""
    asked: dict[str, Any] = {
        "id": "refund-1",
        "order_id": session.order_id,
        "payment_id": session.payment_id,
        "amount_cents": session.amount_cents,
        "attempt": 1,
    }
    return RefundRequest(**asked | changes)


def paid(till: Till, *, method: str = "ideal", **changes: Any) -> CheckoutSession:
    """A session that somebody paid."""
    opened = till.gateway.open_session(request(till.clock, **changes))
    till.pay(opened.id, method=method)
    return fetched(till, opened)


def fetched(till: Till, session: CheckoutSession) -> CheckoutSession:
    """The session as it is now."""
    found = till.gateway.fetch(session.id)
    assert found is not None
    return found


class FakeTill:
    """The fake."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.gateway = FakeGateway(clock=self.clock)
        self.books = FakeBooks(gateway=self.gateway)
        self.pay, self.pay_anyway = self.gateway.pay, self.gateway.pay_anyway
        self.pay_later, self.fail_later = self.gateway.pay_later, self.gateway.fail_later
        self.settle_refund, self.fail_refund = self.gateway.settle_refund, self.gateway.fail_refund
        self.close_dispute = self.gateway.close_dispute

    def refund_elsewhere(self, session_id: str, cents: int) -> str:
        return self.gateway.refund_elsewhere(session_id, cents).id

    def dispute(self, session_id: str, cents: int | None = None, *, inquiry: bool = False) -> str:
        return self.gateway.dispute(session_id, cents, inquiry=inquiry).id

    def pay_out(self) -> str:
        return self.books.pay_out().id


@dataclass(frozen=True, kw_only=True)
class StripeTill:
    """The real adapters and Stripe's own SDK, with the stand-in behind them: over HTTP, or in process without `url`."""

    stand_in: StandIn
    clock: Clock
    url: str = ""

    @property
    def gateway(self) -> StripeGateway:
        """With a client of its own, as a process just started has it."""
        return StripeGateway(self.client(), desk=DESK)

    @property
    def books(self) -> StripeBooks:
        return StripeBooks(self.client(), desk=DESK)

    def client(self, *, key: str = STRIPE_KEY) -> stripe.StripeClient:
        return stripe_client(secret_key=key, api_base=self.url) if self.url else client_of(self.stand_in)

    def pay(
        self, session_id: str, *, method: str = "ideal", amount_cents: int | None = None, currency: str = ""
    ) -> None:
        if self.stand_in.books.session(session_id).status == "open":
            self.act("pay", session_id, method=method, amount=amount_cents, currency=currency.lower() or None)
        else:
            self.act("settle", session_id)

    def pay_anyway(self, session_id: str) -> None:
        self.act("pay-anyway", session_id)

    def pay_later(self, session_id: str) -> None:
        self.act("later", session_id)

    def fail_later(self, session_id: str) -> None:
        self.act("settle-failed", session_id)

    def act(self, action: Action, session_id: str, **details: Any) -> None:
        """Let something happen without a webhook."""
        self.stand_in.lapse()
        self.stand_in.act(action, session_id, webhook="lost", **details)

    def refund_elsewhere(self, session_id: str, cents: int) -> str:
        return self.stand_in.give_back(session_id, amount=cents, webhook="lost")[0].id

    def settle_refund(self, refund_id: str) -> None:
        self.stand_in.act_on_refund("settle", refund_id, webhook="lost")

    def fail_refund(self, refund_id: str) -> None:
        self.stand_in.act_on_refund("fail", refund_id, reason="declined", webhook="lost")

    def dispute(self, session_id: str, cents: int | None = None, *, inquiry: bool = False) -> str:
        status: Any = "warning_needs_response" if inquiry else "needs_response"
        return self.stand_in.open_dispute(session_id, amount=cents, status=status, webhook="lost")[0].id

    def close_dispute(self, dispute_id: str, *, won: bool) -> None:
        inquiry = self.stand_in.books.dispute(dispute_id).status.startswith("warning")
        end: Any = "warning-closed" if inquiry else ("won" if won else "lost")
        self.stand_in.act_on_dispute(end, dispute_id, webhook="lost")

    def pay_out(self) -> str:
        return self.stand_in.pay_out(webhook="lost")[0][0].id

    def plan(self, operation: str, kind: str, **details: Any) -> None:
        """Order a fault for the next calls of an operation."""
        self.stand_in.faults.plan(Fault.model_validate({"operation": operation, "kind": kind, **details}))

    def asked(self) -> list[dict[str, Any]]:
        """All calls of the API, oldest first."""
        calls: list[dict[str, Any]] = self.stand_in.books.as_json()["requests"]
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
    url, clock = f"http://{HOST}:{server.server_port}", Clock()
    app = stripe_app(
        books=Books(),
        webhook_url=f"{url}/nobody",
        webhook_secret=WEBHOOK_SECRET,
        api_key=STRIPE_KEY,
        public_url=url,
        clock=clock,
        webhook_delay=600,
        tick=600,
    )
    server.app = app
    yield StripeTill(stand_in=app.extensions["stripe-stand-in"], clock=clock, url=url)
    close(app)


def quiet_till() -> StripeTill:
    """The same in this process, without a server."""
    clock = Clock()
    return StripeTill(stand_in=quiet_stand_in(clock=clock, api_key=STRIPE_KEY), clock=clock)


def long_ago(clock: Clock) -> datetime:
    return clock() - timedelta(days=1)
