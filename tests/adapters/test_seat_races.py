"""A rush for the last seats on every engine: never one too many, and without the condition far too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from chalicelib.adapters.dynamodb.shelves import SeatTableShelf
from chalicelib.adapters.dynamodb.unit_of_work import TableUnitOfWork
from chalicelib.domain.availability import Sale, availability
from chalicelib.domain.error import SeatsTaken
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Order
from chalicelib.domain.seat import SeatMove
from chalicelib.domain.state import State
from chalicelib.flows.change_order import stage_seats
from chalicelib.ports import UnitOfWork
from tests.adapters.bench import Bench
from tests.adapters.rush import Ready, rush
from tests.adapters.samples import CONGRESS, EVENT_ORDER, NOW

BUYERS, SEATS = 40, 10

assert CONGRESS.event is not None
NORTH, SOUTH = CONGRESS.event.groups
SMALL = replace(CONGRESS, event=replace(CONGRESS.event, capacity=SEATS, groups=()))
TRIPS = replace(
    CONGRESS,
    event=replace(CONGRESS.event, capacity=24, groups=(replace(NORTH, capacity=7), replace(SOUTH, capacity=40))),
)


class TrustingSeats(SeatTableShelf):
    """The bug: what was read before is believed when it is written."""

    def move(self, move: SeatMove, *, capacity: int | None, astray: bool = False) -> None:
        super().move(move, capacity=None)


class TrustingUnit(TableUnitOfWork):
    """A unit of work with that bug."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.client, table=bench.table, token=bench.token())
        self.seats = TrustingSeats(table=bench.table, stage=self._writes.append)


def _order(number: int, *, offer: Offer, seats: int = 1, group: str = "") -> Order:
    line = replace(EVENT_ORDER.lines[0], counters=offer.counters(group))
    lines = tuple(replace(line, attendee=attendee) for attendee in range(1, seats + 1))
    return replace(EVENT_ORDER, id=f"order-{number}", lines=lines, version=1)


def _take(order: Order, *, offer: Offer, bench: Bench, unit: UnitOfWork, ready: Ready) -> None:
    """Look whether there is room, and then take it."""
    assert availability(offer, bench.store.seats(offer.id), now=NOW).sale is Sale.OPEN
    unit.orders.add(order)
    stage_seats(order, before=None, offer=offer, unit=unit)
    ready()
    unit.commit()


def _taken(bench: Bench) -> dict[str, int]:
    return {name: count.taken for name, count in bench.store.seats(CONGRESS.id).items()}


def _placed(bench: Bench) -> Counter[str]:
    """How many seats the orders in the table have, by counter."""
    names = [item["pk"]["S"].partition("#")[2] for item in bench.look() if item["record"]["S"] == "order"]
    orders = [order for name in names if (order := bench.unit().orders.get(name))]
    return sum((order.seats() for order in orders), Counter[str]())


def _rush(bench: Bench, *, unit: Callable[[], UnitOfWork]) -> Counter[str]:
    bench.write(lambda unit: unit.offers.add(SMALL))

    def attempt(number: int, ready: Ready) -> None:
        _take(_order(number, offer=SMALL), offer=SMALL, bench=bench, unit=unit(), ready=ready)

    return rush(BUYERS, attempt)


def test_forty_that_want_ten_seats_get_ten(bench: Bench) -> None:
    outcomes = _rush(bench, unit=bench.unit)
    assert outcomes == {"done": SEATS, SeatsTaken.__name__: BUYERS - SEATS}
    assert _taken(bench) == _placed(bench) == {CONGRESS.id: SEATS}


def test_without_the_condition_the_same_forty_all_get_one(bench: Bench) -> None:
    outcomes = _rush(bench, unit=lambda: TrustingUnit(bench))
    assert outcomes == {"done": BUYERS}
    assert _taken(bench) == _placed(bench) == {CONGRESS.id: BUYERS}


def test_parties_and_groups_are_seated_whole_or_not_at_all(bench: Bench) -> None:
    """Parties of one to four; the group in the north is full before the event is."""
    bench.write(lambda unit: unit.offers.add(TRIPS))

    def attempt(number: int, ready: Ready) -> None:
        group = (NORTH, SOUTH)[number % 2].id
        order = _order(number, offer=TRIPS, seats=1 + number % 4, group=group)
        _take(order, offer=TRIPS, bench=bench, unit=bench.unit(), ready=ready)

    outcomes = rush(BUYERS, attempt)
    taken, capacities = _taken(bench), TRIPS.capacities()
    assert outcomes.total() == outcomes["done"] + outcomes[SeatsTaken.__name__]
    assert taken == _placed(bench)
    assert all(count <= (capacities[name] or 0) for name, count in taken.items()), taken
    # a party of four finds no room when three are left, but nobody leaves while his own party would fit
    assert taken[CONGRESS.id] > 24 - 4
    assert taken[CONGRESS.id] == taken[f"{CONGRESS.id}/{NORTH.id}"] + taken[f"{CONGRESS.id}/{SOUTH.id}"]


def test_whole_lives_at_once_leave_no_seat_behind(bench: Bench) -> None:
    """Each tries until it has a seat, then pays or lets go: all that was given back is taken by somebody else."""
    bench.write(lambda unit: unit.offers.add(SMALL))
    most: list[int] = []

    def live(number: int, ready: Ready) -> None:
        ready()
        placed = _order(number, offer=SMALL)
        for _ in range(1_000):
            unit = bench.unit()
            unit.orders.add(placed)
            stage_seats(placed, before=None, offer=SMALL, unit=unit)
            try:
                unit.commit()
            except SeatsTaken:
                continue
            break
        most.append(_taken(bench)[CONGRESS.id])
        ended = placed.turned(State.PAID if number < SEATS - 2 else State.EXPIRED)
        unit = bench.unit()
        unit.orders.update(ended)
        stage_seats(ended, before=placed, offer=None, unit=unit)
        unit.commit()

    assert rush(16, live) == {"done": 16}
    count = bench.store.seats(CONGRESS.id)[CONGRESS.id]
    assert (count.held, count.sold) == (0, SEATS - 2)
    assert max(most) <= SEATS
