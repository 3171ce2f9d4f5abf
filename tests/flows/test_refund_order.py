"""Refund an order: an amount is reserved and commanded once, never more than is left, from the first payment on."""

from __future__ import annotations

import pytest

from chalicelib.domain.error import NotAllowed, NotRefundable, OrderUnknown
from chalicelib.domain.order import Order
from chalicelib.domain.refund import RefundReason, RefundState
from chalicelib.domain.state import State
from chalicelib.flows.refund_order import refund_order, refundable_of
from tests.desk import Desk
from tests.events import EVENT
from tests.flows.line import before_writing, count_commits
from tests.flows.money import emails, ledger, make, paid_event, paid_order, second_payment, settle, too_late

KEY = "a-key-of-a-form"


def refund(desk: Desk, order: Order, cents: int, *, key: str = KEY, by: str = "tessa") -> Order:
    return refund_order(
        order.id, amount_cents=cents, key=key, by=by, store=desk.store, emails=desk.emails, now=desk.clock()
    )


@pytest.fixture
def order(desk: Desk) -> Order:
    return paid_order(desk)


def test_a_part_is_reserved_commanded_and_told_in_one_commit(desk: Desk, order: Order) -> None:
    desk.emails.take()
    commits = count_commits(desk)
    changed = refund(desk, order, 12_500)
    assert commits == [5], "the order, the command, the mail, and twice who did it"
    assert (changed, changed.state) == (desk.order(order.id), State.PAID)
    [command] = ledger(desk, order).refunds
    assert (command.id, command.amount_cents, command.by) == (f"{KEY}-{order.payment_id}", 12_500, "tessa")
    assert (command.reason, command.state, command.due) == (
        *(RefundReason.STAFF, RefundState.REQUESTED),
        desk.clock(),
    )
    assert desk.emails.messages == [f"refund-{order.id}-{command.id}"]
    assert (changed.refunded_cents, refundable_of(ledger(desk, order))) == (0, 37_500)
    desk.sweep()
    assert desk.order(order.id).refunded_cents == 12_500
    assert [each.amount_cents for each in desk.gateway.stored[order.session_id].session.refunds] == [12_500]


def test_an_order_keeps_what_it_has_whatever_goes_back(desk: Desk) -> None:
    order = paid_event(desk)
    refund(desk, order, order.total_cents)
    desk.sweep()
    current = desk.order(order.id)
    assert (current.state, current.kept_cents) == (State.PAID, 0)
    assert desk.seats(EVENT)[EVENT] == (0, 3)
    assert len(desk.items("attendance")) == 3


def test_part_by_part_until_nothing_is_left(desk: Desk, order: Order) -> None:
    for number, cents in enumerate((20_000, 20_000, 10_000)):
        refund(desk, order, cents, key=f"{KEY}-{number}")
    with pytest.raises(NotRefundable) as caught:
        refund(desk, order, 1, key="one-more")
    assert caught.value.most_cents == 0
    desk.sweep()
    assert desk.order(order.id).kept_cents == 0
    assert len(desk.gateway.stored[order.session_id].session.refunds) == 3


@pytest.mark.parametrize("cents", [0, -1, 50_001, 10**12])
def test_never_more_than_is_left_nor_nothing(desk: Desk, order: Order, cents: int) -> None:
    before = desk.items()
    with pytest.raises(NotRefundable) as caught:
        refund(desk, order, cents)
    assert caught.value.most_cents == 50_000
    assert desk.items() == before


def test_the_same_form_twice_is_one_refund(desk: Desk, order: Order) -> None:
    first = refund(desk, order, 12_500)
    before = desk.items()
    desk.clock.advance(minutes=1)
    assert refund(desk, order, 12_500) == first
    assert refund(desk, order, 99, by="somebody else") == first
    assert desk.items() == before
    desk.sweep()
    assert refund(desk, order, 12_500) == desk.order(order.id), "nor after it was made"
    assert len(desk.items("refund")) == 1


