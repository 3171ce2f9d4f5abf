"""Settle a payment: money that is too late, comes twice, goes back or is disputed, in one commit and once."""

from __future__ import annotations

import pytest

from chalicelib.adapters.dynamodb import records
from chalicelib.domain.order import Order
from chalicelib.domain.refund import RefundReason, RefundState
from chalicelib.domain.state import State
from chalicelib.flows.settle_payment import settle_news, settle_payment
from tests.desk import Desk
from tests.events import EVENT
from tests.flows.line import before_writing, count_commits
from tests.flows.money import (
    emails,
    ledger,
    make,
    paid_event,
    paid_order,
    refund_of,
    second_payment,
    settle,
    too_late,
)
from tests.flows.planted import delete

TICKETS = ["confirmation", "ticket-1", "ticket-2", "ticket-3"]


def totals(order: Order) -> tuple[int, int, int, bool]:
    return order.paid_cents, order.refunded_cents, order.disputed_cents, order.disputed


# Too late


def test_late_money_without_a_seat_is_commanded_back_in_the_commit_that_books_it(desk: Desk) -> None:
    order = too_late(desk)
    settled = settle(desk, order.session_id)
    cents = order.total_cents
    assert (settled.state, totals(settled)) == (State.REFUND_DUE, (cents, 0, 0, False))
    refund = refund_of(desk, order)
    assert (refund.id, refund.amount_cents) == (f"late-{settled.payment_id}", cents)
    assert (refund.reason, refund.state, refund.by, refund.due) == (
        *(RefundReason.LATE, RefundState.REQUESTED, ""),
        desk.clock(),
    )
    assert emails(desk, order) == [f"refund-{refund.id}"]
    assert desk.emails.messages[-1] == f"refund-{order.id}-{refund.id}"
    assert not [each for each in desk.items("attendance") if each["order_id"]["S"] == order.id]


def test_late_money_without_a_seat_goes_back_once_whoever_tells_and_however_often(desk: Desk) -> None:
    order = too_late(desk)
    for _ in range(3):
        settle(desk, order.session_id)
    before = desk.items()
    settle(desk, order.session_id)
    assert desk.items() == before
    for minutes in (0, 1, 5, 60, 600):
        desk.clock.advance(minutes=minutes)
        desk.sweep()
        settle(desk, order.session_id)
    assert [(each.amount_cents, each.command) for each in desk.gateway.stored[order.session_id].session.refunds] == [
        (order.total_cents, refund_of(desk, order).id)
    ]
    assert totals(desk.order(order.id))[:2] == (order.total_cents, order.total_cents)
    desk.work()
    assert [name for name in desk.sender.ids() if order.id in name] == [
        f"refund-{order.id}-{refund_of(desk, order).id}"
    ]


def test_two_who_hear_of_late_money_at_one_moment_command_it_once(desk: Desk) -> None:
    order = too_late(desk)
    before_writing(desk, lambda: settle(desk, order.session_id), times=2)
    assert settle(desk, order.session_id).state is State.REFUND_DUE
    assert len(desk.items("refund")) == 1
    assert emails(desk, order) == [f"refund-{refund_of(desk, order).id}"]
    assert len(ledger(desk, order).entries) == 1


def test_money_that_went_back_elsewhere_before_we_heard_of_it_is_not_sent_twice(desk: Desk) -> None:
    order = too_late(desk)
    desk.gateway.refund_elsewhere(order.session_id, order.total_cents)
    settled = settle(desk, order.session_id)
    assert (settled.state, settled.kept_cents) == (State.REFUND_DUE, 0)
    assert [each.reason for each in ledger(desk, order).refunds] == [RefundReason.ELSEWHERE]
    assert emails(desk, order) == [], "there is nothing to say of it"


def test_late_money_of_which_a_part_went_back_elsewhere_is_commanded_back_for_the_rest(desk: Desk) -> None:
    order = too_late(desk)
    desk.gateway.refund_elsewhere(order.session_id, 10_000)
    settle(desk, order.session_id)
    late = ledger(desk, order).refund(f"late-{desk.order(order.id).payment_id}")
    assert late is not None
    assert late.amount_cents == order.total_cents - 10_000


# Twice


def test_a_second_payment_goes_back_and_the_order_stays(desk: Desk) -> None:
    order = paid_event(desk)
    again = second_payment(desk, order)
    commits = count_commits(desk)
    for _ in range(3):
        settled = settle(desk, again.id)
    assert commits == [5], "order, payment, money row, command and mail, in one"
    assert (settled.state, settled.payment_id, settled.session_id) == (State.PAID, order.payment_id, order.session_id)
    refund = refund_of(desk, order)
    assert (refund.payment_id, refund.amount_cents, refund.reason) == (
        *(again.payment_id, order.total_cents),
        RefundReason.SECOND,
    )
    assert desk.seats(EVENT)[EVENT] == (0, 3)
    assert emails(desk, order) == [TICKETS[0], f"refund-second-{again.payment_id}", *TICKETS[1:]]
    make(desk, refund)
    assert totals(desk.order(order.id)) == (2 * order.total_cents, order.total_cents, 0, False)
    assert desk.gateway.stored[order.session_id].session.refunds == ()
    assert ledger(desk, order).refundable(order.payment_id) == order.total_cents


