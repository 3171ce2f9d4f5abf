"""Review an order whose payment does not fit: accepted with what was paid, or given back in full, once."""

from __future__ import annotations

import pytest

from chalicelib.domain.error import NotAllowed, OrderUnknown, SeatsTaken
from chalicelib.domain.order import Order
from chalicelib.domain.refund import RefundReason, RefundState
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import Action, State
from chalicelib.flows.review_order import review_order
from tests.desk import Desk
from tests.events import EVENT, sample_event
from tests.flows.line import before_writing, count_commits
from tests.flows.money import OTHERS, SEATS, THREE, emails, ledger, second_payment, settle

CENTS = 100_000


@pytest.fixture
def order(desk: Desk) -> Order:
    """Three seats, held, and another amount than was asked."""
    desk.put_offer(sample_event(event={"capacity": SEATS}))
    order = desk.open_checkout(desk.register(THREE, offer_id=EVENT).order).order
    desk.gateway.pay(order.session_id, amount_cents=CENTS)
    return settle(desk, order.session_id)


def let_go(desk: Desk) -> Order:
    """As above, but the money came when the seats were given back."""
    desk.put_offer(sample_event(event={"capacity": SEATS}))
    order = desk.open_checkout(desk.register(THREE, offer_id=EVENT).order).order
    desk.clock.advance(minutes=37)
    desk.sweep()
    desk.gateway.pay_later(order.session_id)
    desk.gateway.pay(order.session_id, amount_cents=CENTS)
    return settle(desk, order.session_id)


def review(desk: Desk, order: Order, action: Action) -> Order:
    return review_order(
        order.id, action=action, key="form", by="tessa", store=desk.store, emails=desk.emails, now=desk.clock()
    )


def test_accepting_confirms_it_with_what_was_paid(desk: Desk, order: Order) -> None:
    assert (order.state, desk.seats(EVENT)[EVENT]) == (State.REVIEW, (3, 0))
    commits = count_commits(desk)
    accepted = review(desk, order, Action.ACCEPT)
    assert len(commits) == 1
    assert (accepted, accepted.state, accepted.paid_cents) == (desk.order(order.id), State.PAID, CENTS)
    assert desk.seats(EVENT)[EVENT] == (0, 3)
    assert len(desk.items("attendance")) == 3
    assert emails(desk, order) == ["confirmation", "ticket-1", "ticket-2", "ticket-3"]
    assert len(desk.emails.messages) == 4
    assert settle(desk, order.session_id) == accepted


def test_returning_gives_all_of_it_and_the_seats_back(desk: Desk, order: Order) -> None:
    commits = count_commits(desk)
    returned = review(desk, order, Action.RETURN)
    assert commits == [6], "order, counter, command, mail, and twice who did it"
    assert (returned.state, returned.seating) == (State.REFUND_DUE, Seating.RELEASED)
    assert desk.seats(EVENT)[EVENT] == (0, 0)
    [refund] = ledger(desk, order).refunds
    assert (refund.id, refund.amount_cents) == (f"review-{order.payment_id}", CENTS)
    assert (refund.reason, refund.state) == (RefundReason.REVIEW, RefundState.REQUESTED)
    assert emails(desk, order) == [f"refund-{refund.id}"]
    desk.sweep()
    assert desk.order(order.id).kept_cents == 0
    assert desk.items("attendance") == []


def test_returning_gives_back_what_is_left(desk: Desk, order: Order) -> None:
    desk.gateway.refund_elsewhere(order.session_id, 30_000)
    settle(desk, order.session_id)
    review(desk, order, Action.RETURN)
    assert sorted(each.amount_cents for each in ledger(desk, order).refunds) == [30_000, CENTS - 30_000]


def test_returning_what_went_back_elsewhere_commands_and_says_nothing(desk: Desk, order: Order) -> None:
    desk.gateway.refund_elsewhere(order.session_id, CENTS)
    settle(desk, order.session_id)
    assert review(desk, order, Action.RETURN).state is State.REFUND_DUE
    assert [each.reason for each in ledger(desk, order).refunds] == [RefundReason.ELSEWHERE]
    assert emails(desk, order) == []
    assert desk.seats(EVENT)[EVENT] == (0, 0)


