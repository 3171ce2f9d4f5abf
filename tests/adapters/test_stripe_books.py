"""Stripe's books at the real adapter alone: an account that others use too, and a Stripe that fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from chalicelib.adapters.stripe_books import FEW, StripeBooks
from chalicelib.adapters.stripe_gateway import Desk
from chalicelib.domain.error import PaymentBusy, PaymentUnavailable
from chalicelib.domain.page import Page
from chalicelib.domain.payout import Transaction, TransactionKind
from tests.adapters.till import DESK, StripeTill, give_back, paid, quiet_till


@pytest.fixture
def till() -> StripeTill:
    return quiet_till()


def transactions(till: StripeTill) -> list[Transaction]:
    """The first page, oldest first."""
    found = till.books.transactions(since=till.clock(), until=till.clock(), rest="")
    return list(found.items)[::-1]


def opened_by_others(till: StripeTill, metadata: dict[str, str] | None) -> str:
    line: Any = {"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 9000, "product_data": {"name": "Pen"}}}
    params: Any = {"mode": "payment", "line_items": [line], "success_url": "https://shop.example.nl/"}
    if metadata is not None:
        params |= {"metadata": metadata, "payment_intent_data": {"metadata": metadata}}
    return till.client().v1.checkout.sessions.create(params).id


# Others in the same account


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {"app": "webshop", "stage": "test", "order": "order-1"},
        {"app": "loket", "stage": "prod", "order": "order-1"},
        {"app": "loket", "order": "order-1"},
        {"order": "order-1"},
    ],
)
def test_what_is_anothers_is_none_of_ours_but_stands_in_the_balance(
    till: StripeTill, metadata: dict[str, str] | None
) -> None:
    theirs = opened_by_others(till, metadata)
    till.pay(theirs, method="card")
    till.refund_elsewhere(theirs, 100)
    till.dispute(theirs, 200)
    asked: dict[str, Any] = {"since": till.clock(), "until": till.clock(), "rest": ""}
    for ask in (till.books.sessions, till.books.refunded, till.books.disputed):
        assert ask(**asked) == Page([])
    payment_id = till.stand_in.books.session(theirs).payment_intent
    assert payment_id is not None
    assert till.gateway.find(payment_id) is None
    told = transactions(till)
    assert [(each.kind, each.amount_cents) for each in told] == [
        (TransactionKind.PAYMENT, 9_000),
        (TransactionKind.REFUND, -100),
        (TransactionKind.DISPUTE, -200),
    ]
    assert {(each.order_id, each.payment_id) for each in told} == {("", "")}
    payout_id = till.pay_out()
    parts = till.books.transactions_of(payout_id, rest="").items
    assert {each.order_id for each in parts} == {""}
    assert len(parts) == 3


def test_ours_are_found_behind_a_page_of_others(till: StripeTill) -> None:
    session = paid(till, method="card")
    till.refund_elsewhere(session.id, 100)
    for _ in range(FEW):
        till.refund_elsewhere(_paid_by_others(till), 100)
    period = {"since": till.clock(), "until": till.clock()}
    lists: list[Callable[..., Page[Any]]] = [till.books.sessions, till.books.refunded]
    for ask in lists:
        first = ask(**period, rest="")
        assert (first.items, bool(first.rest)) == ([], True)
        second = ask(**period, rest=first.rest)
        assert (len(second.items), second.rest) == (1, "")


def _paid_by_others(till: StripeTill) -> str:
    theirs = opened_by_others(till, None)
    till.pay(theirs, method="card")
    return theirs


def test_another_stage_has_books_of_its_own(till: StripeTill) -> None:
    paid(till)
    production = StripeBooks(till.client(), desk=Desk(app="loket", stage="prod"))
    asked: dict[str, Any] = {"since": till.clock(), "until": till.clock(), "rest": ""}
    assert production.sessions(**asked).items == []
    assert [each.order_id for each in production.transactions(**asked).items] == [""]


def test_a_payment_is_looked_up_once_a_page_and_only_where_nothing_says_whose_it_is(till: StripeTill) -> None:
    first, second = (paid(till, order_id=f"order-{number}", method="card") for number in (1, 2))
    for number in range(3):
        till.gateway.refund(give_back(first, id=f"refund-{number}", amount_cents=100))
        till.refund_elsewhere(second.id, 100)
    before = len(till.asked())
    assert {each.order_id for each in transactions(till)} == {"order-1", "order-2"}
    assert [call["path"] for call in till.asked()[before:]] == [
        "/v1/balance_transactions",
        f"/v1/payment_intents/{second.payment_id}",
    ]


# What the stand-in does not do


def books_of(told: dict[str, Any]) -> StripeBooks:
    """Books of which every list is of this one thing, told as Stripe tells it."""
    page = {"object": "list", "data": [told], "has_more": False, "url": "/v1/somethings"}

    class Answer(stripe.HTTPClient):
        """Answers everything with that page."""

        name = "answer"

        def request(self, *_: object, **__: object) -> tuple[str, int, dict[str, str]]:
            return json.dumps(page), 200, {}

    return StripeBooks(stripe.StripeClient("sk_test_1", http_client=Answer()), desk=DESK)


EVER: dict[str, Any] = {
    "since": datetime(2026, 1, 1, tzinfo=UTC),
    "until": datetime(2027, 1, 1, tzinfo=UTC),
    "rest": "",
}
OURS = {"app": "loket", "stage": "test", "order": "order-1"}
CHARGE = {"id": "py_1", "object": "charge", "status": "succeeded", "payment_intent": "pi_1", "metadata": OURS}
REFUND = {"id": "pyr_1", "object": "refund", "payment_intent": "pi_1", "metadata": OURS}


@pytest.mark.parametrize(
    ("kind", "category", "source", "expected"),
    [
        ("payment", "charge", CHARGE, TransactionKind.PAYMENT),
        # money of a direct debit that is on its way, and that does not come after all
        ("payment", "charge", CHARGE | {"status": "pending"}, TransactionKind.OTHER),
        ("payment", "charge", CHARGE | {"status": "failed"}, TransactionKind.OTHER),
        ("payment_failure_refund", "charge_failure", CHARGE | {"status": "failed"}, TransactionKind.OTHER),
        ("payment_refund", "refund", REFUND, TransactionKind.REFUND),
        # three ways in which Stripe tells that a refund came back
        ("payment_refund", "refund_failure", REFUND, TransactionKind.REFUND_RETURNED),
        ("refund_failure", "refund_failure", REFUND, TransactionKind.REFUND_RETURNED),
        ("adjustment", "refund_failure", REFUND, TransactionKind.REFUND_RETURNED),
        ("stripe_fee", "fee", None, TransactionKind.OTHER),
        ("topup", "topup", {"id": "tu_1", "object": "topup"}, TransactionKind.OTHER),
        ("something_new", "something_new", "new_1", TransactionKind.OTHER),
        ("adjustment", "dispute", None, TransactionKind.OTHER),
        ("payout_failure", "payout_reversal", {"id": "po_1", "object": "payout"}, TransactionKind.PAYOUT),
    ],
)
def test_each_transaction_is_of_the_kind_that_bookkeeping_knows(
    kind: str, category: str, source: Any, expected: TransactionKind
) -> None:
    given = {"id": "txn_1", "object": "balance_transaction", "amount": 900, "fee": 0, "currency": "eur", "created": 1}
    given |= {"type": kind, "reporting_category": category, "source": source}
    [told] = books_of(given).transactions(**EVER).items
    assert (told.kind, told.amount_cents) == (expected, 900)
    ours = expected not in (TransactionKind.OTHER, TransactionKind.PAYOUT)
    assert (told.order_id, told.payment_id) == (("order-1", "pi_1") if ours else ("", ""))


@pytest.mark.parametrize(("status", "many"), [("completed", 1), ("in_progress", 0), ("not_applicable", 0)])
def test_only_a_payout_whose_parts_are_known_is_told(status: str, many: int) -> None:
    """Of one made by hand they never are."""
    given = {"id": "po_1", "object": "payout", "amount": 900, "currency": "eur", "created": 1, "arrival_date": 86_400}
    found = books_of(given | {"status": "paid", "reconciliation_status": status}).payouts(**EVER)
    assert len(found.items) == many


# A payout that came back


def test_a_payout_that_came_back_is_paid_out_again_with_the_next(till: StripeTill) -> None:
    paid(till)
    failed = till.pay_out()
    till.stand_in.fail_payout(failed)
    paid(till, order_id="order-2")
    again = till.pay_out()
    told = {each.id: each for each in till.books.payouts(since=till.clock(), until=till.clock(), rest="").items}
    assert (told[failed].status, told[again].status) == ("failed", "paid")
    for payout_id in (failed, again):
        parts = till.books.transactions_of(payout_id, rest="").items
        assert sum(each.net_cents for each in parts) == told[payout_id].amount_cents
    assert TransactionKind.PAYOUT in {each.kind for each in till.books.transactions_of(again, rest="").items}


# A Stripe that fails


LISTS: dict[str, Callable[[StripeTill], object]] = {
    "checkout.sessions.list": lambda till: till.books.sessions(**_lately(till)),
    "refunds.list": lambda till: till.books.refunded(**_lately(till)),
    "disputes.list": lambda till: till.books.disputed(**_lately(till)),
    "balance_transactions.list": lambda till: till.books.transactions(**_lately(till)),
    "payment_intents.retrieve": lambda till: till.books.transactions(**_lately(till)),
    "payouts.list": lambda till: till.books.payouts(**_lately(till)),
}
FAILURES: dict[str, type[PaymentUnavailable]] = {
    "error_500": PaymentUnavailable,
    "bad_request_400": PaymentUnavailable,
    "rate_limit_429": PaymentBusy,
    "conflict_409": PaymentUnavailable,
    "timeout_after": PaymentUnavailable,
}


def _lately(till: StripeTill) -> dict[str, Any]:
    return {"since": till.clock() - timedelta(days=1), "until": till.clock(), "rest": ""}


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_said_in_our_words(till: StripeTill, operation: str, failure: str) -> None:
    till.refund_elsewhere(paid(till).id, 100)
    till.plan(operation, failure)
    with pytest.raises(PaymentUnavailable) as caught:
        LISTS[operation](till)
    assert type(caught.value) is FAILURES[failure]
    LISTS[operation](till)
