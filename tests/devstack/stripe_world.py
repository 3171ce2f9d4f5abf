"""Worlds for the tests of the Stripe stand-in: with sockets, a shop and webhooks; or quiet, of plain objects."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import requests
import stripe
from flask import Flask, Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from devstack.stripe import Books, Rates, Terms, close, stripe_app
from devstack.stripe.faults import Fault
from devstack.stripe.stand_in import StandIn
from devstack.stripe.transport import client_of, quiet_stand_in
from devstack.stripe.wire import CountedIds

API_KEY, SECRET, VERSION = "sk_test_loket", "whsec_loket", "2026-10-28.endive"


class Clock:
    """Real time, until somebody moves it."""

    def __init__(self) -> None:
        self.moved = timedelta()

    def __call__(self) -> datetime:
        """Return what time it is."""
        return datetime.now(UTC) + self.moved

    def ahead(self, **time_span: float) -> int:
        """Return a moment in the future, in Stripe's seconds."""
        return int((self() + timedelta(**time_span)).timestamp())


@dataclass
class Shop:
    """Gets webhooks, checks their signatures with the real SDK, and answers as told."""

    client: stripe.StripeClient
    answers: list[int] = field(default_factory=list)
    listening: threading.Event = field(default_factory=threading.Event)
    events: list[stripe.Event] = field(default_factory=list)

    def app(self) -> Flask:
        """Return the shop's one door."""
        shop = Flask("shop")

        @shop.post("/stripe")
        def receive() -> Response:
            event = self.client.construct_event(request.get_data(), request.headers["Stripe-Signature"], SECRET)
            assert self.listening.wait(5)
            self.events.append(event)
            return Response(status=self.answers.pop(0) if self.answers else 200, headers={"Location": "/elsewhere"})

        @shop.get("/<path:_>")
        def page(_: str) -> str:
            return "welkom terug"

        return shop

    @property
    def types(self) -> list[str]:
        """The kinds of events that came, in order."""
        return [event.type for event in self.events]


@dataclass(kw_only=True)
class World:
    """Everything a test touches."""

    clock: Clock
    client: stripe.StripeClient
    shop: Shop
    url: str
    shop_url: str

    def params(self, **changes: Any) -> Any:
        """Return the parameters of a session as Loket would send them."""
        line = {
            "price_data": {"currency": "eur", "product_data": {"name": "Congres 2027"}, "unit_amount": 12_500},
            "quantity": 2,
        }
        return {
            "mode": "payment",
            "line_items": [line],
            "success_url": f"{self.shop_url}/terug/{{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{self.shop_url}/anders",
            "client_reference_id": "order-7",
            "metadata": {"order": "order-7", "7": "seven"},
            "payment_intent_data": {"metadata": {"order": "order-7"}, "description": "Order 7"},
            "customer_email": "lid@example.nl",
            "locale": "nl",
            "expires_at": self.clock.ahead(minutes=35),
            **changes,
        }

    def create(self, **changes: Any) -> stripe.checkout.Session:
        """Open a session through the SDK."""
        return self.client.v1.checkout.sessions.create(params=self.params(**changes))

    def session(self, session_id: str, *expand: str) -> stripe.checkout.Session:
        """Ask for a session through the SDK."""
        return self.client.v1.checkout.sessions.retrieve(session_id, params={"expand": list(expand)})

    def call(
        self, verb: Literal["GET", "POST"], path: str, form: dict[str, str] | str = "", **headers: str
    ) -> requests.Response:
        """Call the API without the SDK."""
        sent = {"Authorization": f"Bearer {API_KEY}", "Stripe-Version": VERSION}
        sent |= {"Content-Type": "application/x-www-form-urlencoded"} if verb == "POST" else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(verb, self.url + path, data=form, headers=sent, timeout=5)

    def press(self, session: stripe.checkout.Session, button: str) -> requests.Response:
        """Press a button on the payment page, without following where it leads."""
        assert session.url
        return requests.post(session.url, data={"do": button}, allow_redirects=False, timeout=15)

    def act(self, session_id: str, action: str, **choices: str) -> requests.Response:
        """Let something happen to a session without its page."""
        return requests.post(f"{self.url}/_stand-in/sessions/{session_id}/{action}", params=choices, timeout=15)

    def plan(self, operation: str, kind: str, **details: Any) -> None:
        """Order a fault."""
        fault = {"operation": operation, "kind": kind, **details}
        requests.post(f"{self.url}/_stand-in/faults", json=fault, timeout=5).raise_for_status()

    def forget_faults(self) -> None:
        """Let nothing more go wrong, and release who is kept waiting."""
        requests.delete(f"{self.url}/_stand-in/faults", timeout=5).raise_for_status()

    def books(self) -> Any:
        """Return the stand-in's books."""
        return requests.get(f"{self.url}/_stand-in/books", timeout=5).json()


