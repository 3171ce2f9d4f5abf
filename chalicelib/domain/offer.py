"""An offer: what one can register for, with its prices, dates, seats and questions; data, never code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.language import Text
from chalicelib.domain.money import Vat


class OfferKind(StrEnum):
    """What a paid order of this offer starts."""

    MEMBERSHIP = "membership"
    EVENT = "event"


class QuestionKind(StrEnum):
    """How a question is asked and what its answer must look like."""

    TEXT = "text"
    EMAIL = "email"
    POSTAL_CODE = "postal_code"
    REGISTRATION_NUMBER = "registration_number"
    CHOICE = "choice"
    TICK = "tick"


class QuestionGroup(StrEnum):
    """Where on the form a question stands."""

    MAIN = "main"
    INVOICE = "invoice"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer of a question with a choice."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One field of the form; without texts of its own it takes those of the catalogue."""

    name: str
    kind: QuestionKind
    group: QuestionGroup = QuestionGroup.MAIN
    required: bool = False
    max_length: int = 120
    autocomplete: str = ""
    label: Text | None = None
    hint: Text | None = None
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One stretch of an event, such as one day of a congress; in UTC."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A part of an event with seats of its own, of which each attendee chooses one."""

    id: str
    title: Text
    capacity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """That an event was moved: when that was decided, and where and when it would have been."""

    at: datetime
    place: Text
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """When, where and for how many; without a capacity there is always room, without sessions the dates follow.

    `moves` are all that were made, oldest first: their number tells calendars which entry is the newest.
    """

    place: Text
    sessions: tuple[Session, ...]
    capacity: int | None
    most_per_order: int
    members_only: bool
    group_label: Text | None
    groups: tuple[Group, ...]
    moves: tuple[Move, ...] = ()

    def moved(self, *, place: Text, sessions: tuple[Session, ...], now: datetime) -> Event:
        """The event at another place or time; itself when nothing changes."""
        if (place, sessions) == (self.place, self.sessions):
            return self
        move = Move(at=now, place=self.place, sessions=self.sessions)
        return replace(self, place=place, sessions=sessions, moves=(*self.moves, move))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What one unit costs, in cents; `member_cents` is None when members pay the same."""

    list_cents: int
    member_cents: int | None

    def fingerprint(self) -> str:
        """Tells whether a form that was opened earlier still shows the right prices."""
        return f"{self.list_cents}-{self.list_cents if self.member_cents is None else self.member_cents}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyPrices:
    """Prices for whoever is early: until `ends_at`, that moment not included."""

    prices: Prices
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Something one can register for; between `opens_at` and `closes_at`, each None when there is no such limit."""

    id: str
    kind: OfferKind
    code_prefix: str
    title: Text
    summary: Text
    price_note: Text | None
    benefits: tuple[Text, ...]
    prices: Prices
    early: EarlyPrices | None
    vat: Vat
    opens_at: datetime | None
    closes_at: datetime | None
    term_months: int
    event: Event | None
    questions: tuple[Question, ...]
    version: int

    def prices_at(self, now: datetime) -> Prices:
        return self.early.prices if self.early and now < self.early.ends_at else self.prices

    @property
    def asks_membership(self) -> bool:
        """Whether it makes a difference to the price that an attendee's organisation is a member."""
        return bool(self.event and not self.event.members_only and self.prices.member_cents is not None)

    def counters(self, group: str) -> tuple[str, ...]:
        """The seat counters that one attendee draws on: that of the event, and that of his group."""
        return (self.id, f"{self.id}/{group}") if group else (self.id,)

    def capacities(self) -> Mapping[str, int | None]:
        """How many seats each counter has; None when there is no limit."""
        if self.event is None:
            return {}
        groups = {f"{self.id}/{group.id}": group.capacity for group in self.event.groups}
        return {self.id: self.event.capacity} | groups


def newest_first(offers: Iterable[Offer]) -> list[Offer]:
    """As the secretariat looks for them: events by their last day, the furthest ahead first; then what has no date."""

    def place(offer: Offer) -> tuple[bool, float, str]:
        sessions = offer.event.sessions if offer.event else ()
        last = max((session.ends_at.timestamp() for session in sessions), default=0.0)
        return not sessions, -last, offer.id

    return sorted(offers, key=place)
