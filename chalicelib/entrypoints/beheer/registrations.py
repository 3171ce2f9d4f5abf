"""Registrations: one search box over all of them, and the list of one edition."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from chalice.app import Request, Response

from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer, newest_first
from chalicelib.domain.registration import Registration, Stand, Wanted, page_of
from chalicelib.domain.staff import Permission
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.web import formats
from chalicelib.web.request import query

# An order's code as people type it, with or without the number of an attendee behind it.
_CODE = re.compile(r"([A-Za-z]{1,3}\d{2})[-\s]?([A-Za-z0-9]{4})(-\d{1,2})?")
PAGE = 40
# Of all editions at once no more are looked up.
MOST_ELSEWHERE = 40
EVERYWHERE = "alles"
_LONGEST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the address of the list says: the edition, what is typed, and how the registrations stand."""

    offer: str
    words: str
    stand: Stand

    @property
    def wanted(self) -> Wanted:
        return Wanted(words=self.words, stand=self.stand)

    def query(self, **more: str) -> str:
        """The filter as the part of an address behind the question mark."""
        fields = {"offer": self.offer, "zoek": self.words, "stand": self.stand.value} | more
        return urlencode({name: value for name, value in fields.items() if value and value != Stand.ALL.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An offer as one chooses it from the list."""

    id: str
    title: str


@GATE.door("GET", "/beheer/aanmeldingen", Permission.SEE)
def show(visit: Visit) -> Response:
    app, typed = visit.app, query(visit.request, "zoek").strip()[:_LONGEST]
    code = _CODE.fullmatch(typed)
    if code:
        order_code = f"{code[1]}-{code[2]}".upper()
        if app.lists.order_of_code(order_code):
            return visit.go(f"aanmeldingen/{order_code}")
    offers = newest_first(app.store.offers())
    asked = read_filter(visit.request, offers=offers)
    found: list[Registration] = []
    if asked.offer != EVERYWHERE:
        found = asked.wanted.among(app.lists.edition(asked.offer))
    elsewhere = _elsewhere(visit, asked) if typed and not found else []
    page = page_of(found, after=query(visit.request, "verder"), limit=PAGE)
    return visit.page(
        "registrations",
        filter=asked,
        editions=[Edition(id=each.id, title=each.title.nl) for each in offers],
        stands=list(Stand),
        page=page,
        count=len(found),
        people=sum(max(1, len(each.people)) for each in found) if found else 0,
        kept_cents=sum(each.kept_cents for each in found),
        elsewhere=elsewhere,
        titles={each.id: each.title.nl for each in offers},
        form_url=lambda offer_id: app.links.form(offer_id, Language.NL),
        code=f"{code[1]}-{code[2]}".upper() if code else "",
    )


def read_filter(request: Request, *, offers: Sequence[Offer]) -> Filter:
    """The filter that an address carries; what is no edition or no stand of ours is as if it were not there."""
    offer, stand = query(request, "offer"), query(request, "stand")
    known = {each.id for each in offers} | {EVERYWHERE}
    return Filter(
        offer=offer if offer in known else next((each.id for each in offers), EVERYWHERE),
        words=query(request, "zoek").strip()[:_LONGEST],
        stand=Stand(stand) if stand in set(Stand) else Stand.ALL,
    )


def _elsewhere(visit: Visit, asked: Filter) -> list[Registration]:
    """Of all editions: those of an address, or of organisations whose names begin as was typed."""
    lists = visit.app.lists
    if "@" in asked.words:
        ids = lists.orders_of(formats.as_stored(asked.words))[:MOST_ELSEWHERE]
    else:
        ids = lists.buyers(asked.words, limit=MOST_ELSEWHERE)
    found = [each for each in lists.registrations(ids) if each.offer_id != asked.offer] if ids else []
    return sorted(found, key=lambda each: each.place, reverse=True)
