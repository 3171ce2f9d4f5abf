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
    """Brings events to every address that wants them, each with the secret it is signed with.

    `normal` comes a moment after the buyer was sent back, `before` before that, `twice` both at once, `lost` never.
    """

    def __init__(
        self,
        *,
        books: Books,
        addresses: Callable[[str], Sequence[tuple[str, str]]],
        now: Callable[[], int],
        delay: float,
        backoff: Sequence[float],
    ) -> None:
        self._books = books
        self._addresses = addresses
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
        """Try once, now, and write down what came of it, or of the first address that did not say thanks."""
        tried = [self._bring(event, url=url, secret=secret) for url, secret in self._addresses(event.type)]
        status, error = min(tried, key=lambda each: each[0] in range(200, 300), default=(None, "NoEndpoint"))
        return self._books.note_delivery(event, status=status, error=error, now=self._now())

    def _bring(self, event: Event, *, url: str, secret: str) -> tuple[int | None, str | None]:
        """The status of the answer, or what kept it from coming."""
        body = written(event.as_json())
        # The signature carries the real time, whatever the stand-in's clock says: the SDK compares it with real time.
        signature = WebhookSignature.generate_signature_header(body, secret, int(time.time()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature,
        }
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.post(url, data=body.encode(), headers=headers, timeout=(2, 30), allow_redirects=False)
            except requests.RequestException as failure:
                return None, type(failure).__name__
            return answer.status_code, None

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
