"""Settle an event's order: its seats are sold, given back or taken again in the commit that changes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.order import Order
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import State
from chalicelib.flows.settle_payment import settle_payment, settle_session
from tests.desk import ANSWERS, TABLE, Desk
from tests.events import EVENT, attending, groups, sample_event
from tests.flows.line import before_writing, count_commits

THREE = attending(ANSWERS, "bea@elders.nl", "cas@elders.nl", group="noord")
OTHERS = attending(replace(ANSWERS, email="wim@anders.nl"), "emma@anders.nl", group="noord")
HELD, SOLD, FREE = ({EVENT: counts, f"{EVENT}/noord": counts} for counts in ((3, 0), (0, 3), (0, 0)))


@pytest.fixture
def order(desk: Desk) -> Order:
    """Three seats of the four that there are, held."""
    desk.put_offer(sample_event(event={"capacity": 4} | groups(noord=4, zuid=4)))
    return desk.open_checkout(desk.register(THREE, offer_id=EVENT).order).order


def settle(desk: Desk, order: Order) -> Order:
    settled = settle_session(
        order.session_id, store=desk.store, gateway=desk.gateway, emails=desk.emails, now=desk.clock()
    )
    assert settled is not None
    assert settled == desk.order(order.id)
    return settled


def let_go(desk: Desk, order: Order) -> None:
    """Nobody pays, and the sweep gives the seats back."""
    desk.clock.advance(minutes=37)
    desk.sweep()
    assert desk.order(order.id).state is State.EXPIRED


def others_come(desk: Desk, *, pay: bool = True) -> Order:
    """Two of the seats become somebody else's."""
    other = desk.open_checkout(desk.register(OTHERS, key="the-key-of-somebody-else", offer_id=EVENT).order).order
    if pay:
        desk.gateway.pay(other.session_id)
        settle(desk, other)
    return other


def pay_late(desk: Desk, order: Order) -> None:
    """Money comes for a session that was closed."""
    desk.gateway.pay_later(order.session_id)
    desk.gateway.pay(order.session_id)


# In time.


def test_paying_sells_the_seats_and_lets_everybody_know_in_one_commit(desk: Desk, order: Order) -> None:
    assert desk.seats(EVENT) == HELD
    desk.gateway.pay(order.session_id)
    commits = count_commits(desk)
    assert settle(desk, order).seating is Seating.SOLD
    assert len(commits) == 1
    assert desk.seats(EVENT) == SOLD
    emails = [f"confirmation-{order.id}", *(f"ticket-{order.id}-{number}" for number in (1, 2, 3))]
    assert [item["id"]["S"] for item in desk.items("email")] == desk.emails.messages == emails
    coming = {item["id"]["S"] for item in desk.items("attendance")}
    assert coming == {each.attendance for each in desk.store.attendees(order.id)}
    assert desk.items("membership") == []


def test_telling_it_again_sells_nothing_twice(desk: Desk, order: Order) -> None:
    desk.gateway.pay(order.session_id)
    settle(desk, order)
    desk.work()
    before = desk.items()
    for _ in range(3):
        desk.clock.advance(minutes=20)
        settle(desk, order)
        desk.sweep()
    assert desk.items() == before
    assert desk.seats(EVENT) == SOLD


def test_two_who_hear_it_at_the_same_moment_sell_it_once(desk: Desk, order: Order) -> None:
    desk.gateway.pay(order.session_id)
    before_writing(desk, lambda: settle(desk, order))
    assert settle(desk, order).state is State.PAID
    assert desk.seats(EVENT) == SOLD
    assert len(desk.items("email")) == len(desk.emails.messages) == 4


def test_an_offer_that_is_changed_meanwhile_keeps_no_payment_waiting(desk: Desk, order: Order) -> None:
    """Even fewer seats than are taken: what was held is sold."""
    desk.put_offer(sample_event(event={"capacity": 1} | groups(noord=0, zuid=1), closes_at=None))
    desk.gateway.pay(order.session_id)
    assert settle(desk, order).state is State.PAID
    assert desk.seats(EVENT) == SOLD


def test_a_session_that_expires_gives_the_seats_back(desk: Desk, order: Order) -> None:
    desk.clock.advance(minutes=36)
    assert settle(desk, order).seating is Seating.RELEASED
    assert desk.seats(EVENT) == FREE
    before = desk.items()
    settle(desk, order)
    assert desk.items() == before, "and only once"


