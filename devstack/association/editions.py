"""Editions: what the association offers and offered, at dates counted from now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.adapters.seed_files import seed_files
from chalicelib.domain.calendar import AMSTERDAM
from chalicelib.domain.language import Text
from chalicelib.domain.offer import EarlyPrices, Event, Offer, Prices, Session
from devstack.demo import ahead, years_later

LAST_CONGRESS, CONGRESS = "congres-2026", "congres-2027"
STUDY_DAY, SPRING, AUTUMN = "studiedag-bewonersinitiatief", "themabijeenkomst-voorjaar", "themabijeenkomst-samenleven"
LAUNCH, WORKING_GROUP, MEMBERSHIP = "lancering", "werkgroep", "lidmaatschap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An offer, and when people registered for it."""

    offer: Offer
    begins: datetime
    ends: datetime


# Whoever came later than this is still busy, or waits for his mail.
LATELY = timedelta(hours=6)


def editions(*, now: datetime) -> dict[str, Edition]:
    """All of them, by id; what is over has its sessions before now, and whatever is not is open."""
    seeds = {seed.id: ahead(seed, now=now) for seed in seed_files()}
    last = _last_congress(seeds[CONGRESS], now=now)
    assert last.closes_at is not None
    offers = {
        LAST_CONGRESS: (last, last.closes_at - timedelta(days=210), last.closes_at),
        STUDY_DAY: _meeting(
            STUDY_DAY,
            like=seeds[CONGRESS],
            title=Text(nl="Studiedag bewonersinitiatief", en="Study day on residents’ initiatives"),
            day=_afternoon(now - timedelta(days=150)),
            prices=Prices(list_cents=9500, member_cents=4500),
            capacity=70,
        ),
        SPRING: _meeting(
            SPRING,
            like=seeds[LAUNCH],
            title=Text(nl="Themabijeenkomst: wonen en welzijn in één wijk", en="Theme meeting: housing and welfare"),
            day=_afternoon(now - timedelta(days=240)),
            prices=Prices(list_cents=0, member_cents=None),
            capacity=80,
        ),
        AUTUMN: _meeting(
            AUTUMN,
            like=seeds[LAUNCH],
            title=Text(
                nl="Themabijeenkomst: samenleven in een vergrijzende buurt", en="Theme meeting: ageing together"
            ),
            day=_afternoon(now + timedelta(days=30)),
            prices=Prices(list_cents=0, member_cents=None),
            capacity=120,
        ),
        CONGRESS: (seeds[CONGRESS], now - timedelta(days=60), now),
        LAUNCH: (seeds[LAUNCH], now - timedelta(days=40), now),
        WORKING_GROUP: (seeds[WORKING_GROUP], now - timedelta(days=330), now),
        MEMBERSHIP: (seeds[MEMBERSHIP], now - timedelta(days=729), now),
    }
    return {
        name: Edition(offer=offer, begins=begins, ends=min(ends, now - LATELY))
        for name, (offer, begins, ends) in offers.items()
    }


def _last_congress(coming: Offer, *, now: datetime) -> Offer:
    """The one before, at its own prices, cheaper for whoever was early; it is over."""
    assert coming.event is not None
    assert coming.closes_at is not None
    years = -1
    while years_later(coming.event.sessions[-1].ends_at, years) >= now - timedelta(days=1):
        years -= 1
    closes_at = years_later(coming.closes_at, years)
    return replace(
        coming,
        id=LAST_CONGRESS,
        title=Text(nl="Congres 2026", en="Congress 2026"),
        prices=Prices(list_cents=52_500, member_cents=37_500),
        early=EarlyPrices(
            prices=Prices(list_cents=47_500, member_cents=34_500), ends_at=closes_at - timedelta(days=120)
        ),
        closes_at=closes_at,
        event=replace(
            coming.event,
            place=Text(nl="Congrescentrum De Maquette, Voorbeeldstad", en="De Maquette, Voorbeeldstad"),
            sessions=tuple(
                Session(starts_at=years_later(each.starts_at, years), ends_at=years_later(each.ends_at, years))
                for each in coming.event.sessions
            ),
        ),
    )


def _meeting(
    name: str, *, like: Offer, title: Text, day: datetime, prices: Prices, capacity: int
) -> tuple[Offer, datetime, datetime]:
    assert like.event is not None
    event: Event = replace(
        like.event,
        place=Text(nl="Wijkcentrum De Tekenkamer, Modelburg", en="De Tekenkamer, Modelburg"),
        sessions=(Session(starts_at=day, ends_at=day + timedelta(hours=4)),),
        capacity=capacity,
    )
    summary = Text(
        nl="Een middag met voorbeelden uit het hele land.", en="An afternoon with examples from all over the country."
    )
    offer = replace(
        like,
        id=name,
        code_prefix="T",
        title=title,
        summary=summary,
        prices=prices,
        closes_at=day,
        event=event,
        price_note=None,
    )
    return offer, day - timedelta(days=70), day - timedelta(days=1)


def _afternoon(moment: datetime) -> datetime:
    """One o'clock in Amsterdam on the Tuesday of that week."""
    local = moment.astimezone(AMSTERDAM)
    tuesday = local + timedelta(days=1 - local.weekday())
    return tuesday.replace(hour=13, minute=0, second=0, microsecond=0).astimezone(moment.tzinfo)
