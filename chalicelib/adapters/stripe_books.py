"""Stripe's own books, to be compared with ours: what it holds for the account, whoever it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import stripe

from chalicelib.adapters.stripe_gateway import Desk, looking
from chalicelib.adapters.stripe_session import EXPANDED, SessionReader, id_of, moment
from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.page import Page
from chalicelib.domain.payout import PaidOut, Transaction, TransactionKind

# Stripe's reporting categories, which it made for bookkeeping: its types change with the payment method, and a refund
# that came back is an adjustment, a refund or a kind of its own. All else has to do with no order.
_KINDS = {
    "charge": TransactionKind.PAYMENT,
    "refund": TransactionKind.REFUND,
    "refund_failure": TransactionKind.REFUND_RETURNED,
    "dispute": TransactionKind.DISPUTE,
    "dispute_reversal": TransactionKind.DISPUTE,
    "payout": TransactionKind.PAYOUT,
    "payout_reversal": TransactionKind.PAYOUT,
}
# How many at a time: the most that Stripe gives; few where each brings much along or leads to questions of its own;
# and payouts, of which each is a list in itself. A page must be done well within a schedule's time.
MANY, FEW, PAYOUTS = 100, 25, 10
_OF_ORDERS = frozenset(_KINDS.values()) - {TransactionKind.PAYOUT}


class StripeBooks:
    """Lists of Stripe's, a page at a time; ours is what carries our mark, itself or on its payment."""

    def __init__(self, client: stripe.StripeClient, *, desk: Desk) -> None:
        self._v1 = client.v1
        self._reader = SessionReader(client)
        self._desk = desk

    def sessions(self, *, since: datetime, until: datetime, rest: str) -> Page[CheckoutSession]:
        asked = _asked(rest, limit=FEW, created=_period(since, until), expand=[f"data.{EXPANDED}"])
        with looking():
            page = self._v1.checkout.sessions.list(asked)
            ours = [self._reader.read(each) for each in page.data if self._desk.owns(each.metadata)]
        return Page(ours, _rest(page))

    def refunded(self, *, since: datetime, until: datetime, rest: str) -> Page[str]:
        with looking():
            page = self._v1.refunds.list(_of_payments(since, until, rest))
        return Page(self._payments(page.data), _rest(page))

    def disputed(self, *, since: datetime, until: datetime, rest: str) -> Page[str]:
        with looking():
            page = self._v1.disputes.list(_of_payments(since, until, rest))
        return Page(self._payments(page.data), _rest(page))

    def transactions(self, *, since: datetime, until: datetime, rest: str) -> Page[Transaction]:
        asked = _asked(rest, created=_period(since, until), expand=["data.source"])
        with looking():
            page = self._v1.balance_transactions.list(asked)
            return Page(self._told(page.data), _rest(page))

    def payouts(self, *, since: datetime, until: datetime, rest: str) -> Page[PaidOut]:
        """Of those whose parts Stripe tells: not of one made by hand, nor of one that it is still adding up."""
        with looking():
            page = self._v1.payouts.list(_asked(rest, limit=PAYOUTS, created=_period(since, until)))
        return Page([_paid_out(each) for each in page.data if each.reconciliation_status == "completed"], _rest(page))

    def transactions_of(self, payout_id: str, *, rest: str) -> Page[Transaction]:
        with looking():
            page = self._v1.balance_transactions.list(_asked(rest, payout=payout_id, expand=["data.source"]))
            parts = [each for each in page.data if id_of(each.source) != payout_id]
            return Page(self._told(parts), _rest(page))

    def _payments(self, moved: Sequence[stripe.Refund | stripe.Dispute]) -> list[str]:
        """Our payments among those of which something was moved, each once."""
        intents = [each.payment_intent for each in moved]
        ours = [each for each in intents if isinstance(each, stripe.PaymentIntent) and self._desk.owns(each.metadata)]
        return list(dict.fromkeys(each.id for each in ours))

    def _told(self, transactions: Sequence[stripe.BalanceTransaction]) -> list[Transaction]:
        orders = _Orders(self._v1.payment_intents, desk=self._desk)
        return [_transaction(each, orders) for each in transactions]


class _Orders:
    """Which order each payment is of; every payment is looked up once at most."""

    def __init__(self, intents: stripe.PaymentIntentService, *, desk: Desk) -> None:
        self._intents, self._desk = intents, desk
        self._known: dict[str, str] = {}

    def of(self, source: Any) -> str:
        """The order that a charge, refund or dispute is of; empty when it is none of this desk's."""
        if self._desk.owns(source.metadata):
            return str(source.metadata["order"])
        payment_id = id_of(source.payment_intent)
        # a charge carries the marks of its payment; a refund made by hand and a dispute carry none
        if isinstance(source, stripe.Charge) or not payment_id:
            return ""
        if payment_id not in self._known:
            intent = self._intents.retrieve(payment_id)
            ours = intent.metadata if self._desk.owns(intent.metadata) else None
            self._known[payment_id] = ours["order"] if ours is not None else ""
        return self._known[payment_id]


def _transaction(told: stripe.BalanceTransaction, orders: _Orders) -> Transaction:
    # it has one of two dozen types, of which three have to do with orders
    source: Any = told.source
    kind = _kind(told, source)
    order_id = orders.of(source) if kind in _OF_ORDERS else ""
    return Transaction(
        id=told.id,
        kind=kind,
        order_id=order_id,
        payment_id=id_of(source.payment_intent) if order_id else "",
        source_id=id_of(source),
        amount_cents=told.amount,
        fee_cents=told.fee,
        currency=told.currency.upper(),
        at=moment(told.created),
    )


def _kind(told: stripe.BalanceTransaction, source: object) -> TransactionKind:
    kind = _KINDS.get(told.reporting_category, TransactionKind.OTHER)
    if kind in _OF_ORDERS and not isinstance(source, stripe.Charge | stripe.Refund | stripe.Dispute):
        return TransactionKind.OTHER
    # a delayed payment is on the balance while it is under way, and taken off it by another kind when it fails
    if isinstance(source, stripe.Charge) and source.status != "succeeded":
        return TransactionKind.OTHER
    return kind


def _paid_out(told: stripe.Payout) -> PaidOut:
    return PaidOut(
        id=told.id,
        amount_cents=told.amount,
        currency=told.currency.upper(),
        status=told.status,
        arrives_on=moment(told.arrival_date).date(),
        made_at=moment(told.created),
    )


def _of_payments(since: datetime, until: datetime, rest: str) -> Any:
    return _asked(rest, limit=FEW, created=_period(since, until), expand=["data.payment_intent"])


def _asked(rest: str, *, limit: int = MANY, **asked: object) -> Any:
    """What is asked of a list: each has a type of its own for the same few parameters."""
    return {"limit": limit, **asked} | ({"starting_after": rest} if rest else {})


def _period(since: datetime, until: datetime) -> dict[str, int]:
    """In Stripe's whole seconds, the ones on its edges included."""
    return {"gte": int(since.timestamp()), "lte": int(until.timestamp())}


def _rest[Item: stripe.StripeObject](page: stripe.ListObject[Item]) -> str:
    """Where the next page goes on: after the last object of this one, whoever's it is."""
    return id_of(page.data[-1]) if page.has_more else ""
