"""A registration: an order as it stands in a list, with who ordered and who comes; and which of them are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.organisation import organisation_key
from chalicelib.domain.page import Page
from chalicelib.domain.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One order in a list; cents. `people` are the names and addresses of those who come.

    Of a buyer who was erased the organisation, name and email may be empty.
    """

    order_id: str
    code: str
    offer_id: str
    state: State
    created_at: datetime
    currency: str
    total_cents: int
    paid_cents: int
    refunded_cents: int
    disputed_cents: int
    organisation: str
    name: str
    email: str
    people: tuple[tuple[str, str], ...]

    @property
    def kept_cents(self) -> int:
        """What the association has of it: paid, and neither refunded nor taken by a dispute."""
        return self.paid_cents - self.refunded_cents - self.disputed_cents

    @property
    def confirmed(self) -> bool:
        return self.state in STATES[Stand.CONFIRMED]

    @property
    def place(self) -> str:
        """Where it stands among others: by its moment, then its id."""
        return f"{self.created_at.isoformat()}#{self.order_id}"

    def says(self, words: Sequence[str]) -> bool:
        """Whether each of these words is in its code, organisation, a name or an address."""
        people = (text for person in self.people for text in person)
        text = organisation_key(" ".join((self.code, self.organisation, self.name, self.email, *people)))
        return all(word in text for word in words)


class Stand(StrEnum):
    """By what a list of registrations can be narrowed, in the words of the interface."""

    ALL = "alle"
    CONFIRMED = "bevestigd"
    OPEN = "open"
    CANCELLED = "geannuleerd"
    REFUNDED = "terugbetaald"
    REVIEW = "nakijken"
    LAPSED = "verlopen"


STATES: dict[Stand, frozenset[State]] = {
    Stand.ALL: frozenset(State),
    Stand.CONFIRMED: frozenset({State.PAID, State.CONFIRMED, State.INVOICED}),
    Stand.OPEN: frozenset({State.PENDING, State.PROCESSING}),
    Stand.CANCELLED: frozenset({State.CANCELLED}),
    Stand.REFUNDED: frozenset(State),
    Stand.REVIEW: frozenset({State.REVIEW}),
    Stand.LAPSED: frozenset({State.EXPIRED, State.REFUND_DUE}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which registrations are asked for: what is typed, and how they stand."""

    words: str = ""
    stand: Stand = Stand.ALL

    def among(self, registrations: Iterable[Registration]) -> list[Registration]:
        """Those that are asked for, newest first."""
        words = organisation_key(self.words).split()
        found = [each for each in registrations if self._stands(each) and each.says(words)]
        return sorted(found, key=lambda each: each.place, reverse=True)

    def _stands(self, each: Registration) -> bool:
        refunded = self.stand is not Stand.REFUNDED or each.refunded_cents > 0
        return refunded and each.state in STATES[self.stand]


def page_of(found: Sequence[Registration], *, after: str, limit: int) -> Page[Registration]:
    """A page of what was found, newest first: what stands after the place that the page before ended with."""
    rest = [each for each in found if not after or each.place < after]
    return Page(rest[:limit], rest[limit - 1].place if len(rest) > limit else "")
