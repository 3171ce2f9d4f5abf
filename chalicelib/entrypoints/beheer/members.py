"""Members: the organisations, one of them with all that belongs to it, and who got the member price and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from chalice.app import Response

from chalicelib.domain.calendar import local_date
from chalicelib.domain.member import Member, MemberStand, WantedMembers, members_of
from chalicelib.domain.member_price import MemberPrice
from chalicelib.domain.membership import Membership
from chalicelib.domain.offer import Offer
from chalicelib.domain.organisation import organisation_key
from chalicelib.domain.page import page_after
from chalicelib.domain.registration import STATES, Registration, Stand
from chalicelib.domain.staff import Permission
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.web.request import query

# As many as make a page of less than 30 kB.
PAGE, PRICES_PAGE = 50, 40
# One question to the table finds so many orders with their buyers.
MOST_ORDERS = 50
LONGEST_SEARCH = 100


@GATE.door("GET", "/beheer/leden", Permission.SEE)
def show(visit: Visit) -> Response:
    today, words, stand = local_date(visit.app.now()), query(visit.request, "zoek"), query(visit.request, "stand")
    wanted = WantedMembers(
        words=words.strip()[:LONGEST_SEARCH], stand=MemberStand(stand) if stand in set(MemberStand) else MemberStand.ALL
    )
    said = wanted.said_by(members_of(visit.app.lists.memberships()))
    counts = {each.value: sum(one.stands(each, today=today) for one in said) for each in MemberStand}
    found = [each for each in said if each.stands(wanted.stand, today=today)]
    page = page_after(found, after=query(visit.request, "verder"), limit=PAGE)
    return visit.page(
        "members",
        members=page.items,
        rest=page.rest,
        counts=counts,
        words=wanted.words,
        stand=wanted.stand.value,
        today=today,
    )


@GATE.door("GET", "/beheer/leden/{id}", Permission.SEE)
def show_one(visit: Visit, id: str) -> Response:  # noqa: A002  # as the path calls it
    lists, today = visit.app.lists, local_date(visit.app.now())
    memberships = _as_it_is(visit, lists.memberships(), id)
    member = _member_with(memberships, id)
    if member is None:
        return visit.unknown()
    named = next(each for each in member.memberships if each.id == id)
    terms = [each.id for each in member.memberships][: MOST_ORDERS // 2]
    others = lists.buyers(named.organisation, limit=MOST_ORDERS, whole=True)
    asked = list(dict.fromkeys([*terms, *others]))[:MOST_ORDERS]
    orders = {each.order_id: each for each in lists.registrations(asked)}
    return visit.page(
        "member",
        member=member,
        named=named,
        bought={each: orders[each].code for each in terms if each in orders},
        orders=_own(orders.values(), named=named, terms=set(terms)),
        more=len(others) == MOST_ORDERS,
        titles={each.id: each.title.nl for each in visit.app.seeds()},
        done=query(visit.request, "gedaan"),
        today=today,
    )


@GATE.door("GET", "/beheer/leden/ledentarief", Permission.SEE)
def show_prices(visit: Visit) -> Response:
    """For one edition: at which line of which order a membership was recognised; of one member when it is named."""
    editions = sorted((each for each in visit.app.store.offers() if each.event), key=_first_day, reverse=True)
    asked, member_id = query(visit.request, "offer"), query(visit.request, "lid")
    if not editions and not (asked or member_id):
        return visit.page("member_prices", editions=[], member=None, member_id="")
    edition = next((each for each in editions if asked in ("", each.id)), None)
    if edition is None:
        return visit.unknown()
    memberships = visit.app.lists.memberships()
    member = _member_with(memberships, member_id) if member_id else None
    if member_id and member is None:
        return visit.unknown()
    prices = visit.app.lists.member_prices(edition.id)
    standing = [each for each in prices if each.state not in STATES[Stand.LAPSED]]
    lines = _lines(standing, memberships, of={each.id for each in member.memberships} if member else None)
    page = page_after(lines, after=query(visit.request, "verder"), limit=PRICES_PAGE)
    return visit.page(
        "member_prices",
        editions=editions,
        edition=edition,
        member=member,
        member_id=member_id,
        lines=page.items,
        rest=page.rest,
        count=len(lines),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A member price with the membership that it was given for; None when that is not there any more."""

    price: MemberPrice
    membership: Membership | None

    @property
    def place(self) -> str:
        name = self.membership.organisation if self.membership else ""
        return f"{organisation_key(name)}#{self.price.place}"


def _lines(prices: Sequence[MemberPrice], memberships: Sequence[Membership], *, of: set[str] | None) -> list[Line]:
    by_id = {each.id: each for each in memberships}
    found = [
        Line(each, by_id.get(each.reason.membership_id))
        for each in prices
        if of is None or each.reason.membership_id in of
    ]
    return sorted(found, key=lambda each: each.place)


def _as_it_is(visit: Visit, memberships: Sequence[Membership], membership_id: str) -> Sequence[Membership]:
    """With the one that is asked for as the table has it, when the list has not caught up with what was just done."""
    seen = query(visit.request, "versie")
    listed = next((each for each in memberships if each.id == membership_id), None)
    if listed and (not seen.isdecimal() or listed.version >= int(seen[:9])):
        return memberships
    stored = visit.app.store.unit_of_work().memberships.get(membership_id)
    rest = [each for each in memberships if each.id != membership_id]
    return [*rest, stored] if stored else rest


def _member_with(memberships: Sequence[Membership], membership_id: str) -> Member | None:
    found = members_of(memberships)
    return next((one for one in found if any(each.id == membership_id for each in one.memberships)), None)


def _own(orders: Iterable[Registration], *, named: Membership, terms: set[str]) -> list[Registration]:
    """The orders of this organisation, newest first: those of its terms, and those by its name exactly."""
    key = organisation_key(named.organisation)
    mine = [each for each in orders if each.order_id in terms or organisation_key(each.organisation) == key]
    return sorted(mine, key=lambda each: each.place, reverse=True)


def _first_day(offer: Offer) -> tuple[date, str]:
    sessions = offer.event.sessions if offer.event else ()
    first = min((each.starts_at.date() for each in sessions), default=date.min)
    return first, offer.id