def test_a_key_that_begins_as_another_one_is_another_one(desk: Desk, order: Order) -> None:
    refund(desk, order, 100, key="a-b")
    refund(desk, order, 200, key="a")
    assert sorted(each.amount_cents for each in ledger(desk, order).refunds) == [100, 200]


def test_the_same_form_twice_at_one_moment_is_one_refund(desk: Desk, order: Order) -> None:
    before_writing(desk, lambda: refund(desk, order, 12_500))
    refund(desk, order, 12_500)
    assert len(desk.items("refund")) == 1
    assert emails(desk, order).count(f"refund-{KEY}-{order.payment_id}") == 1


def test_two_people_at_one_moment_do_not_give_more_than_there_is(desk: Desk, order: Order) -> None:
    before_writing(desk, lambda: refund(desk, order, 30_000, key="of-the-other"))
    with pytest.raises(NotRefundable) as caught:
        refund(desk, order, 30_000)
    assert caught.value.most_cents == 20_000
    assert len(desk.items("refund")) == 1
    before_writing(desk, lambda: refund(desk, order, 15_000, key="of-the-other-again"))
    refund(desk, order, 5_000)
    assert refundable_of(ledger(desk, order)) == 0


def test_what_is_refunded_elsewhere_meanwhile_counts(desk: Desk, order: Order) -> None:
    desk.gateway.refund_elsewhere(order.session_id, 45_000)
    before_writing(desk, lambda: settle(desk, order.session_id))
    with pytest.raises(NotRefundable) as caught:
        refund(desk, order, 10_000)
    assert caught.value.most_cents == 5_000


def test_of_several_payments_the_one_whose_refund_failed_goes_first(desk: Desk, order: Order) -> None:
    again = second_payment(desk, order)
    settle(desk, again.id)
    [second] = ledger(desk, order).refunds
    make(desk, second)
    desk.gateway.fail_refund(ledger(desk, order).refunds[0].service_id)
    settle(desk, again.id)
    assert refundable_of(ledger(desk, order)) == 100_000
    refund(desk, order, 60_000)
    asked = {each.payment_id: each.amount_cents for each in ledger(desk, order).refunds if each.reason == "staff"}
    assert asked == {again.payment_id: 50_000, order.payment_id: 10_000}
    told = [name for name in emails(desk, order) if name.startswith(f"refund-{KEY}")]
    assert told == sorted(f"refund-{KEY}-{payment_id}" for payment_id in asked)
    assert refund(desk, order, 60_000) == desk.order(order.id), "which are one command"
    desk.sweep()
    assert desk.order(order.id).kept_cents == 40_000


def test_what_a_dispute_has_taken_cannot_go_back_as_well(desk: Desk, order: Order) -> None:
    desk.gateway.dispute(order.session_id, 40_000)
    settle(desk, order.session_id)
    with pytest.raises(NotRefundable) as caught:
        refund(desk, order, 10_001)
    assert caught.value.most_cents == 10_000


def test_after_a_refund_that_failed_it_can_be_asked_for_again(desk: Desk) -> None:
    order = settle(desk, too_late(desk).session_id)
    desk.sweep()
    desk.gateway.fail_refund(ledger(desk, order).refunds[0].service_id)
    settle(desk, order.session_id)
    assert refund(desk, order, order.total_cents).state is State.REFUND_DUE
    desk.sweep()
    assert (desk.order(order.id).state, desk.order(order.id).kept_cents) == (State.REFUND_DUE, 0)


def test_only_what_was_paid_can_go_back(desk: Desk) -> None:
    order = desk.open_checkout(desk.register().order).order
    with pytest.raises(NotAllowed) as caught:
        refund(desk, order, 100)
    assert (caught.value.action, caught.value.state) == ("refund", "pending")
    with pytest.raises(OrderUnknown):
        refund_order("another", amount_cents=1, key=KEY, by="t", store=desk.store, emails=desk.emails, now=desk.clock())
