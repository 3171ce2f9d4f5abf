"""Change an order: write its new form and move its seats, or see what somebody else made of it meanwhile."""

import logging
from collections.abc import Sequence

from chalicelib.domain.error import Changed, ChangedMeanwhile, SeatsAstray
from chalicelib.domain.hold import Holder
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Order
from chalicelib.ports import Store, UnitOfWork

log = logging.getLogger(__name__)


def change_order(order: Order, *, before: Order, store: Store, astray: bool = False) -> Order:
    """The order as it now stands in the table: changed by us, or by whoever was first. Raises StorageUnavailable.

    Not for changes that take seats: those may fail for want of a seat. `astray`: a counter is known to be wrong.
    """
    unit = store.unit_of_work()
    changed = unit.orders.update(order)
    stage_seats(order, before=before, offer=None, unit=unit, astray=astray)
    stage_holds(order, before=before, unit=unit)
    try:
        unit.commit()
    except SeatsAstray as conflict:
        log_astray(conflict, order=order)
        return change_order(order, before=before, store=store, astray=True)
    except Changed:
        current = store.unit_of_work().orders.get(order.id)
        assert current is not None, "orders are never deleted"
        return current
    log.info("order_changed order_id=%s state=%s attempt=%d", changed.id, changed.state.value, changed.attempt)
    return changed


def refuse_changed(order: Order, *, seen: int | None) -> None:
    """Raise ChangedMeanwhile when whoever decides saw the order at another version; None: that does not matter."""
    if seen is not None and order.version != seen:
        raise ChangedMeanwhile(order.id)


def log_astray(conflict: SeatsAstray, *, order: Order) -> None:
    """Nobody's payment waits for a counter that is wrong already: it is moved all the same, and reconciliation names
    what it lacks."""
    log.error("seats_astray counter=%s order_id=%s", conflict.key, order.id)


def stage_seats(
    order: Order, *, before: Order | None, offer: Offer | None, unit: UnitOfWork, astray: bool = False
) -> None:
    """Stage what an order takes or gives back, in the commit that changes it; seats are taken within the offer's
    capacities, and only while the offer still says so."""
    moves = order.seat_moves(before)
    capacities = offer.capacities() if offer else {}
    for move in moves:
        assert offer is not None or move.taken <= 0, "seats are taken from an offer"
        unit.seats.move(move, capacity=capacities.get(move.counter), astray=astray)
    if offer is not None and any(move.taken > 0 for move in moves):
        unit.offers.unchanged(offer)


def stage_holds(order: Order, *, before: Order | None, unit: UnitOfWork, holders: Sequence[Holder] = ()) -> None:
    """Stage what an order does to the counters of unpaid orders, in the commit that changes it: one more for each of
    the holders, within what he may have open, and one less when it is unpaid no more. One that is held for longer
    counts as before, until later."""
    most = {holder.key: holder.most for holder in holders}
    for move in order.hold_moves(before):
        assert move.change <= 0 or move.holder in most, "an order opens for whoever is known"
        unit.holds.move(move, most=most.get(move.holder))
