"""The stand-in itself: the books, the courier and the clock, and what a buyer or a developer can do with them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event as Signal
from threading import Thread
from typing import Literal

from devstack.stripe.books import Books, Event
from devstack.stripe.faults import Faults
from devstack.stripe.idempotency import IdempotencyKeys
from devstack.stripe.webhooks import Courier, Manner

type Action = Literal["pay", "fail", "later", "settle", "settle-failed", "expire"]


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """Everything the pages and the API share."""

    books: Books
    courier: Courier
    api_key: str
    public_url: str
    clock: Callable[[], datetime]
    faults: Faults = field(default_factory=Faults)
    keys: IdempotencyKeys = field(default_factory=IdempotencyKeys)
    closing: Signal = field(default_factory=Signal)

    def now(self) -> int:
        """Return the clock's time in Stripe's seconds."""
        return int(self.clock().timestamp())

    def act(self, action: Action, session_id: str, *, webhook: Manner, method: str | None = None) -> Event | None:
        """Let this happen to a session, and bring the event it causes, if any."""
        now = self.now()
        match action:
            case "pay":
                event = self.books.pay(session_id, now=now, method=method or "ideal")
            case "later":
                event = self.books.pay_later(session_id, now=now, method=method or "sepa_debit")
            case "settle":
                event = self.books.settle(session_id, now=now, succeeded=True)
            case "settle-failed":
                event = self.books.settle(session_id, now=now, succeeded=False)
            case "expire":
                event = self.books.expire(session_id, now=now)
            case "fail":
                self.books.fail(session_id, now=now)
                return None
        self.courier.send(event, manner=webhook)
        return event

    def lapse(self) -> None:
        """Close the sessions whose time is up, and tell the shop."""
        for event in self.books.lapse(now=self.now()):
            self.courier.send(event, manner="normal")

    def keep_time(self, *, every: float) -> None:
        """Close sessions in time although nobody calls, until the stand-in closes."""

        def watch() -> None:
            while not self.closing.wait(every):
                self.lapse()

        Thread(target=watch, name="stripe-timekeeper", daemon=True).start()

    def close(self) -> None:
        """Stop the timekeeper, release who waits, and let no further delivery begin."""
        self.closing.set()
        self.faults.forget()
        self.courier.close()
