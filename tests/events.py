"""A sample event for all tests: two prices and a few seats; each test names what it wants otherwise."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain.answers import Answers, AttendeeAnswers
from chalicelib.domain.offer import Offer
from chalicelib.domain.seed import read_offer

EVENT = "proefcongres"
CAPACITY = 10
QUESTIONS = ({"name": "organisation"}, {"name": "name"}, {"name": "email", "kind": "email", "max_length": 254})
PLAIN: Mapping[str, Any] = {
    "id": EVENT,
    "kind": "event",
    "code_prefix": "P",
    "price_cents": 54900,
    "member_price_cents": 39900,
    "title": {"nl": "Proefcongres", "en": "Sample congress"},
    "summary": {"nl": "Twee dagen om te proberen.", "en": "Two days to try things out."},
    "price_note": {"nl": "exclusief overnachting", "en": "overnight stay not included"},
    "vat": {"treatment": "S", "rate_percent": 21},
    "event": {
        "capacity": CAPACITY,
        "place": {"nl": "Het Wijkhuis, Voorbeeldstad", "en": "The Community House, Voorbeeldstad"},
        "sessions": [
            {"starts_at": datetime(2027, 11, 9, 10), "ends_at": datetime(2027, 11, 9, 17)},  # noqa: DTZ001  # as a seed
            {"starts_at": datetime(2027, 11, 10, 9), "ends_at": datetime(2027, 11, 10, 16)},  # noqa: DTZ001  # as a seed
        ],
    },
    "questions": [
        *({"kind": "text", "required": True} | question for question in QUESTIONS),
        {"name": "reference", "kind": "text", "max_length": 100},
        {"name": "newsletter", "kind": "tick", "group": "consent"},
    ],
}
# In Amsterdam: the clock of a desk stands at 13:00 on 25 November.
EARLY: Mapping[str, Any] = {
    "price_cents": 44900,
    "member_price_cents": 29900,
    "ends_at": datetime(2026, 12, 1),  # noqa: DTZ001  # as a seed
}
FREE: Mapping[str, Any] = {
    "price_cents": 0,
    "member_price_cents": None,
    "price_note": None,
    "vat": {"treatment": "O", "rate_percent": 0},
}


def groups(**capacities: int | None) -> dict[str, Any]:
    """Groups by id, each with its seats; None: no limit of its own."""
    return {
        "group_label": {"nl": "Werkgroep", "en": "Workshop"},
        "groups": [
            {"id": name, "title": {"nl": f"Groep {name}", "en": f"Group {name}"}}
            | ({} if seats is None else {"capacity": seats})
            for name, seats in capacities.items()
        ],
    }


def sample_event(*, event: Mapping[str, Any] | None = None, **changes: Any) -> Offer:
    """The event with other keys than usual, those of its table `event` apart; None takes a key out."""
    data = _changed(PLAIN, changes)
    data["event"] = _changed(PLAIN["event"], event or {})
    return read_offer(data, source="sample")


def attending(answers: Answers, *emails: str, group: str = "") -> Answers:
    """The answers of a buyer who comes himself, with those at these addresses, all in one group."""
    others = tuple(AttendeeAnswers(name=f"Persoon {n}", email=email, group=group) for n, email in enumerate(emails, 2))
    return replace(answers, attending=True, group=group, attendees=others)


def _changed(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: copy.deepcopy(value) for name, value in {**data, **changes}.items() if value is not None}