def test_a_third_payment_goes_back_as_well(desk: Desk) -> None:
    order = paid_order(desk)
    for number in (2, 3):
        settle(desk, second_payment(desk, order, number).id)
    assert len(desk.items("refund")) == 2
    assert desk.order(order.id).paid_cents == 3 * order.total_cents


def test_a_second_payment_of_an_order_that_went_back_goes_back_too(desk: Desk) -> None:
    order = too_late(desk)
    settle(desk, order.session_id)
    again = second_payment(desk, order)
    assert settle(desk, again.id).state is State.REFUND_DUE
    desk.sweep()
    current = desk.order(order.id)
    assert (current.paid_cents, current.kept_cents) == (2 * order.total_cents, 0)
    assert len(emails(desk, order)) == 2


# Made elsewhere


@pytest.mark.parametrize("part", [10_000, None])
def test_a_refund_made_elsewhere_is_in_the_books_and_changes_nothing_else(desk: Desk, part: int | None) -> None:
    order = paid_event(desk)
    cents = part or order.total_cents
    desk.gateway.refund_elsewhere(order.session_id, cents)
    settled = settle(desk, order.session_id)
    assert (settled.state, totals(settled)) == (State.PAID, (order.total_cents, cents, 0, False))
    assert refund_of(desk, order).reason is RefundReason.ELSEWHERE
    assert emails(desk, order) == TICKETS
    assert desk.seats(EVENT)[EVENT] == (0, 3)
    before = desk.items()
    settle(desk, order.session_id)
    assert desk.items() == before


def test_news_that_names_only_the_payment_finds_its_session(desk: Desk) -> None:
    order = paid_order(desk)
    desk.gateway.refund_elsewhere(order.session_id, 10_000)
    wires = {"store": desk.store, "gateway": desk.gateway, "emails": desk.emails, "now": desk.clock()}
    settled = settle_news(order.payment_id, **wires)  # type: ignore[arg-type]  # each its own
    assert settled is not None
    assert settled.refunded_cents == 10_000
    assert settle_news("pi_of_somebody_else", **wires) is None  # type: ignore[arg-type]
    assert settle_news(order.session_id, **wires) == settled  # type: ignore[arg-type]


