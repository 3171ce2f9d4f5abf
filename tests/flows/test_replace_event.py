"""Replace an event's order: its own seats are there for the new one, and nothing is let go in vain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.answers import Answers
from chalicelib.domain.checkout import Outcome
from chalicelib.domain.error import PaymentUnavailable, RegistrationRefused
from chalicelib.domain.offer import Prices
from chalicelib.domain.order import Order
from chalicelib.domain.refusal import AlreadyRegistered, MembersOnly, NoMember, NotOnSale, PriceChanged, TooFewSeats
from chalicelib.domain.state import State
from chalicelib.flows.register import Registered
from chalicelib.flows.replace_order import replace_order
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, FREE, attending, sample_event

TWO = attending(ANSWERS, "bea@elders.nl")
OTHER = attending(ANSWERS, "cas@elders.nl")
THREE = attending(ANSWERS, "bea@elders.nl", "cas@elders.nl")
ANOTHER = "the-key-of-somebody-else"


@pytest.fixture
def order(desk: Desk) -> Order:
    """An order of two of the three seats, with its checkout open."""
    desk.put_offer(sample_event(event={"capacity": 3}))
    desk.member("voorbeeldstad.nl")
    return desk.open_checkout(desk.register(TWO, offer_id=EVENT).order).order


def replaced(desk: Desk, order: Order, answers: Answers, **sent: Any) -> Registered:
    return replace_order(
        order.id,
        submission=desk.submission(answers, offer_id=EVENT, **sent),
        identity=desk.application.identity,
        store=desk.store,
        gateway=desk.gateway,
        emails=desk.emails,
        links=desk.application.links,
        now=desk.clock(),
    )


def outcome(desk: Desk, order: Order) -> Outcome:
    return desk.gateway.session_of(order.id).outcome


@pytest.mark.parametrize(("answers", "seats"), [(OTHER, 2), (THREE, 3), (attending(ANSWERS), 1)])
def test_the_new_order_has_its_own_seats_and_no_others(desk: Desk, order: Order, answers: Answers, seats: int) -> None:
    """Even the last ones: its own are among them."""
    for _ in range(2):
        registered = replaced(desk, order, answers)
        assert (registered.changed, registered.order.state) == (False, State.PENDING)
        assert desk.seats(EVENT) == {EVENT: (seats, 0)}
    assert desk.order(order.id).state is State.EXPIRED
    assert outcome(desk, order) is Outcome.EXPIRED
    assert len(desk.items("order")) == 2
    assert [each.email for each in desk.store.attendees(registered.order.id)] == [
        each.email for each in answers.people()
    ]


def test_an_order_that_was_paid_meanwhile_keeps_its_seats(desk: Desk, order: Order) -> None:
    desk.gateway.pay(order.session_id)
    registered = replaced(desk, order, THREE)
    assert (registered.order.id, registered.order.state, registered.changed) == (order.id, State.PAID, True)
    assert desk.seats(EVENT) == {EVENT: (0, 2)}
    assert len(desk.items("order")) == 1


def closed(desk: Desk) -> None:
    desk.put_offer(replace(desk.offer(EVENT), closes_at=desk.clock()))


def dearer(desk: Desk) -> None:
    desk.put_offer(replace(desk.offer(EVENT), prices=Prices(list_cents=59900, member_cents=39900)))


def for_members_only(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE, event={"members_only": True}))


def taken(desk: Desk) -> None:
    """Somebody whom the new answers name has registered by himself."""
    his = replace(ANSWERS, email="cas@elders.nl")
    other = desk.open_checkout(desk.register(attending(his), key=ANOTHER, offer_id=EVENT).order).order
    desk.gateway.pay(other.session_id)
    desk.payments.put(other.session_id)
    desk.work()


def nothing(_: Desk) -> None:
    """The answers themselves are refused."""


REFUSALS: dict[type[RegistrationRefused], tuple[Callable[[Desk], None], Answers]] = {
    NotOnSale: (closed, OTHER),
    PriceChanged: (dearer, OTHER),
    MembersOnly: (for_members_only, OTHER),
    AlreadyRegistered: (taken, OTHER),
    NoMember: (nothing, replace(OTHER, member="ja")),
}


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
def test_what_is_refused_anyhow_lets_go_of_nothing(
    desk: Desk, order: Order, refusal: type[RegistrationRefused]
) -> None:
    shown = desk.offer(EVENT).prices.fingerprint() if refusal is PriceChanged else ""
    prepare, answers = REFUSALS[refusal]
    prepare(desk)
    before = desk.items()
    with pytest.raises(refusal):
        replaced(desk, order, answers, prices_shown=shown)
    assert desk.items() == before
    assert desk.order(order.id).state is State.PENDING
    assert outcome(desk, order) is Outcome.OPEN


def test_for_want_of_seats_nothing_is_let_go_either(desk: Desk, order: Order) -> None:
    """Its own seats count as free: there are three with them, and not four."""
    with pytest.raises(TooFewSeats) as refused:
        replaced(desk, order, attending(ANSWERS, *(f"p{number}@elders.nl" for number in range(3))))
    assert (refused.value.free, refused.value.wanted) == (3, 4)
    assert desk.order(order.id).state is State.PENDING
    assert outcome(desk, order) is Outcome.OPEN
    assert desk.seats(EVENT) == {EVENT: (2, 0)}


def test_agreeing_to_the_price_replaces_it(desk: Desk, order: Order) -> None:
    answers = replace(OTHER, member="ja")
    registered = replaced(desk, order, answers, agreed_cents=39900 + 54900)
    assert (registered.order.id != order.id, registered.order.state) == (True, State.PENDING)


def test_nothing_is_let_go_while_stripe_is_silent(desk: Desk, order: Order) -> None:
    desk.gateway.silent()
    with pytest.raises(PaymentUnavailable):
        replaced(desk, order, THREE)
    assert desk.seats(EVENT) == {EVENT: (2, 0)}
    assert desk.order(order.id).state is State.PENDING


def test_an_order_can_be_replaced_by_one_that_costs_nothing(desk: Desk, order: Order) -> None:
    desk.member("elders.nl")
    desk.put_offer(replace(desk.offer(EVENT), prices=Prices(list_cents=54900, member_cents=0)))
    registered = replaced(desk, order, OTHER)
    assert registered.order.state is State.CONFIRMED
    assert desk.seats(EVENT) == {EVENT: (0, 2)}
    assert len(desk.emails.messages) == 3
