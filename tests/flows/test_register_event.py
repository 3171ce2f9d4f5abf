"""Register for an event: order, people and seats in one commit, all of them or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.answers import Answers, AttendeeAnswers
from chalicelib.domain.availability import Sale
from chalicelib.domain.offer import Offer, Prices
from chalicelib.domain.order import HOLD, Order
from chalicelib.domain.price import PriceReason, PriceRule
from chalicelib.domain.refusal import AlreadyRegistered, NotOnSale, PriceChanged, TooFewSeats
from chalicelib.domain.state import State
from chalicelib.flows.register import register
from tests.desk import ANSWERS, Desk
from tests.events import CAPACITY, EVENT, FREE, attending, groups, sample_event
from tests.flows.line import ASKING, READING, WRITING, before_writing, count_commits, meanwhile

THREE = attending(ANSWERS, "bea@elders.nl", "cas@elders.nl")
TWO = attending(ANSWERS, "bea@elders.nl")
ANOTHER = "the-key-of-somebody-else"


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.put_offer(sample_event())
    desk.member("voorbeeldstad.nl")
    return desk


def records(desk: Desk) -> set[str]:
    return {item["record"]["S"] for item in desk.items()} - {"offer", "membership", "domain"}


def others(*people: str, group: str = "") -> Answers:
    """Somebody else, who comes with these."""
    return attending(replace(ANSWERS, email="wim@anders.nl"), *people, group=group)


def order_of(desk: Desk, answers: Answers = TWO) -> Order:
    return desk.register(answers, offer_id=EVENT).order


def change(desk: Desk, **changes: object) -> Offer:
    return desk.put_offer(replace(desk.offer(EVENT), **changes))  # type: ignore[arg-type]


def with_capacity(desk: Desk, capacity: int) -> Offer:
    event = desk.offer(EVENT).event
    assert event is not None
    return change(desk, event=replace(event, capacity=capacity))


# One commit.


def test_a_paid_order_holds_its_seats_in_the_commit_that_makes_it(desk: Desk) -> None:
    commits = count_commits(desk)
    order = order_of(desk, THREE)
    assert len(commits) == 1
    assert (order.state, order.hold_until) == (State.PENDING, desk.clock() + HOLD)
    assert desk.seats(EVENT) == {EVENT: (3, 0)}
    assert desk.store.seats(EVENT)[EVENT].held_until == order.hold_until
    assert records(desk) == {"order", "code", "buyer", "attendee", "seats"}
    assert [(each.number, each.email, each.is_buyer) for each in desk.store.attendees(order.id)] == [
        (1, ANSWERS.email, True),
        (2, "bea@elders.nl", False),
        (3, "cas@elders.nl", False),
    ]
    assert desk.emails.messages == []


def test_a_free_order_is_confirmed_at_once_with_all_that_follows(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE))
    commits = count_commits(desk)
    order = order_of(desk, THREE)
    assert len(commits) == 1
    assert (order.state, order.total_cents, order.due, order.paid_at) == (State.CONFIRMED, 0, None, None)
    assert desk.seats(EVENT) == {EVENT: (0, 3)}
    assert records(desk) == {"order", "code", "buyer", "attendee", "attendance", "email", "seats"}
    assert len(desk.items("attendance")) == len(desk.items("attendee")) == 3
    emails = [f"confirmation-{order.id}", *(f"ticket-{order.id}-{number}" for number in (1, 2, 3))]
    assert [item["id"]["S"] for item in desk.items("email")] == emails
    assert desk.emails.messages == emails
    desk.work()
    assert desk.sender.ids() == emails
    assert desk.gateway.stored == {}
    assert desk.open_checkout(order).url == ""


def test_an_order_that_its_members_make_free_is_confirmed_at_once(desk: Desk) -> None:
    desk.put_offer(sample_event(member_price_cents=0))
    assert order_of(desk, attending(ANSWERS, "cas@voorbeeldstad.nl")).state is State.CONFIRMED
    mixed = desk.register(others("dirk@voorbeeldstad.nl"), key=ANOTHER, offer_id=EVENT).order
    assert (mixed.state, mixed.total_cents) == (State.PENDING, 54900)
    assert desk.seats(EVENT) == {EVENT: (2, 2)}


def test_mails_that_the_queue_does_not_take_are_left_to_the_sweep(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE))
    desk.emails.down = True
    order_of(desk, THREE)
    desk.emails.down = False
    desk.clock.advance(seconds=31)
    desk.sweep()
    desk.work()
    assert len(desk.sender.ids()) == 4


def test_the_largest_order_there_can_be_fits_in_one_commit(desk: Desk) -> None:
    rooms = {f"zaal-{number}": 1 for number in range(20)}
    desk.put_offer(sample_event(**FREE, event={"capacity": 20} | groups(**rooms)))
    people = tuple(
        AttendeeAnswers(name=f"Persoon {number}", email=f"persoon{number}@elders.nl", group=room)
        for number, room in enumerate(rooms)
    )
    commits = count_commits(desk)
    order = order_of(desk, replace(ANSWERS, attendees=people, newsletter=True))
    assert order.state is State.CONFIRMED
    assert len(commits) == 1
    assert commits[0] <= 100, "as many as DynamoDB writes at once"
    assert desk.seats(EVENT) == {EVENT: (0, 20)} | {f"{EVENT}/{room}": (0, 1) for room in rooms}


def test_people_are_kept_apart_from_the_order_and_its_buyer(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE))
    order = order_of(desk, THREE)
    assert desk.buyer(order.id).answers.attendees == ()
    for record in ("order", "code", "attendance", "seats", "email"):
        text = str(desk.items(record))
        for secret in ("bea", "cas", "elders", "Persoon", ANSWERS.name, ANSWERS.email):
            assert secret not in text


def test_the_reason_of_each_price_is_stored_on_its_line(desk: Desk) -> None:
    first, second = desk.order(order_of(desk).id).lines
    now = desk.clock()
    assert first.reason == PriceReason(
        rule=PriceRule.MEMBER, membership_id="member-1", mail_domain="voorbeeldstad.nl", decided_at=now
    )
    assert second.reason == PriceReason(rule=PriceRule.LIST, membership_id="", mail_domain="", decided_at=now)
    assert (first.unit_cents, second.unit_cents) == (39900, 54900)


def test_an_event_without_a_limit_is_counted_all_the_same(desk: Desk) -> None:
    desk.put_offer(sample_event(event={"capacity": None} | groups(noord=None, zuid=1)))
    order_of(desk, attending(ANSWERS, *(f"p{number}@elders.nl" for number in range(19)), group="noord"))
    assert desk.seats(EVENT) == {EVENT: (20, 0), f"{EVENT}/noord": (20, 0)}


# All or nothing.


def test_an_order_gets_all_its_seats_or_none(desk: Desk) -> None:
    with_capacity(desk, 2)
    with pytest.raises(TooFewSeats) as refused:
        order_of(desk, THREE)
    assert (refused.value.group, refused.value.free, refused.value.wanted) == ("", 2, 3)
    assert records(desk) == set()
    assert order_of(desk, TWO).state is State.PENDING


def test_a_group_that_is_too_full_takes_nothing_in_any_other(desk: Desk) -> None:
    desk.put_offer(sample_event(event=groups(noord=1, zuid=5)))
    north = AttendeeAnswers(name="Bea", email="bea@elders.nl", group="noord")
    answers = replace(ANSWERS, attending=True, group="zuid", attendees=(north, replace(north, email="cas@elders.nl")))
    with pytest.raises(TooFewSeats) as refused:
        order_of(desk, answers)
    assert (refused.value.group, refused.value.free, refused.value.wanted) == ("noord", 1, 2)
    assert records(desk) == set()
    order_of(desk, replace(answers, attendees=(north,)))
    assert desk.seats(EVENT) == {EVENT: (2, 0), f"{EVENT}/noord": (1, 0), f"{EVENT}/zuid": (1, 0)}


def test_a_group_that_is_full_is_named_while_the_event_has_room(desk: Desk) -> None:
    desk.put_offer(sample_event(event=groups(noord=2, zuid=None)))
    order_of(desk, attending(ANSWERS, "bea@elders.nl", group="noord"))
    with pytest.raises(TooFewSeats) as refused:
        desk.register(others(group="noord"), key=ANOTHER, offer_id=EVENT)
    assert (refused.value.group, refused.value.free, refused.value.wanted) == ("noord", 0, 1)
    desk.register(others(group="zuid"), key=ANOTHER, offer_id=EVENT)


def test_when_all_is_held_it_is_said_for_how_long(desk: Desk) -> None:
    with_capacity(desk, 2)
    order = desk.open_checkout(order_of(desk)).order
    desk.clock.advance(minutes=5, seconds=30)
    refusal = refused_sale(desk)
    # the hold ends in 29½ minutes, and the sweep needs two
    assert (refusal.availability.sale, refusal.availability.minutes) == (Sale.ALL_HELD, 32)
    desk.gateway.pay(order.session_id)
    desk.payments.put(order.session_id)
    desk.work()
    assert refused_sale(desk).availability.sale is Sale.SOLD_OUT


@pytest.mark.parametrize("capacity", [0, 1])
def test_no_seat_is_made_by_a_capacity_below_what_is_taken(desk: Desk, capacity: int) -> None:
    order_of(desk)
    with_capacity(desk, capacity)
    assert refused_sale(desk).availability.free == 0
    assert desk.seats(EVENT) == {EVENT: (2, 0)}


def refused_sale(desk: Desk) -> NotOnSale:
    with pytest.raises(NotOnSale) as refused:
        desk.register(others(), key=ANOTHER, offer_id=EVENT)
    return refused.value


# What somebody else does between reading and writing.


def test_a_seat_that_goes_in_between_is_not_sold_twice(desk: Desk) -> None:
    with_capacity(desk, 3)
    before_writing(desk, lambda: desk.register(others(), key=ANOTHER, offer_id=EVENT))
    with pytest.raises(TooFewSeats) as refused:
        order_of(desk, THREE)
    assert (refused.value.free, refused.value.wanted) == (2, 3)
    assert desk.seats(EVENT) == {EVENT: (1, 0)}
    assert len(desk.items("order")) == 1


def test_the_last_seats_that_go_in_between_are_gone(desk: Desk) -> None:
    with_capacity(desk, 2)
    before_writing(desk, lambda: desk.register(others("emma@anders.nl"), key=ANOTHER, offer_id=EVENT))
    with pytest.raises(NotOnSale) as refused:
        order_of(desk)
    assert refused.value.availability.sale is Sale.ALL_HELD
    assert desk.seats(EVENT) == {EVENT: (2, 0)}


# When the other half of a double click is there first: before the order is looked for, before it is known who has a
# seat already, before it is known who is a member, before the seats are counted, and before the order is written.
OTHER_HALF: list[tuple[str, int]] = [(READING, 0), (READING, 1), (ASKING, 0), (ASKING, 2), (WRITING, 0)]


@pytest.mark.parametrize("free", [False, True], ids=["paid", "free"])
@pytest.mark.parametrize(("before", "after"), OTHER_HALF)
def test_the_other_half_of_a_double_click_has_the_very_last_seats(
    desk: Desk, before: str, after: int, free: bool
) -> None:
    """They are this very order's: it is not sold out, and its people are no strangers to it."""
    desk.put_offer(sample_event(**FREE if free else {}, event={"capacity": 2}))
    submission = desk.submission(TWO, offer_id=EVENT)
    meanwhile(desk, lambda: order_of(desk), before=before, after=after)
    app = desk.application
    order = register(submission, store=app.store, identity=app.identity, emails=app.emails, now=app.now()).order
    assert order == desk.order(order.id)
    assert desk.seats(EVENT) == {EVENT: (0, 2) if free else (2, 0)}
    assert len(desk.items("order")) == 1
    assert len(desk.items("email")) == len(desk.emails.messages) == (3 if free else 0)


