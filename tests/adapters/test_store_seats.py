"""The contract of the seat counters, on every engine: never more than there are, and never less than nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.answers import Answers, AttendeeAnswers
from chalicelib.domain.error import Changed, Conflict, OrderExists, SeatsAstray, SeatsTaken
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Group, Prices
from chalicelib.domain.order import Order
from chalicelib.domain.seat import SeatCount, Seating, SeatMove
from chalicelib.domain.seed import MOST_GROUPS, MOST_PER_ORDER
from chalicelib.domain.state import State
from chalicelib.flows.change_order import stage_seats
from chalicelib.flows.decide import Submission
from chalicelib.flows.register import register
from chalicelib.ports import UnitOfWork
from tests.adapters.bench import Bench, Stage
from tests.adapters.samples import CONGRESS, EVENT_ORDER, IDENTITY, NOW, ORDER
from tests.fakes.queue import FakeQueue

UNTIL, LATER = NOW + timedelta(minutes=35), NOW + timedelta(minutes=50)
EVENT = CONGRESS.id
NORTH, SOUTH = f"{EVENT}/noord", f"{EVENT}/zuid"

type Seats = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A move on a counter that has these seats (None: it is not there): held and sold, before, added and after."""

    before: Seats | None
    add: Seats
    capacity: int | None = None
    after: Seats | None = None
    refused: type[Conflict] | None = None


TAKING = {
    "the first seat": Case(before=None, add=(1, 0), capacity=3, after=(1, 0)),
    "all at once on a counter that is not there": Case(before=None, add=(3, 0), capacity=3, after=(3, 0)),
    "more than there are on a counter that is not there": Case(before=None, add=(4, 0), capacity=3, refused=SeatsTaken),
    "one of none on a counter that is not there": Case(before=None, add=(1, 0), capacity=0, refused=SeatsTaken),
    "within the capacity": Case(before=(1, 1), add=(1, 0), capacity=4, after=(2, 1)),
    "exactly to the capacity": Case(before=(1, 1), add=(2, 0), capacity=4, after=(3, 1)),
    "one over the capacity": Case(before=(1, 1), add=(3, 0), capacity=4, refused=SeatsTaken),
    "more than the whole capacity": Case(before=(1, 1), add=(5, 0), capacity=4, refused=SeatsTaken),
    "one when all are held": Case(before=(4, 0), add=(1, 0), capacity=4, refused=SeatsTaken),
    "one when all are sold": Case(before=(0, 4), add=(1, 0), capacity=4, refused=SeatsTaken),
    "after all were given back": Case(before=(0, 0), add=(4, 0), capacity=4, after=(4, 0)),
    "the first without a limit": Case(before=None, add=(20, 0), after=(20, 0)),
    "without a limit": Case(before=(9, 1_000_000), add=(20, 0), after=(29, 1_000_000)),
    "sold at once, as what is free": Case(before=None, add=(0, 2), capacity=2, after=(0, 2)),
    "sold at once, over the capacity": Case(before=(1, 0), add=(0, 2), capacity=2, refused=SeatsTaken),
    "sold again for late money": Case(before=(0, 1), add=(0, 1), capacity=2, after=(0, 2)),
    "under a capacity that was lowered": Case(before=(3, 2), add=(1, 0), capacity=2, refused=SeatsTaken),
    "under a capacity that was lowered to none": Case(before=(1, 0), add=(1, 0), capacity=0, refused=SeatsTaken),
}
GIVING = {
    "held is sold": Case(before=(2, 1), add=(-2, 2), after=(0, 3)),
    "held is sold though the capacity was lowered": Case(before=(2, 1), add=(-2, 2), capacity=0, after=(0, 3)),
    "more is sold than was held": Case(before=(1, 5), add=(-2, 2), refused=SeatsAstray),
    "held is given back": Case(before=(2, 1), add=(-1, 0), after=(1, 1)),
    "all is given back": Case(before=(2, 0), add=(-2, 0), after=(0, 0)),
    "held is given back though the capacity was lowered": Case(before=(5, 5), add=(-1, 0), capacity=2, after=(4, 5)),
    "more is given back than is held": Case(before=(1, 5), add=(-2, 0), refused=SeatsAstray),
    "sold is given back": Case(before=(1, 2), add=(0, -2), after=(1, 0)),
    "more is given back than is sold": Case(before=(5, 1), add=(0, -2), refused=SeatsAstray),
    "given back to a counter that is not there": Case(before=None, add=(-1, 0), refused=SeatsAstray),
    "sold from a counter that is not there": Case(before=None, add=(-1, 1), refused=SeatsAstray),
    "nothing at all": Case(before=(2, 1), add=(0, 0), after=(2, 1)),
    "nothing at all on a counter that is not there": Case(before=None, add=(0, 0), refused=SeatsAstray),
}
CASES = {**{f"takes {name}": case for name, case in TAKING.items()}, **GIVING}