def test_another_amount_leaves_the_seats_held_for_a_person_to_decide(desk: Desk, order: Order) -> None:
    desk.gateway.pay(order.session_id, amount_cents=1)
    assert settle(desk, order).state is State.REVIEW
    assert desk.seats(EVENT) == HELD
    assert desk.items("email") == desk.items("attendance") == []


def test_a_second_payment_is_booked_and_changes_no_seat(desk: Desk, order: Order) -> None:
    paid = desk.gateway.pay(order.session_id)
    settle(desk, order)
    again = replace(paid, id="cs_other", payment_id="pi_other")
    for _ in range(3):
        settled = settle_payment(again, store=desk.store, emails=desk.emails, now=desk.clock())
        assert settled is not None
        assert settled.state is State.PAID
    assert len(desk.items("payment")) == 2
    assert desk.seats(EVENT) == SOLD
    assert len(desk.items("email")) == 4 + 1, "and one that says that it goes back"
    assert [item["amount_cents"]["N"] for item in desk.items("refund")] == [str(paid.amount_cents)]


def test_a_counter_that_has_fewer_than_an_order_gives_back_stops_no_payment(desk: Desk, order: Order) -> None:
    desk.client.update_item(
        TableName=TABLE,
        Key={"pk": {"S": f"SEATS#{EVENT}"}, "sk": {"S": f"SEATS#{EVENT}"}},
        UpdateExpression="SET #held = :two",
        ExpressionAttributeNames={"#held": "held"},
        ExpressionAttributeValues={":two": {"N": "2"}},
    )
    desk.gateway.pay(order.session_id)
    # nobody's payment waits for it: what it lacks, reconciliation names
    assert settle(desk, order).state is State.PAID
    assert desk.seats(EVENT)[EVENT] == (-1, 3)
    desk.clock.advance(minutes=5)
    desk.reconcile()
    assert [each.kind for each in desk.store.differences()] == [DifferenceKind.SEATS]


# Late.


def test_late_money_takes_the_seats_again_when_they_are_there(desk: Desk, order: Order) -> None:
    let_go(desk, order)
    assert desk.seats(EVENT) == FREE
    pay_late(desk, order)
    commits = count_commits(desk)
    assert settle(desk, order).state is State.PAID
    assert len(commits) == 1
    assert desk.seats(EVENT) == SOLD
    assert len(desk.items("email")) == len(desk.emails.messages) == 4


def test_late_money_whose_seats_are_gone_is_booked_and_goes_back(desk: Desk, order: Order) -> None:
    """One of three is not enough: all of them, or none."""
    let_go(desk, order)
    other = others_come(desk)
    pay_late(desk, order)
    commits = count_commits(desk)
    settled = settle(desk, order)
    # one that found no seats; then order, payment, money row, command and mail in one
    assert commits[1:] == [5]
    assert (settled.state, settled.seating, settled.due) == (State.REFUND_DUE, Seating.RELEASED, None)
    assert settled.payment_id in {item["id"]["S"] for item in desk.items("payment")}
    assert desk.seats(EVENT) == {EVENT: (0, 2), f"{EVENT}/noord": (0, 2)}
    told = [item["id"]["S"] for item in desk.items("email") if item["order_id"]["S"] == order.id]
    assert told == [f"refund-{order.id}-late-{settled.payment_id}"]
    assert {item["order_id"]["S"] for item in desk.items("attendance")} == {other.id}
    before = desk.items()
    for _ in range(3):
        settle(desk, order)
    assert desk.items() == before, "and only once"


def test_late_money_whose_seats_are_only_held_by_others_finds_none_either(desk: Desk, order: Order) -> None:
    let_go(desk, order)
    others_come(desk, pay=False)
    pay_late(desk, order)
    assert settle(desk, order).state is State.REFUND_DUE
    assert desk.seats(EVENT) == {EVENT: (2, 0), f"{EVENT}/noord": (2, 0)}


def test_late_money_finds_no_seat_that_was_taken_out_of_the_sale(desk: Desk, order: Order) -> None:
    let_go(desk, order)
    desk.put_offer(sample_event(event={"capacity": 4} | groups(noord=2, zuid=4)))
    pay_late(desk, order)
    assert settle(desk, order).state is State.REFUND_DUE
    assert desk.seats(EVENT) == FREE


