"""Prices: which one holds for whom and when, and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.offer import Offer, Prices
from chalicelib.domain.price import PriceReason, PriceRule, price_of
from tests.domain.summer_school import summer_school

OFFER = summer_school()
# Midnight in Amsterdam, in summer time.
EARLY_ENDS = datetime(2028, 4, 30, 22, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "member", "cents", "rule"),
    [
        (EARLY_ENDS - timedelta(days=9), False, 25_000, PriceRule.EARLY),
        (EARLY_ENDS - timedelta(days=9), True, 15_000, PriceRule.EARLY_MEMBER),
        (EARLY_ENDS - TICK, False, 25_000, PriceRule.EARLY),
        (EARLY_ENDS - TICK, True, 15_000, PriceRule.EARLY_MEMBER),
        (EARLY_ENDS, False, 30_000, PriceRule.LIST),
        (EARLY_ENDS, True, 20_000, PriceRule.MEMBER),
        (EARLY_ENDS + timedelta(days=9), False, 30_000, PriceRule.LIST),
        (EARLY_ENDS + timedelta(days=9), True, 20_000, PriceRule.MEMBER),
    ],
)
def test_a_price_and_its_whole_reason(now: datetime, member: bool, cents: int, rule: PriceRule) -> None:
    known = {"membership_id": "m-1", "mail_domain": "stad.nl"} if member else {"membership_id": "", "mail_domain": ""}
    price = price_of(OFFER, **known, now=now)
    assert price.cents == cents
    assert price.reason == PriceReason(rule=rule, **known, decided_at=now)


def _priced(offer: Offer, *, member: bool) -> tuple[int, PriceRule]:
    price = price_of(offer, membership_id="m-1" if member else "", mail_domain="", now=EARLY_ENDS)
    return price.cents, price.reason.rule


def test_a_member_pays_the_same_where_there_is_no_price_for_members() -> None:
    alike = replace(OFFER, prices=Prices(list_cents=30_000, member_cents=None))
    assert _priced(alike, member=True) == _priced(alike, member=False) == (30_000, PriceRule.LIST)


def test_a_member_may_come_for_nothing() -> None:
    free = replace(OFFER, prices=Prices(list_cents=30_000, member_cents=0))
    assert _priced(free, member=True) == (0, PriceRule.MEMBER)
    assert _priced(free, member=False) == (30_000, PriceRule.LIST)


def test_without_early_prices_the_price_is_always_the_same() -> None:
    plain = replace(OFFER, early=None)
    assert plain.prices_at(datetime(2000, 1, 1, tzinfo=UTC)) is plain.prices


def test_a_form_that_shows_other_prices_is_told_by_their_fingerprint() -> None:
    shown = OFFER.prices_at(EARLY_ENDS - TICK).fingerprint()
    assert shown == "25000-15000"
    assert OFFER.prices_at(EARLY_ENDS).fingerprint() == "30000-20000"
    # the two prices are not mixed up with each other
    assert len({Prices(list_cents=a, member_cents=b).fingerprint() for a, b in ((1, 23), (12, 3), (12, None))}) == 3


def test_a_membership_makes_a_difference_only_where_members_pay_less() -> None:
    assert OFFER.event is not None
    assert OFFER.asks_membership
    assert not replace(OFFER, prices=Prices(list_cents=1, member_cents=None)).asks_membership
    assert not replace(OFFER, event=replace(OFFER.event, members_only=True)).asks_membership
    assert not replace(OFFER, event=None).asks_membership
