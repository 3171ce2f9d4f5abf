"""The association of the demo: 120 members, two congresses and 600 orders in every state, the same in every run."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.staff import Role
from chalicelib.flows.keep_staff import add_staff
from chalicelib.ports import Store
from devstack.association.editions import editions
from devstack.association.fair_copy import fair_copy
from devstack.association.history import SECRETARY, History, Place
from devstack.association.members import MEMBERS, Course, draw_members
from devstack.association.people import organisations
from devstack.association.stories import Stories
from devstack.association.visits import draw_visits
from devstack.demo import seed_members
from devstack.environment import BEHEERDER
from devstack.stripe import Books
from devstack.stripe.shelves import NotPossible
from devstack.stripe.wire import new_id

__all__ = ["STAFF", "Place", "seed_association"]

ORDERS = 600
STAFF = (
    (SECRETARY, "Sanne van 't Hoff", Role.SECRETARIAAT),
    ("penningmeester@lpb.example.nl", "Mohammed El Amrani", Role.PENNINGMEESTER),
    ("deur@lpb.example.nl", "Vrijwilligers aan de deur", Role.DEUR),
)
_OUTSIDERS = 50
_PAYOUT = timedelta(days=28)


def seed_association(
    *, store: Store, place: Place, now: datetime, say: Callable[[int], object] = lambda _orders: None
) -> Books:
    """Fill an empty table with the association and its past, and return Stripe's books of it.

    `say` hears how many orders are in the table.
    """
    with _quietly():
        history = play(place=place, now=now)
        fair_copy(history.notebook, store=store, say=say)
    return history.stripe.books


def play(*, place: Place, now: datetime) -> History:
    """The past of the association up to now, reconciled."""
    chance = random.Random("voorbeeldvereniging")
    history = History(place=place, now=now)
    known = editions(now=now)
    everybody = organisations(sum(MEMBERS.values()) + _OUTSIDERS, chance=chance)
    chance.shuffle(everybody)
    members = draw_members(everybody[_OUTSIDERS:], now=now, chance=chance)
    unit = history.notebook.unit_of_work()
    for edition in known.values():
        unit.offers.add(edition.offer)
    for member in members:
        if member.course is Course.IMPORTED:
            unit.memberships.add(member.imported())
    unit.commit()
    seed_members(store=history.notebook, now=now)
    _hire(history)
    stories = Stories(history)
    for number, visit in enumerate(
        draw_visits(members, everybody[:_OUTSIDERS], editions=known, now=now, chance=chance)
    ):
        history.at(visit.at, partial(stories.begin, visit, number=number))
    _plan_payouts(history)
    history.pass_by()
    for order_id in history.notebook.due_orders(before=now, limit=ORDERS):
        history.look_after(order_id)
    history.reconcile()
    _acknowledge(history.stripe.books)
    return history


def _hire(history: History) -> None:
    for number, (email, name, role) in enumerate(STAFF):
        moment = history.now - timedelta(days=500 - number)
        add_staff(
            email,
            name=name,
            role=role,
            by=BEHEERDER,
            entry_id=f"medewerker-{number}",
            store=history.notebook,
            now=moment,
        )


def _plan_payouts(history: History) -> None:
    def pay_out() -> None:
        try:
            history.stripe.pay_out()
        except NotPossible:
            return  # nothing came in

    moment = history.now - timedelta(days=3)
    while moment > history.moment:
        history.at(moment, pay_out)
        moment -= _PAYOUT


def _acknowledge(books: Books) -> None:
    """The desk has heard of all of it; from now on the books give out other ids."""
    for event in reversed(books.events()):
        books.note_delivery(event, status=200, error=None, now=event.created)
    books.ids = new_id


@contextmanager
def _quietly() -> Iterator[None]:
    """What the flows tell of the past is no news."""
    log = logging.getLogger("chalicelib")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
