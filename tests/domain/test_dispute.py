"""A dispute in the ledger: what it takes, what comes back, and what an inquiry does not touch."""

import pytest

from chalicelib.domain.ledger import EntryKind, Ledger
from tests.domain.money_samples import disputed, moved, paid, went_back, with_disputes, with_refunds
from tests.domain.test_ledger import booked, heard, rows


def test_a_dispute_takes_the_money_until_it_is_decided() -> None:
    ledger = heard(booked(), with_disputes(paid(), disputed(50_000)))
    (dispute,) = ledger.disputes
    assert (dispute.id, dispute.key, dispute.payment_id) == ("dp_1", "order-1#dp_1", "pi_1")
    assert (dispute.amount_cents, dispute.currency, dispute.reason) == (50_000, "EUR", "fraudulent")
    assert (dispute.status, dispute.closed) == ("needs_response", False)
    assert (ledger.disputed_cents, ledger.disputed, ledger.refundable("pi_1")) == (50_000, True, 0)
    taken = ledger.entries[-1]
    assert (taken.kind, taken.id, taken.amount_cents) == (EntryKind.DISPUTE, "dispute-txn_dp_1", -50_000)
    assert (taken.source_id, taken.transaction_id, taken.fee_cents) == ("txn_dp_1", "txn_dp_1", 2_000)


def test_a_dispute_that_is_won_gives_it_back() -> None:
    ledger = heard(booked(), with_disputes(paid(), disputed(50_000)))
    won = heard(ledger, with_disputes(paid(), disputed(50_000, status="won")))
    assert rows(won)[1:] == [("dispute-txn_dp_1", -50_000), ("dispute-txn_dp_1_back", 50_000)]
    assert (won.disputed_cents, won.disputed, won.refundable("pi_1")) == (0, False, 50_000)
    assert (won.disputes[0].status, won.disputes[0].closed) == ("won", True)


def test_a_dispute_that_is_lost_keeps_it() -> None:
    lost = heard(booked(), with_disputes(paid(), disputed(50_000, status="lost")))
    assert (lost.disputed_cents, lost.disputed, lost.refundable("pi_1")) == (50_000, False, 0)


@pytest.mark.parametrize("decided", ["won", "lost"])
def test_late_news_of_before_the_decision_undoes_nothing(decided: str) -> None:
    ledger = heard(booked(), with_disputes(paid(), disputed(50_000, status=decided)))
    assert heard(ledger, with_disputes(paid(), disputed(50_000))) == ledger
    assert heard(ledger, with_disputes(paid(), disputed(50_000, status="under_review"))) == ledger
    assert heard(ledger, paid()) == ledger


def test_an_inquiry_moves_no_money() -> None:
    asks = heard(booked(), with_disputes(paid(), disputed(50_000, status="warning_needs_response")))
    assert (asks.disputed, asks.disputed_cents, asks.refundable("pi_1"), len(asks.entries)) == (True, 0, 50_000, 1)
    ended = heard(asks, with_disputes(paid(), disputed(50_000, status="warning_closed")))
    assert (ended.disputed, ended.disputed_cents, ended.refundable("pi_1")) == (False, 0, 50_000)
    became = heard(asks, with_disputes(paid(), disputed(50_000)))
    assert (became.disputed, became.disputed_cents, became.refundable("pi_1")) == (True, 50_000, 0)


def test_a_part_that_is_disputed_leaves_the_rest_to_go_back() -> None:
    ledger = heard(booked(), with_disputes(paid(), disputed(20_000)))
    assert ledger.refundable("pi_1") == 30_000


def test_a_refund_and_a_dispute_of_the_same_money_are_both_in_the_books() -> None:
    """The association then has less than nothing of it, and nothing more can go back."""
    told = with_disputes(with_refunds(paid(), went_back("re_1", 50_000)), disputed(50_000))
    ledger = heard(booked(), told)
    assert (ledger.paid_cents, ledger.refunded_cents, ledger.disputed_cents) == (50_000, 50_000, 50_000)
    assert ledger.refundable("pi_1") == 0
    won = heard(ledger, with_disputes(with_refunds(paid(), went_back("re_1", 50_000)), disputed(50_000, status="won")))
    assert (won.disputed_cents, won.refundable("pi_1")) == (0, 0)


def test_two_disputes_lie_in_one_order_whichever_is_heard_of_first() -> None:
    one, two = disputed(10_000, name="dp_1"), disputed(20_000, name="dp_2")
    first = heard(booked(), with_disputes(paid(), one, two))
    other = heard(booked(), with_disputes(paid(), two, one))
    assert first.disputes == other.disputes
    assert set(first.entries) == set(other.entries)
    assert (first.disputed_cents, first.refundable("pi_1")) == (30_000, 20_000)


def test_a_movement_is_booked_once_and_another_of_the_same_dispute_beside_it() -> None:
    partly = disputed(50_000, movements=(moved("txn_1", -50_000), moved("txn_2", 20_000)))
    ledger = heard(heard(booked(), with_disputes(paid(), partly)), with_disputes(paid(), partly))
    assert rows(ledger)[1:] == [("dispute-txn_1", -50_000), ("dispute-txn_2", 20_000)]
    assert ledger.disputed_cents == 30_000


def test_a_dispute_of_a_payment_that_nobody_booked_is_nobodys() -> None:
    assert heard(Ledger(), with_disputes(paid(), disputed(50_000))) == Ledger()
