"""The stand-in itself: the books, the courier and the clock, and what a buyer, bank or developer can do with them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event as Signal
from threading import Thread
from typing import Literal

from devstack.stripe.books import Books, Event
from devstack.stripe.checkout_session import CheckoutSession
from devstack.stripe.dispute import Dispute
from devstack.stripe.faults import Faults
from devstack.stripe.idempotency import IdempotencyKeys
from devstack.stripe.payout import Payout
from devstack.stripe.rate_limit import RateLimit
from devstack.stripe.refund import Refund
from devstack.stripe.webhook_endpoint import WebhookEndpoints
from devstack.stripe.webhooks import Courier, Manner, Nobody

type Action = Literal["pay", "fail", "later", "settle", "settle-failed", "expire", "pay-anyway"]
type RefundAction = Literal["settle", "fail", "cancel"]
type DisputeAction = Literal["respond", "escalate", "won", "lost", "warning-closed"]


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """Everything the pages and the API share."""

    books: Books
    api_key: str
    public_url: str
    clock: Callable[[], datetime]
    courier: Courier | Nobody = field(default_factory=Nobody)
    faults: Faults = field(default_factory=Faults)
    keys: IdempotencyKeys = field(default_factory=IdempotencyKeys)
    limit: RateLimit = field(default_factory=RateLimit)
    endpoints: WebhookEndpoints = field(default_factory=WebhookEndpoints)
    # what the key may not do, as a restricted one
    denied: set[str] = field(default_factory=set)
    closing: Signal = field(default_factory=Signal)

    def now(self) -> int:
        """Return the clock's time in Stripe's seconds."""
        return int(self.clock().timestamp())

    def fork(self, *, clock: Callable[[], datetime]) -> "StandIn":
        """Return a twin with the same past and a clock of its own, from which no webhook leaves."""
        return replace(
            self,
            books=self.books.fork(),
            clock=clock,
            courier=Nobody(),
            faults=self.faults.fork(),
            keys=self.keys.fork(),
            limit=self.limit.fork(),
            closing=Signal(),
        )

    def let[Result](self, deed: Callable[[], Result], *, webhook: Manner = "normal") -> tuple[Result, list[Event]]:
        """Let something happen in the books, and bring the events it causes."""
        result, events = self.books.witnessed(deed)
        for event in events:
            self.courier.send(event, manner=webhook)
        return result, events

    def act(
        self,
        action: Action,
        session_id: str,
        *,
        webhook: Manner = "normal",
        method: str | None = None,
        amount: int | None = None,
        currency: str | None = None,
    ) -> tuple[CheckoutSession, list[Event]]:
        """Let this happen to a session."""
        books, now = self.books, self.now()

        def deed() -> CheckoutSession:
            match action:
                case "pay":
                    return books.pay(session_id, now=now, method=method or "ideal", amount=amount, currency=currency)
                case "pay-anyway":
                    return books.pay_anyway(
                        session_id, now=now, method=method or "ideal", amount=amount, currency=currency
                    )
                case "later":
                    return books.pay_later(
                        session_id, now=now, method=method or "sepa_debit", amount=amount, currency=currency
                    )
                case "settle" | "settle-failed":
                    return books.settle(session_id, now=now, succeeded=action == "settle")
                case "expire":
                    return books.expire(session_id, now=now)
                case "fail":
                    return books.fail(session_id, now=now)

        return self.let(deed, webhook=webhook)

    def give_back(
        self, payment_id: str, *, amount: int | None = None, reason: str | None = None, webhook: Manner = "normal"
    ) -> tuple[Refund, list[Event]]:
        """Refund in the dashboard: of a session, payment intent or charge give back all that is left, or a part."""
        given = {"amount": amount, "reason": reason}
        asked = {name: value for name, value in given.items() if value is not None}
        charge = self.books.charge_of(payment_id)
        return self.let(lambda: self.books.give_back(charge, asked, now=self.now()), webhook=webhook)

    def act_on_refund(
        self, action: RefundAction, refund_id: str, *, reason: str = "unknown", webhook: Manner = "normal"
    ) -> tuple[Refund, list[Event]]:
        """Let this become of a refund."""
        books, now = self.books, self.now()
        deeds: dict[RefundAction, Callable[[], Refund]] = {
            "settle": lambda: books.settle_refund(refund_id, now=now),
            "fail": lambda: books.fail_refund(refund_id, now=now, reason=reason),
            "cancel": lambda: books.cancel_refund(refund_id, now=now),
        }
        return self.let(deeds[action], webhook=webhook)

    def open_dispute(
        self,
        payment_id: str,
        *,
        amount: int | None = None,
        reason: str = "fraudulent",
        status: Literal["needs_response", "warning_needs_response"] = "needs_response",
        webhook: Manner = "normal",
    ) -> tuple[Dispute, list[Event]]:
        """Let the buyer dispute a payment: of a session, a payment intent or a charge."""
        charge = self.books.charge_of(payment_id)
        return self.let(
            lambda: self.books.open_dispute(charge.id, now=self.now(), amount=amount, reason=reason, status=status),
            webhook=webhook,
        )

    def act_on_dispute(
        self, action: DisputeAction, dispute_id: str, *, webhook: Manner = "normal"
    ) -> tuple[Dispute, list[Event]]:
        """Let this become of a dispute."""
        books, now = self.books, self.now()
        deeds: dict[DisputeAction, Callable[[], Dispute]] = {
            "respond": lambda: books.answer_dispute(dispute_id, now=now),
            "escalate": lambda: books.escalate_dispute(dispute_id, now=now),
            "won": lambda: books.close_dispute(dispute_id, now=now, status="won"),
            "lost": lambda: books.close_dispute(dispute_id, now=now, status="lost"),
            "warning-closed": lambda: books.close_dispute(dispute_id, now=now, status="warning_closed"),
        }
        return self.let(deeds[action], webhook=webhook)

    def pay_out(
        self,
        *,
        currency: str | None = None,
        status: Literal["paid", "failed"] = "paid",
        webhook: Manner = "normal",
    ) -> tuple[list[Payout], list[Event]]:
        """Pay out now all that is available."""
        return self.let(lambda: self.books.pay_out(now=self.now(), currency=currency, status=status), webhook=webhook)

    def fail_payout(self, payout_id: str, *, webhook: Manner = "normal") -> tuple[Payout, list[Event]]:
        """Let a payout come back from the bank, as may happen days later."""
        return self.let(lambda: self.books.fail_payout(payout_id, now=self.now()), webhook=webhook)

    def lapse(self) -> None:
        """Let happen what the clock has brought, and tell the shop."""
        for event in self.books.lapse(now=self.now()):
            self.courier.send(event, manner="normal")

    def keep_time(self, *, every: float) -> None:
        """Let the clock do its work although nobody calls, until the stand-in closes."""

        def watch() -> None:
            while not self.closing.wait(every):
                self.lapse()

        Thread(target=watch, name="stripe-timekeeper", daemon=True).start()

    def close(self) -> None:
        """Stop the timekeeper, release who waits, and let no further delivery begin."""
        self.closing.set()
        self.faults.forget()
        self.courier.close()
