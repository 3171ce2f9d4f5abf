"""A checkout session as Stripe tells it, with all that became of its payment, in our own words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import stripe

from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.dispute import DisputeNews, Movement
from chalicelib.domain.refund import RefundNews, RefundState

if TYPE_CHECKING:
    from stripe.checkout import Session

# What is asked to come along with a session, four levels deep in a list, which is as deep as Stripe goes.
EXPANDED = "payment_intent.latest_charge.refunds"

# What the payment intent behind a completed but unpaid session says when its delayed payment has failed.
_FAILED = frozenset({"requires_payment_method", "canceled"})
_REFUND_STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
_DECIDED = frozenset({"won", "lost", "warning_closed", "prevented"})


class SessionReader:
    """Reads sessions completely: what does not come along with one is asked for. Raises Stripe's own errors."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._refunds, self._disputes = client.v1.refunds, client.v1.disputes

    def read(self, session: Session) -> CheckoutSession:
        """One of ours, complete when it was asked for with what is EXPANDED."""
        metadata, intent = session.metadata, session.payment_intent
        assert metadata is not None, "we set metadata on every session"
        paid_by = intent if isinstance(intent, stripe.PaymentIntent) else None
        charge = _charge(paid_by)
        return CheckoutSession(
            id=session.id,
            order_id=session.client_reference_id or "",
            attempt=_attempt(metadata),
            outcome=_outcome(session, paid_by),
            url=session.url or "",
            amount_cents=session.amount_total or 0,
            currency=(session.currency or "").upper(),
            payment_id=id_of(intent),
            method=_method(charge),
            charged_at=moment(charge.created) if charge else None,
            charge_id=charge.id if charge else "",
            refunds=self._refunds_of(charge) if charge else (),
            disputes=self._disputes_of(charge) if charge else (),
        )

    def _refunds_of(self, charge: stripe.Charge) -> tuple[RefundNews, ...]:
        """All of them, newest first; with the charge itself only the newest ten come along."""
        newest = charge.refunds
        assert newest is not None, "a charge is asked for with its refunds"
        told = list(newest.data)
        if newest.has_more:
            older = self._refunds.list({"charge": charge.id, "limit": 100, "starting_after": told[-1].id})
            told += older.auto_paging_iter()
        return tuple(refund_news(each) for each in told)

    def _disputes_of(self, charge: stripe.Charge) -> tuple[DisputeNews, ...]:
        """All of them; a charge says for ever that it was disputed."""
        if not charge.disputed:
            return ()
        found = self._disputes.list({"charge": charge.id, "limit": 100})
        return tuple(_dispute_news(each) for each in found.auto_paging_iter())


def refund_news(told: stripe.Refund) -> RefundNews:
    """A refund, whoever made it; Stripe leaves out what does not apply."""
    state = _REFUND_STATES.get(told.status or "", RefundState.PENDING)
    command = told.metadata["refund"] if told.metadata is not None and "refund" in told.metadata else ""
    reason = getattr(told, "failure_reason", None) or told.status or ""
    return RefundNews(
        id=told.id,
        command=command,
        amount_cents=told.amount,
        state=state,
        created_at=moment(told.created),
        moved_at=_moved_at(told.balance_transaction, made=told.created),
        returned_at=_moved_at(getattr(told, "failure_balance_transaction", None), made=told.created),
        trouble=reason if state is RefundState.FAILED else "",
    )


def moment(seconds: int) -> datetime:
    """A time of Stripe's."""
    return datetime.fromtimestamp(seconds, UTC)


def id_of(what: object) -> str:
    """The id of what stands there whole or by its id only; empty when nothing does."""
    found = what if isinstance(what, str) else getattr(what, "id", "")
    return str(found)


def _moved_at(transaction: str | stripe.BalanceTransaction | None, *, made: int) -> datetime | None:
    """When money moved; where only the transaction's id stands, that is not told, and the refund's own time must do."""
    if transaction is None:
        return None
    return moment(transaction.created if isinstance(transaction, stripe.BalanceTransaction) else made)


def _dispute_news(told: stripe.Dispute) -> DisputeNews:
    movements = (
        Movement(id=each.id, amount_cents=each.amount, fee_cents=each.fee, at=moment(each.created))
        for each in told.balance_transactions
    )
    return DisputeNews(
        id=told.id,
        amount_cents=told.amount,
        reason=told.reason,
        status=told.status,
        closed=told.status in _DECIDED,
        created_at=moment(told.created),
        movements=tuple(movements),
    )


def _attempt(metadata: stripe.StripeObject) -> int:
    """The order's number for it; none, when somebody made a session by hand with our marks."""
    told = str(metadata["attempt"]) if "attempt" in metadata else ""
    return int(told) if told.isdecimal() and told.isascii() else 0


def _outcome(session: Session, intent: stripe.PaymentIntent | None) -> Outcome:
    if session.status == "open":
        return Outcome.OPEN
    if session.status == "expired":
        return Outcome.EXPIRED
    if session.payment_status != "unpaid":
        return Outcome.PAID
    return Outcome.FAILED if intent and intent.status in _FAILED else Outcome.PROCESSING


def _charge(intent: stripe.PaymentIntent | None) -> stripe.Charge | None:
    charge = intent.latest_charge if intent else None
    return charge if isinstance(charge, stripe.Charge) else None


def _method(charge: stripe.Charge | None) -> str:
    """Free text: new methods appear at Stripe by a switch in its dashboard."""
    details = charge.payment_method_details if charge else None
    return details.type if details else ""