class StillClock:
    """A clock that stands still, until somebody moves it."""

    def __init__(self) -> None:
        self.time = datetime(2027, 1, 4, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return what time it is."""
        return self.time

    def move(self, **span: float) -> None:
        """Let time go by."""
        self.time += timedelta(**span)


@dataclass(frozen=True, kw_only=True)
class QuietWorld:
    """The stand-in without sockets and threads, called by the real SDK."""

    clock: StillClock
    stand_in: StandIn
    client: stripe.StripeClient

    @property
    def books(self) -> Books:
        """What the stand-in remembers."""
        return self.stand_in.books

    @property
    def api(self) -> stripe.V1Services:
        """The SDK's services."""
        return self.client.v1

    def create(self, *, amount: int = 10_000, currency: str = "eur", **changes: Any) -> stripe.checkout.Session:
        """Open a session for one line of this amount."""
        price = {"currency": currency, "product_data": {"name": "Congres 2027"}, "unit_amount": amount}
        params: Any = {
            "mode": "payment",
            "line_items": [{"price_data": price, "quantity": 1}],
            "success_url": "https://vereniging.example/terug",
            "client_reference_id": "order-7",
            "metadata": {"order": "order-7"},
            "payment_intent_data": {"metadata": {"order": "order-7"}},
            **changes,
        }
        return self.api.checkout.sessions.create(params)

    def paid(self, *, method: str = "card", amount: int = 10_000, currency: str = "eur") -> stripe.Charge:
        """Open a session and pay it."""
        session = self.create(amount=amount, currency=currency)
        self.stand_in.act("pay", session.id, method=method)
        return self.charge(session.id)

    def charge(self, payment_id: str, *expand: str) -> stripe.Charge:
        """Ask for the charge of a session, an intent, or that of this id."""
        charge_id = self.books.charge_of(payment_id).id
        return self.api.charges.retrieve(charge_id, {"expand": list(expand)})

    def types(self) -> list[str]:
        """The kinds of all events, oldest first."""
        return [event.type for event in self.books.events()[::-1]]

    def plan(self, operation: str, kind: str, **details: Any) -> None:
        """Order a fault."""
        self.stand_in.faults.plan(Fault.model_validate({"operation": operation, "kind": kind, **details}))


def quiet_world(*, terms: Terms | None = None, rates: Rates | None = None, max_network_retries: int = 0) -> QuietWorld:
    """Build a world of plain objects, the same in every run."""
    clock = StillClock()
    books = Books(terms=terms, ids=CountedIds())
    stand_in = quiet_stand_in(clock=clock, api_key=API_KEY, books=books, rates=rates)
    client = client_of(stand_in, max_network_retries=max_network_retries)
    return QuietWorld(clock=clock, stand_in=stand_in, client=client)


def eventually(holds: Callable[[], object], *, within: float = 3) -> None:
    """Wait until it holds, or fail."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.01)


@contextmanager
def world(*, tick: float = 60, client_timeout: float = 5, rates: Rates | None = None) -> Iterator[World]:
    """Build the world, and take it down again."""
    clock = Clock()
    shop = Shop(stripe.StripeClient(API_KEY))
    shop.listening.set()
    with _served(lambda _: shop.app()) as shop_url, requests.Session() as session, ExitStack() as closing:
        session.trust_env = False

        def stand_in(url: str) -> Flask:
            app = stripe_app(
                books=Books(),
                webhook_url=f"{shop_url}/stripe",
                webhook_secret=SECRET,
                api_key=API_KEY,
                public_url=url,
                clock=clock,
                webhook_delay=0.1,
                webhook_backoff=(0.02, 0.02),
                tick=tick,
                rates=rates,
            )
            closing.callback(close, app)
            return app

        with _served(stand_in) as url:
            http = stripe.RequestsClient(timeout=client_timeout, session=session)
            client = stripe.StripeClient(API_KEY, stripe_version=VERSION, http_client=http, base_addresses={"api": url})
            yield World(clock=clock, client=client, shop=shop, url=url, shop_url=shop_url)


class _Prompt(WSGIRequestHandler):
    """Sends an answer in one piece and at once; otherwise each call on a kept connection takes 40 ms more."""

    wbufsize = -1
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # werkzeug's own name
        """Say nothing."""


@contextmanager
def _served(build: Callable[[str], Flask]) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True, request_handler=_Prompt)
    url = f"http://127.0.0.1:{server.server_port}"
    server.app = build(url)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
