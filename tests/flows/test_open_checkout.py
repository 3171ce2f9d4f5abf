"""Open the checkout: one session for one order, whatever happened before."""

from dataclasses import replace

import pytest

from chalicelib.domain.checkout import Outcome
from chalicelib.domain.error import PaymentRefused, PaymentUnavailable, PaymentUnknown
from chalicelib.domain.order import HOLD
from chalicelib.domain.state import State
from chalicelib.flows.open_checkout import checkout_request
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, FREE, attending, sample_event


def test_the_session_is_made_of_the_order_and_noted_on_it(desk: Desk) -> None:
    order = desk.register().order
    checkout = desk.open_checkout(order)
    session = desk.gateway.session_of(order.id)
    assert checkout.url == session.url
    assert checkout.order.session_id == session.id == desk.order(order.id).session_id
    (request,) = desk.gateway.requests.values()
    assert request.expires_at == order.hold_until
    assert (request.language, request.email) == ("nl", "ada@voorbeeldstad.nl")
    assert request.lines[0].name == f"Lidmaatschap ({order.code})"
    assert request.success_url.startswith("https://aanmelden.example.nl/nl/order/")


def test_opening_twice_leads_to_the_same_session(desk: Desk) -> None:
    order = desk.register().order
    first = desk.open_checkout(order)
    desk.clock.advance(minutes=10)
    assert desk.open_checkout(first.order).url == first.url
    # also for somebody who read the order before the session was noted
    assert desk.open_checkout(order).url == first.url
    assert len(desk.gateway.stored) == 1


def test_a_silent_service_leaves_the_order_as_it_is(desk: Desk) -> None:
    order = desk.register().order
    desk.gateway.silent()
    with pytest.raises(PaymentUnavailable):
        desk.open_checkout(order)
    assert desk.order(order.id) == order
    assert desk.open_checkout(order).url


def test_an_order_that_waited_too_long_for_its_first_session_gets_a_fresh_hold(desk: Desk) -> None:
    order = desk.register().order
    desk.clock.advance(minutes=6)
    checkout = desk.open_checkout(order)
    assert checkout.url
    assert (checkout.order.attempt, checkout.order.hold_until) == (2, desk.clock() + HOLD)
    assert len(desk.gateway.stored) == 1


def test_a_refusal_for_another_reason_is_not_tried_again_and_again(desk: Desk) -> None:
    order = desk.register().order
    desk.gateway.failures.append(PaymentRefused("parameter_unknown"))
    with pytest.raises(PaymentRefused):
        desk.open_checkout(order)
    assert desk.order(order.id).attempt == 1


def test_after_an_unknown_result_the_session_is_looked_for_and_adopted(desk: Desk) -> None:
    order = desk.register().order
    opened = desk.open_checkout(order).url
    desk.gateway.failures.append(PaymentUnknown("status 500"))
    # read before the session was noted: it is asked for again, and the answer is a saved 500
    assert desk.open_checkout(order).url == opened
    assert len(desk.gateway.stored) == 1


def test_after_an_unknown_result_without_a_session_a_new_attempt_is_safe(desk: Desk) -> None:
    order = desk.register().order
    desk.gateway.failures.append(PaymentUnknown("status 500"))
    checkout = desk.open_checkout(order)
    assert (checkout.order.attempt, len(desk.gateway.stored)) == (2, 1)
    assert checkout.url


def test_there_is_nothing_to_pay_when_it_was_paid_meanwhile(desk: Desk) -> None:
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay(order.session_id)
    checkout = desk.open_checkout(order)
    assert (checkout.url, checkout.order.state) == ("", State.PAID)


def test_there_is_nothing_to_pay_when_the_session_ended(desk: Desk) -> None:
    order = desk.open_checkout(desk.register().order).order
    desk.clock.advance(minutes=36)
    checkout = desk.open_checkout(order)
    assert (checkout.url, checkout.order.state) == ("", State.EXPIRED)
    assert desk.gateway.session_of(order.id).outcome is Outcome.EXPIRED


def test_two_halves_of_a_click_never_get_two_payable_sessions(desk: Desk) -> None:
    """One half gets a 500 that Stripe did not save; the other half's create, with the same key, goes through."""
    order = desk.register().order
    desk.gateway.failures.append(PaymentUnknown("status 500"))
    first = desk.open_checkout(order)
    assert first.order.attempt == 2
    # the second half read the order before it was renewed
    stale = desk.gateway.open_session(checkout_request(order, buyer=desk.buyer(order.id), links=desk.application.links))
    assert stale.outcome is Outcome.OPEN
    second = desk.open_checkout(order)
    assert second.url == first.url
    payable = [each.session.id for each in desk.gateway.stored.values() if each.session.outcome is Outcome.OPEN]
    assert payable == [first.order.session_id]


def test_attendees_at_one_price_are_one_line_without_their_names(desk: Desk) -> None:
    desk.put_offer(sample_event())
    desk.member("voorbeeldstad.nl")
    order = desk.register(attending(ANSWERS, "bea@elders.nl", "cas@voorbeeldstad.nl"), offer_id=EVENT).order
    desk.open_checkout(order)
    (request,) = desk.gateway.requests.values()
    assert [(line.name, line.quantity, line.unit_cents) for line in request.lines] == [
        (f"Proefcongres ({order.code})", 2, 39900),
        (f"Proefcongres ({order.code})", 1, 54900),
    ]
    assert desk.gateway.session_of(order.id).amount_cents == order.total_cents == 134700
    for secret in ("Persoon", "elders", ANSWERS.name, ANSWERS.organisation):
        assert secret not in str(replace(request, email=""))


def test_who_comes_for_nothing_is_not_shown_at_the_payment(desk: Desk) -> None:
    """Stripe takes no line of nothing."""
    desk.put_offer(sample_event(member_price_cents=0))
    desk.member("voorbeeldstad.nl")
    order = desk.register(attending(ANSWERS, "bea@elders.nl"), offer_id=EVENT).order
    assert desk.open_checkout(order).url
    (request,) = desk.gateway.requests.values()
    assert [(line.quantity, line.unit_cents) for line in request.lines] == [(1, 54900)]


def test_nothing_is_opened_for_an_order_that_costs_nothing(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE))
    order = desk.register(attending(ANSWERS), offer_id=EVENT).order
    checkout = desk.open_checkout(order)
    assert (checkout.url, checkout.order, desk.gateway.stored) == ("", order, {})
