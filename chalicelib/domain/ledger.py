"""The ledger of an order: every cent that came, went back or was taken, and what news adds to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.dispute import Dispute, DisputeNews
from chalicelib.domain.payment import Payment
from chalicelib.domain.refund import Refund, RefundNews, RefundReason, RefundState


class EntryKind(StrEnum):
    """What moved the money of an entry."""

    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_RETURNED = "refund_returned"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One money row: an amount that moved, seen from the association (what goes back is negative).

    `source_id` is what moved it in the payment service's books. What those books say of it comes later: the id of
    its transaction there, its fee (None until then) and the payout that it became part of; `at` is then their moment.
    `booked_at` is when we wrote it down, which for a delayed payment is days after its charge was begun.
    """

    id: str
    order_id: str
    payment_id: str
    kind: EntryKind
    source_id: str
    amount_cents: int
    currency: str
    at: datetime
    booked_at: datetime
    transaction_id: str = ""
    fee_cents: int | None = None
    payout_id: str = ""

    @property
    def key(self) -> str:
        return f"{self.order_id}#{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All money of one order; its totals follow from its entries.

    It changes only in a commit that changes its order, so that the order's version guards it.
    """

    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def paid_cents(self) -> int:
        return self._sum(EntryKind.PAYMENT)

    @property
    def refunded_cents(self) -> int:
        return -self._sum(EntryKind.REFUND, EntryKind.REFUND_RETURNED)

    @property
    def disputed_cents(self) -> int:
        return -self._sum(EntryKind.DISPUTE)

    @property
    def disputed(self) -> bool:
        """Whether a dispute waits for a decision."""
        return any(not dispute.closed for dispute in self.disputes)

    def payment(self, payment_id: str) -> Payment | None:
        return next((payment for payment in self.payments if payment.id == payment_id), None)

    def refund(self, refund_id: str) -> Refund | None:
        return next((refund for refund in self.refunds if refund.id == refund_id), None)

    def refundable(self, payment_id: str) -> int:
        """What of a payment has neither gone back, nor is about to, nor was taken; in cents."""
        payment = self.payment(payment_id)
        if payment is None:
            return 0
        back = sum(each.amount_cents for each in self.refunds if each.payment_id == payment_id and each.counts)
        disputed = [each for each in self.entries if each.kind is EntryKind.DISPUTE and each.payment_id == payment_id]
        return max(0, payment.amount_cents - back + sum(each.amount_cents for each in disputed))

    @property
    def owed_cents(self) -> int:
        """What was to go back, came back or was refused, and was not commanded again since; in cents."""
        failed = [refund for refund in self.refunds if refund.failed_at]
        if not failed:
            return 0
        since = min(refund.failed_at for refund in failed if refund.failed_at)
        again = sum(each.amount_cents for each in self.refunds if each.counts and each.requested_at >= since)
        left = sum(self.refundable(payment.id) for payment in self.payments)
        return max(0, min(left, sum(refund.amount_cents for refund in failed) - again))

    def entry(self, entry_id: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.id == entry_id), None)

    def requested(
        self, payment_id: str, *, refund_id: str, amount_cents: int, reason: RefundReason, by: str, now: datetime
    ) -> Ledger:
        """With the command to refund, whose amount is reserved from now on; the same when it is there already."""
        payment = self.payment(payment_id)
        if payment is None or self.refund(refund_id):
            return self
        assert 0 < amount_cents <= self.refundable(payment_id), "never more than was paid goes back"
        refund = Refund(
            id=refund_id,
            order_id=payment.order_id,
            payment_id=payment_id,
            amount_cents=amount_cents,
            currency=payment.currency,
            reason=reason,
            state=RefundState.REQUESTED,
            service_id="",
            attempt=1,
            tries=0,
            due=now,
            requested_at=now,
            by=by,
            trouble="",
        )
        return replace(self, refunds=(*self.refunds, refund))

    def with_refund(self, refund: Refund) -> Ledger:
        """With another form of a refund that is there."""
        return replace(self, refunds=tuple(refund if each.id == refund.id else each for each in self.refunds))

    def with_entry(self, entry: Entry) -> Ledger:
        """With another form of an entry that is there."""
        return replace(self, entries=tuple(entry if each.id == entry.id else each for each in self.entries))

    def heard(self, session: CheckoutSession, *, books: bool, now: datetime) -> Ledger:
        """What a session, fetched afresh, adds: its payment if that is to be booked, and all that became of it.

        Repeated news changes nothing; refunds are the service's own list, never sums of what events told.
        """
        ledger = self._booked(session, now=now) if books else self
        payment = ledger.payment(session.payment_id) if session.outcome is Outcome.PAID else None
        if payment is None:
            return self
        for news in session.refunds:
            ledger = ledger._refunded(news, payment=payment, now=now)
        for dispute in session.disputes:
            ledger = ledger._disputed(dispute, payment=payment, now=now)
        return ledger

    def _booked(self, session: CheckoutSession, *, now: datetime) -> Ledger:
        payment = Payment(
            id=session.payment_id,
            order_id=session.order_id,
            session_id=session.id,
            charge_id=session.charge_id,
            amount_cents=session.amount_cents,
            currency=session.currency,
            method=session.method,
            booked_at=now,
        )
        at = session.charged_at or now
        entry = _entry(
            payment, EntryKind.PAYMENT, payment.charge_id or payment.id, cents=payment.amount_cents, at=at, now=now
        )
        return replace(self, payments=(*self.payments, payment))._entered(entry)

    def _refunded(self, news: RefundNews, *, payment: Payment, now: datetime) -> Ledger:
        known = self.refund(news.command) or self.refund(news.id)
        if known is not None and known.service_id not in ("", news.id):
            # the same command was carried out twice: what was not asked for stands on its own
            known = self.refund(news.id)
        ledger = (
            self if known else replace(self, refunds=(*self.refunds, _made_elsewhere(news, payment=payment, now=now)))
        )
        if known:
            ledger = ledger.with_refund(known.heard(news, now=now))
        if news.moved_at:
            went = _entry(payment, EntryKind.REFUND, news.id, cents=-news.amount_cents, at=news.moved_at, now=now)
            ledger = ledger._entered(went)
        if news.returned_at:
            came = _entry(
                payment, EntryKind.REFUND_RETURNED, news.id, cents=news.amount_cents, at=news.returned_at, now=now
            )
            ledger = ledger._entered(came)
        return ledger

    def _disputed(self, news: DisputeNews, *, payment: Payment, now: datetime) -> Ledger:
        dispute = Dispute(
            id=news.id,
            order_id=payment.order_id,
            payment_id=payment.id,
            amount_cents=news.amount_cents,
            currency=payment.currency,
            reason=news.reason,
            status=news.status,
            closed=news.closed,
            created_at=news.created_at,
        )
        others = tuple(each for each in self.disputes if each.id != news.id)
        before = next((each for each in self.disputes if each.id == news.id), None)
        # what is decided stays decided, and money that moved has moved: late news of before changes nothing
        stale = before is not None and before.closed and not dispute.closed
        ledger = self if stale else replace(self, disputes=tuple(sorted((*others, dispute), key=lambda each: each.id)))
        for movement in news.movements:
            entry = _entry(
                payment, EntryKind.DISPUTE, movement.id, cents=movement.amount_cents, at=movement.at, now=now
            )
            known = replace(entry, transaction_id=movement.id, fee_cents=movement.fee_cents)
            ledger = ledger._entered(known)
        return ledger

    def _entered(self, entry: Entry) -> Ledger:
        """With an entry, unless it is there: what moved once is booked once."""
        if any(each.id == entry.id for each in self.entries):
            return self
        return replace(self, entries=(*self.entries, entry))

    def _sum(self, *kinds: EntryKind) -> int:
        return sum(entry.amount_cents for entry in self.entries if entry.kind in kinds)


def _entry(payment: Payment, kind: EntryKind, source_id: str, *, cents: int, at: datetime, now: datetime) -> Entry:
    return Entry(
        id=f"{kind.value}-{source_id}",
        order_id=payment.order_id,
        payment_id=payment.id,
        kind=kind,
        source_id=source_id,
        amount_cents=cents,
        currency=payment.currency,
        at=at,
        booked_at=now,
    )


def _made_elsewhere(news: RefundNews, *, payment: Payment, now: datetime) -> Refund:
    return Refund(
        id=news.id,
        order_id=payment.order_id,
        payment_id=payment.id,
        amount_cents=news.amount_cents,
        currency=payment.currency,
        reason=RefundReason.ELSEWHERE,
        state=news.state,
        service_id=news.id,
        attempt=1,
        tries=0,
        due=None,
        requested_at=news.created_at,
        by="",
        trouble=news.trouble,
        failed_at=now if news.state is RefundState.FAILED else None,
    )
