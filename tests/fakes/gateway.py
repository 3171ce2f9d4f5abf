"""A payment service in memory, in our own words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.checkout import CheckoutRequest, CheckoutSession, Outcome
from chalicelib.domain.error import PaymentRefused, PaymentUnavailable, PaymentUnknown, SessionNotOpen


@dataclass(kw_only=True)
class Stored:
    """A session as the service keeps it."""

    session: CheckoutSession
    expires_at: datetime
    created_at: datetime


@dataclass(kw_only=True)
class FakeGateway:
    """Opens, closes and finds sessions; `failures` are raised by the next calls, before anything happens."""

    clock: Callable[[], datetime]
    stored: dict[str, Stored] = field(default_factory=dict)
    requests: dict[tuple[str, int], CheckoutRequest] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)

    def open_session(self, request: CheckoutRequest) -> CheckoutSession:
        self._fail()
        key = (request.order_id, request.attempt)
        if key in self.requests:
            if self.requests[key] != request:
                raise PaymentUnknown("idempotency")
            return self._current(self._id(key))
        if request.expires_at < self.clock() + timedelta(minutes=30):
            raise PaymentRefused("expires_at")
        self.requests[key] = request
        session = CheckoutSession(
            id=self._id(key),
            order_id=request.order_id,
            attempt=request.attempt,
            outcome=Outcome.OPEN,
            url=f"https://checkout.stripe.test/{self._id(key)}",
            amount_cents=sum(line.quantity * line.unit_cents for line in request.lines),
            currency=request.currency,
            payment_id="",
            method="",
            charged_at=None,
        )
        self.stored[session.id] = Stored(session=session, expires_at=request.expires_at, created_at=self.clock())
        return session

    def fetch(self, session_id: str) -> CheckoutSession | None:
        self._fail()
        return self._current(session_id) if session_id in self.stored else None

    def close(self, session_id: str) -> CheckoutSession:
        self._fail()
        if self._current(session_id).outcome is not Outcome.OPEN:
            raise SessionNotOpen(session_id)
        return self._change(session_id, outcome=Outcome.EXPIRED, url="")

    def sessions_of(self, order_id: str, *, since: datetime) -> Sequence[CheckoutSession]:
        self._fail()
        newest_first = sorted(self.stored.values(), key=lambda each: each.created_at, reverse=True)
        found = [each.session for each in newest_first if each.created_at >= since]
        return [self._current(session.id) for session in found if session.order_id == order_id]

    # What a buyer does on the payment page, and a bank after it.

    def pay(self, session_id: str, *, amount_cents: int | None = None) -> CheckoutSession:
        session = self._current(session_id)
        assert session.outcome in (Outcome.OPEN, Outcome.PROCESSING), f"cannot pay a session that is {session.outcome}"
        paid = session.amount_cents if amount_cents is None else amount_cents
        return self._change(
            session_id,
            outcome=Outcome.PAID,
            url="",
            payment_id=f"pi_{session_id}",
            method="ideal",
            amount_cents=paid,
            charged_at=session.charged_at or self.clock(),
        )

    def pay_later(self, session_id: str) -> CheckoutSession:
        return self._change(
            session_id, outcome=Outcome.PROCESSING, url="", payment_id=f"pi_{session_id}", charged_at=self.clock()
        )

    def fail_later(self, session_id: str) -> CheckoutSession:
        return self._change(session_id, outcome=Outcome.FAILED)

    def session_of(self, order_id: str) -> CheckoutSession:
        """The one session of an order."""
        (session,) = self.sessions_of(order_id, since=datetime.min.replace(tzinfo=self.clock().tzinfo))
        return session

    def silent(self, times: int = 1) -> None:
        """Do not answer the next calls."""
        self.failures += [PaymentUnavailable("silent")] * times

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    def _id(self, key: tuple[str, int]) -> str:
        return f"cs_{key[0]}_{key[1]}"

    def _current(self, session_id: str) -> CheckoutSession:
        stored = self.stored[session_id]
        if stored.session.outcome is Outcome.OPEN and stored.expires_at <= self.clock():
            return self._change(session_id, outcome=Outcome.EXPIRED, url="")
        return stored.session

    def _change(self, session_id: str, **changes: object) -> CheckoutSession:
        stored = self.stored[session_id]
        stored.session = replace(stored.session, **changes)  # type: ignore[arg-type]  # names checked by replace
        return stored.session