def _move(
    held: int = 0, sold: int = 0, *, counter: str = EVENT, until: datetime | None = None, capacity: int | None = None
) -> Stage:
    move = SeatMove(counter=counter, held=held, sold=sold, held_until=until)
    return lambda unit: unit.seats.move(move, capacity=capacity)


def _seats(bench: Bench) -> dict[str, Seats]:
    return {name: (count.held, count.sold) for name, count in bench.store.seats(EVENT).items()}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_move_is_made_if_there_are_seats_for_it_and_else_nothing_is(bench: Bench, case: Case) -> None:
    if case.before is not None:
        held, sold = case.before
        bench.write(_move(held + 1, sold, until=UNTIL))
        bench.write(_move(-1))
    before = bench.look()
    if case.refused:
        with pytest.raises(Conflict) as caught:
            bench.write(_move(*case.add, until=LATER, capacity=case.capacity))
        assert type(caught.value) is case.refused
        assert (caught.value.record, caught.value.key) == ("seats", EVENT)
        assert bench.look() == before
    else:
        bench.write(_move(*case.add, capacity=case.capacity))
        assert _seats(bench) == {EVENT: case.after}
        # what the conditions look at is what the counter says
        [item] = bench.look()
        assert item["taken"] == {"N": str(sum(case.after or ()))}


def test_a_hold_says_until_when_and_what_is_no_hold_leaves_that(bench: Bench) -> None:
    def until() -> datetime | None:
        return bench.store.seats(EVENT)[EVENT].held_until

    bench.write(_move(sold=1))
    assert until() is None
    bench.write(_move(2, until=UNTIL))
    assert until() == UNTIL
    bench.write(_move(-1, 1))
    assert until() == UNTIL
    bench.write(_move(until=LATER))
    assert bench.store.seats(EVENT) == {EVENT: SeatCount(counter=EVENT, held=1, sold=2, held_until=LATER)}


def test_the_counters_of_an_event_are_those_of_its_groups_too_and_of_no_other_event(bench: Bench) -> None:
    assert bench.store.seats(EVENT) == {}
    others = ("congres-20", f"{EVENT}8", "congres", "werkgroep/noord")
    bench.write(*[_move(7, counter=name) for name in others])
    bench.write(_move(3, counter=EVENT), _move(1, counter=NORTH), _move(sold=2, counter=SOUTH))
    assert _seats(bench) == {EVENT: (3, 0), NORTH: (1, 0), SOUTH: (0, 2)}
    assert {name: count.taken for name, count in bench.store.seats("congres").items()} == {"congres": 7}


# Several at once


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 1, 0)])
def test_one_full_counter_stops_them_all(bench: Bench, order: tuple[int, ...]) -> None:
    bench.write(_move(3, counter=EVENT), _move(2, counter=NORTH))
    before = bench.look()
    stages = [
        _move(2, counter=EVENT, until=UNTIL, capacity=9),
        _move(1, counter=NORTH, until=UNTIL, capacity=2),
        _move(1, counter=SOUTH, until=UNTIL, capacity=2),
    ]
    with pytest.raises(SeatsTaken) as caught:
        bench.write(*[stages[place] for place in order])
    assert caught.value.key == NORTH
    assert bench.look() == before


def test_one_counter_that_is_astray_stops_them_all(bench: Bench) -> None:
    bench.write(_move(3, counter=EVENT), _move(2, counter=NORTH))
    before = bench.look()
    with pytest.raises(SeatsAstray) as caught:
        bench.write(_move(-2, counter=EVENT), _move(-1, counter=SOUTH), _move(-1, counter=NORTH))
    assert caught.value.key == SOUTH
    assert bench.look() == before


