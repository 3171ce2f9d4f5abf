"""Replace an order: the old one is closed at Stripe before there is a new one."""

from dataclasses import replace

import pytest

from chalicelib.domain.answers import Answers
from chalicelib.domain.checkout import Outcome
from chalicelib.domain.error import PaymentRefused, PaymentUnavailable
from chalicelib.domain.order import Order
from chalicelib.domain.state import State
from chalicelib.flows.register import Registered
from chalicelib.flows.replace_order import replace_order
from tests.desk import ANSWERS, Desk

CHANGED = replace(ANSWERS, name="Bea")


@pytest.fixture
def order(desk: Desk) -> Order:
    return desk.open_checkout(desk.register().order).order


def replaced(desk: Desk, replaces: str, *, answers: Answers = CHANGED) -> Registered:
    return replace_order(
        replaces,
        submission=desk.submission(answers),
        identity=desk.application.identity,
        store=desk.store,
        gateway=desk.gateway,
        emails=desk.emails,
        links=desk.application.links,
        now=desk.clock(),
    )


def test_the_old_session_is_closed_and_a_new_order_placed(desk: Desk, order: Order) -> None:
    registration = replaced(desk, order.id)
    assert not registration.changed
    assert registration.order.id != order.id
    assert desk.order(order.id).state is State.EXPIRED
    assert desk.gateway.session_of(order.id).outcome is Outcome.EXPIRED


def test_pressing_twice_makes_one_new_order(desk: Desk, order: Order) -> None:
    first, second = replaced(desk, order.id), replaced(desk, order.id)
    assert first.order == second.order
    assert len(desk.items("order")) == 2


def test_an_order_that_was_paid_meanwhile_is_not_replaced(desk: Desk, order: Order) -> None:
    desk.gateway.pay(order.session_id)
    registration = replaced(desk, order.id)
    assert (registration.order.id, registration.order.state) == (order.id, State.PAID)
    assert len(desk.items("order")) == 1


def test_only_the_order_that_was_seen_is_replaced(desk: Desk, order: Order) -> None:
    newer = replaced(desk, order.id).order
    registration = replaced(desk, order.id, answers=replace(ANSWERS, name="Cas"))
    assert (registration.order.id, registration.changed) == (newer.id, True)
    assert desk.order(newer.id).state is State.PENDING


def test_nothing_is_replaced_while_stripe_is_silent(desk: Desk, order: Order) -> None:
    desk.gateway.silent()
    with pytest.raises(PaymentUnavailable):
        replaced(desk, order.id)
    assert desk.order(order.id).state is State.PENDING
    assert len(desk.items("order")) == 1


def test_an_order_whose_first_session_is_still_being_opened_is_replaced_safely(desk: Desk) -> None:
    """The other half of a double click may be at Stripe just now: its session must not stay payable."""
    order = desk.register().order
    registration = replaced(desk, order.id)
    assert registration.order.id != order.id
    late = desk.open_checkout(order)
    assert (late.url, late.order.state) == ("", State.EXPIRED)
    assert desk.gateway.session_of(order.id).outcome is Outcome.EXPIRED


def test_an_order_that_stripe_refuses_can_be_replaced_at_once(desk: Desk) -> None:
    """What was refused was never opened: the visitor mends the cause and need not wait for the hold to end."""
    order = desk.register().order
    desk.gateway.failures.append(PaymentRefused("email_invalid"))
    registration = replaced(desk, order.id)
    assert registration.order.id != order.id
    assert desk.order(order.id).state is State.EXPIRED
