"""Find an offer: the table is the truth, the seed only fills what is absent."""

from dataclasses import replace

from chalicelib.domain.offer import Prices
from chalicelib.flows.find_offer import find_offer, seed_offers
from tests.desk import Desk


def test_the_seed_is_put_when_it_is_absent(desk: Desk) -> None:
    assert desk.items("offer") == []
    assert desk.offer().prices.list_cents == 50000
    assert [offer.id for offer in desk.store.offers()] == sorted(seed.id for seed in desk.application.seeds())


def test_an_offer_that_was_changed_is_never_overwritten_by_its_seed(desk: Desk) -> None:
    seed = next(seed for seed in desk.application.seeds() if seed.id == "lidmaatschap")
    unit = desk.store.unit_of_work()
    unit.offers.add(replace(seed, prices=Prices(list_cents=60000, member_cents=None)))
    unit.commit()
    seed_offers(store=desk.store, seeds=desk.application.seeds)
    assert desk.offer().prices.list_cents == 60000


def test_an_unknown_offer_is_none_and_writes_nothing(desk: Desk) -> None:
    assert find_offer("congres-1999", store=desk.store, seeds=desk.application.seeds) is None
    assert desk.items() == []
