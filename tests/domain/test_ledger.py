"""The ledger of an order, rule by rule: what is booked, what may still go back, and what the totals are."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.ledger import EntryKind, Ledger
from chalicelib.domain.payout import Transaction, TransactionKind
from chalicelib.domain.refund import RefundReason, RefundState
from tests.domain.money_samples import PAID_AT, disputed, paid, went_back, with_disputes, with_refunds
from tests.domain.order_samples import NOW, session

LATER = NOW + timedelta(days=3)


def booked(told: CheckoutSession | None = None) -> Ledger:
    return Ledger().heard(told or paid(), books=True, now=NOW)


def asked(ledger: Ledger, cents: int, *, key: str = "a", payment_id: str = "pi_1") -> Ledger:
    return ledger.requested(
        payment_id, refund_id=f"{key}-{payment_id}", amount_cents=cents, reason=RefundReason.STAFF, by="tessa", now=NOW
    )


def heard(ledger: Ledger, told: CheckoutSession) -> Ledger:
    return ledger.heard(told, books=False, now=LATER)


def rows(ledger: Ledger) -> list[tuple[str, int]]:
    return [(entry.id, entry.amount_cents) for entry in ledger.entries]


# Payments


def test_nothing_has_come_yet() -> None:
    empty = Ledger()
    assert (empty.paid_cents, empty.refunded_cents, empty.disputed_cents, empty.disputed) == (0, 0, 0, False)
    assert (empty.payment("pi_1"), empty.refund("r"), empty.refundable("pi_1")) == (None, None, 0)


def test_a_payment_is_booked_with_a_row_of_the_moment_in_which_it_was_made() -> None:
    ledger = booked()
    (payment,), (entry,) = ledger.payments, ledger.entries
    assert (payment.id, payment.order_id, payment.session_id, payment.charge_id) == ("pi_1", "order-1", "cs_1", "ch_1")
    assert (payment.amount_cents, payment.currency, payment.method, payment.booked_at) == (50_000, "EUR", "ideal", NOW)
    assert (payment.key, entry.key) == ("order-1#pi_1", "order-1#payment-ch_1")
    assert (entry.kind, entry.source_id, entry.amount_cents, entry.at) == (EntryKind.PAYMENT, "ch_1", 50_000, PAID_AT)
    assert (entry.fee_cents, entry.transaction_id, entry.payout_id) == (None, "", "")
    assert (ledger.paid_cents, ledger.refundable("pi_1")) == (50_000, 50_000)


def test_what_is_not_known_of_a_payment_is_made_up_for() -> None:
    (entry,) = booked(paid(charged_at=None, charge_id="")).entries
    assert (entry.id, entry.at) == ("payment-pi_1", NOW)


def test_a_payment_that_is_not_to_be_booked_leaves_nothing() -> None:
    assert heard(Ledger(), with_refunds(paid(), went_back("re_1", 100))) == Ledger()


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.PAID])
def test_a_session_that_is_not_paid_changes_nothing(outcome: Outcome) -> None:
    told = session(outcome, payment_id="pi_1", refunds=(went_back("re_1", 100),))
    ledger = booked()
    assert heard(ledger, told) is ledger


def test_each_payment_of_an_order_stands_on_its_own() -> None:
    ledger = booked().heard(paid(2, 20_000), books=True, now=LATER)
    ledger = heard(ledger, with_refunds(paid(2, 20_000), went_back("re_2", 20_000)))
    assert [payment.id for payment in ledger.payments] == ["pi_1", "pi_2"]
    assert (ledger.paid_cents, ledger.refunded_cents) == (70_000, 20_000)
    assert (ledger.refundable("pi_1"), ledger.refundable("pi_2")) == (50_000, 0)


def test_hearing_it_again_changes_nothing_at_all() -> None:
    told = with_disputes(with_refunds(paid(), went_back("re_1", 100)), disputed(200))
    ledger = heard(booked(), told)
    assert heard(ledger, told) == ledger
    assert heard(heard(ledger, paid()), told) == ledger, "nor does older news in between"


# Commands


def test_a_command_reserves_its_amount_at_once() -> None:
    ledger = asked(booked(), 12_500)
    (refund,) = ledger.refunds
    assert (refund.id, refund.key, refund.payment_id) == ("a-pi_1", "order-1#a-pi_1", "pi_1")
    assert (refund.amount_cents, refund.currency, refund.reason, refund.by) == (
        12_500,
        "EUR",
        RefundReason.STAFF,
        "tessa",
    )
    assert (refund.state, refund.service_id, refund.attempt, refund.tries) == (RefundState.REQUESTED, "", 1, 0)
    assert (refund.due, refund.requested_at, refund.trouble) == (NOW, NOW, "")
    assert (ledger.refundable("pi_1"), ledger.refunded_cents, len(ledger.entries)) == (37_500, 0, 1)


def test_the_same_command_is_given_once() -> None:
    ledger = asked(booked(), 12_500)
    assert asked(ledger, 100) is ledger
    assert asked(ledger, 100, payment_id="pi_9") is ledger, "and none is given for a payment that is not there"


@pytest.mark.parametrize("cents", [0, -1, 50_001])
def test_never_more_than_was_paid_goes_back_and_never_nothing(cents: int) -> None:
    with pytest.raises(AssertionError):
        asked(booked(), cents)
    with pytest.raises(AssertionError):
        asked(asked(booked(), 50_000), 1, key="b")


def test_a_command_is_known_again_in_what_the_service_tells() -> None:
    told = with_refunds(paid(), went_back("re_1", 12_500, RefundState.PENDING, command="a-pi_1"))
    ledger = heard(asked(booked(), 12_500), told)
    (refund,) = ledger.refunds
    assert (refund.id, refund.state, refund.service_id, refund.due) == ("a-pi_1", RefundState.PENDING, "re_1", None)
    assert rows(ledger) == [("payment-ch_1", 50_000), ("refund-re_1", -12_500)]
    assert (ledger.refunded_cents, ledger.refundable("pi_1")) == (12_500, 37_500)
    done = heard(ledger, with_refunds(paid(), went_back("re_1", 12_500, command="a-pi_1")))
    assert done.refunds[0].state is RefundState.SUCCEEDED
    assert done.entries == ledger.entries, "the money left once"


def test_a_command_that_was_carried_out_twice_is_seen_twice() -> None:
    """It must not be, and if it is all the same the books tell of every cent."""
    twice = [went_back(name, 12_500, command="a-pi_1") for name in ("re_2", "re_1")]
    ledger = heard(asked(booked(), 12_500), with_refunds(paid(), *twice))
    assert [(each.id, each.reason) for each in ledger.refunds] == [
        ("a-pi_1", RefundReason.STAFF),
        ("re_1", RefundReason.ELSEWHERE),
    ]
    assert (ledger.refunded_cents, ledger.refundable("pi_1")) == (25_000, 25_000)
    assert heard(ledger, with_refunds(paid(), *reversed(twice))) == ledger


def test_a_refund_that_fails_comes_back_and_can_be_asked_for_again() -> None:
    ledger = asked(booked(), 50_000)
    ledger = heard(ledger, with_refunds(paid(), went_back("re_1", 50_000, command="a-pi_1")))
    assert (ledger.refunded_cents, ledger.refundable("pi_1")) == (50_000, 0)
    failed = heard(ledger, with_refunds(paid(), went_back("re_1", 50_000, RefundState.FAILED, command="a-pi_1")))
    assert rows(failed)[1:] == [("refund-re_1", -50_000), ("refund_returned-re_1", 50_000)]
    assert (failed.refunded_cents, failed.refundable("pi_1")) == (0, 50_000)
    assert (failed.refunds[0].state, failed.refunds[0].trouble) == (RefundState.FAILED, "declined")
    # late news of before does not send it away again
    assert heard(failed, with_refunds(paid(), went_back("re_1", 50_000, command="a-pi_1"))) == failed
    assert asked(failed, 50_000, key="b").refundable("pi_1") == 0


def test_a_command_that_never_left_frees_its_amount() -> None:
    ledger = asked(booked(), 50_000)
    ledger = ledger.with_refund(ledger.refunds[0].failed(trouble="charge_disputed", now=NOW))
    assert (ledger.refundable("pi_1"), ledger.refunded_cents, len(ledger.entries)) == (50_000, 0, 1)


def test_a_command_that_was_given_up_and_had_been_carried_out_takes_its_amount_again() -> None:
    ledger = asked(booked(), 50_000)
    ledger = ledger.with_refund(ledger.refunds[0].failed(trouble="PaymentUnavailable", now=NOW))
    ledger = heard(ledger, with_refunds(paid(), went_back("re_1", 50_000, command="a-pi_1")))
    assert (ledger.refunds[0].state, ledger.refundable("pi_1")) == (RefundState.SUCCEEDED, 0)


# Refunds made elsewhere


def test_a_refund_made_elsewhere_is_booked_as_such() -> None:
    ledger = heard(booked(), with_refunds(paid(), went_back("re_1", 12_500)))
    (refund,) = ledger.refunds
    assert (refund.id, refund.service_id, refund.reason) == ("re_1", "re_1", RefundReason.ELSEWHERE)
    assert (refund.state, refund.by, refund.due) == (RefundState.SUCCEEDED, "", None)
    assert (ledger.refunded_cents, ledger.refundable("pi_1")) == (12_500, 37_500)


def test_a_command_of_another_desk_is_a_refund_made_elsewhere() -> None:
    ledger = heard(booked(), with_refunds(paid(), went_back("re_1", 12_500, command="unheard-of")))
    assert [(each.id, each.reason) for each in ledger.refunds] == [("re_1", RefundReason.ELSEWHERE)]
    assert heard(ledger, with_refunds(paid(), went_back("re_1", 12_500, command="unheard-of"))) == ledger


def test_money_counts_as_gone_when_it_has_left_and_not_before() -> None:
    waiting = replace(went_back("re_1", 12_500, RefundState.PENDING), moved_at=None)
    ledger = heard(booked(), with_refunds(paid(), waiting))
    assert (ledger.refunded_cents, ledger.refundable("pi_1"), len(ledger.entries)) == (0, 37_500, 1)


# Rows


def test_a_row_is_found_by_what_the_service_calls_it() -> None:
    """What its books tell of a transaction and what we booked is joined by this name alone."""
    told = with_disputes(with_refunds(paid(), went_back("re_1", 100, RefundState.FAILED)), disputed(200))
    for entry in heard(booked(), told).entries:
        source = {"id": entry.transaction_id or "txn", "source_id": entry.source_id}
        transaction = Transaction(
            kind=TransactionKind(entry.kind.value),
            order_id=entry.order_id,
            payment_id=entry.payment_id,
            amount_cents=entry.amount_cents,
            fee_cents=0,
            currency="EUR",
            at=NOW,
            **source,
        )
        assert transaction.entry_id == entry.id


def test_what_belongs_to_no_order_is_no_row() -> None:
    for kind in (TransactionKind.PAYOUT, TransactionKind.OTHER):
        other = Transaction(
            id="txn_1",
            kind=kind,
            order_id="",
            payment_id="",
            source_id="po_1",
            amount_cents=-100,
            fee_cents=5,
            currency="EUR",
            at=NOW,
        )
        assert (other.entry_id, other.net_cents) == ("", -105)


def test_a_row_takes_the_form_that_the_books_give_it_and_hearing_again_leaves_that() -> None:
    ledger = booked()
    known = replace(ledger.entries[0], fee_cents=29, payout_id="po_1", at=LATER, transaction_id="txn_1")
    after = ledger.with_entry(known)
    assert after.entries == (known,)
    assert heard(after, paid()) == after
    assert after.paid_cents == 50_000, "a fee takes nothing from what the buyer paid"
