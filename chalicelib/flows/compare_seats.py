"""Compare the seat counters with the orders: a sum over all orders, page by page."""

from collections import Counter
from collections.abc import Iterable, Mapping

from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.order import Order
from chalicelib.domain.seat import SeatCount, Seating
from chalicelib.flows.report_differences import Differences
from chalicelib.ports import Store

CHECKED = (DifferenceKind.SEATS, DifferenceKind.OVERSOLD)
_COUNTED = (Seating.HELD, Seating.SOLD)


def counters(store: Store) -> Mapping[str, SeatCount]:
    """All seat counters as they are now, by name."""
    events = [offer.id for offer in store.offers() if offer.event]
    return {name: count for offer_id in events for name, count in store.seats(offer_id).items()}


def as_sums(counts: Iterable[SeatCount]) -> dict[str, int]:
    """How the counters stood when the sum was begun, to be kept beside it."""
    return {f"before/{count.counter}/{name}": number for count in counts for name, number in _stands(count).items()}


def add_order(order: Order, sums: Counter[str]) -> None:
    """Add what an order holds or has bought."""
    if order.seating in _COUNTED:
        for counter, seats in order.seats().items():
            sums[f"orders/{counter}/{order.seating.value}"] += seats


def compare_seats(sums: Mapping[str, int], *, store: Store, differences: Differences) -> None:
    """Report each counter that is not the sum of its orders, or more than there are seats.

    A counter that moved while the orders were summed up says nothing this time; the next round looks again.
    """
    now, offered = counters(store), _offered(store)
    names = set(now) | {key.split("/", 1)[1].rsplit("/", 1)[0] for key in sums if key.startswith("orders/")}
    for name in sorted(names):
        count = now.get(name) or SeatCount(counter=name, held=0, sold=0)
        if any(sums.get(f"before/{name}/{each}", 0) != number for each, number in _stands(count).items()):
            continue
        before = (count.held, count.sold)
        counted = tuple(sums.get(f"orders/{name}/{seating.value}", 0) for seating in _COUNTED)
        found: dict[DifferenceKind, Mapping[str, str]] = {}
        if counted != before:
            found[DifferenceKind.SEATS] = {
                "counted": str(sum(before)),
                "orders": str(sum(counted)),
            }
        capacity = offered.get(name)
        if capacity is not None and count.taken > capacity:
            found[DifferenceKind.OVERSOLD] = {"taken": str(count.taken), "capacity": str(capacity)}
        differences.report(f"seats/{name}", code=name, checked=CHECKED, found=found)


def _stands(count: SeatCount) -> dict[str, int]:
    """How a counter stands; the end of the last hold tells of a seat that was let go and taken again meanwhile."""
    held_until = int(count.held_until.timestamp()) if count.held_until else 0
    return {Seating.HELD.value: count.held, Seating.SOLD.value: count.sold, "held_until": held_until}


def _offered(store: Store) -> dict[str, int | None]:
    return {name: seats for offer in store.offers() if offer.event for name, seats in offer.capacities().items()}