def test_a_refund_that_fails_weeks_later_comes_back_and_a_person_is_called(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    order = too_late(desk)
    settle(desk, order.session_id)
    desk.sweep()
    assert desk.order(order.id).kept_cents == 0
    desk.clock.advance(days=20)
    desk.gateway.fail_refund(refund_of(desk, order).service_id)
    for _ in range(3):
        settled = settle(desk, order.session_id)
    assert (settled.state, settled.kept_cents) == (State.REFUND_DUE, order.total_cents)
    refund = refund_of(desk, order)
    assert (refund.state, refund.trouble, refund.due) == (RefundState.FAILED, "declined", None)
    assert ledger(desk, order).refundable(settled.payment_id) == order.total_cents
    assert caplog.text.count("refund_failed order_id") == 1
    desk.sweep()
    assert len(desk.gateway.stored[order.session_id].session.refunds) == 1, "nobody tries by itself again"


# Disputes


def test_a_dispute_stands_beside_the_state_until_it_is_decided(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    order = paid_event(desk)
    dispute = desk.gateway.dispute(order.session_id)
    for _ in range(2):
        settled = settle(desk, order.session_id)
    cents = order.total_cents
    assert (settled.state, totals(settled), settled.kept_cents) == (State.PAID, (cents, 0, cents, True), 0)
    assert caplog.text.count("payment_disputed order_id") == 1
    assert desk.seats(EVENT)[EVENT] == (0, 3)
    desk.gateway.close_dispute(dispute.id, won=True)
    settled = settle(desk, order.session_id)
    assert (settled.state, totals(settled)) == (State.PAID, (cents, 0, 0, False))
    assert emails(desk, order) == TICKETS


def test_a_dispute_that_is_lost_keeps_the_money_away(desk: Desk) -> None:
    order = paid_order(desk)
    dispute = desk.gateway.dispute(order.session_id, 20_000)
    settle(desk, order.session_id)
    desk.gateway.close_dispute(dispute.id, won=False)
    settled = settle(desk, order.session_id)
    assert totals(settled) == (order.total_cents, 0, 20_000, False)
    assert ledger(desk, order).refundable(order.payment_id) == order.total_cents - 20_000


def test_an_inquiry_moves_no_money_and_is_seen(desk: Desk) -> None:
    order = paid_order(desk)
    inquiry = desk.gateway.dispute(order.session_id, inquiry=True)
    assert totals(settle(desk, order.session_id)) == (order.total_cents, 0, 0, True)
    desk.gateway.close_dispute(inquiry.id, won=True)
    assert totals(settle(desk, order.session_id)) == (order.total_cents, 0, 0, False)


def test_a_refund_and_a_dispute_heard_of_at_once_are_both_booked(desk: Desk) -> None:
    order = paid_order(desk)
    desk.gateway.refund_elsewhere(order.session_id, 10_000)
    desk.gateway.dispute(order.session_id, 50_000)
    settled = settle(desk, order.session_id)
    assert (totals(settled), settled.kept_cents) == ((50_000, 10_000, 50_000, True), -10_000)
    assert {entry.kind.value for entry in ledger(desk, order).entries} == {"payment", "refund", "dispute"}
    assert sum(each.amount_cents for each in desk.gateway.transactions) == settled.kept_cents


def test_all_that_became_of_a_payment_before_we_heard_of_it_is_booked_with_it(desk: Desk) -> None:
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay(order.session_id)
    desk.gateway.refund_elsewhere(order.session_id, 10_000)
    desk.gateway.dispute(order.session_id, 5_000)
    settled = settle(desk, order.session_id)
    assert (settled.state, totals(settled)) == (State.PAID, (50_000, 10_000, 5_000, True))


def test_news_of_money_that_two_hear_at_one_moment_is_booked_once(desk: Desk) -> None:
    order = paid_order(desk)
    desk.gateway.refund_elsewhere(order.session_id, 10_000)
    desk.gateway.dispute(order.session_id, 5_000)
    before_writing(desk, lambda: settle(desk, order.session_id))
    assert totals(settle(desk, order.session_id)) == (50_000, 10_000, 5_000, True)
    assert len(ledger(desk, order).entries) == 3


def test_older_news_that_comes_later_takes_nothing_back(desk: Desk) -> None:
    order = paid_order(desk)
    before = desk.gateway.fetch(order.session_id)
    assert before is not None
    desk.gateway.refund_elsewhere(order.session_id, 10_000)
    settled = settle(desk, order.session_id)
    late = settle_payment(before, store=desk.store, emails=desk.emails, now=desk.clock())
    assert late == settled


# What is missing


def test_a_known_payment_that_the_ledger_lacks_is_booked(desk: Desk) -> None:
    order = paid_order(desk)
    [entry], [payment] = ledger(desk, order).entries, ledger(desk, order).payments
    delete(desk, records.PAYMENT, payment.key)
    delete(desk, records.ENTRY, entry.key)
    settled = settle(desk, order.session_id)
    assert (settled.state, totals(settled)) == (State.PAID, (50_000, 0, 0, False))
    assert ledger(desk, order).entries == (entry,)
    assert [each.id for each in ledger(desk, order).payments] == [payment.id]
    assert emails(desk, order) == ["confirmation", "welcome"]
    assert len(desk.items("membership")) == 1


# The bank says no


def test_a_delayed_payment_that_fails_is_told_once(desk: Desk) -> None:
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay_later(order.session_id)
    settle(desk, order.session_id)
    desk.gateway.fail_later(order.session_id)
    for _ in range(3):
        assert settle(desk, order.session_id).state is State.EXPIRED
    assert emails(desk, order) == ["payment_failed"]
    assert desk.emails.messages == [f"payment_failed-{order.id}"]


def test_who_walks_away_is_told_nothing(desk: Desk) -> None:
    order = desk.open_checkout(desk.register().order).order
    desk.clock.advance(minutes=37)
    assert settle(desk, order.session_id).state is State.EXPIRED
    assert emails(desk, order) == []


def test_late_news_that_the_bank_is_at_work_does_not_keep_an_order_waiting_for_ever(desk: Desk) -> None:
    """It was fetched before the bank said no, and is written after that was heard."""
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay_later(order.session_id)
    at_work = desk.gateway.fetch(order.session_id)
    assert at_work is not None
    desk.gateway.fail_later(order.session_id)
    settle(desk, order.session_id)
    late = settle_payment(at_work, store=desk.store, emails=desk.emails, now=desk.clock())
    assert late is not None
    assert late.state is State.PROCESSING
    desk.clock.advance(hours=7)
    desk.sweep()
    assert desk.order(order.id).state is State.EXPIRED
    assert emails(desk, order) == ["payment_failed"], "and he is told no second time"
