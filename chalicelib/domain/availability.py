"""Availability: whether one can register now, and if not, why not and when to come back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.offer import Offer
from chalicelib.domain.seat import SeatCount

# A hold is over only when the sweep has asked Stripe, which it does each minute.
SWEEP = timedelta(minutes=2)


class Sale(StrEnum):
    """Whether registering is possible, and if not, why."""

    OPEN = "open"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    ALL_HELD = "all_held"
    SOLD_OUT = "sold_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """What is left. `free` is None when there is no limit; `by_group` has the groups that have one, and `held_groups`
    those of them that have nothing left only because some of it is held.

    `minutes` is after how long all seats that are held now are sold or free again; 0 when nobody can say,
    because a payment is still being processed by a bank.
    """

    sale: Sale
    free: int | None
    by_group: Mapping[str, int]
    held_groups: frozenset[str]
    minutes: int


def availability(offer: Offer, counts: Mapping[str, SeatCount], *, now: datetime) -> Availability:
    """Whether the offer can be had now, by its dates and by its seat counters (absent: nothing taken)."""
    left = {name: _left(capacity, counts.get(name)) for name, capacity in offer.capacities().items()}
    groups = {name.partition("/")[2]: free for name, free in left.items() if "/" in name}
    by_group = {name: free for name, free in groups.items() if free is not None}
    free = left.get(offer.id)
    if groups and len(by_group) == len(groups):
        in_groups = sum(by_group.values())
        free = in_groups if free is None else min(free, in_groups)
    return Availability(
        sale=_sale(offer, free=free, counts=counts, now=now),
        free=free,
        by_group=by_group,
        held_groups=frozenset(
            name for name, free in by_group.items() if not free and _room(offer, f"{offer.id}/{name}", counts)
        ),
        minutes=_minutes(counts, now=now),
    )


def _left(capacity: int | None, count: SeatCount | None) -> int | None:
    # never below nothing: a capacity may have been lowered under what is taken
    return None if capacity is None else max(0, capacity - (count.taken if count else 0))


def _sale(offer: Offer, *, free: int | None, counts: Mapping[str, SeatCount], now: datetime) -> Sale:
    if offer.opens_at and now < offer.opens_at:
        return Sale.NOT_YET
    if offer.closes_at and now >= offer.closes_at:
        return Sale.CLOSED
    if free != 0:
        return Sale.OPEN
    return Sale.ALL_HELD if _can_come_back(offer, counts) else Sale.SOLD_OUT


def _can_come_back(offer: Offer, counts: Mapping[str, SeatCount]) -> bool:
    """Whether there would be room if every hold ended without a payment."""
    groups = [_room(offer, name, counts) for name in offer.capacities() if "/" in name]
    return _room(offer, offer.id, counts) and (any(groups) or not groups)


def _room(offer: Offer, counter: str, counts: Mapping[str, SeatCount]) -> bool:
    """Whether fewer seats of a counter are sold than there are."""
    capacity, count = offer.capacities().get(counter), counts.get(counter)
    return capacity is None or capacity > (count.sold if count else 0)


def _minutes(counts: Mapping[str, SeatCount], *, now: datetime) -> int:
    ends = [count.held_until for count in counts.values() if count.held and count.held_until]
    if not ends:
        return 0
    left = max(ends) + SWEEP - now
    return max(0, -(-left // timedelta(minutes=1)))
