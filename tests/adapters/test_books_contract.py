"""The contract of the payment service's books, for the fake and for the real adapter with the stand-in behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.page import Page
from chalicelib.domain.payout import Transaction, TransactionKind
from tests.adapters.till import TOTAL_CENTS, Till, fetched, give_back, paid, request

type List[Item] = Callable[..., Page[Item]]


def everything[Item](till: Till, ask: List[Item], *, since: int = 10_000, until: int = 0) -> list[Item]:
    """All pages of a list, over a period that is given in minutes ago."""
    period = {"since": till.clock() - timedelta(minutes=since), "until": till.clock() - timedelta(minutes=until)}
    return [item for page in pages(lambda rest: ask(**period, rest=rest)) for item in page.items]


def pages[Item](ask: Callable[[str], Page[Item]]) -> list[Page[Item]]:
    found = [ask("")]
    while found[-1].rest:
        found.append(ask(found[-1].rest))
    return found


def parts_of(till: Till, payout_id: str) -> list[Transaction]:
    found = pages(lambda rest: till.books.transactions_of(payout_id, rest=rest))
    return [each for page in found for each in page.items]


# Sessions


def test_sessions_come_newest_first_as_they_are_now_with_all_that_became_of_them(till: Till) -> None:
    opened = till.gateway.open_session(request(till.clock))
    till.clock.advance(minutes=1)
    session = paid(till, order_id="order-2", method="card")
    for number in range(12):
        till.gateway.refund(give_back(session, id=f"refund-{number}", amount_cents=100))
    till.dispute(session.id, 700)
    till.clock.advance(hours=1)
    found = everything(till, till.books.sessions)
    assert found == [fetched(till, session), fetched(till, opened)]
    assert (len(found[0].refunds), len(found[0].disputes)) == (12, 1)


def test_only_what_was_made_in_the_period_is_told_its_edges_included(till: Till) -> None:
    sessions = []
    for number in range(4):
        sessions.append(paid(till, order_id=f"order-{number}", method="card"))
        till.refund_elsewhere(sessions[-1].id, 100)
        till.dispute(sessions[-1].id, 200)
        till.pay_out()
        till.clock.advance(minutes=10)
    # made 40, 30, 20 and 10 minutes ago
    middle: dict[str, Any] = {"since": 30, "until": 20}
    assert [each.id for each in everything(till, till.books.sessions, **middle)] == [sessions[2].id, sessions[1].id]
    payments = [sessions[2].payment_id, sessions[1].payment_id]
    assert everything(till, till.books.refunded, **middle) == payments
    assert everything(till, till.books.disputed, **middle) == payments
    assert len(everything(till, till.books.payouts, **middle)) == 2
    told = everything(till, till.books.transactions, **middle)
    assert list(dict.fromkeys(each.payment_id for each in told if each.payment_id)) == payments
    assert everything(till, till.books.sessions, since=29, until=21) == []


@pytest.mark.parametrize("many", [25, 26, 105])
def test_a_long_list_comes_in_pages_and_nothing_twice_or_not_at_all(till: Till, many: int) -> None:
    expires_at = till.clock() + timedelta(minutes=35)
    for number in range(many):
        till.gateway.open_session(request(till.clock, order_id=f"order-{number}", expires_at=expires_at))
    period = {"since": till.clock(), "until": till.clock()}
    found = pages(lambda rest: till.books.sessions(**period, rest=rest))
    assert (len(found) > 1) is (many > max(len(page.items) for page in found))
    assert all(page.items for page in found)
    told = [each.order_id for page in found for each in page.items]
    assert told == [f"order-{number}" for number in reversed(range(many))]


# Refunds and disputes


def test_a_payment_is_named_whoever_made_the_refund_and_once_a_page(till: Till) -> None:
    first, second, third = (paid(till, order_id=f"order-{number}") for number in (1, 2, 3))
    till.gateway.refund(give_back(first, amount_cents=100))
    till.refund_elsewhere(second.id, 100)
    till.refund_elsewhere(second.id, 100)
    assert everything(till, till.books.refunded) == [second.payment_id, first.payment_id]
    till.dispute(third.id)
    assert everything(till, till.books.disputed) == [third.payment_id]


# Transactions


def _eventful(till: Till) -> CheckoutSession:
    """A session whose money went all ways."""
    session = paid(till, method="card")
    kept = till.gateway.refund(give_back(session, amount_cents=1_000))
    till.clock.advance(days=1)
    till.refund_elsewhere(session.id, 2_000)
    till.fail_refund(kept.id)
    dispute_id = till.dispute(session.id, 3_000)
    till.clock.advance(days=1)
    till.close_dispute(dispute_id, won=True)
    till.dispute(session.id, 4_000, inquiry=True)
    return fetched(till, session)


def test_each_transaction_tells_whose_it_is_and_what_moved_it(till: Till) -> None:
    session = _eventful(till)
    told = everything(till, till.books.transactions)[::-1]
    assert [(each.kind, each.amount_cents) for each in told] == [
        (TransactionKind.PAYMENT, TOTAL_CENTS),
        (TransactionKind.REFUND, -1_000),
        (TransactionKind.REFUND, -2_000),
        (TransactionKind.REFUND_RETURNED, 1_000),
        (TransactionKind.DISPUTE, -3_000),
        (TransactionKind.DISPUTE, 3_000),
    ]
    assert {(each.order_id, each.payment_id, each.currency) for each in told} == {
        ("order-1", session.payment_id, "EUR")
    }
    second, first = session.refunds
    [_, dispute] = session.disputes
    assert [each.source_id for each in told] == [
        session.charge_id,
        first.id,
        second.id,
        first.id,
        dispute.id,
        dispute.id,
    ]
    assert told[0].fee_cents > 0
    assert [each.fee_cents for each in told[1:]] == [0, 0, 0, 2_000, 0]
    assert (told[0].at, told[-1].at) == (session.charged_at, till.clock())


def test_the_books_and_the_ledger_of_an_order_name_the_same_money(till: Till) -> None:
    """Heard of in two ways, it must be found again by its id, to the cent."""
    session = _eventful(till)
    ledger = Ledger().heard(session, books=True, now=till.clock())
    there = {each.entry_id: each.amount_cents for each in everything(till, till.books.transactions)}
    assert {entry.id: entry.amount_cents for entry in ledger.entries} == there
    assert len(there) == 6


def test_money_that_has_not_come_yet_is_no_payment(till: Till) -> None:
    for attempt in (1, 2):
        till.pay_later(till.gateway.open_session(request(till.clock, attempt=attempt)).id)
    first, second = till.gateway.sessions_of("order-1", since=till.clock())
    till.fail_later(first.id)
    assert [each for each in everything(till, till.books.transactions) if each.kind is TransactionKind.PAYMENT] == []
    till.pay(second.id)
    told = [each for each in everything(till, till.books.transactions) if each.kind is TransactionKind.PAYMENT]
    assert [(each.source_id, each.order_id) for each in told] == [(fetched(till, second).charge_id, "order-1")]


# Payouts


def test_a_payout_is_what_its_transactions_come_to(till: Till) -> None:
    session = _eventful(till)
    paid_out_at = till.clock.advance(days=1)
    first = till.pay_out()
    later = paid(till, order_id="order-2")
    second = till.pay_out()
    told = everything(till, till.books.payouts)
    assert [each.id for each in told] == [second, first]
    assert {(each.status, each.currency, each.made_at, each.arrives_on) for each in told} == {
        ("paid", "EUR", paid_out_at, paid_out_at.date())
    }
    for payout, payment_id, many in ((told[1], session.payment_id, 6), (told[0], later.payment_id, 1)):
        parts = parts_of(till, payout.id)
        assert sum(each.net_cents for each in parts) == payout.amount_cents
        assert [each.payment_id for each in parts] == [payment_id] * many
    everywhere = everything(till, till.books.transactions)
    own = [each for each in everywhere if each.kind is TransactionKind.PAYOUT]
    assert [(each.source_id, each.amount_cents) for each in own] == [(each.id, -each.amount_cents) for each in told]
    assert {(each.order_id, each.payment_id, each.entry_id) for each in own} == {("", "", "")}


def test_a_payout_of_many_transactions_comes_in_pages(till: Till) -> None:
    session = paid(till, method="card")
    for number in range(104):
        till.gateway.refund(give_back(session, id=f"refund-{number}", amount_cents=1))
    payout = till.pay_out()
    found = pages(lambda rest: till.books.transactions_of(payout, rest=rest))
    told = [each for page in found for each in page.items]
    assert len(found) == 2
    assert len({each.id for each in told}) == len(told) == 105
