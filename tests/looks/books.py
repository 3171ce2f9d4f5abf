"""The books of a scene: what came, went back and was taken for one order, told as a story to the product's ledger."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.dispute import DisputeNews, Movement
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.order import Order
from chalicelib.domain.refund import RefundNews, RefundReason, RefundState
from tests.looks.cast import NOW, PAID_AT, Ordered


@dataclass(frozen=True, kw_only=True)
class Story:
    """An order and its ledger so far; each verb is what happened next, so many days after it was ordered."""

    made: Ordered
    ledger: Ledger = field(default_factory=Ledger)
    session: CheckoutSession | None = None

    @property
    def order(self) -> Order:
        return self.made.order

    def told(self) -> Ordered:
        """The order with what its ledger comes to."""
        return replace(self.made, order=self.order.with_totals(self.ledger))

    def paid(self, cents: int | None = None, *, days: int = 0) -> Story:
        number, at = len(self.ledger.payments) + 1, PAID_AT + timedelta(days=days)
        session = CheckoutSession(
            id=f"cs_{number}",
            order_id=self.order.id,
            attempt=number,
            outcome=Outcome.PAID,
            url="",
            amount_cents=self.order.total_cents if cents is None else cents,
            currency="eur",
            payment_id=f"pi_{number}",
            method="ideal",
            charged_at=at,
            charge_id=f"ch_{number}",
        )
        order = replace(self.order, payment_id=self.order.payment_id or "pi_1", paid_at=self.order.paid_at or at)
        told = replace(self, made=replace(self.made, order=order))
        return told._heard(session)

    def asked(self, reason: RefundReason, cents: int | None = None, *, days: int = 0) -> Story:
        """Money is to go back: of the last payment, all of it unless said otherwise."""
        assert self.session, "only what was paid can go back"
        ledger = self.ledger.requested(
            self.session.payment_id,
            refund_id=f"refund-{len(self.ledger.refunds) + 1}",
            amount_cents=self.session.amount_cents if cents is None else cents,
            reason=reason,
            by="",
            now=_moment(days),
        )
        return replace(self, ledger=ledger)

    def went(self, *, days: int) -> Story:
        return self._refund(RefundState.SUCCEEDED, moved_at=_moment(days))

    def pending(self, *, days: int) -> Story:
        """It left, and the bank has not said yet that it arrived."""
        return self._refund(RefundState.PENDING, moved_at=_moment(days))

    def made_elsewhere(self, *, days: int) -> Story:
        """All of the last payment, in the payment service's own pages."""
        assert self.session, "only what was paid can go back"
        news = RefundNews(
            id="re_elsewhere",
            command="",
            amount_cents=self.session.amount_cents,
            state=RefundState.SUCCEEDED,
            created_at=_moment(days),
            moved_at=_moment(days),
            returned_at=None,
            trouble="",
        )
        return self._heard(replace(self.session, refunds=(news,)))

    def returned(self, *, days: int, until: int) -> Story:
        """It went, and the bank sent it back."""
        return self._refund(RefundState.FAILED, moved_at=_moment(days), returned_at=_moment(until))

    def refused(self) -> Story:
        return self._refund(RefundState.FAILED)

    def taken(self, *, days: int, won: int | None = None) -> Story:
        """The buyer's bank took it, and gave it back when the association won."""
        assert self.session, "only what was paid can be taken"
        cents = self.session.amount_cents
        movements = [Movement(id="txn_1", amount_cents=-cents, fee_cents=2000, at=_moment(days))]
        if won:
            movements.append(Movement(id="txn_2", amount_cents=cents, fee_cents=0, at=_moment(won)))
        dispute = DisputeNews(
            id="dp_1",
            amount_cents=cents,
            reason="fraudulent",
            status="won" if won else "needs_response",
            closed=won is not None,
            created_at=_moment(days),
            movements=tuple(movements),
        )
        return self._heard(replace(self.session, disputes=(dispute,)))

    def _refund(
        self, state: RefundState, *, moved_at: datetime | None = None, returned_at: datetime | None = None
    ) -> Story:
        refund = self.ledger.refunds[-1]
        assert self.session, "only what was paid can go back"
        news = RefundNews(
            id=f"re_{len(self.ledger.refunds)}",
            command=refund.id,
            amount_cents=refund.amount_cents,
            state=state,
            created_at=refund.requested_at,
            moved_at=moved_at,
            returned_at=returned_at,
            trouble="",
        )
        return self._heard(replace(self.session, refunds=(news,)))

    def _heard(self, session: CheckoutSession) -> Story:
        books = self.ledger.payment(session.payment_id) is None
        return replace(self, session=session, ledger=self.ledger.heard(session, books=books, now=NOW))


def _moment(days: int) -> datetime:
    return PAID_AT + timedelta(days=days, hours=1)