def test_a_second_payment_meanwhile_goes_back_by_itself_and_is_not_returned_twice(desk: Desk, order: Order) -> None:
    again = second_payment(desk, order)
    assert settle(desk, again.id).state is State.REVIEW
    review(desk, order, Action.RETURN)
    asked = {each.payment_id: (each.reason.value, each.amount_cents) for each in ledger(desk, order).refunds}
    assert asked == {order.payment_id: ("review", CENTS), again.payment_id: ("second", CENTS)}
    desk.sweep()
    assert desk.order(order.id).kept_cents == 0


# Seats that were let go


def test_accepting_takes_the_seats_again(desk: Desk) -> None:
    order = let_go(desk)
    assert (order.state, order.seating, desk.seats(EVENT)[EVENT]) == (State.REVIEW, Seating.RELEASED, (0, 0))
    assert review(desk, order, Action.ACCEPT).seating is Seating.SOLD
    assert desk.seats(EVENT)[EVENT] == (0, 3)


def test_accepting_without_seats_is_refused_and_nothing_changes(desk: Desk) -> None:
    order = let_go(desk)
    desk.register(OTHERS, key="the-key-of-somebody-else", offer_id=EVENT)
    before = desk.items()
    with pytest.raises(SeatsTaken):
        review(desk, order, Action.ACCEPT)
    assert desk.items() == before
    assert review(desk, order, Action.RETURN).state is State.REFUND_DUE
    assert desk.seats(EVENT)[EVENT] == (2, 0)


def test_seats_that_go_at_that_moment_are_not_sold_twice(desk: Desk) -> None:
    order = let_go(desk)
    before_writing(desk, lambda: desk.register(OTHERS, key="the-key-of-somebody-else", offer_id=EVENT))
    with pytest.raises(SeatsTaken):
        review(desk, order, Action.ACCEPT)
    assert desk.seats(EVENT)[EVENT] == (2, 0)


# Twice, and what may not be


@pytest.mark.parametrize("action", [Action.ACCEPT, Action.RETURN])
def test_what_is_decided_is_decided(desk: Desk, order: Order, action: Action) -> None:
    review(desk, order, action)
    before = desk.items()
    for again in (Action.ACCEPT, Action.RETURN):
        with pytest.raises(NotAllowed):
            review(desk, order, again)
    assert desk.items() == before


def test_of_two_people_at_one_moment_the_first_one_decides(desk: Desk, order: Order) -> None:
    before_writing(desk, lambda: review(desk, order, Action.RETURN))
    with pytest.raises(NotAllowed) as caught:
        review(desk, order, Action.ACCEPT)
    assert caught.value.state == "refund_due"
    assert (desk.seats(EVENT)[EVENT], desk.items("attendance")) == ((0, 0), [])


def test_only_what_is_under_review_is_reviewed(desk: Desk) -> None:
    order = desk.register().order
    for action in (Action.ACCEPT, Action.RETURN):
        with pytest.raises(NotAllowed):
            review(desk, order, action)
    with pytest.raises(OrderUnknown):
        review_order(
            "another", action=Action.ACCEPT, key="form", by="t", store=desk.store, emails=desk.emails, now=desk.clock()
        )


def test_what_was_given_back_meanwhile_cannot_be_accepted(desk: Desk, order: Order) -> None:
    """The secretariat refunded it in the payment service's own pages, and then presses the other button here."""
    desk.gateway.refund_elsewhere(order.session_id, CENTS)
    settle(desk, order.session_id)
    with pytest.raises(NotAllowed):
        review(desk, order, Action.ACCEPT)
    assert review(desk, order, Action.RETURN).state is State.REFUND_DUE
    assert [refund.reason for refund in ledger(desk, order).refunds] == [RefundReason.ELSEWHERE]
