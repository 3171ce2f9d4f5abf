"""A person: all that lies here under one address, and what becomes of it when he is erased."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.attendee import Attendee
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.erasure import (
    Erasure,
    Obstacle,
    attends_as,
    books_until,
    erase_person,
    is_buyer,
    obstacle,
)
from chalicelib.domain.membership import Membership
from chalicelib.domain.subscription import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """His part in one order: as the buyer, as somebody who comes, or both; what goes, what the books keep until when,
    and how many notes stay because they do not name him."""

    dossier: Dossier
    buyer: bool
    attends: tuple[Attendee, ...]
    obstacle: Obstacle | None
    erasure: Erasure
    books_until: date | None
    notes_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """All of one address, which is in lower case: his part in each order, the memberships whose contact he is, and the
    newsletter."""

    email: str
    parts: tuple[Part, ...]
    memberships: tuple[Membership, ...]
    subscription: Subscription

    @property
    def refused(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.obstacle)

    @property
    def erasable(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if not part.obstacle)

    def __bool__(self) -> bool:
        return bool(self.parts or self.memberships or self.subscription)

    def seen(self) -> str:
        """Tells whether something was changed since it was looked at."""
        things = [(part.dossier.order.id, part.dossier.order.version, part.erasure.counts()) for part in self.parts]
        terms = [(membership.id, membership.version) for membership in self.memberships]
        subscriber = self.subscription.subscriber
        newsletter = (subscriber and subscriber.version, self.subscription.suppression is not None)
        return hashlib.sha256(repr((things, terms, newsletter)).encode()).hexdigest()[:32]


def person_of(
    email: str,
    *,
    dossiers: Sequence[Dossier],
    memberships: Sequence[Membership],
    subscription: Subscription,
    years: int,
    today: date,
) -> Person:
    """The person with this address, among what may be his."""
    parts = [_part(dossier, email, years=years, today=today) for dossier in dossiers]
    return Person(
        email=email,
        parts=tuple(part for part in parts if part.buyer or part.attends),
        memberships=tuple(each for each in memberships if each.contact_email.lower() == email),
        subscription=subscription,
    )


def _part(dossier: Dossier, email: str, *, years: int, today: date) -> Part:
    erasure, until = erase_person(dossier, email, years=years, today=today), books_until(dossier, years=years)
    return Part(
        dossier=dossier,
        buyer=is_buyer(dossier, email),
        attends=attends_as(dossier, email),
        obstacle=obstacle(dossier),
        erasure=erasure,
        books_until=until if until and today <= until else None,
        notes_left=len(dossier.notes) - len(erasure.notes),
    )
