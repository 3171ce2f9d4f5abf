"""Compare the payments of an order with what the payment service has, after that was applied."""

from collections.abc import Mapping, Sequence

from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.order import Order
from chalicelib.domain.state import State

type Found = dict[DifferenceKind, Mapping[str, str]]

CHECKED = (
    DifferenceKind.PAID_WITHOUT_PAYMENT,
    DifferenceKind.PAYMENT_AMOUNT,
    DifferenceKind.REFUND_UNKNOWN_THERE,
    DifferenceKind.REFUND_NOT_BOOKED,
)


def compare_payments(order: Order, *, ledger: Ledger, sessions: Sequence[CheckoutSession]) -> Found:
    """What does not agree between an order's ledger and its sessions as they are at the payment service."""
    found: Found = {}
    there = {session.payment_id: session for session in sessions if session.outcome is Outcome.PAID}
    here = {payment.id: payment for payment in ledger.payments}
    gone = [payment for payment in ledger.payments if payment.id not in there]
    if gone or (order.state is State.PAID and not here):
        amount = sum(payment.amount_cents for payment in gone) or order.total_cents
        found[DifferenceKind.PAID_WITHOUT_PAYMENT] = {"amount": str(amount)}
    for payment_id in there.keys() & here.keys():
        asked, booked = there[payment_id], here[payment_id]
        if (asked.amount_cents, asked.currency) != (booked.amount_cents, booked.currency):
            found[DifferenceKind.PAYMENT_AMOUNT] = {"there": str(asked.amount_cents), "here": str(booked.amount_cents)}
    _compare_refunds(ledger, there, found)
    return found


def _compare_refunds(ledger: Ledger, there: Mapping[str, CheckoutSession], found: Found) -> None:
    made = {news.id: news for session in there.values() for news in session.refunds}
    known = {refund.service_id: refund for refund in ledger.refunds if refund.service_id}
    unknown = [refund for service_id, refund in known.items() if service_id not in made and refund.payment_id in there]
    if unknown:
        found[DifferenceKind.REFUND_UNKNOWN_THERE] = {"amount": str(sum(each.amount_cents for each in unknown))}
    wrong = [news for news in made.values() if news.id not in known or known[news.id].amount_cents != news.amount_cents]
    if wrong:
        found[DifferenceKind.REFUND_NOT_BOOKED] = {"amount": str(sum(news.amount_cents for news in wrong))}