def test_late_money_is_welcome_after_the_sale_was_closed(desk: Desk, order: Order) -> None:
    """He registered in time and there are seats: giving the money back would serve nobody."""
    let_go(desk, order)
    desk.put_offer(replace(desk.offer(EVENT), closes_at=desk.clock()))
    pay_late(desk, order)
    assert settle(desk, order).state is State.PAID
    assert desk.seats(EVENT) == SOLD


def test_seats_that_go_between_reading_and_writing_are_not_sold_twice(desk: Desk, order: Order) -> None:
    let_go(desk, order)
    pay_late(desk, order)
    before_writing(desk, lambda: others_come(desk))
    assert settle(desk, order).state is State.REFUND_DUE
    assert desk.seats(EVENT) == {EVENT: (0, 2), f"{EVENT}/noord": (0, 2)}


def test_a_capacity_that_is_lowered_between_reading_and_writing_counts(desk: Desk, order: Order) -> None:
    let_go(desk, order)
    pay_late(desk, order)
    fewer = sample_event(event={"capacity": 2} | groups(noord=4, zuid=4))
    before_writing(desk, lambda: desk.put_offer(fewer))
    assert settle(desk, order).state is State.REFUND_DUE
    assert desk.seats(EVENT) == FREE


def test_another_change_of_the_offer_meanwhile_stops_no_late_money(desk: Desk, order: Order) -> None:
    let_go(desk, order)
    pay_late(desk, order)
    before_writing(desk, lambda: desk.put_offer(desk.offer(EVENT)), times=3)
    assert settle(desk, order).state is State.PAID
    assert desk.seats(EVENT) == SOLD


# Payment methods that take days.


def test_a_payment_on_its_way_keeps_the_seats_for_as_long_as_it_takes(desk: Desk, order: Order) -> None:
    desk.gateway.pay_later(order.session_id)
    assert settle(desk, order).state is State.PROCESSING
    for _ in range(5):
        desk.clock.advance(days=1)
        desk.sweep()
        assert desk.seats(EVENT) == HELD
    desk.gateway.pay(order.session_id)
    desk.clock.advance(hours=7)
    desk.sweep()
    assert desk.order(order.id).state is State.PAID
    assert desk.seats(EVENT) == SOLD


def test_a_payment_on_its_way_that_fails_gives_the_seats_back(desk: Desk, order: Order) -> None:
    desk.gateway.pay_later(order.session_id)
    settle(desk, order)
    desk.gateway.fail_later(order.session_id)
    assert settle(desk, order).state is State.EXPIRED
    assert desk.seats(EVENT) == FREE


def test_late_money_on_its_way_takes_the_seats_again_already(desk: Desk, order: Order) -> None:
    let_go(desk, order)
    desk.gateway.pay_later(order.session_id)
    assert settle(desk, order).seating is Seating.HELD
    assert desk.seats(EVENT) == HELD
    desk.gateway.pay(order.session_id)
    assert settle(desk, order).state is State.PAID
    assert desk.seats(EVENT) == SOLD


@pytest.mark.parametrize("comes", ["paid", "failed", "seats"])
def test_late_money_on_its_way_without_seats_waits_and_sees(desk: Desk, order: Order, comes: str) -> None:
    let_go(desk, order)
    other = others_come(desk, pay=False)
    desk.gateway.pay_later(order.session_id)
    waiting = settle(desk, order)
    assert (waiting.state, waiting.seating) == (State.PROCESSING, Seating.RELEASED)
    assert waiting.due == desk.clock() + timedelta(hours=6)
    before = desk.items()
    settle(desk, order)
    assert desk.items() == before, "hearing it again changes nothing"
    match comes:
        case "paid":
            desk.gateway.pay(order.session_id)
            assert settle(desk, order).state is State.REFUND_DUE
            assert desk.seats(EVENT)[EVENT] == (2, 0)
        case "failed":
            desk.gateway.fail_later(order.session_id)
            assert settle(desk, order).state is State.EXPIRED
            assert desk.seats(EVENT)[EVENT] == (2, 0)
        case "seats":
            let_go(desk, other)
            assert settle(desk, order).seating is Seating.HELD
            desk.gateway.pay(order.session_id)
            assert settle(desk, order).state is State.PAID
            assert desk.seats(EVENT) == SOLD
