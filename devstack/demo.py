"""The demo's data: offers whose dates lie ahead whatever the year, and some members to try the price with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.adapters.seed_files import seed_files
from chalicelib.domain.calendar import AMSTERDAM, local_date
from chalicelib.domain.membership import Membership
from chalicelib.domain.offer import Event, Offer, Session
from chalicelib.ports import Store

# An event must be open for longer than anybody looks at a demo.
AHEAD = timedelta(days=14)
MEMBERS = (
    ("Gemeente Voorbeeldstad", "12345678", ("voorbeeldstad.nl",)),
    ("Gemeente Polderdam", "23456789", ("polderdam.nl", "wijkteamspolderdam.nl")),
    ("Welzijn Waterland", "", ("welzijnwaterland.nl",)),
)


def seed_demo(*, store: Store, now: datetime) -> None:
    """Put the offers and the members into an empty table."""
    for offer in seed_files():
        unit = store.unit_of_work()
        unit.offers.add(ahead(offer, now=now))
        unit.commit()
    seed_members(store=store, now=now)


def seed_members(*, store: Store, now: datetime) -> None:
    for name, number, domains in MEMBERS:
        unit = store.unit_of_work()
        unit.memberships.add(_membership(name, number, domains, now=now))
        unit.commit()


def ahead(offer: Offer, *, now: datetime) -> Offer:
    """The offer, as many whole years later as it takes for registration to be open for a while."""
    ends = [offer.closes_at] if offer.closes_at else []
    ends += [session.starts_at for session in offer.event.sessions] if offer.event else []
    years = 0
    while ends and years_later(min(ends), years) < now + AHEAD:
        years += 1
    return replace(
        offer,
        early=replace(offer.early, ends_at=years_later(offer.early.ends_at, years)) if offer.early else None,
        opens_at=years_later(offer.opens_at, years) if offer.opens_at else None,
        closes_at=years_later(offer.closes_at, years) if offer.closes_at else None,
        event=_event_later(offer.event, years) if offer.event else None,
    )


def _event_later(event: Event, years: int) -> Event:
    sessions = tuple(
        Session(starts_at=years_later(session.starts_at, years), ends_at=years_later(session.ends_at, years))
        for session in event.sessions
    )
    return replace(event, sessions=sessions)


def years_later(moment: datetime, years: int) -> datetime:
    """The same day and time on the clock in Amsterdam, in a later year."""
    local = moment.astimezone(AMSTERDAM)
    day = 28 if years and (local.month, local.day) == (2, 29) else local.day
    return local.replace(year=local.year + years, day=day).astimezone(UTC)


def _membership(name: str, number: str, domains: tuple[str, ...], *, now: datetime) -> Membership:
    today = local_date(now)
    return Membership(
        id=f"demo-{domains[0].partition('.')[0]}",
        organisation=name,
        registration_number=number,
        domains=domains,
        contact_name="Ada de Vries",
        contact_email=f"ada@{domains[0]}",
        starts_on=today - timedelta(days=60),
        ends_on=today + timedelta(days=300),
        version=1,
    )
