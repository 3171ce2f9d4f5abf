"""Move an event: another place, another time; whoever has a seat is then told (flows/tell_moved.py)."""

import logging
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.error import Changed, StorageUnavailable
from chalicelib.domain.offer import Offer
from chalicelib.ports import Store

log = logging.getLogger(__name__)


def moved_to(offer: Offer, *, seed: Offer, now: datetime) -> Offer:
    """The offer with the place, the sessions and the last moment to register of its seed; itself when it has them."""
    if offer.event is None or seed.event is None:
        return offer
    event = offer.event.moved(place=seed.event.place, sessions=seed.event.sessions, now=now)
    if event is offer.event and seed.closes_at == offer.closes_at:
        return offer
    return replace(offer, event=event, closes_at=seed.closes_at)


def move_event(offer_id: str, *, seed: Offer, store: Store, now: datetime) -> Offer | None:
    """The offer as it is after the move; None when there is none. Raises StorageUnavailable; repeating is harmless."""
    for _ in range(5):
        unit = store.unit_of_work()
        offer = unit.offers.get(offer_id)
        if offer is None:
            return None
        moved = moved_to(offer, seed=seed, now=now)
        if moved is offer:
            return offer
        stored = unit.offers.update(moved)
        try:
            unit.commit()
        except Changed:
            continue
        log.info("event_moved offer_id=%s", offer_id)
        return stored
    raise StorageUnavailable(f"offer {offer_id} kept changing")
