"""The till: the desk's own way to Stripe, that reads the stand-in's books where the SDK would take its time."""

from __future__ import annotations

from typing import Any, cast

import stripe

from chalicelib.adapters.stripe_gateway import Desk, StripeGateway
from chalicelib.adapters.stripe_session import moment
from chalicelib.domain.checkout import CheckoutRequest, CheckoutSession, Outcome
from chalicelib.domain.dispute import DisputeNews, Movement
from chalicelib.domain.refund import RefundNews, RefundState
from devstack.stripe import checkout_session as there
from devstack.stripe.charge import Charge
from devstack.stripe.dispute import CLOSED, Dispute
from devstack.stripe.payment_intent import PaymentIntent
from devstack.stripe.refund import Refund
from devstack.stripe.stand_in import StandIn

_STATES = {
    "pending": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}


class Till(StripeGateway):
    """Opens and fetches sessions as its parent does through the SDK, to the letter; a test holds it to that."""

    def __init__(self, stand_in: StandIn, client: stripe.StripeClient, *, desk: Desk) -> None:
        super().__init__(client, desk=desk)
        self._stand_in = stand_in

    def open_session(self, request: CheckoutRequest) -> CheckoutSession:
        """A new one; the past asks for each once."""
        asked = cast("dict[str, Any]", self._parameters(request))
        session = self._stand_in.books.open_session(
            asked, now=self._stand_in.now(), public_url=self._stand_in.public_url
        )
        return self._read_from_books(session)

    def fetch(self, session_id: str) -> CheckoutSession | None:
        """Only of our own: nobody else has a past here."""
        self._stand_in.lapse()
        return self._read_from_books(self._stand_in.books.session(session_id))

    def _read_from_books(self, session: there.CheckoutSession) -> CheckoutSession:
        books = self._stand_in.books
        intent = books.intent_of(session)
        charge = books.charge(intent.charge) if intent and intent.charge else None
        return CheckoutSession(
            id=session.id,
            order_id=session.reference or "",
            attempt=int(session.asked["metadata"]["attempt"]),
            outcome=_outcome(session, intent),
            url=session.url if session.status == "open" else "",
            amount_cents=session.amount,
            currency=session.currency.upper(),
            payment_id=intent.id if intent else "",
            method=charge.method if charge else "",
            charged_at=moment(charge.created) if charge else None,
            charge_id=charge.id if charge else "",
            refunds=tuple(_refund(each) for each in books.refunds_of(charge.id)) if charge else (),
            disputes=tuple(self._dispute(each) for each in self._disputes_of(charge)),
        )

    def _disputes_of(self, charge: Charge | None) -> list[Dispute]:
        return self._stand_in.books.disputes_of(charge.id) if charge else []

    def _dispute(self, dispute: Dispute) -> DisputeNews:
        moved = [self._stand_in.books.balance_transaction(each) for each in dispute.balance_transactions]
        return DisputeNews(
            id=dispute.id,
            amount_cents=dispute.amount,
            reason=dispute.reason,
            status=dispute.status,
            closed=dispute.status in CLOSED,
            created_at=moment(dispute.created),
            movements=tuple(
                Movement(id=each.id, amount_cents=each.amount, fee_cents=each.fee, at=moment(each.created))
                for each in moved
            ),
        )


def _outcome(session: there.CheckoutSession, intent: PaymentIntent | None) -> Outcome:
    if session.status == "open":
        return Outcome.OPEN
    if session.status == "expired":
        return Outcome.EXPIRED
    if session.payment_status == "paid":
        return Outcome.PAID
    failed = intent is not None and intent.status in ("requires_payment_method", "canceled")
    return Outcome.FAILED if failed else Outcome.PROCESSING


def _refund(refund: Refund) -> RefundNews:
    state = _STATES[refund.status]
    return RefundNews(
        id=refund.id,
        command=refund.asked.get("metadata", {}).get("refund", ""),
        amount_cents=refund.amount,
        state=state,
        created_at=moment(refund.created),
        moved_at=moment(refund.created) if refund.balance_transaction else None,
        returned_at=moment(refund.created) if refund.failure_balance_transaction else None,
        trouble=refund.failure_reason or refund.status if state is RefundState.FAILED else "",
    )
