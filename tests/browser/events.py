"""Made-up events, put into the table as data while the desk runs, and changed there as a secretariat would."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from chalicelib.domain.calendar import AMSTERDAM
from chalicelib.domain.offer import Event, Offer
from chalicelib.domain.seed import read_offer
from tests.browser.stack import Stack

TEXT = {"nl": "Proefmiddag", "en": "Trial afternoon"}
QUESTIONS = [
    {"name": "organisation", "kind": "text", "required": True, "autocomplete": "organization"},
    {"name": "name", "kind": "text", "required": True, "autocomplete": "name"},
    {"name": "email", "kind": "email", "required": True, "max_length": 254, "autocomplete": "email"},
    {"name": "newsletter", "kind": "tick", "group": "consent"},
]
PAID: dict[str, Any] = {
    "price_cents": 549_00,
    "member_price_cents": 399_00,
    "vat": {"treatment": "S", "rate_percent": 21},
}


def in_days(days: int, *, hour: int = 13) -> datetime:
    """A moment as a seed has it: on the clock in Amsterdam, without a zone."""
    then = datetime.now(AMSTERDAM) + timedelta(days=days)
    return then.replace(hour=hour, minute=0, second=0, microsecond=0, tzinfo=None)


def put_event(stack: Stack, *, event: dict[str, Any] | None = None, **data: Any) -> Offer:
    """A free afternoon in two months, in the table; `event` and the other data say what is different about it."""
    session = {"starts_at": in_days(60), "ends_at": in_days(60, hour=17)}
    whole = {
        "id": f"proef-{uuid4().hex[:12]}",
        "kind": "event",
        "code_prefix": "P",
        "title": TEXT,
        "summary": {"nl": "Een middag om te proberen.", "en": "An afternoon to try."},
        "price_cents": 0,
        "vat": {"treatment": "O", "rate_percent": 0},
        "event": {"place": {"nl": "Online", "en": "Online"}, "sessions": [session]} | (event or {}),
        "questions": QUESTIONS,
    }
    offer = read_offer(whole | data, source="a made-up event")
    unit = stack.store().unit_of_work()
    unit.offers.add(offer)
    unit.commit()
    return offer


def offer_of(stack: Stack, offer_id: str) -> Offer:
    """An offer as it is in the table now."""
    offer = stack.store().unit_of_work().offers.get(offer_id)
    assert offer is not None, f"there is no offer {offer_id}"
    return offer


def event_of(offer: Offer) -> Event:
    assert offer.event is not None, f"{offer.id} is no event"
    return offer.event


def change(stack: Stack, offer_id: str, **changes: Any) -> Offer:
    """The offer after somebody changed it."""
    unit = stack.store().unit_of_work()
    changed = unit.offers.update(replace(offer_of(stack, offer_id), **changes))
    unit.commit()
    return changed


def change_event(stack: Stack, offer_id: str, **changes: Any) -> Offer:
    """The offer after somebody changed what is about the event in it."""
    return change(stack, offer_id, event=replace(event_of(offer_of(stack, offer_id)), **changes))
