"""Retention: what of an order is kept how long, and a run over all orders that announces a day ahead what goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.calendar import last_day_of_term, local_date
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.email import EmailKind
from chalicelib.domain.erasure import NOTHING, Erasure, books_until, erase, obstacle, what_is_left
from chalicelib.domain.membership import Membership
from chalicelib.domain.offer import Offer, OfferKind
from chalicelib.domain.order import Order

# What has no dates yet is taken to be over by then.
LONGEST_WAIT = timedelta(days=365)
EVERY = timedelta(days=1)
# What one run announces, and the next one erases; what is beyond it comes a day later.
MOST = 500
RUN = "daily"


class Rule(StrEnum):
    """Why something goes; each has its own term."""

    # everybody in an order that was never paid, or lapsed, or cost nothing and was cancelled
    UNPAID = "unpaid"
    # everybody in an order that cost nothing, after its event
    FREE = "free"
    # who came, and all of the buyer but what the books need, after an event that was paid for
    EVENT = "event"
    # all of the buyer but what the books need, after the membership that he paid for
    TERM = "term"
    # who paid, when the books need it no more
    BOOKS = "books"
    # what the secretariat noted, and what it corrected of a person
    NOTES = "notes"
    # the contact of a membership that has ended
    CONTACT = "contact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long each is kept: `books_years` after the book year, all others in days after they have served."""

    books_years: int
    unpaid: timedelta
    free: timedelta
    event: timedelta
    contacts: timedelta
    notes: timedelta


@dataclass(frozen=True, slots=True)
class Due:
    """What of an order has to go by now, and by which rules; nothing when there are none."""

    rules: tuple[Rule, ...] = ()
    erasure: Erasure = NOTHING


def due_in(dossier: Dossier, *, offer: Offer, terms: Terms, now: datetime) -> Due:
    """What of an order has been kept long enough. Nothing of one in which something is still under way.

    Whoever wants the newsletter is kept for that: his name, his address, and the proof that he ticked it. Not when he
    was asked to confirm it: what came of that stands on its own, whatever becomes of the order.
    """
    if obstacle(dossier):
        return Due()
    everybody = [each.number for each in dossier.attendees]
    rule = _rule(dossier, offer=offer, terms=terms, now=now)
    left = None
    if rule and dossier.buyer:
        asked = any(email.kind is EmailKind.SUBSCRIPTION for email in dossier.emails)
        newsletter = rule is not Rule.UNPAID and not asked
        left = what_is_left(dossier.buyer.answers, books=rule in (Rule.EVENT, Rule.TERM), newsletter=newsletter)
    whole = rule in (Rule.UNPAID, Rule.FREE, Rule.BOOKS)
    people = erase(
        dossier,
        buyer=left,
        attendees=everybody if rule else (),
        notes=dossier.notes if whole else (),
        deeds=dossier.deeds if rule else (),
    )
    old = erase(
        dossier,
        buyer=None,
        attendees=(),
        notes=[note for note in dossier.notes if note.at + terms.notes <= now and not whole],
        deeds=[deed for deed in dossier.deeds if deed.entry.at + terms.notes <= now and not rule],
    )
    rules = ((rule,) if rule and people else ()) + ((Rule.NOTES,) if old else ())
    return Due(rules, replace(people, notes=people.notes + old.notes, deeds=people.deeds + old.deeds))


def contact_due(membership: Membership, *, terms: Terms, now: datetime) -> bool:
    """Whether the contact of a membership has been kept long enough."""
    known = bool(membership.contact_name or membership.contact_email)
    return known and membership.ends_on + terms.contacts < local_date(now)


def _rule(dossier: Dossier, *, offer: Offer, terms: Terms, now: datetime) -> Rule | None:
    """The rule by which its people go, if that is due."""
    order, until = dossier.order, books_until(dossier, years=terms.books_years)
    if until is not None and local_date(now) > until:
        return Rule.BOOKS
    if until is None and not order.confirmed:
        return Rule.UNPAID if order.created_at + terms.unpaid <= now else None
    if until is None:
        return Rule.FREE if _over(order, offer=offer) + terms.free <= now else None
    if offer.kind is OfferKind.EVENT:
        return Rule.EVENT if _over(order, offer=offer) + terms.event <= now else None
    months = max(line.term_months for line in order.lines)
    last = last_day_of_term(first_day=local_date(order.paid_at or order.created_at), months=months)
    return Rule.TERM if last + terms.contacts < local_date(now) else None


def _over(order: Order, *, offer: Offer) -> datetime:
    """When the event is over."""
    sessions = offer.event.sessions if offer.event else ()
    return max((session.ends_at for session in sessions), default=order.created_at + LONGEST_WAIT)


class Phase(StrEnum):
    """What a run does, in this order."""

    ERASE = "erase"
    ORDERS = "orders"
    MEMBERSHIPS = "memberships"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """An order or membership of which something goes; `label` is its code, or its organisation."""

    id: str
    label: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRun:
    """One run: it erases what the run before announced, and announces what the next one will.

    `phase` is None when it is done, `cursor` is where its phase goes on. `more` counts what is due as well and has to
    wait for the run after; `erased` counts by rule what went. There is one: the next takes the place of the last.
    """

    id: str
    phase: Phase | None
    cursor: str
    announced: tuple[Announced, ...]
    found: tuple[Announced, ...]
    more: int
    erased: Mapping[str, int]
    looked_at: int
    started_at: datetime
    finished_at: datetime | None
    version: int

    @property
    def next_at(self) -> datetime:
        return self.started_at + EVERY

    @property
    def ahead(self) -> tuple[Announced, ...]:
        """What is announced: by this run, or as long as it goes on by the one before."""
        return self.announced if self.phase else self.found

    def went(self, rules: tuple[Rule, ...]) -> RetentionRun:
        counted = {rule.value: self.erased.get(rule.value, 0) + 1 for rule in rules}
        return replace(self, erased={**self.erased, **counted})

    def saw(self, due: Announced) -> RetentionRun:
        if len(self.found) >= MOST:
            return replace(self, more=self.more + 1)
        return replace(self, found=(*self.found, due))


def new_run(last: RetentionRun | None, *, now: datetime) -> RetentionRun | None:
    """The run that begins now, or goes on; None when there is nothing to do before tomorrow."""
    if last and last.phase:
        return last
    if last and now < last.next_at:
        return None
    return RetentionRun(
        id=RUN,
        phase=Phase.ERASE,
        cursor="",
        announced=last.found if last else (),
        found=(),
        more=0,
        erased={},
        looked_at=0,
        started_at=now,
        finished_at=None,
        version=last.version if last else 0,
    )
