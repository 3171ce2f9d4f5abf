"""The demo's data: whatever the year, one can register for everything, and some organisations are members."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.seed_files import seed_files
from chalicelib.domain.availability import Sale, availability
from chalicelib.domain.calendar import AMSTERDAM
from chalicelib.domain.offer import EarlyPrices, Offer, Prices
from chalicelib.flows.recognise_members import recognise_members
from devstack.demo import AHEAD, MEMBERS, ahead, seed_demo
from tests.desk import Desk

SEEDS = {offer.id: offer for offer in seed_files()}
EVERY_OFFER = pytest.mark.parametrize("offer", SEEDS.values(), ids=SEEDS)
# Far before, just around and long after the dates in the seeds; the last two are now, two and ten years on.
CLOCKS = [
    datetime(2020, 2, 29, 12, tzinfo=UTC),
    datetime(2027, 1, 20, 12, tzinfo=UTC),
    datetime(2027, 1, 21, 14, tzinfo=UTC),
    datetime(2027, 11, 2, 11, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 30, tzinfo=UTC),
    *(datetime.now(UTC) + timedelta(days=365 * years) for years in (0, 2, 10)),
]
EVERY_CLOCK = pytest.mark.parametrize("now", CLOCKS, ids=lambda now: f"{now:%Y-%m-%d}")


@EVERY_CLOCK
@EVERY_OFFER
def test_one_can_register_now_and_for_as_long_as_anybody_looks(offer: Offer, now: datetime) -> None:
    moved = ahead(offer, now=now)
    for moment in (now, now + AHEAD - timedelta(seconds=1)):
        assert availability(moved, {}, now=moment).sale is Sale.OPEN
        assert all(session.starts_at > moment for session in (moved.event.sessions if moved.event else ()))


@EVERY_CLOCK
@EVERY_OFFER
def test_only_the_year_is_another(offer: Offer, now: datetime) -> None:
    """The same day at the same time on the clock in Amsterdam, in the first year that will do."""
    moved = ahead(offer, now=now)
    assert replace(moved, closes_at=offer.closes_at, event=offer.event) == offer
    pairs = list(zip(moments(offer), moments(moved), strict=True))
    assert len({after.year - before.year for before, after in pairs}) <= 1
    assert all(f"{before:%m-%d %H:%M}" == f"{after:%m-%d %H:%M}" for before, after in pairs)
    if any(before != after for before, after in pairs):
        assert min(after.replace(year=after.year - 1) for _, after in pairs) < now + AHEAD


def test_a_leap_day_stays_where_there_is_one() -> None:
    leap_day = datetime(2028, 2, 29, 12, tzinfo=UTC)
    offer = replace(SEEDS["lancering"], closes_at=leap_day, event=None)
    assert ahead(offer, now=leap_day - timedelta(days=30)).closes_at == leap_day
    assert ahead(offer, now=leap_day).closes_at == datetime(2029, 2, 28, 12, tzinfo=UTC)


def test_the_early_price_moves_along() -> None:
    early = EarlyPrices(prices=Prices(list_cents=100, member_cents=50), ends_at=datetime(2027, 7, 1, 12, tzinfo=UTC))
    moved = ahead(replace(SEEDS["congres-2027"], early=early), now=datetime(2028, 12, 1, tzinfo=UTC))
    assert moved.early == replace(early, ends_at=datetime(2029, 7, 1, 12, tzinfo=UTC))


@EVERY_CLOCK
def test_everybody_at_a_member_of_the_demo_is_recognised(now: datetime) -> None:
    desk = Desk()
    seed_demo(store=desk.store, now=now)
    assert {offer.id for offer in desk.store.offers()} == set(SEEDS)
    domains = [domain for _, _, theirs in MEMBERS for domain in theirs]
    addresses = [f"noor@{domain}" for domain in domains]
    strangers = ["noor@gmail.com", "noor@onbekend.example.nl", f"noor@elders.{domains[0]}"]
    for moment in (now, now + timedelta(days=299)):
        assert set(recognise_members([*addresses, *strangers], store=desk.store, now=moment)) == set(addresses)


def moments(offer: Offer) -> list[datetime]:
    """Every moment of an offer, on the clock in Amsterdam."""
    sessions = offer.event.sessions if offer.event else ()
    found = [offer.opens_at, offer.closes_at]
    found += [moment for session in sessions for moment in (session.starts_at, session.ends_at)]
    return [moment.astimezone(AMSTERDAM) for moment in found if moment]