def test_a_capacity_that_is_lowered_in_between_counts(desk: Desk) -> None:
    before_writing(desk, lambda: with_capacity(desk, 2))
    with pytest.raises(TooFewSeats) as refused:
        order_of(desk, THREE)
    assert (refused.value.free, refused.value.wanted) == (2, 3)
    assert records(desk) == set()


def test_a_group_that_is_made_smaller_in_between_counts(desk: Desk) -> None:
    desk.put_offer(sample_event(event=groups(noord=2, zuid=2)))
    before_writing(desk, lambda: desk.put_offer(sample_event(event=groups(noord=1, zuid=2))))
    with pytest.raises(TooFewSeats) as refused:
        order_of(desk, attending(ANSWERS, "bea@elders.nl", group="noord"))
    assert (refused.value.group, refused.value.free) == ("noord", 1)
    assert records(desk) == set()


def test_an_event_that_is_closed_in_between_is_closed(desk: Desk) -> None:
    before_writing(desk, lambda: change(desk, closes_at=desk.clock()))
    with pytest.raises(NotOnSale) as refused:
        order_of(desk)
    assert refused.value.availability.sale is Sale.CLOSED
    assert records(desk) == set()


def test_an_event_that_was_closed_after_the_form_was_read_is_closed(desk: Desk) -> None:
    submission = desk.submission(TWO, offer_id=EVENT)
    change(desk, closes_at=desk.clock())
    with pytest.raises(NotOnSale):
        desk.register(TWO, offer_id=EVENT, offer=submission.offer)
    assert records(desk) == set()


