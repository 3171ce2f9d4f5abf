"""Find an offer in the table, putting the seeds there first where they are absent."""

import logging
from collections.abc import Callable, Sequence

from chalicelib.domain.error import AlreadyExists
from chalicelib.domain.offer import Offer
from chalicelib.ports import Store

log = logging.getLogger(__name__)

type Seeds = Callable[[], Sequence[Offer]]


def find_offer(offer_id: str, *, store: Store, seeds: Seeds) -> Offer | None:
    """The offer as the table has it; a seed counts only until it is there."""
    offer = store.unit_of_work().offers.get(offer_id)
    if offer is None and any(seed.id == offer_id for seed in seeds()):
        seed_offers(store=store, seeds=seeds)
        offer = store.unit_of_work().offers.get(offer_id)
    return offer


def list_offers(*, store: Store, seeds: Seeds) -> Sequence[Offer]:
    """All offers, by id, with the seeds that were absent."""
    offers = store.offers()
    if {seed.id for seed in seeds()} <= {offer.id for offer in offers}:
        return offers
    seed_offers(store=store, seeds=seeds)
    return store.offers()


def seed_offers(*, store: Store, seeds: Seeds) -> None:
    """Put each seed that is absent; an offer that is there is never touched."""
    for seed in seeds():
        unit = store.unit_of_work()
        unit.offers.add(seed)
        try:
            unit.commit()
        except AlreadyExists:
            continue
        log.info("offer_seeded offer_id=%s", seed.id)
