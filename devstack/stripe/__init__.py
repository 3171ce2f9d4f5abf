"""A stand-in for Stripe: Checkout and its money as far as Loket uses them, with pages, webhooks and faults on order."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Flask
from jinja2 import StrictUndefined

from devstack.stripe.api import api
from devstack.stripe.books import Books
from devstack.stripe.checkout_page import checkout_page
from devstack.stripe.control import control
from devstack.stripe.rate_limit import RateLimit, Rates
from devstack.stripe.stand_in import StandIn
from devstack.stripe.terms import Terms
from devstack.stripe.webhook_endpoint import WebhookEndpoints
from devstack.stripe.webhooks import Courier

__all__ = ["Books", "Rates", "Terms", "close", "stripe_app"]

_KEY = "stripe-stand-in"


def stripe_app(
    *,
    books: Books,
    webhook_url: str,
    webhook_secret: str,
    api_key: str,
    public_url: str,
    clock: Callable[[], datetime],
    webhook_delay: float = 0.3,
    webhook_backoff: Sequence[float] = (0.2, 1, 5, 25),
    tick: float = 1,
    rates: Rates | None = None,
) -> Flask:
    """Return the stand-in as a WSGI app for a threaded server; `close` it when done.

    Events go to `webhook_url`; with an empty one, to the endpoints that somebody makes through the API.
    `public_url` is where a browser reaches it, `webhook_delay` how long after the redirect an event comes,
    `webhook_backoff` the pauses before each further attempt, `tick` how often the clock is looked at, in seconds,
    `rates` how many requests a second are answered. What money costs and how long it travels: the `terms` of the books.
    """

    def now() -> int:
        return int(clock().timestamp())

    endpoints = WebhookEndpoints()
    courier = Courier(
        books=books,
        addresses=lambda kind: (
            [(webhook_url, webhook_secret)]
            if webhook_url
            else [(each.url, each.secret) for each in endpoints.all() if each.wants(kind)]
        ),
        now=now,
        delay=webhook_delay,
        backoff=webhook_backoff,
    )
    stand_in = StandIn(
        books=books,
        courier=courier,
        api_key=api_key,
        public_url=public_url.rstrip("/"),
        clock=clock,
        limit=RateLimit(rates),
        endpoints=endpoints,
    )
    app = Flask(__name__, static_folder=None)
    app.extensions[_KEY] = stand_in
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters["money"] = _money
    app.jinja_env.filters["clock"] = _clock
    app.before_request(stand_in.lapse)
    app.register_blueprint(api(stand_in))
    app.register_blueprint(checkout_page(stand_in))
    app.register_blueprint(control(stand_in))
    stand_in.keep_time(every=tick)
    return app


def close(app: Flask) -> None:
    """Stop the timekeeper, release held answers, and let no further delivery begin."""
    stand_in: StandIn = app.extensions[_KEY]
    stand_in.close()


def _money(cents: int, currency: str) -> str:
    euros = f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,"))
    return f"€\u00a0{euros}" if currency == "eur" else f"{currency.upper()}\u00a0{euros}"


def _clock(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo("Europe/Amsterdam")).strftime("%H:%M")