def test_a_price_that_is_changed_in_between_is_seen(desk: Desk) -> None:
    prices = Prices(list_cents=60000, member_cents=40000)
    before_writing(desk, lambda: change(desk, prices=prices))
    with pytest.raises(PriceChanged):
        desk.register(TWO, offer_id=EVENT, prices_shown=desk.offer(EVENT).prices.fingerprint())
    assert records(desk) == set()
    order = desk.register(TWO, offer_id=EVENT, prices_shown=prices.fingerprint()).order
    assert order.total_cents == 100000


def test_another_change_of_the_offer_stops_nobody(desk: Desk) -> None:
    before_writing(desk, lambda: with_capacity(desk, CAPACITY + 5), times=5)
    order = order_of(desk)
    assert order.state is State.PENDING
    assert desk.offer(EVENT).version == 6
    assert desk.seats(EVENT) == {EVENT: (2, 0)}


def test_seats_that_come_back_are_sold_again(desk: Desk) -> None:
    with_capacity(desk, 2)
    first = desk.register(others(), key=ANOTHER, offer_id=EVENT).order
    desk.clock.advance(minutes=37)
    with pytest.raises(TooFewSeats):
        order_of(desk)
    desk.sweep()
    assert desk.order(first.id).state is State.EXPIRED
    assert order_of(desk).state is State.PENDING


