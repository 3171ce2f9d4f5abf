"""Payments: what a buyer, a bank and time itself do to a checkout session."""

from dataclasses import replace

from devstack.stripe.balance import Balance
from devstack.stripe.charge import Charge
from devstack.stripe.checkout_session import CheckoutSession
from devstack.stripe.payment_intent import PaymentIntent
from devstack.stripe.shelves import NotPossible
from devstack.stripe.wire import Json

ONE_DAY = 24 * 60 * 60


class Payments(Balance):
    """Sessions that are opened, paid at once or later, given up, or closed by the clock."""

    def open_session(self, asked: Json, *, now: int, public_url: str) -> CheckoutSession:
        """Open a session for what was asked."""
        session_id = self.ids("cs_test")
        session = CheckoutSession(
            id=session_id,
            created=now,
            expires_at=asked.get("expires_at", now + ONE_DAY),
            url=f"{public_url}/pay/{session_id}",
            asked=asked,
        )
        with self._lock:
            self._sessions[session_id] = session
            self._plan("close", session_id, at=session.expires_at)
        return session

    def pay(
        self, session_id: str, *, now: int, method: str, amount: int | None = None, currency: str | None = None
    ) -> CheckoutSession:
        """The buyer paid at once; another amount or currency than was asked only if it is named."""
        with self._lock:
            session = self._open_session(session_id, now=now)
            return self._paid(_otherwise(session, amount, currency), now=now, method=method)

    def pay_anyway(
        self, session_id: str, *, now: int, method: str, amount: int | None = None, currency: str | None = None
    ) -> CheckoutSession:
        """The money of an expired session came all the same: what must never happen."""
        with self._lock:
            session = self.session(session_id)
            if session.status != "expired":
                raise NotPossible(f"{session_id} has not expired, it is {session.status}.")
            afresh = replace(session, payment_intent=None)
            return self._paid(_otherwise(afresh, amount, currency), now=now, method=method)

    def pay_later(
        self, session_id: str, *, now: int, method: str, amount: int | None = None, currency: str | None = None
    ) -> CheckoutSession:
        """The buyer chose a method whose money comes later, or not."""
        with self._lock:
            session = _otherwise(self._open_session(session_id, now=now), amount, currency)
            intent, _ = self._charged(session, now=now, method=method, pending=True)
            pending = replace(session, status="complete", payment_intent=intent.id)
            return self._keep_session(pending, event="checkout.session.completed", now=now)

    def settle(self, session_id: str, *, now: int, succeeded: bool) -> CheckoutSession:
        """The money of a delayed method came, or will not come."""
        with self._lock:
            session = self.session(session_id)
            intent = self.intent_of(session)
            if intent is None or intent.charge is None or intent.status != "processing":
                raise NotPossible(f"No payment of {session_id} is under way.")
            self._keep_intent(intent.settled(succeeded=succeeded))
            charge = self._keep_charge(self.charge(intent.charge).settled(succeeded=succeeded))
            if succeeded:
                self._receive_soon(charge, now=now)
            settled = replace(session, payment_status="paid" if succeeded else "unpaid")
            outcome = "succeeded" if succeeded else "failed"
            return self._keep_session(settled, event=f"checkout.session.async_payment_{outcome}", now=now)

    def fail(self, session_id: str, *, now: int) -> CheckoutSession:
        """An attempt to pay failed; the buyer may try again."""
        with self._lock:
            session = self._open_session(session_id, now=now)
            intent = self._keep_intent(self._intent(session, now=now).attempt_failed())
            self._sessions[session_id] = replace(session, payment_intent=intent.id)
            return self._sessions[session_id]

    def expire(self, session_id: str, *, now: int) -> CheckoutSession:
        """Close an open session, because the shop asks for it."""
        with self._lock:
            return self._close(self._open_session(session_id, now=now), now=now)

    def _open_session(self, session_id: str, *, now: int) -> CheckoutSession:
        session = self.session(session_id)
        if session.status != "open" or session.expires_at <= now:
            status = "expired" if session.status == "open" else session.status
            raise NotPossible(f"This Checkout Session has a status of `{status}`.")
        return session

    def _paid(self, session: CheckoutSession, *, now: int, method: str) -> CheckoutSession:
        intent, charge = self._charged(session, now=now, method=method, pending=False)
        self._receive_soon(charge, now=now)
        paid = replace(session, status="complete", payment_status="paid", payment_intent=intent.id)
        return self._keep_session(paid, event="checkout.session.completed", now=now)

    def _charged(
        self, session: CheckoutSession, *, now: int, method: str, pending: bool
    ) -> tuple[PaymentIntent, Charge]:
        intent = self._intent(session, now=now)
        charge = Charge(
            id=self.ids("ch" if method == "card" else "py"),
            created=now,
            payment_intent=intent.id,
            amount=session.amount,
            currency=session.currency,
            method=method,
            status="pending" if pending else "succeeded",
            asked=intent.asked,
        )
        return self._keep_intent(intent.charged(charge)), self._keep_charge(charge)

    def _receive_soon(self, charge: Charge, *, now: int) -> None:
        """Capture asynchronously: until the delay is over the charge has no balance transaction."""
        if self.terms.balance_delay:
            self._plan("receive", charge.id, at=now + self.terms.balance_delay)
        else:
            self._receive(charge, now=now)

    def _intent(self, session: CheckoutSession, *, now: int) -> PaymentIntent:
        return self.intent_of(session) or PaymentIntent(
            id=self.ids("pi"),
            created=now,
            amount=session.amount,
            currency=session.currency,
            asked=session.asked.get("payment_intent_data", {}),
        )

    def _close(self, session: CheckoutSession, *, now: int) -> CheckoutSession:
        intent = self.intent_of(session)
        if intent is not None:
            self._keep_intent(intent.cancelled(now=now))
        return self._keep_session(replace(session, status="expired"), event="checkout.session.expired", now=now)

    def _keep_session(self, session: CheckoutSession, *, event: str, now: int) -> CheckoutSession:
        self._sessions[session.id] = session
        self._happened(event, session, now=now)
        return session

    def _keep_intent(self, intent: PaymentIntent) -> PaymentIntent:
        self._intents[intent.id] = intent
        return intent


def _otherwise(session: CheckoutSession, amount: int | None, currency: str | None) -> CheckoutSession:
    if amount is None and currency is None:
        return session
    if amount is not None and amount < 1:
        raise NotPossible("Nobody pays less than one cent.")
    paid = (session.amount if amount is None else amount, session.currency if currency is None else currency)
    return replace(session, paid_otherwise=paid)
