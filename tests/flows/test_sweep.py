"""The sweep: what was left behind is looked after, and Stripe has the last word."""

import pytest

from chalicelib.domain.error import PaymentUnknown
from chalicelib.domain.order import GRACE, HOLD
from chalicelib.domain.state import State
from chalicelib.entrypoints.schedules import MOST
from tests.desk import ANSWERS, TABLE, Desk
from tests.events import EVENT, FREE, attending, sample_event

TWO = attending(ANSWERS, "bea@elders.nl")


def test_an_order_is_let_go_only_after_its_hold_and_a_minute(desk: Desk) -> None:
    order = desk.open_checkout(desk.register().order).order
    desk.clock.advance(seconds=(HOLD + GRACE).total_seconds() - 1)
    desk.sweep()
    assert desk.order(order.id).state is State.PENDING
    desk.clock.advance(seconds=1)
    desk.sweep()
    assert desk.order(order.id).state is State.EXPIRED
    assert desk.order(order.id).due is None


def test_an_order_that_turns_out_to_be_paid_is_confirmed(desk: Desk) -> None:
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay(order.session_id)
    desk.clock.advance(minutes=37)
    desk.sweep()
    desk.work()
    assert desk.order(order.id).state is State.PAID
    assert len(desk.sender.ids()) == 2


def test_an_order_without_a_session_is_let_go(desk: Desk) -> None:
    order = desk.register().order
    desk.clock.advance(minutes=37)
    desk.sweep()
    assert desk.order(order.id).state is State.EXPIRED
    assert desk.gateway.stored == {}


def test_a_session_whose_answer_was_lost_is_found_and_closed(desk: Desk) -> None:
    order = desk.register().order
    desk.open_checkout(order)
    lost = desk.order(order.id)
    unit = desk.store.unit_of_work()
    unit.orders.update(lost.with_session(""))
    unit.commit()
    desk.gateway.pay(lost.session_id)
    desk.clock.advance(minutes=37)
    desk.sweep()
    assert desk.order(order.id).state is State.PAID


def test_while_stripe_is_silent_nothing_is_released(desk: Desk) -> None:
    order = desk.open_checkout(desk.register().order).order
    desk.clock.advance(minutes=37)
    for failure in ("silent", "unknown"):
        if failure == "silent":
            desk.gateway.silent()
        else:
            desk.gateway.failures.append(PaymentUnknown("status 500"))
        desk.sweep()
        assert desk.order(order.id).state is State.PENDING
        desk.clock.advance(minutes=3)
    desk.sweep()
    assert desk.order(order.id).state is State.EXPIRED


def test_one_order_that_fails_stops_no_other(desk: Desk) -> None:
    orders = [desk.open_checkout(desk.register(key=f"a-form-key-number-{n}").order).order for n in range(3)]
    desk.clock.advance(minutes=37)
    desk.gateway.silent()
    desk.sweep()
    states = [desk.order(order.id).state for order in orders]
    assert sorted(states) == [State.EXPIRED, State.EXPIRED, State.PENDING]


def test_a_delayed_payment_is_asked_after_now_and_then(desk: Desk) -> None:
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay_later(order.session_id)
    desk.clock.advance(minutes=37)
    desk.sweep()
    assert desk.order(order.id).state is State.PROCESSING
    for _ in range(3):
        desk.clock.advance(hours=7)
        desk.sweep()
        due = desk.order(order.id).due
        assert due is not None
        assert due > desk.clock()
    desk.gateway.pay(order.session_id)
    desk.clock.advance(hours=7)
    desk.sweep()
    assert desk.order(order.id).state is State.PAID


def test_a_clean_desk_asks_nobody_anything(desk: Desk) -> None:
    desk.gateway.silent(99)
    desk.sweep()
    assert len(desk.gateway.failures) == 99


def test_one_unreadable_record_stops_nothing_else(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    broken, good = (desk.open_checkout(desk.register(key=f"a-form-key-number-{n}").order).order for n in range(2))
    desk.client.update_item(
        TableName=TABLE,
        Key={"pk": {"S": f"ORDER#{broken.id}"}, "sk": {"S": "ORDER"}},
        UpdateExpression="SET #state = :nonsense",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":nonsense": {"S": "nonsense"}},
    )
    desk.clock.advance(minutes=37)
    desk.sweep()
    assert desk.order(good.id).state is State.EXPIRED
    assert "sweep_failed" in caplog.text


def test_orders_that_stripe_does_not_answer_for_keep_no_other_waiting(desk: Desk) -> None:
    """More than one sweep can do, all of them stuck: the next one still gets its turn."""
    stuck = [desk.open_checkout(desk.register(key=f"a-form-key-number-{n}").order).order for n in range(MOST)]
    desk.clock.advance(seconds=1)
    good = desk.open_checkout(desk.register().order).order
    for order in stuck:
        desk.gateway.stored.pop(order.session_id)
    for _ in range(3):
        desk.clock.advance(minutes=37)
        desk.sweep()
        desk.sweep()
    assert desk.order(good.id).state is State.EXPIRED


def test_the_seats_of_an_order_that_is_let_go_can_be_had_again(desk: Desk) -> None:
    desk.put_offer(sample_event(event={"capacity": 2}))
    order = desk.open_checkout(desk.register(TWO, offer_id=EVENT).order).order
    desk.clock.advance(seconds=(HOLD + GRACE).total_seconds() - 1)
    desk.sweep()
    assert desk.seats(EVENT) == {EVENT: (2, 0)}, "as long as Stripe may still take money for them"
    desk.clock.advance(seconds=1)
    desk.sweep()
    assert desk.order(order.id).state is State.EXPIRED
    assert desk.seats(EVENT) == {EVENT: (0, 0)}
    assert desk.register(TWO, key="the-key-of-somebody-else", offer_id=EVENT).order.state is State.PENDING


def test_the_seats_of_an_order_without_a_session_come_back_too(desk: Desk) -> None:
    desk.put_offer(sample_event())
    desk.register(TWO, offer_id=EVENT)
    desk.clock.advance(minutes=37)
    desk.sweep()
    assert desk.seats(EVENT) == {EVENT: (0, 0)}
    assert desk.gateway.stored == {}


def test_the_seats_of_an_order_that_turns_out_to_be_paid_are_sold(desk: Desk) -> None:
    desk.put_offer(sample_event())
    order = desk.open_checkout(desk.register(TWO, offer_id=EVENT).order).order
    desk.gateway.pay(order.session_id)
    desk.clock.advance(minutes=37)
    desk.sweep()
    desk.work()
    assert desk.seats(EVENT) == {EVENT: (0, 2)}
    assert len(desk.sender.ids()) == 3


def test_while_stripe_is_silent_no_seat_comes_back(desk: Desk) -> None:
    desk.put_offer(sample_event())
    desk.open_checkout(desk.register(TWO, offer_id=EVENT).order)
    desk.clock.advance(minutes=37)
    for _ in range(3):
        desk.gateway.silent()
        desk.sweep()
        assert desk.seats(EVENT) == {EVENT: (2, 0)}
        desk.clock.advance(minutes=3)
    desk.sweep()
    assert desk.seats(EVENT) == {EVENT: (0, 0)}


def test_a_free_order_is_never_looked_after(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE))
    order = desk.register(TWO, offer_id=EVENT).order
    desk.work()
    before = desk.items()
    desk.clock.advance(days=30)
    desk.sweep()
    assert desk.items() == before
    assert desk.order(order.id).state is State.CONFIRMED
    assert desk.seats(EVENT) == {EVENT: (0, 2)}