@pytest.mark.parametrize("first", ["order", "seats"])
def test_no_order_without_its_seats_and_no_seats_without_their_order(bench: Bench, first: str) -> None:
    def add(unit: UnitOfWork) -> None:
        unit.orders.add(EVENT_ORDER)

    bench.write(_move(1, capacity=2))
    before = bench.look()
    with pytest.raises(SeatsTaken):
        bench.write(*((add, _move(2, capacity=2)) if first == "order" else (_move(2, capacity=2), add)))
    assert bench.look() == before
    bench.write(add)
    before = bench.look()
    with pytest.raises(OrderExists):
        bench.write(*((add, _move(1, capacity=2)) if first == "order" else (_move(1, capacity=2), add)))
    assert bench.look() == before


# An order and its seats


def _change(order: Order, *, before: Order | None) -> Stage:
    """As the flows do it: the order, its seats, and the offer that they were taken from, in one commit."""

    def stage(unit: UnitOfWork) -> None:
        if before is None:
            unit.orders.add(order)
        else:
            unit.orders.update(order)
        stage_seats(order, before=before, offer=CONGRESS, unit=unit)

    return stage


def test_an_order_takes_sells_gives_back_and_takes_again(bench: Bench) -> None:
    bench.write(lambda unit: unit.offers.add(CONGRESS))
    for state, seats in (
        (State.PENDING, {EVENT: (2, 0), NORTH: (1, 0), SOUTH: (1, 0)}),
        (State.EXPIRED, {EVENT: (0, 0), NORTH: (0, 0), SOUTH: (0, 0)}),
        (State.PROCESSING, {EVENT: (2, 0), NORTH: (1, 0), SOUTH: (1, 0)}),
        (State.PAID, {EVENT: (0, 2), NORTH: (0, 1), SOUTH: (0, 1)}),
    ):
        before = bench.unit().orders.get(EVENT_ORDER.id)
        bench.write(_change((before or EVENT_ORDER).turned(state), before=before))
        assert _seats(bench) == seats
    assert bench.store.seats(EVENT)[NORTH].held_until == EVENT_ORDER.hold_until


def test_seats_are_taken_only_from_the_offer_that_was_read(bench: Bench) -> None:
    bench.write(lambda unit: unit.offers.add(replace(CONGRESS, version=CONGRESS.version + 1)))
    before = bench.look()
    with pytest.raises(Changed) as caught:
        bench.write(_change(EVENT_ORDER, before=None))
    assert caught.value.record == "offer"
    assert bench.look() == before


def test_an_order_without_seats_leaves_the_counters_and_the_offer_alone(bench: Bench) -> None:
    assert ORDER.seating is Seating.NONE
    bench.write(_change(ORDER, before=None))
    bench.write(_change(ORDER.turned(State.PAID), before=ORDER))
    assert [item["record"]["S"] for item in bench.look()] == ["order"]


def test_the_largest_order_that_an_offer_may_allow_is_one_transaction(bench: Bench) -> None:
    """Free, so that all that follows from it is written at once; everybody in a group of his own, with long answers."""
    assert CONGRESS.event is not None
    title, most = CONGRESS.title, range(MOST_PER_ORDER)
    groups = tuple(Group(id=f"g{number}", title=title, capacity=1) for number in most)
    assert len(groups) == MOST_GROUPS
    event = replace(CONGRESS.event, capacity=MOST_PER_ORDER, groups=groups)
    offer = replace(CONGRESS, early=None, prices=Prices(list_cents=0, member_cents=None), event=event)
    bench.write(lambda unit: unit.offers.add(offer))
    people = [
        AttendeeAnswers(name="🪑" * 120, email=f"{number}{'x' * 240}@zorg.nl", group=f"g{number}") for number in most
    ]
    texts = ("organisation", "reference", "registration_number", "street", "postal_code", "city")
    answers = Answers(
        **dict.fromkeys(texts, "🪑" * 120),
        name=people[0].name,
        email=people[0].email,
        group=people[0].group,
        newsletter=True,
        attending=True,
        attendees=tuple(people[1:]),
        extra=(("motivation", "🪑" * 2_000),),
    )
    submission = Submission(
        form_key="key", offer=offer, answers=answers, language=Language.NL, source="/", consent_text="Ja"
    )
    queue = FakeQueue()
    order = register(submission, store=bench.store, identity=IDENTITY, emails=queue, now=NOW).order
    # a confirmation, a ticket for each, and a question about the newsletter
    assert (order.state, len(queue.messages)) == (State.CONFIRMED, 1 + MOST_PER_ORDER + 1)
    assert [each.name for each in bench.store.attendees(order.id)] == [each.name for each in people]
    expected = {EVENT: (0, MOST_PER_ORDER)} | {f"{EVENT}/g{number}": (0, 1) for number in most}
    assert _seats(bench) == expected