# However often it is sent.


@pytest.mark.parametrize("free", [False, True], ids=["paid", "free"])
def test_the_same_key_twice_is_one_order_and_its_seats_once(desk: Desk, free: bool) -> None:
    desk.put_offer(sample_event(**FREE if free else {}))
    first = desk.register(THREE, offer_id=EVENT)
    before = desk.items()
    for _ in range(3):
        desk.clock.advance(minutes=1)
        again = desk.register(THREE, offer_id=EVENT)
        assert (again.order, again.changed) == (first.order, False)
    assert desk.items() == before
    assert len(desk.emails.messages) == (4 if free else 0)


@pytest.mark.parametrize("free", [False, True], ids=["paid", "free"])
@pytest.mark.parametrize(
    "changed",
    [
        attending(ANSWERS, "bea@elders.nl", "cas@elders.nl", "dirk@elders.nl"),
        attending(ANSWERS, "bea@elders.nl"),
        attending(ANSWERS, "bea@elders.nl", "emma@elders.nl"),
        replace(THREE, attending=False),
        replace(THREE, member="ja"),
        replace(THREE, reference="INK 2026/17"),
    ],
    ids=["one more", "one less", "another", "not himself", "says he is a member", "another reference"],
)
def test_changed_answers_change_nothing_and_say_so(desk: Desk, free: bool, changed: Answers) -> None:
    desk.put_offer(sample_event(**FREE if free else {}))
    first = desk.register(THREE, offer_id=EVENT)
    before = desk.items()
    again = desk.register(changed, offer_id=EVENT)
    assert (again.order, again.changed) == (first.order, True)
    assert desk.items() == before


def test_after_the_hold_the_same_key_takes_seats_anew(desk: Desk) -> None:
    with_capacity(desk, 3)
    first = order_of(desk, THREE)
    desk.clock.advance(minutes=37)
    desk.sweep()
    second = order_of(desk, THREE)
    assert (second.generation, second.state) == (1, State.PENDING)
    assert second.id != first.id
    assert desk.seats(EVENT) == {EVENT: (3, 0)}


def test_whoever_is_confirmed_is_not_registered_again(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE))
    order_of(desk)
    with pytest.raises(AlreadyRegistered) as refused:
        desk.register(others("BEA@elders.nl"), key=ANOTHER, offer_id=EVENT)
    assert refused.value.numbers == (2,)
    assert desk.seats(EVENT) == {EVENT: (0, 2)}


def test_two_orders_for_the_same_person_may_both_wait_to_be_paid(desk: Desk) -> None:
    order_of(desk)
    assert desk.register(others("bea@elders.nl"), key=ANOTHER, offer_id=EVENT).order.state is State.PENDING
    assert desk.seats(EVENT) == {EVENT: (4, 0)}


def test_a_fresh_hold_is_told_of_at_the_counter(desk: Desk) -> None:
    """The order that waited too long for its first session holds its seats for longer than it said."""
    order = order_of(desk)
    desk.clock.advance(minutes=6)
    renewed = desk.open_checkout(order).order
    assert renewed.hold_until == order.hold_until + timedelta(minutes=6)
    assert desk.store.seats(EVENT)[EVENT].held_until == renewed.hold_until
    assert desk.seats(EVENT) == {EVENT: (2, 0)}


def test_of_two_free_registrations_of_one_person_at_once_one_is_refused(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE))
    before_writing(desk, lambda: desk.register(others("bea@elders.nl"), key=ANOTHER, offer_id=EVENT))
    with pytest.raises(AlreadyRegistered):
        order_of(desk)
    assert desk.seats(EVENT) == {EVENT: (0, 2)}
