"""Webhooks: signed events brought to the shop, again and again until it says thanks."""

import time
from collections.abc import Callable, Sequence
from threading import Event as Signal
from threading import Thread
from typing import Literal

import requests
from stripe import WebhookSignature

from devstack.stripe.books import Books, Delivery, Event, NotPossible
from devstack.stripe.wire import written

type Manner = Literal["normal", "before", "twice", "lost"]

_LONGEST_WAIT = 10


class Nobody:
    """Stands where the courier would: no webhook leaves, whoever wants the events takes them from the books."""

    def send(self, event: Event, *, manner: Manner) -> None:
        """Bring nothing."""

    def deliver(self, event: Event) -> Delivery:
        """Refuse: nobody is there to bring it."""
        raise NotPossible(f"Nobody brings {event.id}.")

    def close(self) -> None:
        """Have nothing to close."""


class Courier:
    """Brings events to one address.

    `normal` comes a moment after the buyer was sent back, `before` before that, `twice` both at once, `lost` never.
    """

    def __init__(
        self, *, books: Books, url: str, secret: str, now: Callable[[], int], delay: float, backoff: Sequence[float]
    ) -> None:
        self._books = books
        self._url = url
        self._secret = secret
        self._now = now
        self._delay = delay
        self._backoff = tuple(backoff)
        self._closing = Signal()

    def send(self, event: Event, *, manner: Manner) -> None:
        """Bring the event in this manner."""
        if manner == "before":
            self._start(event, delay=0).join(_LONGEST_WAIT)
        else:
            for _ in range({"normal": 1, "twice": 2, "lost": 0}[manner]):
                self._start(event, delay=self._delay)

    def deliver(self, event: Event) -> Delivery:
        """Try once, now, and write down what came of it."""
        body = written(event.as_json())
        # The signature carries the real time, whatever the stand-in's clock says: the SDK compares it with real time.
        signature = WebhookSignature.generate_signature_header(body, self._secret, int(time.time()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature,
        }
        status, error = None, None
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.post(
                    self._url, data=body.encode(), headers=headers, timeout=(2, 30), allow_redirects=False
                )
                status = answer.status_code
            except requests.RequestException as failure:
                error = type(failure).__name__
        return self._books.note_delivery(event, status=status, error=error, now=self._now())

    def close(self) -> None:
        """Let no further attempt begin."""
        self._closing.set()

    def _start(self, event: Event, *, delay: float) -> Thread:
        thread = Thread(target=self._insist, args=(event, delay), name=f"courier-{event.id}", daemon=True)
        thread.start()
        return thread

    def _insist(self, event: Event, delay: float) -> None:
        for pause in (delay, *self._backoff):
            if self._closing.wait(pause) or self.deliver(event).acknowledged:
                return
