"""A payment service in memory, in our own words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.checkout import CheckoutRequest, CheckoutSession, Outcome
from chalicelib.domain.dispute import DisputeNews, Movement
from chalicelib.domain.error import PaymentRefused, PaymentUnavailable, PaymentUnknown, SessionNotOpen
from chalicelib.domain.payout import Transaction, TransactionKind
from chalicelib.domain.refund import RefundNews, RefundRequest, RefundState

# Of these the money is with the buyer only days after it left.
SLOW_METHODS = frozenset({"ideal", "bancontact", "sepa_debit"})
PAYMENT_FEE, DISPUTE_FEE = 29, 2_000


@dataclass(kw_only=True)
class Stored:
    """A session as the service keeps it."""

    session: CheckoutSession
    expires_at: datetime
    created_at: datetime


@dataclass(kw_only=True)
class FakeGateway:
    """Opens, closes and finds sessions, and gives money back.

    `failures` are raised by the next calls before anything happens, `lost` after it did, in the place of its answer.
    `transactions` are what moved, oldest first.
    """

    clock: Callable[[], datetime]
    stored: dict[str, Stored] = field(default_factory=dict)
    requests: dict[tuple[str, int], CheckoutRequest] = field(default_factory=dict)
    refund_requests: dict[tuple[str, int], tuple[RefundRequest, str]] = field(default_factory=dict)
    transactions: list[Transaction] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    lost: list[Exception] = field(default_factory=list)

    def open_session(self, request: CheckoutRequest) -> CheckoutSession:
        self._fail()
        key = (request.order_id, request.attempt)
        if key in self.requests:
            if self.requests[key] != request:
                raise PaymentUnknown("idempotency")
            return self._told(self._current(self._id(key)))
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
        return self._told(session)

    def fetch(self, session_id: str) -> CheckoutSession | None:
        self._fail()
        return self._told(self._current(session_id) if session_id in self.stored else None)

    def find(self, payment_id: str) -> CheckoutSession | None:
        self._fail()
        session = self._paid_by(payment_id)
        return self._told(session and self._current(session.id))

    def close(self, session_id: str) -> CheckoutSession:
        self._fail()
        if self._current(session_id).outcome is not Outcome.OPEN:
            raise SessionNotOpen(session_id)
        return self._told(self._change(session_id, outcome=Outcome.EXPIRED, url=""))

    def sessions_of(self, order_id: str, *, since: datetime) -> Sequence[CheckoutSession]:
        self._fail()
        found = [each.session for each in self.newest() if each.created_at >= since]
        return self._told([session for session in found if session.order_id == order_id])

    def refund(self, request: RefundRequest) -> RefundNews:
        self._fail()
        known = self.refund_requests.get((request.id, request.attempt))
        if known is not None:
            if known[0] != request:
                raise PaymentUnknown("idempotency")
            return self._told(self._refund(known[1])[1])
        session = self._paid_by(request.payment_id)
        if session is None:
            raise PaymentRefused("resource_missing")
        news = self._give_back(session, cents=request.amount_cents, command=request.id)
        self.refund_requests[request.id, request.attempt] = (request, news.id)
        return self._told(news)

    def newest(self) -> list[Stored]:
        """All sessions as they are now, newest first."""
        for session_id in self.stored:
            self._current(session_id)
        return list(reversed(self.stored.values()))

    # What a buyer does on the payment page, and a bank after it.

    def pay(
        self, session_id: str, *, amount_cents: int | None = None, currency: str = "", method: str = "ideal"
    ) -> CheckoutSession:
        """Pay; another amount or currency only if something is wrong there."""
        session = self._current(session_id)
        assert session.outcome in (Outcome.OPEN, Outcome.PROCESSING), f"cannot pay a session that is {session.outcome}"
        return self._paid(session, amount_cents=amount_cents, currency=currency, method=session.method or method)

    def pay_anyway(self, session_id: str) -> CheckoutSession:
        """What must never happen: an expired session is paid."""
        session = self._current(session_id)
        assert session.outcome is Outcome.EXPIRED, f"cannot pay a session that is {session.outcome} anyway"
        return self._paid(session, amount_cents=None, currency="", method="ideal")

    def pay_later(self, session_id: str) -> CheckoutSession:
        return self._change(
            session_id,
            outcome=Outcome.PROCESSING,
            url="",
            payment_id=f"pi_{session_id}",
            charge_id=f"ch_{session_id}",
            method="sepa_debit",
            charged_at=self.clock(),
        )

    def fail_later(self, session_id: str) -> CheckoutSession:
        return self._change(session_id, outcome=Outcome.FAILED)

    def session_of(self, order_id: str) -> CheckoutSession:
        """The one session of an order."""
        (session,) = self.sessions_of(order_id, since=datetime.min.replace(tzinfo=self.clock().tzinfo))
        return session

    # What becomes of the money afterwards.

    def refund_elsewhere(self, session_id: str, cents: int) -> RefundNews:
        """A refund made by hand in the service's own pages."""
        return self._give_back(self._current(session_id), cents=cents, command="")

    def settle_refund(self, refund_id: str) -> RefundNews:
        """The buyer has his money back."""
        return self._change_refund(refund_id, state=RefundState.SUCCEEDED)

    def fail_refund(self, refund_id: str, trouble: str = "declined") -> RefundNews:
        """The buyer's bank sends the money back, be it weeks after it had it."""
        session, news = self._refund(refund_id)
        assert news.state is not RefundState.FAILED, "a refund fails once"
        self._move(TransactionKind.REFUND_RETURNED, session, refund_id, cents=news.amount_cents)
        return self._change_refund(refund_id, state=RefundState.FAILED, returned_at=news.created_at, trouble=trouble)

    def dispute(
        self, session_id: str, cents: int | None = None, *, inquiry: bool = False, reason: str = "fraudulent"
    ) -> DisputeNews:
        """The buyer asks his bank for the money; an inquiry moves none yet."""
        session = self._current(session_id)
        news = DisputeNews(
            id=f"dp_{sum(len(each.session.disputes) for each in self.stored.values()) + 1}",
            amount_cents=session.amount_cents if cents is None else cents,
            reason=reason,
            status="warning_needs_response" if inquiry else "needs_response",
            closed=False,
            created_at=self.clock(),
            movements=(),
        )
        if not inquiry:
            news = self._disputed(news, session, cents=-news.amount_cents, fee=DISPUTE_FEE)
        self._change(session_id, disputes=(news, *session.disputes))
        return news

    def close_dispute(self, dispute_id: str, *, won: bool) -> DisputeNews:
        """The bank decides; an inquiry just ends."""
        session = next(
            each.session for each in self.stored.values() if dispute_id in [dp.id for dp in each.session.disputes]
        )
        news = next(each for each in session.disputes if each.id == dispute_id)
        status = "warning_closed" if news.status.startswith("warning") else ("won" if won else "lost")
        news = replace(news, status=status, closed=True)
        if status == "won":
            news = self._disputed(news, session, cents=news.amount_cents, fee=0)
        self._change(session.id, disputes=tuple(news if each.id == news.id else each for each in session.disputes))
        return news

    # What goes wrong on the line.

    def silent(self, times: int = 1) -> None:
        """Do not answer the next calls."""
        self.failures += [PaymentUnavailable("silent")] * times

    def lose(self, times: int = 1) -> None:
        """Do what the next calls ask, and do not answer them."""
        self.lost += [PaymentUnavailable("lost")] * times

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    def _told[Answer](self, answer: Answer) -> Answer:
        if self.lost:
            raise self.lost.pop(0)
        return answer

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

    def _paid_by(self, payment_id: str) -> CheckoutSession | None:
        sessions = (each.session for each in self.stored.values())
        return next((each for each in sessions if each.payment_id == payment_id), None)

    def _paid(
        self, session: CheckoutSession, *, amount_cents: int | None, currency: str, method: str
    ) -> CheckoutSession:
        paid = self._change(
            session.id,
            outcome=Outcome.PAID,
            url="",
            payment_id=f"pi_{session.id}",
            charge_id=f"ch_{session.id}",
            method=method,
            amount_cents=session.amount_cents if amount_cents is None else amount_cents,
            currency=currency or session.currency,
            charged_at=session.charged_at or self.clock(),
        )
        self._move(TransactionKind.PAYMENT, paid, paid.charge_id, cents=paid.amount_cents, fee=PAYMENT_FEE)
        return paid

    def _give_back(self, session: CheckoutSession, *, cents: int, command: str) -> RefundNews:
        if session.outcome is not Outcome.PAID:
            raise PaymentRefused("payment_intent_unexpected_state")
        if any(each.status in ("needs_response", "lost") for each in session.disputes):
            raise PaymentRefused("charge_disputed")
        gone = sum(each.amount_cents for each in session.refunds if each.state is not RefundState.FAILED)
        if gone == session.amount_cents:
            raise PaymentRefused("charge_already_refunded")
        if cents > session.amount_cents - gone:
            raise PaymentRefused("invalid_request")
        news = RefundNews(
            id=f"re_{sum(len(each.session.refunds) for each in self.stored.values()) + 1}",
            command=command,
            amount_cents=cents,
            state=RefundState.PENDING if session.method in SLOW_METHODS else RefundState.SUCCEEDED,
            created_at=self.clock(),
            moved_at=self.clock(),
            returned_at=None,
            trouble="",
        )
        self._move(TransactionKind.REFUND, session, news.id, cents=-cents)
        self._change(session.id, refunds=(news, *session.refunds))
        return news

    def _refund(self, refund_id: str) -> tuple[CheckoutSession, RefundNews]:
        return next(
            (each.session, news)
            for each in self.stored.values()
            for news in each.session.refunds
            if news.id == refund_id
        )

    def _change_refund(self, refund_id: str, **changes: object) -> RefundNews:
        session, news = self._refund(refund_id)
        changed = replace(news, **changes)  # type: ignore[arg-type]  # names checked by replace
        self._change(session.id, refunds=tuple(changed if each.id == refund_id else each for each in session.refunds))
        return changed

    def _disputed(self, news: DisputeNews, session: CheckoutSession, *, cents: int, fee: int) -> DisputeNews:
        moved = self._move(TransactionKind.DISPUTE, session, news.id, cents=cents, fee=fee)
        movement = Movement(id=moved.id, amount_cents=cents, fee_cents=fee, at=moved.at)
        return replace(news, movements=(*news.movements, movement))

    def _move(
        self, kind: TransactionKind, session: CheckoutSession, source_id: str, *, cents: int, fee: int = 0
    ) -> Transaction:
        moved = Transaction(
            id=f"txn_{len(self.transactions) + 1}",
            kind=kind,
            order_id=session.order_id,
            payment_id=session.payment_id,
            source_id=source_id,
            amount_cents=cents,
            fee_cents=fee,
            currency=session.currency,
            at=self.clock(),
        )
        self.transactions.append(moved)
        return moved
